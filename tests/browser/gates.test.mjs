// The gates of every pair, the way back in training, and GAUC user by user.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOON, TRAINING, until, visit } from './harness.mjs';

/** A run of seconds that is scored a few times. */
const SHORT = {
  engine: 'flex',
  d: 8,
  layers: 1,
  batch: 64,
  fan_out: '3',
  steps: 60,
  evaluate_every: 20,
};

const TASKS = ['favourite', 'purchase'];

/** The GAUC that the page finds from the users, and the one that the engine has measured. */
async function bothMeans(tab, task) {
  const mean = await tab.part(`users-mean-${task}`).innerText();
  const engine = await tab.part(`users-engine-${task}`).innerText();
  return [mean, engine];
}

/** Waits until the page has followed to the scoring that is shown, with both means of each task. */
function meansAgree(tab) {
  return until('the users’ mean is the engine’s GAUC', SOON, async () => {
    const pairs = await Promise.all(TASKS.map((task) => bothMeans(tab, task)));
    return pairs.every(([mean, engine]) => /^0\.\d{6}$/.test(mean) && mean === engine) && pairs;
  });
}

test(
  'pairs are brushed, the gates go back in training, and a swap moves GAUC',
  { timeout: 300_000 },
  async () => {
    await visit({ settings: SHORT }, async (tab) => {
      await tab.ready();
      await tab.part('play').click();
      await until('the run ends', TRAINING, async () => (await tab.stepCount()) === SHORT.steps);
      const slider = tab.part('gate-scrubber').getByRole('slider');
      await until('all scorings are there', SOON, async () => {
        return (await slider.getAttribute('max')) === '3';
      });
      const last = await meansAgree(tab);

      // Back to the untrained model: other gates, other GAUCs, and the engine's own of that step.
      const heatmap = tab.part('gate-heatmap');
      const trained = await heatmap.innerText();
      await slider.focus();
      await slider.press('Home');
      await until(
        'the heatmap goes back',
        SOON,
        async () => (await heatmap.innerText()) !== trained,
      );
      const first = await until('the users go back', SOON, async () => {
        const means = await meansAgree(tab);
        return means[0][0] !== last[0][0] && means;
      });
      assert.notDeepEqual(first, last);
      await tab.part('gate-scrubber').getByRole('button', { name: 'Live' }).click();
      await until('the heatmap returns', SOON, async () => (await heatmap.innerText()) === trained);

      // A range of stripes by mouse; another order leaves the same pairs.
      const stripes = tab.part('gate-barcode').getByRole('slider').first();
      await stripes.scrollIntoViewIfNeeded();
      const { x, y, width } = await stripes.boundingBox();
      await tab.page.mouse.move(x + 0.25 * width, y + 10);
      await tab.page.mouse.down();
      await tab.page.mouse.move(x + 0.75 * width, y + 10, { steps: 4 });
      await tab.page.mouse.up();
      const summary = tab.part('brush-summary');
      const head = summary.locator('.head');
      const brushed = await until('half of the pairs are brushed', SOON, async () => {
        const text = (await head.count()) > 0 && (await head.innerText());
        const [some, all] = String(text).replaceAll(',', '').match(/\d+/g)?.map(Number) ?? [];
        return Math.abs(some / all - 0.5) < 0.02 && text;
      });
      await tab.part('gate-barcode').getByRole('combobox').first().selectOption('degree');
      assert.equal(await head.innerText(), brushed);

      // The same by keyboard: from the first stripe a twentieth further, and away again.
      await stripes.press('Home');
      await stripes.press('Shift+PageDown');
      await until('a twentieth is brushed', SOON, async () => {
        const [some, all] = (await head.innerText()).replaceAll(',', '').match(/\d+/g).map(Number);
        return some === Math.ceil(all / 20) + 1;
      });
      await stripes.press('Escape');
      await until('the brush is cleared', SOON, async () => (await head.count()) === 0);

      // A user with its pairs; swapping two of other kinds changes GAUC by 1 / (P N) times its weight.
      await tab.part('users-purchase').getByRole('slider').press('PageDown');
      const one = tab.part('gauc-user');
      const swaps = one.getByRole('button', { name: /^Swap/ });
      const marks = await one
        .locator('.mark')
        .evaluateAll((all) => all.map((mark) => mark.classList.contains('positive')));
      const place = marks.findIndex((positive, i) => i > 0 && positive !== marks[i - 1]) - 1;
      assert.ok(place >= 0, 'the user has pairs of both kinds');
      const number = async (name) => Number((await tab.part(name).innerText()).replace('−', '-'));
      const [auc, gauc] = [await number('gauc-user-auc'), await number('gauc-after')];
      await swaps.nth(place).click();
      const [positives, all_] = [marks.filter(Boolean).length, marks.length];
      const sign = marks[place] ? -1 : 1;
      const step = sign / (positives * (all_ - positives));
      assert.ok(Math.abs((await number('gauc-user-auc')) - auc - step) <= 1e-4);
      const moved = (await number('gauc-after')) - gauc;
      assert.ok(
        Math.sign(moved) === sign && Math.abs(moved - (await number('gauc-change'))) <= 2e-7,
      );
    });
  },
);
