import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Kept } from '../src/kept.svelte';
import type { KeptRun } from '../src/kept.svelte';
import { Lab } from '../src/lab.svelte';
import type { Shelf } from '../src/storage';
import { text } from '../src/text';
import { workers } from './scripted';

/** A browser's storage, in memory: what is kept is a copy, as in a browser. */
class FakeShelf implements Shelf {
  readonly things = new Map<string, unknown>();
  /** What the next writings fail with. */
  broken: Error | null = null;
  sets = 0;

  async get(name: string) {
    return this.things.get(name);
  }
  async set(name: string, thing: unknown) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.broken) throw this.broken;
    this.sets += 1;
    this.things.set(name, structuredClone(thing));
  }
  async remove(name: string) {
    this.things.delete(name);
  }
}

const FULL = new DOMException('no room', 'QuotaExceededError');
const run = (step: number) => ({ step, dataset: null }) as KeptRun;

describe('what is kept', () => {
  test('of runs that come faster than they are written, only the newest is written', async () => {
    const shelf = new FakeShelf();
    const kept = new Kept(shelf);
    await Promise.all([kept.keepRun(run(1)), kept.keepRun(run(2)), kept.keepRun(run(3))]);
    expect(shelf.sets).toBe(2);
    expect(shelf.things.get('run')).toMatchObject({ step: 3 });
  });

  test('a run that is forgotten while it is written does not come back', async () => {
    const shelf = new FakeShelf();
    const kept = new Kept(shelf);
    void kept.keepRun(run(1));
    await kept.removeRun();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(shelf.things.has('run')).toBe(false);
  });

  test('full storage is said once for runs, and harms nothing', async () => {
    const shelf = new FakeShelf();
    shelf.broken = FULL;
    const kept = new Kept(shelf);
    await kept.keepRun(run(1));
    expect(kept.problem).toBe(text.kept.runRefused(text.kept.full));
    kept.problem = null;
    await kept.keepRun(run(2));
    expect(kept.problem).toBeNull();
    expect(await kept.keepDataset('mine', { dataset: Uint8Array.of(1), layout: null })).toBe(false);
    expect(kept.problem).toBe(text.kept.datasetRefused(text.kept.full));
    expect(kept.dataset).toBeNull();
  });

  test('storage that is forbidden leaves nothing found, and says why', async () => {
    const denied = async () => {
      throw new Error('denied');
    };
    const kept = new Kept({ get: denied, set: denied, remove: denied });
    await kept.open();
    expect([kept.dataset, kept.run]).toEqual([null, null]);
    await kept.keepRun(run(1));
    expect(kept.problem).toContain('denied');
  });

  test('a dataset takes the run that was trained on it along when it is removed', async () => {
    const shelf = new FakeShelf();
    const kept = new Kept(shelf);
    await kept.keepDataset('mine', { dataset: Uint8Array.of(1, 2), layout: null });
    await kept.keepRun({ ...run(5), dataset: kept.dataset!.id });
    await kept.removeDataset();
    expect([...shelf.things.keys()]).toEqual([]);
    await kept.keepDataset('mine', { dataset: Uint8Array.of(1, 2), layout: null });
    await kept.keepRun(run(6));
    await kept.removeDataset();
    expect([...shelf.things.keys()]).toEqual(['run']);
  });
});

const LINK = '#v=1&engine=flex&steps=12&evaluate_every=5';

beforeEach(() => {
  vi.stubGlobal('location', { hash: LINK, href: 'http://localhost/', pathname: '/', search: '' });
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), 5000);

/** One visit of the page. */
async function visit(shelf: Shelf, hash: string) {
  const { makeClient, sessions } = workers();
  const lab = new Lab(makeClient, 2, new Kept(shelf));
  await lab.open(hash);
  return { lab, sessions };
}

describe('a run that was left', () => {
  test('is offered at the next visit, and goes on from its last score to its end', async () => {
    const shelf = new FakeShelf();
    const first = await visit(shelf, LINK);
    for (let step = 0; step < 7; step++) await first.lab.single();
    await until(() => shelf.things.has('run'));
    expect(shelf.things.get('run')).toMatchObject({ step: 5, steps: 12, dataset: null });
    first.lab.race.clear({ dataset: Uint8Array.of(), layout: null });

    const { lab, sessions } = await visit(shelf, `${LINK}&seed=9`);
    expect(lab.kept.run?.step).toBe(5);
    await lab.resume();
    expect(lab.state.changed).toEqual({ steps: 12, evaluate_every: 5 });
    expect(sessions.some(({ calls }) => calls.includes('resume 5'))).toBe(true);
    await until(() => lab.run!.status === 'ended');
    expect(lab.run!.reports.map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(lab.run!.evaluations.map(({ step }) => step)).toEqual([10, 12]);
    await until(() => !shelf.things.has('run'));
  });

  test('is not replaced by the untrained run of the next visit, and goes when discarded', async () => {
    const shelf = new FakeShelf();
    shelf.things.set('run', run(5));
    const { lab } = await visit(shelf, LINK);
    expect(lab.kept.run?.step).toBe(5);
    expect(shelf.sets).toBe(0);
    await lab.kept.removeRun();
    expect(lab.kept.run).toBeNull();
    expect(shelf.things.has('run')).toBe(false);
  });

  test('on the dataset of the page goes on there, though another one is open', async () => {
    const shelf = new FakeShelf();
    const first = await visit(shelf, LINK);
    for (let step = 0; step < 5; step++) await first.lab.single();
    await until(() => shelf.things.has('run'));

    const { lab } = await visit(shelf, LINK);
    await lab.bring([new File(['mine'], 'own.moge')]);
    await lab.keepOwn();
    expect(lab.ownKept).toBe(true);
    await lab.resume();
    expect(lab.own).toBeNull();
    await until(() => lab.run!.status === 'ended');
    expect(lab.run!.reports).toHaveLength(12);
  });

  test('on a dataset that is not kept is not kept either', async () => {
    const shelf = new FakeShelf();
    const { lab } = await visit(shelf, LINK);
    await lab.bring([new File(['mine'], 'own.moge')]);
    for (let step = 0; step < 5; step++) await lab.single();
    await until(() => lab.run!.evaluations.length === 2);
    expect(shelf.things.size).toBe(0);
    await lab.keepOwn();
    await until(() => shelf.things.has('run'));
    const { id } = lab.kept.dataset!;
    expect(shelf.things.get('run')).toMatchObject({ step: 5, dataset: id });

    const next = await visit(shelf, LINK);
    expect(next.lab.kept.dataset?.id).toBe(id);
    expect(next.lab.own).toBeNull();
    await next.lab.resume();
    expect(new TextDecoder().decode(next.lab.own!.dataset)).toBe('mine');
    expect(next.lab.ownKept).toBe(true);
    await next.lab.kept.removeDataset();
    expect(next.lab.ownKept).toBe(false);
  });
});
