/** The curves of the page's charts. */
import { TASKS } from './engine/protocol';
import type { ChartContent, ChartSpec, Curve } from './engine/drawings';
import type { Evaluation, StepReport } from './engine/protocol';
import { course, ends } from './compare';
import type { Compared, Spread } from './compare';
import type { Named } from './names';
import { EXPERT_STROKE, STROKE, lineOf } from './palette';
import { smooth, thin } from './series';
import { text } from './text';

/** A curve that may stand pale behind another, which is named by its label. */
export interface Drawn extends Curve {
  behind?: string;
  /** The values to read out, where the line is drawn at other heights, as in a stack. */
  values?: [number, number][];
}
export interface Content extends ChartContent {
  curves: Drawn[];
  /** Curves that are off at first, by label. */
  off?: string[];
}

/** What a curve's button switches: a pale curve goes with the one before it. */
const owner = (curve: Drawn) => curve.behind ?? curve.label;

/** What is drawn of a chart: the curves that are not hidden and have points. */
export function shownOf(
  { off: _, ...content }: Content,
  hidden: readonly string[],
  width_em: number,
): ChartSpec & Content {
  const curves = content.curves.filter(
    (curve) => !hidden.includes(owner(curve)) && curve.points.length > 0,
  );
  return { ...content, width_em, curves };
}

const overSteps = () => ({
  x_label: text.charts.step,
  y_range: null,
  reference: null,
  log_x: false,
  log_y: false,
});

const gaucPoints = (evaluations: readonly Evaluation[], task: number) =>
  evaluations.flatMap(({ step, tasks }) => {
    const gauc = tasks[task]?.gauc;
    return typeof gauc === 'number' ? [[step, gauc] as [number, number]] : [];
  });

/** Scores of one task that stand behind the others, to compare. */
function reference(
  evaluations: readonly Evaluation[],
  task: number,
  behind: string,
  look: { color: string; dash: boolean },
): Drawn[] {
  const points = gaucPoints(evaluations, task);
  return points.length > 1 ? [{ label: '', behind, ...look, points }] : [];
}

/**
 * GAUC of one task against the step: a line per group of runs, with a band over its seeds; behind them
 * the run that came with the page and the one before the last change.
 */
export function gaucChart(
  groups: readonly Named<Compared>[],
  before: readonly Evaluation[],
  task: number,
  spread: Spread,
  finished: readonly Evaluation[],
): Content {
  const drawn = groups.filter(({ group }) => group.runs.some((run) => run.shown));
  const curves = drawn.map<Drawn>(({ group, label }) => {
    const runs = group.runs.filter((run) => run.shown);
    const points = course(runs, task);
    return {
      label,
      ...lineOf(group.style),
      points: points.map(({ step, mean }) => [step, mean]),
      ...(runs.length > 1 && { band: points.map((of) => [of.step, ...ends(of, spread)]) }),
    };
  });
  const all = [
    ...reference(finished, task, text.finished.name, { color: STROKE.finished, dash: true }),
    ...reference(before, task, text.charts.before, { color: STROKE.before, dash: false }),
    ...curves,
  ];
  return scores(all);
}

/** GAUC of both tasks of one run. */
export function runChart(evaluations: readonly Evaluation[]): Content {
  return scores(
    TASKS.map((task, k) => ({
      label: text.task[task],
      color: STROKE[task],
      dash: k === 1,
      points: gaucPoints(evaluations, k),
    })),
  );
}

/** Curves of GAUC, with the axis that they need. */
function scores(curves: Drawn[]): Content {
  const values = curves.flatMap(({ points, band }) => [
    ...points.map(([, y]) => y),
    ...(band ?? []).flatMap(([, low, high]) => [low, high]),
  ]);
  return {
    ...overSteps(),
    y_label: text.charts.gauc,
    curves,
    y_range: [
      Math.floor(20 * Math.min(0.45, ...values)) / 20,
      Math.ceil(20 * Math.max(0.65, ...values)) / 20,
    ],
    reference: 0.5,
  };
}

type Value = (report: StepReport) => number;

/** Steps against a value, made short enough to draw. */
function line(
  reports: readonly StepReport[],
  label: string,
  color: string,
  dash: boolean,
  value: Value,
): Drawn {
  return { label, color, dash, points: thin(reports, ({ step }) => step, value) };
}

/** The value of every batch, pale, and the exponential mean before it. */
function smoothed(
  reports: readonly StepReport[],
  label: string,
  color: { line: string; pale: string },
  dash: boolean,
  value: Value,
): [batch: Drawn, mean: Drawn] {
  const means = smooth(reports.map(value));
  const rows = reports.map(({ step }, i) => ({ step, mean: means[i]! }));
  const batch = line(reports, '', color.pale, false, value);
  return [
    { ...batch, behind: label },
    {
      label,
      color: color.line,
      dash,
      points: thin(
        rows,
        (row) => row.step,
        (row) => row.mean,
      ),
    },
  ];
}

/** The parts of the loss; those of the batches stand before the means, and are drawn first. */
export function lossChart(reports: readonly StepReport[]): Content {
  const pairs = [
    ...TASKS.map((task, k) =>
      smoothed(
        reports,
        text.charts.crossEntropy(text.task[task]),
        { line: STROKE[task], pale: STROKE[`${task}_pale`] },
        k === 1,
        (report) => report.cross_entropy[k]!,
      ),
    ),
    smoothed(
      reports,
      text.charts.total,
      { line: STROKE.total, pale: STROKE.total_pale },
      false,
      (report) => report.total,
    ),
  ];
  const words = text.charts;
  return {
    ...overSteps(),
    y_label: words.lossAxis,
    off: [words.total, words.regulariser, words.collaboration],
    curves: [
      ...pairs.map(([batch]) => batch),
      ...pairs.map(([, mean]) => mean),
      line(reports, words.regulariser, STROKE.regulariser, true, (of) => of.regulariser),
      line(reports, words.collaboration, STROKE.collaboration, true, (of) => of.collaboration),
    ],
  };
}

/** The learned weights of the tasks. */
export function weightChart(reports: readonly StepReport[]): Content {
  return {
    ...overSteps(),
    y_label: text.charts.weightAxis,
    curves: TASKS.map((task, k) =>
      line(reports, text.task[task], STROKE[task], k === 1, (of) => of.task_weight[k]!),
    ),
  };
}

/** The mean gate of one task against the step: an area per expert, one on top of the other. */
export function gateChart(
  evaluations: readonly Evaluation[],
  experts: readonly string[],
  task: number,
): Content {
  const means = evaluations.flatMap(({ step, gate_mean }) => {
    const gate = gate_mean[task];
    return gate?.length === experts.length ? [{ step, gate }] : [];
  });
  const below = (gate: number[], n: number) =>
    Math.min(
      1,
      gate.slice(0, n).reduce((sum, g) => sum + g, 0),
    );
  return {
    ...overSteps(),
    y_label: text.gateViews.course.axis,
    y_range: [0, 1],
    curves: experts.map((label, n) => ({
      label,
      color: EXPERT_STROKE[n % EXPERT_STROKE.length]!,
      dash: false,
      points: means.map(({ step, gate }) => [step, below(gate, n + 1)]),
      band: means.map(({ step, gate }) => [step, below(gate, n), below(gate, n + 1)]),
      values: means.map(({ step, gate }) => [step, gate[n]!]),
    })),
  };
}
