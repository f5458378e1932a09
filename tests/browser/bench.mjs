// Measures training steps in Chromium: `node bench.mjs QUERY...`, each as `?bench` takes it. Prints a
// JSON list with what every query gave, or with why it gave nothing.
//
// `cargo xtask bench` serves the page and sets MOGE_PAGE and CHROME.
import { fromEnvironment, until, visit } from './harness.mjs';

const LIMIT = 600_000;

const results = [];
for (const query of process.argv.slice(2)) {
  console.error(`in Chromium: ${query}`);
  await visit({ address: `${fromEnvironment('MOGE_PAGE')}?${query}` }, async (tab) => {
    const measured = () => tab.page.evaluate(() => globalThis.mogeBench);
    results.push(await until('the measurement is there', LIMIT, measured));
  });
}
console.log(JSON.stringify(results));
