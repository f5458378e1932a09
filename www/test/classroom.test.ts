import { describe, expect, test } from 'vitest';
import { merge, readSheet } from '../src/classroom';
import { course, ends, gaucs, grouped } from '../src/compare';
import { gaucChart } from '../src/curves';
import { named } from '../src/names';
import { parseRecord } from '../src/record';
import { Session } from './fake-session';
import { evaluation, file } from './records';
import { config } from './scripted';

/** The file of a student: GAUCs of purchase at the steps 0 and 5. */
const student = (name: string, seed: number, first: number, second: number, changes = {}) =>
  readSheet(
    name,
    file({
      config: config({ seed, ...changes }),
      evaluations: [evaluation(0, 0.5, first), evaluation(5, 0.6, second)],
    }),
  );

describe('a class', () => {
  const sheets = [
    student('ann.json', 1, 0.5, 0.6),
    student('bo.json', 2, 0.52, 0.66),
    student('cy.json', 3, 0.54, 0.63),
    student('di.json', 1, 0.4, 0.7, { channels: [true, true, false] }),
  ];

  test('is merged by settings, with mean and spread as computed by hand', () => {
    const groups = grouped(merge(sheets).merged, new Map());
    expect(groups.map(({ runs }) => runs.length)).toEqual([3, 1]);
    const [start, end] = course(groups[0]!.runs, 1);
    // Mean of 0.6, 0.66, 0.63; the deviations are -0.03, 0.03 and 0: sqrt(0.0018 / 2).
    expect(end).toMatchObject({ step: 5, count: 3, low: 0.6, high: 0.66 });
    expect(end!.mean).toBeCloseTo(0.63, 12);
    expect(end!.deviation).toBeCloseTo(0.03, 12);
    expect(start!.mean).toBeCloseTo(0.52, 12);
    expect(ends(start!, 'deviation').map((each) => each.toFixed(6))).toEqual([
      '0.500000',
      '0.540000',
    ]);
    expect(gaucs(groups[0]!, 1, 'best')).toMatchObject({ count: 3, low: 0.6, high: 0.66 });
  });

  test('is drawn as a line with a band per group, and a line alone for one file', () => {
    const groups = named(grouped(merge(sheets).merged, new Map()), Session.models());
    const { curves } = gaucChart(groups, [], 1, 'range', []);
    expect(curves.map(({ band }) => band?.length)).toEqual([2, undefined]);
    expect(curves[0]!.band![1]).toEqual([5, 0.6, 0.66]);
    expect(curves[1]!.points).toEqual([
      [0, 0.4],
      [5, 0.7],
    ]);
  });

  test('leaves out what does not fit, and says why', () => {
    const other = { name: 'other', synthetic: false, fingerprint: 'other' };
    const { merged, out } = merge([
      readSheet('far.json', file({ dataset: other })),
      ...sheets,
      readSheet('copy.json', file({ ...JSON.parse(studentJson(sheets[1]!)) })),
      readSheet('cut.json', file().slice(0, 200)),
      readSheet('new.json', file({ format: 2 })),
    ]);
    expect(merged.map(({ file }) => file)).toEqual(['ann.json', 'bo.json', 'cy.json', 'di.json']);
    const reasons = Object.fromEntries(out.map(({ file, why }) => [file, why]));
    expect(reasons['copy.json']).toContain('bo.json');
    expect(reasons['cut.json']).toMatch(/not JSON/);
    expect(reasons['new.json']).toMatch(/format 2/);
    expect(reasons['far.json']).toMatch(/another dataset, other \(other\),.*scripted \(scripted\)/);
    expect(out).toHaveLength(4);
  });

  test('two students with the same run are no copies of each other', () => {
    const timed = (milliseconds: number) =>
      readSheet(
        `${milliseconds}.json`,
        file({ evaluations: [{ ...evaluation(0, 0.5, 0.6), milliseconds }] }),
      );
    expect(merge([timed(1), timed(2)]).merged).toHaveLength(2);
    expect(merge([timed(1), timed(1)]).merged).toHaveLength(1);
  });
});

const studentJson = ({ record }: ReturnType<typeof readSheet>) => JSON.stringify(record);

describe('a file', () => {
  test('that is a record is read', () => {
    expect(parseRecord(file())).toEqual(JSON.parse(file()));
    expect(parseRecord(file({ ended: null })).ended).toBeNull();
  });

  test.each([
    ['[]', /format/],
    ['null', /format/],
    ['{}', /format/],
    [file({ dataset: 'scripted' }), /dataset/],
    [file({ engine: 'abacus' }), /engine/],
    [file({ config: { d: 8 } }), /config/],
    [file({ steps: -1 }), /steps/],
    [file({ ended: 'yes' }), /ended/],
    [file({ evaluations: {} }), /evaluations/],
    [file({ evaluations: [] }), /no scores/],
    [file({ evaluations: [{ step: 1 }] }), /evaluations/],
    [file({ evaluations: [evaluation(1.5, 0.5, 0.5)] }), /evaluations/],
    [file({ evaluations: [evaluation(1, 7, 0.5)] }), /evaluations/],
    [file({ config: config({ system: 'svd' as never }) }), /system is "svd"/],
    [file({ config: config({ channels: null as never }) }), /channels is null/],
    [file({ config: config({ d: [8] as never }) }), /d is \[8\]/],
  ])('that is none is refused with what is wrong: %s', (json, why) => {
    expect(() => parseRecord(json)).toThrow(why);
  });
});
