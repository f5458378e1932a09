// What a person sees when something breaks: plain words, and a way on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SMALL, SOON, TRAINING, until, visit } from './harness.mjs';

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

test('a log that is none is refused, whatever is wrong with it', { timeout: 240_000 }, async () => {
  const log = `user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n1,2,3,4,5,0829,7\n`;
  const cut = gzipSync(log.repeat(1000));
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==', 'base64');
  const files = [
    ['photo.png', png, /photo\.png is no table of text/],
    ['nothing.csv', Buffer.alloc(0), /nothing\.csv is empty/],
    ['other.csv', Buffer.from('user,item\n1,2\n'), /other\.csv, line 1: there is no column user_id/],
    ['row.csv', Buffer.from(log), /row\.csv, line 2: action_type is 7, expected 0 to 3/],
    ['log.csv.gz', cut.subarray(0, cut.length - 20), /log\.csv\.gz is a gzip file that was cut/],
    ['log.zip', Buffer.from('PK\x03\x04 and no more'), /log\.zip is a zip archive that was cut/],
  ];
  await visit({ settings: SMALL }, async (tab) => {
    await tab.ready();
    for (const [name, buffer, message] of files) {
      await tab.part('dataset-file').setInputFiles({ name, mimeType: 'text/csv', buffer });
      const error = tab.part('import-error');
      await until(`${name} is refused`, SOON, async () =>
        (await error.isVisible()) && message.test(await error.innerText()),
      );
    }
    await tab.part('step').click();
    await tab.trainedBeyond(0);
  });
});

test('full storage is said in words, and harms nothing else', { timeout: 240_000 }, async () => {
  await visit({ settings: { ...SMALL, evaluate_every: 20 } }, async (tab) => {
    await tab.ready();
    const session = await tab.page.context().newCDPSession(tab.page);
    const { origin } = new URL(tab.page.url());
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
    await tab.part('play').click();
    const said = tab.part('not-kept');
    await until('the person is told', TRAINING, () => said.isVisible());
    assert.match(await said.innerText(), /not kept for the next visit: the browser has no more room/);
    await said.getByRole('button').click();
    await tab.trainedBeyond(await tab.stepCount());
    assert.equal(await said.isVisible(), false);
  });
});

test('a run whose loss is no number ends, says why, and can be begun anew', { timeout: 240_000 }, async () => {
  // Unbounded cells, four layers deep, at a learning rate that no one would choose.
  const settings = {
    ...SMALL, d: 32, layers: 4, fan_out: '2,2,2,2', batch: 32, cell: 'ngcf', z_norm: 'none',
    learning_rate: 1, evaluate_every: 100_000, evaluate_users: 50,
  };
  await visit({ settings }, async (tab) => {
    await tab.ready();
    await tab.part('play').click();
    const notice = tab.part('notice');
    await until('the end is explained', TRAINING, () => notice.isVisible());
    assert.match(await notice.innerText(), /not a finite number.*smaller learning rate/is);
    await notice.getByRole('button', { name: /preset/i }).click();
    await tab.ready();
    await tab.part('step').click();
    await tab.trainedBeyond(0);
  });
});

test('a dataset that cannot be fetched is explained, and fetched on request', { timeout: 240_000 }, async () => {
  let broken = true;
  const before = (page) =>
    page.route('**/dataset.moge', (route) => (broken ? route.abort() : route.continue()));
  await visit({ settings: SMALL, before, expected: [/dataset\.moge/, /ERR_FAILED/] }, async (tab) => {
    const error = tab.part('error');
    await until('the failure is shown', TRAINING, () => error.isVisible());
    assert.match(await error.innerText(), /dataset\.moge could not be fetched/);
    broken = false;
    await error.getByRole('button', { name: /again/i }).click();
    await tab.ready();
  });
});

test('an engine that is damaged or forbidden is explained', { timeout: 240_000 }, async () => {
  const damaged = (page) =>
    page.route('**/*.wasm', (route) =>
      route.fulfill({ contentType: 'application/wasm', body: '<html>not here</html>' }),
    );
  await visit({ settings: SMALL, before: damaged }, async (tab) => {
    const error = tab.part('error');
    await until('the damage is explained', SOON, () => error.isVisible());
    assert.match(await error.innerText(), /\.wasm cannot be compiled: the file is damaged/);
  });
  // A worker has the policy that its own script comes with.
  const forbidden = (page) =>
    page.route('**/worker*.js', async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'content-security-policy': "script-src 'self'" };
      await route.fulfill({ response, headers });
    });
  const expected = [/Content Security Policy|unsafe-eval/i];
  await visit({ settings: SMALL, before: forbidden, expected }, async (tab) => {
    const error = tab.part('error');
    await until('the policy is explained', SOON, () => error.isVisible());
    assert.match(await error.innerText(), /Content-Security-Policy forbids WebAssembly/);
  });
});

test('a long wait can be given up, and taken up again', { timeout: 240_000 }, async () => {
  let held = true;
  const waiting = [];
  const before = (page) =>
    page.route('**/*.wasm', (route) => (held ? void waiting.push(route) : route.continue()));
  await visit({ settings: SMALL, before, expected: [/\.wasm/] }, async (tab) => {
    const cancel = tab.part('cancel');
    await until('it can be given up', SOON, () => cancel.isVisible());
    await cancel.click();
    const error = tab.part('error');
    await until('that is confirmed', SOON, () => error.isVisible());
    assert.match(await error.innerText(), /You cancelled this/);
    held = false;
    for (const route of waiting) await route.abort().catch(() => {});
    await error.getByRole('button', { name: /again/i }).click();
    await tab.ready();
  });
});
