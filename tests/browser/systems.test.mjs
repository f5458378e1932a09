// Every system of the paper, and MoGE with every attention, on WebGPU, driven through the engine's module without the page's controls.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { visit } from './harness.mjs';
import { DIST } from './site.mjs';

/** Where shaders run on the processor, launches cost more than numbers: small, and few steps. */
const TINY = {
  d: 8,
  layers: 1,
  batch: 1024,
  fan_out: [2],
  tower_mlp: [64, 32],
  learning_rate: 0.02,
  evaluate_users: 1000,
};
/** The ways to weigh neighbours beside MoGE's own, which have kernels of their own. */
const ATTENTIONS = ['genie', 'gat', 'mean', 'symnorm'];
/** Steps whose losses are compared. What Adam remembers matters from its second update on. */
const STEPS = 5;
/** Steps after which both GAUCs are to be above 0.5. Fifteen times as many take a quarter of an hour on the
 *  processor, so they are trained only where MOGE_THOROUGH asks for it. */
const TRAINED = 40;
/** What learns slowly takes more of them, and smaller ones. */
const SLOW = { snr_trans_graph: { trained: 80, learning_rate: 0.01 } };
const thorough = 'MOGE_THOROUGH' in process.env;
/** Launches that a step may take, some 10 % more than were counted: the number changes a little with the
 *  batch, that of MLP more. Those of MMoE were 616 before there were kernels of our own, and are 226. */
const LAUNCHES = {
  mlp: 330,
  ngcf: 335,
  shared_bottom: 170,
  cross_stitch: 185,
  esmm: 215,
  mmoe: 250,
  snr_trans: 365,
  cgc: 315,
  shared_bottom_graph: 385,
  cross_stitch_graph: 400,
  esmm_graph: 430,
  mmoe_graph: 465,
  snr_trans_graph: 575,
  cgc_graph: 530,
  moge: 545,
  'moge, genie': 560,
  'moge, gat': 595,
  'moge, mean': 475,
  'moge, symnorm': 475,
};

/** The full binary's two files as the page has them. */
function engine() {
  const files = readdirSync(join(DIST, 'assets')).filter((file) => file.startsWith('engine-full'));
  const named = (ending) => `./assets/${files.find((file) => file.endsWith(ending))}`;
  return { module: named('.js'), wasm: named('.wasm') };
}

/** Runs in the page: opens the bundled dataset, names the systems, and makes what the test calls. */
async function start({ module, wasm }) {
  let launches = 0;
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...counts) {
    launches++;
    return dispatchWorkgroups.apply(this, counts);
  };
  const at = (path) => new URL(path, document.baseURI).href;
  const { default: load, Session } = await import(at(module));
  await load({ module_or_path: fetch(at(wasm)) });
  const session = new Session();
  const dataset = await (await fetch(at('data/dataset.moge'))).arrayBuffer();
  session.open(new Uint8Array(dataset));
  const { demo } = Session.presets();
  globalThis.firstLosses = async (settings, on, steps) => {
    const { engine } = await session.start({ ...demo, ...settings }, on);
    const losses = [];
    while (losses.length < steps) losses.push((await session.step()).cross_entropy);
    return { engine, losses: losses.flat() };
  };
  globalThis.goOn = async (steps) => {
    const before = launches;
    for (let step = 0; step < steps; step++) await session.step();
    const perStep = (launches - before) / steps;
    const { tasks } = await session.evaluate();
    return { perStep, gaucs: tasks.map(({ gauc }) => gauc) };
  };
  return Session.models().map(({ name }) => name);
}

test('every system trains on WebGPU as on flex', { timeout: 1_500_000 }, async (t) => {
  await visit({ webgpu: true, settings: { engine: 'flex', d: 8, batch: 8 } }, async (tab) => {
    await tab.ready();
    const systems = await tab.page.evaluate(start, engine());
    assert.equal(systems.length, 15);
    const cases = [
      ...systems.map((system) => [system, { system }]),
      ...ATTENTIONS.map((attention) => [`moge, ${attention}`, { system: 'moge', attention }]),
    ];
    for (const [name, choice] of cases) {
      const { trained, ...settings } = { trained: TRAINED, ...TINY, ...SLOW[name], ...choice };
      const train = (on) =>
        tab.page.evaluate((of) => globalThis.firstLosses(...of), [settings, on, STEPS]);
      const began = Date.now();
      const [flex, gpu] = [await train('flex'), await train('webgpu')];
      assert.deepEqual([flex.engine, gpu.engine], ['flex', 'webgpu']);
      const gaps = gpu.losses.map((loss, i) => Math.abs(loss / flex.losses[i] - 1));
      assert.equal(gaps.length, 2 * STEPS);
      const widest = Math.max(...gaps);
      assert.ok(widest < 1e-3, `${name}: losses ${gpu.losses}, on flex ${flex.losses}`);

      const wanted = thorough ? trained - STEPS : 1;
      const { perStep, gaucs } = await tab.page.evaluate((n) => globalThis.goOn(n), wanted);
      const scores = gaucs.map((gauc) => gauc.toFixed(3)).join(' and ');
      t.diagnostic(
        `${name}: losses within ${widest.toExponential(1)}, ${Math.round(perStep)} launches a step, ` +
          `GAUC ${scores} after ${STEPS + wanted} steps, ${Date.now() - began} ms`,
      );
      assert.ok(perStep <= LAUNCHES[name], `${name}: ${perStep} launches a step`);
      if (thorough) assert.ok(Math.min(...gaucs) > 0.5, `${name}: GAUCs ${scores}`);
    }
  });
});
