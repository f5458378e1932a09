// The measurement behind `?bench`: its figures, and that its work is that of `moge bench`.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fromEnvironment, TRAINING, until, visit } from './harness.mjs';

const SIZES = { users: 60, items: 90, edges: 400, batch: 8, fanout: '3,2', d: 4, steps: 3, seed: 5 };

/** What `moge bench` prints for the same sizes. */
function native(form) {
  const options = Object.entries(SIZES).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const output = execFileSync(fromEnvironment('MOGE'), ['bench', '--json', '--form', form, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output);
}

const query = (more) => `?${new URLSearchParams({ bench: '', ...SIZES, ...more })}`;

function measured(tab) {
  return until('the measurement is there', TRAINING, () => tab.page.evaluate(() => globalThis.mogeBench));
}

for (const form of ['own', 'stock']) {
  test(`the page measures the steps of the command line (${form})`, { timeout: 240_000 }, async () => {
    const address = fromEnvironment('MOGE_PAGE') + query({ form });
    await visit({ address, locale: 'zh-CN' }, async (tab) => {
      const [here, there] = [await measured(tab), native(form)];
      assert.deepEqual(Object.keys(here).sort(), Object.keys(there).sort());
      assert.deepEqual([here.engine, here.form, here.target], ['flex', form, 'wasm']);
      for (const name of ['users', 'items', 'edges', 'batch', 'fanout', 'd', 'steps', 'seed']) {
        assert.deepEqual(here[name], there[name]);
      }
      assert.equal(here.gflop_per_step, there.gflop_per_step);
      const phases = ['sampling_ms', 'forward_ms', 'backward_ms', 'update_ms'].map((name) => here[name]);
      for (const value of [...phases, here.step_ms, here.gemm_gflops, here.peak_mib]) {
        assert.ok(value >= 0 && Number.isFinite(value), JSON.stringify(here));
      }
      const text = await tab.part('bench').innerText();
      assert.match(text, /每秒样本数/);
      assert.match(text, /"gflop_per_step"/);
    });
  });
}

test('a size that does not exist is named', { timeout: 120_000 }, async () => {
  const address = fromEnvironment('MOGE_PAGE') + query({ user: 3 });
  await visit({ address }, async (tab) => {
    const { error } = await measured(tab);
    assert.match(error, /unknown field `user`/);
    assert.ok((await tab.part('bench').innerText()).includes(error));
  });
});

test('the playground does not fetch the measurement', { timeout: 120_000 }, async () => {
  await visit({}, async (tab) => {
    await tab.ready();
    const names = await tab.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    assert.ok(names.length > 3);
    assert.deepEqual(names.filter((name) => /assets\/(open|Bench)-/.test(name)), []);
  });
});
