// The page on a phone, a desktop and a projector, light and dark; the pictures are for people.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SMALL, screenshots, visit } from './harness.mjs';

const SIZES = { phone: [360, 740], desktop: [1280, 800], projector: [1920, 1080] };

/** Every part that tests and lessons may point at. */
const PARTS = [
  'play',
  'step',
  'reset',
  'step-count',
  'engine',
  'gauc-favourite',
  'gauc-purchase',
  'systems',
  'chart-gauc',
  'race',
  'ablations',
  'sharing',
  'serving',
  'channel-map',
  'gate-heatmap',
  'gate-barcode',
  'sample-detail',
  'dataset-card',
];

for (const [name, [width, height]] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`the page fits a ${name}, ${colorScheme}`, { timeout: 240_000 }, async () => {
      await visit({ settings: SMALL, viewport: { width, height }, colorScheme }, async (tab) => {
        await tab.ready();
        await tab.part('play').click();
        await tab.gaucsMoved(await tab.gaucsMoved());
        await tab.part('play').click();
        await tab.standstill();
        await tab.openSample(0.5);

        for (const part of PARTS) {
          const element = tab.part(part);
          await element.scrollIntoViewIfNeeded();
          assert.ok(await element.isVisible(), `${part} is visible`);
          const { x, width: breadth } = await element.boundingBox();
          assert.ok(x >= 0 && x + breadth <= width + 1, `${part} lies within the width`);
        }
        const wide = await tab.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} px wide on a screen of ${width}`);

        mkdirSync(screenshots(), { recursive: true });
        await tab.page.evaluate(() => scrollTo(0, 0));
        await tab.page.screenshot({
          path: join(screenshots(), `${name}-${colorScheme}.png`),
          fullPage: true,
        });
      });
    });
  }
}
