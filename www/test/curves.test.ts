import { expect, test } from 'vitest';
import { gateChart } from '../src/curves';
import { presets } from './scripted';
import { Session } from './fake-session';

test('the gates of each scoring are stacked to 1, and read out as they are', async () => {
  const session = new Session();
  await session.start(presets.demo, 'flex');
  const evaluations = [await session.evaluate()];
  for (let i = 0; i < 3; i++) await session.step();
  evaluations.push(await session.evaluate());
  const names = ['a', 'b', 'c', 'd'];
  const { curves, y_range } = gateChart(evaluations, names, 1);
  expect(y_range).toEqual([0, 1]);
  expect(curves.map(({ label }) => label)).toEqual(names);
  evaluations.forEach(({ step, gate_mean }, i) => {
    let below = 0;
    curves.forEach(({ points, band, values }, n) => {
      const gate = gate_mean[1]![n]!;
      expect(values![i]).toEqual([step, gate]);
      const [x, low, high] = band![i]!;
      expect(x).toBe(step);
      expect(low).toBeCloseTo(below, 12);
      expect(high - low).toBeCloseTo(gate, 12);
      expect(points[i]).toEqual([step, high]);
      below = high;
    });
    expect(below).toBeCloseTo(1, 12);
  });
});

test('a scoring without gates has no place in it', async () => {
  const session = new Session();
  await session.start({ ...presets.demo, system: 'mlp' }, 'flex');
  const { curves } = gateChart([await session.evaluate()], ['a', 'b'], 0);
  expect(curves.map(({ points }) => points)).toEqual([[], []]);
});
