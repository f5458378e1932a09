/**
 * Which users the graph helps and which it hurts: each user's AUC by the logits, and by the logits
 * less the graph's exact part of them. That takes the part out of a sum; it is not a model that was
 * trained without the graph.
 */
import { auc } from './auc';
import { allRows } from './brush';
import { TASKS } from './engine/protocol';
import type { GateTable } from './engine/protocol';
import { rowsByUser } from './gauc';

/** One user's test pairs for one task, both kinds of which there are. */
export interface UserEffect {
  user: number;
  /** The user's rows of the table. */
  rows: Uint32Array;
  positives: number;
  /** AUC by the logits, and without the graph's part. */
  whole: number;
  without: number;
}

/** How far a positive of a user's list is up: how many negatives score lower. */
export interface Standing {
  row: number;
  negatives: number;
  whole: number;
  without: number;
}

export const gainOf = ({ whole, without }: UserEffect) => whole - without;

const cellOf = (row: number, task: number) => row * TASKS.length + task;

function scoresOf(table: GateTable, rows: Uint32Array, task: number) {
  const cells = Array.from(rows, (row) => cellOf(row, task));
  const whole = cells.map((cell) => table.logits[cell]!);
  return {
    labels: cells.map((cell) => table.labels[cell]!),
    whole,
    without: cells.map((cell, i) => whole[i]! - table.graph[cell]!),
  };
}

/** The effect on every valid user, per task; yields after each user, for work in slices. */
export function* userEffects(table: GateTable): Generator<void, UserEffect[][]> {
  const effects: UserEffect[][] = TASKS.map(() => []);
  for (const rows of rowsByUser(table, allRows(table))) {
    yield;
    effects.forEach((list, task) => {
      const { labels, whole, without } = scoresOf(table, rows, task);
      const with_ = auc(whole, labels);
      const less = auc(without, labels);
      if (with_ === null || less === null) return;
      const positives = labels.reduce((sum, label) => sum + label, 0);
      list.push({ user: table.user[rows[0]!]!, rows, positives, whole: with_, without: less });
    });
  }
  return effects;
}

/** Those whom the graph helps (or hurts), the most first; of equals the one with more pairs. */
export function ranked(effects: readonly UserEffect[], helps: boolean): UserEffect[] {
  const merit = (effect: UserEffect) => (helps ? gainOf(effect) : -gainOf(effect));
  return effects
    .filter((effect) => merit(effect) > 0)
    .sort((a, b) => merit(b) - merit(a) || b.rows.length - a.rows.length || a.user - b.user);
}

/** The positive of a user that the graph lifts over most negatives, or drops below most. */
export function standing(
  table: GateTable,
  effect: UserEffect,
  task: number,
  helps: boolean,
): Standing {
  const { labels, whole, without } = scoresOf(table, effect.rows, task);
  const below = (scores: number[], i: number) =>
    scores.filter((score, j) => labels[j] === 0 && score < scores[i]!).length;
  const negatives = labels.length - effect.positives;
  const found = [...effect.rows].flatMap((row, i) =>
    labels[i] === 1 ? [{ row, negatives, whole: below(whole, i), without: below(without, i) }] : [],
  );
  const lift = ({ whole, without }: Standing) => (helps ? whole - without : without - whole);
  return found.reduce((best, each) => (lift(each) > lift(best) ? each : best));
}
