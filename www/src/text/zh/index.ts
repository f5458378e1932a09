/** Every word that the page says in Chinese; the same table as `../en`. */
import type { Text } from '../en';
import { translator } from '../said';
import { ablations } from './ablations';
import { engine } from './engine';
import { explained } from './explained';
import { finished, offline } from './finished';
import { importing, kept } from './data';
import { gateViews } from './gateViews';
import { gauc } from './gauc';
import { race } from './race';
import { serving } from './serving';
import { setting } from './settings';
import { share } from './share';
import { sharing } from './sharing';
import { systems } from './systems';

const task: Text['task'] = { favourite: '收藏', purchase: '购买' };

export const zh: Text = {
  said: translator(engine),
  title: 'MoGE Playground',
  task,
  channel: {
    user_item: { name: '用户-商品', meaning: '谁收藏或购买了什么：历史行为本身。' },
    user_user: { name: '用户-用户', meaning: '历史行为相似的用户。' },
    item_item: { name: '商品-商品', meaning: '被同一批用户选中的商品。' },
  },
  setting,
  systems,
  race,
  sharing,
  ablations,
  finished,
  offline,
  gateViews,
  gauc,
  serving,
  explained,
  mark: { comma: '，', colon: '：', semicolon: '；', stop: '。' },
  skip: '跳到各面板',
  share,
  importing,
  kept,
  user: '用户',
  item: '商品',
  users: '用户',
  items: '商品',
  columns: {
    setUp: '设置',
    see: '观察',
    compare: '比较',
    lesson: '教程',
    noLesson: '无法获取教程。请在联网后重新加载页面。',
  },

  controls: {
    group: '训练控制',
    play: '训练',
    pause: '暂停',
    playTitle: '训练（空格键）',
    pauseTitle: '暂停（空格键）',
    step: '单步',
    stepTitle: '训练一步',
    reset: '重置',
    resetTitle: '用同一个种子回到第 0 步',
    speed: '速度',
    full: '全速',
    slow: '慢速',
    stepCount: '步',
    epoch: '轮',
    of: (total: string) => `/ ${total}`,
    progress: '进度',
    training: '正在训练。',
    resting: (step: string) => `停在第 ${step} 步`,
    prompt: '按空格键，从头开始训练。',
    promptTouch: '点“训练”，从头开始训练。',
  },
  theme: { toDark: '深色主题', toLight: '浅色主题' },
  score: {
    label: (of: string) => `${of} GAUC`,
    groups: (groups: string) => `${groups} 个有效用户`,
    title: (of: string, groups: string, share: string) =>
      `${of}任务的测试 GAUC：在每个用户内部，有该行为的一对排在没有该行为的一对之前的概率。` +
      `有 ${groups} 个用户同时具有两种样本，计入平均；他们占测试样本的 ${share}。0.5 是随机水平，1 是完美。`,
    none: '尚未评估',
  },
  engine: {
    name: '计算引擎',
    auto: '自动',
    webgpu: 'WebGPU',
    flex: 'CPU（flex）',
    ndarray: 'CPU（ndarray）',
    label: { webgpu: 'WebGPU', flex: 'CPU · flex', ndarray: 'CPU · ndarray' },
    speed: (rate: string) => `每秒 ${rate} 个样本`,
    idle: '尚未测速',
    loading: '加载中',
    stopped: '已停止',
    hint: '只有当 WebGPU 真实可用、结果正确且更快时，“自动”才会选用它。',
  },
  wait: {
    engine: '正在下载计算引擎',
    dataset: '正在打开数据集',
    start: '正在建立模型并检查计算引擎',
    score: '正在测试集上评估',
    recover: '计算引擎出错，正在 CPU 上重新启动',
    revive: '正在恢复训练',
  },
  notice: {
    label: '提示',
    dismiss: '知道了',
    theLink: '链接',
    noLanguage: '无法获取该语言的文字。请检查网络连接后再试。',
    rebuilt: (what: string) =>
      `${what}已改变：从第 0 步开始新的训练。之前的 GAUC 以浅色线留在图中。`,
    newDataset: (runs: number) =>
      `已打开另一个数据集：竞赛中的 ${runs} 个训练属于之前的数据集，已被移除。`,
    partScored: (users: string) =>
      `数据集较大：训练中只评估其中固定的 ${users} 位用户。可用设置“评估用户数”更改。`,
    recovered: (why: string, at: number, from: number, engine: string) =>
      `计算引擎在第 ${at} 步停止（${why}）。训练在 CPU 引擎 ${engine} 上从最近保存的第 ${from} 步继续。`,
    link: ({ name, value, expected }) =>
      `链接中写着 ${name}=${value}，但 ${name} 必须是${expected}；此项已忽略。`,
  },
  expected: {
    integer: (min: number, max: number) => `${min} 到 ${max} 的整数`,
    number: (min: number, max: number) => `${min} 到 ${max} 的数`,
    integers: (longest: number, min: number, max: number) =>
      `1 到 ${longest} 个 ${min} 到 ${max} 的整数，以逗号分隔`,
    choice: (values: string) => `以下之一：${values}`,
    choices: (values: string) => `以下若干项，以逗号分隔：${values}`,
    switch: '0 或 1',
    switches: (count: number) => `${count} 个 0 或 1，以逗号分隔`,
    text: (longest: number) => `至多 ${longest} 个字符的文字`,
    lines: (most: number, longest: number) => `至多 ${most} 行，每行至多 ${longest} 个字符`,
  },
  error: {
    title: '没有成功',
    retry: '重试',
    preset: '使用预设的设置',
    cancel: '取消',
    cancelled: '您取消了这一步。随时可以重试；训练会从最近保存的状态继续。',
    restart: '从第 0 步重新开始',
  },
  dataset: {
    title: '数据集',
    loading: '正在加载数据集…',
    synthetic: '合成数据',
    syntheticWhy:
      '这些用户和商品是生成的。竞赛条款不允许转发原始数据，因此由一个生成器模仿其实测统计特征。',
    refused: (file: string, why: string) =>
      `无法使用 ${file}：${why} 请选择 \`moge prepare\` 写出的 dataset.moge。之前的数据集仍在使用。`,
    merchants: '商家',
    categories: '类目',
    brands: '品牌',
    edges: '边数',
    instances: '带标签的样本',
    train: '训练集',
    valid: '验证集',
    test: '测试集',
    scores: '条纹的高度是这一对的得分（logit），从最低到最高。',
    positives: '训练集正样本比例',
    groups: '测试集有效用户',
    statistics: '统计（论文表 1）',
    longTail: '长尾分布（论文图 1）',
    degree: '每个节点的边数',
    nodes: '节点数',
    longTailAlt: '用户数和商品数随边数的分布，两个坐标轴都是对数。',
  },
  preset: {
    name: '预设',
    names: { demo: '演示', 'demo-cpu': '演示（小）', paper: '论文' },
    hint: '预设决定以下所有设置。',
  },
  parameters: {
    title: '模型与训练',
    advanced: '高级',
    restart: '改动这里的任何一项，都会从第 0 步开始新的训练。',
    changed: '与预设不同',
    invalid: (expected: string) => `必须是${expected}。`,
  },
  map: {
    title: '通道图',
    hint: '拖动平移，滚轮或双指缩放，指向节点查看名称，点击固定。',
    alt: (name: string, nodes: string, edges: string) =>
      `通道“${name}”的图：${nodes} 个节点，${edges} 条边。`,
    counts: (nodes: string, edges: string) => `${nodes} 个节点，${edges} 条边`,
    degree: (degree: string) => `度 ${degree}`,
    fit: '全图',
    fitTitle: '显示整个通道',
    off: '这个通道在当前训练中已关闭。',
    pinned: '已固定',
    sample: '带圈的是选中的样本，其邻居的线宽表示注意力',
  },
  gates: {
    title: '门控',
    intro: (experts: number) =>
      `在所有评估过的测试样本上，每个任务对 ${experts} 个专家各听取多少。`,
    none: (system: string) => `${system} 没有门控：它不会逐对地为专家加权。下面的条纹显示得分。`,
    experts: (user: string, item: string) => `用户经${user}，商品经${item}`,
    cell: (of: string, expert: string, mean: string, std: string) =>
      `${of}，${expert}：平均门控 ${mean}，标准差 ${std}`,
    entropy: '熵',
    entropyTitle: (experts: number, most: string) =>
      `门控的平均熵，单位 nat；均匀分配时为 ln ${experts} = ${most}。`,
    empty: '第一次评估之后会显示门控。',
    caption: (equal: string) => `条：平均门控。须线：样本间一个标准差。竖线：均匀分配，${equal}。`,
  },
  barcode: {
    title: '每一个测试样本',
    hint: '每对一条，两个任务的顺序相同。点击一条，或用方向键选择。',
    sort: '排序依据',
    keys: { entropy: '熵', label: '标签', score: '得分', degree: '用户度数' },
    by: (of: string) => `（${of}）`,
    scoreAlt: (of: string, count: string) =>
      `${count} 个测试样本的${of}得分，以条纹表示；方向键移动选择。`,
    alt: (of: string, count: string) =>
      `${count} 个测试样本的${of}门控，以堆叠条纹表示；方向键移动选择。`,
    position: (position: string, count: string, shares: string) =>
      `第 ${position} 对，共 ${count} 对，${shares}`,
    scores: '条纹的高度是这一对的得分（logit），从最低到最高。',
    positives: '每个条码下方的细带标出发生了该行为的样本。',
  },
  sample: {
    title: '一个测试样本',
    empty: '在条码中选一条，打开对应的样本。',
    degree: '条边（G 中）',
    cold: '不在图中',
    day: '日期',
    label: '标签',
    labels: { 0: '否', 1: '是' },
    probability: '概率',
    logit: 'Logit',
    gates: '门控',
    contribution: '合计',
    parts: '门控 × 部分',
    expertPart: '自身特征',
    graphPart: '图',
    bias: '偏置',
    formula: 'logit = b + Σₙ gₙ · (expertₙ + graphₙ)',
    formulaWhy: '输出对经门控的专家是线性的，所以这个分解是精确的：各部分之和等于 logit。',
    noSplit: '这个模型没有经门控的专家，因此它的 logit 不能分解成各部分。',
    gatesNote: '门控只看这一对自身的特征，从不看图。',
    importanceNote:
      '门控权重和注意力都不等于重要性：大的门控乘上小的专家输出，贡献也很小。请看贡献。',
    neighbors: '邻居',
    neighborsOf: {
      user_item: { user: '该用户的商品', item: '该商品的用户' },
      user_user: { user: '与该用户相似的用户', item: '' },
      item_item: { user: '', item: '与该商品相似的商品' },
    },
    noNeighbors: '无',
    more: (count: number) => `还有 ${count} 个`,
    attention: '注意力',
    weight: '相似度',
  },
  charts: {
    title: '测试 GAUC',
    gauc: 'GAUC',
    gaucOf: (of: string) => `${of}：测试 GAUC`,
    gaucAlt: (of: string) => `${of}任务的测试 GAUC 随训练步的变化，每个训练一条线。`,
    ofRun: (what: string, run: string) => `${what}，${run}`,
    loss: '损失的各部分',
    lossAlt: '训练损失的各部分随训练步的变化。',
    lossNote: (steps: number) => `浅色：每个批次。深色：约 ${steps} 步的指数平均。`,
    weights: '任务权重',
    weightsAlt: '学到的各任务在损失中的权重随训练步的变化。',
    step: '步',
    lossAxis: '损失',
    weightAxis: '权重',
    before: '改动之前',
    beforeNote: '灰线：上一次改动设置之前。',
    crossEntropy: (of: string) => `${of}损失`,
    batch: (of: string) => `${of}，批次`,
    total: '总损失',
    collaboration: '专家均衡',
    regulariser: '正则项',
    chance: '随机',
    chanceNote: '0.5 处的线：随机水平。',
    empty: '训练开始后会出现第一批点。',
    weightsOff: '这次训练关闭了任务加权：两个权重都是 1。',
    table: '显示为表格',
    hideTable: '收起表格',
    legend: '曲线',
    at: (step: string) => `第 ${step} 步`,
    more: (count: number) => `还有 ${count} 条更低`,
    crosshair: (of: string) => `${of}：十字线所在的步`,
  },
};
