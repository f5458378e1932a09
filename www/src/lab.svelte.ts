/**
 * What the page knows and what a person can do with it: the settings, the dataset, and the race.
 *
 * The panels read these fields and call these methods; nothing else talks to the engine.
 */
import { Binaries } from './engine/binaries';
import { download } from './engine/download';
import { EngineClient, EngineLost } from './engine/client';
import type { Data, Wait } from './engine/client';
import type { ChartSpec, FigureSpec } from './engine/drawings';
import { drawingOf } from './finished/drawings';
import { painted } from './finished/load';
import type { Finished } from './finished/load';
import { count } from './format';
import { interesting } from './gates';
import type {
  Channel,
  ChannelMap,
  Config,
  DatasetCard,
  EngineName,
  Evaluation,
  GateTable,
  ModelCard,
  PresetName,
  Presets,
  Settings,
  SystemName,
} from './engine/protocol';
import { Importing } from './importing.svelte';
import { Kept, unshelved } from './kept.svelte';
import type { KeptRun } from './kept.svelte';
import { Race } from './race.svelte';
import type { Entry, MakeClient } from './race.svelte';
import { RunStore } from './run.svelte';
import type { Failure } from './run.svelte';
import { language } from './language.svelte';
import type { Language } from './language.svelte';
import { parseLink, split, toLink } from './link';
import type { Change } from './link';
import type { RunRecord } from './record';
import { areRuns, importRuns } from './runfiles';
import { DEFAULT, configOf, expected, simplified, stateOf, toHash, withSetting } from './state';
import type { Problem, RunState, SettingName } from './state';
import { browserShelf } from './storage';
import { text } from './text';
import { makeView } from './view.svelte';
import type { ViewState } from './view.svelte';

const DATASET = 'data/dataset.moge';
const LAYOUT = 'data/layout.moge';

/** Most test pairs that are scored at a time, unless the settings say otherwise. */
const MOST_SCORED = 50_000;

/** Milliseconds of a step in slow motion. */
const SLOW = 600;
/** Milliseconds that the panels wait for the finished run, so as not to move when it comes. */
const LATE = 1000;
/** Milliseconds between the last change of a setting and the new run. */
const SETTLE = 300;

/** Clients with real workers, which share what is downloaded and compiled. */
function realClients(): MakeClient {
  const binaries = new Binaries();
  return (events, data) => new EngineClient(events, data, binaries);
}

/** A node of the graph by its id in the log. */
export interface MapNode {
  kind: 'user' | 'item';
  raw: number;
}

export class Lab {
  state = $state.raw<RunState>(DEFAULT);
  /** What the panels show; a link carries it, too. */
  readonly view = makeView();
  /** The address of this state. */
  link = $derived(toLink(this.state, this.view));
  presets = $state.raw<Presets | null>(null);
  models = $state.raw<ModelCard[]>([]);
  config = $derived<Config | null>(this.presets && configOf(this.state, this.presets));
  /** The chosen system. */
  model = $derived(this.models.find(({ name }) => name === this.config?.system) ?? null);

  card = $state.raw<DatasetCard | null>(null);
  /** Counts the datasets opened: what was drawn for one is not right for the next. */
  opened = $state(0);
  /** What is wrong with the file that was brought last. */
  fileError = $state<string | null>(null);
  /** The open dataset where a person brought it, and not the page. */
  own = $state.raw<Data | null>(null);
  /** Which of the kept datasets is open. */
  private ownId = $state<number | null>(null);
  /** Whether the open dataset stays for the next visit. */
  ownKept = $derived.by(() => this.ownId !== null && this.ownId === this.kept.dataset?.id);
  readonly importing: Importing;

  /** The run that came with the page, and that its curves are compared with. */
  finished = $state.raw<Finished | null>(null);
  private finishedRun = $state.raw<RunStore | null>(null);

