import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHANNELS } from '../src/engine/protocol';
import type { ChannelMap } from '../src/engine/protocol';
import { WIDTHS, drawingOf, keyOf } from '../src/finished/drawings';
import { fromDeltas, fromLevels, toDeltas, toLevels } from '../src/finished/numbers';
import { pack, unpack } from '../src/finished/pack';
import { restore, shrink } from '../src/finished/small';
import type { FinishedRun } from '../src/finished/small';
import { Lab } from '../src/lab.svelte';
import { Session } from './fake-session';
import { workers } from './scripted';

test('a packed value comes back, its arrays too', async () => {
  const value = {
    text: 'a – b',
    list: [1.5, null, { deep: Uint8Array.of(1, 2, 3) }],
    words: Float32Array.of(0.25, -1e20),
    long: Uint32Array.of(4294967295),
    part: Uint16Array.of(9, 65535, 7).subarray(1),
    none: new Uint8Array(),
  };
  expect(await unpack(await pack(value))).toEqual(value);
});

test('whole numbers come back from their differences', () => {
  expect(toDeltas([3, 3, 2, 200])).toEqual(Uint8Array.of(6, 0, 1, 140, 3));
  fc.assert(
    fc.property(fc.array(fc.nat(4294967295)), (values) => {
      expect([...fromDeltas(toDeltas(values))]).toEqual(values);
    }),
  );
});

test('levels are off by half a step at most', () => {
  const numbers = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, fc.constantFrom<1 | 2>(1, 2), (values, bytes) => {
      const range = Math.max(...values) - Math.min(...values);
      const step = range / (256 ** bytes - 1);
      fromLevels(toLevels(values, bytes)).forEach((value, i) => {
        expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(step / 2 + 1e-4);
      });
    }),
  );
});

test('what is not a number has no level', () => {
  expect(() => toLevels([1, NaN], 1)).toThrow(/finite/);
});

let run: FinishedRun;
beforeAll(async () => {
  const session = new Session();
  const presets = Session.presets();
  const card = session.open(Uint8Array.of(1));
  const info = await session.start(presets.demo, 'flex');
  const reports = [await session.step(), await session.step()];
  const maps = Object.fromEntries(CHANNELS.map((each) => [each, session.channel(each)]));
  run = {
    card,
    presets,
    models: Session.models(),
    info,
    evaluations: [await session.evaluate()],
    reports,
    gates: session.gates(),
    explanation: await session.explain(4711, []),
    maps: maps as FinishedRun['maps'],
  };
});

describe('a run in few bytes', () => {
  let small: FinishedRun;

  beforeAll(async () => {
    const bytes = await pack(shrink(run));
    small = restore((await unpack(bytes)) as ReturnType<typeof shrink>)!;
  });

  test('keeps scores, settings and the explained pair as they are', () => {
    const { evaluations, info, card, explanation } = run;
    expect(small).toMatchObject({ evaluations, info, card, explanation });
    expect(small.reports.map(({ step }) => step)).toEqual([1, 2]);
    small.reports.forEach((report, i) => {
      expect(report.total).toBeCloseTo(run.reports[i]!.total, 4);
      expect(report.task_weight[1]).toBeCloseTo(run.reports[i]!.task_weight[1], 4);
    });
  });

  test('keeps all pairs of some users, the explained one among them', () => {
    const [all, part] = [run.gates, small.gates];
    expect(part.instance.length).toBeLessThan(2500);
    expect(part.instance).toContain(4711);
    const kept = new Set(part.user);
    expect([...part.instance]).toEqual(
      [...all.instance].filter((_, row) => kept.has(all.user[row]!)),
    );
    part.instance.forEach((row, at) => {
      for (let k = 0; k < 2; k++) {
        expect(part.labels[2 * at + k]).toBe(all.labels[2 * row + k]);
        expect(part.logits[2 * at + k]).toBeCloseTo(all.logits[2 * row + k]!, 3);
        expect(part.graph[2 * at + k]).toBeCloseTo(all.graph[2 * row + k]!, 1);
      }
      for (let n = 0; n < 8; n++) {
        expect(Math.abs(part.gates[8 * at + n]! - all.gates[8 * row + n]!)).toBeLessThan(3 / 255);
      }
    });
  });

  test('keeps every node of a map where it was, and some of the edges', () => {
    for (const channel of CHANNELS) {
      const [all, part] = [run.maps[channel], small.maps[channel]];
      const cells = (map: ChannelMap, node: number) => {
        const cell = (at: number) => Math.round(((Math.max(-1, Math.min(1, at)) + 1) / 2) * 1023);
        const [x, y] = [map.positions[2 * node]!, map.positions[2 * node + 1]!];
        return `${map.kind[node]} ${Math.min(255, map.degree[node]!)} ${cell(x)} ${cell(y)}`;
      };
      const nodes = (map: ChannelMap) => Array.from(map.kind, (_, i) => cells(map, i)).sort();
      expect(nodes(part)).toEqual(nodes(all));
      const edges = (map: ChannelMap) =>
        Array.from({ length: map.edges.length / 2 }, (_, i) =>
          [map.edges[2 * i]!, map.edges[2 * i + 1]!].map((node) => cells(map, node)).join(),
        );
      const known = new Set(edges(all));
      expect(edges(part).length).toBeGreaterThan(1000);
      expect(edges(part).every((edge) => known.has(edge))).toBe(true);
      expect(part.edge_count).toBe(all.edges.length / 2);
    }
    const { user } = run.explanation;
    const [before, now] = [run.maps.user_user, small.maps.user_user].map((map) => {
      const node = [...map.raw].indexOf(user.raw);
      return [map.positions[2 * node]!, map.positions[2 * node + 1]!];
    });
    now!.forEach((at, axis) => expect(at).toBeCloseTo(before![axis]!, 2));
  });

  test('of another version is not read', () => {
    expect(restore({ ...shrink(run), format: 0 })).toBeNull();
  });
});

