import { describe, expect, test, vi } from 'vitest';
import { Driver } from '../src/engine/driver';
import type { Platform } from '../src/engine/driver';
import type { ChartSpec } from '../src/engine/drawings';
import { Session } from './fake-session';
import { ScriptedSession, config, moduleOf, recorder } from './scripted';
import type { Script } from './scripted';

async function driver(script: Script = {}, gpu: string | null = 'there is none') {
  const session = new ScriptedSession(script);
  const platform: Platform = {
    load: async () => ({ module: moduleOf(session), compiled: null }),
    gpuObstacle: async () => gpu,
  };
  const made = new Driver(platform);
  await made.load('cpu', () => {}, null);
  await made.open(Uint8Array.of(1), null, () => {});
  return { session, driver: made };
}

const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `step ${from + i}`);

describe('playing', () => {
  test('scores at the start, at every n-th step and at the end, and reports every step once', async () => {
    const { driver: d } = await driver();
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await d.play(listener);
    expect(told).toEqual([
      'score 0 kept 0',
      ...steps(1, 5),
      'score 5 kept 5',
      ...steps(6, 10),
      'score 10 kept 10',
      ...steps(11, 12),
      'score 12 kept 12',
    ]);
  });

  test('never calls the session while a call is under way, and serves charts between steps', async () => {
    const { driver: d, session } = await driver();
    await d.start(config(), 'flex');
    const { listener } = recorder();
    const playing = d.play(listener);
    const charts = Promise.all([1, 2, 3].map(() => d.chart({} as ChartSpec)));
    await charts;
    const stepsBefore = session.calls.filter((call) => call === 'step').length;
    expect(stepsBefore).toBeLessThan(12);
    await playing;
    expect(session.calls.filter((call) => call === 'step')).toHaveLength(12);
  });

  test('explains a pair with and without its edges by the same parameters', async () => {
    const { driver: d, session } = await driver();
    await d.start(config({ steps: 1000, evaluate_every: 1000 }), 'flex');
    const playing = d.play(recorder().listener);
    await vi.waitFor(() => expect(session.calls).toContain('step'), { interval: 1 });
    const { whole, knocked } = await d.knock(3, [{ channel: 'user_item' }]);
    await vi.waitFor(() => expect(session.calls.at(-1)).toBe('step'), { interval: 1 });
    await d.pause();
    await playing;
    const fake = new Session();
    expect(whole).toEqual(await fake.explain(3, []));
    expect(knocked).toEqual(await fake.explain(3, [{ channel: 'user_item' }]));
    const first = session.calls.indexOf('explain');
    expect(session.calls[first + 1]).toBe('explain');
  });

  test('pauses after the step in progress and goes on from there', async () => {
    const { driver: d } = await driver();
    await d.start(config({ steps: 1000, evaluate_every: 1000 }), 'flex');
    const { told, listener } = recorder();
    const playing = d.play(listener);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await d.pause();
    await playing;
    const done = told.length - 1;
    expect(done).toBeGreaterThan(2);
    await d.step(listener);
    expect(told.slice(1)).toEqual(steps(1, done + 1));
  });

  test('play after pause does not run two loops', async () => {
    const { driver: d } = await driver();
    await d.start(config({ steps: 30, evaluate_every: 1000 }), 'flex');
    const { told, listener } = recorder();
    const first = d.play(listener);
    void d.pause();
    const second = d.play(listener);
    await Promise.all([first, second]);
    expect(told.filter((line) => line.startsWith('step'))).toEqual(steps(1, 30));
  });

  test('a new run ends the loop of the one before', async () => {
    const { driver: d } = await driver();
    await d.start(config({ steps: 1000 }), 'flex');
    const old = recorder();
    const playing = d.play(old.listener);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await d.start(config(), 'flex');
    await playing;
    const fresh = recorder();
    await d.play(fresh.listener);
    expect(fresh.told[0]).toBe('score 0 kept 0');
    expect(fresh.told.at(-1)).toBe('score 12 kept 12');
    expect(old.told.filter((line) => line.startsWith('score 0'))).toHaveLength(1);
  });

  test('does not score a diverged run, and reports why it ended', async () => {
    const { driver: d } = await driver({ end: { step: 5, how: 'diverged' } });
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await d.play(listener);
    expect(told).toEqual(['score 0 kept 0', ...steps(1, 5)]);
  });

  test('ends with an evaluation that ends the run', async () => {
    const { driver: d } = await driver({ stopEarlyAt: 5 });
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await d.play(listener);
    await d.play(listener);
    expect(told.at(-1)).toBe('score 5 kept 5');
  });

  test('reports the steps before one that fails', async () => {
    const { driver: d } = await driver({ throws: { 4: new Error('no more') } });
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await expect(d.play(listener)).rejects.toThrow('no more');
    expect(told).toEqual(['score 0 kept 0', ...steps(1, 3)]);
  });

  test('slow motion keeps to its pace and a pause does not wait for it', async () => {
    const { driver: d } = await driver();
    await d.pace(10_000);
    await d.start(config({ evaluate_every: 1000 }), 'flex');
    const { told, listener } = recorder();
    const playing = d.play(listener);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await d.pause();
    await playing;
    expect(told).toEqual(['score 0 kept 0', 'step 1']);
  });
});

describe('single calls', () => {
  test('one step is one step', async () => {
    const { driver: d } = await driver();
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await d.step(listener);
    await d.step(listener);
    expect(told).toEqual(['score 0 kept 0', 'step 1', 'step 2']);
  });

  test('scoring twice at one step scores once', async () => {
    const { driver: d } = await driver();
    await d.start(config(), 'flex');
    const { told, listener } = recorder();
    await d.evaluate(listener);
    await d.evaluate(listener);
    expect(told).toEqual(['score 0 kept 0']);
  });

  test('a resumed run is not scored again where it was saved', async () => {
    const { driver: d } = await driver();
    await d.resume(new Blob([Uint8Array.of(10)]), 'flex');
    const { told, listener } = recorder();
    await d.play(listener);
    expect(told).toEqual([...steps(11, 12), 'score 12 kept 12']);
  });
});

describe('the binary', () => {
  const choose = async (gpu: string | null) => (await driver({}, gpu)).driver;

  test('holds the GPU only where it is of use', async () => {
    expect(await (await choose('there is none')).binary('auto')).toBe('cpu');
    expect(await (await choose(null)).binary('auto')).toBe('full');
    expect(await (await choose(null)).binary('flex')).toBe('cpu');
    expect(await (await choose('there is none')).binary('ndarray')).toBe('full');
    expect(await (await choose(null)).binary('webgpu')).toBe('full');
  });

  test('is refused with the reason where WebGPU is asked for in vain', async () => {
    await expect((await choose('there is none')).binary('webgpu')).rejects.toThrow(
      'WebGPU cannot be used, because there is none.',
    );
  });

  test('tells why the CPU was taken', async () => {
    const info = await (await choose('there is none')).start(config(), 'auto');
    expect(info.reason).toContain('because there is none');
  });
});
