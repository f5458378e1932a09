import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allRows } from '../src/brush';
import { rightPairs } from '../src/auc';
import { gaucOf, swapped } from '../src/gauc';
import type { Ranking, TaskGauc } from '../src/gauc';
import type { GateTable } from '../src/engine/protocol';
import { Session } from './fake-session';

/** Runs a computation through, and counts its rests. */
function finish<T>(work: Generator<void, T>): { value: T; rests: number } {
  for (let rests = 0; ; rests++) {
    const step = work.next();
    if (step.done) return { value: step.value, rests };
  }
}

const gauc = (table: GateTable, task: number, rows = allRows(table)): TaskGauc =>
  finish(gaucOf(table, task, rows)).value;

const whole = new Session().gates();

/** A table of (user, score, label) of the second task; in the first nobody has a positive. */
function tableOf(pairs: [user: number, score: number, label: number][]): GateTable {
  return {
    ...whole,
    instance: Uint32Array.from(pairs.keys()),
    user: Uint32Array.from(pairs, ([user]) => user),
    labels: Uint8Array.from(pairs.flatMap(([, , label]) => [0, label])),
    logits: Float32Array.from(pairs.flatMap(([, score]) => [0, score])),
  };
}

/** Every (positive, negative) pair looked at, a tie half right. */
function bruteRight(of: { score: number; label: number }[]): number {
  let right = 0;
  for (const a of of) {
    for (const b of of) {
      if (a.label !== 1 || b.label !== 0) continue;
      right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
    }
  }
  return right;
}

/** Few different scores, so that there are ties. */
const ranking = fc
  .array(fc.record({ score: fc.integer({ min: -3, max: 3 }), label: fc.constantFrom(0, 1) }), {
    minLength: 2,
    maxLength: 25,
  })
  .map((items) => items.sort((a, b) => a.score - b.score));
const rightOf = ({ scores, labels }: Ranking) => rightPairs(scores, labels);
const rankingOf = (items: { score: number; label: number }[]): Ranking => ({
  rows: items.map((_, i) => i),
  scores: items.map(({ score }) => score),
  labels: items.map(({ label }) => label),
});

test('right pairs are those of brute force, ties half', () => {
  fc.assert(
    fc.property(ranking, (items) => {
      expect(rightOf(rankingOf(items))).toBe(bruteRight(items));
    }),
  );
});

test('a hand-computed case: two users count by their pairs, one has no positive, one no negative', () => {
  const { gauc: mean, ...parts } = gauc(
    tableOf([
      [1, 0.9, 1],
      [1, 0.5, 0],
      [1, 0.7, 0],
      [1, 0.7, 1],
      [4, 0.2, 1],
      [4, 0.8, 0],
      [2, 0.1, 0],
      [9, 0.4, 1],
      [9, 0.3, 1],
    ]),
    1,
  );
  // User 1: 0.9 beats both, 0.7 beats 0.5 and ties with 0.7: 3.5 of 4. User 4: 0 of 1.
  expect(parts.users.map(({ user, auc }) => [user, auc])).toEqual([
    [4, 0],
    [1, 0.875],
  ]);
  expect(mean).toBeCloseTo((4 * 0.875 + 2 * 0) / 6, 12);
  expect(parts.counted).toEqual({ users: 2, pairs: 6 });
  expect(parts.noPositive).toEqual({ users: 1, pairs: 1 });
  expect(parts.noNegative).toEqual({ users: 1, pairs: 2 });
});

test('without a user that counts GAUC is not defined, nor with a score that is no number', () => {
  const table = tableOf([
    [1, 0.9, 1],
    [1, 0.5, 0],
  ]);
  expect(gauc(table, 0).gauc).toBeNull();
  expect(gauc(table, 1).gauc).toBe(1);
  expect(gauc({ ...table, logits: Float32Array.of(0, NaN, 0, 1) }, 1).gauc).toBeNull();
});