test('a chart is found by what it shows, at the width nearest in proportion', () => {
  const spec = {
    x_label: 'step',
    y_label: 'GAUC',
    curves: [
      { label: 'MoGE', color: '#000000', dash: false, points: [[0, 0.5] as [number, number]] },
    ],
    y_range: null,
    reference: null,
    log_x: false,
    log_y: false,
    width_em: WIDTHS[0] + 1,
  };
  const drawings = WIDTHS.map((width_em) => ({
    key: keyOf(spec),
    width_em,
    svg: String(width_em),
  }));
  expect(drawingOf(drawings, spec)).toBe(String(WIDTHS[0]));
  expect(drawingOf(drawings, { ...spec, width_em: 500 })).toBe(String(WIDTHS.at(-1)));
  expect(drawingOf(drawings, { ...spec, x_label: '步' })).toBeNull();
});

describe('the page', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('shows the finished run until one of its own has scores, and keeps it for its dataset', async () => {
    vi.stubGlobal('location', { hash: '', href: 'http://localhost/', pathname: '/', search: '' });
    vi.stubGlobal('requestAnimationFrame', (work: () => void) => setTimeout(work));
    let arrive!: () => void;
    const arrival = new Promise<void>((resolve) => (arrive = resolve));
    vi.stubGlobal('fetch', async () => {
      await arrival;
      return new Response(Uint8Array.of(1, 2, 3));
    });
    const lab = new Lab(workers([]).makeClient, 2);
    const opening = lab.open('#v=1&steps=12', Promise.resolve({ ...run, drawings: [] }));
    await vi.waitFor(() => expect(lab.finished).not.toBeNull());
    expect(lab.run).toMatchObject({ recorded: true, ready: false, step: 2 });
    expect(lab.run!.gates).toBe(run.gates);
    expect(lab.selected).toBe(4711);
    expect(await lab.channel('item_item')).toBe(run.maps.item_item);
    expect([lab.live, lab.card, lab.playing]).toEqual([null, null, false]);
    expect(lab.config).toMatchObject({ system: 'moge', steps: 12 });

    lab.toggle();
    expect(lab.playing).toBe(true);
    arrive();
    await opening;
    await vi.waitFor(() => expect(lab.live!.ended).not.toBeNull());
    expect(lab.run).toBe(lab.live);
    expect(lab.run!.recorded).toBe(false);
    expect(lab.selected).toBe(4711);
    expect(lab.finished!.evaluations).toBe(run.evaluations);

    await lab.bring([new File(['good'], 'own.moge')]);
    expect(lab.finished).toBeNull();
  });
});
