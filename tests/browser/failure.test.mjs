// What a person sees when something breaks: plain words, and a way on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';

test('an engine that cannot be fetched is explained, and fetched on request', { timeout: 240_000 }, async () => {
  let broken = true;
  const before = (page) =>
    page.route('**/*.wasm', (route) => (broken ? route.abort() : route.continue()));
  const expected = [/\.wasm/, /ERR_FAILED/];
  await visit({ settings: SMALL, before, expected }, async (tab) => {
    const error = tab.part('error');
    await until('the failure is shown', SOON, () => error.isVisible());
    assert.match(await error.innerText(), /could not be fetched/i);
    broken = false;
    await error.getByRole('button', { name: /again/i }).click();
    await tab.ready();
    await tab.part('play').click();
    await tab.trainedBeyond(0);
    assert.equal(await error.isVisible(), false);
  });
});

test('a worker that breaks while training is replaced, and the person is told', { timeout: 240_000 }, async () => {
  const expected = [/broken for this test/];
  await visit({ settings: SMALL, expected }, async (tab) => {
    await tab.ready();
    await tab.part('play').click();
    await tab.gaucsMoved();
    const reached = await tab.trainedBeyond(5);
    // The first worker is the desk that draws the charts, the second one trains.
    const [, worker] = tab.page.workers();
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('broken for this test');
      });
    });
    const notice = tab.part('notice');
    await until('the person is told', SOON, () => notice.isVisible());
    assert.match(await notice.innerText(), /broken for this test/);
    await tab.trainedBeyond(reached);
    assert.ok(!tab.page.workers().includes(worker), 'a new worker trains');
  });
});

test('a link with a wrong setting is explained', { timeout: 120_000 }, async () => {
  await visit({ settings: { ...SMALL, d: 'many' } }, async (tab) => {
    const notice = tab.part('notice');
    await until('the setting is named', SOON, () => notice.isVisible());
    const text = await notice.innerText();
    assert.match(text, /\bd\b/);
    assert.match(text, /many/);
    await tab.ready();
  });
});

test('a file that is no dataset is refused, and the run goes on', { timeout: 240_000 }, async () => {
  await visit({ settings: SMALL }, async (tab) => {
    await tab.ready();
    await tab.part('dataset-file').setInputFiles({
      name: 'mine.moge',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('user_id,item_id,cat_id\n1,2,3\n'),
    });
    const refusal = tab.part('dataset-error');
    await until('the file is refused', SOON, () => refusal.isVisible());
    assert.match(await refusal.innerText(), /mine\.moge cannot be used/);
    await tab.part('play').click();
    await tab.trainedBeyond(0);
  });
});
