// The engines that are not taken by themselves here, and which one is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, visit } from './harness.mjs';

/** One hop of two neighbours: a step within seconds where shaders run on the processor. */
const TINY = {
  engine: 'webgpu',
  d: 8,
  layers: 1,
  batch: 8,
  fan_out: '2',
  evaluate_every: 3,
  evaluate_users: 200,
};
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

/** The cross-entropies of a run's steps, as the page's table shows them: `[step][task]`. */
async function losses(tab) {
  const chart = tab.part('chart-loss');
  await chart.getByRole('button', { name: /table/i }).click();
  const rows = await chart.locator('tbody tr').all();
  return Promise.all(
    rows.map(async (row) => (await row.locator('td').allInnerTexts()).slice(0, 2).map(Number)),
  );
}

test('the first 20 losses agree on all engines', { timeout: 900_000 }, async (t) => {
  const run = { ...TINY, batch: 64, fan_out: '3', steps: 20, evaluate_every: 20, evaluate_users: 50 };
  const found = {};
  for (const engine of ['flex', 'ndarray', 'webgpu']) {
    await visit({ webgpu: engine === 'webgpu', settings: { ...run, engine } }, async (tab) => {
      await tab.ready(SLOW);
      await tab.part('play').click();
      await tab.trainedBeyond(19, SLOW);
      await tab.standstill(SLOW);
      assert.match(await tab.part('engine').innerText(), new RegExp(engine, 'i'));
      found[engine] = await losses(tab);
    });
  }
  assert.equal(found.flex.length, 20);
  for (const engine of ['ndarray', 'webgpu']) {
    const gaps = found[engine].flatMap((row, step) =>
      row.map((loss, task) => Math.abs(loss / found.flex[step][task] - 1)),
    );
    assert.equal(gaps.length, 40);
    const widest = Math.max(...gaps);
    t.diagnostic(`${engine}: losses within ${widest.toExponential(1)} of flex`);
    assert.ok(widest < 1e-3, `${engine} differs from flex by ${widest}`);
  }
});

test('a link gives the same run again', { timeout: 360_000 }, async () => {
  const scores = [];
  for (let visits = 0; visits < 2; visits++) {
    await visit({ settings: { ...SMALL, steps: 100 } }, async (tab) => {
      await tab.ready();
      const untrained = await tab.gaucsMoved();
      await tab.part('play').click();
      scores.push(await tab.gaucsMoved(untrained));
    });
  }
  assert.deepEqual(scores[1], scores[0]);
});
