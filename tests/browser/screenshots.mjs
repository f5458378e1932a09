// Pictures of the page in its main states, for the README. `cargo xtask screenshots` serves the page
// and says where they go.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOON, screenshots, until, visit } from './harness.mjs';

const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 2 };
/** Steps that the runs in the pictures are trained. */
const ENOUGH = 300;
/** The runs of a race that is short, but not over in a moment. */
const RACE = { engine: 'flex', batch: 64, d: 16, fan_out: '4,2', evaluate_every: 100, evaluate_users: 1000, steps: 400 };

/** Writes what is seen as a small picture. */
async function take({ page }, name) {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(800);
  const tools = await page.context().newCDPSession(page);
  const { data } = await tools.send('Page.captureScreenshot', { format: 'webp', quality: 76 });
  const file = join(screenshots(), `${name}.webp`);
  const bytes = Buffer.from(data, 'base64');
  writeFileSync(file, bytes);
  console.log(`${file}: ${Math.round(bytes.length / 1000)} kB`);
}

/** Scrolls until a part stands below the bar at the top. */
async function show(tab, part) {
  await tab.part(part).evaluate((element) => {
    const bar = document.querySelector('header').getBoundingClientRect().height;
    scrollTo(0, element.getBoundingClientRect().top + scrollY - bar - 16);
  });
}

async function train(tab, steps) {
  await tab.ready();
  await tab.part('play').click();
  await tab.trainedBeyond(steps, 600_000);
  await tab.part('play').click();
  await tab.standstill();
}

mkdirSync(screenshots(), { recursive: true });

await visit({ ...DESKTOP }, async (tab) => {
  await tab.ready();
  await tab.gaucsMoved();
  await tab.page.waitForTimeout(3000);
  await take(tab, 'start');
  await train(tab, ENOUGH);
  await take(tab, 'trained');
  await tab.openSample(0.75);
  await show(tab, 'sample-detail');
  await take(tab, 'sample');
  await show(tab, 'lesson');
  await take(tab, 'lesson');
  await tab.part('language-zh').click();
  await until('the page speaks Chinese', SOON, async () =>
    /收藏/.test(await tab.part('chart-gauc').innerText()),
  );
  await show(tab, 'channel-map');
  await take(tab, 'chinese');
  await tab.page.emulateMedia({ colorScheme: 'dark' });
  await tab.part('language-en').click();
  await take(tab, 'dark');
});

await visit({ viewport: { width: 1280, height: 1150 }, settings: RACE }, async (tab) => {
  await tab.ready();
  await tab.part('race-all').click();
  const ended = () => tab.part('run-status').filter({ hasText: /finished|stopped/ }).count();
  await until('all systems are trained', 900_000, async () => (await ended()) >= 15);
  await show(tab, 'chart-gauc');
  await take(tab, 'race');
});

await visit({ ...PHONE }, async (tab) => {
  await tab.ready();
  await take(tab, 'phone');
});