  readonly race: Race;
  /** The run that the controls act on. */
  live = $derived.by<RunStore | null>(() => this.race.focus);
  /** The run that the panels look at: until one of this page has scores, the finished one. */
  run = $derived.by<RunStore | null>(() => this.finishedRun ?? this.live);
  slow = $state(false);
  /** The test pair that is explained, by its place in the test window. */
  selected = $derived.by(() => this.view.selected ?? this.suggested);
  /** The pair that is explained until a person chooses one. */
  private suggested = $state<number | null>(null);
  /** The node that the channel map shall show. */
  pointed = $state.raw<MapNode | null>(null);
  /** The scoring whose gates are shown: the newest, or the one nearest to the step of the view. */
  gates = $derived.by<GateTable | null>(() => {
    const { step } = this.view;
    return (step === null ? null : this.run?.history.at(step)) ?? this.run?.gates ?? null;
  });
  /** What was measured in that scoring. */
  evaluation = $derived.by<Evaluation | null>(() => {
    const step = this.gates?.step;
    return this.run?.evaluations.find((each) => each.step === step) ?? this.run?.evaluation ?? null;
  });
  /** The test pairs that are brushed in the barcodes, by their places in the test window, rising. */
  brushed = $state.raw<Uint32Array | null>(null);
  /** The training step under the pointer, in all charts over steps. */
  cursor = $state<number | null>(null);

  ownWait = $state.raw<{ what: Wait; fraction: number | null } | null>(null);
  ownNotice = $state<string | null>(null);
  ownFailure = $state.raw<Failure | null>(null);
  wait = $derived.by(() => this.ownWait ?? this.live?.wait ?? null);
  notice = $derived.by(() => this.ownNotice ?? this.live?.notice ?? null);
  failure = $derived.by(() => this.ownFailure ?? this.live?.failure ?? null);
  /** Whether the panels have something to show, or have waited for it long enough. */
  begun = $state(false);
  /** Whether the engine is there, which draws and trains. */
  arrived = $state(false);
  /** Pressed before there was a run. */
  wantsPlay = $state(false);
  playing = $derived.by(() => this.live?.wanted ?? this.wantsPlay);

  /** What the dataset that was opened last is known by. */
  private known: { opened: number; fingerprint: string } | null = null;
  /** Opens datasets and draws charts; the runs have workers of their own. */
  private readonly desk: EngineClient;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private opening: Promise<void> = Promise.resolve();
  /** Resolves when the engine has arrived and has the first dataset. */
  readonly arrival: Promise<void>;
  private arrive!: () => void;
  /** The run that is kept for the next visit. */
  private keeping: RunStore | null = null;

  constructor(
    private readonly makeClient: MakeClient = realClients(),
    capacity = globalThis.navigator?.hardwareConcurrency ?? 1,
    readonly kept = new Kept(browserShelf),
  ) {
    this.importing = new Importing(makeClient, (data) => this.openOwn(data));
    this.race = new Race(makeClient, (run) => this.scored(run), capacity);
    this.desk = makeClient(
      {
        waiting: (what, fraction) => (this.ownWait = { what, fraction }),
        recovered: () => (this.ownWait = null),
        reopened: () => (this.ownWait = null),
        failed: (error) => this.fail(error, () => this.retry()),
      },
      null,
    );
    this.arrival = new Promise((resolve) => {
      this.arrive = () => {
        this.arrived = true;
        resolve();
      };
    });
  }

  /** Shows the finished run at once; then gets the engine and the dataset and builds the first run. */
  open(hash: string, finished?: Promise<Finished | null>): Promise<void> {
    return (this.opening = this.begins(hash, finished));
  }

  private async begins(hash: string, finished?: Promise<Finished | null>): Promise<void> {
    this.ownFailure = null;
    const { state, view, problems } = parseLink(hash);
    this.state = state;
    await this.show(view);
    this.report(problems);
    const late = setTimeout(() => (this.begun = true), LATE);
    const known = await finished;
    clearTimeout(late);
    if (known) this.recall(known);
    this.begun = true;
    if (known) await painted();
    void this.kept.open();
    await this.attempt(
      async () => {
        // Where the engine asked for cannot be had, the page still opens, and says so at the run.
        const engine = this.desk.load(state.engine).catch((error) => {
          if (error instanceof EngineLost) throw error;
          return this.desk.load('flex');
        });
        const [bytes] = await Promise.all([this.bundled(), engine]);
        const [presets, models] = await Promise.all([this.desk.presets(), this.desk.models()]);
        this.presets = presets;
        this.models = models;
        this.state = this.simple(this.state);
        await this.useDataset(bytes);
      },
      () => this.open(location.hash),
    );
  }

