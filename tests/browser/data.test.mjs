// A person's own log: read in the page, previewed, trained on, kept, found again, and removed.
import assert from 'node:assert/strict';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BlobWriter, TextReader, ZipWriter } from '../../www/node_modules/@zip.js/zip.js/index.js';
import { SMALL, SOON, TRAINING, until, visit } from './harness.mjs';

const HEADER = 'user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n';
const USERS = 240;
const ITEMS = 400;

/** Rows of users with habits, and of what they passed by, in all three windows. */
function log() {
  let state = 1;
  const below = (n) => ((state = (state * 48271) % 2147483647) / 2147483647) * n;
  const rows = [];
  const add = (user, day, action) => {
    // Users like the items whose number leaves their own remainder.
    const item = action === 0 ? Math.floor(below(ITEMS)) : Math.floor(below(ITEMS / 8)) * 8 + (user % 8);
    rows.push(`${user},${item + 1},${item % 12},${item % 20},${item % 30},${day},${action}`);
  };
  for (let user = 1; user <= USERS; user++) {
    for (let i = 0; i < 12; i++) add(user, `08${10 + i}`, i % 2 ? 2 : 3);
    for (let i = 0; i < 12; i++) add(user, `10${10 + i}`, [0, 0, 2, 3][i % 4]);
    for (let i = 0; i < 12; i++) add(user, `10${23 + (i % 3)}`, [0, 0, 2, 3][i % 4]);
  }
  return `${HEADER}${rows.join('\n')}\n`;
}

function info() {
  const rows = Array.from({ length: USERS }, (_, i) => `${i + 1},${i % 9},${i % 3}`);
  return `user_id,age_range,gender\n${rows.join('\n')}\n`;
}

/** The contest's archive. */
async function archive() {
  const zip = new ZipWriter(new BlobWriter());
  await zip.add('data_format1/user_info_format1.csv', new TextReader(info()));
  await zip.add('data_format1/user_log_format1.csv', new TextReader(log()));
  const buffer = Buffer.from(await (await zip.close()).arrayBuffer());
  return { name: 'data_format1.zip', mimeType: 'application/zip', buffer };
}

test('an own log is previewed, trained on, and kept with its run until it is removed', { timeout: 300_000 }, async (t) => {
  const files = await archive();
  // A request that a reload cuts off is no error.
  const expected = [/ERR_ABORTED/];
  await visit({ settings: { ...SMALL, evaluate_every: 20 }, expected }, async (tab) => {
    await tab.ready();
    const began = Date.now();
    await tab.part('dataset-file').setInputFiles(files);
    const preview = tab.part('import-preview');
    await until('the preview is shown', TRAINING, () => preview.isVisible());
    t.diagnostic(`read, prepared and laid out in ${Date.now() - began} ms`);
    const words = (await preview.innerText()).replaceAll(',', '');
    assert.match(words, new RegExp(`${USERS * 36} rows read: ${USERS * 12} clicks 0 carts`));

    await tab.part('import-use').click();
    const card = tab.part('dataset-card');
    const name = () => card.getByRole('heading').first().innerText();
    await until('the log is in use', SOON, async () => (await name()) === 'user_log_format1.csv');
    await tab.ready();
    await tab.part('play').click();
    await tab.trainedBeyond(0);
    await tab.part('keep-dataset').click();
    await until('the dataset is kept', SOON, () => tab.part('kept-dataset').isVisible());
    await tab.trainedBeyond(45);

    await tab.page.reload();
    const resume = tab.part('resume');
    await until('the run is offered', TRAINING, () => resume.isVisible());
    const saved = await tab.number('resume');
    assert.ok(saved >= 40 && saved % 20 === 0, `saved at ${saved}`);
    assert.match(await tab.part('kept-dataset').innerText(), /earlier visit: user_log_format1\.csv/);
    await resume.getByRole('button', { name: /resume/i }).click();
    await tab.trainedBeyond(saved);
    assert.equal(await name(), 'user_log_format1.csv');

    await tab.part('play').click();
    const chart = tab.part('chart-gauc-favourite');
    await chart.getByRole('button', { name: /table/i }).click();
    const steps = (await chart.locator('tbody tr').allInnerTexts()).map((row) => parseInt(row, 10));
    assert.deepEqual(steps.slice(0, 3), [0, 20, 40], 'the curve of the earlier visit goes on');
    await tab.part('kept-dataset').getByRole('button', { name: /remove/i }).click();
    await until('the dataset is gone', SOON, async () => !(await tab.part('kept-dataset').isVisible()));
    await tab.page.reload();
    await tab.ready();
    assert.equal(await resume.isVisible(), false);
    assert.equal(await tab.part('kept-dataset').isVisible(), false);
  });
});

test('reading a long log is stopped at once, and the page goes on', { timeout: 240_000 }, async () => {
  const path = join(tmpdir(), `long-${process.pid}.csv`);
  const file = await open(path, 'w');
  await file.write(HEADER);
  const rows = log().slice(HEADER.length);
  for (let i = 0; i < 400; i++) await file.write(rows);
  await file.close();
  try {
    await visit({ settings: SMALL }, async (tab) => {
      await tab.ready();
      const workers = tab.page.workers().length;
      await tab.part('dataset-file').setInputFiles(path);
      const progress = tab.part('import-progress');
      await until('rows are counted', SOON, async () => /[1-9][\d,]* rows/.test(await progress.innerText()));
      await tab.part('import-cancel').click();
      await until('the reading has ended', SOON, async () => !(await progress.isVisible()));
      await until('its worker is gone', SOON, () => tab.page.workers().length === workers);
      assert.equal(await tab.part('import-preview').isVisible(), false);
      await tab.part('step').click();
      await tab.trainedBeyond(0);
    });
  } finally {
    await rm(path);
  }
});
