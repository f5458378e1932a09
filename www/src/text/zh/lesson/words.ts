/** 教程的短句：按钮、确认、术语、符号、公式。 */
import type { LessonText } from '../../../lesson/content';

export const ui: LessonText['ui'] = {
  symbols: '符号',
  predict: '你的预测：',
  first: '先选出你的预测，实验随后打开。',
  experiment: '动手试一试',
  show: '看过了：应该看到什么，为什么？',
  back: '回到正文',
  play: '训练',
  close: '关闭',
  glossary: '术语',
  glossaryNote: '按领域内的习惯写法，中英对照。',
  otherLang: 'en',
  contents: '教程各节',
  waits: '新的训练等待开始。',
  trains: '正在训练；之前的曲线以浅色保留。',
  ended: '这次训练已经完成，曲线就在那里。',
  noPair: '还没有评估过的样本。训练开始几秒后、第一次评估完成时就会出现。',
  early: '计算引擎仍在下载，请稍后再点一次这个链接。',
};

export const done: LessonText['done'] = {
  start: 'MoGE，演示设置。',
  ids_only: '属性已隐藏：用户和商品只剩 id 和邻居。',
  other_seed: '种子 2：初始值、批次和邻居采样都不同。',
  by_label: '条码图按购买标签排序。',
  both_actions: '已打开一个既收藏又购买的样本。',
  see_user_item: '图中显示用户-商品通道。',
  see_user_user: '图中显示用户-用户通道。',
  see_item_item: '图中显示商品-商品通道。',
  item_item_off: '商品-商品通道已关闭。',
  user_user_off: '用户-用户通道已关闭。',
  history_only: '只开启用户-商品通道。',
  all_off: '三个通道全部关闭。',
  mean_attention: '所有邻居权重相同。',
  busiest: '已打开边最多的用户的一个样本。',
  one_layer: '一层：只听直接邻居。',
  sum_cell: '更新单元改为状态与消息直接相加。',
  paper: '论文预设：学习率 1e-4，邻居数 20 和 20，不做缩放。',
  no_norm: '图状态在结合之前不做缩放。',
  one_expert: '只有第一个专家接入图交互。',
  no_graph_experts: '没有专家接入图：这就是 MMoE。',
  concatenation: '交互函数为拼接。',
  addition: '交互函数为相加。',
  by_entropy: '条码图按购买任务门控的熵排序。',
  by_score: '条码图按收藏任务的得分排序。',
  by_degree: '条码图按用户的边数排序。',
  uneven_gate: '已打开购买任务门控最偏的样本。',
  equal_weights: '任务加权已关闭：两个任务同等重要。',
  strong_balance: 'β 为 0.1，而不是 1e-6。',
  no_balance: '均衡损失已关闭。',
  no_decay: 'λ 为 0：没有权重衰减。',
  few_users: '只评估 100 个测试用户。',
  popular: '图中显示哪些商品常在一起；条码图按得分排序。',
  race_mmoe: 'MMoE 与 MoGE 竞赛。',
  race_ngcf: 'NGCF 与 MoGE 竞赛。',
  race_graph: 'ESMM+Graph、MMoE+Graph 与 MoGE 竞赛。',
  race_seeds: '同样的设置、三个种子竞赛；合成一条带误差带的曲线。',
  race_interaction: '拼接与逐元素积竞赛。',
  small: '小型预设：嵌入 32 维，批大小 64。',
  tiny_embedding: '每个用户和商品只用 8 个数描述。',
};

