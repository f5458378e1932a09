/** Reading a person's own log: the files, how far it is, what came out, and what to do with it. */
import { EngineLost } from './engine/client';
import type { Data, EngineClient } from './engine/client';
import type { Imported, ImportProgress } from './engine/protocol';
import type { MakeClient } from './race.svelte';
import { text } from './text';

/** Users of the dense core to begin with: as many as the bundled dataset has. */
const USERS = 3000;
/** Items of the dense core per user, as `moge prepare` has them. */
const ITEMS_PER_USER = 5;

export interface Reading {
  part: Parameters<ImportProgress>[0];
  /** Share of the part that is done. */
  fraction: number;
  rows: number;
  /** Seconds that the rest of the part is likely to take. */
  left: number | null;
}

export class Importing {
  files = $state.raw<File[]>([]);
  /** Users of the dense core to be cut out. */
  users = $state(USERS);
  reading = $state.raw<Reading | null>(null);
  result = $state.raw<Imported | null>(null);
  problem = $state<string | null>(null);

  /** A worker of its own, which gives its memory back at the end and can be stopped at any time. */
  private client: EngineClient | null = null;

  constructor(
    private readonly makeClient: MakeClient,
    /** Opens the dataset. */
    private readonly open: (data: Data) => Promise<void>,
  ) {}

  /** Reads these files in place of all that was read before. */
  async read(files: File[]): Promise<void> {
    this.discard();
    this.files = files;
    let began = performance.now();
    const told: ImportProgress = (part, fraction, rows) => {
      if (part !== this.reading?.part) began = performance.now();
      const seconds = (performance.now() - began) / 1000;
      const left = fraction > 0 && fraction < 1 ? (seconds * (1 - fraction)) / fraction : null;
      this.reading = { part, fraction, rows, left };
    };
    told('reading', 0, 0);
    const ignore = () => {};
    const client = this.makeClient(
      { waiting: ignore, recovered: ignore, reopened: ignore, failed: ignore },
      null,
    );
    this.client = client;
    const current = () => this.client === client;
    try {
      await client.load('flex');
      const options = { users: this.users, items: this.users * ITEMS_PER_USER };
      const result = await client.importLog(files, options, (...progress) => {
        if (current()) told(...progress);
      });
      if (current()) this.result = result;
    } catch (error) {
      if (!current()) return;
      const { message } = error as Error;
      this.problem = error instanceof EngineLost ? text.importing.broke : text.said(message);
    }
    if (current()) this.stop();
  }

  /** Reads the same files anew, for another size. */
  again(): Promise<void> {
    return this.read(this.files);
  }

  /** Stops the reading, or forgets what was read. */
  discard(): void {
    this.stop();
    this.files = [];
    this.result = null;
    this.problem = null;
  }

  /** Opens what was read. */
  async use(): Promise<void> {
    const { result } = this;
    if (!result) return;
    this.discard();
    await this.open({ dataset: result.dataset, layout: result.layout });
  }

  private stop(): void {
    this.client?.end();
    this.client = null;
    this.reading = null;
  }
}
