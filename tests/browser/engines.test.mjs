// The engines that are not taken by themselves here, and which one is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, visit } from './harness.mjs';

/** One hop of two neighbours: a step within seconds where shaders run on the processor. */
const TINY = { engine: 'webgpu', d: 8, layers: 1, batch: 8, fan_out: '2', evaluate_every: 3 };
const SLOW = 540_000;

test('a newcomer trains on WebGPU', { timeout: 900_000 }, async (t) => {
  await visit({ webgpu: true, settings: TINY }, async (tab) => {
    await tab.ready(SLOW);
    const untrained = await tab.gaucsMoved(undefined, SLOW);
    const pressed = Date.now();
    await tab.part('play').click();
    await tab.trainedBeyond(0, SLOW);
    assert.match(await tab.part('engine').innerText(), /WebGPU/i);
    const trained = await tab.gaucsMoved(untrained, SLOW);
    t.diagnostic(`GAUCs ${untrained} untrained, ${trained} after ${Date.now() - pressed} ms`);

    await tab.part('play').click();
    const paused = await tab.standstill(SLOW);
    await tab.part('step').click();
    await tab.trainedBeyond(paused, SLOW);
    assert.equal(await tab.standstill(SLOW), paused + 1, 'one press is one step');

    await tab.openSample(0.5);
  });
});

test('an emulated GPU is passed over, and the page says so', { timeout: 240_000 }, async () => {
  await visit({ webgpu: true, settings: { ...SMALL, engine: 'auto' } }, async (tab) => {
    await tab.ready();
    assert.match(await tab.part('engine').innerText(), /flex/i);
    assert.match(await tab.part('engine-reason').innerText(), /software/i);
  });
});

test('a link gives the same run again, and ndarray nearly the same as flex', { timeout: 360_000 }, async (t) => {
  const scores = [];
  for (const engine of ['flex', 'flex', 'ndarray']) {
    await visit({ settings: { ...SMALL, engine, steps: 100 } }, async (tab) => {
      await tab.ready();
      assert.match(await tab.part('engine').innerText(), new RegExp(engine, 'i'));
      const untrained = await tab.gaucsMoved();
      await tab.part('play').click();
      scores.push(await tab.gaucsMoved(untrained));
    });
  }
  const [first, again, other] = scores;
  t.diagnostic(`GAUCs on flex ${first}, again ${again}, on ndarray ${other}`);
  assert.deepEqual(again, first);
  for (const [task, gauc] of other.entries()) assert.ok(Math.abs(gauc - first[task]) < 0.01);
});
