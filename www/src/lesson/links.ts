/**
 * The links of the lesson: which state each of them sets, which pair it opens, which runs it lets
 * race, and which panel shows that. Each is a share link, so that it can be opened in a tab of its
 * own; in the page it is followed in place.
 */
import type { GateTable, Settings } from '../engine/protocol';
import { entropy } from '../gates';
import type { Lab } from '../lab.svelte';
import { linkOf, split } from '../link';
import type { Change } from '../link';
import type { PanelName } from '../view.svelte';

export type { PanelName };

export interface LessonLink {
  /** What it sets. Where that are settings, all others go back to the preset's. */
  change: Change;
  panel: PanelName;
  /** Training begins. */
  train?: boolean;
  /** The runs that race, as changes of the settings above. */
  race?: Partial<Settings>[];
  /** Opens the scored pair for which this is largest. */
  pair?: (table: GateTable, row: number) => number;
}

const experiment = (change: Change, panel: PanelName = 'charts'): LessonLink => ({
  change,
  panel,
  train: true,
});
const setting = (change: Change, panel: PanelName): LessonLink => ({ change, panel });
const view = setting;
const race = (change: Change, ...runs: Partial<Settings>[]): LessonLink => ({
  change,
  panel: 'charts',
  race: runs,
});

/** Both actions before one; then by the history of the user, up to a size that can be read. */
const bothActions = (table: GateTable, row: number) =>
  100 * (table.labels[2 * row]! + table.labels[2 * row + 1]!) +
  Math.min(table.user_degree[row]!, 12);

/** The more uneven the gate of purchase is, the larger. */
const uneven = (table: GateTable, row: number) =>
  table.experts === 0 ? 0 : -entropy(table.gates, (2 * row + 1) * table.experts, table.experts);

export const LINKS = {
  // Sparsity, the long tail, the data.
  start: experiment({ system: 'moge' }),
  ids_only: experiment({ features: 'ids' }),
  other_seed: experiment({ seed: 2 }),
  by_label: view({ sort: 'label', task: 'purchase' }, 'gates'),
  both_actions: { change: { sort: 'label' }, panel: 'sample', pair: bothActions },
  // The channels.
  see_user_item: view({ channel: 'user_item' }, 'map'),
  see_user_user: view({ channel: 'user_user' }, 'map'),
  see_item_item: view({ channel: 'item_item' }, 'map'),
  item_item_off: experiment({ channels: [true, true, false], channel: 'item_item' }, 'channels'),
  user_user_off: experiment({ channels: [true, false, true], channel: 'user_user' }, 'channels'),
  history_only: experiment({ channels: [true, false, false], channel: 'user_item' }, 'channels'),
  all_off: experiment({ channels: [false, false, false] }, 'channels'),
  // Attention and the cell.
  mean_attention: experiment({ attention: 'mean' }),
  busiest: {
    change: { sort: 'degree' },
    panel: 'sample',
    pair: (table, row) => table.user_degree[row]!,
  },
  one_layer: experiment({ layers: 1 }),
  sum_cell: experiment({ cell: 'sum' }),
  paper: experiment({ preset: 'paper' }),
  no_norm: experiment({ z_norm: 'none' }),
  // Pairings and experts.
  one_expert: experiment({ experts: 1 }),
  no_graph_experts: experiment({ experts: 0 }),
  concatenation: experiment({ kappa: 'con' }),
  addition: experiment({ kappa: 'add' }),
  // Gates.
  by_entropy: view({ sort: 'entropy', task: 'purchase' }, 'gates'),
  by_score: view({ sort: 'score', task: 'favourite' }, 'gates'),
  by_degree: view({ sort: 'degree' }, 'gates'),
  uneven_gate: { change: { sort: 'entropy' }, panel: 'sample', pair: uneven },
  // The losses.
  equal_weights: experiment({ uncertainty: 'off' }),
  strong_balance: experiment({ beta: 0.1 }, 'gates'),
  no_balance: experiment({ collaboration: false }, 'gates'),
  no_decay: experiment({ lambda: 0 }),
  // GAUC.
  few_users: experiment({ evaluate_users: 100 }),
  popular: view({ channel: 'item_item', sort: 'score', task: 'purchase' }, 'gates'),
  // Results.
  race_mmoe: race({}, { system: 'mmoe' }, { system: 'moge' }),
  race_ngcf: race({}, { system: 'ngcf' }, { system: 'moge' }),
  race_graph: race({}, { system: 'esmm_graph' }, { system: 'mmoe_graph' }, { system: 'moge' }),
  race_seeds: race({}, { seed: 1 }, { seed: 2 }, { seed: 3 }),
  race_interaction: race({}, { kappa: 'con' }, { kappa: 'ep' }),
  // Deployment.
  small: experiment({ preset: 'demo-cpu' }),
  tiny_embedding: experiment({ d: 8 }),
} satisfies Record<string, LessonLink>;
export type LinkName = keyof typeof LINKS;
export const LINK_NAMES = Object.keys(LINKS) as LinkName[];

export const linkNamed = (name: LinkName): LessonLink => LINKS[name];

/** The address of a link: of a race, that of the run in it that differs. */
export function addressOf(name: LinkName): string {
  const { change, race } = linkNamed(name);
  return linkOf({ ...change, ...race?.[0] }) || '#v=1';
}

/**
 * How a link went: a run trains, waits, or has been trained to its end before; none was needed; no pair
 * is scored yet; or the engine that a race needs is not there yet.
 */
export type Followed = 'trains' | 'waits' | 'ended' | 'looking' | 'no pair' | 'early';

/** Does in the page what a link says. */
export function follow(lab: Lab, name: LinkName): Followed {
  const { change, train, race, pair } = linkNamed(name);
  const sets =
    race !== undefined || 'preset' in change || Object.keys(split(change).settings).length > 0;
  // Who has chosen the small preset for a weak machine keeps it.
  const preset = lab.state.preset === 'demo-cpu' ? 'demo-cpu' : 'demo';
  lab.apply(sets ? { preset, ...change } : change);
  if (race && lab.addToRace(race).length === 0) return 'early';
  if (train && !lab.playing) lab.play();
  if (pair) {
    const table = lab.run?.gates;
    if (!table) return 'no pair';
    lab.select(table.instance[best(table, pair)]!);
  }
  if (!race && !train) return 'looking';
  if (race || lab.playing) return 'trains';
  return lab.run?.status === 'ended' ? 'ended' : 'waits';
}

/** The row for which a merit is largest. */
function best(table: GateTable, merit: (table: GateTable, row: number) => number): number {
  let [found, most] = [0, -Infinity];
  for (let row = 0; row < table.instance.length; row++) {
    const value = merit(table, row);
    if (value > most) [found, most] = [row, value];
  }
  return found;
}
