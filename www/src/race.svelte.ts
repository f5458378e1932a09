/**
 * The runs of the page: which there are, which of them train, and which one the panels look at.
 *
 * Every run has a worker of its own. As many train at once as the machine has cores; the others wait
 * in the order of the list and start by themselves. One run at most is not kept: the one that
 * follows the settings.
 */
import { grouped, settingsKey } from './compare';
import type { Group } from './compare';
import { EngineClient } from './engine/client';
import type { Data, Events } from './engine/client';
import type { Config } from './engine/protocol';
import { RunStore } from './run.svelte';
import { toHash } from './state';
import type { RunState } from './state';

/** Makes the client of a run's worker. */
export type MakeClient = (events: Events, data: Data | null) => EngineClient;

/** What a run is made of. */
export interface Entry {
  state: RunState;
  config: Config;
}

/** Runs on different choices of engine are apart, too. */
const keyOf = (run: RunStore) => `${run.state.engine};${settingsKey(run)}`;

export class Race {
  runs = $state.raw<RunStore[]>([]);
  /** The run that the panels look at. */
  focus = $state.raw<RunStore | null>(null);
  /** The group of runs that the others are compared with, by its key. */
  reference = $state<string | null>(null);
  /** How many runs train at once. */
  capacity = $state(1);

  /** The line of each group in the charts, by its key, so that none changes when others come. */
  private readonly styles = new Map<string, number>();
  groups = $derived<Group[]>(grouped(this.runs, this.styles, keyOf));
  kept = $derived(this.runs.filter((run) => run.kept));
  busy = $derived(this.runs.filter((run) => run.active).length);
  baseline = $derived(this.groups.find(({ key }) => key === this.reference) ?? null);

  private data: Data | null = null;
  private made = 0;
  private minimum = 0;

  constructor(
    private readonly makeClient: MakeClient,
    /** A run has new scores. */
    private readonly scored: (run: RunStore) => void,
    capacity: number,
  ) {
    this.capacity = Math.max(1, capacity);
  }

  /** Ends all runs; those to come use another dataset. */
  clear(data: Data): void {
    for (const run of this.runs) run.dispose();
    this.runs = [];
    this.focus = null;
    this.reference = null;
    this.data = data;
  }

  /** The run that follows the settings; made where there is none. */
  get draft(): RunStore | null {
    return this.runs.find((run) => !run.kept) ?? null;
  }

  /** A new run at the list's end, which does not train yet. */
  make(entry: Entry): RunStore {
    const run = this.create(entry);
    this.runs = [...this.runs, run];
    return run;
  }

  /** A run that was made elsewhere, at the list's end. */
  admit(run: RunStore): void {
    run.kept = true;
    this.runs = [...this.runs, run];
  }

  /** A new run that is not in the list. */
  create(entry: Entry): RunStore {
    const run: RunStore = new RunStore((this.made += 1), entry, {
      client: (events) => this.makeClient(events, this.data),
      freed: () => this.schedule(),
      scored: (of) => this.scored(of),
    });
    if (this.minimum > 0) run.pace(this.minimum);
    return run;
  }

  /** The run of these settings that is in the race already. */
  find(state: RunState): RunStore | null {
    const hash = toHash(state);
    return this.kept.find((run) => toHash(run.state) === hash) ?? null;
  }

  /** Adds runs to the race, except those that are in it, and lets them train. */
  add(entries: Entry[]): RunStore[] {
    const added = entries.map((entry) => {
      const draft = this.draft;
      const same = draft !== null && toHash(draft.state) === toHash(entry.state);
      const run = this.find(entry.state) ?? (same ? draft : this.make(entry));
      run.kept = true;
      return run;
    });
    for (const run of added) this.play(run);
    return added;
  }

  play(run: RunStore): void {
    if (run.ended || run.failure) return;
    run.wanted = true;
    this.schedule();
  }

  playAll(): void {
    for (const run of this.kept) if (!run.ended && !run.failure) run.wanted = true;
    this.schedule();
  }

  async pauseAll(): Promise<void> {
    const { runs } = this;
    // All at once: the place of one must not go to the next.
    for (const run of runs) run.wanted = false;
    await Promise.all(runs.map((run) => run.pause()));
  }

  remove(run: RunStore): void {
    this.runs = this.runs.filter((other) => other !== run);
    run.dispose();
    if (this.focus === run) this.look(this.runs.at(-1) ?? null);
    this.schedule();
  }

  /** Looks at another run; a finished one that is left gives its worker back. */
  look(run: RunStore | null): void {
    const before = this.focus;
    this.focus = run;
    if (before && before !== run && before.status === 'ended') before.release();
  }

  pace(milliseconds: number): void {
    this.minimum = milliseconds;
    for (const run of this.runs) run.pace(milliseconds);
  }

  /** Gives free places to the runs that wait. */
  schedule(): void {
    for (const run of this.runs) {
      if (run.status === 'ended' && run !== this.focus) run.release();
    }
    for (const run of this.runs) {
      if (this.runs.filter((other) => other.active).length >= this.capacity) return;
      if (run.status === 'queued' && !run.settling) void run.train();
    }
  }
}
