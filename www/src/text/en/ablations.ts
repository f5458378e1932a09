/** Words about the three ablations. */
import type { AblationName } from '../../ablations';

const names: Record<AblationName, { title: string; figure: string; hint: string }> = {
  interaction: {
    title: 'Interaction',
    figure: 'Interaction function κ (the paper’s Figure 3)',
    hint: 'How a user state and an item state are joined: product, concatenation, sum, small network.',
  },
  loss: {
    title: 'Loss',
    figure: 'Loss parts (the paper’s Figure 4)',
    hint: 'Cross-entropy (i) alone, with the learned task weights (ii), with the balancing (iii), with both.',
  },
  experts: {
    title: 'Experts',
    figure: 'Graph experts one by one (the paper’s Figure 5)',
    hint: 'None to four of the experts see the graph; with none this is the model MMoE.',
  },
};

export const ablations = {
  title: 'Ablations of MoGE',
  intro:
    'One click adds the arms to the race, with the present settings, the same seeds and the same batches.',
  names,
  seeds: 'Seeds',
  beta: 'β of part (iii)',
  betaInert:
    'At the paper’s β = 1e-6 part (iii) is inert: its gradient is too small to move a gate.',
  losses: { i: 'i', ii: 'i + ii', iii: 'i + iii', all: 'i + ii + iii' },
  expertCount: (m: number) => (m === 0 ? 'm = 0 (MMoE)' : `m = ${m}`),
  runs: (count: number) => `adds ${count} runs`,
  progress: (done: number, all: number) => `${done} of ${all} runs have ended.`,
  leftOut: (count: number) =>
    count === 1
      ? 'One diverged or failed and is left out.'
      : `${count} diverged or failed and are left out.`,
  whiskers: (seeds: number) =>
    seeds > 1
      ? `Dot: mean of ${seeds} seeds; whisker: smallest to largest. Test GAUC at the best validation score.`
      : 'One seed: no whiskers, and differences may be chance. Test GAUC at the best validation score.',
  close: 'Close',
  alt: (of: string) => `${of}: test GAUC of both tasks per arm.`,
  arm: 'Arm',
};
