/** Where the selected sample and its neighbours are on a channel's map. */
import type { ChannelMap, Explanation } from '../engine/protocol';
import type { Marks } from './view';

/** Nodes of a map by kind and raw id. */
export type NodeIndex = [users: Map<number, number>, items: Map<number, number>];

export function nodeIndex(map: ChannelMap): NodeIndex {
  const index: NodeIndex = [new Map(), new Map()];
  map.raw.forEach((raw, node) => index[map.kind[node] === 0 ? 0 : 1].set(raw, node));
  return index;
}

/** Rings the pair, and links it to its neighbours in this channel, as wide as their attention. */
export function sampleMarks(map: ChannelMap, index: NodeIndex, sample: Explanation | null): Marks {
  const marks: Marks = { rings: [], links: [] };
  if (!sample) return marks;
  const pair = { user: index[0].get(sample.user.raw), item: index[1].get(sample.item.raw) };
  for (const node of [pair.user, pair.item]) if (node !== undefined) marks.rings.push(node);
  for (const neighbor of sample.neighbors) {
    const from = pair[neighbor.of];
    const to = index[neighbor.kind === 'user' ? 0 : 1].get(neighbor.raw);
    if (neighbor.channel !== map.channel || from === undefined || to === undefined) continue;
    marks.links.push({ from, to, width: neighbor.attention });
  }
  return marks;
}
