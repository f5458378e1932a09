// The same path on the GPU engine, at a size that the software adapter can bear.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visit } from './harness.mjs';

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
