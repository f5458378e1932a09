import { expect, test } from 'vitest';
import type { ChartContent } from '../src/engine/drawings';
import type { StepReport } from '../src/engine/protocol';
import { chartCsv, curvesCsv, secondsOf, withLosses } from '../src/exports';
import { parseRecord } from '../src/record';
import { fileName } from '../src/save';
import { evaluation, file } from './records';
import { config } from './scripted';

function report(step: number): StepReport {
  return {
    step,
    epoch: 0,
    cross_entropy: [0.1 + step / 3, 1e-7 * step],
    collaboration: 1e-21,
    regulariser: 2 / 3,
    total: Math.PI * step,
    log_variance: [0, 0],
    task_weight: [1, 0.1 + 0.2],
    milliseconds: 250,
    samples_per_second: 1,
  };
}

const reports = [1, 2, 3, 4, 5].map(report);
const evaluations = [
  evaluation(0, 0.5, 1 / 3),
  evaluation(5, 0.1 + 0.2, 0.7),
  { ...evaluation(10, 0.5, 0.5), validation: [null, 0.6] as [null, number] },
];

/** A second reader of CSV. */
function read(csv: string): Record<string, number | null>[] {
  const [head = '', ...lines] = csv.trimEnd().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    expect(cells).toHaveLength(names.length);
    return Object.fromEntries(
      names.map((name, i) => [name, cells[i] === '' ? null : Number(cells[i])]),
    );
  });
}

test('curves read back from CSV are the same numbers', () => {
  const rows = read(curvesCsv({ evaluations, reports }));
  expect(rows.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 10]);
  for (const row of rows) {
    const scored = evaluations.find(({ step }) => step === row.step);
    const trained = reports.find(({ step }) => step === row.step);
    expect(row.gauc_favourite).toBe(scored?.tasks[0].gauc ?? null);
    expect(row.gauc_purchase).toBe(scored?.tasks[1].gauc ?? null);
    expect(row.auc_purchase).toBe(scored?.tasks[1].auc ?? null);
    expect(row.validation_gauc_favourite).toBe(scored?.validation[0] ?? null);
    expect(row.loss_favourite).toBe(trained?.cross_entropy[0] ?? null);
    expect(row.loss_purchase).toBe(trained?.cross_entropy[1] ?? null);
    expect(row.collaboration).toBe(trained?.collaboration ?? null);
    expect(row.total).toBe(trained?.total ?? null);
    expect(row.weight_purchase).toBe(trained?.task_weight[1] ?? null);
  }
});

test('a chart is one line per step, with the ends of its bands', () => {
  const line = { color: '#000', dash: false };
  const chart: ChartContent = {
    x_label: 'step',
    y_label: 'GAUC',
    curves: [
      { label: 'd 8, "a"', ...line, points: [[5, 0.6]] },
      {
        label: 'd 16',
        ...line,
        points: [
          [0, 0.5],
          [5, 0.1 + 0.2],
        ],
        band: [
          [0, 0.4, 0.6],
          [5, 0.25, 0.35],
        ],
      },
    ],
    y_range: null,
    reference: null,
    log_x: false,
    log_y: false,
  };
  expect(chartCsv(chart).split('\n')).toEqual([
    '"step","d 8, ""a""","d 16","d 16, low","d 16, high"',
    '0,,0.5,0.4,0.6',
    '5,0.6,0.30000000000000004,0.25,0.35',
    '',
  ]);
});

test('the record of a run carries its losses and is still a record', () => {
  const json = withLosses(file(), reports);
  const { losses, ...rest } = JSON.parse(json);
  expect(rest).toEqual(JSON.parse(file()));
  expect(losses.step).toEqual([1, 2, 3, 4, 5]);
  expect(losses.total).toEqual(reports.map(({ total }) => total));
  expect(parseRecord(json).evaluations).toHaveLength(2);
});

test('a run took what its steps and its evaluations took', () => {
  // Five steps of 250 ms and three evaluations of 1.5 ms.
  expect(secondsOf({ evaluations, reports })).toBeCloseTo(1.2545, 10);
});

test('files are named by system, seed and dataset', () => {
  expect(fileName(config({ seed: 7 }), 'IJCAI-15 synthetic')).toBe('moge_seed7_IJCAI-15-synthetic');
  expect(fileName(config({ system: 'cgc_graph', seed: 1 }), '../数据: 一')).toBe(
    'cgc-graph_seed1_数据-一',
  );
});
