/**
 * What the page knows of the run and what a person can do with it.
 *
 * The panels read these fields and call these methods; nothing else talks to the engine.
 */
import { download } from './engine/download';
import { EngineClient, EngineLost } from './engine/client';
import type { Events, Wait } from './engine/client';
import type {
  Channel,
  ChannelMap,
  ChartSpec,
  Config,
  DatasetCard,
  EngineName,
  Evaluation,
  Explanation,
  GateTable,
  PresetName,
  Presets,
  RunInfo,
  Settings,
  StepReport,
  TrainingListener,
} from './engine/protocol';
import { configOf, parseHash, simplified, toHash, withSetting } from './state';
import type { RunState, SettingName } from './state';
import { text } from './text';

const DATASET = 'data/dataset.moge';
const LAYOUT = 'data/layout.moge';

/** Milliseconds of a step in slow motion. */
const SLOW = 600;
/** Milliseconds between the last change of a setting and the new run. */
const SETTLE = 300;
/** Steps over which the speed is averaged. */
const RECENT = 20;

export interface Failure {
  message: string;
  /** What the button of the banner does. */
  retry: () => void;
}

export class Lab {
  state = $state.raw<RunState>(parseHash('').state);
  presets = $state.raw<Presets | null>(null);
  config = $derived<Config | null>(this.presets && configOf(this.state, this.presets));

  card = $state.raw<DatasetCard | null>(null);
  /** Counts the datasets opened: what was drawn for one is not right for the next. */
  opened = $state(0);
  /** What is wrong with the file that was brought last. */
  fileError = $state<string | null>(null);

  run = $state.raw<RunInfo | null>(null);
  playing = $state(false);
  slow = $state(false);
  last = $state.raw<StepReport | null>(null);
  reports = $state.raw<StepReport[]>([]);
  evaluations = $state.raw<Evaluation[]>([]);
  /** The evaluations of the run before this one, to compare. */
  before = $state.raw<Evaluation[]>([]);
  gates = $state.raw<GateTable | null>(null);
  selected = $state<number | null>(null);
  explanation = $state.raw<Explanation | null>(null);

  wait = $state.raw<{ what: Wait; fraction: number | null } | null>(null);
  notice = $state<string | null>(null);
  failure = $state.raw<Failure | null>(null);

  step = $derived(this.last?.step ?? 0);
  ended = $derived(this.last?.ended ?? this.evaluations.at(-1)?.ended ?? null);
  ready = $derived(this.run !== null && this.failure === null);
  evaluation = $derived(this.evaluations.at(-1) ?? null);
  /** Pairs trained per second over the last steps. */
  rate = $derived.by(() => {
    const recent = this.reports.slice(-RECENT);
    const milliseconds = recent.reduce((sum, report) => sum + report.milliseconds, 0);
    const batch = this.run?.config.batch ?? 0;
    return milliseconds > 0 ? (1000 * batch * recent.length) / milliseconds : null;
  });

  private readonly client: EngineClient;
  /** Pressed before the run was ready. */
  private wantsPlay = false;
  /** Changes with every run: what an older one still says is not heard. */
  private token = {};
  private settling: ReturnType<typeof setTimeout> | undefined;
  private explaining = false;

  constructor(client: (events: Events) => EngineClient = (events) => new EngineClient(events)) {
    this.client = client({
      waiting: (what, fraction) => {
        this.wait = { what, fraction };
        // There is no run to play until the new engine has taken it up.
        if (what === 'recover') this.run = null;
      },
      recovered: (what) => this.recovered(what),
      failed: (error) => this.fail(error, () => this.retry()),
    });
  }

  /** Gets the engine and the dataset and builds the first run. */
  async open(hash: string): Promise<void> {
    this.failure = null;
    const { state, problems } = parseHash(hash);
    this.state = state;
    if (problems.length > 0) this.notice = problems.map(text.notice.link).join(' ');
    await this.attempt(
      async () => {
        // Where the engine asked for cannot be had, the page still opens, and says so at the run.
        const engine = this.client.load(state.engine).catch(() => this.client.load('flex'));
        const [bytes] = await Promise.all([this.bundled(), engine]);
        this.presets = await this.client.presets();
        this.state = simplified(this.state, this.presets);
        await this.useDataset(bytes.dataset, bytes.layout);
      },
      () => this.open(location.hash),
    );
  }

  /** Opens a file that a person brought; the dataset before stays when it is refused. */
  async openFile(file: File): Promise<void> {
    this.fileError = null;
    this.playing = false;
    await this.halt();
    try {
      await this.useDataset(new Uint8Array(await file.arrayBuffer()), null);
    } catch (error) {
      this.wait = null;
      if (error instanceof EngineLost) return;
      this.fileError = text.dataset.refused(file.name, (error as Error).message);
    }
  }

  /** Changes one setting; the run is built anew. */
  set<N extends SettingName>(name: N, value: Settings[N]): void {
    if (!this.presets) return;
    this.change(withSetting(this.state, this.presets, name, value), text.setting[name].name);
  }

  choosePreset(preset: PresetName): void {
    this.change({ ...this.state, preset, changed: {} }, text.preset.name);
  }

  chooseEngine(engine: EngineName): void {
    this.change({ ...this.state, engine }, text.engine.name);
  }

  /** The settings of an address; what is the same as now changes nothing. */
  follow(hash: string): void {
    const { state, problems } = parseHash(hash);
    if (toHash(state) !== toHash(this.state)) this.change(state, text.notice.theLink);
    if (problems.length > 0) this.notice = problems.map(text.notice.link).join(' ');
  }

