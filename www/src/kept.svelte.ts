/**
 * What stays in this browser for the next visit: a dataset, if the person wants it, and the run that
 * was trained last. Nothing depends on it: where it cannot be kept, the page says so and goes on.
 */
import type { Data } from './engine/client';
import type { GateTable, RunInfo, StepReport } from './engine/protocol';
import { isFull } from './storage';
import type { Shelf } from './storage';
import { text } from './text';

/** A dataset that a person brought. */
export interface KeptDataset {
  id: number;
  name: string;
  dataset: Blob;
  layout: Blob | null;
}

/** A run on its way, as it was when its test set was scored last. */
export interface KeptRun {
  /** Its settings, as a link says them. */
  hash: string;
  /** What it was trained on. */
  engine: RunInfo['engine'];
  /** The kept dataset that it is trained on; null for the one that comes with the page. */
  dataset: number | null;
  step: number;
  steps: number;
  /** Its checkpoint, and what the checkpoint does not hold: the scored pairs and the losses. */
  checkpoint: Blob;
  gates: GateTable;
  reports: StepReport[];
}

/** Where they lie; what has another shape takes another name. */
const DATASET = 'dataset';
const RUN = 'run';

export class Kept {
  dataset = $state.raw<KeptDataset | null>(null);
  /** The run of an earlier visit, until it is taken up, discarded, or another one is kept. */
  run = $state.raw<KeptRun | null>(null);
  /** Why something is not kept. */
  problem = $state<string | null>(null);

  /** The run that waits to be written while another one is. */
  private next: KeptRun | null = null;
  private writing: Promise<void> | null = null;
  /** A run that could not be kept is not worth a second complaint. */
  private refused = false;

  constructor(private readonly shelf: Shelf) {}

  /** Finds what an earlier visit has left. */
  async open(): Promise<void> {
    const found = (name: string) => this.shelf.get(name).catch(() => null);
    const [dataset, run] = await Promise.all([found(DATASET), found(RUN)]);
    this.dataset = (dataset as KeptDataset | undefined) ?? null;
    const left = (run as KeptRun | undefined) ?? null;
    const usable = left && (left.dataset === null || left.dataset === this.dataset?.id);
    this.run = usable ? left : null;
  }

  /** Keeps a dataset in place of the one before; whether that succeeded. */
  async keepDataset(name: string, data: Data): Promise<boolean> {
    const kept: KeptDataset = {
      id: Date.now(),
      name,
      dataset: blob(data.dataset),
      layout: data.layout && blob(data.layout),
    };
    const done = await this.write(DATASET, kept, text.kept.datasetRefused);
    if (done) this.dataset = kept;
    return done;
  }

  /** Removes the dataset, and the run that was trained on it. */
  async removeDataset(): Promise<void> {
    const id = this.dataset?.id;
    this.dataset = null;
    await this.erase(DATASET);
    if (this.run && this.run.dataset === id) this.run = null;
    const run = (await this.shelf.get(RUN).catch(() => null)) as KeptRun | undefined;
    if (run && run.dataset === id) await this.erase(RUN);
  }

  /** Keeps a run in place of the one before; the newest one, where they come faster than they go. */
  keepRun(run: KeptRun): Promise<void> {
    this.run = null;
    this.next = run;
    this.writing ??= this.writeRuns().finally(() => (this.writing = null));
    return this.writing;
  }

  /** Forgets the run. */
  async removeRun(): Promise<void> {
    this.run = null;
    this.next = null;
    await this.writing;
    await this.erase(RUN);
  }

  private async writeRuns(): Promise<void> {
    for (let run = this.next; run; run = this.next) {
      this.next = null;
      if (this.refused) return;
      this.refused = !(await this.write(RUN, run, text.kept.runRefused));
    }
  }

  private async write(name: string, thing: unknown, refused: (why: string) => string) {
    try {
      await this.shelf.set(name, thing);
      return true;
    } catch (error) {
      const why = isFull(error) ? text.kept.full : text.kept.forbidden((error as Error).message);
      this.problem = refused(why);
      return false;
    }
  }

  private async erase(name: string): Promise<void> {
    await this.shelf.remove(name).catch((error: Error) => {
      this.problem = text.kept.forbidden(error.message);
    });
  }
}

/** The bytes of a kept dataset. */
export async function unshelved(kept: KeptDataset): Promise<Data> {
  const bytes = async (part: Blob) => new Uint8Array(await part.arrayBuffer());
  return {
    dataset: await bytes(kept.dataset),
    layout: kept.layout && (await bytes(kept.layout)),
  };
}

/** How much room a dataset takes, in bytes. */
export const sizeOf = (kept: KeptDataset) => kept.dataset.size + (kept.layout?.size ?? 0);

const blob = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
