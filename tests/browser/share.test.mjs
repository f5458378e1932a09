// The state of the page as a link, and a run as a file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { SOON, TINY, TRAINING, Visit, until, visit } from './harness.mjs';

/** What a link has to bring back, as it is seen. */
async function seen(tab) {
  const map = tab.part('channel-map').getByRole('tab', { selected: true });
  const sort = tab.part('gate-barcode').locator('select').first();
  return {
    channel: await map.innerText(),
    sort: await sort.inputValue(),
    pair: await tab.part('sample-detail').locator('h2').innerText(),
    d: await tab.page.locator('#panel-parameters output').first().innerText(),
    language: await tab.page.locator('html').getAttribute('lang'),
  };
}

const finished = (tab) =>
  until('the run ends', TRAINING, async () =>
    /finished|完成/.test((await tab.part('run-status').allInnerTexts()).join()),
  );

test('a link reopens the state, and an exported run comes back', { timeout: 300_000 }, async () => {
  await visit({ settings: TINY, acceptDownloads: true }, async (tab) => {
    await tab.ready();
    await tab.part('play').click();
    await finished(tab);
    await tab.part('channel-map').getByRole('tab').nth(2).click();
    await tab.part('gate-barcode').locator('select').first().selectOption('degree');
    await tab.openSample(0.7);
    const before = await seen(tab);

    await tab.part('share').click();
    const link = await tab.part('share-link').inputValue();
    assert.match(link, /#v=1&.*channel=item_item&selected=\d+&sort=degree&lang=en$/);
    await tab.page.keyboard.press('Escape');

    const second = new Visit(await tab.page.context().newPage());
    await second.page.goto(link);
    await second.ready();
    await second.part('play').click();
    await finished(second);
    await until('the same state is seen', SOON, async () => {
      const now = await seen(second);
      return JSON.stringify(now) === JSON.stringify(before);
    }).catch(async () => assert.deepEqual(await seen(second), before));
    assert.deepEqual(await second.gaucs(), await tab.gaucs(), 'the same seed gives the same run');

    await tab.part('export').click();
    const download = tab.page.waitForEvent('download');
    await tab.part('export-record').click();
    const file = await (await download).path();
    assert.match((await download).suggestedFilename(), /^moge_seed1_.*\.json$/);
    const record = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual(record.evaluations.map(({ step }) => step), [0, 10, 20]);
    assert.equal(record.losses.step.length, 20);

    const json = { name: 'run.json', mimeType: 'application/json', buffer: await readFile(file) };
    await second.part('run-files-input').setInputFiles(json);
    await until('the run is in the race', SOON, async () =>
      /run\.json is in the race/.test(await second.part('run-files').innerText()),
    );
    assert.equal(await second.part('run-table').getByTestId('run-name').count(), 1);
    assert.match(await second.part('run-table').innerText(), /2 seeds/);

    await second.part('class-input').setInputFiles([json, { ...json, name: 'copy.json' }]);
    await second.drawn('class-chart-purchase').catch(() => {});
    assert.match(await second.part('class').innerText(), /1 file is merged/);
    assert.match(await second.part('class-out').innerText(), /copy\.json.*run\.json/);

    const model = tab.page.waitForEvent('download');
    await tab.part('export-model').click();
    const buffer = await readFile(await (await model).path());
    await second.part('run-files-input').setInputFiles({
      name: 'model.safetensors',
      mimeType: 'application/octet-stream',
      buffer,
    });
    await until('the model is in the race', TRAINING, async () =>
      /model\.safetensors is in the race/.test(await second.part('run-files').innerText()),
    );
    assert.deepEqual(await second.gaucs(), await tab.gaucs(), 'the model brings its scores along');
    await second.openSample(0.2);
  });
});

test('a lesson asks first, hides what it says, and keeps the prediction', { timeout: 120_000 }, async () => {
  const lesson = { hide: 'charts,race', lock: 1, ask: 'Up or down?', answers: 'Up\nDown' };
  await visit({ settings: { ...TINY, ...lesson } }, async (tab) => {
    const question = tab.part('lesson-question');
    await until('the question is asked', SOON, () => question.isVisible());
    await question.getByText('Down', { exact: true }).click();
    await tab.part('lesson-begin').click();
    await until('the question is gone', SOON, async () => !(await question.isVisible()));
    assert.match(await tab.part('lesson-prediction').innerText(), /Down/);
    await tab.ready();
    assert.equal(await tab.page.locator('#panel-race').isVisible(), false);
    assert.match(await tab.part('lesson-bar').innerText(), /has hidden: Charts, Race/);
    await tab.part('lesson-show-all').click();
    await until('the race is shown', SOON, () => tab.page.locator('#panel-race').isVisible());

    await tab.page.locator('h1').click();
    await tab.page.keyboard.press('p');
    await until('the race is not projected', SOON, async () =>
      !(await tab.page.locator('#panel-race').isVisible()),
    );
    assert.match(new URL(tab.page.url()).hash, /hide|lock=1/);
    await tab.page.keyboard.press('Escape');
    await until('the race is back', SOON, () => tab.page.locator('#panel-race').isVisible());

    await tab.part('language-zh').click();
    await until('Chinese is spoken', SOON, async () =>
      /分享/.test(await tab.part('share').innerText()),
    );
  });
});
