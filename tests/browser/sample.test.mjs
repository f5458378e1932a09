// One pair, explained: its neighbours are knocked out and put back by keyboard alone, ranked by their
// effect, and a user is found whom the graph helps or hurts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';

test(
  'a pair is taken apart by keyboard and put together again',
  { timeout: 240_000 },
  async (t) => {
    await visit({ settings: SMALL, viewport: { width: 1280, height: 900 } }, async (tab) => {
      await tab.ready();
      await tab.part('play').click();
      await tab.trainedBeyond(60);
      await tab.part('play').click();
      await tab.standstill();
      await tab.openSample(0.5);

      const { keyboard } = tab.page;
      const logits = (of) => tab.part(`logit-${of}`).allInnerTexts();
      const removed = tab.part('removed').getByRole('listitem');
      const whole = await logits('whole');
      assert.equal(whole.length, 2);

      const graph = tab.part('surroundings').locator('svg[role="group"]');
      await graph.locator('[tabindex="0"]').focus();
      await keyboard.press('Enter');
      await until('the pair is scored without the neighbour', SOON, async () => {
        const now = await logits('knocked');
        return now.length === 2 && now.join() !== whole.join();
      });
      assert.equal(await graph.locator('[aria-pressed="true"]').count(), 1);
      assert.deepEqual(await logits('whole'), whole, 'the whole pair stays beside it');

      const one = await logits('knocked');
      await keyboard.press('ArrowRight');
      await keyboard.press('Space');
      await until('two are out', SOON, async () => (await removed.count()) === 2);
      await until(
        'the logits move again',
        SOON,
        async () => (await logits('knocked')).join() !== one.join(),
      );

      // The second put back leaves the first out, with the very logits it had alone.
      await keyboard.press('Space');
      await until('one is out', SOON, async () => (await logits('knocked')).join() === one.join());
      await keyboard.press('ArrowLeft');
      await keyboard.press('Enter');
      await until('all are back', SOON, async () => (await logits('knocked')).length === 0);
      assert.deepEqual(await logits('whole'), whole);

      const rank = tab.part('rank');
      await rank.getByRole('button').click();
      await until(
        'the neighbours are ranked',
        SOON,
        async () => (await rank.locator('tbody tr').count()) > 1,
      );
      const changes = await rank.locator('tbody tr td').allInnerTexts();
      assert.ok(
        changes.some((change) => /[+−]0\.\d*[1-9]/.test(change)),
        'some neighbour has an effect',
      );

      const find = tab.part('find-user');
      const button = find.locator('button:enabled').first();
      await button.click();
      const said = await find.innerText();
      t.diagnostic(said.split('\n').at(-1));
      const [, withGraph, without] = said.match(/AUC is (\d\.\d+) .* and (\d\.\d+) without/);
      const helps = /helps/.test(await button.innerText());
      assert.equal(Number(withGraph) > Number(without), helps);
      await until('the pair opens', SOON, async () =>
        (await tab.part('sample-detail').innerText()).includes('Label: yes'),
      );
    });
  },
);
