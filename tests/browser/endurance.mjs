// Trains for a long time on WebGPU, by the software adapter, and tells the memory on the way: it must not
// follow the number of steps.
//
// `cargo xtask measure --webgpu-steps STEPS` serves the page and sets MOGE_PAGE and CHROME.
import { setTimeout as sleep } from 'node:timers/promises';
import { until, visit } from './harness.mjs';
import { gpuMemory, rendererMemory } from './memory.mjs';

const LIMIT = 1_200_000;
/** Lines that are told. */
const LINES = 20;

const steps = Number(process.argv[2]);
const began = Date.now();

// A small system, because shaders run on the processor.
const settings = { engine: 'webgpu', system: 'mmoe', d: 8, batch: 64, steps, evaluate_every: steps };
await visit({ webgpu: true, settings }, async (tab) => {
  await tab.ready(LIMIT);
  const note = (step) => {
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    console.log(`${seconds} s: step ${step}, tab ${rendererMemory()} MiB, GPU process ${gpuMemory()} MiB`);
  };
  note(0);
  await tab.part('play').click();
  for (let line = 1; line <= LINES; line++) {
    const wanted = Math.floor((line * steps) / LINES);
    const step = await until(`step ${wanted} is trained`, LIMIT, async () => {
      await sleep(200);
      const step = await tab.stepCount();
      return step >= wanted && step;
    });
    note(step);
  }
});