  /** Takes files that a person brought: runs, a prepared dataset, or a log to make one of. */
  async bring(files: File[]): Promise<void> {
    this.fileError = null;
    if (areRuns(files)) {
      const outcomes = await importRuns(this, files);
      this.ownNotice = outcomes.map(({ said }) => said).join(' ');
      return;
    }
    const prepared = files.find(({ name }) => name.endsWith('.moge'));
    if (!prepared) return this.importing.read(files);
    const read = async () => ({
      dataset: new Uint8Array(await prepared.arrayBuffer()),
      layout: null,
    });
    await this.openOwn(read(), prepared.name);
  }

  /** Opens the dataset that was kept at an earlier visit. */
  async openKept(): Promise<void> {
    const { dataset } = this.kept;
    if (dataset) await this.openOwn(unshelved(dataset), dataset.name, dataset.id);
  }

  /** Keeps the person's dataset for the next visit. */
  async keepOwn(): Promise<void> {
    if (!this.own || !this.card) return;
    if (await this.kept.keepDataset(this.card.name, this.own)) this.ownId = this.kept.dataset!.id;
    if (this.live) this.keep(this.live);
  }

  /** Goes on with the run of an earlier visit, on its dataset. */
  async resume(): Promise<void> {
    const { run: left, dataset } = this.kept;
    if (!left || !this.presets) return;
    this.kept.run = null;
    await this.settled();
    await this.race.pauseAll();
    this.state = this.simple(parseLink(left.hash).state);
    const takeUp = (run: RunStore) => this.takeUp(run, left);
    if (left.dataset !== null && left.dataset !== this.ownId && dataset) {
      await this.openOwn(unshelved(dataset), dataset.name, dataset.id, takeUp);
    } else if (left.dataset === null && this.own) {
      await this.attempt(
        async () => this.useDataset(await this.bundled(), false, null, takeUp),
        () => this.retry(),
      );
    } else {
      await takeUp(this.race.draft ?? this.race.make(this.entry(this.state)));
    }
  }

  /** Changes one setting; the run is built anew. */
  set<N extends SettingName>(name: N, value: Settings[N]): void {
    if (!this.presets) return;
    this.change(withSetting(this.state, this.presets, name, value), text.setting[name].name);
  }

  choosePreset(preset: PresetName): void {
    const { seed } = this.state.changed;
    const changed = this.view.lock && seed !== undefined ? { seed } : {};
    this.change({ ...this.state, preset, changed }, text.preset.name);
  }

  chooseEngine(engine: EngineName): void {
    this.change({ ...this.state, engine }, text.engine.name);
  }

  /** The state of a link; what is the same as now changes nothing. */
  follow(hash: string): void {
    const { state, view, problems } = parseLink(hash);
    this.change(this.simple(state), text.notice.theLink);
    void this.show(view);
    this.report(problems);
  }

  /** Speaks a language from now on, whatever a link has asked for. */
  async speak(to: Language): Promise<void> {
    this.view.lang = null;
    await language.keep(to).catch(() => (this.ownNotice = text.notice.noLanguage));
  }

  /** Changes settings and parts of the view at once. */
  apply(change: Change): void {
    const { preset, engine = this.state.engine } = change;
    const { settings, view } = split(change);
    const before = preset ? { preset, changed: {} } : this.state;
    const state = { ...before, engine, changed: { ...before.changed, ...settings } };
    this.change(this.simple(state), text.notice.theLink);
    void this.show(view);
  }

  /** Looks at another run; the controls show its settings. */
  look(run: RunStore): void {
    if (run === this.live) return;
    this.race.look(run);
    this.state = run.state;
    void this.explain();
  }

