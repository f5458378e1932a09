/**
 * What is known of a finished run, in few bytes: a part of the scored pairs, a part of each map's
 * edges, and numbers rounded to what can be seen. `shrink` is used when the page is built, the rest
 * by the page.
 */
import type {
  Channel,
  ChannelMap,
  DatasetCard,
  Evaluation,
  Explanation,
  GateTable,
  ModelCard,
  Presets,
  RunInfo,
  StepReport,
} from '../engine/protocol';
import { CHANNELS, TASKS } from '../engine/protocol';
import { fromDeltas, fromLevels, toDeltas, toLevels } from './numbers';
import type { Levels } from './numbers';

/** Version of the file. */
const FORMAT = 1;
/** Scored pairs that are kept, about; and edges of a channel at most. */
const PAIRS = 2000;
const EDGES = 1500;
/** Bits of a node's place on each axis of a map. */
const BITS = 10;

/** A finished run as the page shows it. */
export interface FinishedRun {
  card: DatasetCard;
  presets: Presets;
  models: ModelCard[];
  info: RunInfo;
  evaluations: Evaluation[];
  reports: StepReport[];
  gates: GateTable;
  explanation: Explanation;
  maps: Record<Channel, ChannelMap>;
}

interface SmallGates {
  step: number;
  experts: number;
  instance: Uint8Array;
  user: Uint8Array;
  item: Uint8Array;
  user_degree: Uint8Array;
  labels: Uint8Array;
  /** One of each task; those of the gates also of each expert, without the last. */
  logits: Levels[];
  graph: Levels[];
  gates: Uint8Array[];
}

interface SmallMap {
  /** The nodes' places, interleaved bits of y and x, rising. */
  places: Uint8Array;
  kind: Uint8Array;
  degree: Uint8Array;
  edge_count: number;
  /** Both ends of each edge, by the first. */
  edges: Uint8Array;
  /** The nodes that the explained pair needs, with their raw ids. */
  named: [node: number, raw: number][];
}

interface SmallReports {
  steps: Uint8Array;
  epochs: Uint8Array;
  values: Levels[];
}

export interface SmallRun extends Pick<
  FinishedRun,
  'card' | 'presets' | 'models' | 'info' | 'evaluations' | 'explanation'
> {
  format: number;
  reports: SmallReports;
  gates: SmallGates;
  maps: Record<Channel, SmallMap>;
}

/** The numbers of a report that the charts draw. */
const VALUES: ((report: StepReport) => number)[] = [
  ({ cross_entropy }) => cross_entropy[0],
  ({ cross_entropy }) => cross_entropy[1],
  ({ collaboration }) => collaboration,
  ({ regulariser }) => regulariser,
  ({ total }) => total,
  ({ log_variance }) => log_variance[0],
  ({ log_variance }) => log_variance[1],
];

export function shrink(run: FinishedRun): SmallRun {
  const { gates, maps, reports, explanation, ...rest } = run;
  const small = CHANNELS.map((channel) => [channel, shrinkMap(maps[channel], explanation)]);
  return {
    format: FORMAT,
    ...rest,
    explanation,
    reports: {
      steps: toDeltas(reports.map(({ step }) => step)),
      epochs: toDeltas(reports.map(({ epoch }) => epoch)),
      values: VALUES.map((value) => toLevels(reports.map(value), 2)),
    },
    gates: shrinkGates(gates, explanation.instance),
    maps: Object.fromEntries(small) as Record<Channel, SmallMap>,
  };
}

/** The run as it was, within what was rounded; null where the file is of another version. */
export function restore(small: SmallRun): FinishedRun | null {
  if (small.format !== FORMAT) return null;
  const { gates, maps, reports } = small;
  const restored = CHANNELS.map((channel) => [channel, restoreMap(channel, maps[channel])]);
  return {
    ...small,
    reports: restoreReports(reports),
    gates: restoreGates(gates),
    maps: Object.fromEntries(restored) as Record<Channel, ChannelMap>,
  };
}

function restoreReports({ steps, epochs, values }: SmallReports): StepReport[] {
  const [favourite, purchase, collaboration, regulariser, total, first, second] =
    values.map(fromLevels);
  const epoch = fromDeltas(epochs);
  return Array.from(fromDeltas(steps), (step, i) => {
    const log_variance: [number, number] = [first![i]!, second![i]!];
    return {
      step,
      epoch: epoch[i]!,
      cross_entropy: [favourite![i]!, purchase![i]!],
      collaboration: collaboration![i]!,
      regulariser: regulariser![i]!,
      total: total![i]!,
      log_variance,
      task_weight: log_variance.map((value) => Math.exp(-value)) as [number, number],
      milliseconds: 0,
      samples_per_second: 0,
    };
  });
}

