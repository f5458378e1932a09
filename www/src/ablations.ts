/** The paper's three ablations of MoGE: their arms, and the figure that compares them. */
import { bestOf, summary } from './compare';
import { TASKS } from './engine/protocol';
import type { Config, Settings } from './engine/protocol';
import type { FigureContent } from './engine/drawings';
import { STROKE } from './palette';
import type { RunStore } from './run.svelte';
import { text } from './text';

export const ABLATIONS = ['interaction', 'loss', 'experts'] as const;
export type AblationName = (typeof ABLATIONS)[number];

export interface Arm {
  label: string;
  changes: Partial<Settings>;
}

/** An ablation that was asked for: the runs of each arm, one per seed. */
export interface Ablation {
  name: AblationName;
  seeds: number;
  arms: { label: string; runs: RunStore[] }[];
}

const KAPPAS = ['ep', 'con', 'add', 'mlp'] as const;
const EXPERTS = [0, 1, 2, 3, 4];

/** The arms of an ablation, as changes of the present settings. */
export function armsOf(name: AblationName, config: Config, beta: number): Arm[] {
  switch (name) {
    case 'interaction':
      return KAPPAS.map((kappa) => ({
        label: text.setting.kappa.values![kappa]!,
        changes: { system: 'moge', kappa },
      }));
    case 'experts':
      return EXPERTS.map((experts) => ({
        label: text.ablations.expertCount(experts),
        changes: { system: 'moge', experts },
      }));
    case 'loss': {
      const weighted = config.uncertainty === 'off' ? 'm2grl' : config.uncertainty;
      const words = text.ablations.losses;
      const arm = (label: string, weights: boolean, balance: boolean): Arm => ({
        label,
        changes: {
          system: 'moge',
          uncertainty: weights ? weighted : 'off',
          collaboration: balance,
          ...(balance && { beta }),
        },
      });
      return [
        arm(words.i, false, false),
        arm(words.ii, true, false),
        arm(words.iii, false, true),
        arm(words.all, true, true),
      ];
    }
  }
}

/** Whether a run has come to an end that its scores stand for. */
const counts = (run: RunStore) => run.status === 'ended' && run.ended?.how !== 'diverged';

/** How many runs have ended, and how many of those cannot be counted. */
export function progressOf({ arms }: Ablation): { done: number; all: number; out: number } {
  const runs = arms.flatMap((arm) => arm.runs);
  const over = runs.filter(({ status }) => status === 'ended' || status === 'failed');
  return {
    done: over.length,
    all: runs.length,
    out: over.filter((run) => !counts(run)).length,
  };
}

/** Test GAUC of both tasks per arm, at the best validation score of the runs that have ended. */
export function figureOf({ arms }: Ablation): FigureContent {
  return {
    x_label: text.charts.gauc,
    categories: arms.map(({ label }) => label),
    series: TASKS.map((task, k) => ({
      label: text.task[task],
      color: STROKE[task],
      points: arms.map(({ runs }) => {
        const gaucs = runs
          .filter(counts)
          .flatMap(({ evaluations }) => bestOf(evaluations)?.tasks[k]?.gauc ?? []);
        const found = summary(gaucs);
        return found && { mean: found.mean, low: found.low, high: found.high };
      }),
    })),
    reference: null,
    x_range: null,
  };
}
