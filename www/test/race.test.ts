import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Lab } from '../src/lab.svelte';
import { workers } from './scripted';
import type { Script } from './scripted';

const LINK = '#v=1&engine=flex&steps=12&evaluate_every=5';

beforeEach(() => {
  vi.stubGlobal('location', { hash: LINK, href: 'http://localhost/', pathname: '/', search: '' });
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

/** An open page on a machine with some cores; the first script is that of the run it opens with. */
async function page(cores: number, scripts: Script[] = []) {
  const { makeClient, sessions, ended, deaths } = workers(scripts);
  const lab = new Lab(makeClient, cores);
  await lab.open(LINK);
  return { lab, race: lab.race, sessions, ended, deaths };
}

const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), 3000);
const LONG = { steps: 100_000, evaluate_every: 100_000 };

describe('the places', () => {
  test('are as many as the machine has cores; the others wait and start by themselves', async () => {
    const { lab, race } = await page(2);
    const runs = lab.addToRace([1, 2, 3, 4, 5].map((seed) => ({ seed })));
    expect(runs.map(({ status }) => status)).toEqual([
      'running',
      'running',
      'queued',
      'queued',
      'queued',
    ]);
    let most = 0;
    await until(() => {
      most = Math.max(most, race.busy);
      return runs.every(({ status }) => status === 'ended');
    });
    expect(most).toBeLessThanOrEqual(2);
    for (const run of runs) {
      expect(run.evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 12]);
      expect(run.reports).toHaveLength(12);
    }
  });

  test('go to the next when one is paused, and back in the order of the list', async () => {
    const { lab } = await page(1);
    const [a, b, c] = lab.addToRace([1, 2, 3].map((seed) => ({ seed, ...LONG })));
    await until(() => a!.step > 2);
    await a!.pause();
    await until(() => b!.status === 'running' && b!.step > 0);
    expect(a!.status).toBe('paused');
    lab.race.play(a!);
    expect([a!.status, c!.status]).toEqual(['queued', 'queued']);
    await b!.pause();
    await until(() => a!.status === 'running');
    expect(c!.status).toBe('queued');
    await lab.race.pauseAll();
  });

  test('stay empty after all were paused, until all are resumed', async () => {
    const { lab, race } = await page(2);
    const runs = lab.addToRace([1, 2, 3].map((seed) => ({ seed, ...LONG })));
    await until(() => runs[0]!.step > 0 && runs[1]!.step > 0);
    await race.pauseAll();
    await until(() => race.busy === 0);
    expect(runs.some(({ wanted }) => wanted)).toBe(false);
    const { step } = runs[0]!;
    race.playAll();
    await until(() => runs[0]!.step > step);
    expect(runs.map(({ status }) => status)).toEqual(['running', 'running', 'queued']);
    await race.pauseAll();
  });

  test('go to the next when a training run is removed', async () => {
    const { lab, race, sessions, ended } = await page(1);
    const [a, b] = lab.addToRace([1, 2].map((seed) => ({ seed, ...LONG })));
    await until(() => a!.step > 0);
    lab.remove(a!);
    expect(ended).toEqual([sessions[1]]);
    await until(() => b!.step > 0);
    expect(race.kept).toEqual([b]);
    await race.pauseAll();
  });
});

describe('adding', () => {
  test('keeps the run of the present settings; the next change begins another', async () => {
    const { lab, race } = await page(2);
    const first = lab.run!;
    expect(lab.addToRace([{}])).toEqual([first]);
    await until(() => first.status === 'ended');
    lab.set('d', 8);
    const second = lab.run!;
    expect(second).not.toBe(first);
    expect(first.evaluations).toHaveLength(4);
    lab.set('d', 16);
    expect(lab.run).toBe(second);
    await until(() => second.info?.config.d === 16);
    expect(race.runs).toEqual([first, second]);
    expect(race.kept).toEqual([first]);
  });

  test('the same settings twice gives one run', async () => {
    const { lab, race } = await page(2);
    const [a] = lab.addToRace([{}]);
    expect(lab.addToRace([{}, { seed: 1 }])).toEqual([a, a]);
    expect(race.runs).toHaveLength(1);
    await until(() => a!.status === 'ended');
  });

  test('at once after a change takes the changed settings', async () => {
    const { lab, race } = await page(2);
    lab.set('d', 8);
    const [run] = lab.addToRace([{}]);
    await until(() => run!.status === 'ended');
    expect(run!.info?.config.d).toBe(8);
    expect(race.runs).toEqual([run]);
  });

  test('a system takes it into the run and its address', async () => {
    const { lab } = await page(2);
    lab.addSystems(['mlp', 'moge', 'cgc_graph']);
    await until(() => lab.race.kept.every(({ status }) => status === 'ended'));
    expect(lab.race.kept.map(({ info }) => info!.system)).toEqual(['moge', 'mlp', 'cgc_graph']);
  });
});

