/** 各项设置的名称和提示。 */
import type { setting as en } from '../en/settings';

export const setting: typeof en = {
  system: { name: '模型', short: '模型', hint: '训练论文中的哪一个模型。' },
  d: { name: '嵌入维数', short: 'd', hint: '用多少个数描述每个用户和商品（d）。' },
  layers: { name: '层数', short: 'L', hint: '图神经网络向外看几跳（L）。' },
  fan_out: {
    name: '每跳邻居数',
    short: '邻居数',
    hint: '每一跳采样多少个邻居，从最近的一跳写起。',
  },
  learning_rate: { name: '学习率', short: 'lr', hint: '优化器 Adam 的步长。' },
  batch: { name: '批大小', short: '批', hint: '每个训练步用多少个用户-商品对（B）。' },
  seed: { name: '随机种子', short: '种子', hint: '种子和设置相同，结果就相同。' },
  channels: { name: '图通道', short: '通道', hint: '关闭的通道不传递消息。' },
  experts: {
    name: '图专家数',
    short: 'm',
    hint: '四个专家中有几个能看到图；为 0 时就是模型 MMoE。',
  },
  kappa: {
    name: '交互函数 κ',
    short: 'κ',
    hint: '用户状态与商品状态如何结合。',
    values: { ep: '逐元素积', con: '拼接', add: '相加', mlp: '小型网络' },
  },
  z_norm: {
    name: '状态缩放',
    short: '缩放',
    hint: '图状态在结合之前的尺度；论文中没有这一步。',
    values: { none: '无', rms: '均方根', l2: '单位长度' },
  },
  attention: {
    name: '注意力',
    short: '注意力',
    hint: '邻居如何加权。',
    values: {
      dot: '点积',
      genie: 'GeniePath',
      gat: 'GAT',
      mean: '等权',
      symnorm: '按度数',
    },
  },
  cell: {
    name: '更新单元',
    short: '单元',
    hint: '节点如何吸收收到的消息。',
    values: {
      lstm: 'LSTM',
      lstm_h0: 'LSTM，记忆取自输入',
      gru: 'GRU',
      sum: '求和',
      ngcf: 'NGCF',
    },
  },
  uncertainty: {
    name: '任务加权',
    short: '(ii)',
    hint: '损失的第 (ii) 部分：两个任务的权重由学习得到。',
    values: { off: '关闭', m2grl: '同论文', kendall: 'Kendall' },
  },
  collaboration: {
    name: '专家均衡',
    short: '(iii)',
    hint: '损失的第 (iii) 部分：以强度 β 把门控拉向均匀分配。',
  },
  beta: {
    name: '均衡强度 β',
    short: 'β',
    hint: '取论文的 1e-6 时看不出均衡的作用；不妨试试 0.1。',
  },
  lambda: { name: '权重衰减 λ', short: 'λ', hint: 'L2 惩罚的强度，除以批大小。' },
  features: {
    name: '特征',
    short: '特征',
    hint: '只用 id，或者 id 加上年龄、性别、类目、商家和品牌。',
    values: { ids: '仅 id', ids_attrs: 'id 和属性' },
  },
  evaluate_every: { name: '评估间隔', short: '评估间隔', hint: '每隔多少步在测试集上评估一次。' },
  evaluate_users: {
    name: '评估用户数',
    short: '评估用户数',
    hint: '评估多少个测试用户，每次都是同一批；0 表示全部。',
  },
  patience: {
    name: '耐心',
    short: '耐心',
    hint: '验证日的成绩连续多少次评估没有进步就停止；0 表示从不提前停止。',
  },
  steps: { name: '总步数', short: '步数', hint: '训练满这么多步就结束。' },
};
