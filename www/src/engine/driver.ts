/**
 * The worker's face to the page: drives one `Session` and holds the training loop.
 *
 * Calls to the session run one after the other, because wasm-bindgen refuses a second call while an
 * asynchronous one borrows the session; the loop steps aside between steps, so that a pause or a
 * chart never waits longer than one step.
 */
import * as Comlink from 'comlink';
import type { ChartSpec, FigureSpec } from './drawings';
import { readLog } from './import';
import type {
  BinaryName,
  Channel,
  Config,
  Ended,
  Engine,
  EngineName,
  Evaluation,
  ImportOptions,
  ImportProgress,
  Measured,
  Progress,
  Removal,
  RunInfo,
  Session,
  SessionModule,
  StepReport,
  Task,
  TrainingListener,
} from './protocol';

/** Milliseconds between two reports to the page. */
const REPORT_EVERY = 50;

/** What the driver needs of the machine it runs on. */
export interface Platform {
  /** Fetches and compiles a binary, unless it comes compiled, and starts it. */
  load(
    binary: BinaryName,
    progress: Progress,
    compiled: WebAssembly.Module | null,
  ): Promise<{ module: SessionModule; compiled: WebAssembly.Module | null }>;
  /** Why WebGPU is out of the question, or null; `software` accepts an emulated adapter. */
  gpuObstacle(software: boolean): Promise<string | null>;
}

export class Driver implements Engine {
  private module: SessionModule | null = null;
  private loaded: BinaryName | null = null;
  private instance: Session | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private config: Config | null = null;
  /** Steps done, and the step at which the test set was scored last. */
  private at = 0;
  private evaluatedAt: number | null = null;
  private ended: Ended | null = null;
  /** The training loop that may go on; a loop that is not this one ends. */
  private loop: object | null = null;
  /** The shortest time of a step while playing, milliseconds. */
  private minimum = 0;
  private wake: () => void = () => {};

  constructor(private readonly platform: Platform) {}

  async binary(engine: EngineName): Promise<BinaryName> {
    if (engine === 'flex') return 'cpu';
    if (engine === 'auto')
      return (await this.platform.gpuObstacle(false)) === null ? 'full' : 'cpu';
    const obstacle = engine === 'webgpu' ? await this.platform.gpuObstacle(true) : null;
    if (obstacle === null) return 'full';
    throw new Error(`WebGPU cannot be used, because ${obstacle}. Choose another engine.`);
  }

  async load(binary: BinaryName, progress: Progress, given: WebAssembly.Module | null) {
    if (this.loaded !== null) throw new Error('A worker holds one engine binary only.');
    const { module, compiled } = await this.platform.load(binary, progress, given);
    this.module = module;
    this.instance = new module.Session();
    this.loaded = binary;
    return compiled;
  }

  async presets() {
    return this.wasm.Session.presets();
  }

  async models() {
    return this.wasm.Session.models();
  }

  open(dataset: Uint8Array, layout: Uint8Array | null, progress: Progress) {
    this.stop();
    return this.exclusive(() =>
      this.session.open(dataset, layout ?? undefined, (share) => void progress(share)),
    );
  }

  layout() {
    return this.exclusive(() => transferred(this.session.layout()));
  }

  channel(channel: Channel) {
    return this.exclusive(() => {
      const map = this.session.channel(channel);
      return Comlink.transfer(map, buffers(map));
    });
  }

  start(config: Config, engine: EngineName) {
    this.stop();
    return this.exclusive(async () => {
      const info = await this.session.start(config, engine);
      return this.begin(await this.explained(info, engine), null);
    });
  }

  resume(checkpoint: Blob, engine: EngineName) {
    this.stop();
    return this.exclusive(async () => {
      const bytes = new Uint8Array(await checkpoint.arrayBuffer());
      const info = await this.session.resume(bytes, engine);
      // Checkpoints are taken when the test set has been scored.
      return this.begin(await this.explained(info, engine), info.step);
    });
  }

  play(listener: TrainingListener): Promise<void> {
    return this.train(Infinity, listener);
  }

  step(listener: TrainingListener): Promise<void> {
    return this.train(1, listener);
  }

  async pause(): Promise<void> {
    this.stop();
    await this.exclusive(() => {});
  }

  async pace(milliseconds: number): Promise<void> {
    this.minimum = milliseconds;
    this.wake();
  }

  async evaluate(listener: TrainingListener): Promise<void> {
    await this.exclusive(async () => {
      if (this.evaluatedAt !== this.at) await this.scoreTest(listener);
    });
  }

  explain(instance: number, removed: Removal[]) {
    return this.exclusive(() => this.session.explain(instance, removed));
  }

  knock(instance: number, removed: Removal[]) {
    return this.exclusive(async () => ({
      whole: await this.session.explain(instance, []),
      knocked: await this.session.explain(instance, removed),
    }));
  }

  trace(instance: number) {
    return this.exclusive(() => this.session.trace(instance));
  }

  score(csv: string, progress: Progress) {
    return this.exclusive(() => this.session.score(csv, (share) => void progress(share)));
  }

  recommend(user: number, n: number, task: Task) {
    return this.exclusive(() => this.session.recommend(user, n, task));
  }

