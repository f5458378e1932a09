// The core path in Firefox, driven by WebDriver BiDi: the same page on another engine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { OPENING, SMALL, SOON, TRAINING, fromEnvironment, hashOf, until } from './harness.mjs';

/** The element that a `data-testid` names. */
const part = (name) => `[data-testid="${name}"]`;

test('Firefox trains on the CPU, opens a sample, and changes channel, theme and language', { timeout: 480_000 }, async (t) => {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: fromEnvironment('FIREFOX'),
    headless: true,
    timeout: OPENING,
  });
  try {
    const page = await browser.newPage();
    page.setDefaultNavigationTimeout(OPENING);
    const reported = [];
    page.on('pageerror', (error) => reported.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && reported.push(message.text()));
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(fromEnvironment('MOGE_PAGE') + hashOf(SMALL));

    const read = (name) => page.$eval(part(name), (element) => element.innerText);
    const number = async (name) => Number((await read(name)).replaceAll(',', ''));
    const holds = (what, limit, ask, ...values) =>
      until(what, limit, () => page.evaluate(ask, ...values));
    const gauc = () => number('gauc-purchase');

    await holds('a run is built', TRAINING, () => document.querySelector('[data-testid="step"]')?.disabled === false);
    t.diagnostic(await browser.version());
    const untrained = await until('the test set is scored', TRAINING, async () => (await gauc()) || false);
    await page.keyboard.press(' ');
    const trained = await until('the GAUC moves', TRAINING, async () => {
      const now = await gauc();
      return now && now !== untrained && now;
    });
    assert.ok(trained > 0 && trained < 1, `the GAUC is ${trained}`);
    assert.match(await read('engine'), /CPU/);
    await page.keyboard.press(' ');

    await page.locator(`${part('gate-barcode')} [role="slider"]`).click();
    await until('the middle pair opens', SOON, async () => /\d/.test(await read('sample-detail')));
    const sample = await read('sample-detail');
    await page.keyboard.press('ArrowRight');
    await until('the next pair opens', SOON, async () => (await read('sample-detail')) !== sample);

    await page.locator(part('switch-user_user')).click();
    await until('the address says so', SOON, () => /channels=1,0,1/.test(page.url()));
    await holds('the new run is built', TRAINING, () => document.querySelector('[data-testid="step"]')?.disabled === false);

    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await ground();
    await page.locator(part('theme')).click();
    await until('the theme changes', SOON, async () => (await ground()) !== before);
    await page.locator(part('language-zh')).click();
    await until('the page speaks Chinese', SOON, async () => /收藏/.test(await read('chart-gauc')));
    assert.deepEqual(reported, [], 'the browser reported errors');
  } finally {
    await browser.close();
  }
});
