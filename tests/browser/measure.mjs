// What a person waits for on this machine, measured in Chromium on the built page.
//
// `cargo xtask measure` serves the page and sets MOGE_PAGE and CHROME. Prints a Markdown table.
import { setTimeout as sleep } from 'node:timers/promises';
import { until, visit } from './harness.mjs';
import { rendererMemory } from './memory.mjs';

/** Both scores are clearly above chance. */
const CLEARLY = 0.53;
/** Seconds that an engine trains before its speed is read. */
const WARM = 30;
const LIMIT = 600_000;

const rows = [];
const note = (what, value) => {
  rows.push([what, value]);
  console.error(`${what}: ${value}`);
};
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** The engine's own speed over its last 20 steps after a while of playing, samples per second. */
async function pace(tab) {
  await sleep(WARM * 1000);
  const badge = await tab.part('engine').innerText();
  return Number(badge.match(/([\d,]+) samples/)[1].replaceAll(',', ''));
}

/** What the browser says of its own: paints, shifts of what is shown, and when the page was alive. */
function watchPaints() {
  const seen = { shift: 0, largest: 0, alive: null };
  globalThis.paints = seen;
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch('layout-shift', ({ value, hadRecentInput }) => (seen.shift += hadRecentInput ? 0 : value));
  watch('largest-contentful-paint', ({ startTime }) => (seen.largest = startTime));
  const look = () => {
    if (!document.querySelector('[data-testid="gauc-purchase"][data-finished]')) {
      return void requestAnimationFrame(look);
    }
    seen.alive = performance.now();
  };
  requestAnimationFrame(look);
}

await visit({ before: (page) => page.addInitScript(watchPaints) }, async (tab) => {
  const opened = await tab.page.evaluate(() => performance.timeOrigin);
  await until('the dataset card is filled', LIMIT, async () =>
    /synthetic/i.test(await tab.part('dataset-card').innerText()),
  );
  note('page opened to dataset shown', seconds(Date.now() - opened));
  await tab.ready();
  note('run built, first step possible', seconds(Date.now() - opened));
  await tab.gaucsMoved();
  note('untrained model scored', seconds(Date.now() - opened));
  const paints = await tab.page.evaluate(() => ({
    ...globalThis.paints,
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  }));
  const milliseconds = (time) => `${Math.round(time)} ms`;
  note('first contentful paint', milliseconds(paints.first));
  note('largest contentful paint', milliseconds(paints.largest));
  note('the finished run is shown, and the page answers', milliseconds(paints.alive));
  note('layout shift until the engine has taken over', paints.shift.toFixed(3));
  const [pressed, playing] = [Date.now(), await tab.page.evaluate(() => performance.now())];
  await tab.part('play').click();
  await tab.trainedBeyond(0);
  note('play to first training step shown', seconds(Date.now() - pressed));
  const clear = await until('both GAUCs are clearly above 0.5', LIMIT, async () => {
    const scores = await tab.gaucs();
    return scores.every((gauc) => gauc >= CLEARLY) && scores;
  });
  note('play to both GAUCs clearly above 0.5', `${seconds(Date.now() - pressed)} (${clear})`);
  note('memory of the tab while training (resident)', `${rendererMemory()} MiB`);
  await until('the run ends', LIMIT, async () => {
    const before = await tab.stepCount();
    await sleep(3000);
    return (await tab.stepCount()) === before;
  });
  const [steps, scores] = [await tab.stepCount(), await tab.gaucs()];
  note('play to the end of the demo run', `${seconds(Date.now() - pressed - 3000)} (step ${steps}: ${scores})`);
  const tasks = await tab.longTasks();
  for (const [when, found] of [
    ['before play', tasks.filter(({ at }) => at < playing)],
    ['while training', tasks.filter(({ at }) => at >= playing)],
  ]) {
    const longest = Math.max(0, ...found.map(({ milliseconds }) => milliseconds));
    const times = `${found.length} over 50 ms, the longest ${longest} ms`;
    note(`tasks on the page's thread ${when}`, longest > 0 ? times : 'none over 50 ms');
  }
});

const paces = {};
for (const engine of ['flex', 'ndarray']) {
  await visit({ settings: { engine, evaluate_every: 100000 } }, async (tab) => {
    await tab.ready();
    await tab.part('play').click();
    await tab.trainedBeyond(0);
    paces[engine] = await pace(tab);
    const step = `${((1000 * 256) / paces[engine]).toFixed(0)} ms`;
    note(`demo step on ${engine}`, `${step}, ${paces[engine]} samples/s`);
  });
}
note('flex over ndarray', `${(paces.flex / paces.ndarray).toFixed(2)} times as fast`);

console.log('| what | measured |\n|---|---|');
for (const [what, value] of rows) console.log(`| ${what} | ${value} |`);
