/**
 * One run: its settings, its worker, and all that is known of it.
 *
 * `Race` says when it may train; the panels read these fields.
 */
import { EngineLost } from './engine/client';
import type { EngineClient, Events, Wait } from './engine/client';
import type {
  Config,
  Ended,
  Evaluation,
  Explanation,
  GateTable,
  Removal,
  RunInfo,
  StepReport,
  TrainingListener,
} from './engine/protocol';
import type { FinishedRun } from './finished/small';
import type { KeptRun } from './kept.svelte';
import { GateHistory } from './history.svelte';
import type { RunState } from './state';
import { text } from './text';

/** What is taken out of a pair at first. */
const NOTHING: readonly Removal[] = [];

/** Steps over which the speed is averaged. */
const RECENT = 20;

export type Status = 'ready' | 'queued' | 'running' | 'paused' | 'ended' | 'failed';

export interface Failure {
  message: string;
  /** What the button of the banner does. */
  retry: () => void;
}

/** What the race does when something has happened to a run. */
export interface Hooks {
  client(events: Events): EngineClient;
  /** The run does not need its place among the training ones any more. */
  freed(run: RunStore): void;
  /** New scores have arrived. */
  scored(run: RunStore): void;
}

export class RunStore {
  /** The settings it was made of, and all of them. */
  state: RunState = $state.raw()!;
  config: Config = $state.raw()!;
  /** A name that a person gave. */
  named = $state<string | null>(null);
  /** In the race: stays when a setting is changed. */
  kept = $state(false);
  /** Whether its curves are drawn. */
  shown = $state(true);
  /** It was trained when the page was built: there is no engine behind it. */
  recorded = false;

  info = $state.raw<RunInfo | null>(null);
  /** The person wants it to train. */
  wanted = $state(false);
  /** It has a place among the training runs. */
  active = $state(false);
  /** Its settings are being changed: it waits for the last of the changes. */
  settling = $state(false);
  last = $state.raw<StepReport | null>(null);
  reports = $state.raw<StepReport[]>([]);
  evaluations = $state.raw<Evaluation[]>([]);
  /** The evaluations before its settings were changed last, to compare. */
  before = $state.raw<Evaluation[]>([]);
  gates = $state.raw<GateTable | null>(null);
  /** The gates of the scorings before. */
  readonly history = new GateHistory();
  explanation = $state.raw<Explanation | null>(null);
  /** What is taken out of the explained pair, and the pair without it. */
  removed = $state.raw(NOTHING);
  knocked = $state.raw<Explanation | null>(null);

  wait = $state.raw<{ what: Wait; fraction: number | null } | null>(null);
  notice = $state<string | null>(null);
  failure = $state.raw<Failure | null>(null);

  evaluation = $derived(this.evaluations.at(-1) ?? null);
  step = $derived(this.last?.step ?? this.info?.step ?? this.evaluation?.step ?? 0);
  ended = $derived(this.last?.ended ?? this.evaluation?.ended ?? this.info?.ended ?? null);
  ready = $derived(this.info !== null && this.failure === null && !this.recorded);
  status = $derived.by<Status>(() => {
    if (this.failure) return 'failed';
    // A run that has done its last step is still to be scored.
    if (this.active) return 'running';
    if (this.ended) return 'ended';
    if (this.wanted) return 'queued';
    return this.step > 0 ? 'paused' : 'ready';
  });
  /** Pairs trained per second over the last steps. */
  rate = $derived.by(() => {
    const recent = this.reports.slice(-RECENT);
    const milliseconds = recent.reduce((sum, report) => sum + report.milliseconds, 0);
    return milliseconds > 0 ? (1000 * this.config.batch * recent.length) / milliseconds : null;
  });

  private readonly client: EngineClient;
  /** Changes with every build: what an older one still says is not heard. */
  private token = {};
  private building: Promise<void> | null = null;
  private reviving: Promise<void> | null = null;
  private wish: number | null = null;
  private explaining = false;
  /** Pressed with the failure: training goes on when the engine is back. */
  private again = false;

  constructor(
    readonly id: number,
    settings: { state: RunState; config: Config },
    private readonly hooks: Hooks,
  ) {
    this.state = settings.state;
    this.config = settings.config;
    this.client = hooks.client({
      waiting: (what, fraction) => {
        this.wait = { what, fraction };
        // There is no run to play until the new engine has taken it up.
        if (what === 'recover') this.info = null;
      },
      recovered: (what) => this.recovered(what),
      reopened: () => (this.wait = null),
      failed: (error) => this.fail(error),
    });
  }

  /** Takes on what a run was that has been trained elsewhere. */
  recall({ info, evaluations, reports, gates, explanation }: FinishedRun): void {
    this.recorded = true;
    this.info = info;
    this.evaluations = evaluations;
    this.reports = reports;
    this.last = reports.at(-1) ?? null;
    this.gates = gates;
    this.explanation = explanation;
  }

