import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byFallingDegree, nearest } from '../src/map/nodes';

test('nodes by falling degree are those of a stable sort', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60)), (degrees) => {
      const sorted = degrees.map((_, node) => node).sort((a, b) => degrees[b]! - degrees[a]!);
      expect([...byFallingDegree(Uint32Array.from(degrees))]).toEqual(sorted);
    }),
  );
});

test('the nearest node is the one of least distance, within reach', () => {
  const positions = Float32Array.of(0, 0, 0.5, 0, 0.5, 0.25, -1, -1);
  expect(nearest(positions, 0.5, 0.1, 1)).toBe(1);
  expect(nearest(positions, 0.5, 0.2, 1)).toBe(2);
  expect(nearest(positions, -0.75, -0.75, 0.25)).toBeNull();
  expect(nearest(positions, -0.75, -0.75, 0.5)).toBe(3);
  expect(nearest(new Float32Array(), 0, 0, 1)).toBeNull();
});
