/**
 * GAUC as model.md 9.1 defines it, with all its parts: the mean of the users' AUCs, each weighted by
 * the user's number of test pairs; a user without a positive or without a negative pair is skipped.
 *
 * The AUC of a user is the share of its (positive, negative) pairs in which the positive has the
 * higher score, equal scores counting one half.
 */
import { rightPairs } from './auc';
import type { GateTable } from './engine/protocol';

const TASK_COUNT = 2;
/** Users between two places where a long computation may rest. */
const STRIDE = 32;

/** A user's test pairs for one task, lowest score first. */
export interface Ranking {
  rows: readonly number[];
  scores: readonly number[];
  labels: readonly number[];
}

/** A user that counts. */
export interface UserAuc extends Ranking {
  user: number;
  positives: number;
  negatives: number;
  /** (positive, negative) pairs in the right order; a tie is half a pair. */
  right: number;
  auc: number;
}

/** Users and their test pairs. */
export interface Tally {
  users: number;
  pairs: number;
}

export interface TaskGauc {
  /** null when no user counts, or when a score is not a number. */
  gauc: number | null;
  /** The users that count, by rising AUC. */
  users: UserAuc[];
  counted: Tally;
  noPositive: Tally;
  noNegative: Tally;
}

/** The ranking after the items at places `i` and `i + 1` have changed places. */
export function swapped({ rows, scores, labels }: Ranking, i: number): Ranking {
  const exchange = (list: readonly number[]) => {
    const copy = [...list];
    [copy[i], copy[i + 1]] = [copy[i + 1]!, copy[i]!];
    return copy;
  };
  return { rows: exchange(rows), scores, labels: exchange(labels) };
}

/** The GAUC of one task over some rows of a table; may rest at each `yield`. */
export function* gaucOf(
  table: GateTable,
  task: number,
  rows: Uint32Array,
): Generator<void, TaskGauc> {
  const users: UserAuc[] = [];
  const none = (): Tally => ({ users: 0, pairs: 0 });
  const [counted, noPositive, noNegative] = [none(), none(), none()];
  let sum = 0;
  let seen = 0;
  let known = true;
  for (const members of rowsByUser(table, rows)) {
    if ((seen += 1) % STRIDE === 0) yield;
    const cell = (row: number) => row * TASK_COUNT + task;
    let positives = 0;
    for (const row of members) positives += table.labels[cell(row)]!;
    const negatives = members.length - positives;
    const tally = positives === 0 ? noPositive : negatives === 0 ? noNegative : counted;
    tally.users += 1;
    tally.pairs += members.length;
    if (tally !== counted) continue;
    const sorted = Array.from(members).sort(
      (a, b) => table.logits[cell(a)]! - table.logits[cell(b)]!,
    );
    const ranking = {
      rows: sorted,
      scores: sorted.map((row) => table.logits[cell(row)]!),
      labels: sorted.map((row) => table.labels[cell(row)]!),
    };
    known &&= ranking.scores.every(Number.isFinite);
    const right = rightPairs(ranking.scores, ranking.labels);
    const auc = right / (positives * negatives);
    users.push({ ...ranking, user: table.user[sorted[0]!]!, positives, negatives, right, auc });
    sum += members.length * auc;
  }
  yield;
  users.sort((a, b) => a.auc - b.auc || a.user - b.user);
  const gauc = known && counted.pairs > 0 ? sum / counted.pairs : null;
  return { gauc, users, counted, noPositive, noNegative };
}

/** Of some rows those of each user that has any, in their order. */
export function* rowsByUser({ user }: GateTable, rows: Uint32Array): Generator<Uint32Array> {
  let last = -1;
  for (const row of rows) last = Math.max(last, user[row]!);
  const ends = new Uint32Array(last + 2);
  for (const row of rows) ends[user[row]! + 1]! += 1;
  for (let u = 1; u < ends.length; u++) ends[u]! += ends[u - 1]!;
  const starts = ends.slice();
  const grouped = new Uint32Array(rows.length);
  for (const row of rows) grouped[starts[user[row]!]!++] = row;
  for (let u = 0; u <= last; u++) {
    if (ends[u + 1]! > ends[u]!) yield grouped.subarray(ends[u], ends[u + 1]);
  }
}