  /** Takes a run off the race; the controls go on with the run that is looked at then. */
  remove(run: RunStore): void {
    this.race.remove(run);
    if (this.live) this.state = this.live.state;
    else if (this.presets) this.race.look(this.race.make(this.entry(this.state)));
    if (this.live?.status === 'ready' && !this.live.info) void this.live.prepare();
  }

  toggle(): void {
    if (this.playing) void this.pause();
    else this.play();
  }

  play(): void {
    if (this.live) this.race.play(this.live);
    else this.wantsPlay = !this.failure;
  }

  async pause(): Promise<void> {
    this.wantsPlay = false;
    await this.live?.pause();
  }

  async single(): Promise<void> {
    await this.live?.single();
    void this.explain();
  }

  /** The same settings again from step 0. */
  async reset(): Promise<void> {
    this.ownNotice = null;
    this.view.step = null;
    const { live: run } = this;
    if (run) await this.rebuild(run, false);
  }

  /** Adds runs of the present settings to the race, each with some of them changed. */
  addToRace(variants: Partial<Settings>[]): RunStore[] {
    if (!this.presets || !this.card) return [];
    this.settleNow();
    const states = variants.map((changes) => this.variant(this.state, changes));
    return this.race.add(states.map((state) => this.entry(state)));
  }

  /** Every system with the settings that hold now. */
  addSystems(names: readonly SystemName[]): void {
    this.addToRace(names.map((system) => ({ system })));
  }

  /** The present settings with the present seed and those after it. */
  addSeeds(count: number): void {
    const from = this.config?.seed ?? 0;
    this.addToRace(Array.from({ length: count }, (_, i) => ({ seed: from + i })));
  }

  /** A state with some settings changed. */
  variant(state: RunState, changes: Partial<Settings>): RunState {
    const presets = this.presets!;
    return Object.entries(changes).reduce<RunState>(
      (result, [name, value]) => withSetting(result, presets, name as SettingName, value as never),
      state,
    );
  }

  entry(state: RunState): Entry {
    return { state, config: configOf(state, this.presets!) };
  }

  /** Takes a trained run into the race; one that does not fit leaves nothing behind. */
  async adopt(model: Uint8Array): Promise<void> {
    if (!this.presets || !this.card) throw new Error(text.share.files.notReady);
    const run = this.race.create(this.entry(this.state));
    try {
      await run.adopt(model);
    } catch (error) {
      run.dispose();
      throw error;
    }
    this.admit(run);
  }

  /** Takes the curves of a run that was trained elsewhere into the race. */
  takeCurves({ config, engine, evaluations, ended, steps }: RunRecord): void {
    const run = this.race.create({ state: { ...this.state, engine }, config });
    const why = text.share.files.cut(count(steps));
    run.takeCurves(evaluations, ended ?? { how: 'finished', why });
    this.admit(run);
  }

  /** What tells the open dataset from others. */
  async fingerprint(): Promise<string> {
    const { opened } = this;
    if (this.known?.opened === opened) return this.known.fingerprint;
    const run = this.race.runs.find(({ info }) => info !== null);
    if (!run) throw new Error(text.share.files.notReady);
    const record = JSON.parse(await run.ask((client) => client.record(0))) as RunRecord;
    const { fingerprint } = record.dataset;
    this.known = { opened, fingerprint };
    return fingerprint;
  }

  setSlow(slow: boolean): void {
    this.slow = slow;
    this.race.pace(slow ? SLOW : 0);
  }

  select(instance: number): void {
    if (instance === this.selected) return;
    this.view.selected = instance;
    void this.explain();
  }

  /** Shows a node in the map of a channel. */
  point(channel: Channel, node: MapNode): void {
    this.view.channel = channel;
    this.pointed = node;
  }

  dismiss(): void {
    this.ownNotice = null;
    if (this.live) this.live.notice = null;
  }

  /** Draws a chart; before the engine is there, one of the finished run is at hand. */
  async chart(spec: ChartSpec): Promise<string> {
    const drawn = this.arrived ? null : drawingOf(this.finished?.drawings ?? [], spec);
    if (drawn) return drawn;
    await this.arrival;
    return this.desk.chart(spec);
  }

  async figure(spec: FigureSpec): Promise<string> {
    await this.arrival;
    return this.desk.figure(spec);
  }

