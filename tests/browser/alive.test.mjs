// The first second: what the page shows before its engine is there, and how the engine takes over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SMALL, SOON, until, visit } from './harness.mjs';
import { finishedRun } from './site.mjs';

/** Takes from page and worker what not every browser has. */
async function plainBrowser(page) {
  const remove = () => {
    delete globalThis.SharedArrayBuffer;
    Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      return /webgl|webgpu/.test(kind) ? null : getContext.call(this, kind, ...rest);
    };
  };
  await page.addInitScript(remove);
  await page.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    const without =
      'delete globalThis.SharedArrayBuffer;' +
      "Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined });";
    await route.fulfill({ response, body: without + (await response.text()) });
  });
}

/** How many colours a canvas shows. */
const colours = (canvas) =>
  canvas.evaluate((element) => {
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

test('a finished run is there before the engine, and gives way to a new one', { timeout: 240_000 }, async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const before = async (page) => {
    await plainBrowser(page);
    await page.route('**/*.wasm', async (route) => {
      await held;
      await route.continue();
    });
  };
  const { evaluations, explanation, card } = finishedRun();
  // The engine is `auto`: without WebGPU it is the processor's.
  const { engine: _, ...settings } = SMALL;
  await visit({ settings, before, viewport: { width: 1280, height: 900 } }, async (tab) => {
    const shown = await until('the scores of the finished run', SOON, async () => {
      const scores = await tab.finishedGaucs();
      return scores.every((score) => score !== null) && scores;
    });
    const last = evaluations.at(-1).tasks;
    shown.forEach((score, k) => assert.ok(Math.abs(score - last[k].gauc) < 1e-3, `GAUC ${score}`));
    const above = tab.part('prompt').locator('..');
    assert.match(await above.innerText(), /press space/i);
    assert.match(await above.innerText(), /finished run/);
    // The page first paints what it has.
    await until('the engine is on its way', SOON, () =>
      tab.page.getByRole('progressbar').isVisible(),
    );
    await tab.drawn('chart-gauc');
    await until('the map is drawn', SOON, async () =>
      (await colours(tab.part('channel-map').locator('canvas').nth(1))) > 20,
    );
    const detail = await tab.part('sample-detail').innerText();
    assert.ok(detail.includes(String(explanation.user.raw)), 'a pair is explained');
    assert.ok((await tab.part('dataset-card').innerText()).includes(card.name));
    await until('the barcodes are drawn', SOON, async () =>
      (await colours(tab.part('gate-barcode').locator('canvas').first())) > 3,
    );
    assert.equal(await tab.part('step').isEnabled(), false, 'a step needs the engine');

    const places = async () => {
      const parts = ['channel-map', 'gate-heatmap', 'gate-barcode', 'chart-gauc', 'dataset-card'];
      return Promise.all(parts.map(async (part) => (await tab.part(part).boundingBox()).y));
    };
    const y = await places();
    await tab.page.keyboard.press('Space');
    assert.match(await tab.part('prompt').innerText(), /as soon as the engine/i);
    release();
    await tab.trainedBeyond(0);
    await tab.gaucsMoved();
    (await places()).forEach((at, i) => assert.ok(Math.abs(at - y[i]) <= 24, `part ${i} moved from ${y[i]} to ${at}`));
    assert.deepEqual(await tab.finishedGaucs(), [null, null]);
    assert.match(await tab.part('chart-gauc').innerText(), /finished run/);
    assert.match(await tab.part('engine').innerText(), /CPU/);
  });
});
