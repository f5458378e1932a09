import { expect, test } from 'vitest';
import { bestOf, course, differing, ends, gaucs, grouped, relaImpr, summary } from '../src/compare';
import type { Evaluation } from '../src/engine/protocol';
import { named } from '../src/names';
import type { RunStore } from '../src/run.svelte';
import { Session } from './fake-session';
import { config } from './scripted';

/** A run as far as its comparison needs it: scores are step, both GAUCs and the validation mean. */
function run(changes: object, scores: [number, number, number | null][] = []): RunStore {
  const evaluations = scores.map(
    ([step, gauc, validation]) =>
      ({
        step,
        tasks: [{ gauc }, { gauc: gauc / 2 }],
        validation: [validation, validation],
      }) as unknown as Evaluation,
  );
  return {
    state: { engine: 'auto' },
    config: config(changes),
    named: null,
    evaluations,
  } as unknown as RunStore;
}

test('runs that differ by the seed alone are one group', () => {
  const runs = [run({ seed: 1 }), run({ seed: 1, d: 8 }), run({ seed: 2 }), run({ seed: 5, d: 8 })];
  const groups = grouped(runs, new Map());
  expect(groups.map((group) => group.runs.map(({ config }) => config.seed))).toEqual([
    [1, 2],
    [1, 5],
  ]);
  expect(groups.map(({ style }) => style)).toEqual([0, 1]);
});

test('a group keeps its line when others go, and a new one takes what is free', () => {
  const styles = new Map<string, number>();
  const [a, b, c] = [run({ d: 8 }), run({ d: 16 }), run({ d: 32 })];
  grouped([a, b], styles);
  expect(grouped([b], styles).map(({ style }) => style)).toEqual([1]);
  expect(grouped([b, c], styles).map(({ style }) => style)).toEqual([1, 0]);
});

test('the settings that differ are named, the seed left out', () => {
  expect(differing([])).toEqual([]);
  expect(differing([run({})])).toEqual([]);
  const runs = [run({ seed: 1 }), run({ seed: 2, d: 8 }), run({ channels: [true, true, false] })];
  expect(differing(runs)).toEqual(['d', 'channels']);
});

test('names tell runs of one system apart', () => {
  const runs = [run({}), run({ d: 8 }), run({ system: 'mlp' }), run({ system: 'mlp', seed: 2 })];
  const names = named(grouped(runs, new Map()), Session.models());
  expect(names.map(({ label }) => label)).toEqual(['MoGE, d 64', 'MoGE, d 8', 'MLP']);
  expect(names[1]!.differs).toEqual([{ name: 'd', value: '8' }]);
  const alike = named(grouped([run({}), run({ d: 8 })], new Map()), Session.models());
  expect(alike.map(({ label, title }) => [label, title])).toEqual([
    ['d 64', 'MoGE'],
    ['d 8', 'MoGE'],
  ]);
  const same = [run({}), run({ d: 8 })].map((each) => Object.assign(each, { named: 'mine' }));
  expect(named(grouped(same, new Map()), []).map(({ label }) => label)).toEqual([
    'mine',
    'mine (2)',
  ]);
});

test('the best evaluation is that of the highest validation mean, the first of equals', () => {
  const { evaluations } = run({}, [
    [0, 0.9, null],
    [5, 0.6, 0.55],
    [10, 0.7, 0.58],
    [15, 0.8, 0.58],
  ]);
  expect(bestOf(evaluations)?.step).toBe(10);
  expect(bestOf([])).toBeNull();
  const group = {
    key: '',
    style: 0,
    runs: [
      run({}, [
        [0, 0.6, 0.7],
        [5, 0.7, 0.6],
      ]),
    ],
  };
  expect(gaucs(group, 0, 'best')?.mean).toBe(0.6);
  expect(gaucs(group, 0, 'latest')?.mean).toBe(0.7);
  expect(gaucs(group, 1, 'latest')?.mean).toBe(0.35);
});

test('mean and spread are those of a sample', () => {
  const of = summary([0.6, 0.7, 0.8])!;
  expect(of.mean).toBeCloseTo(0.7, 12);
  expect(of.deviation).toBeCloseTo(0.1, 12);
  expect(ends(of, 'range')).toEqual([0.6, 0.8]);
  expect(ends(of, 'deviation')[0]).toBeCloseTo(0.6, 12);
  expect(summary([])).toBeNull();
  expect(summary([0.5])!.deviation).toBe(0);
});

// Table 2 of the paper, as far as its rows are consistent (model.md 9.3).
test.each([
  [0.7428, 0.7383, 1.89],
  [0.8051, 0.7889, 5.61],
  [0.7232, 0.7207, 1.13],
  [0.8092, 0.8079, 0.42],
  [0.7477, 0.7466, 0.44],
])('RelaImpr of %d over %d is %d percent', (gauc, base, printed) => {
  expect(Math.abs(100 * relaImpr(gauc, base)! - printed)).toBeLessThan(0.011);
});

test('RelaImpr is not defined against chance', () => {
  expect(relaImpr(0.6, 0.5)).toBeNull();
  expect(relaImpr(0.6, 0.45)).toBeNull();
});

test('a line over seeds ends where fewer than half of them are left', () => {
  const runs = [
    run({ seed: 1 }, [
      [0, 0.5, 0.5],
      [5, 0.6, 0.5],
      [10, 0.7, 0.5],
    ]),
    run({ seed: 2 }, [
      [0, 0.5, 0.5],
      [5, 0.8, 0.5],
      [10, 0.9, 0.5],
    ]),
    run({ seed: 3 }, [
      [0, 0.5, 0.5],
      [5, 0.7, 0.5],
    ]),
    run({ seed: 4 }, [[0, 0.5, 0.5]]),
    run({ seed: 5 }),
  ];
  const points = course(runs, 0);
  expect(points.map(({ step, count }) => [step, count])).toEqual([
    [0, 4],
    [5, 3],
    [10, 2],
  ]);
  expect(points[1]!.mean).toBeCloseTo(0.7, 12);
  runs[0]!.evaluations.pop();
  expect(course(runs, 0).map(({ step }) => step)).toEqual([0, 5]);
});
