/**
 * The module worker: the only file that touches the engine's wasm.
 *
 * It fetches one of the two binaries, drives its one `Session`, and holds the training loop. Calls to
 * the session run one after the other, because wasm-bindgen refuses a second call while an
 * asynchronous one borrows the session; the loop steps aside between steps, so that a pause or a chart
 * never waits longer than one step.
 */
import * as Comlink from 'comlink';
import cpuWasm from '../../engine-wasm/cpu/moge_bg.wasm?url';
import fullWasm from '../../engine-wasm/full/moge_bg.wasm?url';
import { download } from './download';
import type {
  BinaryName,
  Channel,
  ChartSpec,
  Config,
  Engine,
  EngineName,
  Evaluation,
  Progress,
  RunInfo,
  Session,
  SessionModule,
  StepReport,
  TrainingListener,
} from './protocol';

/** Milliseconds between two reports to the page. */
const REPORT_EVERY = 50;

/** What the WebGPU engine cannot do without: its device creation panics otherwise. */
const NEEDED_FEATURE = 'timestamp-query';

const BINARIES: Record<BinaryName, { module: () => Promise<SessionModule>; wasm: string }> = {
  cpu: { module: () => import('../../engine-wasm/cpu/moge.js'), wasm: cpuWasm },
  full: { module: () => import('../../engine-wasm/full/moge.js'), wasm: fullWasm },
};

/** Why 'auto' does not try WebGPU; null when it does. */
async function gpuObstacle(): Promise<string | null> {
  const gpu = (navigator as { gpu?: GPU }).gpu;
  if (!gpu) return 'This browser has no WebGPU, so the CPU engine flex trains.';
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return 'No WebGPU adapter answers on this machine, so the CPU engine flex trains.';
  const fallback =
    adapter.info?.isFallbackAdapter ||
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  if (fallback) {
    return 'WebGPU is only emulated in software on this machine, so the CPU engine flex trains.';
  }
  if (!adapter.features.has(NEEDED_FEATURE)) {
    return `The WebGPU adapter lacks the feature ${NEEDED_FEATURE}, so the CPU engine flex trains.`;
  }
  return null;
}

class SessionEngine implements Engine {
  private module: SessionModule | null = null;
  private loaded: BinaryName | null = null;
  private opened: Session | null = null;
  private queue: Promise<unknown> = Promise.resolve();
  private config: Config | null = null;
  /** The last step whose report is known; null after `resume`, until the next report. */
  private at: number | null = null;
  private evaluatedAt: number | null = null;
  private ended: StepReport['ended'] | null = null;
  /** The training loop that may go on; a loop that is not this one ends. */
  private loop: object | null = null;
  /** The shortest time of a step while playing, milliseconds. */
  private minimum = 0;
  private wake: () => void = () => {};

  async binary(engine: EngineName): Promise<BinaryName> {
    if (engine === 'flex') return 'cpu';
    if (engine === 'auto' && (await gpuObstacle()) !== null) return 'cpu';
    return 'full';
  }

  async load(binary: BinaryName, progress: Progress): Promise<void> {
    if (this.loaded === binary) return;
    if (this.loaded !== null) throw new Error('A worker holds one engine binary only.');
    const { module, wasm } = BINARIES[binary];
    const response = download(wasm, progress, __WASM_BYTES__[binary]).then(
      (file) => new Response(file.body, { headers: { 'content-type': 'application/wasm' } }),
    );
    const [loaded] = await Promise.all([module(), response]);
    await loaded.default({ module_or_path: response });
    this.module = loaded;
    this.loaded = binary;
  }

  async presets() {
    return this.wasm.Session.presets();
  }

  open(dataset: Uint8Array, layout: Uint8Array | null) {
    this.stop();
    return this.exclusive(() => {
      // The session in use stays as it is until the new dataset has proved good.
      const next = new this.wasm.Session();
      try {
        const card = next.open(dataset, layout ?? undefined);
        this.opened?.free();
        this.opened = next;
        return card;
      } catch (error) {
        next.free();
        throw error;
      }
    });
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
      return this.begin(await this.explained(info, engine), 0);
    });
  }

  resume(checkpoint: Uint8Array, engine: EngineName) {
    this.stop();
    return this.exclusive(async () => {
      const info = await this.session.resume(checkpoint, engine);
      return this.begin(await this.explained(info, engine), null);
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
      if (this.at === null || this.evaluatedAt !== this.at) await this.score(listener);
    });
  }

  explain(instance: number) {
    return this.exclusive(() => this.session.explain(instance));
  }

  chart(spec: ChartSpec) {
    return this.exclusive(() => this.session.chart(spec));
  }

  private get wasm(): SessionModule {
    if (!this.module) throw new Error('The engine is not loaded yet.');
    return this.module;
  }

  private get session(): Session {
    if (!this.opened) throw new Error('No dataset is open yet.');
    return this.opened;
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

  private begin(info: RunInfo, at: number | null): RunInfo {
    this.config = info.config;
    this.at = at;
    this.evaluatedAt = null;
    this.ended = null;
    return info;
  }

  /** The binary without WebGPU cannot know why it was taken. */
  private async explained(info: RunInfo, engine: EngineName): Promise<RunInfo> {
    const why = engine === 'auto' && this.loaded === 'cpu' ? await gpuObstacle() : null;
    return why === null ? info : { ...info, reason: why };
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
    if (this.at === null || this.at === this.evaluatedAt) return false;
    if (this.ended) return this.ended.how !== 'diverged';
    return this.at % (this.config?.evaluate_every ?? 1) === 0;
  }

  private scoreIfDue(loop: object, listener: TrainingListener): Promise<void> {
    return this.exclusive(async () => {
      if (this.loop === loop && this.isDue()) await this.score(listener);
    });
  }

  private async score(listener: TrainingListener): Promise<void> {
    await listener.evaluating();
    const evaluation: Evaluation = await this.session.evaluate();
    this.evaluatedAt = evaluation.step;
    const gates = this.session.gates();
    const checkpoint = await this.session.checkpoint();
    await listener.evaluated(
      evaluation,
      Comlink.transfer(gates, buffers(gates)),
      Comlink.transfer(checkpoint, [checkpoint.buffer]),
    );
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

/** The buffers of all typed arrays of a message. */
function buffers(message: object): ArrayBuffer[] {
  return Object.values(message)
    .filter((value) => ArrayBuffer.isView(value))
    .map((value) => value.buffer as ArrayBuffer);
}

const { port1, port2 } = new MessageChannel();

/** Lets the messages that wait be handled: timers would be held back to 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });
}

// A panic inside an asynchronous call rejects a promise that nobody holds; make it an error of the
// worker, which the page hears.
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  setTimeout(() => {
    throw event.reason;
  });
});

Comlink.expose(new SessionEngine());
