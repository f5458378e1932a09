// The lesson below the page: its links set the page's state, its equations and its picture speak of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';

/** Scrolls to the lesson, which is fetched on the way. */
async function read(tab) {
  await tab.part('lesson').scrollIntoViewIfNeeded();
  await tab.part('model-figure').waitFor({ timeout: SOON });
  await until('all sections are there', SOON, () => tab.page.locator('#lesson-9').count());
}

const classes = (of) => of.evaluate((element) => [...element.classList]);

/** Waits until a panel is marked, and in sight. */
function pointedAt(tab, name) {
  return until(`${name} is pointed at and in sight`, SOON, () =>
    tab.page.locator(`#panel-${name}`).evaluate((panel) => {
      const { top, bottom } = panel.getBoundingClientRect();
      return panel.classList.contains('pointed') && top < innerHeight && bottom > 0;
    }),
  );
}

test('links, questions, equations and the picture change what the page shows', { timeout: 120_000 }, async () => {
  await visit({ settings: { ...SMALL, evaluate_users: 300 } }, async (tab) => {
    await tab.ready();
    await read(tab);
    await tab.page.evaluate(() => (globalThis.notReloaded = true));

    await tab.page.locator('[data-link=see_item_item]').first().click();
    await pointedAt(tab, 'map');
    assert.match(await tab.part('channel-map').getByRole('tab', { selected: true }).innerText(), /Item/);
    const notice = tab.part('lesson-notice');
    assert.match(await notice.innerText(), /item–item channel/);
    await notice.getByRole('button', { name: 'Back to the text' }).click();
    await until('the text is back', SOON, () =>
      tab.page.evaluate(() => document.activeElement?.dataset.link === 'see_item_item'),
    );

    // A symbol marks its parts of the picture when it has the focus, and its panel when it is pressed.
    const expert = tab.part('equation-gate').locator('button[data-symbol=expert]');
    await expert.focus();
    assert.ok((await classes(tab.page.locator('[data-part=f3]'))).includes('pointed'));
    await expert.press('Enter');
    await pointedAt(tab, 'sample');

    // The picture by the keyboard: its numbers for the selected pair.
    const detail = tab.part('part-detail');
    await tab.page.locator('[data-part=Z4]').press('Enter');
    await tab.part('tensor-Z4').waitFor({ timeout: SOON });
    assert.match(await tab.part('tensor-Z4').innerText(), /Z4: 8 numbers/);
    await tab.part('tensor-Z4').getByRole('slider').press('End');
    assert.match(await tab.part('tensor-Z4').innerText(), /8 of 8: [−\d.]+/);
    await tab.part('tensor-Z4').getByRole('button').click();
    assert.equal(await tab.part('tensor-Z4').locator('tbody tr').count(), 8);

    // A prediction opens the experiment, and the experiment greys what it switches off.
    const question = tab.part('question').first();
    const experiment = question.locator('[data-link=item_item_off]:visible');
    assert.equal(await experiment.count(), 0);
    await question.getByRole('radio').last().check();
    await experiment.click();
    await until('the pairing is grey', SOON, async () =>
      (await classes(tab.page.locator('[data-part=Z4]'))).includes('idle'),
    );
    assert.equal(await tab.part('switch-item_item').isChecked(), false);
    assert.match(await detail.innerText(), /off in this run/);
    await question.getByRole('button').click();
    assert.match(await question.innerText(), /You predicted/);
    assert.equal(await tab.page.evaluate(() => globalThis.notReloaded), true);
    await tab.part('play').click();
  });
});