  /** A channel to draw; before the dataset is open, what the finished run knows of it. */
  async channel(channel: Channel): Promise<ChannelMap> {
    return (!this.card && this.finished?.maps[channel]) || this.desk.channel(channel);
  }

  /** Shows the run that came with the page. */
  private recall(finished: Finished): void {
    const { presets, models, info, explanation } = finished;
    this.finished = finished;
    this.presets = presets;
    this.models = models;
    this.state = this.simple(this.state);
    this.suggested = explanation.instance;
    this.opened += 1;
    const settings = { state: DEFAULT, config: info.config };
    const run = new RunStore(0, settings, {
      client: (events) => this.makeClient(events, null),
      freed: () => {},
      scored: () => {},
    });
    run.recall(finished);
    this.finishedRun = run;
  }

  private admit(run: RunStore): void {
    run.state = stateOf(run.config, run.state.engine, this.presets!);
    this.race.admit(run);
    this.finishedRun = null;
    this.look(run);
  }

  /** The dataset that comes with the page; without its layout the engine computes one. */
  private async bundled(): Promise<Data> {
    const get = async (url: string) =>
      new Uint8Array(await (await download(url, () => {})).arrayBuffer());
    const [dataset, layout] = await Promise.all([get(DATASET), get(LAYOUT).catch(() => null)]);
    return { dataset, layout };
  }

  /** Opens a person's dataset; the one before stays when it is refused. */
  private async openOwn(
    data: Data | Promise<Data>,
    name?: string,
    id: number | null = null,
    begin?: (run: RunStore) => Promise<void>,
  ): Promise<void> {
    await this.settled();
    await this.race.pauseAll();
    try {
      await this.useDataset(await data, true, id, begin);
    } catch (error) {
      this.ownWait = null;
      if (error instanceof EngineLost) return;
      const why = text.said((error as Error).message);
      this.fileError = name ? text.dataset.refused(name, why) : why;
    }
  }

  /** When another dataset may be opened: the first one is, or cannot be. */
  private async settled(): Promise<void> {
    await Promise.race([this.arrival, this.opening]);
  }

  /** Opens a dataset, the person's `own` or the page's, and begins a run on it. */
  private async useDataset(
    data: Data,
    own = false,
    id: number | null = null,
    begin = (run: RunStore) => this.begin(run, this.wantsPlay),
  ): Promise<void> {
    const card = await this.desk.open(data.dataset, data.layout);
    const opened = this.desk.opened!;
    this.ownWait = null;
    this.own = own ? opened : null;
    this.ownId = id;
    const lost = this.race.kept.length;
    // The finished run, and a pair or a step that a link has chosen, are of the first dataset only.
    if (this.card) {
      this.view.selected = null;
      this.view.step = null;
      this.suggested = null;
      this.finished = null;
      this.finishedRun = null;
    }
    this.brushed = null;
    this.card = card;
    this.arrive();
    this.opened += 1;
    this.race.clear(opened);
    if (lost > 0) this.ownNotice = text.notice.newDataset(lost);
    this.scoreNoMore(card);
    this.checkSelected();
    this.cursor = null;
    const run = this.race.make(this.entry(this.state));
    this.race.look(run);
    await begin(run);
  }

  /** Scores a part of the users where all would take longer than the training between. */
  private scoreNoMore(card: DatasetCard): void {
    const { test } = card.instances;
    if (!this.presets || test <= MOST_SCORED || this.state.changed.evaluate_users !== undefined)
      return;
    const users = Math.floor((card.users * MOST_SCORED) / test);
    this.state = withSetting(this.state, this.presets, 'evaluate_users', users);
    this.ownNotice = text.notice.partScored(count(users));
  }

