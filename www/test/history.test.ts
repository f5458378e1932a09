import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GateHistory, thinned } from '../src/history.svelte';
import type { GateTable } from '../src/engine/protocol';

/** A table of `rows` pairs whose numbers tell the step. */
function tableAt(step: number, rows = 3): GateTable {
  const gates = Float32Array.from({ length: 8 * rows }, (_, i) =>
    i % 4 === 0 ? 1 - 3 / (step + 4) : 1 / (step + 4),
  );
  return {
    step,
    instance: Uint32Array.from({ length: rows }, (_, i) => 10 + i),
    user: new Uint32Array(rows).fill(7),
    item: Uint32Array.from({ length: rows }, (_, i) => i),
    labels: Uint8Array.from({ length: 2 * rows }, (_, i) => i % 2),
    logits: Float32Array.from({ length: 2 * rows }, (_, i) => i + step / 7),
    experts: 4,
    gates,
    graph: new Float32Array(2 * rows),
    user_degree: new Uint32Array(rows).fill(2),
  };
}

test('a past table has its own logits to the last bit, and its gates to 1e-5', () => {
  const history = new GateHistory();
  for (const step of [0, 100, 200]) history.add(tableAt(step));
  expect(history.steps).toEqual([0, 100, 200]);
  const past = history.at(100)!;
  const was = tableAt(100);
  expect(past.step).toBe(100);
  expect(past.logits).toEqual(was.logits);
  expect(past.labels).toEqual(was.labels);
  past.gates.forEach((gate, i) => expect(Math.abs(gate - was.gates[i]!)).toBeLessThan(1e-5));
});

test('a step between two scorings shows the nearer one, the same table each time', () => {
  const history = new GateHistory();
  for (const step of [0, 100, 200]) history.add(tableAt(step));
  expect(history.at(149)!.step).toBe(100);
  expect(history.at(151)!.step).toBe(200);
  expect(history.at(9999)).toBe(history.at(200));
});

test('a run that goes back forgets what came after, and one that begins anew everything', () => {
  const history = new GateHistory();
  for (const step of [0, 100, 200]) history.add(tableAt(step));
  history.cut(100);
  expect(history.steps).toEqual([0, 100]);
  history.add(tableAt(100));
  history.add(tableAt(200));
  expect(history.steps).toEqual([0, 100, 200]);
  history.clear();
  expect(history.steps).toEqual([]);
  expect(history.at(0)).toBeNull();
});

test('the first and the last stay, and what is kept fits into its memory', () => {
  // Of each row: two logits of 4 bytes, and eight gates of 2.
  const history = new GateHistory(9.5 * 10 * (2 * 4 + 8 * 2));
  for (let i = 0; i < 30; i++) history.add(tableAt(i, 10));
  expect(history.steps.length).toBe(9);
  expect([history.steps[0], history.steps.at(-1)]).toEqual([0, 29]);
});

test('even tables that are larger than the memory leave three to compare', () => {
  const history = new GateHistory(1);
  for (let i = 0; i < 5; i++) history.add(tableAt(i));
  expect(history.steps.length).toBe(3);
});

test('thinning as the run goes on leaves no gap more than four times the mean', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 30 }),
      fc.integer({ min: 1, max: 300 }),
      (most, scorings) => {
        let kept: { step: number }[] = [];
        for (let i = 0; i < scorings; i++) kept = thinned([...kept, { step: 50 * i }], most);
        const steps = kept.map(({ step }) => step);
        expect(steps.length).toBe(Math.min(most, scorings));
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
        expect([steps[0], steps.at(-1)]).toEqual([0, 50 * (scorings - 1)]);
        const gaps = steps.slice(1).map((step, i) => step - steps[i]!);
        const mean = (50 * (scorings - 1)) / Math.max(1, gaps.length);
        for (const gap of gaps) expect(gap).toBeLessThanOrEqual(4 * Math.max(50, mean));
      },
    ),
  );
});
