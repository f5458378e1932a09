// The page as somebody meets it for the first time, without a GPU.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOON, TRAINING, until, visit } from './harness.mjs';

test('a newcomer trains on the CPU', { timeout: 600_000 }, async (t) => {
  await visit({ viewport: { width: 1280, height: 900 } }, async (tab) => {
    await tab.ready();
    assert.match(await tab.part('dataset-card').innerText(), /synthetic/i);
    assert.equal(await tab.stepCount(), 0);
    const quietFrom = await tab.page.evaluate(() => performance.now());

    await tab.part('play').click();
    const pressed = Date.now();
    await tab.trainedBeyond(0);
    assert.match(await tab.part('engine').innerText(), /CPU|flex/i);
    const first = await tab.gaucsMoved();
    for (const gauc of first) assert.ok(gauc >= 0 && gauc <= 1, `GAUC is ${gauc}`);
    const second = await tab.gaucsMoved(first);
    t.diagnostic(`GAUCs ${first}, then ${second} after ${Date.now() - pressed} ms`);
    assert.ok((await tab.part('chart-gauc').locator('svg polyline, svg path').count()) > 0);

    await tab.part('play').click();
    const paused = await tab.standstill();
    await tab.part('step').click();
    await tab.trainedBeyond(paused);
    assert.equal(await tab.standstill(), paused + 1, 'one press is one step');

    await opensSample(tab);
    await switchesChannel(tab);

    await tab.part('reset').click();
    await until('the step count is 0 again', SOON, async () => (await tab.stepCount()) === 0);
    await tab.part('play').click();
    await tab.trainedBeyond(1, TRAINING);

    const tasks = (await tab.longTasks()).filter(({ at }) => at > quietFrom);
    t.diagnostic(`tasks over 50 ms on the page's thread: ${JSON.stringify(tasks)}`);
  });
});

/** A click on a stripe of the barcode opens that sample, another stripe another one. */
async function opensSample(tab) {
  const barcode = tab.part('gate-barcode');
  const detail = tab.part('sample-detail');
  const seen = new Set();
  for (const share of [0.2, 0.8]) {
    const { width, height } = await barcode.boundingBox();
    await barcode.click({ position: { x: width * share, y: height / 4 } });
    const text = await until('another sample opens', SOON, async () => {
      const text = await detail.innerText();
      return /favourite/i.test(text) && /purchase/i.test(text) && !seen.has(text) && text;
    });
    seen.add(text);
  }
}

/** Switching a channel off gives a run without it. */
async function switchesChannel(tab) {
  const channel = tab.page.getByRole('checkbox', { name: /item.item/i });
  assert.equal(await channel.isChecked(), true);
  await channel.click();
  assert.equal(await channel.isChecked(), false);
  assert.match(new URL(tab.page.url()).hash, /channels=1,1,0/);
}
