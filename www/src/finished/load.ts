/** Fetches the finished run that comes with the page, and lets it be painted. */
import type { Drawing } from './drawings';
import { unpack } from './pack';
import { restore } from './small';
import type { FinishedRun, SmallRun } from './small';

const FILE = 'data/finished.moge';

/** The run and its charts. */
export interface Finished extends FinishedRun {
  drawings: Drawing[];
}

/** What `finished.moge` holds. */
export interface FinishedFile {
  run: SmallRun;
  drawings: Drawing[];
}

/** Null where there is none, or one that this page cannot read: the page does without. */
export async function loadFinished(): Promise<Finished | null> {
  if (!__FINISHED__) return null;
  try {
    const response = await fetch(FILE);
    if (!response.ok) return null;
    const file = await unpack(new Uint8Array(await response.arrayBuffer()));
    const { run, drawings } = file as FinishedFile;
    const restored = restore(run);
    return restored && { ...restored, drawings };
  } catch (error) {
    console.debug(error);
    return null;
  }
}

/** Milliseconds after which a page that is not painted, because it is not looked at, goes on. */
const UNSEEN = 500;

/** Resolves when what was changed has been painted. */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, UNSEEN);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
}