  /** Other settings: what was trained is forgotten, and the run waits to be built anew. */
  change(state: RunState, config: Config): void {
    this.settling = true;
    void this.halt();
    this.putBack();
    if (config.system !== this.config.system) {
      this.gates = null;
      this.history.clear();
      this.explanation = null;
    }
    this.state = state;
    this.config = config;
  }

  /** Back to step 0. */
  clear(): void {
    this.token = {};
    this.building = null;
    this.settling = false;
    this.putBack();
    if (this.evaluations.length > 1) this.before = this.evaluations;
    this.failure = null;
    this.info = null;
    this.last = null;
    this.reports = [];
    this.evaluations = [];
    this.history.clear();
    this.notice = null;
  }

  /** Takes up a trained run from its parameters, and scores it for its gates. */
  async adopt(model: Uint8Array): Promise<void> {
    const info = await this.client.adopt(model, this.state.engine);
    this.wait = null;
    this.info = info;
    this.config = info.config;
    this.evaluations = info.evaluations;
    await this.client.evaluate(this.listener(this.token));
  }

  /** Takes over the curves of a run that ended elsewhere. */
  takeCurves(evaluations: readonly Evaluation[], ended: Ended): void {
    const last = evaluations.length - 1;
    this.evaluations = evaluations.map((each, i) => (i === last ? { ...each, ended } : each));
  }

  /** Builds the run and scores it untrained, without training. */
  async prepare(): Promise<void> {
    const { token } = this;
    await this.attempt(async () => {
      await this.build();
      if (token === this.token && !this.wanted) await this.client.evaluate(this.listener(token));
    });
  }

  /** Builds the run where it is not built yet, and trains until it is paused or ends. */
  async train(): Promise<void> {
    const { token } = this;
    this.active = true;
    try {
      if (!(await this.revive())) await this.build();
      if (this.wanted && token === this.token) await this.client.play(this.listener(token));
    } catch (error) {
      // The client tells of a lost engine's successor, which goes on in this one's place.
      if (error instanceof EngineLost) return;
      if (token === this.token) this.fail(error as Error);
    }
    this.rest();
  }

  async pause(): Promise<void> {
    this.wanted = false;
    if (this.info) await this.attempt(() => this.client.pause());
  }

  /** Takes up a run that was kept at an earlier visit; whether that succeeded. */
  async restore(kept: KeptRun): Promise<boolean> {
    const { token } = this;
    await this.attempt(async () => {
      const info = await this.client.restore(kept.checkpoint, kept.engine).catch((error) => {
        // WebGPU may be gone since then.
        if (error instanceof EngineLost || kept.engine !== 'webgpu') throw error;
        return this.client.restore(kept.checkpoint, 'flex');
      });
      if (token !== this.token) return;
      this.info = info;
      this.evaluations = info.evaluations;
      this.gates = kept.gates;
      this.reports = kept.reports;
      this.last = kept.reports.at(-1) ?? null;
      this.wait = null;
    });
    return this.info !== null;
  }

  /** Gives up what the run waits for, with its worker; `retry` goes on from the last saved state. */
  cancel(): void {
    this.client.end();
    this.fail(new Error(text.error.cancelled));
  }

  /** The run as it was at its last evaluation. */
  get saved(): Blob | null {
    return this.client.saved;
  }

  /** One training step. */
  async single(): Promise<void> {
    if (!this.ready || this.ended) return;
    if (this.wanted) await this.pause();
    await this.attempt(() => this.client.step(this.listener(this.token)));
  }

  pace(milliseconds: number): void {
    void this.attempt(() => this.client.pace(milliseconds));
  }

  /** Explains a test instance; while that is under way, the newest wish follows it. */
  async explain(instance: number): Promise<void> {
    if (instance !== this.wish) this.putBack();
    this.wish = instance;
    await this.answer();
  }

  /** Takes these edges out of a pair, and no others; only of the pair that is to be explained. */
  async knock(instance: number, removed: readonly Removal[]): Promise<void> {
    if (instance !== this.wish) return;
    if (removed.length === 0) return this.putBack();
    this.removed = removed;
    await this.answer();
  }

  /** Takes nothing out any more. */
  private putBack(): void {
    this.removed = NOTHING;
    this.knocked = null;
  }

  /** Explains what is wished for until that is what was explained last. */
  private async answer(): Promise<void> {
    if (this.explaining) return;
    this.explaining = true;
    const { token } = this;
    await this.attempt(async () => {
      for (let done: [number, readonly Removal[]] | null = null; this.wish !== null;) {
        const { wish, removed } = this;
        if (done?.[0] === wish && done[1] === removed) break;
        if (!(await this.revive())) break;
        done = [wish, removed];
        const answer = await this.scored(wish, removed);
        if (token !== this.token) break;
        this.explanation = answer.whole;
        if (wish === this.wish && removed === this.removed) this.knocked = answer.knocked;
      }
    });
    this.explaining = false;
    if (token !== this.token && this.info && this.wish !== null) void this.explain(this.wish);
  }

