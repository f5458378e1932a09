import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auc } from '../src/auc';
import type { GateTable } from '../src/engine/protocol';
import { gainOf, ranked, standing, userEffects } from '../src/helped';

/** AUC by its definition: every positive against every negative. */
function pairwise(scores: number[], labels: number[]): number | null {
  let [wins, pairs] = [0, 0];
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return;
      pairs += 1;
      wins += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return pairs > 0 ? wins / pairs : null;
}

interface Row {
  user: number;
  labels: [number, number];
  logits: [number, number];
  graph: [number, number];
}

function tableOf(rows: Row[]): GateTable {
  const flat = (of: (row: Row) => number[]) => rows.flatMap(of);
  return {
    step: 0,
    instance: Uint32Array.from(rows, (_, i) => 100 + i),
    user: Uint32Array.from(rows, ({ user }) => user),
    item: new Uint32Array(rows.length),
    labels: Uint8Array.from(flat(({ labels }) => labels)),
    logits: Float32Array.from(flat(({ logits }) => logits)),
    experts: 0,
    gates: new Float32Array(),
    graph: Float32Array.from(flat(({ graph }) => graph)),
    user_degree: new Uint32Array(rows.length),
  };
}

function effectsOf(table: GateTable) {
  const work = userEffects(table);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Halves, so that ties are frequent and sums are exact. */
const value = fc.integer({ min: -4, max: 4 }).map((n) => n / 2);
const bit = fc.integer({ min: 0, max: 1 });
const tables = fc
  .array(
    fc.record({
      user: fc.integer({ min: 0, max: 4 }),
      labels: fc.tuple(bit, bit),
      logits: fc.tuple(value, value),
      graph: fc.tuple(value, value),
    }),
    { maxLength: 40 },
  )
  .map((rows) => ({ rows, table: tableOf(rows) }));

test('AUC is the share of pairs in the right order, ties half', () => {
  expect(auc([1, 2, 3], [0, 0, 1])).toBe(1);
  expect(auc([3, 2, 2], [0, 1, 0])).toBe(0.25);
  expect(auc([1, 2], [1, 1])).toBeNull();
  fc.assert(
    fc.property(fc.array(fc.tuple(value, bit)), (rows) => {
      const [scores, labels] = [rows.map(([s]) => s), rows.map(([, l]) => l)];
      const expected = pairwise(scores, labels);
      if (expected === null) expect(auc(scores, labels)).toBeNull();
      else expect(auc(scores, labels)).toBeCloseTo(expected, 12);
    }),
  );
});

describe('whom the graph helps', () => {
  test('is the AUC with and without its part, user by user', () => {
    fc.assert(
      fc.property(tables, ({ rows, table }) => {
        const effects = effectsOf(table);
        for (const task of [0, 1] as const) {
          const expected = [0, 1, 2, 3, 4].flatMap((user) => {
            const own = rows.filter((row) => row.user === user);
            const labels = own.map((row) => row.labels[task]);
            const whole = pairwise(
              own.map((row) => row.logits[task]),
              labels,
            );
            const without = pairwise(
              own.map((row) => row.logits[task] - row.graph[task]),
              labels,
            );
            return whole === null || without === null ? [] : [{ user, whole, without }];
          });
          expect(effects[task]).toHaveLength(expected.length);
          effects[task]!.forEach((effect, i) => {
            expect(effect.user).toBe(expected[i]!.user);
            expect(effect.whole).toBeCloseTo(expected[i]!.whole, 12);
            expect(effect.without).toBeCloseTo(expected[i]!.without, 12);
          });
        }
      }),
    );
  });

  test('the most helped and the most hurt come first, the others not at all', () => {
    fc.assert(
      fc.property(tables, ({ table }) => {
        const effects = effectsOf(table)[0]!;
        const [helped, hurt] = [ranked(effects, true), ranked(effects, false)];
        const gains = [...helped.map(gainOf), ...hurt.map((effect) => -gainOf(effect))];
        expect(gains.every((gain) => gain > 0)).toBe(true);
        for (const list of [helped.map(gainOf), hurt.map((effect) => -gainOf(effect))]) {
          expect(list).toEqual([...list].sort((a, b) => b - a));
        }
        const same = effects.filter((effect) => gainOf(effect) === 0);
        expect(helped.length + hurt.length + same.length).toBe(effects.length);
      }),
    );
  });

  test('the pair that is opened is the positive that moves furthest', () => {
    fc.assert(
      fc.property(tables, fc.boolean(), ({ rows, table }, helps) => {
        for (const effect of effectsOf(table)[1]!) {
          const own = rows.flatMap((row, i) => (row.user === effect.user ? [{ ...row, i }] : []));
          const score = (row: Row, graph: boolean) => row.logits[1] - (graph ? 0 : row.graph[1]);
          const negatives = own.filter((row) => row.labels[1] === 0);
          const lifts = own
            .filter((row) => row.labels[1] === 1)
            .map((row) => {
              const below = (graph: boolean) =>
                negatives.filter((other) => score(other, graph) < score(row, graph)).length;
              return { i: row.i, whole: below(true), without: below(false) };
            });
          const found = standing(table, effect, 1, helps);
          expect(found).toMatchObject({ negatives: negatives.length });
          expect(lifts).toContainEqual({
            i: found.row,
            whole: found.whole,
            without: found.without,
          });
          const sign = helps ? 1 : -1;
          const most = Math.max(...lifts.map((each) => sign * (each.whole - each.without)));
          expect(sign * (found.whole - found.without)).toBe(most);
        }
      }),
    );
  });
});
