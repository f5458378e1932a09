import { expect, test } from 'vitest';
import { ABLATIONS, armsOf, figureOf, progressOf } from '../src/ablations';
import type { Ablation } from '../src/ablations';
import type { Ended, Evaluation } from '../src/engine/protocol';
import type { RunStore } from '../src/run.svelte';
import { config } from './scripted';

test('the arms are those of the paper', () => {
  const values = (name: (typeof ABLATIONS)[number], of: string) =>
    armsOf(name, config(), 0.1).map(({ changes }) => (changes as Record<string, unknown>)[of]);
  expect(values('interaction', 'kappa')).toEqual(['ep', 'con', 'add', 'mlp']);
  expect(values('experts', 'experts')).toEqual([0, 1, 2, 3, 4]);
  expect(values('loss', 'uncertainty')).toEqual(['off', 'm2grl', 'off', 'm2grl']);
  expect(values('loss', 'collaboration')).toEqual([false, false, true, true]);
  expect(values('loss', 'beta')).toEqual([undefined, undefined, 0.1, 0.1]);
  for (const name of ABLATIONS) expect(new Set(values(name, 'system'))).toEqual(new Set(['moge']));
});

test('the loss arms keep the chosen form of the task weights', () => {
  const arms = armsOf('loss', config({ uncertainty: 'kendall' }), 0.1);
  expect(arms[1]!.changes.uncertainty).toBe('kendall');
});

/** A run that has ended in this way; the second of its scores is the better one by validation. */
function run(how: Ended['how'] | null, gauc: number, failed = false): RunStore {
  const evaluation = (value: number, validation: number) =>
    ({
      tasks: [{ gauc: value }, { gauc: value + 0.1 }],
      validation: [validation, validation],
    }) as unknown as Evaluation;
  return {
    ended: how && { how, why: '' },
    status: failed ? 'failed' : how ? 'ended' : 'running',
    evaluations: [evaluation(0.5, 0.5), evaluation(gauc, 0.6), evaluation(0.4, 0.55)],
  } as unknown as RunStore;
}

test('the figure has the mean and the ends over the runs that have ended well', () => {
  const ablation: Ablation = {
    name: 'experts',
    seeds: 3,
    arms: [
      { label: 'a', runs: [run('finished', 0.6), run('early_stopped', 0.7), run(null, 0.9)] },
      { label: 'b', runs: [run('diverged', 0.9), run(null, 0.9), run(null, 0.9, true)] },
    ],
  };
  const figure = figureOf(ablation);
  expect(figure.categories).toEqual(['a', 'b']);
  const [favourite, purchase] = figure.series;
  expect(favourite!.points[0]!.mean).toBeCloseTo(0.65, 12);
  expect(favourite!.points[0]).toMatchObject({ low: 0.6, high: 0.7 });
  expect(purchase!.points[0]!.mean).toBeCloseTo(0.75, 12);
  expect(favourite!.points[1]).toBeNull();
  expect(progressOf(ablation)).toEqual({ done: 4, all: 6, out: 2 });
});
