import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Config, GateTable } from '../src/engine/protocol';
import { Lab } from '../src/lab.svelte';
import { TERMS, inlines } from '../src/lesson/content';
import type { Block, LessonText } from '../src/lesson/content';
import { EQUATIONS, symbolsOf } from '../src/lesson/equations';
import type { EquationName } from '../src/lesson/equations';
import { LINK_NAMES, addressOf, follow } from '../src/lesson/links';
import type { LinkName } from '../src/lesson/links';
import { HEIGHT, PARTS, WIDTH, idleParts } from '../src/lesson/parts';
import { parseLink } from '../src/link';
import { lesson as en } from '../src/text/en/lesson';
import { lesson as zh } from '../src/text/zh/lesson';
import type { ViewState } from '../src/view.svelte';
import { config, workers } from './scripted';

interface Says {
  config?: Partial<Config>;
  view?: Partial<ViewState>;
  /** Settings of the runs that race. */
  race?: Partial<Config>[];
  /** The test pair that is opened, of `TABLE`. */
  pair?: number;
}

/** What each link says, in the words of the text around it. */
const SAYS: Record<LinkName, Says> = {
  start: { config: { system: 'moge' } },
  ids_only: { config: { features: 'ids' } },
  other_seed: { config: { seed: 2 } },
  by_label: { view: { sort: 'label', task: 'purchase' } },
  both_actions: { view: { sort: 'label' }, pair: 70 },
  see_user_item: { view: { channel: 'user_item' } },
  see_user_user: { view: { channel: 'user_user' } },
  see_item_item: { view: { channel: 'item_item' } },
  item_item_off: { config: { channels: [true, true, false] } },
  user_user_off: { config: { channels: [true, false, true] } },
  history_only: { config: { channels: [true, false, false] } },
  all_off: { config: { channels: [false, false, false] } },
  mean_attention: { config: { attention: 'mean' } },
  busiest: { view: { sort: 'degree' }, pair: 50 },
  one_layer: { config: { layers: 1 } },
  sum_cell: { config: { cell: 'sum' } },
  paper: { config: { learning_rate: 1e-4, fan_out: [20, 20], z_norm: 'none' } },
  no_norm: { config: { z_norm: 'none', learning_rate: 3e-3 } },
  one_expert: { config: { experts: 1 } },
  no_graph_experts: { config: { experts: 0 } },
  concatenation: { config: { kappa: 'con' } },
  addition: { config: { kappa: 'add' } },
  by_entropy: { view: { sort: 'entropy', task: 'purchase' } },
  by_score: { view: { sort: 'score', task: 'favourite' } },
  by_degree: { view: { sort: 'degree' } },
  uneven_gate: { view: { sort: 'entropy' }, pair: 60 },
  equal_weights: { config: { uncertainty: 'off' } },
  strong_balance: { config: { beta: 0.1, collaboration: true } },
  no_balance: { config: { collaboration: false } },
  no_decay: { config: { lambda: 0 } },
  few_users: { config: { evaluate_users: 100 } },
  popular: { view: { channel: 'item_item', sort: 'score' } },
  race_mmoe: { race: [{ system: 'mmoe' }, { system: 'moge' }] },
  race_ngcf: { race: [{ system: 'ngcf' }, { system: 'moge' }] },
  race_graph: { race: [{ system: 'esmm_graph' }, { system: 'mmoe_graph' }, { system: 'moge' }] },
  race_seeds: { race: [{ seed: 1 }, { seed: 2 }, { seed: 3 }] },
  race_interaction: { race: [{ kappa: 'con' }, { kappa: 'ep' }] },
  small: { config: { d: 32, batch: 64, fan_out: [4, 2] } },
  tiny_embedding: { config: { d: 8 } },
};

/** Pairs 40 to 70: the third has the busiest user, the fourth the most uneven gate, the last both actions. */
const TABLE: GateTable = {
  step: 5,
  instance: Uint32Array.of(40, 45, 50, 60, 70),
  user: new Uint32Array(5),
  item: new Uint32Array(5),
  labels: Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1, 1),
  logits: new Float32Array(10),
  experts: 2,
  gates: Float32Array.of(
    ...[1, 0, 0.5, 0.5],
    ...[0.5, 0.5, 0.4, 0.6],
    ...[0.5, 0.5, 0.7, 0.3],
    ...[0.5, 0.5, 0.1, 0.9],
    ...[0.5, 0.5, 0.6, 0.4],
  ),
  graph: new Float32Array(0),
  user_degree: Uint32Array.of(3, 4, 90, 2, 5),
};

/** Two states that differ in everything that a link may set, so that each link changes one of them. */
const BEFORE = [
  '#v=1&engine=flex&steps=12&system=mmoe&sort=label&task=favourite&channel=item_item',
  '#v=1&engine=flex&steps=12&system=cgc&beta=2&sort=degree&channel=user_user',
];

