// Every system of the paper on WebGPU, driven through the engine's module without the page.
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { visit } from './harness.mjs';

const ASSETS = new URL('../../dist/assets/', import.meta.url);

/** Few and large steps: where shaders run on the processor, launches cost more than numbers. */
const TINY = {
  d: 16,
  layers: 1,
  batch: 512,
  fan_out: [3],
  tower_mlp: [64, 32],
  learning_rate: 0.01,
  steps: 60,
  evaluate_every: 1000,
  evaluate_users: 600,
};
/** Losses that are compared with those of flex. */
const COMPARED = 5;

/** The full binary's two files as the page has them. */
async function engine() {
  const files = await readdir(ASSETS);
  const named = (ending) => files.filter((file) => file.startsWith('moge') && file.endsWith(ending));
  const [wasm] = await bySize(named('.wasm'));
  const [module] = await bySize(named('.js'));
  return { module: `./assets/${module}`, wasm: `./assets/${wasm}` };
}

/** The largest first. */
async function bySize(files) {
  const sized = await Promise.all(
    files.map(async (file) => [file, (await stat(new URL(file, ASSETS))).size]),
  );
  return sized.sort((a, b) => b[1] - a[1]).map(([file]) => file);
}

/** Runs in the page: opens the bundled dataset, and trains one system as asked. */
async function start({ module, wasm }) {
  const at = (path) => new URL(path, document.baseURI).href;
  const { default: load, Session } = await import(at(module));
  await load({ module_or_path: fetch(at(wasm)) });
  const session = new Session();
  const dataset = await (await fetch(at('data/dataset.moge'))).arrayBuffer();
  session.open(new Uint8Array(dataset));
  const presets = Session.presets();
  globalThis.systems = Session.models().map(({ name }) => name);
  globalThis.train = async (system, settings, on) => {
    const info = await session.start({ ...presets.demo, ...settings, system }, on);
    const losses = [];
    for (let step = 0; step < settings.steps; step++) losses.push((await session.step()).total);
    const evaluation = settings.score ? await session.evaluate() : null;
    return { engine: info.engine, losses, gaucs: evaluation?.tasks.map(({ gauc }) => gauc) };
  };
  return globalThis.systems;
}

test('every system trains above 0.5 on WebGPU, with the losses of flex', { timeout: 1_200_000 }, async (t) => {
  const files = await engine();
  await visit({ webgpu: true, settings: { engine: 'flex', d: 8, batch: 8 } }, async ({ page }) => {
    const systems = await page.evaluate(start, files);
    assert.equal(systems.length, 15);
    for (const system of systems) {
      const train = (settings, on) =>
        page.evaluate(([...of]) => globalThis.train(...of), [system, settings, on]);
      const began = Date.now();
      const flex = await train({ ...TINY, steps: COMPARED }, 'flex');
      const gpu = await train({ ...TINY, score: true }, 'webgpu');
      assert.deepEqual([flex.engine, gpu.engine], ['flex', 'webgpu']);
      t.diagnostic(`${system}: GAUC ${gpu.gaucs} in ${Date.now() - began} ms`);
      for (const [step, loss] of flex.losses.entries()) {
        const gap = Math.abs(gpu.losses[step] / loss - 1);
        assert.ok(gap < 1e-3, `${system}: loss ${step + 1} is ${gpu.losses[step]}, on flex ${loss}`);
      }
      for (const gauc of gpu.gaucs) assert.ok(gauc > 0.5, `${system}: GAUC ${gpu.gaucs}`);
    }
  });
});
