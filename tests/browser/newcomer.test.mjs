// The page as somebody meets it for the first time, without a GPU.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOON, until, visit } from './harness.mjs';

test('a newcomer trains on the CPU', { timeout: 600_000 }, async (t) => {
  await visit({ viewport: { width: 1280, height: 900 } }, async (tab) => {
    await tab.ready();
    assert.match(await tab.part('dataset-card').innerText(), /synthetic/i);
    assert.equal(await tab.stepCount(), 0);
    const untrained = await tab.gaucsMoved();
    const quietFrom = await tab.page.evaluate(() => performance.now());

    await tab.part('play').click();
    const pressed = Date.now();
    await tab.trainedBeyond(0);
    assert.match(await tab.part('engine').innerText(), /CPU|flex/i);
    const trained = await tab.gaucsMoved(untrained);
    for (const gauc of trained) assert.ok(gauc >= 0 && gauc <= 1, `GAUC is ${gauc}`);
    t.diagnostic(`GAUCs ${untrained} untrained, ${trained} after ${Date.now() - pressed} ms`);
    await tab.drawn('chart-gauc');

    await tab.part('play').click();
    const paused = await tab.standstill();
    await tab.part('step').click();
    await tab.trainedBeyond(paused);
    assert.equal(await tab.standstill(), paused + 1, 'one press is one step');

    await tab.openSample(0.2);
    await tab.openSample(0.8);

    const channel = tab.part('switch-item_item');
    assert.equal(await channel.isChecked(), true);
    await channel.click();
    assert.equal(await channel.isChecked(), false);
    await until('a new run is built', SOON, async () => (await tab.stepCount()) === 0);
    await tab.ready();
    await until('the address follows', SOON, () =>
      /channels=1,1,0/.test(new URL(tab.page.url()).hash),
    );
    await tab.part('play').click();
    await tab.trainedBeyond(1);

    await tab.part('reset').click();
    await until('the step count is 0 again', SOON, async () => (await tab.stepCount()) === 0);
    await tab.part('play').click();
    await tab.trainedBeyond(1);

    const tasks = (await tab.longTasks()).filter(({ at }) => at > quietFrom);
    t.diagnostic(`tasks over 50 ms on the page's thread: ${JSON.stringify(tasks)}`);
  });
});
