/** 模型图的文字。 */
import type { LessonText } from '../../../lesson/content';

export const figure: LessonText['figure'] = {
  title: 'MoGE 一览',
  alt: 'MoGE 的各个部分，上方是用户和商品，下方是两个得分。每个部分都是按钮。',
  hint: '参照论文图 2 重新绘制。选择一个部分，查看它在所选样本上的数值；灰色部分在当前训练中被关闭。',
  notMoge: (system) => `这是 MoGE 的结构图。当前关注的训练是 ${system}，因此这里没有数值可显示。`,
  off: '当前训练中已关闭',
  sample: (instance) => `所选样本：测试样本 ${instance}。`,
  noSample: '选中一个测试样本后显示数值。',
  noTensors: 'MoGE 的训练建立并评估之后显示数值。',
  recorded: '这次已完成的训练是随页面附带的，不含参数。自己训练一次即可看到数值。',
  tensor: (name, size) => `${name}：${size} 个数`,
  value: (at, size, value) => `第 ${at} 个（共 ${size} 个）：${value}`,
  range: (low, high) => `从 ${low} 到 ${high}`,
  table: '显示为表格',
  hideTable: '隐藏表格',
  index: '序号',
  number: '数值',
  equation: '公式',
  to: '面板',
  embedding: '共享嵌入',
  network: '注意力 + LSTM',
  parts: {
    input: {
      name: '特征域',
      meaning: '在没有任何图之前，对用户或商品所知的内容：一个 id 和几个属性。',
    },
    embedding: {
      name: '嵌入',
      meaning: '一个向量，由每个特征域的一行相加而成。图、专家和门控都读取它，也都训练它。',
    },
    user_item: {
      name: '用户-商品通道',
      meaning: '用户从历史中的商品获取信息，商品从它的用户获取信息。得到用户状态 h 和商品状态 h。',
    },
    user_user: { name: '用户-用户通道', meaning: '用户从历史相似的用户获取信息。' },
    item_item: { name: '商品-商品通道', meaning: '商品从被同一批用户选中的商品获取信息。' },
    pairing: {
      name: '图交互',
      meaning: '用交互函数把用户的一种视角与商品的一种视角结合起来。专家没有接入图时为零。',
    },
    expert: { name: '专家', meaning: '作用于样本自身特征的小网络，从不看图。' },
    gate: {
      name: '门控',
      meaning: '四个总和为 1 的权重，只由样本自身的特征算出。图中的柱是所选样本的门控。',
    },
    mixture: { name: '混合', meaning: '四个专家连同其图交互，按门控权重取平均。' },
    output: {
      name: '得分',
      meaning: '每个任务一个线性输出。这里显示两个任务的 logit；sigmoid 把它变成概率。',
    },
  },
};