  private async scored(instance: number, removed: readonly Removal[]) {
    return removed.length > 0
      ? this.client.knock(instance, [...removed])
      : { whole: await this.client.explain(instance), knocked: null };
  }

  /** Does something with the trained run, which may have to be brought back for it. */
  async ask<T>(work: (client: EngineClient) => Promise<T>): Promise<T> {
    if (!(await this.revive())) throw new Error(text.race.notBuilt);
    return work(this.client);
  }

  /** Like `ask`, for work that takes long: `interrupt` ends it, and nothing of the run is lost. */
  askLong<T>(work: (client: EngineClient) => Promise<T>): Promise<T> {
    return this.ask(async (client) => {
      await client.save();
      return work(client);
    });
  }

  /** Ends what `askLong` is at, with its worker; the run goes on in a new one when it is needed. */
  interrupt(): void {
    this.client.end();
    if (this.active) void this.train();
  }

  /** Gives the worker back; the evaluations and the last checkpoint stay. */
  release(): void {
    if (!this.active && this.client.saved && this.client.alive) this.client.end();
  }

  /** Stops for good. */
  dispose(): void {
    this.token = {};
    this.wanted = false;
    this.client.end();
    if (this.active) this.rest();
  }

  /** Tries again after a failure, and trains where that is asked for. */
  retry(train = false): void {
    this.failure = null;
    this.again = train;
    if (this.info || this.evaluations.length > 0) void this.client.retry();
    else {
      this.clear();
      this.wanted = train;
      if (train) this.hooks.freed(this);
      else void this.prepare();
    }
  }

  /** Once, however many ask for it. */
  private build(): Promise<void> {
    if (this.building) return this.building;
    const building = this.start().finally(() => {
      if (this.building === building) this.building = null;
    });
    return (this.building = building);
  }

  private async start(): Promise<void> {
    const { token } = this;
    const info = await this.client.start(this.config, this.state.engine);
    if (token !== this.token) return;
    this.info = info;
    this.wait = null;
  }

  /** Whether there is a worker with this run, after bringing it back where it was released. */
  private async revive(): Promise<boolean> {
    if (!this.client.alive && this.client.saved) {
      this.reviving ??= this.back().finally(() => (this.reviving = null));
    }
    await this.reviving;
    return this.client.alive && this.info !== null;
  }

  private async back(): Promise<void> {
    this.info = await this.client.revive(this.info?.engine ?? 'flex');
    this.wait = null;
  }

  /** Stops the loop of the present run; what it still says is not heard. */
  private async halt(): Promise<void> {
    this.token = {};
    if (this.info) await this.attempt(() => this.client.pause());
  }

  private rest(): void {
    this.active = false;
    if (this.ended) this.wanted = false;
    this.hooks.freed(this);
  }

  private tellEnd(): void {
    if (this.ended) this.notice = text.said(this.ended.why);
  }

  private listener(token: object): TrainingListener {
    const heard = () => token === this.token;
    return {
      steps: (reports) => {
        if (!heard()) return;
        this.reports = this.reports.concat(reports);
        this.last = reports.at(-1) ?? this.last;
        this.tellEnd();
      },
      evaluating: () => {
        if (heard()) this.wait = { what: 'score', fraction: null };
      },
      evaluated: (evaluation, gates) => {
        if (!heard()) return;
        this.wait = null;
        // A run that was taken up knows its scores already, but not its gates. They are of the
        // parameters that were kept, which need not be those of the last step.
        const known = this.evaluations.some(({ step }) => step === evaluation.step);
        if (!known) this.evaluations = [...this.evaluations, evaluation];
        this.gates = gates;
        this.history.add(gates);
        this.tellEnd();
        this.hooks.scored(this);
      },
    };
  }

  private recovered(what: Parameters<Events['recovered']>[0]): void {
    const at = this.step;
    const { step } = what.info;
    this.token = {};
    this.info = what.info;
    this.wait = null;
    this.failure = null;
    this.reports = this.reports.filter((report) => report.step <= step);
    this.last = this.reports.at(-1) ?? null;
    this.evaluations = this.evaluations.filter((evaluation) => evaluation.step <= step);
    this.history.cut(step);
    if (what.why)
      this.notice = text.notice.recovered(text.said(what.why), at, step, what.info.engine);
    this.wanted ||= this.again || what.playing;
    this.again = false;
    if (this.active) void this.train();
    else if (this.wanted) this.hooks.freed(this);
    else if (this.evaluations.length === 0) {
      void this.attempt(() => this.client.evaluate(this.listener(this.token)));
    }
  }

  private fail(error: Error): void {
    this.wait = null;
    this.wanted = false;
    this.failure = { message: error.message, retry: () => this.retry() };
    if (this.active) this.rest();
  }

  /** Does something that may fail: a lost engine tells of itself. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    const { token } = this;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EngineLost) && token === this.token) this.fail(error as Error);
    }
  }
}
