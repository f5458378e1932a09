/** 被解释的样本：它在图中的邻域、敲除的效果，以及图对哪些用户有帮助。 */
import type { explained as english } from '../en/explained';

export const explained: typeof english = {
  less: '显示更少',
  gates: (task) => `${task}：门控与 logit 的各部分`,
  ego: {
    title: '它在图中的邻域',
    intro:
      '每条线是给这一对打分时用到的一条边，线宽是它的注意力。圆形是用户，方形是商品。点击一个邻居（或用方向键移动，按 Enter）去掉它的边，再按一次恢复。',
    alt: (user, item, neighbors) =>
      `用户 ${user} 与商品 ${item} 的自我中心图，共 ${neighbors} 个邻居。每个邻居是一个按钮，用来去掉或恢复它的边。下面的列表内容相同。`,
    node: (name, where, attention, out) =>
      `${name}，${where}，${out ? '已去掉' : `注意力 ${attention}`}`,
    hidden: (most, hidden) =>
      `每类边只画出注意力最大的 ${most} 条；另外 ${hidden} 条在下面的列表中。`,
    isolated: '在这次训练的通道中，该用户和该商品都没有邻居。',
    point: '把指针移到一个邻居上，查看它是谁。',
    show: '在通道图中显示',
  },
  knock: {
    takeOut: '去掉',
    putBack: '恢复',
    takeOutOf: (what) => `去掉：${what}`,
    putBackOf: (what) => `恢复：${what}`,
    putAllBack: '全部恢复',
    out: '已去掉',
    channel: (name) => `${name}，整个通道`,
    side: (name, whose) => `${name}，${whose}`,
    edge: (neighbor, kind) => `${neighbor}（${kind}）`,
    means:
      '敲除是指：去掉这些边，对同一对重新打分。训练好的参数保持不变，剩余的注意力在其他邻居之间重新归一化。这并不等于从训练开始就没有这些边的模型会给出的结果。',
    waiting: '引擎就绪之后才能去掉邻居。',
  },
  move: {
    whole: '完整',
    without: '敲除后',
    difference: '变化',
    points: (value) => `${value} 点`,
    said: (task, logit, change) => `${task}：logit ${logit}，变化 ${change}。`,
    partBefore: '敲除之前',
  },
  rank: {
    title: '注意力不等于重要性',
    intro:
      '注意力只说明邻域如何取平均，不说明这个平均对得分有什么作用。要看每个邻居的作用，请逐个去掉它们：',
    start: '按效果排序',
    cancel: '取消',
    running: (done, all) => `已敲除 ${done} 个，共 ${all} 个`,
    busy: '请先暂停训练：每次敲除都必须用同一组参数打分。',
    table: '单独去掉一个邻居时各 logit 的变化，变化最大的在前。',
    neighbor: '邻居',
    attention: '注意力',
    changed: (task) => `Δ logit，${task}`,
    strongest: (name, attention, place, all) =>
      place === 1
        ? `在这一对中，注意力最大的邻居（${name}，${attention}）按效果也排在 ${all} 个中的第一。但这并非规律：请再看看其他样本。`
        : `注意力最大的邻居（${name}，${attention}）按效果在 ${all} 个中排第 ${place}。`,
    all: (count) => `显示全部 ${count} 个`,
  },
  find: {
    title: '找一个用户，图对其',
    helps: '有帮助',
    hurts: '有损害',
    task: '任务',
    counting: '正在比较每个用户在有图和无图时的排序……',
    noSplit: '不可用：该模型的 logit 不能分解为图的部分和其余部分。',
    notYet: '引擎评估测试样本之后才可用。',
    summary: (users, up, down, same) =>
      `在 ${users} 个同时有正、负测试样本的用户中，图的部分使 ${up} 个用户的 AUC 提高，${down} 个降低，${same} 个不变。`,
    user: (place, all, pairs, positives) =>
      `第 ${place} 位，共 ${all} 位：该用户有 ${pairs} 个测试样本，其中 ${positives} 个为正样本。`,
    auc: (whole, without, gain) =>
      `该用户的 AUC：含 logit 中图的部分为 ${whole}，不含为 ${without}（${gain}）。`,
    pair: (negatives, whole, without) =>
      `这里打开的是一个正样本。在该用户的 ${negatives} 个负样本中，含图的部分时它高于 ${whole} 个，不含时高于 ${without} 个。`,
    scoredAt: (step) => `这些是第 ${step} 步的得分；下面的数字按当前参数计算，两者的参数可能不同。`,
    caveat: '这里是把图的部分从 logit 的求和中去掉，并不是一个不用图训练的模型。',
  },
};
