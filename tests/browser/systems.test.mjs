// Every system of the paper on WebGPU, driven through the engine's module without the page's controls.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { visit } from './harness.mjs';
import { DIST } from './site.mjs';

/** Where shaders run on the processor, launches cost more than numbers: small, and few steps. */
const TINY = { d: 8, layers: 1, batch: 32, fan_out: [2], tower_mlp: [64, 32], learning_rate: 0.02 };
/** Steps whose losses are compared; the second is of parameters that the first has moved far. */
const STEPS = 2;

/** The full binary's two files as the page has them. */
function engine() {
  const files = readdirSync(join(DIST, 'assets')).filter((file) => file.startsWith('engine-full'));
  const named = (ending) => `./assets/${files.find((file) => file.endsWith(ending))}`;
  return { module: named('.js'), wasm: named('.wasm') };
}

/** Runs in the page: opens the bundled dataset, names the systems, and makes `firstLosses`. */
async function start({ module, wasm }) {
  const at = (path) => new URL(path, document.baseURI).href;
  const { default: load, Session } = await import(at(module));
  await load({ module_or_path: fetch(at(wasm)) });
  const session = new Session();
  const dataset = await (await fetch(at('data/dataset.moge'))).arrayBuffer();
  session.open(new Uint8Array(dataset));
  const { demo } = Session.presets();
  globalThis.firstLosses = async (system, settings, on, steps) => {
    const { engine } = await session.start({ ...demo, ...settings, system }, on);
    const losses = [];
    while (losses.length < steps) losses.push((await session.step()).cross_entropy);
    return { engine, losses: losses.flat() };
  };
  return Session.models().map(({ name }) => name);
}

test('every system trains on WebGPU as on flex', { timeout: 900_000 }, async (t) => {
  await visit({ webgpu: true, settings: { engine: 'flex', d: 8, batch: 8 } }, async (tab) => {
    await tab.ready();
    const systems = await tab.page.evaluate(start, engine());
    assert.equal(systems.length, 15);
    for (const system of systems) {
      const train = (on) =>
        tab.page.evaluate((of) => globalThis.firstLosses(...of), [system, TINY, on, STEPS]);
      const began = Date.now();
      const [flex, gpu] = [await train('flex'), await train('webgpu')];
      assert.deepEqual([flex.engine, gpu.engine], ['flex', 'webgpu']);
      const gaps = gpu.losses.map((loss, i) => Math.abs(loss / flex.losses[i] - 1));
      assert.equal(gaps.length, 2 * STEPS);
      const widest = Math.max(...gaps);
      t.diagnostic(`${system}: within ${widest.toExponential(1)} in ${Date.now() - began} ms`);
      assert.ok(widest < 1e-3, `${system}: losses ${gpu.losses}, on flex ${flex.losses}`);
    }
  });
});
