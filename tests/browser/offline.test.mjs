// The page without a connection, and how a new version of it comes in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';
import { serve } from './site.mjs';

/** The addresses within the page that are stored, by the name of their store. */
const stores = (page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const keys = names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url));
    return Object.fromEntries((await Promise.all(keys)).map((urls, i) => [names[i], urls]));
  });

test('the second visit trains without a connection; a new version waits to be taken', { timeout: 300_000 }, async () => {
  let site = await serve();
  const { address, port } = site;
  try {
    // A reload cuts off what the page before it still asked for.
    const expected = [/^request: .* net::ERR_ABORTED$/];
    await visit({ address, settings: SMALL, serviceWorkers: 'allow', expected }, async (tab) => {
      const { page } = tab;
      await tab.ready();
      await page.evaluate(async () => void (await navigator.serviceWorker.ready));
      const [stored] = Object.values(await stores(page));
      assert.ok(stored.includes(address) && stored.some((url) => url.endsWith('.wasm')), stored.join(' '));
      assert.ok(!stored.some((url) => url.includes('engine-full')), 'the engine with WebGPU was not asked for');

      await site.stop();
      await page.goto(`${address}#${new URLSearchParams({ v: 1, ...SMALL, lang: 'zh' })}`);
      await page.reload();
      await tab.ready();
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
      await tab.part('play').click();
      await tab.trainedBeyond(0);

      site = await serve({ 'service-worker.js': (code) => code.replace(/"version":"\w+"/, '"version":"next"') }, port);
      await page.reload();
      const notice = tab.part('new-version');
      await until('the new version is offered', SOON, () => notice.isVisible());
      await tab.ready();
      const loaded = page.waitForEvent('load');
      await notice.getByRole('button').first().click();
      await loaded;
      await tab.ready();
      assert.equal(await notice.isVisible(), false);
      const names = Object.keys(await stores(page));
      assert.ok(names.some((name) => name.endsWith(' next')), names.join());
      assert.equal(names.length, 2, 'the store of the version before is kept for open pages');
    });
  } finally {
    await site.stop();
  }
});
