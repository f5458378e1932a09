/** Gives files to the person, and names them. */
import type { Config } from './engine/protocol';

/** Width of a chart in a file, in em of its text. */
export const EXPORT_WIDTH = 48;

/** Saves a file where the browser saves files. */
export function save(name: string, content: string | Uint8Array, type: string): void {
  const url = URL.createObjectURL(
    new Blob([content as string | Uint8Array<ArrayBuffer>], { type }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Name of a run's file without its ending: system, seed and dataset. */
export function fileName({ system, seed }: Config, dataset: string): string {
  return [system, `seed${seed}`, dataset]
    .map((part) => part.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, ''))
    .filter((part) => part !== '')
    .join('_');
}
