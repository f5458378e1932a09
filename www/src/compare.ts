/** What sets runs apart, and what their scores say beside each other. */
import type { Config, Evaluation } from './engine/protocol';
import type { RunStore } from './run.svelte';
import { SETTINGS, SETTING_NAMES, formatSetting } from './state';
import type { SettingName } from './state';

/** How the scores of several seeds become one line with a band. */
export const SPREADS = ['range', 'deviation'] as const;
export type Spread = (typeof SPREADS)[number];

/** What is compared of a run. */
export interface Compared {
  config: Config;
  evaluations: readonly Evaluation[];
  /** A name that a person gave. */
  named: string | null;
  /** Whether its curves are drawn. */
  shown: boolean;
}

/** Runs that differ by nothing but the seed. */
export interface Group<R extends Compared = RunStore> {
  key: string;
  runs: R[];
  /** Which of the charts' lines it has. */
  style: number;
}

/** A setting of a run as text. */
export function settingOf(run: Compared, name: SettingName): string {
  return formatSetting(SETTINGS[name], run.config[name]);
}

/** The settings of a run without its seed. */
export function settingsKey(run: Compared): string {
  const parts = SETTING_NAMES.filter((name) => name !== 'seed' && name in run.config);
  return parts.map((name) => settingOf(run, name)).join(';');
}

/**
 * The runs by their settings without the seed, in the order of their first ones. `styles` remembers
 * which line a group has; a new group gets the first that is free.
 */
export function grouped<R extends Compared>(
  runs: readonly R[],
  styles: Map<string, number>,
  keyOf: (run: R) => string = settingsKey,
): Group<R>[] {
  const byKey = new Map<string, R[]>();
  for (const run of runs) {
    const key = keyOf(run);
    byKey.set(key, [...(byKey.get(key) ?? []), run]);
  }
  for (const key of styles.keys()) if (!byKey.has(key)) styles.delete(key);
  return [...byKey].map(([key, members]) => {
    const taken = new Set(styles.values());
    let style = styles.get(key) ?? 0;
    if (!styles.has(key)) while (taken.has(style)) style += 1;
    styles.set(key, style);
    return { key, runs: members, style };
  });
}

/** The settings, other than the seed, that not all runs have in common. */
export function differing(runs: readonly Compared[]): SettingName[] {
  const [first, ...rest] = runs;
  if (!first) return [];
  return SETTING_NAMES.filter(
    (name) =>
      name !== 'seed' && rest.some((run) => settingOf(run, name) !== settingOf(first, name)),
  );
}

/** The evaluation with the best mean GAUC in the validation window; the engine stops by the same. */
export function bestOf(evaluations: readonly Evaluation[]): Evaluation | null {
  let best: Evaluation | null = null;
  let most = -Infinity;
  for (const evaluation of evaluations) {
    const known = evaluation.validation.filter((gauc) => gauc !== null);
    if (known.length === 0) continue;
    const mean = known.reduce((sum, gauc) => sum + gauc, 0) / known.length;
    if (mean > most) [best, most] = [evaluation, mean];
  }
  return best;
}

export interface Summary {
  mean: number;
  low: number;
  high: number;
  /** Standard deviation of a sample; 0 for one value. */
  deviation: number;
  count: number;
}

/** Mean and spread of some values; null without any. */
export function summary(values: readonly number[]): Summary | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    low: Math.min(...values),
    high: Math.max(...values),
    deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
    count,
  };
}

/** Ends of a spread. */
export function ends(of: Summary, spread: Spread): [number, number] {
  return spread === 'range' ? [of.low, of.high] : [of.mean - of.deviation, of.mean + of.deviation];
}

/** GAUCs of one task over a group's runs: at each run's best validation score, or newest. */
export function gaucs(
  group: Group<Compared>,
  task: number,
  which: 'best' | 'latest',
): Summary | null {
  return summary(
    group.runs.flatMap(({ evaluations }) => {
      const chosen = which === 'best' ? bestOf(evaluations) : evaluations.at(-1);
      return chosen?.tasks[task]?.gauc ?? [];
    }),
  );
}

/**
 * How much more of the distance from chance a GAUC has than another (model.md 9.3); null where the
 * base is at or below chance.
 */
export function relaImpr(gauc: number, base: number): number | null {
  return base > 0.5 ? (gauc - 0.5) / (base - 0.5) - 1 : null;
}

export interface Point extends Summary {
  step: number;
}

/**
 * Test GAUC of one task at each step that at least half of the started runs have scored. The rest of
 * a line, where few seeds are left, would tell of those alone.
 */
export function course(runs: readonly Pick<Compared, 'evaluations'>[], task: number): Point[] {
  const started = runs.filter(({ evaluations }) => evaluations.length > 0).length;
  const byStep = new Map<number, number[]>();
  for (const { evaluations } of runs) {
    for (const { step, tasks } of evaluations) {
      const gauc = tasks[task]?.gauc;
      if (typeof gauc === 'number') byStep.set(step, [...(byStep.get(step) ?? []), gauc]);
    }
  }
  return [...byStep]
    .filter(([, values]) => 2 * values.length >= started)
    .sort(([a], [b]) => a - b)
    .map(([step, values]) => ({ step, ...summary(values)! }));
}