  private change(state: RunState, what: string): void {
    if (toHash(state) === toHash(this.state)) return;
    this.state = state;
    this.view.step = null;
    const { live: run } = this;
    if (!run || !this.presets) return;
    const play = run.wanted && !run.kept;
    const draft = run.kept ? this.race.draft : run;
    if (draft && draft.step > 0) this.ownNotice = text.notice.rebuilt(what);
    const target = draft ?? this.race.make(this.entry(state));
    const { config } = this.entry(state);
    target.change(state, config);
    target.wanted = play;
    this.race.look(target);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settleNow(), SETTLE);
  }

  /** Builds what waits for the last of several changes. */
  private settleNow(): void {
    clearTimeout(this.settling);
    const draft = this.race.draft;
    if (draft?.settling) void this.rebuild(draft, draft.wanted);
  }

  private async rebuild(run: RunStore, play: boolean): Promise<void> {
    run.change(run.state, run.config);
    run.clear();
    await this.begin(run, play);
  }

  private async begin(run: RunStore, play: boolean): Promise<void> {
    this.wantsPlay = false;
    run.wanted = play;
    if (play) this.race.schedule();
    else await run.prepare();
  }

  private scored(run: RunStore): void {
    if (run !== this.live) return;
    this.finishedRun = null;
    if (run.gates) this.suggested ??= interesting(run.gates);
    void this.explain(true);
    this.keep(run);
  }

  /** Makes a run that of an earlier visit, and trains it on. */
  private async takeUp(run: RunStore, left: KeptRun): Promise<void> {
    const { state, config } = this.entry(this.state);
    run.change(state, config);
    run.clear();
    this.race.look(run);
    if (!(await run.restore(left))) return this.kept.removeRun();
    this.scored(run);
    this.race.play(run);
  }

  /** Keeps a run on its way for the next visit, where its dataset will be there, too. */
  private keep(run: RunStore): void {
    const { gates, info, saved, reports, ended } = run;
    if (ended && this.keeping === run) void this.kept.removeRun();
    if (ended || !gates || !info || !saved || gates.step === 0) return;
    if (this.own && !this.ownKept) return;
    this.keeping = run;
    void this.kept.keepRun({
      hash: toHash(run.state),
      engine: info.engine,
      dataset: this.ownId,
      step: gates.step,
      steps: run.config.steps,
      checkpoint: saved,
      gates,
      reports: reports.filter(({ step }) => step <= gates.step),
    });
  }

  /** Explains the selected pair by the run in focus, unless it has just done so. */
  private async explain(anew = false): Promise<void> {
    const { live: run, selected } = this;
    if (!run || selected === null || run.evaluations.length === 0) return;
    if (anew || run.explanation?.instance !== selected) await run.explain(selected);
  }

  /** Shows what a link says; its language holds for this visit. */
  private async show(view: Partial<ViewState>): Promise<void> {
    Object.assign(this.view, view);
    this.checkSelected();
    void this.explain();
    // Without its words (offline, say) the page stays in the language it is in.
    if (view.lang) await language.choose(view.lang).catch(() => {});
  }

  /** A link may choose a pair that this dataset does not have. */
  private checkSelected(): void {
    const { selected } = this.view;
    if (!this.card || selected === null || selected < this.card.instances.test) return;
    this.view.selected = null;
    const kind = { kind: 'integer', min: 0, max: this.card.instances.test - 1 } as const;
    this.report([{ name: 'selected', value: String(selected), expected: expected(kind) }]);
  }

  private report(problems: Problem[]): void {
    if (problems.length > 0) this.ownNotice = problems.map(text.notice.link).join(' ');
  }

  /** The state without what equals the preset anyway, where the presets are known. */
  private simple(state: RunState): RunState {
    return this.presets ? simplified(state, this.presets) : state;
  }

  /** Gives up what the page waits for. */
  cancel(): void {
    if (!this.ownWait) return this.live?.cancel();
    this.desk.end();
    this.fail(new Error(text.error.cancelled), () => this.retry());
  }

  private retry(): void {
    this.ownFailure = null;
    if (this.card) void this.desk.retry();
    else void this.open(location.hash);
  }

  private fail(error: Error, retry: () => void): void {
    this.ownWait = null;
    this.wantsPlay = false;
    this.ownFailure = { message: error.message, retry };
  }

  /** Does something that may fail: a lost engine tells of itself, the rest goes into the banner. */
  private async attempt(work: () => Promise<void>, retry: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EngineLost)) this.fail(error as Error, retry);
    }
  }
}
