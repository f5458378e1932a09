/** 关于各个模型的文字。 */
import type { systems as en } from '../en/systems';

export const systems: typeof en = {
  title: '模型',
  graph: '+Graph',
  graphHint: '以图神经网络的状态为输入，代替用户-商品对自身的特征。',
  graphFixed: 'MoGE 和 NGCF 本来就读取图；MLP 在论文中没有这种变体。',
  source: '出处',
  parameters: (count: string) => `默认设置下有 ${count} 个参数`,
  here: (network: string, tables: string) => `本次训练：${network} 个，嵌入表另有 ${tables} 个。`,
  losses: '损失',
  singleTask: '每个任务一个网络，分开训练。',
  esmm: '按其构造，购买概率永远不高于收藏概率，尽管购买并不需要先收藏。',
  unused: {
    channel: (system: string, channel: string) => `${system} 不读取这个通道（${channel}）。`,
    network: (system: string) => `${system} 不读取任何图通道。`,
    fixed: (system: string) => `${system} 有自己的消息传递方式。`,
    moge: (system: string) => `这是 MoGE 特有的设置，${system} 不使用。`,
    collaboration: '没有开启专家均衡，其强度不起作用。',
  },
};
