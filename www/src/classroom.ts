/** The runs of a class: many records merged into groups with the same settings, on this machine. */
import type { Compared } from './compare';
import { nameOf, parseRecord } from './record';
import type { RunRecord } from './record';
import { text } from './text';

/** A file as it was read: a record, or why it is none. */
export interface Sheet {
  file: string;
  record: RunRecord | null;
  why: string;
}

export function readSheet(file: string, json: string): Sheet {
  try {
    return { file, record: parseRecord(json), why: '' };
  } catch (error) {
    return { file, record: null, why: (error as Error).message };
  }
}

/** A record that is merged, to be compared like a run. */
export interface Merged extends Compared {
  file: string;
  record: RunRecord;
}

export interface Classroom {
  merged: Merged[];
  /** Files that are left out, with the reason. */
  out: { file: string; why: string }[];
}

/**
 * Merges files. The dataset is that of most of them; other ones, damaged files and the second of two
 * files with the very same run are left out. Two students may well have the same settings and scores:
 * what tells their files from copies is how long each evaluation took.
 */
export function merge(sheets: readonly Sheet[]): Classroom {
  const read: Merged[] = [];
  const out: Classroom['out'] = [];
  const seen = new Map<string, string>();
  for (const { file, record, why } of sheets) {
    if (!record) {
      out.push({ file, why });
      continue;
    }
    const { config, evaluations } = record;
    const key = JSON.stringify([record.dataset.fingerprint, config, evaluations]);
    const twin = seen.get(key);
    if (twin !== undefined) out.push({ file, why: text.share.class.duplicate(twin) });
    else read.push({ file, record, config, evaluations, named: null, shown: true });
    seen.set(key, twin ?? file);
  }
  const most = mostCommon(read.map(({ record }) => record.dataset.fingerprint));
  const merged = read.filter(({ record }) => record.dataset.fingerprint === most);
  for (const each of read) {
    if (merged.includes(each)) continue;
    const [own, others] = [each, merged[0]!].map(({ record }) => nameOf(record.dataset));
    out.push({ file: each.file, why: text.share.class.other(own!, others!) });
  }
  return { merged, out };
}

/** The value that occurs most often; the first of several. */
function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<[string, number] | undefined>(
    (best, each) => (best && best[1] >= each[1] ? best : each),
    undefined,
  )?.[0];
}
