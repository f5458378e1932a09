// What the browser tests share: a browser on the built page, reading its numbers, and the rule
// that a page which reports an error to the browser fails the test.
//
// `cargo xtask test --only browser` serves the page and sets MOGE_PAGE (its address), CHROME and
// FIREFOX (the browsers), MOGE (the command line) and MOGE_SCREENSHOTS (where pictures go).
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

/** Switches that keep the browser quiet and let it run as root. */
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** WebGPU on the processor: slow, but the same shaders and the same interface as a GPU. */
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** A run of fractions of a second a step, whose scores come before it can stop by itself. */
export const SMALL = {
  engine: 'flex',
  d: 8,
  layers: 1,
  batch: 64,
  fan_out: '3',
  evaluate_every: 100,
};

/** A whole run of a second or two. */
export const TINY = {
  engine: 'flex',
  d: 8,
  layers: 1,
  batch: 32,
  fan_out: '2',
  steps: 20,
  evaluate_every: 10,
  evaluate_users: 300,
};

/** Milliseconds to wait for something the person would see at once, and for training to show. */
export const SOON = 10_000;
export const TRAINING = 180_000;
/** Milliseconds for a browser to show a page: its first start beside a build has taken over half a minute. */
export const OPENING = 120_000;

export function fromEnvironment(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the tests by \`cargo xtask test --only browser\``);
  return value;
}

/** The part of an address that holds these settings. */
export function hashOf(settings) {
  return settings ? `#${new URLSearchParams({ v: 1, ...settings })}` : '';
}

export const screenshots = () => fromEnvironment('MOGE_SCREENSHOTS');

/**
 * Opens the page as a first visitor and hands a `Visit` to `body`. Afterwards fails on everything
 * the browser reported, except messages that match one of `expected`.
 *
 * `settings` are those of the page's address, `address` is where another server has the page, `webgpu`
 * gives the browser a software adapter, and the rest goes to the browser context (`viewport`,
 * `colorScheme`, ...).
 */
export async function visit(
  { settings, address = fromEnvironment('MOGE_PAGE'), webgpu = false, expected = [], before, ...context },
  body,
) {
  const browser = await chromium.launch({
    executablePath: fromEnvironment('CHROME'),
    args: webgpu ? [...QUIET, ...SOFTWARE_GPU] : QUIET,
  });
  try {
    // A stored page would stand between the test and the server.
    const tabs = await browser.newContext({ serviceWorkers: 'block', ...context });
    tabs.setDefaultNavigationTimeout(OPENING);
    const page = await tabs.newPage();
    const reported = listen(page);
    await page.addInitScript(recordLongTasks);
    await before?.(page);
    await page.goto(address + hashOf(settings));
    await body(new Visit(page));
    const unexpected = reported.filter((message) => !expected.some((known) => known.test(message)));
    assert.deepEqual(unexpected, [], 'the browser reported errors');
  } finally {
    await browser.close();
  }
}

/** Collects what a developer would see in red in the browser's tools. */
function listen(page) {
  const reported = [];
  page.on('console', (message) => {
    if (message.type() === 'error') reported.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => reported.push(`uncaught: ${error.stack ?? error}`));
  page.on('requestfailed', (request) =>
    reported.push(`request: ${request.url()} ${request.failure()?.errorText}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) reported.push(`response: ${response.status()} ${response.url()}`);
  });
  return reported;
}

/** Runs in the page: keeps when each task over 50 ms began and how long it took. */
function recordLongTasks() {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      globalThis.longTasks.push({ at: Math.round(startTime), milliseconds: Math.round(duration) });
    }
  }).observe({ type: 'longtask', buffered: true });
}

/** Asks until the answer is neither false, null nor undefined, and gives it back. */
export async function until(what, limit, ask) {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    assert.ok(Date.now() < end, `within ${limit / 1000} s: ${what}`);
    await sleep(100);
  }
}

/** One browser tab on the page. */
export class Visit {
  constructor(page) {
    this.page = page;
  }

  /** The part of the page with this `data-testid`. */
  part(name) {
    return this.page.getByTestId(name);
  }

  /** The first number in a part's text, null where there is none. */
  async number(name) {
    const text = (await this.part(name).innerText()).replaceAll(',', '').replaceAll('\u2212', '-');
    const number = text.match(/-?\d+(\.\d+)?/);
    return number === null ? null : Number(number[0]);
  }

  stepCount() {
    return this.number('step-count');
  }

  /** Both scores of the page's own run; null while there are none, or those of the finished run. */
  gaucs() {
    const own = async (name) =>
      (await this.part(name).getAttribute('data-finished')) === null ? this.number(name) : null;
    return Promise.all(['gauc-favourite', 'gauc-purchase'].map(own));
  }

  /** Both scores of the finished run that comes with the page; null where they are not shown. */
  finishedGaucs() {
    const shown = async (name) =>
      (await this.part(name).getAttribute('data-finished')) === null ? null : this.number(name);
    return Promise.all(['gauc-favourite', 'gauc-purchase'].map(shown));
  }

  /** Waits until the dataset is open and a run is built, which can then be stepped. */
  async ready(limit = TRAINING) {
    await until('step is enabled', limit, () => this.part('step').isEnabled());
  }

  /** Waits until the training has gone beyond a step. */
  trainedBeyond(step, limit = TRAINING) {
    return until(`the step count goes beyond ${step}`, limit, async () => {
      const count = await this.stepCount();
      return count > step && count;
    });
  }

  /** Waits until both GAUCs are numbers, and other numbers than before. */
  gaucsMoved(before = [null, null], limit = TRAINING) {
    return until(`both GAUCs move from ${before}`, limit, async () => {
      const now = await this.gaucs();
      return now.every((gauc, task) => gauc !== null && gauc !== before[task]) && now;
    });
  }

  /** Waits until a chart shows its curves, one per task at least. */
  drawn(chart) {
    const curves = this.part(chart).locator('svg polyline, svg path');
    return until(`${chart} is drawn`, SOON, async () => (await curves.count()) >= 2);
  }

  /** Waits until the step count stands still, and gives it back. */
  async standstill(limit = TRAINING) {
    let last = await this.stepCount();
    let since = Date.now();
    return until('the step count stands still', limit, async () => {
      const count = await this.stepCount();
      if (count !== last) [last, since] = [count, Date.now()];
      return Date.now() - since > 1500 ? last : false;
    });
  }

  /** Clicks the stripe at this share of the first barcode's width, and waits for that sample. */
  async openSample(share) {
    const detail = this.part('sample-detail');
    const before = await detail.innerText();
    const stripes = this.part('gate-barcode').getByRole('slider').first();
    await stripes.scrollIntoViewIfNeeded();
    const { width, height } = await stripes.boundingBox();
    await stripes.click({ position: { x: width * share, y: height / 4 } });
    return until('another sample opens', SOON, async () => {
      const text = await detail.innerText();
      return /favourite/i.test(text) && /purchase/i.test(text) && text !== before;
    });
  }

  /** Tasks that blocked the page's thread for over 50 ms: when and how long, milliseconds. */
  longTasks() {
    return this.page.evaluate(() => globalThis.longTasks);
  }
}