/** All pairs of every n-th user, and of the user of the chosen pair: what is said per user holds. */
function shrinkGates(table: GateTable, chosen: number): SmallGates {
  const users = [...new Set(table.user)];
  const stride = Math.max(1, Math.ceil(table.user.length / PAIRS));
  const kept = new Set(users.filter((_, i) => i % stride === 0));
  kept.add(table.user[table.instance.indexOf(chosen)]!);
  const rows = Array.from(table.user.keys()).filter((row) => kept.has(table.user[row]!));
  const { experts } = table;
  const column = (values: ArrayLike<number>) => rows.map((row) => values[row]!);
  const byTask = (values: ArrayLike<number>, k: number) =>
    rows.map((row) => values[TASKS.length * row + k]!);
  const gate = (k: number, n: number) =>
    rows.map((row) => Math.round(255 * table.gates[(TASKS.length * row + k) * experts + n]!));
  return {
    step: table.step,
    experts,
    instance: toDeltas(column(table.instance)),
    user: toDeltas(column(table.user)),
    item: toDeltas(column(table.item)),
    user_degree: toDeltas(column(table.user_degree)),
    labels: Uint8Array.from(rows, (row) => table.labels[2 * row]! + 2 * table.labels[2 * row + 1]!),
    logits: TASKS.map((_, k) => toLevels(byTask(table.logits, k), 2)),
    graph: table.graph?.length ? TASKS.map((_, k) => toLevels(byTask(table.graph, k), 1)) : [],
    gates: TASKS.flatMap((_, k) =>
      Array.from({ length: Math.max(0, experts - 1) }, (__, n) => Uint8Array.from(gate(k, n))),
    ),
  };
}

function restoreGates(small: SmallGates): GateTable {
  const instance = fromDeltas(small.instance);
  const { experts } = small;
  const tasks = TASKS.length;
  const rows = instance.length;
  const logits = small.logits.map(fromLevels);
  const graph = small.graph.map(fromLevels);
  const table: GateTable = {
    step: small.step,
    instance,
    user: fromDeltas(small.user),
    item: fromDeltas(small.item),
    user_degree: fromDeltas(small.user_degree),
    labels: Uint8Array.from({ length: rows * tasks }, (_, cell) => {
      return (small.labels[Math.floor(cell / tasks)]! >> (cell % tasks)) & 1;
    }),
    logits: woven(logits, rows),
    graph: woven(graph, rows),
    experts,
    gates: new Float32Array(rows * tasks * experts),
  };
  for (let cell = 0; cell < rows * tasks && experts > 0; cell++) {
    const [row, k] = [Math.floor(cell / tasks), cell % tasks];
    let rest = 1;
    for (let n = 0; n < experts - 1; n++) {
      const share = small.gates[k * (experts - 1) + n]![row]! / 255;
      table.gates[cell * experts + n] = share;
      rest -= share;
    }
    table.gates[cell * experts + experts - 1] = Math.max(0, rest);
  }
  return table;
}

/** Columns as the rows of one array. */
function woven(columns: Float32Array[], rows: number): Float32Array {
  const values = new Float32Array(columns.length * rows);
  columns.forEach((column, k) =>
    column.forEach((value, row) => (values[columns.length * row + k] = value)),
  );
  return values;
}

/** Which side of a map an axis position of -1 to 1 is on, in 2^BITS steps. */
const toCell = (position: number) =>
  Math.round(((Math.max(-1, Math.min(1, position)) + 1) / 2) * (2 ** BITS - 1));
const fromCell = (cell: number) => (2 * cell) / (2 ** BITS - 1) - 1;

function shrinkMap(map: ChannelMap, sample: Explanation): SmallMap {
  const place = Array.from(map.kind, (_, node) => {
    const [x, y] = [toCell(map.positions[2 * node]!), toCell(map.positions[2 * node + 1]!)];
    return spread(x) + 2 * spread(y);
  });
  const order = Array.from(map.kind.keys()).sort((a, b) => place[a]! - place[b]!);
  const rank = new Uint32Array(order.length);
  order.forEach((node, i) => (rank[node] = i));

  const count = map.edges.length / 2;
  const stride = Math.max(1, Math.ceil(count / EDGES));
  const edges = Array.from({ length: Math.ceil(count / stride) }, (_, i) => {
    const [a, b] = [map.edges[2 * i * stride]!, map.edges[2 * i * stride + 1]!];
    return { a: rank[a]!, b: rank[b]! };
  }).sort((a, b) => a.a - b.a || a.b - b.b);

  const raws = [new Set([sample.user.raw]), new Set([sample.item.raw])];
  for (const { kind, raw } of sample.neighbors) raws[kind === 'user' ? 0 : 1]!.add(raw);
  return {
    places: toDeltas(order.map((node) => place[node]!)),
    kind: Uint8Array.from(order, (node) => map.kind[node]!),
    degree: Uint8Array.from(order, (node) => Math.min(255, map.degree[node]!)),
    edge_count: count,
    edges: toDeltas(edges.flatMap(({ a, b }) => [a, b])),
    named: order.flatMap<[number, number]>((node, i) => {
      const raw = map.raw[node]!;
      return raws[map.kind[node]!]!.has(raw) ? [[i, raw]] : [];
    }),
  };
}

function restoreMap(channel: Channel, small: SmallMap): ChannelMap {
  const positions = new Float32Array(2 * small.kind.length);
  fromDeltas(small.places).forEach((place, node) => {
    positions[2 * node] = fromCell(gather(place));
    positions[2 * node + 1] = fromCell(gather(place >> 1));
  });
  const raw = new Float64Array(small.kind.length).fill(NaN);
  for (const [node, id] of small.named) raw[node] = id;
  return {
    channel,
    positions,
    kind: small.kind,
    degree: Uint32Array.from(small.degree),
    raw,
    edges: fromDeltas(small.edges),
    weights: new Float32Array(),
    edge_count: small.edge_count,
  };
}

/** The bits of a number at every other place. */
function spread(cell: number): number {
  let place = 0;
  for (let bit = 0; bit < BITS; bit++) place |= ((cell >> bit) & 1) << (2 * bit);
  return place;
}

/** Every other bit of a number, together. */
function gather(place: number): number {
  let cell = 0;
  for (let bit = 0; bit < BITS; bit++) cell |= ((place >> (2 * bit)) & 1) << bit;
  return cell;
}
