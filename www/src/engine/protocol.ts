/**
 * What the page, the worker and the wasm say to each other: plain data, no classes.
 *
 * The wasm exports one class, `Session`; the worker drives it and exposes one `Engine` through
 * Comlink. The names and shapes here are those of the serde structs in `src/web`; `K = 2` tasks
 * (favourite, purchase), `N` experts of the gates (0, 3 or 4), `B` = number of test instances. Arrays
 * with several axes are flat, row-major typed arrays that own their memory, so that they can be transferred.
 */

import type { ChartSpec, FigureSpec } from './drawings';

export const TASKS = ['favourite', 'purchase'] as const;
export type Task = (typeof TASKS)[number];

export const CHANNELS = ['user_item', 'user_user', 'item_item'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Every system of the paper's comparison; the name ends in `_graph` where graph states come in. */
export const SYSTEMS = [
  'mlp',
  'ngcf',
  'shared_bottom',
  'cross_stitch',
  'esmm',
  'mmoe',
  'snr_trans',
  'cgc',
  'shared_bottom_graph',
  'cross_stitch_graph',
  'esmm_graph',
  'mmoe_graph',
  'snr_trans_graph',
  'cgc_graph',
  'moge',
] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** What MoGE's four experts' interactions join (paper section 4.2), in the order of `Z^1 .. Z^4`. */
export const EXPERTS = [
  { user: 'user_item', item: 'user_item' },
  { user: 'user_item', item: 'item_item' },
  { user: 'user_user', item: 'user_item' },
  { user: 'user_user', item: 'item_item' },
] as const;

export type EngineName = 'auto' | 'webgpu' | 'flex' | 'ndarray';

/** The binaries that are built: 'cpu' holds flex, 'full' holds flex, ndarray and WebGPU. */
export type BinaryName = 'cpu' | 'full';

/** The settings of a run that the page shows. */
export interface Settings {
  system: SystemName;
  seed: number;
  d: number;
  layers: number;
  batch: number;
  /** Neighbours drawn at each hop; as many numbers as layers. */
  fan_out: number[];
  learning_rate: number;
  lambda: number;
  beta: number;
  /** Which channels are in use: user-item, user-user, item-item. */
  channels: boolean[];
  /** How many of the four experts are joined by their graph interaction; the others get zeros. */
  experts: number;
  kappa: 'ep' | 'con' | 'add' | 'mlp';
  z_norm: 'none' | 'rms' | 'l2';
  attention: 'dot' | 'genie' | 'gat' | 'mean' | 'symnorm';
  cell: 'lstm' | 'lstm_h0' | 'gru' | 'sum' | 'ngcf';
  /** 'off' is loss (i), 'm2grl' is loss (ii) as printed, 'kendall' the half form. */
  uncertainty: 'off' | 'm2grl' | 'kendall';
  /** Whether loss (iii), the expert-balancing term, is added. */
  collaboration: boolean;
  features: 'ids' | 'ids_attrs';
  /** Steps between evaluations. */
  evaluate_every: number;
  /** Test users that are scored, a fixed subset; 0 for all. */
  evaluate_users: number;
  /** Scorings without a better validation GAUC after which the run stops; 0 for never. */
  patience: number;
  /** The run is finished after this many steps. */
  steps: number;
}

/** Every setting of a run, flat; the defaults come from `Session.presets()`. */
export interface Config extends Settings {
  [advanced: string]: unknown;
}

export const PRESETS = ['demo', 'demo-cpu', 'paper'] as const;
export type PresetName = (typeof PRESETS)[number];
export type Presets = Record<PresetName, Config>;

/** What a system is, to choose by. */
export interface ModelCard {
  name: SystemName;
  title: string;
  /** The system without its graph input; the same as `name` where it has no such variant. */
  base: SystemName;
  /** Whether it is the variant with graph input. */
  graph: boolean;
  /** One network per task, trained apart. */
  single_task: boolean;
  /** Which channels it reads when all are on. */
  channels: [boolean, boolean, boolean];
  /** Network parameters at the default settings, without the embedding tables. */
  parameters: number;
  embeddings: 'shared' | 'per task';
  losses: string;
  description: string;
  source: string;
}

/** The paper's Table 1 and Figure 1 for the loaded dataset. */
export interface DatasetCard {
  name: string;
  synthetic: boolean;
  provenance: string;
  users: number;
  items: number;
  merchants: number;
  categories: number;
  brands: number;
  /** Distinct user-item edges of G; Gu and Gi count directed edges. */
  edges: { user_item: number; user_user: number; item_item: number };
  instances: { train: number; valid: number; test: number };
  /** Share of positive labels in train, per task. */
  positives: [number, number];
  /** Users with at least one positive and one negative test instance, per task. */
  valid_groups: [number, number];
  /** Degree distributions in G: `count[i]` nodes have `degree[i]` edges. */
  long_tail: { users: Histogram; items: Histogram };
}
export interface Histogram {
  degree: number[];
  count: number[];
}

/** One channel, ready to draw. */
export interface ChannelMap {
  channel: Channel;
  /** Node positions `[nodes, 2]`, roughly in [-1, 1]. */
  positions: Float32Array;
  /** 0 user, 1 item. */
  kind: Uint8Array;
  degree: Uint32Array;
  /** Raw id in the log. */
  raw: Float64Array;
  /** Undirected edges as pairs of node positions `[edges, 2]`. */
  edges: Uint32Array;
  /** Similarity of each edge, 1 in user_item. */
  weights: Float32Array;
  /**
   * How many edges there are, where `edges` is a part of them; then there are no weights, and `raw`
   * is known of some nodes only.
   */
  edge_count?: number;
}

export interface RunInfo {
  engine: 'webgpu' | 'flex' | 'ndarray';
  system: SystemName;
  /** Names of the gates' experts; empty where there are no gates. */
  experts: string[];
  /** Why this engine was taken, one sentence. */
  reason: string;
  parameters: number;
  embedding_parameters: number;
  /** Steps done: 0 unless it was resumed. */
  step: number;
  /** What was scored before it was resumed, oldest first. */
  evaluations: Evaluation[];
  /** Set when the run that was resumed has ended. */
  ended: Ended | null;
  config: Config;
}

/** The end of a run, with an explanation for people. */
export interface Ended {
  how: 'finished' | 'early_stopped' | 'diverged';
  why: string;
}

/** After every training step. */
export interface StepReport {
  step: number;
  epoch: number;
  /** Binary cross-entropy per task, C_k. */
  cross_entropy: [number, number];
  /** Balancing term, regulariser and the total that was minimised. */
  collaboration: number;
  regulariser: number;
  total: number;
  /** Learned log variances s_k and the task weights exp(-s_k). */
  log_variance: [number, number];
  task_weight: [number, number];
  /** Wall time of this step, milliseconds. */
  milliseconds: number;
  samples_per_second: number;
  /** Set when this step has ended the run. */
  ended?: Ended;
}

export interface TaskScore {
  /** null when no group is valid. */
  gauc: number | null;
  auc: number | null;
  groups: number;
  /** Share of the test instances that lie in valid groups. */
  share: number;
}

/** A small matrix that says what a system shares between its parts, row-major. */
export interface Sharing {
  name: string;
  rows: string[];
  columns: string[];
  values: number[];
}

export interface Evaluation {
  step: number;
  /** Favourite, purchase. */
  tasks: [TaskScore, TaskScore];
  /** GAUC in the validation window, which decides when to stop. */
  validation: [number | null, number | null];
  /** Mean gate `[K][N]` and its standard deviation over the evaluated instances. */
  gate_mean: number[][];
  gate_std: number[][];
  /** Mean entropy of the gate per task, nats; the uniform gate has ln N. Empty without gates. */
  gate_entropy: number[];
  /** What is shared: stitch units, routing strengths, mean gates. */
  sharing: Sharing[];
  milliseconds: number;
  /** How many test instances were scored, and whether that is all of them. */
  instances: number;
  complete: boolean;
  /** Set when the run has ended, be it by this evaluation. */
  ended?: Ended;
}

/** Gates and scores of all scored test instances at the last evaluation. */
export interface GateTable {
  step: number;
  /** Index of each row into the test window `[B]`. */
  instance: Uint32Array;
  user: Uint32Array;
  item: Uint32Array;
  /** Labels `[B, K]`. */
  labels: Uint8Array;
  /** `[B, K]`. */
  logits: Float32Array;
  /** N, 0 where there are no gates. */
  experts: number;
  /** `[B, K, N]`. */
  gates: Float32Array;
  /**
   * The graph's exact part of each logit, `sum_n g_n graph_n`, `[B, K]`; empty where a system's
   * logits do not split.
   */
  graph: Float32Array;
  /** Degree of the row's user in G `[B]`. */
  user_degree: Uint32Array;
}

export interface Neighbor {
  channel: Channel;
  /** Whose neighbour it is. */
  of: 'user' | 'item';
  kind: 'user' | 'item';
  node: number;
  raw: number;
  attention: number;
  /** Similarity in Gu and Gi, 1 in G. */
  weight: number;
}

export interface Explanation {
  instance: number;
  user: { node: number; raw: number; fields: FieldValue[]; degree: number };
  item: { node: number; raw: number; fields: FieldValue[]; degree: number };
  day: string;
  tasks: TaskExplanation[];
  neighbors: Neighbor[];
}
export interface FieldValue {
  name: string;
  value: string;
}
/** logit = bias + sum_n gate_n * (expert_n + graph_n), exactly (model.md 5.4). */
export interface TaskExplanation {
  task: Task;
  label: 0 | 1;
  logit: number;
  probability: number;
  bias: number;
  /** Empty, like the next three, where a system has no gates or a tower stands behind them. */
  gate: number[];
  expert: number[];
  graph: number[];
  contribution: number[];
}

/**
 * Edges that are taken away from a test pair before it is scored again, in every layer: all of a
 * channel, those of one side of the pair (`of`), or that side's edge to one `node` (its index among
 * its kind, as in `Neighbor`).
 */
export interface Removal {
  channel: Channel;
  of?: 'user' | 'item';
  node?: number;
}

/** A pair with all its edges, and without some of them. */
export interface Knock {
  whole: Explanation;
  knocked: Explanation;
}

/**
 * The tensors of one test pair on its way through MoGE (the paper's Figure 2), by the names of
 * model.md 5: `p_u`, `q_i` `[d]`; `h_u`, `h_i` of G, `hu~` of Gu and `hi~` of Gi `[d]`, normalised as
 * the interactions read them; `Z1..Z4` `[dz]`, `f1..f4` `[32]`; and per task `g_favourite`,
 * `g_purchase` `[N]`, `o_favourite`, `o_purchase` `[32 + dz]`; `logit` `[K]`. A part that is switched
 * off is left out; a system other than MoGE has no trace.
 */
export interface Trace {
  instance: number;
  tensors: Tensor[];
}
export interface Tensor {
  name: string;
  shape: number[];
  values: number[];
}

/** What a log is cut down to: the dense core of at most so many users and items. */
export interface ImportOptions {
  users: number;
  items: number;
}

/** A prepared dataset that was made of a log. */
export interface Imported {
  dataset: Uint8Array;
  layout: Uint8Array;
  card: DatasetCard;
  /** Rows read of the log, in all and by action: click, cart, purchase, favourite. */
  rows: number;
  actions: [number, number, number, number];
}

/** What was done of a part of an import, 0 to 1 of the bytes or of the layout, and rows so far. */
export type ImportProgress = (part: 'reading' | 'building', fraction: number, rows: number) => void;

/** Turns a log into a dataset, in chunks of plain CSV bytes as they come; lines may be cut anywhere. */
export interface Importer {
  pushLog(chunk: Uint8Array): void;
  pushInfo(chunk: Uint8Array): void;
  /** Rows read of the log so far. */
  rows(): number;
  /** Ends the reading; a failure names the file, the line and what to do. */
  finish(progress: Progress): Imported;
  free(): void;
}

/** The scores of one line of a pairs file. */
export interface PairScore {
  line: number;
  user_id: number;
  item_id: number;
  /** False for ids that the training has not seen: their attributes and neighbours are all there is. */
  user_known: boolean;
  item_known: boolean;
  logits: [number, number];
  probabilities: [number, number];
}
export interface PairScores {
  rows: PairScore[];
  /** What a person should know of them: what is unseen, what could not be mapped. */
  notes: string[];
  /** The same as a file. */
  csv: string;
}

export interface Recommendation {
  rank: number;
  item_id: number;
  logits: [number, number];
  probabilities: [number, number];
  degree: number;
  reasons: string[];
}

/**
 * The class that the wasm exports. Methods throw, or reject with, an `Error` whose message is meant
 * for people; a message that begins with `GPU device lost` says that only a new engine can go on.
 */
export interface Session {
  /**
   * Opens a prepared dataset (`dataset.moge`), and its layout where there is one; otherwise the layout
   * is computed, and `progress` told. A failure leaves what was open as it was.
   */
  open(dataset: Uint8Array, layout?: Uint8Array, progress?: Progress): DatasetCard;
  /** The layout as a file, for other sessions that open this dataset. */
  layout(): Uint8Array;
  channel(name: Channel): ChannelMap;
  /** Builds a run; replaces the current one. */
  start(config: Config, engine: EngineName): Promise<RunInfo>;
  /** One training step; the report carries its losses. */
  step(): Promise<StepReport>;
  evaluate(): Promise<Evaluation>;
  gates(): GateTable;
  /** Explains a test pair, as it would be without some of its edges. */
  explain(instance: number, removed: Removal[]): Promise<Explanation>;
  trace(instance: number): Promise<Trace>;
  /** Scores the pairs of a CSV file with a header; needs `user_id` and `item_id`. */
  score(csv: string, progress: Progress): Promise<PairScores>;
  /** The best items for a user, by one task's score. */
  recommend(user_id: number, n: number, task: Task): Promise<Recommendation[]>;
  /** The whole run (configuration, parameters, optimiser state) as one file, to go on from later. */
  checkpoint(): Promise<Uint8Array>;
  resume(checkpoint: Uint8Array, engine: EngineName): Promise<RunInfo>;
  /** The parameters as safetensors, like the `model.safetensors` of `moge train`. */
  model(): Promise<Uint8Array>;
  /** The run in plain numbers as JSON text, like the `run.json` of `moge train`; `seconds` it took. */
  record(seconds: number): string;
  /** Takes up a trained run from its `model.safetensors`: it has ended, and scores and explains. */
  adopt(model: Uint8Array, engine: EngineName): Promise<RunInfo>;
}

/** What is measured; sizes that are left out take the defaults of `moge bench`. */
export interface Measured {
  engine: EngineName;
  /** `own`, or `stock` for burn's operations alone. */
  form: string;
  sizes: Record<string, number | number[]>;
}

/** What `moge bench --json` prints; phases are null where only whole steps can be timed. */
export interface Measurement {
  users: number;
  items: number;
  edges: number;
  batch: number;
  fanout: number[];
  d: number;
  steps: number;
  seed: number;
  engine: EngineName;
  form: string;
  target: string;
  step_ms: number;
  sampling_ms: number | null;
  forward_ms: number | null;
  backward_ms: number | null;
  update_ms: number | null;
  samples_per_s: number;
  gflop_per_step: number;
  gflops: number;
  gemm_gflops: number;
  gemm_share: number;
  peak_mib: number | null;
  load_ms: number;
}

/** What the wasm's ES module exports. */
export interface SessionModule {
  default(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  Session: {
    new (): Session;
    presets(): Presets;
    models(): ModelCard[];
    /** A chart as SVG text, drawn by plotters. */
    chart(spec: ChartSpec): string;
    figure(spec: FigureSpec): string;
    /** Measures training steps on a workload, given as JSON. */
    bench(sizes: string, engine: string, form: string, progress: Progress): Promise<Measurement>;
  };
  Importer: { new (log: string, info: string, options: ImportOptions): Importer };
}

/** What was done of a long task, 0 to 1. */
export type Progress = (fraction: number) => void;

/** What the worker tells while it trains. It waits for each call to return. */
export interface TrainingListener {
  /** The reports of all steps since the last call, at most about 20 calls a second. */
  steps(reports: StepReport[]): void;
  /** The test set is about to be scored. */
  evaluating(): void;
  /** Scores, gates, and the run as it is now: a blob, because it may be large and the page only keeps it. */
  evaluated(evaluation: Evaluation, gates: GateTable, checkpoint: Blob): void;
}

/** The worker's face. Every method may reject with an `Error` whose message is meant for people. */
export interface Engine {
  /** The binary that this choice of engine needs on this machine. */
  binary(engine: EngineName): Promise<BinaryName>;
  /**
   * Fetches and compiles a binary, once per worker, and hands it out for other workers; one that
   * comes compiled is only started.
   */
  load(
    binary: BinaryName,
    progress: Progress,
    compiled: WebAssembly.Module | null,
  ): Promise<WebAssembly.Module | null>;
  presets(): Promise<Presets>;
  models(): Promise<ModelCard[]>;
  /** Opens a prepared dataset and its layout; both are copied. */
  open(dataset: Uint8Array, layout: Uint8Array | null, progress: Progress): Promise<DatasetCard>;
  layout(): Promise<Uint8Array>;
  channel(channel: Channel): Promise<ChannelMap>;
  /** Builds a run; replaces the current one. */
  start(config: Config, engine: EngineName): Promise<RunInfo>;
  /** Trains until paused, finished or diverged; scores the test set when the settings say so. */
  play(listener: TrainingListener): Promise<void>;
  pause(): Promise<void>;
  /** One training step. */
  step(listener: TrainingListener): Promise<void>;
  /** The shortest time that a step takes while playing, in milliseconds; 0 is full speed. */
  pace(milliseconds: number): Promise<void>;
  /** Scores the test set unless that was done at this step. */
  evaluate(listener: TrainingListener): Promise<void>;
  explain(instance: number, removed: Removal[]): Promise<Explanation>;
  /** The same with and without some edges, by the same parameters also while it trains. */
  knock(instance: number, removed: Removal[]): Promise<Knock>;
  trace(instance: number): Promise<Trace>;
  score(csv: string, progress: Progress): Promise<PairScores>;
  recommend(user_id: number, n: number, task: Task): Promise<Recommendation[]>;
  /** A chart as SVG text. */
  chart(spec: ChartSpec): Promise<string>;
  figure(spec: FigureSpec): Promise<string>;
  /** Measures training steps on a dataset made for it. */
  bench(what: Measured, progress: Progress): Promise<Measurement>;
  resume(checkpoint: Blob, engine: EngineName): Promise<RunInfo>;
  /** The whole run as one file. */
  checkpoint(): Promise<Blob>;
  model(): Promise<Uint8Array>;
  record(seconds: number): Promise<string>;
  adopt(model: Uint8Array, engine: EngineName): Promise<RunInfo>;
  /**
   * Reads the contest's files, in any order, plain, gzip or zip; without the user table, age and gender
   * are unknown.
   */
  importLog(files: File[], options: ImportOptions, progress: ImportProgress): Promise<Imported>;
}
