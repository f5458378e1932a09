import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importRuns } from '../src/runfiles';
import { Lab } from '../src/lab.svelte';
import { evaluation, file } from './records';
import { config, workers } from './scripted';
import type { Script } from './scripted';

const LINK = '#v=1&engine=flex&steps=12&evaluate_every=5';

beforeEach(() => {
  const address = { hash: LINK, href: 'http://localhost/', pathname: '/', search: '' };
  vi.stubGlobal('location', address);
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

async function page(...scripts: Script[]) {
  const lab = new Lab(workers(scripts).makeClient, 2);
  await lab.open(LINK);
  return lab;
}

const json = (name: string, content = file()) => new File([content], name);
const model = (name: string, ...bytes: number[]) => new File([Uint8Array.from(bytes)], name);

test('a record becomes a run that has ended, with its curves and its settings', async () => {
  const lab = await page();
  const record = file({
    config: config({ d: 16, seed: 3 }),
    evaluations: [evaluation(0, 0.5, 0.5), evaluation(5, 0.61, 0.72)],
  });
  const [outcome] = await importRuns(lab, [json('run.json', record)]);
  expect(outcome).toMatchObject({ good: true });
  const run = lab.live!;
  expect(run.status).toBe('ended');
  expect(run.kept).toBe(true);
  expect(run.evaluations.map(({ tasks }) => tasks[1].gauc)).toEqual([0.5, 0.72]);
  expect(lab.state.changed).toMatchObject({ d: 16, seed: 3 });
  expect(lab.config).toMatchObject({ d: 16, seed: 3 });
  expect(lab.race.runs).toHaveLength(2);
});

test('a run that was exported before it ended says so', async () => {
  const lab = await page();
  await importRuns(lab, [json('run.json', file({ ended: null, steps: 1234 }))]);
  expect(lab.live!.ended?.why).toContain('1,234');
});

test('one record after the other is taken, each with the curves of its own', async () => {
  const lab = await page();
  const files = [3, 4].map((seed) => json(`${seed}.json`, file({ config: config({ seed }) })));
  for (const each of files) await importRuns(lab, [each]);
  expect(lab.race.kept.map((run) => run.config.seed)).toEqual([3, 4]);
});

test('a record of another dataset is refused', async () => {
  const lab = await page();
  const dataset = { name: 'other', synthetic: false, fingerprint: 'other' };
  const [outcome] = await importRuns(lab, [json('run.json', file({ dataset }))]);
  expect(outcome).toMatchObject({ good: false });
  expect(outcome!.said).toMatch(/run\.json.*dataset other/);
  expect(lab.race.runs).toHaveLength(1);
});

test('a model is taken up, scored for its gates, and looked at', async () => {
  const lab = await page();
  const [outcome, ...others] = await importRuns(lab, [
    model('model.safetensors', 5),
    json('run.json'),
  ]);
  expect(outcome).toMatchObject({ good: true });
  expect(others).toEqual([]);
  const run = lab.live!;
  expect(run.status).toBe('ended');
  expect(run.gates?.step).toBe(5);
  expect(run.evaluations.map(({ step }) => step)).toEqual([5]);
  expect(lab.race.runs).toHaveLength(2);
});

test('a model that the engine refuses leaves nothing behind', async () => {
  const lab = await page({}, { refuses: 'the model was trained on another dataset' });
  const [outcome] = await importRuns(lab, [model('other.safetensors', 5)]);
  expect(outcome).toMatchObject({ good: false });
  expect(outcome!.said).toContain('the model was trained on another dataset');
  expect(lab.race.runs).toHaveLength(1);
  expect(lab.failure).toBeNull();
});

test('another file is refused', async () => {
  const lab = await page();
  const [outcome] = await importRuns(lab, [json('notes.txt')]);
  expect(outcome!.said).toMatch(/notes\.txt/);
});