  toggle(): void {
    if (this.playing) void this.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    if (this.ended || this.failure) return;
    this.playing = true;
    if (!this.run) {
      this.wantsPlay = true;
      return;
    }
    const { token } = this;
    await this.attempt(() => this.client.play(this.listener(token)));
    if (token === this.token) this.playing = false;
  }

  async pause(): Promise<void> {
    this.wantsPlay = false;
    this.playing = false;
    if (this.run) await this.attempt(() => this.client.pause());
  }

  async single(): Promise<void> {
    if (!this.ready || this.ended) return;
    if (this.playing) await this.pause();
    await this.attempt(() => this.client.step(this.listener(this.token)));
    void this.explain();
  }

  /** The same settings again from step 0. */
  async reset(): Promise<void> {
    this.notice = null;
    this.wantsPlay = false;
    await this.build();
  }

  setSlow(slow: boolean): void {
    this.slow = slow;
    void this.attempt(() => this.client.pace(slow ? SLOW : 0));
  }

  select(instance: number): void {
    if (instance === this.selected) return;
    this.selected = instance;
    void this.explain();
  }

  chart(spec: ChartSpec): Promise<string> {
    return this.client.chart(spec);
  }

  channel(channel: Channel): Promise<ChannelMap> {
    return this.client.channel(channel);
  }

  /** The dataset that comes with the page; without its layout the engine computes one. */
  private async bundled(): Promise<{ dataset: Uint8Array; layout: Uint8Array | null }> {
    const get = async (url: string) =>
      new Uint8Array(await (await download(url, () => {})).arrayBuffer());
    const [dataset, layout] = await Promise.all([get(DATASET), get(LAYOUT).catch(() => null)]);
    return { dataset, layout };
  }

  private async useDataset(dataset: Uint8Array, layout: Uint8Array | null): Promise<void> {
    this.card = await this.client.open(dataset, layout);
    this.opened += 1;
    this.before = [];
    this.evaluations = [];
    this.selected = null;
    await this.build();
  }

  private change(state: RunState, what: string): void {
    if (toHash(state) === toHash(this.state)) return;
    if (this.step > 0) this.notice = text.notice.rebuilt(what);
    this.wantsPlay = this.playing;
    this.state = state;
    history.replaceState(null, '', toHash(state) || location.pathname + location.search);
    void this.halt();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => void this.build(), SETTLE);
  }

  /** Stops the loop of the present run; what it still says is not heard. */
  private async halt(): Promise<void> {
    this.token = {};
    if (this.run) await this.attempt(() => this.client.pause());
  }

  private async build(): Promise<void> {
    const { config } = this;
    if (!config || !this.card) return;
    clearTimeout(this.settling);
    const token = (this.token = {});
    if (this.evaluations.length > 1) this.before = this.evaluations;
    this.failure = null;
    this.run = null;
    this.last = null;
    this.reports = [];
    this.evaluations = [];
    this.playing = this.wantsPlay;
    await this.attempt(
      async () => {
        const info = await this.client.start(config, this.state.engine);
        if (token !== this.token) return;
        this.run = info;
        this.wait = null;
        if (this.wantsPlay) void this.play();
        else await this.client.evaluate(this.listener(token));
        this.wantsPlay = false;
      },
      () => this.build(),
    );
  }

  private tellEnd(): void {
    if (!this.ended) return;
    this.notice = this.ended.why;
    this.playing = false;
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
        this.evaluations = [...this.evaluations, evaluation];
        this.gates = gates;
        this.tellEnd();
        this.selected ??= interesting(gates);
        void this.explain();
      },
    };
  }

  /** Explains the selected sample; while one is under way, the newest wish follows it. */
  private async explain(): Promise<void> {
    if (this.explaining) return;
    this.explaining = true;
    const { token } = this;
    await this.attempt(async () => {
      let done: number | null = null;
      while (this.selected !== null && this.selected !== done && this.run) {
        done = this.selected;
        this.explanation = await this.client.explain(done);
      }
    });
    this.explaining = false;
    if (token !== this.token && this.run) void this.explain();
  }

  private recovered(what: Parameters<Events['recovered']>[0]): void {
    const at = this.step;
    const { step } = what.info;
    this.token = {};
    this.run = what.info;
    this.wait = null;
    this.failure = null;
    this.reports = this.reports.filter((report) => report.step <= step);
    this.last = this.reports.at(-1) ?? null;
    this.evaluations = this.evaluations.filter((evaluation) => evaluation.step <= step);
    if (what.why) this.notice = text.notice.recovered(what.why, at, step, what.info.engine);
    if (what.playing || this.wantsPlay) void this.play();
    else if (this.evaluations.length === 0) {
      void this.attempt(() => this.client.evaluate(this.listener(this.token)));
    }
  }

  private retry(): void {
    this.failure = null;
    if (this.card) void this.client.retry();
    else void this.open(location.hash);
  }

  private fail(error: Error, retry: () => void): void {
    this.wait = null;
    this.playing = false;
    this.wantsPlay = false;
    this.failure = { message: error.message, retry };
  }

  /** Does something that may fail: a lost engine tells of itself, the rest goes into the banner. */
  private async attempt(work: () => Promise<void>, retry = () => this.retry()): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EngineLost)) this.fail(error as Error, retry);
    }
  }
}

/** A sample to begin with: bought or a favourite, of a user with some history. */
function interesting(gates: GateTable): number | null {
  let best: number | null = null;
  let most = -1;
  for (let row = 0; row < Math.min(gates.instance.length, 5000); row++) {
    const labels = gates.labels[2 * row]! + 2 * gates.labels[2 * row + 1]!;
    const merit = labels * 1000 + Math.min(gates.user_degree[row]!, 12);
    if (merit > most) [best, most] = [gates.instance[row]!, merit];
  }
  return best;
}
