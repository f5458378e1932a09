import { describe, expect, test, vi } from 'vitest';
import { Binaries } from '../src/engine/binaries';
import { EngineClient, EngineLost, isFatal } from '../src/engine/client';
import type { Events, Spawn } from '../src/engine/client';
import { Driver } from '../src/engine/driver';
import type { EngineName } from '../src/engine/protocol';
import { ScriptedSession, config, moduleOf, recorder } from './scripted';
import type { Script } from './scripted';

const panic = () => Object.assign(new Error('unreachable'), { name: 'RuntimeError' });

/** A client whose n-th worker follows the n-th script. */
function client(scripts: Script[]) {
  const sessions: ScriptedSession[] = [];
  const deaths: ((why: string) => void)[] = [];
  const loaded: string[] = [];
  let terminated = 0;
  const spawn: Spawn = (died) => {
    const session = new ScriptedSession(scripts[sessions.length] ?? {});
    sessions.push(session);
    deaths.push(died);
    const engine = new Driver({
      load: async (binary) => {
        loaded.push(binary);
        return { module: moduleOf(session), compiled: null };
      },
      gpuObstacle: async () => null,
    });
    return { engine, terminate: () => (terminated += 1) };
  };
  const events = {
    waiting: vi.fn<Events['waiting']>(),
    recovered: vi.fn<Events['recovered']>(),
    reopened: vi.fn<Events['reopened']>(),
    failed: vi.fn<Events['failed']>(),
  };
  const made = new EngineClient(events, null, new Binaries(), spawn);
  const begin = async (engine: EngineName = 'webgpu') => {
    await made.load(engine);
    await made.open(Uint8Array.of(1), null);
    await made.start(config(), engine);
  };
  return { client: made, events, sessions, deaths, loaded, begin, terminated: () => terminated };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('an engine that breaks while training', () => {
  test.each([
    ['a panic', panic(), 'unreachable'],
    ['a lost GPU', new Error('GPU device lost: gone'), 'GPU device lost: gone'],
  ])('after %s goes on from the last score on the CPU', async (_, failure, why) => {
    const t = client([{ throws: { 8: failure } }]);
    await t.begin();
    const { told, listener } = recorder();
    await expect(t.client.play(listener)).rejects.toBeInstanceOf(EngineLost);
    await settled();
    expect(t.events.recovered).toHaveBeenCalledOnce();
    expect(t.events.recovered.mock.calls[0]![0]).toMatchObject({
      why,
      playing: true,
      info: { step: 5 },
    });
    expect(t.loaded).toEqual(['full', 'cpu']);
    expect(t.terminated()).toBe(1);
    expect(t.sessions[1]!.calls).toEqual(['open', 'resume 5']);
    await t.client.play(listener);
    expect(told.filter((line) => line.startsWith('score'))).toEqual([
      'score 0 kept 0',
      'score 5 kept 5',
      'score 10 kept 10',
      'score 12 kept 12',
    ]);
    expect(t.events.failed).not.toHaveBeenCalled();
  });

  test('is replaced, too, when only the worker tells of it', async () => {
    const t = client([]);
    await t.begin();
    const playing = t.client.play(recorder().listener);
    t.deaths[0]!('out of memory');
    await expect(playing).rejects.toBeInstanceOf(EngineLost);
    await settled();
    expect(t.events.recovered.mock.calls[0]![0]).toMatchObject({ why: 'out of memory' });
  });

  test('starts the run anew where nothing was scored yet', async () => {
    const t = client([{ throws: { 0: panic() } }]);
    await t.begin();
    t.deaths[0]!('gone');
    await settled();
    expect(t.sessions[1]!.calls).toEqual(['open', 'start']);
    expect(t.events.recovered.mock.calls[0]![0]).toMatchObject({ playing: false });
  });

  test('is given up when it breaks again before the next score', async () => {
    const t = client([{ throws: { 8: panic() } }, { throws: { 8: panic() } }]);
    await t.begin();
    const { listener } = recorder();
    await t.client.play(listener).catch(() => {});
    await settled();
    await t.client.play(listener).catch(() => {});
    await settled();
    expect(t.events.recovered).toHaveBeenCalledOnce();
    expect(t.events.failed).toHaveBeenCalledOnce();
    expect(t.events.failed.mock.calls[0]![0].message).toBe('unreachable');
    expect(t.sessions).toHaveLength(2);

    await t.client.retry();
    expect(t.events.recovered).toHaveBeenCalledTimes(2);
    await t.client.play(listener);
    expect(t.sessions[2]!.calls).toContain('resume 5');
    expect(t.sessions[2]!.calls).toContain('evaluate 12');
  });

  test('is replaced again after a score in between', async () => {
    const t = client([{ throws: { 3: panic() } }, { throws: { 7: panic() } }]);
    await t.begin();
    const { listener } = recorder();
    for (let life = 0; life < 2; life++) {
      await t.client.play(listener).catch(() => {});
      await settled();
    }
    await t.client.play(listener);
    expect(t.events.recovered).toHaveBeenCalledTimes(2);
    expect(t.events.failed).not.toHaveBeenCalled();
  });
});

test('an engine that breaks before there is a run fails at once', async () => {
  const t = client([]);
  await t.client.load('flex');
  t.deaths[0]!('no memory');
  expect(t.events.failed).toHaveBeenCalledOnce();
  expect(t.events.recovered).not.toHaveBeenCalled();
});

test('an old worker is not heard any more', async () => {
  const t = client([]);
  await t.begin();
  t.deaths[0]!('first');
  await settled();
  t.deaths[0]!('again');
  await settled();
  expect(t.events.recovered).toHaveBeenCalledOnce();
  expect(t.sessions).toHaveLength(2);
});

test('an error for people is passed on and breaks nothing', async () => {
  const t = client([]);
  await t.begin();
  await expect(t.client.open(new Uint8Array(), null)).rejects.toThrow('the file is empty');
  expect(t.sessions).toHaveLength(1);
  t.deaths[0]!('gone');
  await settled();
  expect(t.sessions[1]!.calls[0]).toBe('open');
});

test('a layout that had to be computed is opened by every later worker', async () => {
  const t = client([]);
  await t.begin();
  expect(t.client.opened).toEqual({ dataset: Uint8Array.of(1), layout: Uint8Array.of(1) });
  await t.client.open(Uint8Array.of(1), Uint8Array.of(2));
  expect(t.client.opened?.layout).toEqual(Uint8Array.of(2));
});

test('choosing an engine of the other binary takes a new worker with the same dataset', async () => {
  const t = client([]);
  await t.begin('flex');
  await t.client.start(config(), 'ndarray');
  expect(t.loaded).toEqual(['cpu', 'full']);
  expect(t.sessions[1]!.calls).toEqual(['open', 'start']);
  await t.client.start(config(), 'flex');
  expect(t.loaded).toEqual(['cpu', 'full']);
});

test('only panics and lost GPUs are fatal', () => {
  expect(isFatal(panic())).toBe(true);
  expect(isFatal(new Error('GPU device lost'))).toBe(true);
  expect(isFatal(new Error('The batch is too large.'))).toBe(false);
  expect(isFatal('RuntimeError')).toBe(false);
});

test('a run that is saved and ended goes on from where it was saved', async () => {
  const t = client([{}]);
  await t.begin();
  const { listener } = recorder();
  for (let step = 0; step < 3; step++) await t.client.step(listener);
  await t.client.save();
  t.client.end();
  expect(t.client.alive).toBe(false);
  expect(await t.client.revive('flex')).toMatchObject({ step: 3 });
  expect(t.events.failed).not.toHaveBeenCalled();
});
