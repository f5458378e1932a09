/** Runs that come as files: a model, a record, or both of one run. */
import type { Lab } from './lab.svelte';
import { nameOf, parseRecord } from './record';
import { text } from './text';

/** What became of a file. */
export interface Outcome {
  good: boolean;
  /** A sentence for people. */
  said: string;
}

const isModel = ({ name }: File) => /\.safetensors$/i.test(name);
const isRecord = ({ name }: File) => /\.json$/i.test(name);

/** Whether these files are those of runs. */
export function areRuns(files: readonly File[]): boolean {
  return files.length > 0 && files.every((file) => isModel(file) || isRecord(file));
}

/**
 * Takes the runs of some files into the race. A model brings its curves along, so that the record
 * beside it adds nothing.
 */
export async function importRuns(lab: Lab, files: readonly File[]): Promise<Outcome[]> {
  const models = files.filter(isModel);
  const pair = models.length === 1 && files.filter(isRecord).length === 1;
  const wanted = pair ? models : files;
  const outcomes: Outcome[] = [];
  for (const file of wanted) {
    const words = text.share.files;
    try {
      if (isModel(file)) await lab.adopt(new Uint8Array(await file.arrayBuffer()));
      else if (isRecord(file)) await takeCurves(lab, await file.text());
      else throw new Error(words.kind);
      const what = isModel(file) ? words.model : words.curves;
      outcomes.push({ good: true, said: words.opened(file.name, what) });
    } catch (error) {
      const why = text.said((error as Error).message);
      outcomes.push({ good: false, said: words.refused(file.name, why) });
    }
  }
  return outcomes;
}

/** The curves of a record, where it is of the dataset that is open. */
async function takeCurves(lab: Lab, json: string): Promise<void> {
  const record = parseRecord(json);
  const open = await lab.fingerprint();
  if (record.dataset.fingerprint !== open) {
    const name = lab.card?.name ?? '';
    const own = nameOf(record.dataset);
    throw new Error(text.share.files.otherDataset(own, nameOf({ name, fingerprint: open })));
  }
  lab.takeCurves(record);
}