describe('a run that fails', () => {
  const panic = Object.assign(new Error('unreachable'), { name: 'RuntimeError' });

  test('by an error for people leaves the others alone', async () => {
    const { lab } = await page(3, [{}, { throws: { 3: new Error('The batch is empty.') } }]);
    const [a, b, c] = lab.addToRace([1, 2, 3].map((seed) => ({ seed })));
    await until(() => a!.status === 'ended' && c!.status === 'ended' && b!.failure !== null);
    expect(b!.status).toBe('failed');
    expect(b!.failure!.message).toBe('The batch is empty.');
    expect(lab.failure).toBeNull();
    expect(lab.race.busy).toBe(0);
  });

  test('by a broken worker goes on in another, beside the others', async () => {
    const { lab, sessions } = await page(2, [{}, { throws: { 7: panic } }]);
    const [a, b] = lab.addToRace([1, 2].map((seed) => ({ seed })));
    await until(() => a!.status === 'ended' && b!.status === 'ended');
    expect(sessions).toHaveLength(3);
    expect(sessions[2]!.calls).toContain('resume 5');
    expect(b!.evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 12]);
  });

  test('for good gives its place to the next, and can be tried again', async () => {
    const twice = { throws: { 7: panic } };
    const { lab } = await page(1, [twice, twice]);
    const [a, b] = lab.addToRace([1, 2].map((seed) => ({ seed })));
    await until(() => b!.status === 'ended');
    expect(a!.status).toBe('failed');
    a!.retry(true);
    await until(() => a!.status === 'ended');
    expect(a!.failure).toBeNull();
  });

  test('that diverges ends with its sentence', async () => {
    const { lab } = await page(2, [{ end: { step: 4, how: 'diverged' } }]);
    const [a, b] = lab.addToRace([1, 2].map((seed) => ({ seed })));
    await until(() => a!.status === 'ended' && b!.status === 'ended');
    expect(a!.ended).toEqual({ how: 'diverged', why: 'diverged at 4' });
    expect(b!.ended!.how).toBe('finished');
  });
});

describe('looking at another run', () => {
  test('shows its settings, and brings a finished one back for an explanation', async () => {
    const { lab, sessions, ended } = await page(2);
    const [a, b] = lab.addToRace([{ seed: 1 }, { seed: 2 }]);
    await until(() => a!.status === 'ended' && b!.status === 'ended');
    await until(() => ended.length === 1);
    // The one that is not looked at has given its worker back.
    expect(ended).toEqual([sessions[1]]);
    lab.look(b!);
    expect(lab.config!.seed).toBe(2);
    await until(() => b!.explanation !== null);
    expect(sessions).toHaveLength(3);
    expect(sessions[2]!.calls.slice(0, 3)).toEqual(['open', 'resume 12', 'explain']);
    expect(ended).toContain(sessions[0]);
    expect(b!.evaluations).toHaveLength(4);
    expect(b!.status).toBe('ended');
  });

  test('does not train what only waits to be built', async () => {
    const { lab } = await page(1);
    const [a, b] = lab.addToRace([1, 2].map((seed) => ({ seed, ...LONG })));
    await until(() => a!.step > 0);
    lab.look(b!);
    expect(b!.status).toBe('queued');
    expect(b!.info).toBeNull();
    await lab.race.pauseAll();
  });
});

test('another dataset ends the race', async () => {
  const { lab, race } = await page(2);
  const [a] = lab.addToRace([{ seed: 1, ...LONG }, { seed: 2 }]);
  await until(() => a!.step > 0);
  await lab.bring([new File(['good'], 'own.moge')]);
  expect(race.runs).toHaveLength(1);
  expect(race.kept).toEqual([]);
  expect(lab.ownNotice).toContain('2 runs');
  expect(race.busy).toBe(0);
});
