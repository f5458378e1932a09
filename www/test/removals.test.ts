import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../src/engine/protocol';
import type { Removal } from '../src/engine/protocol';
import { SIDES, edgeOf, includes, keyOf, outBy, surroundings, toggled } from '../src/removals';
import { Session } from './fake-session';

/** Every removal of a small graph: three channels, their sides, and two nodes at each. */
const ALL: Removal[] = CHANNELS.flatMap((channel) => [
  { channel },
  ...SIDES[channel].flatMap((of) => [
    { channel, of },
    ...[0, 1].map((node) => ({ channel, of, node })),
  ]),
]);
const removals = fc.array(fc.constantFrom(...ALL));
const after = (clicks: readonly Removal[]) => clicks.reduce(toggled, [] as readonly Removal[]);

describe('what is taken out', () => {
  test('one click takes it out, the next puts it back', () => {
    const edge: Removal = { channel: 'user_item', of: 'user', node: 3 };
    const other: Removal = { channel: 'user_item', of: 'user', node: 4 };
    expect(after([edge])).toEqual([edge]);
    expect(after([edge, other])).toEqual([edge, other]);
    expect(after([edge, other, edge])).toEqual([other]);
  });

  test('a wider removal takes the place of what it includes, and holds it', () => {
    const edge: Removal = { channel: 'user_item', of: 'user', node: 3 };
    const side: Removal = { channel: 'user_item', of: 'user' };
    const channel: Removal = { channel: 'user_item' };
    expect(after([edge, side])).toEqual([side]);
    expect(after([side, edge])).toEqual([side]);
    expect(after([edge, side, channel, edge])).toEqual([channel]);
    expect(after([edge, channel, channel])).toEqual([]);
  });

  test('no removal in the list includes another', () => {
    fc.assert(
      fc.property(removals, (clicks) => {
        const removed = after(clicks);
        expect(new Set(removed.map(keyOf)).size).toBe(removed.length);
        for (const a of removed) {
          for (const b of removed) expect(a !== b && includes(a, b)).toBe(false);
        }
      }),
    );
  });

  test('a click on what is in takes out just that', () => {
    fc.assert(
      fc.property(removals, fc.constantFrom(...ALL), (clicks, what) => {
        const before = after(clicks);
        fc.pre(outBy(before, what) === null);
        const now = toggled(before, what);
        for (const each of ALL.filter(({ node }) => node !== undefined)) {
          const expected = outBy(before, each) !== null || includes(what, each);
          expect(outBy(now, each) !== null).toBe(expected);
        }
      }),
    );
  });
});

test('each neighbour has its attention of the knock-out, none where it is out', async () => {
  const whole = await new Session().explain(5, []);
  expect(surroundings(whole, null, []).map(({ attention }) => attention)).toEqual(
    whole.neighbors.map(({ attention }) => attention),
  );
  const removed = [edgeOf(whole.neighbors[0]!), { channel: 'item_item' } as const];
  const knocked = await new Session().explain(5, [...removed]);
  const halved = knocked.neighbors.map((each) => ({ ...each, attention: each.attention / 2 }));
  const found = surroundings(whole, { ...knocked, neighbors: halved }, removed);
  expect(found).toHaveLength(whole.neighbors.length);
  found.forEach(({ neighbor, attention, out }, i) => {
    expect(neighbor).toBe(whole.neighbors[i]);
    expect(out).toBe(i === 0 || neighbor.channel === 'item_item');
    expect(attention).toBe(out ? 0 : neighbor.attention / 2);
  });
});