beforeEach(() => {
  vi.stubGlobal('location', { hash: '', href: 'http://localhost/', pathname: '/', search: '' });
  vi.stubGlobal('history', { replaceState: () => {} });
  vi.stubGlobal('fetch', async () => new Response(Uint8Array.of(1, 2, 3)));
});
afterEach(() => vi.unstubAllGlobals());

async function page(hash: string) {
  const lab = new Lab(workers().makeClient, 4);
  await lab.open(hash);
  lab.run!.gates = TABLE;
  return lab;
}

/** What of a saying holds, in its own form. */
function holds(lab: Lab, says: Says): Says {
  const of = <T extends object>(from: T, names: object) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, from[name as keyof T]]));
  return {
    ...(says.config && { config: of(lab.config!, says.config) }),
    ...(says.view && { view: of(lab.view, says.view) }),
    ...(says.race && {
      race: says.race.filter((each) =>
        lab.race.kept.some(
          ({ config }) => JSON.stringify(of(config, each)) === JSON.stringify(each),
        ),
      ),
    }),
    ...(says.pair !== undefined && { pair: lab.selected ?? -1 }),
  };
}

describe.each(LINK_NAMES)('the link %s', (name) => {
  test('changes the state that it says', async () => {
    const changes: boolean[] = [];
    for (const hash of BEFORE) {
      const lab = await page(hash);
      const before = holds(lab, SAYS[name]);
      follow(lab, name);
      const after = holds(lab, SAYS[name]);
      expect(after).toEqual(SAYS[name]);
      if (SAYS[name].race) expect(lab.race.kept).toHaveLength(SAYS[name].race.length);
      changes.push(JSON.stringify(before) !== JSON.stringify(after));
      await lab.race.pauseAll();
    }
    expect(changes).toContain(true);
  });

  test('opens the same state in a tab of its own', async () => {
    expect(parseLink(addressOf(name)).problems).toEqual([]);
    const { config: settings, view, race } = SAYS[name];
    const lab = await page(addressOf(name));
    const opened = { ...settings, ...race?.[0] };
    expect(lab.config).toMatchObject(opened);
    expect(lab.view).toMatchObject(view ?? {});
  });
});

test('a link that sets settings gives the others back, and keeps the engine and a small preset', async () => {
  const lab = await page('#v=1&engine=flex&d=16&beta=3&seed=9');
  follow(lab, 'one_expert');
  expect(lab.state).toEqual({ preset: 'demo', engine: 'flex', changed: { experts: 1 } });
  follow(lab, 'small');
  follow(lab, 'one_expert');
  expect(lab.state).toEqual({ preset: 'demo-cpu', engine: 'flex', changed: { experts: 1 } });
  await lab.race.pauseAll();
});

test('a link that sets the view alone leaves the run as it is', async () => {
  const lab = await page('#v=1&engine=flex&d=16');
  const { run } = lab;
  expect(follow(lab, 'by_degree')).toBe('looking');
  expect(lab.run).toBe(run);
  expect(lab.config!.d).toBe(16);
  expect(lab.playing).toBe(false);
});

test('without scored pairs a link to one says so', async () => {
  const lab = await page('#v=1&engine=flex');
  lab.run!.gates = null;
  expect(follow(lab, 'busiest')).toBe('no pair');
});

test('before the engine is there, a race says so', () => {
  expect(follow(new Lab(workers().makeClient, 2), 'race_mmoe')).toBe('early');
});

test('a run that has been trained already is not trained again', async () => {
  const lab = await page('#v=1&engine=flex');
  expect(follow(lab, 'one_expert')).toBe('trains');
  await lab.pause();
  lab.run!.last = { ...lab.run!.last!, ended: { how: 'finished', why: 'all steps are done' } };
  expect(follow(lab, 'one_expert')).toBe('ended');
});

const blocksOf = (lesson: LessonText) => lesson.sections.flatMap(({ blocks }) => blocks);
const linksOf = (block: Block) =>
  inlines(block).flatMap((part) =>
    typeof part === 'object' && part.kind === 'link' ? [part.link] : [],
  );
const wordsOf = (block: Block) =>
  [
    ...(block.kind === 'question' ? [block.ask, ...block.options] : []),
    ...inlines(block).map((part) => (typeof part === 'string' ? part : part.words)),
  ].join('');
const decimals = (words: string) => (words.match(/(?<![\d,])\d*\.\d+/g) ?? []).map(Number);

