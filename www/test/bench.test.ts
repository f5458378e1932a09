/** What the page of measurements asks for, and what it says. */
import { expect, test } from 'vitest';
import { asked } from '../src/bench/query';
import { words } from '../src/bench/words';
import { Driver } from '../src/engine/driver';
import { Session } from './fake-session';
import { moduleOf, ScriptedSession } from './scripted';

test('the address says what is measured', () => {
  expect(asked('?bench')).toEqual({ engine: 'flex', form: 'own', sizes: {} });
  expect(asked('?bench=&engine=ndarray&form=stock&steps=20&fanout=8,4&d=16')).toEqual({
    engine: 'ndarray',
    form: 'stock',
    sizes: { steps: 20, fanout: [8, 4], d: 16 },
  });
  expect(() => asked('?bench&engine=abacus')).toThrow(/no engine "abacus"/);
});

test('both languages name the same figures, which a measurement has', async () => {
  const [en, zh] = [words.en, words.zh].map(({ figures }) => Object.keys(figures));
  expect(zh).toEqual(en);
  const measured = await Session.bench('{}', 'flex', 'own', () => {});
  expect(en!.filter((name) => !(name in measured))).toEqual([]);
});

test('the worker hands on what is asked, and tells how far it is', async () => {
  const module = moduleOf(new ScriptedSession());
  const driver = new Driver({
    load: async () => ({ module, compiled: null }),
    gpuObstacle: async () => null,
  });
  await driver.load('cpu', () => {}, null);
  const shares: number[] = [];
  const what = { engine: 'flex', form: 'stock', sizes: { steps: 3 } } as const;
  const measured = await driver.bench(what, (share) => shares.push(share));
  expect(measured).toMatchObject({ engine: 'flex', form: 'stock', steps: 3, batch: 256 });
  expect(shares).toEqual([0.5]);
});