  checkpoint() {
    return this.exclusive(() => this.saved());
  }

  model() {
    return this.exclusive(async () => transferred(await this.session.model()));
  }

  record(seconds: number) {
    return this.exclusive(() => this.session.record(seconds));
  }

  adopt(model: Uint8Array, engine: EngineName) {
    this.stop();
    return this.exclusive(async () => {
      const info = await this.session.adopt(model, engine);
      return this.begin(await this.explained(info, engine), null);
    });
  }

  /** Needs no session: it makes a dataset and a run of its own. */
  bench({ sizes, engine, form }: Measured, progress: Progress) {
    const tell: Progress = (share) => void progress(share);
    return this.wasm.Session.bench(JSON.stringify(sizes), engine, form, tell);
  }

  /** Needs no session: a log is best read in a worker of its own, which can be stopped. */
  async importLog(files: File[], options: ImportOptions, progress: ImportProgress) {
    const imported = await readLog(this.wasm.Importer, files, options, progress);
    return Comlink.transfer(imported, buffers(imported));
  }

  /** Charts need no session, so they do not wait for its turn. */
  async chart(spec: ChartSpec) {
    return this.wasm.Session.chart(spec);
  }

  async figure(spec: FigureSpec) {
    return this.wasm.Session.figure(spec);
  }

  private get wasm(): SessionModule {
    if (!this.module) throw new Error('The engine is not loaded yet.');
    return this.module;
  }

  private get session(): Session {
    if (!this.instance) throw new Error('The engine is not loaded yet.');
    return this.instance;
  }

  /** One call of the session at a time, in the order of the calls. */
  private exclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => {});
    return result;
  }

  private stop() {
    this.loop = null;
    this.wake();
  }

  private begin(info: RunInfo, evaluatedAt: number | null): RunInfo {
    this.config = info.config;
    this.at = info.step;
    this.evaluatedAt = evaluatedAt;
    this.ended = info.ended;
    return info;
  }

  /** The binary without WebGPU cannot know why it was taken. */
  private async explained(info: RunInfo, engine: EngineName): Promise<RunInfo> {
    if (engine !== 'auto' || this.loaded !== 'cpu') return info;
    const obstacle = await this.platform.gpuObstacle(false);
    if (obstacle === null) return info;
    return {
      ...info,
      reason: `The CPU engine ${info.engine} trains: WebGPU is not used, because ${obstacle}.`,
    };
  }

  private async train(steps: number, listener: TrainingListener): Promise<void> {
    const loop = {};
    this.loop = loop;
    const going = () => this.loop === loop && this.ended === null;
    const waiting: StepReport[] = [];
    let told = -Infinity;
    const tell = async () => {
      told = performance.now();
      if (waiting.length > 0) await listener.steps(waiting.splice(0));
    };
    try {
      await this.scoreIfDue(loop, listener);
      for (let done = 0; done < steps && going(); done++) {
        const began = performance.now();
        await this.exclusive(async () => {
          if (!going()) return;
          const report = await this.session.step();
          waiting.push(report);
          this.at = report.step;
          this.ended = report.ended ?? null;
        });
        if (this.isDue() || performance.now() - told >= REPORT_EVERY) await tell();
        await this.scoreIfDue(loop, listener);
        const rest = this.minimum - (performance.now() - began);
        if (rest > 0 && going() && done + 1 < steps) await this.sleep(rest);
        else await nextTask();
      }
    } finally {
      if (this.loop === loop) this.loop = null;
      await tell();
    }
  }

  /** Whether the settings ask for a score at this step: at the start, at every n-th, at the end. */
  private isDue(): boolean {
    if (this.at === this.evaluatedAt) return false;
    if (this.ended) return this.ended.how !== 'diverged';
    return this.at % (this.config?.evaluate_every ?? 1) === 0;
  }

  private scoreIfDue(loop: object, listener: TrainingListener): Promise<void> {
    return this.exclusive(async () => {
      if (this.loop === loop && this.isDue()) await this.scoreTest(listener);
    });
  }

  private async scoreTest(listener: TrainingListener): Promise<void> {
    await listener.evaluating();
    const evaluation: Evaluation = await this.session.evaluate();
    this.evaluatedAt = evaluation.step;
    this.ended ??= evaluation.ended ?? null;
    const gates = this.session.gates();
    const checkpoint = await this.saved();
    await listener.evaluated(evaluation, Comlink.transfer(gates, buffers(gates)), checkpoint);
  }

  private async saved(): Promise<Blob> {
    return new Blob([(await this.session.checkpoint()) as Uint8Array<ArrayBuffer>]);
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A file on its way to the page, not copied. */
function transferred(file: Uint8Array): Uint8Array {
  return Comlink.transfer(file, [file.buffer as ArrayBuffer]);
}

/** The buffers of all typed arrays of a message. */
function buffers(message: object): ArrayBuffer[] {
  return Object.values(message)
    .filter((value) => ArrayBuffer.isView(value))
    .map((value) => value.buffer as ArrayBuffer);
}

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** Lets the messages that wait be handled: timers would be held back to 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