test('on 37,000 pairs it is the mid-rank formula of model.md 9.1, and rests on the way', () => {
  const table = whole;
  const { value, rests } = finish(gaucOf(table, 1, allRows(table)));
  let [sum, weight, valid] = [0, 0, 0];
  const groups = new Map<number, number[]>();
  table.user.forEach((user, row) => groups.set(user, [...(groups.get(user) ?? []), row]));
  for (const members of groups.values()) {
    const scores = members.map((row) => table.logits[2 * row + 1]!);
    const rank = (score: number) =>
      scores.filter((other) => other < score).length +
      (scores.filter((other) => other === score).length + 1) / 2;
    const ranks = members.flatMap((row, i) =>
      table.labels[2 * row + 1] === 1 ? [rank(scores[i]!)] : [],
    );
    const [p, n] = [ranks.length, members.length];
    if (p === 0 || p === n) continue;
    const auc = (ranks.reduce((a, b) => a + b) - (p * (p + 1)) / 2) / (p * (n - p));
    sum += n * auc;
    weight += n;
    valid += 1;
  }
  expect(value.gauc).toBeCloseTo(sum / weight, 12);
  expect(value.counted).toEqual({ users: valid, pairs: weight });
  expect(value.users).toHaveLength(valid);
  const tallies = [value.counted, value.noPositive, value.noNegative];
  expect(tallies.reduce((all, { pairs }) => all + pairs, 0)).toBe(table.instance.length);
  expect(tallies.reduce((all, { users }) => all + users, 0)).toBe(groups.size);
  expect(rests).toBeGreaterThan(50);
});

test('over some of the rows it is that of a table of those rows', () => {
  const table = whole;
  const some = allRows(table).filter((row) => row % 3 === 1);
  const pick = <T extends Uint8Array | Uint32Array | Float32Array>(array: T, width: number) =>
    array.filter((_, i) => Math.floor(i / width) % 3 === 1) as T;
  const small = {
    ...table,
    instance: pick(table.instance, 1),
    user: pick(table.user, 1),
    labels: pick(table.labels, 2),
    logits: pick(table.logits, 2),
  };
  expect(gauc(table, 0, some).gauc).toBe(gauc(small, 0).gauc);
});

test('a swap of untied neighbours of both kinds changes the AUC by 1 / (P N), GAUC by its weight', () => {
  const distinct = fc
    .array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 20 })
    .filter((labels) => labels.includes(0) && labels.includes(1));
  fc.assert(
    fc.property(distinct, fc.nat(), fc.nat({ max: 9 }), (labels, place, others) => {
      const items = labels.map((label, i) => ({ score: i / 2, label }));
      const before = rankingOf(items);
      const i = place % (labels.length - 1);
      const after = swapped(before, i);
      const expected = labels[i]! - labels[i + 1]!;
      expect(rightOf(after) - rightOf(before)).toBe(expected);

      // The same in a whole table, where other users weigh too.
      const rest = Array.from({ length: others }, (_, u): [number, number, number][] => [
        [u + 1, 0, 0],
        [u + 1, 1, u % 2],
      ]).flat();
      const table = (of: Ranking) =>
        tableOf([
          ...of.scores.map((score, j): [number, number, number] => [0, score, of.labels[j]!]),
          ...rest,
        ]);
      const [was, is] = [gauc(table(before), 1), gauc(table(after), 1)];
      const positives = labels.filter((label) => label === 1).length;
      const step = expected / (positives * (labels.length - positives));
      expect(is.gauc! - was.gauc!).toBeCloseTo((labels.length / was.counted.pairs) * step, 12);
    }),
  );
});

test('swapping twice undoes it, and like neighbours change nothing', () => {
  fc.assert(
    fc.property(ranking, fc.nat(), (items, place) => {
      const before = rankingOf(items);
      const i = place % (items.length - 1);
      const after = swapped(before, i);
      expect(swapped(after, i)).toEqual(before);
      if (before.labels[i] === before.labels[i + 1]) {
        expect(rightOf(after)).toBe(rightOf(before));
      }
    }),
  );
});
