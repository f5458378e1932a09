/** Words about the gates over time, the brush of the barcodes and the histograms. */
import type { Text } from '../en';

export const gateViews: Text['gateViews'] = {
  scrub: {
    label: '显示哪一次评估的门控',
    at: (step: string, epoch: string) => `第 ${step} 步 · 第 ${epoch} 轮`,
    live: '实时',
    liveTitle: '回到最新一次评估',
    play: '回放',
    pause: '停止',
    past: '下方的门控视图和 GAUC 显示的是这次过去的评估。',
    present: '最新一次评估。向左拖动，查看更早时的门控。',
    once: '目前只有一次评估。下一次评估之后，可以向左拖动，看门控如何变化。',
    recorded: '这个已完成的运行只附带最后一次评估。自己训练一个运行，就可以回到过去。',
    kept: '训练很长时只保留一部分评估，均匀分布在整个训练过程中。',
  },
  brush: {
    title: '刷选的样本',
    hint: '在条纹上拖动，或按住 Shift 再按方向键，可以刷选一段样本。',
    count: (pairs: string, all: string) => `已刷选 ${pairs} 个样本（共 ${all} 个）。`,
    kept: '改变排序或步数时，刷选的仍是这些样本。',
    clear: '清除刷选',
    none: '没有刷选样本。',
    task: '任务',
    of: '样本',
    brushed: '刷选',
    all: '全部',
    positive: '正样本',
    users: '有效用户',
    gate: (expert: string) => `平均门控，${expert}`,
    gaucNote: '刷选样本的 GAUC 只计入其中既有正样本又有负样本的用户。',
  },
  histograms: {
    title: '门控的分布',
    of: (task: string) => `${task}任务的门控`,
    mean: (mean: string) => `均值 ${mean}`,
    brushedMean: (mean: string) => `刷选 ${mean}`,
    caption: (equal: string, most: string) =>
      `填充：全部样本按门控权重（0 到 1）的占比。虚线：均分值 ${equal}。最高的柱为样本的 ${most}。`,
    captionBrush: '轮廓线：刷选样本的占比。',
    alt: (task: string, expert: string, mean: string, low: string, high: string) =>
      `${task}，${expert}：平均门控 ${mean}，中间一半的样本约在 ${low} 与 ${high} 之间。`,
    altBrush: (mean: string, low: string, high: string) =>
      `刷选样本：均值 ${mean}，中间一半约在 ${low} 与 ${high} 之间。`,
    table: (task: string) => `${task}：样本按门控权重的占比`,
    bin: '门控权重',
    brushed: (expert: string) => `${expert}，刷选`,
  },
  course: {
    title: (task: string) => `${task}：训练过程中的平均门控`,
    alt: (task: string) => `${task}的平均门控随训练步数的变化：每个专家一块面积，堆叠到 1。`,
    axis: '平均门控（堆叠）',
    empty: '第二次评估之后出现曲线。',
  },
};
