/** 关于模型在任务之间共享什么的文字：每个模型一句话，并说明它不代表什么。 */
import type { sharing as en } from '../en/sharing';

export const sharing: typeof en = {
  title: '共享了什么',
  meaning: {
    mlp: 'MLP 什么也不共享：每个任务有自己的网络和嵌入。',
    ngcf: 'NGCF 在任务之间什么也不共享：每个任务有自己的图网络和嵌入。',
    shared_bottom: 'Shared-Bottom 共享整个底层：没有任何学到的数字能说明各任务用了其中多少。',
    esmm: 'ESMM 共享嵌入，并把购买概率写成与收藏概率的乘积；没有学到的数字说明共享了多少。',
    cross_stitch:
      '每个单元混合两个任务的层：一行表示该任务的下一层从各列取多少。各层尺度不同，因此数值并不衡量使用程度。',
    snr_trans:
      '每条线是子网络之间的一个连接，其强度是测试时的门值；0 表示断开。连接背后的矩阵各有自己的尺度。',
    mmoe: '每个专家在各任务混合中的平均份额。份额相等不等于用得一样多：专家的尺度各不相同。',
    cgc: '每个专家在各任务混合中的平均份额；第一个是任务专属的，其余由两个任务共享。',
    moge: '每个专家在各任务混合中的平均份额。门控只看这一对自身的特征，从不看图。',
  },
  empty: '第一次评估之后会显示数值。',
  course: (of: string) => `${of}：训练过程中的变化`,
  courseAlt: (of: string) => `${of} 的各项随训练步的变化。`,
  entry: (row: string, column: string) => `${row} 取自 ${column}`,
  value: '数值',
  numbers: '数值表',
  connections: (list: string) => `各连接及其强度：${list}。`,
  connection: (from: string, to: string, strength: string) => `${from} 到 ${to}：${strength}`,
};
