/**
 * The page's side of an engine: owns one worker, and starts a new one when it breaks.
 *
 * A panic poisons a wasm instance and a lost GPU device does not come back, so the client keeps what
 * a new worker needs to go on: the dataset's bytes, the run's settings, and the checkpoint that comes
 * with every evaluation.
 */
import * as Comlink from 'comlink';
import { Binaries } from './binaries';
import type { ChartSpec, FigureSpec } from './drawings';
import type {
  BinaryName,
  Channel,
  Config,
  DatasetCard,
  Engine,
  EngineName,
  ImportOptions,
  ImportProgress,
  Progress,
  Removal,
  RunInfo,
  Task,
  TrainingListener,
} from './protocol';

/** One worker: `died` is called when it breaks in a way that no call reports. */
export interface Handle {
  engine: Engine;
  terminate(): void;
}
export type Spawn = (died: (why: string) => void) => Handle;

/** What the person waits for; `fraction` is null where no share is known. */
export type Wait = 'engine' | 'dataset' | 'start' | 'score' | 'recover' | 'revive';

/** A prepared dataset as it was read, which every worker opens for itself. */
export interface Data {
  dataset: Uint8Array;
  layout: Uint8Array | null;
}

export interface Events {
  /** A wait has begun or moved on. */
  waiting(wait: Wait, fraction: number | null): void;
  /** The engine broke and a new one has taken up the run. */
  recovered(what: { why: string; info: RunInfo; playing: boolean }): void;
  /** The engine broke while it had no run, and a new one has opened the dataset. */
  reopened(): void;
  /** The engine broke and could not be replaced. */
  failed(error: Error): void;
}

/** Rejects the calls that were under way when the engine broke; `Events` tells the rest. */
export class EngineLost extends Error {
  override name = 'EngineLost';
}

/** Starts the real worker. */
export const spawnWorker: Spawn = (died) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    died(event.message || 'The engine could not be loaded.');
  });
  return {
    engine: Comlink.wrap<Engine>(worker) as unknown as Engine,
    terminate: () => worker.terminate(),
  };
};

/** Whether this error means that the worker cannot be used any more. */
export function isFatal(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (error.name === 'RuntimeError' || error.message.startsWith('GPU device lost'))
  );
}

interface Life {
  handle: Handle;
  /** Rejects when the worker breaks. */
  end: Promise<never>;
  fail: (error: EngineLost) => void;
}

export class EngineClient {
  private life: Life | null = null;
  private binary: BinaryName | null = null;
  private run: { config: Config; engine: EngineName } | null = null;
  /** The run as it was at its last evaluation; the browser may keep it on disk. */
  private checkpoint: Blob | null = null;
  private playing = false;
  private minimum = 0;
  /** Set from a recovery until the next evaluation: breaking again before it is final. */
  private recovering = false;

  constructor(
    private readonly events: Events,
    /** What a worker opens before anything else, where that is known already. */
    private data: Data | null = null,
    private readonly binaries = new Binaries(),
    private readonly spawn: Spawn = spawnWorker,
  ) {}

  /** Gets the binary that this choice of engine needs, in a new worker where the old has another. */
  async load(engine: EngineName): Promise<void> {
    if (!this.life) this.begin();
    const needed = await this.call((e) => e.binary(engine));
    if (this.binary === needed || this.binary === 'full') return;
    if (this.binary !== null) {
      this.end();
      this.begin();
    }
    this.events.waiting('engine', 0);
    const progress = Comlink.proxy((part: number) => this.events.waiting('engine', part));
    await this.binaries.start(needed, (compiled) =>
      this.call((e) => e.load(needed, progress, compiled)),
    );
    this.binary = needed;
    await this.call((e) => e.pace(this.minimum));
    if (this.data) await this.show(this.data);
  }

  presets() {
    return this.call((e) => e.presets());
  }

  models() {
    return this.call((e) => e.models());
  }

  /** The dataset that is open, with its layout. */
  get opened(): Data | null {
    return this.data;
  }

  /** Opens a dataset; one that is refused leaves the one before in place. */
  async open(dataset: Uint8Array, layout: Uint8Array | null): Promise<DatasetCard> {
    this.events.waiting('dataset', null);
    const card = await this.show({ dataset, layout });
    this.data = { dataset, layout: layout ?? (await this.call((e) => e.layout())) };
    return card;
  }

  channel(channel: Channel) {
    return this.call((e) => e.channel(channel));
  }

  /** Builds a run; replaces the current one. */
  async start(config: Config, engine: EngineName): Promise<RunInfo> {
    this.run = { config, engine };
    this.checkpoint = null;
    this.playing = false;
    this.recovering = false;
    await this.load(engine);
    this.events.waiting('start', null);
    return this.call((e) => e.start(config, engine));
  }

  /** Whether there is a worker. */
  get alive(): boolean {
    return this.life !== null;
  }

  /** The run as it was saved last, at an evaluation mostly, which `revive` brings back. */
  get saved(): Blob | null {
    return this.checkpoint;
  }

  /** Saves the run as it is now, for `revive`. */
  async save(): Promise<void> {
    this.checkpoint = await this.call((e) => e.checkpoint());
  }

  /** Takes up the run as it was saved last in a new worker, after `end`. */
  async revive(engine: EngineName): Promise<RunInfo> {
    await this.load(engine);
    this.events.waiting('revive', null);
    return this.resume(this.checkpoint!, engine);
  }

