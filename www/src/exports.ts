/** A run as files: its curves as CSV, its record as JSON. */
import { TASKS } from './engine/protocol';
import type { ChartContent } from './engine/drawings';
import type { Evaluation, StepReport } from './engine/protocol';

/** What is known of a run over its steps. */
export interface Curves {
  evaluations: readonly Evaluation[];
  reports: readonly StepReport[];
}

/** What the ends of a band are called in a file. */
const ENDS = ['low', 'high'];

const perTask = (name: string) => TASKS.map((task) => `${name}_${task}`);

const EVALUATED = [...perTask('gauc'), ...perTask('auc'), ...perTask('validation_gauc')];
const REPORTED = [
  ...perTask('loss'),
  'collaboration',
  'regulariser',
  'total',
  ...perTask('weight'),
];

/** One line per step that was scored or trained; what was not measured there is left empty. */
export function curvesCsv({ evaluations, reports }: Curves): string {
  const scored = new Map(evaluations.map((of) => [of.step, of]));
  const trained = new Map(reports.map((of) => [of.step, of]));
  const steps = [...new Set([...scored.keys(), ...trained.keys()])].sort((a, b) => a - b);
  const lines = steps.map((step) => {
    const [score, report] = [scored.get(step), trained.get(step)];
    return [
      step,
      ...(score ? evaluated(score) : EVALUATED.map(() => null)),
      ...(report ? reported(report) : REPORTED.map(() => null)),
    ]
      .map((value) => value ?? '')
      .join(',');
  });
  return [['step', ...EVALUATED, ...REPORTED].join(','), ...lines, ''].join('\n');
}

const evaluated = ({ tasks, validation }: Evaluation) => [
  ...tasks.map(({ gauc }) => gauc),
  ...tasks.map(({ auc }) => auc),
  ...validation,
];

const reported = ({
  cross_entropy,
  collaboration,
  regulariser,
  total,
  task_weight,
}: StepReport) => [...cross_entropy, collaboration, regulariser, total, ...task_weight];

/** The curves of a chart, one line per x, with the ends of their bands. */
export function chartCsv({ x_label, curves }: ChartContent): string {
  const columns = curves.flatMap(({ label, points, band }) => [
    { name: label, values: new Map(points) },
    ...(band ? ENDS : []).map((end, i) => ({
      name: `${label}, ${end}`,
      values: new Map(band!.map((at) => [at[0], at[i + 1]!])),
    })),
  ]);
  const xs = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))];
  const lines = xs
    .sort((a, b) => a - b)
    .map((x) => [x, ...columns.map(({ values }) => values.get(x) ?? '')].join(','));
  const head = [x_label, ...columns.map(({ name }) => name)].map(quoted).join(',');
  return [head, ...lines, ''].join('\n');
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Seconds that a run's training and scoring took. */
export function secondsOf({ evaluations, reports }: Curves): number {
  return [...evaluations, ...reports].reduce((sum, of) => sum + of.milliseconds, 0) / 1000;
}

/** The engine's record of a run with the losses of its steps, a list for each. */
export function withLosses(record: string, reports: readonly StepReport[]): string {
  const rows = reports.map((report) => [report.step, ...reported(report)]);
  const losses = Object.fromEntries(
    ['step', ...REPORTED].map((name, i) => [name, rows.map((row) => row[i])]),
  );
  return JSON.stringify({ ...JSON.parse(record), losses });
}
