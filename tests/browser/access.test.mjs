// The page for everyone: axe-core in all sizes, themes and languages, the first minute by keyboard
// alone, and what a screen reader finds.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = [
  [360, 740],
  [1280, 800],
  [1920, 1080],
];

/** What axe finds wrong, one line per element. */
async function violations(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      resultTypes: ['violations'],
      rules: {
        'target-size': { enabled: true },
        // The model's picture shows the paper's symbols, and names its parts in words.
        'label-content-name-mismatch': { enabled: false },
      },
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id}: ${target.join(' ')} (${why.slice(0, 150)})`;
    }),
  );
}

/** What of the page lies outside its width, or is cut off in a box that cannot be scrolled. */
function cutOff(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > wide ? ['the page scrolls sideways'] : [];
    for (const element of document.querySelectorAll('main *, header *')) {
      const { left, right, width } = element.getBoundingClientRect();
      if (width === 0 || element.closest('.hidden, svg, [role="application"]')) continue;
      const scrolls = (each) => /auto|scroll/.test(getComputedStyle(each).overflowX);
      let box = element.parentElement;
      while (box && !scrolls(box)) box = box.parentElement;
      const name = `${element.localName}.${element.className} "${element.textContent.trim().slice(0, 30)}"`;
      if (!box && (left < -1 || right > wide + 1)) found.push(`outside: ${name}`);
      const style = getComputedStyle(element);
      const words = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (words && /hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
        found.push(`cut off: ${name}`);
    }
    return found;
  });
}

/** Waits until nothing is fading in: half a colour has half its contrast. */
function appeared(page) {
  return page.evaluate(async () => {
    const ends = (animation) => Number.isFinite(animation.effect.getComputedTiming().endTime);
    const ending = document.getAnimations().filter(ends);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Changes the page in place. */
async function dress(page, { size: [width, height], colorScheme, lang }) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.evaluate((lang) => {
    const parts = new URLSearchParams(location.hash.slice(1));
    parts.set('lang', lang);
    location.hash = parts.toString();
  }, lang);
  await until(`the page speaks ${lang}`, SOON, () =>
    page.evaluate((lang) => document.documentElement.lang.startsWith(lang), lang),
  );
}

test('axe finds nothing, in no size, theme and language', { timeout: 240_000 }, async () => {
  await visit({ settings: SMALL, viewport: { width: 1280, height: 800 } }, async (tab) => {
    /** What is wrong, and in which states of the page. */
    const wrong = new Map();
    const check = async (state) => {
      await appeared(tab.page);
      for (const line of [...(await violations(tab.page)), ...(await cutOff(tab.page))])
        wrong.set(line, [...(wrong.get(line) ?? []), state]);
    };
    await tab.ready();
    await check('start');
    await tab.part('share').click();
    await check('a dialog');
    await tab.page.keyboard.press('Escape');
    await tab.part('play').click();
    await tab.gaucsMoved(await tab.gaucsMoved());
    await tab.part('play').click();
    await tab.standstill();
    await tab.openSample(0.5);
    await tab.part('race-add').click();
    await tab.part('play').click();
    await tab.page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    for (const size of SIZES) {
      for (const colorScheme of ['light', 'dark']) {
        for (const lang of ['en', 'zh']) {
          await dress(tab.page, { size, colorScheme, lang });
          await check(`${size[0]} px, ${colorScheme}, ${lang}`);
        }
      }
    }
    const lines = [...wrong].map(([line, states]) => `${line}; ${states.join('; ')}`);
    assert.ok(lines.length === 0, lines.join('\n'));
  });
});

/** Tabs on until the focus is on such an element; every stop on the way must show that it has it. */
async function tabTo(page, selector, most = 80, key = 'Tab') {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press(key);
    const stop = await page.evaluate((selector) => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const shown = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
      return { there: element.matches(selector), shown, what: element.outerHTML.slice(0, 120) };
    }, selector);
    assert.ok(stop.shown, `the focus shows on ${stop.what}`);
    if (stop.there) return;
  }
  assert.fail(`${selector} is not reached with ${most} tabs`);
}

/** Roles that say nothing without a name, besides those of what takes the focus. */
const NAMED = new Set(['application', 'dialog', 'image', 'img', 'progressbar', 'radiogroup', 'region', 'tablist']);

test('the first minute by keyboard alone, and every control has a name', { timeout: 240_000 }, async () => {
  await visit({ settings: SMALL, viewport: { width: 1280, height: 800 } }, async (tab) => {
    const { page } = tab;
    await tab.ready();
    await page.keyboard.press('Space');
    await tab.trainedBeyond(0);
    const untrained = await tab.gaucs();
    await tab.gaucsMoved(untrained);
    await page.keyboard.press('Space');
    await tab.standstill();

    await tabTo(page, '.skip', 1);
    await tabTo(page, '[data-testid="share"]');
    await page.keyboard.press('Enter');
    await until('the dialog opens', SOON, () => page.locator('dialog[open]').isVisible());
    assert.ok(await page.evaluate(() => document.activeElement.closest('dialog[open]') !== null));
    await page.keyboard.press('Escape');
    await until('the dialog closes', SOON, async () => !(await page.locator('dialog[open]').count()));
    const focused = await page.evaluate(() => document.activeElement.dataset.testid);
    assert.equal(focused, 'share', 'the focus comes back');
    await tabTo(page, '.skip', 20, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await tabTo(page, 'main *', 1);

    await tabTo(page, '[data-testid="switch-item_item"]');
    await page.keyboard.press('Space');
    assert.equal(await tab.part('switch-item_item').isChecked(), false);
    await until('the address says so', SOON, () => /channels=1,1,0/.test(page.url()));
    await tab.ready();
    await until('the pairs are scored', SOON, () =>
      tab.part('gate-barcode').getByRole('slider').first().isVisible(),
    );

    await tabTo(page, '[data-testid="gate-barcode"] [role="slider"]');
    const sample = tab.part('sample-detail');
    const before = await sample.innerText();
    await page.keyboard.press('End');
    await until('another sample opens', SOON, async () => (await sample.innerText()) !== before);
    const last = await sample.innerText();
    await page.keyboard.press('ArrowLeft');
    await until('the sample before opens', SOON, async () => (await sample.innerText()) !== last);

    const tools = await page.context().newCDPSession(page);
    const { nodes } = await tools.send('Accessibility.getFullAXTree');
    const shown = nodes.filter(({ ignored }) => !ignored);
    const takesFocus = ({ properties = [] }) =>
      properties.some(({ name, value }) => name === 'focusable' && value.value);
    const controls = shown.filter(
      (node) => takesFocus(node) && !['RootWebArea', 'main'].includes(node.role.value),
    );
    assert.ok(controls.length > 50, `${controls.length} controls`);
    const nameless = [...controls, ...shown.filter(({ role }) => NAMED.has(role?.value))]
      .filter(({ name, role }) => !name?.value.trim() || /^(generic|none)$/.test(role.value))
      .map(({ role, backendDOMNodeId }) => `${role.value} (node ${backendDOMNodeId})`);
    assert.deepEqual(nameless, [], 'without a role or a name');
    const count = (role) => shown.filter((node) => node.role?.value === role).length;
    assert.deepEqual([count('main'), count('banner')], [1, 1]);
  });
});
