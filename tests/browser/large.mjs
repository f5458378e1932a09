// Opens files that a person may bring and trains on them for a while: how long it takes, what memory it
// needs, and whether the page answers meanwhile.
//
// `cargo xtask measure FILE...` serves the page and sets MOGE_PAGE and CHROME. The files are a log with its
// user table, or a prepared dataset.
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until, visit } from './harness.mjs';
import { rendererMemory } from './memory.mjs';

const LIMIT = 1_200_000;
/** Steps that are trained: one scoring beyond that of the untrained model. */
const STEPS = 120;
/** Milliseconds between two lines of progress. */
const TELL_EVERY = 5000;

const files = process.argv.slice(2);
const began = Date.now();
const note = (what) => {
  const memory = `${rendererMemory()} MiB, at most ${rendererMemory('VmHWM')} MiB`;
  console.log(`${((Date.now() - began) / 1000).toFixed(1)} s: ${what} (${memory})`);
};

await visit({ settings: { engine: 'flex' } }, async (tab) => {
  await tab.ready();
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  note(`the page is ready; choosing ${files.join(', ')}, ${(bytes / 1e6).toFixed(1)} MB`);
  const card = tab.part('dataset-card');
  const name = () => card.getByRole('heading').first().innerText();
  /** A dataset that a person brought can be kept. */
  const isOpen = () => tab.part('keep-dataset').isVisible();
  await tab.part('dataset-file').setInputFiles(files);

  const progress = tab.part('import-progress');
  const use = tab.part('import-use');
  const problem = tab.part('import-error');
  let told = 0;
  const state = await until('the files are read', LIMIT, async () => {
    if (await problem.isVisible()) return 'refused';
    if (await use.isVisible()) return 'read';
    if (await isOpen()) return 'opened';
    if (Date.now() - told > TELL_EVERY && (await progress.isVisible())) {
      told = Date.now();
      note((await progress.innerText()).split(/\n+/).slice(0, 2).join(' '));
    }
    return false;
  });
  if (state === 'refused') return note(`refused: ${await problem.innerText()}`);
  if (state === 'read') {
    note(`read: ${(await tab.part('import-preview').innerText()).split(/\n+/)[1]}`);
    await use.click();
  }
  await until('the dataset is open', LIMIT, isOpen);
  note(`${await name()} is open`);
  await tab.ready(LIMIT);
  note('the run is built');
  const map = tab.part('channel-map');
  if ((await map.count()) > 0) await map.first().scrollIntoViewIfNeeded();
  await until('the untrained model is scored', LIMIT, async () =>
    (await tab.gaucs()).every((gauc) => gauc !== null),
  );
  note('the untrained model is scored');
  const playing = await tab.page.evaluate(() => performance.now());
  await tab.part('play').click();
  const first = Date.now();
  await tab.trainedBeyond(STEPS, LIMIT);
  note(`${STEPS} steps and a scoring in ${((Date.now() - first) / 1000).toFixed(1)} s: GAUC ${await tab.gaucs()}`);
  await tab.part('play').click();
  const asked = Date.now();
  await tab.standstill(LIMIT);
  note(`paused ${((Date.now() - asked) / 1000).toFixed(1)} s after it was asked to`);
  const tasks = await tab.longTasks();
  for (const [when, some] of [
    ['before play', tasks.filter(({ at }) => at < playing)],
    ['while training', tasks.filter(({ at }) => at >= playing)],
  ]) {
    const longest = Math.max(0, ...some.map(({ milliseconds }) => milliseconds));
    note(`tasks of the page over 50 ms ${when}: ${some.length}, the longest ${Math.round(longest)} ms`);
  }
  if (process.env.MOGE_SCREENSHOT) {
    await sleep(5000);
    await tab.page.screenshot({ path: process.env.MOGE_SCREENSHOT, fullPage: true });
  }
});
