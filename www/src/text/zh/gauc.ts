/** Words that explain GAUC. */
import type { Text } from '../en';

export const gauc: Text['gauc'] = {
  title: '逐个用户看 GAUC',
  intro:
    'AUC 是有该行为的样本得分高于没有该行为的样本的概率。GAUC 先在每个用户内部计算 AUC，再按该用户的测试样本数加权平均。',
  empty: '第一次评估之后出现用户。',
  mean: '各用户的加权平均',
  engine: '引擎报告',
  strip: (task: string) => `${task}：每个计入用户的 AUC`,
  stripNote:
    '每个用户是一级台阶，宽度为其测试样本数，高度为其 AUC，因此填充的面积就是 GAUC。实线：GAUC。虚线：随机水平 0.5。点击一个用户，或使用方向键。',
  user: (place: string, all: string, auc: string, pairs: string) =>
    `第 ${place} 个用户（共 ${all} 个），AUC ${auc}，${pairs} 个测试样本`,
  partly: (kept: string, all: string) =>
    `这个已完成的运行只附带 ${all} 个评估样本中的 ${kept} 个，因此这里的均值与引擎的不同。`,
  nan: '有的得分不是数，无法排序。',
  noneValid: '没有用户同时具有两种测试样本：GAUC 无定义。',
  who: '哪些用户计入',
  counted: '计入',
  countedWhy: '既有该行为的样本，也有没有该行为的样本',
  noPositive: '跳过',
  noPositiveWhy: '没有该行为的样本：没有可以排在前面的',
  noNegative: '跳过',
  noNegativeWhy: '全是有该行为的样本：没有可以排在后面的',
  tally: (users: string, pairs: string) => `${users} 个用户，占测试样本的 ${pairs}`,
  one: (task: string) => `${task}：一个用户`,
  ofSelected: '选中样本的用户',
  ranking: '它的测试样本，得分从高到低',
  place: (place: number) => `第 ${place} 位`,
  score: (logit: string) => `得分 ${logit}`,
  labels: { 0: '无行为', 1: '有行为' },
  open: (place: number) => `打开第 ${place} 位的样本`,
  swap: (a: number, b: number) => `交换第 ${a} 位和第 ${b} 位`,
  swapHint: '用两者之间的按钮，或拖动一个样本，交换相邻的两个：得分不动，样本互换位置。',
  undo: '撤销所有交换',
  before: '交换前',
  after: '交换后',
  aucFormula: '顺序正确的对数 ÷ (P · N)',
  aucWords: (positives: string, negatives: string) =>
    `P = ${positives} 个有该行为，N = ${negatives} 个没有。顺序正确：有该行为的得分更高；得分相等算一半。`,
  auc: '该用户的 AUC',
  change: '上一次交换',
  none: '还没有交换。',
  same: '两个样本同类（都有或都没有该行为）：没有一对改变顺序。',
  tied: '两个得分相等：它们之间的先后没有意义。',
  formula: 'ΔGAUC =（该用户的样本数 ÷ 所有计入用户的样本数）·（顺序正确的对数的变化 ÷ (P · N)）',
};
