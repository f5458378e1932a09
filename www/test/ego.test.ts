import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST, RADIUS, around, egoLayout, labelBox, overlap } from '../src/ego';
import type { Neighbor } from '../src/engine/protocol';

const CHANNEL_OF = { history: 'user_item', user: 'user_user', item: 'item_item' } as const;

/** As many neighbours of each of the four kinds of edges, with any attention. */
const neighborhoods = fc
  .tuple(
    ...Array.from({ length: 4 }, () =>
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
    ),
  )
  .map((kinds) =>
    kinds.flatMap((attentions, kind) =>
      attentions.map((attention, node): Neighbor => {
        const of = kind < 2 ? 'user' : 'item';
        const channel = kind % 2 === 0 ? CHANNEL_OF.history : CHANNEL_OF[of];
        const other = of === 'user' ? 'item' : 'user';
        return {
          channel,
          of,
          kind: channel === 'user_item' ? other : of,
          node,
          raw: 1000 * kind + node,
          attention,
          weight: 1,
        };
      }),
    ),
  );
/** From a phone of 360 pixels with large text to a projector. */
const widths = fc.double({ min: 19, max: 90, noNaN: true });

describe('the layout of an ego graph', () => {
  test('does not depend on the order in which the neighbours come', () => {
    fc.assert(
      fc.property(neighborhoods, widths, fc.infiniteStream(fc.nat()), (neighbors, width, keys) => {
        const places = (list: readonly Neighbor[]) =>
          egoLayout(list, width).nodes.map(({ neighbor, x, y, label }) => [
            neighbor.channel,
            neighbor.raw,
            x,
            y,
            label,
          ]);
        const shuffled = neighbors
          .map((neighbor) => ({ neighbor, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ neighbor }) => neighbor);
        expect(places(shuffled)).toEqual(places(neighbors));
      }),
    );
  });

  test('keeps nodes and labels apart and inside of the picture', () => {
    fc.assert(
      fc.property(neighborhoods, widths, (neighbors, width) => {
        const { nodes, user, item, height } = egoLayout(neighbors, width);
        const points = [
          ...nodes.map((node) => ({ ...node, r: RADIUS.neighbor })),
          ...[user, item].map((point) => ({ ...point, r: RADIUS.pair })),
        ];
        points.forEach((a, i) => {
          expect(a.x - a.r).toBeGreaterThanOrEqual(0);
          expect(a.x + a.r).toBeLessThanOrEqual(width);
          expect(a.y - a.r).toBeGreaterThanOrEqual(0);
          expect(a.y + a.r).toBeLessThanOrEqual(height);
          for (const b of points.slice(0, i)) {
            expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.r + b.r);
          }
        });
        const labels = nodes.flatMap(({ label }) => (label ? [labelBox(label)] : []));
        labels.forEach((box, i) => {
          expect(box.left).toBeGreaterThanOrEqual(0);
          expect(box.right).toBeLessThanOrEqual(width);
          expect(box.top).toBeGreaterThanOrEqual(0);
          expect(box.bottom).toBeLessThanOrEqual(height);
          expect(labels.slice(0, i).some((other) => overlap(box, other))).toBe(false);
          expect(points.some((point) => overlap(box, around(point, point.r)))).toBe(false);
        });
      }),
    );
  });

  test('draws the strongest of each kind of edge, by falling attention', () => {
    fc.assert(
      fc.property(neighborhoods, widths, (neighbors, width) => {
        const { nodes } = egoLayout(neighbors, width);
        for (const of of ['user', 'item'] as const) {
          for (const history of [true, false]) {
            const isOf = (each: Neighbor) =>
              each.of === of && (each.channel === 'user_item') === history;
            const all = neighbors.filter(isOf).map(({ attention }) => attention);
            const drawn = nodes.flatMap(({ neighbor }) =>
              isOf(neighbor) ? [neighbor.attention] : [],
            );
            expect(drawn).toEqual(all.sort((a, b) => b - a).slice(0, MOST));
          }
        }
      }),
    );
  });
});
