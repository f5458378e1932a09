// Systems, races, ablations, and what a trained run is for.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { SOON, TINY, TRAINING, until, visit } from './harness.mjs';

/** Waits until the page's address names a system. */
function addressed(tab, system) {
  return until(`the address says ${system}`, SOON, () =>
    new RegExp(`system=${system}(&|$)`).test(new URL(tab.page.url()).hash),
  );
}

async function choose(tab, system) {
  await tab.part(`system-${system}`).click();
  await addressed(tab, system);
}

/** Waits until all runs of the table have ended. */
function allEnded(tab, count) {
  return until(`${count} runs end`, TRAINING, async () => {
    const states = await tab.part('run-status').allInnerTexts();
    return states.length === count && states.every((state) => /finished|stopped early/.test(state));
  });
}

test('a system is chosen by its chip, and what it does not use is disabled', { timeout: 240_000 }, async () => {
  await visit({ settings: TINY }, async (tab) => {
    await tab.ready();
    await choose(tab, 'cross_stitch');
    assert.match(await tab.part('system-about').innerText(), /10,442/);
    assert.equal(await tab.part('switch-user_item').isDisabled(), true);
    await tab.part('system-graph').check();
    await addressed(tab, 'cross_stitch_graph');
    assert.equal(await tab.part('switch-user_item').isDisabled(), false);

    await tab.ready();
    await tab.part('play').click();
    await tab.trainedBeyond(9);
    const sharing = tab.part('sharing');
    await until('both units are shown', SOON, async () => /unit 2/.test(await sharing.innerText()));
    assert.match(await tab.part('gate-heatmap').innerText(), /no gates/i);
    await tab.openSample(0.3);

    // The toggle stays on while the chips change, and a system without it has its own way.
    await tab.part('system-snr_trans').click();
    await addressed(tab, 'snr_trans_graph');
    await tab.part('system-mlp').click();
    await addressed(tab, 'mlp');
    assert.equal(await tab.part('system-graph').isDisabled(), true);
  });
});

test('three runs race to their end beside each other', { timeout: 360_000 }, async () => {
  await visit({ settings: TINY, viewport: { width: 1280, height: 900 } }, async (tab) => {
    await tab.ready();
    await tab.part('race-add').click();
    for (const system of ['mlp', 'mmoe']) {
      await choose(tab, system);
      await tab.part('race-add').click();
    }
    await allEnded(tab, 3);
    assert.deepEqual(await tab.part('run-name').allInnerTexts(), ['MoGE', 'MLP', 'MMoE']);

    const scores = await tab.part('run-row').locator('td.score strong').allInnerTexts();
    assert.equal(scores.length, 6);
    for (const score of scores) assert.match(score, /^0\.\d{3}$/);
    await tab.part('run-table').getByRole('radio').first().check();
    const relative = await tab.part('rela-impr').allInnerTexts();
    assert.equal(relative.length, 4);
    for (const value of relative) assert.match(value, /^([+\u2212]?\d+\.\d %|\u2013)$/);

    const lines = tab.part('chart-gauc-favourite').locator('.place svg polyline');
    await until('each run has its line', SOON, async () => (await lines.count()) >= 3);
    const chart = tab.part('chart-gauc-favourite').getByRole('slider');
    await chart.focus();
    await tab.page.keyboard.press('Home');
    assert.match(await chart.getAttribute('aria-valuetext'), /step 0, .*MLP 0\.\d+/);
    const other = tab.part('chart-gauc-purchase').getByRole('slider');
    assert.match(await other.getAttribute('aria-valuetext'), /^step 0, /);

    // A finished run has given its worker back, and is brought back when somebody looks at it.
    await tab.part('run-name').first().click();
    await until('the address follows', SOON, () => !/system=/.test(tab.page.url()));
    const before = await tab.part('sample-detail').innerText();
    await tab.openSample(0.7);
    assert.notEqual(await tab.part('sample-detail').innerText(), before);
    assert.equal(await tab.stepCount(), 20);

    await tab.part('run-row').nth(1).getByRole('button', { name: /^Remove/ }).click();
    assert.deepEqual(await tab.part('run-name').allInnerTexts(), ['MoGE', 'MMoE']);
  });
});

test('runs that differ by the seed are one row and one curve', { timeout: 360_000 }, async () => {
  await visit({ settings: { ...TINY, system: 'shared_bottom' } }, async (tab) => {
    await tab.ready();
    await tab.part('race-seeds').click();
    await until('three seeds end', TRAINING, async () =>
      /3 seeds: 3 ended/.test(await tab.part('run-status').first().innerText()),
    );
    assert.equal(await tab.part('run-row').count(), 1);
    await tab.part('run-table').getByRole('button', { name: /Show the seeds/ }).click();
    assert.equal(await tab.part('run-seed').count(), 3);
    assert.match(await tab.part('chart-gauc').innerText(), /mean over seeds/i);
  });
});

test('an ablation adds its arms and draws its figure', { timeout: 480_000 }, async () => {
  await visit({ settings: { ...TINY, steps: 10 } }, async (tab) => {
    await tab.ready();
    await tab.part('ablate-interaction').click();
    const result = tab.part('ablation-interaction');
    await allEnded(tab, 4);
    await until('the figure is drawn', SOON, async () => (await result.locator('svg').count()) > 0);
    await result.getByRole('button', { name: /table/i }).click();
    const cells = await result.locator('tbody td').allInnerTexts();
    assert.equal(cells.length, 8);
    for (const cell of cells) assert.match(cell, /^0\.\d{3}/);
  });
});

test('a run scores pairs and recommends items', { timeout: 240_000 }, async () => {
  await visit({ settings: TINY }, async (tab) => {
    await tab.ready();
    await tab.part('play').click();
    await tab.trainedBeyond(19);
    await tab.openSample(0.5);
    const serving = tab.part('serving');
    await serving.getByRole('button', { name: /selected pair/i }).click();
    const input = tab.part('pairs-input');
    const pair = await input.inputValue();
    await input.fill(`${pair}999999999,999999998\n`);
    await tab.part('pairs-score').click();
    const rows = tab.part('pairs-table').locator('tbody tr');
    await until('both pairs are scored', SOON, async () => (await rows.count()) === 2);
    assert.equal(await rows.nth(0).getByText('unseen').count(), 0);
    assert.equal(await rows.nth(1).getByText('unseen').count(), 2);
    assert.match(await rows.nth(0).innerText(), /\d+\.\d\d %/);

    const arriving = tab.page.waitForEvent('download');
    await tab.part('pairs-download').click();
    const file = await readFile(await (await arriving).path(), 'utf8');
    assert.equal(file.trim().split('\n').length, 3);

    await input.fill('user,item\n1,2\n');
    await tab.part('pairs-score').click();
    await until('the columns are missed', SOON, () => tab.part('pairs-error').isVisible());
    assert.match(await tab.part('pairs-error').innerText(), /user_id/);

    await tab.part('recommend-go').click();
    const items = tab.part('recommend-table').locator('tbody tr');
    await until('ten items are recommended', TRAINING, async () => (await items.count()) === 10);
  });
});
