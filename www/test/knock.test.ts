import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Effects, sizeOf, strongestPlace } from '../src/effects.svelte';
import type { Removal } from '../src/engine/protocol';
import { Lab } from '../src/lab.svelte';
import { edgeOf } from '../src/removals';
import { Session } from './fake-session';
import { workers } from './scripted';

const LINK = '#v=1&engine=flex&steps=40&evaluate_every=5';
const ADDRESS = { hash: LINK, href: 'http://localhost/', pathname: '/', search: '' };
const CHANNEL: Removal[] = [{ channel: 'user_item' }];

beforeEach(() => {
  vi.stubGlobal('location', ADDRESS);
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

const until = (what: () => boolean) => vi.waitFor(() => expect(what()).toBe(true), 3000);

/** A page that has explained pair 0, the only one of the scripted gate table. */
async function page() {
  const { makeClient, sessions } = workers();
  const lab = new Lab(makeClient, 2);
  await lab.open(LINK);
  const run = lab.run!;
  await until(() => run.explanation?.instance === 0);
  return { lab, run, session: sessions[0]! };
}

/** What the stand-in says of a pair. */
const logits = async (instance: number, removed: Removal[]) =>
  (await new Session().explain(instance, removed)).tasks.map(({ logit }) => logit);

describe('a knock-out', () => {
  test('stands beside the whole pair until it is put back', async () => {
    const { run } = await page();
    await run.knock(0, CHANNEL);
    expect(run.removed).toEqual(CHANNEL);
    expect(run.knocked!.tasks.map(({ logit }) => logit)).toEqual(await logits(0, CHANNEL));
    expect(run.explanation!.tasks.map(({ logit }) => logit)).toEqual(await logits(0, []));
    await run.knock(0, []);
    expect(run.removed).toEqual([]);
    expect(run.knocked).toBeNull();
  });

  test('is forgotten with another pair, and an answer that comes late is dropped', async () => {
    const { lab, run } = await page();
    const late = run.knock(0, CHANNEL);
    lab.select(7);
    expect(run.removed).toEqual([]);
    await late;
    await until(() => run.explanation?.instance === 7);
    expect(run.knocked).toBeNull();
    await run.knock(0, CHANNEL);
    expect(run.removed).toEqual([]);
    expect(run.knocked).toBeNull();
  });

  test('that is followed by another gives way to it', async () => {
    const { run } = await page();
    const first = run.knock(0, [{ channel: 'user_user' }]);
    const second = run.knock(0, CHANNEL);
    await Promise.all([first, second]);
    expect(run.removed).toEqual(CHANNEL);
    expect(run.knocked!.tasks.map(({ logit }) => logit)).toEqual(await logits(0, CHANNEL));
  });

  test('is forgotten when the run is built anew', async () => {
    const { lab, run } = await page();
    await run.knock(0, CHANNEL);
    await lab.reset();
    expect(run.removed).toEqual([]);
    expect(run.knocked).toBeNull();
  });
});

describe('ranking by effect', () => {
  test('knocks every neighbour out alone and sorts by the larger change', async () => {
    const { run } = await page();
    const effects = new Effects();
    const whole = run.explanation!;
    await effects.rank(run, whole);
    expect(effects.done).toBeNull();
    expect(effects.list).toHaveLength(whole.neighbors.length);
    for (const { neighbor, change } of effects.list) {
      const without = await logits(0, [edgeOf(neighbor)]);
      expect(change).toEqual(without.map((logit, k) => logit - whole.tasks[k]!.logit));
    }
    const sizes = effects.list.map(sizeOf);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    const { neighbor, place } = strongestPlace(effects.list)!;
    expect(neighbor.attention).toBe(Math.max(...whole.neighbors.map((each) => each.attention)));
    expect(effects.list[place - 1]!.neighbor).toBe(neighbor);
  });

  test('stops when it is called off', async () => {
    const { run, session } = await page();
    const effects = new Effects();
    const ranking = effects.rank(run, run.explanation!);
    await vi.waitFor(() => expect(effects.done).toBeGreaterThan(1), { interval: 1 });
    effects.cancel();
    await ranking;
    expect(effects.list).toEqual([]);
    expect(effects.done).toBeNull();
    expect(session.calls.filter((call) => call === 'explain').length).toBeLessThan(8);
  });
});