describe.each([
  ['English', en],
  ['Chinese', zh],
])('the lesson in %s', (_, lesson) => {
  test('has a link in every paragraph and before every answer, and uses all links', () => {
    for (const block of blocksOf(lesson)) {
      if (block.kind !== 'equation') expect(linksOf(block), wordsOf(block)).not.toEqual([]);
    }
    expect(new Set(blocksOf(lesson).flatMap(linksOf))).toEqual(new Set(LINK_NAMES));
  });

  test('shows every equation once and explains every term', () => {
    const shown = blocksOf(lesson).flatMap((b) => (b.kind === 'equation' ? [b.equation] : []));
    expect([...shown].sort()).toEqual(Object.keys(EQUATIONS).sort());
    const used = blocksOf(lesson)
      .flatMap(inlines)
      .flatMap((part) => (typeof part === 'object' && part.kind === 'term' ? [part.term] : []));
    expect(new Set(used)).toEqual(new Set(TERMS));
  });

  test('is complete', () => {
    const empty = (at: unknown, path: string): string[] => {
      if (typeof at === 'string') return at.trim() === '' ? [path] : [];
      if (typeof at !== 'object' || at === null) return [];
      return Object.entries(at).flatMap(([name, value]) => empty(value, `${path}.${name}`));
    };
    expect(empty({ ...lesson, sections: [] }, '')).toEqual([]);
  });
});

test('both languages have the same sections, links, equations and measured numbers', () => {
  const shape = (lesson: LessonText) =>
    lesson.sections.map(({ blocks }) =>
      blocks.map((block) => ({
        kind: block.kind,
        equation: block.kind === 'equation' && block.equation,
        options: block.kind === 'question' && block.options.length,
        links: linksOf(block).sort(),
        numbers: decimals(wordsOf(block)).sort(),
      })),
    );
  expect(shape(zh)).toEqual(shape(en));
});

/** Settings, constants, and what was measured on small synthetic sets while the model was designed. */
const NOT_IN_DOCS = [0.1, 0.003, 0.0002, 0.2, 1.386, 0.22, 0.27, 0.82, 0.594, 0.612, 0.603, 0.625];
/** Arithmetic on numbers of the text: 0.75 over 0.74, and what a user's own score is worth. */
const WORKED_OUT = [0.5, 1.4, 4.2, 0.75, 0.74, 0.9, 0.00000075, 0.67, 0.702, 0.017, 0.01, 0.05];

test('every measured number stands in the documents', () => {
  const docs = new URL('../../docs/', import.meta.url);
  const text = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(new URL(name, docs), 'utf8'))
    .join('\n');
  const known = decimals(text);
  const stands = (value: number, digits: number) =>
    known.some((each) => Math.abs(each - value) <= 0.5 * 10 ** -digits + 1e-9);
  const numbers = blocksOf(en).flatMap(
    (block) => wordsOf(block).match(/(?<![\d,])\d*\.\d+/g) ?? [],
  );
  const missing = numbers.filter(
    (number) =>
      !stands(Number(number), number.split('.')[1]!.length) &&
      ![...NOT_IN_DOCS, ...WORKED_OUT].includes(Number(number)),
  );
  expect(missing).toEqual([]);
});

describe('the equations', () => {
  test.each(Object.keys(EQUATIONS) as EquationName[])('%s speaks of something', (name) => {
    expect(symbolsOf(name).length).toBeGreaterThan(1);
  });

  test('of the two forms of the balancing loss agree', () => {
    // -sum_{n<m} g_n g_m and -(1 - sum g_n^2) / 2, as the equation sets them side by side.
    const g = [0.1, 0.2, 0.3, 0.4];
    const products = g.flatMap((a, n) => g.slice(n + 1).map((b) => a * b));
    const squares = g.map((a) => a * a);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(-sum(products)).toBeCloseTo(-(1 - sum(squares)) / 2, 12);
  });
});

describe('the picture', () => {
  const idle = (changes: Partial<Config>) => [...idleParts(config(changes))].sort();

  test('is whole in the demo run', () => expect(idle({})).toEqual([]));

  test('greys a channel and the pairings that need it', () => {
    expect(idle({ channels: [true, true, false] })).toEqual(['Z2', 'Z4', 'item_item']);
    expect(idle({ channels: [true, false, true] })).toEqual(['Z3', 'Z4', 'user_user']);
  });

  test('greys the pairings of experts without a graph', () => {
    expect(idle({ experts: 1 })).toEqual(['Z2', 'Z3', 'Z4']);
    expect(idle({ experts: 0 })).toEqual(['Z1', 'Z2', 'Z3', 'Z4']);
  });

  test('has no two parts that overlap, and none outside', () => {
    for (const [i, { box: a, name }] of PARTS.entries()) {
      expect(a.x >= 0 && a.x + a.width <= WIDTH && a.y + a.height <= HEIGHT, name).toBe(true);
      for (const { box: b } of PARTS.slice(i + 1)) {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart, name).toBe(true);
      }
    }
  });
});