export const terms: LessonText['terms'] = {
  sparsity: {
    name: '稀疏性',
    other: 'sparsity',
    meaning: '在所有用户-商品对中，几乎都没有发生过行为。',
  },
  long_tail: {
    name: '长尾',
    other: 'long tail',
    meaning: '少数节点的边非常多，多数节点的边很少。',
  },
  multi_task: {
    name: '多任务学习',
    other: 'multi-task learning',
    meaning: '一个模型同时学习多个目标，共享它们的共同之处。',
  },
  channel: {
    name: '图通道',
    other: 'graph channel',
    meaning: '节点借以获取其他节点信息的一张图，有自己的一套权重。',
  },
  cold: {
    name: '冷启动',
    other: 'cold start',
    meaning: '没有历史的用户或商品：没有邻居，id 也从未被训练过。',
  },
  gnn: {
    name: '图神经网络',
    other: 'graph neural network',
    meaning: '用邻居的状态来更新节点状态的网络。',
  },
  attention: { name: '注意力', other: 'attention', meaning: '由状态算出的邻居权重，总和为 1。' },
  interaction: {
    name: '特征交互',
    other: 'feature interaction',
    meaning: '把两个向量结合起来、使一个能调节另一个的函数。',
  },
  mixture: {
    name: '混合专家',
    other: 'mixture of experts',
    meaning: '若干个小网络，其输出按取决于输入的权重取平均。',
  },
  gate: { name: '门控', other: 'gate', meaning: '计算这些权重的网络；每个任务各有一个。' },
  entropy: {
    name: '熵',
    other: 'entropy',
    meaning: '门控的权重分得有多均匀：全给一个专家时为 0，四个专家相等时为 ln 4 = 1.386。',
  },
  uncertainty: {
    name: '不确定性加权',
    other: 'uncertainty weighting',
    meaning: '任务权重本身也是参数、也通过学习得到的损失。',
  },
  gauc: {
    name: '分组 AUC',
    other: 'GAUC, group AUC',
    meaning: '先在每个用户自己的列表内计算 AUC，再对用户取平均。',
  },
  ablation: {
    name: '消融实验',
    other: 'ablation',
    meaning: '去掉模型的一个部分，看它起什么作用。',
  },
};

export const symbols: LessonText['symbols'] = {
  histories: '用户-商品图中的邻居',
  similarity: '两个节点的相似度',
  fields: '特征域：id 与属性',
  embedding: '嵌入',
  pair: '样本自身的特征',
  attention: '注意力权重',
  neighbors: '对所有邻居',
  message: '消息',
  state: '节点状态',
  memory: '单元的记忆',
  interaction: '交互函数',
  user_history: '用户，由历史得到',
  user_similar: '用户，由相似用户得到',
  item_history: '商品，由它的用户得到',
  item_similar: '商品，由相似商品得到',
  pairing: '图交互',
  expert: '专家',
  gate: '门控',
  mixture: '混合',
  head: '输出权重',
  bias: '偏置',
  logit: '得分',
  cross_entropy: '交叉熵',
  task_weight: '学习得到的任务权重',
  beta: '均衡强度',
  balance: '均衡损失',
  lambda: '权重衰减',
  group: '该用户的测试样本数',
  user_auc: '单个用户的 AUC',
  gauc: 'GAUC',
  base: '基线的 GAUC',
};

export const equations: LessonText['equations'] = {
  similarity: {
    name: '两个用户的相似度',
    reading: '两个用户共有的商品数，除以各自商品数的几何平均。对商品则角色互换。',
  },
  embedding: {
    name: '共享嵌入',
    reading:
      '用户的每个特征域（id、年龄、性别）都有一张向量表，取出对应的行相加；商品（id、类目、商家、品牌）同理。两者拼在一起就是样本自身的特征。',
  },
  attention: {
    name: '注意力',
    reading: '用节点的查询与每个邻居的键比较；softmax 把比较结果变成总和为 1 的权重。',
  },
  cell: {
    name: '消息与更新单元',
    reading:
      '消息是邻居状态的注意力加权平均，再经过一个矩阵和 LeakyReLU。LSTM 单元决定其中有多少进入节点的状态和记忆。',
  },
  pairings: {
    name: '四种配对',
    reading: '用户的两种视角乘以商品的两种视角：用四种方式问他们是否合适。',
  },
  gate: {
    name: '门控与混合',
    reading:
      '每个任务用一个小网络把样本自身的特征变成四个权重，用它们混合四个专家，每个专家都拼接着自己的图交互。',
  },
  split: {
    name: '得分的精确分解',
    reading:
      '输出对加权后的专家是线性的，所以得分就是一个和：偏置，加上每个专家的门控乘以（专家部分 + 图部分）。',
  },
  loss: {
    name: '损失函数',
    reading: '各任务的交叉熵乘以学习得到的权重，加上这个权重的代价，再加专家均衡损失和权重衰减。',
  },
  balance: {
    name: '均衡损失',
    reading:
      '所有两两门控权重乘积之和的相反数；等于“1 减去平方和”的一半的相反数。四个权重相等时最小。',
  },
  gauc: {
    name: 'GAUC',
    reading: '对每个同时有正负测试样本的用户计算 AUC，以其样本数为权重取平均。',
  },
  improvement: { name: '相对提升', reading: '与基线相比，模型离随机水平 0.5 远了多少。' },
};
