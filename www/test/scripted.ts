/** A session and a listener that write down what happens to them, for the tests. */
import type {
  Config,
  DatasetCard,
  Ended,
  Evaluation,
  Explanation,
  GateTable,
  Presets,
  Removal,
  RunInfo,
  Session,
  SessionModule,
  StepReport,
  TrainingListener,
} from '../src/engine/protocol';
import { Binaries } from '../src/engine/binaries';
import { EngineClient } from '../src/engine/client';
import { Driver } from '../src/engine/driver';
import type { MakeClient } from '../src/race.svelte';
import { Importer as FakeImporter, Session as Fake } from './fake-session';

export const presets: Presets = Fake.presets();

export function config(changes: Partial<Config> = {}): Config {
  return { ...presets.demo, evaluate_every: 5, steps: 12, ...changes };
}

/** What a scripted session shall do besides counting. */
export interface Script {
  /** Steps that throw, with what they throw. */
  throws?: Record<number, Error>;
  /** The run ends at this step in this way. */
  end?: { step: number; how: Ended['how'] };
  /** The run ends with the evaluation at this step. */
  stopEarlyAt?: number;
  /** What it says of every model. */
  refuses?: string;
}

/** Counts steps; fails when two calls overlap, as wasm-bindgen would. */
export class ScriptedSession implements Session {
  readonly calls: string[] = [];
  private busy = false;
  private at = 0;
  private config = config();

  constructor(private readonly script: Script = {}) {}

  private async alone<T>(call: string, work: () => T): Promise<T> {
    if (this.busy) throw new Error(`recursive use of an object: ${call}`);
    this.busy = true;
    this.calls.push(call);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.busy = false;
    return work();
  }

  private now<T>(call: string, value: T): T {
    if (this.busy) throw new Error(`recursive use of an object: ${call}`);
    this.calls.push(call);
    return value;
  }

  open(dataset: Uint8Array): DatasetCard {
    if (dataset.length === 0) throw new Error('the file is empty.');
    return this.now('open', new Fake().open(dataset));
  }

  layout(): Uint8Array {
    return new Fake().layout();
  }

  channel(): never {
    throw new Error('not scripted');
  }

  start(config: Config): Promise<RunInfo> {
    return this.alone('start', () => {
      this.config = config;
      this.at = 0;
      return this.info();
    });
  }

  step(): Promise<StepReport> {
    return this.alone('step', () => {
      this.at += 1;
      const failure = this.script.throws?.[this.at];
      if (failure) throw failure;
      const end = this.script.end ?? { step: this.config.steps, how: 'finished' };
      return {
        step: this.at,
        epoch: 0,
        cross_entropy: [0.5, 0.5],
        collaboration: 0,
        regulariser: 0,
        total: 1,
        log_variance: [0, 0],
        task_weight: [1, 1],
        milliseconds: 1,
        samples_per_second: 1,
        ...(this.at >= end.step && { ended: { how: end.how, why: `${end.how} at ${this.at}` } }),
      };
    });
  }

  evaluate(): Promise<Evaluation> {
    return this.alone(`evaluate ${this.at}`, () => {
      const task = { gauc: 0.6, auc: 0.6, groups: 1, share: 1 };
      return {
        step: this.at,
        tasks: [task, task],
        validation: [0.6, 0.6],
        gate_mean: [],
        gate_std: [],
        gate_entropy: [1, 1],
        sharing: [],
        milliseconds: 1,
        instances: 1,
        complete: true,
        ...(this.script.stopEarlyAt === this.at && {
          ended: { how: 'early_stopped' as const, why: 'no better' },
        }),
      };
    });
  }

  gates(): GateTable {
    return this.now('gates', {
      step: this.at,
      instance: new Uint32Array([0]),
      user: new Uint32Array([0]),
      item: new Uint32Array([0]),
      labels: new Uint8Array(2),
      logits: new Float32Array(2),
      experts: 4,
      gates: new Float32Array(8),
      graph: new Float32Array(2),
      user_degree: new Uint32Array([0]),
    });
  }

  async explain(instance: number, removed: Removal[]): Promise<Explanation> {
    const explanation = await new Fake().explain(instance, removed);
    return this.alone('explain', () => explanation);
  }

  checkpoint(): Promise<Uint8Array> {
    return this.alone('checkpoint', () => Uint8Array.of(this.at));
  }

  resume(checkpoint: Uint8Array): Promise<RunInfo> {
    return this.alone(`resume ${checkpoint[0]}`, () => {
      this.at = checkpoint[0]!;
      return this.info();
    });
  }

  async trace(): Promise<never> {
    throw new Error('not scripted');
  }

  model(): Promise<Uint8Array> {
    return this.alone('model', () => Uint8Array.of(this.at));
  }

  record(seconds: number): string {
    const dataset = { name: 'scripted', synthetic: true, fingerprint: 'scripted' };
    return this.now('record', JSON.stringify({ format: 1, dataset, steps: this.at, seconds }));
  }

  adopt(model: Uint8Array): Promise<RunInfo> {
    return this.alone(`adopt ${model[0]}`, () => {
      if (this.script.refuses) throw new Error(this.script.refuses);
      this.at = model[0]!;
      return { ...this.info(), ended: { how: 'finished' as const, why: 'all steps are done' } };
    });
  }

  async score(): Promise<never> {
    throw new Error('not scripted');
  }

  async recommend(): Promise<never> {
    throw new Error('not scripted');
  }

  private info(): RunInfo {
    return {
      engine: 'flex',
      system: this.config.system,
      experts: [],
      evaluations: [],
      ended: null,
      reason: 'asked for',
      parameters: 1,
      embedding_parameters: 1,
      step: this.at,
      config: this.config,
    };
  }
}

export function moduleOf(session: Session): SessionModule {
  const Session = function () {
    return session;
  } as unknown as SessionModule['Session'];
  Session.presets = () => presets;
  Session.models = () => Fake.models();
  Session.chart = () => '<svg/>';
  Session.figure = () => '<svg/>';
  Session.bench = Fake.bench;
  return { default: async () => {}, Session, Importer: FakeImporter };
}

/** Steps and evaluations in the order in which they were told. */
export function recorder() {
  const told: string[] = [];
  const listener: TrainingListener = {
    steps: (reports) => told.push(...reports.map(({ step }) => `step ${step}`)),
    evaluating: () => {},
    evaluated: async ({ step }, _, checkpoint) => {
      const [at] = new Uint8Array(await checkpoint.arrayBuffer());
      told.push(`score ${step} kept ${at}`);
    },
  };
  return { told, listener };
}

/**
 * Clients for the page: the first worker is the desk's, which has no script; the workers after it
 * follow the scripts, in the order in which they are started.
 */
export function workers(scripts: Script[] = []) {
  const sessions: ScriptedSession[] = [];
  const ended: ScriptedSession[] = [];
  const deaths: ((why: string) => void)[] = [];
  const binaries = new Binaries();
  let started = 0;
  const makeClient: MakeClient = (events, data) =>
    new EngineClient(events, data, binaries, (died) => {
      const desk = (started += 1) === 1;
      const session = new ScriptedSession(desk ? {} : scripts[sessions.length]);
      if (!desk) {
        sessions.push(session);
        deaths.push(died);
      }
      const engine = new Driver({
        load: async () => ({ module: moduleOf(session), compiled: null }),
        gpuObstacle: async () => 'there is none',
      });
      return { engine, terminate: () => ended.push(session) };
    });
  return { makeClient, sessions, ended, deaths };
}
