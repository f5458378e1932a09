/** 关于三个消融实验的文字。 */
import type { ablations as en } from '../en/ablations';

export const ablations: typeof en = {
  title: 'MoGE 的消融实验',
  intro: '点击一次，就按当前设置、相同的种子和相同的批次，把各组加入竞赛。',
  names: {
    interaction: {
      title: '交互函数',
      figure: '交互函数 κ（论文图 3）',
      hint: '用户状态与商品状态如何结合：逐元素积、拼接、相加、小型网络。',
    },
    loss: {
      title: '损失',
      figure: '损失的各部分（论文图 4）',
      hint: '只用交叉熵 (i)，加上学习的任务权重 (ii)，加上专家均衡 (iii)，两者都加。',
    },
    experts: {
      title: '专家',
      figure: '逐个加入图专家（论文图 5）',
      hint: '零到四个专家能看到图；零个时就是模型 MMoE。',
    },
  },
  seeds: '种子',
  beta: '第 (iii) 部分的 β',
  betaInert: '取论文的 β = 1e-6 时第 (iii) 部分不起作用：梯度太小，推不动门控。',
  losses: { i: 'i', ii: 'i + ii', iii: 'i + iii', all: 'i + ii + iii' },
  expertCount: (m: number) => (m === 0 ? 'm = 0（MMoE）' : `m = ${m}`),
  runs: (count: number) => `加入 ${count} 个训练`,
  progress: (done: number, all: number) => `${all} 个训练中有 ${done} 个已结束。`,
  leftOut: (count: number) => `有 ${count} 个发散或失败，不计入。`,
  whiskers: (seeds: number) =>
    seeds > 1
      ? `点：${seeds} 个种子的平均；须线：最小到最大。取验证集成绩最好时的测试 GAUC。`
      : '只有一个种子：没有须线，差异可能出于偶然。取验证集成绩最好时的测试 GAUC。',
  close: '关闭',
  alt: (of: string) => `${of}：各组在两个任务上的测试 GAUC。`,
  arm: '组',
};