  async play(listener: TrainingListener): Promise<void> {
    this.playing = true;
    try {
      await this.call((e) => e.play(this.listen(listener)));
      this.playing = false;
    } catch (error) {
      // A lost engine goes on playing in its successor.
      if (!(error instanceof EngineLost)) this.playing = false;
      throw error;
    }
  }

  async pause(): Promise<void> {
    this.playing = false;
    await this.call((e) => e.pause());
  }

  step(listener: TrainingListener) {
    return this.call((e) => e.step(this.listen(listener)));
  }

  evaluate(listener: TrainingListener) {
    return this.call((e) => e.evaluate(this.listen(listener)));
  }

  async pace(milliseconds: number): Promise<void> {
    this.minimum = milliseconds;
    if (this.binary) await this.call((e) => e.pace(milliseconds));
  }

  explain(instance: number, removed: Removal[] = []) {
    return this.call((e) => e.explain(instance, removed));
  }

  knock(instance: number, removed: Removal[]) {
    return this.call((e) => e.knock(instance, removed));
  }

  trace(instance: number) {
    return this.call((e) => e.trace(instance));
  }

  score(csv: string, progress: Progress = () => {}) {
    return this.call((e) => e.score(csv, Comlink.proxy(progress)));
  }

  recommend(user: number, n: number, task: Task) {
    return this.call((e) => e.recommend(user, n, task));
  }

  chart(spec: ChartSpec) {
    return this.call((e) => e.chart(spec));
  }

  figure(spec: FigureSpec) {
    return this.call((e) => e.figure(spec));
  }

  /** The parameters as safetensors. */
  model() {
    return this.call((e) => e.model());
  }

  /** The run in plain numbers as JSON text. */
  record(seconds: number) {
    return this.call((e) => e.record(seconds));
  }

  /** Takes up a trained run from its parameters; the settings are those in the file. */
  async adopt(model: Uint8Array, engine: EngineName): Promise<RunInfo> {
    await this.load(engine);
    this.events.waiting('start', null);
    const info = await this.call((e) => e.adopt(model, engine));
    this.run = { config: info.config, engine };
    return info;
  }

  /** Takes up a whole run from the file of an earlier visit. */
  async restore(checkpoint: Blob, engine: EngineName): Promise<RunInfo> {
    await this.load(engine);
    this.events.waiting('revive', null);
    const info = await this.resume(checkpoint, engine);
    this.run = { config: info.config, engine };
    this.checkpoint = checkpoint;
    return info;
  }

  /** Reads a log into a dataset, which is not opened yet. */
  importLog(files: File[], options: ImportOptions, progress: ImportProgress) {
    return this.call((e) => e.importLog(files, options, Comlink.proxy(progress)));
  }

  /** Tries again after `Events.failed`, on the engine that was asked for. */
  retry(): Promise<void> {
    return this.recover('', this.run?.engine ?? 'auto');
  }

  /** Stops the worker; the dataset and the checkpoint stay. */
  end(): void {
    this.life?.handle.terminate();
    this.life?.fail(new EngineLost('The engine was stopped.'));
    this.life = null;
    this.binary = null;
  }

  private begin(): void {
    let fail!: Life['fail'];
    const end = new Promise<never>((_, reject) => (fail = reject));
    end.catch(() => {});
    const handle = this.spawn((why) => {
      if (this.life?.handle === handle) this.lose(why);
    });
    this.life = { handle, end, fail };
  }

  /** Calls the worker; the call ends, too, when the worker does. */
  private async call<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const life = this.life;
    if (!life) throw new EngineLost('The engine is not running.');
    try {
      return await Promise.race([work(life.handle.engine), life.end]);
    } catch (error) {
      if (!isFatal(error)) throw error;
      if (this.life === life) this.lose(error.message);
      throw new EngineLost(error.message);
    }
  }

  /** The listener as the worker gets it: the client keeps the newest checkpoint on the way. */
  private listen(listener: TrainingListener): TrainingListener {
    return Comlink.proxy({
      steps: (reports) => listener.steps(reports),
      evaluating: () => listener.evaluating(),
      evaluated: (evaluation, gates, checkpoint) => {
        this.checkpoint = checkpoint;
        this.recovering = false;
        listener.evaluated(evaluation, gates, checkpoint);
      },
    } satisfies TrainingListener);
  }

  private lose(why: string): void {
    this.end();
    if (this.recovering || !this.data) {
      this.recovering = false;
      this.playing = false;
      this.events.failed(new Error(why));
    } else {
      void this.recover(why, 'flex');
    }
  }

  private async recover(why: string, engine: EngineName): Promise<void> {
    const { run, checkpoint, playing } = this;
    this.recovering = true;
    this.events.waiting('recover', null);
    try {
      this.end();
      await this.load(engine);
      if (!run) {
        this.recovering = false;
        this.events.reopened();
        return;
      }
      this.events.waiting('recover', null);
      const info = await (checkpoint
        ? this.resume(checkpoint, engine)
        : this.call((e) => e.start(run.config, engine)));
      this.events.recovered({ why, info, playing });
    } catch (error) {
      // A second loss has already been reported.
      if (error instanceof EngineLost) return;
      this.recovering = false;
      this.playing = false;
      this.events.failed(error as Error);
    }
  }

  private resume(checkpoint: Blob, engine: EngineName): Promise<RunInfo> {
    return this.call((e) => e.resume(checkpoint, engine));
  }

  private show({ dataset, layout }: Data): Promise<DatasetCard> {
    const progress = Comlink.proxy((part: number) => this.events.waiting('dataset', part));
    return this.call((e) => e.open(dataset, layout, progress));
  }
}
