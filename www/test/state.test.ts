import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PRESETS } from '../src/engine/protocol';
import type { Settings } from '../src/engine/protocol';
import {
  DEFAULT,
  ENGINES,
  SETTINGS,
  SETTING_NAMES,
  configOf,
  formatSetting,
  parseHash,
  parseSetting,
  simplified,
  toHash,
  withSetting,
} from '../src/state';
import type { Kind, RunState } from '../src/state';
import { Session } from './fake-session';

const presets = Session.presets();

function values(kind: Kind): fc.Arbitrary<unknown> {
  switch (kind.kind) {
    case 'integer':
      return fc.integer({ min: kind.min, max: kind.max });
    case 'number':
      return fc
        .double({ min: kind.min, max: kind.max, noNaN: true })
        .map((value) => (value === 0 ? 0 : value));
    case 'integers':
      return fc.array(fc.integer({ min: kind.min, max: kind.max }), {
        minLength: 1,
        maxLength: kind.longest,
      });
    case 'choice':
      return fc.constantFrom(...kind.values);
    case 'switch':
      return fc.boolean();
    case 'switches':
      return fc.array(fc.boolean(), { minLength: kind.count, maxLength: kind.count });
  }
}

const changed = fc.record(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, values(SETTINGS[name])])),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Settings>>;

const states: fc.Arbitrary<RunState> = fc.record({
  preset: fc.constantFrom(...PRESETS),
  engine: fc.constantFrom(...ENGINES),
  changed,
});

describe('the address', () => {
  test('gives every state back', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(parseHash(toHash(state))).toEqual({ state, problems: [] });
      }),
      { numRuns: 500 },
    );
  });

  test('is empty for the default', () => {
    expect(toHash(DEFAULT)).toBe('');
    expect(parseHash('')).toEqual({ state: DEFAULT, problems: [] });
  });

  test('reads as written in the documents', () => {
    const { state, problems } = parseHash(
      '#v=1&engine=flex&d=8&batch=8&fan_out=2,2&steps=20&evaluate_every=5&channels=1,1,0',
    );
    expect(problems).toEqual([]);
    expect(state).toEqual({
      preset: 'demo',
      engine: 'flex',
      changed: {
        d: 8,
        batch: 8,
        fan_out: [2, 2],
        steps: 20,
        evaluate_every: 5,
        channels: [true, true, false],
      },
    });
    expect(parseHash('#v=1&fan_out=2%2C2').state.changed.fan_out).toEqual([2, 2]);
  });

  test.each([
    ['d', 'many'],
    ['d', '8.5'],
    ['d', '0'],
    ['d', '-3'],
    ['d', ''],
    ['seed', '1e3'],
    ['learning_rate', 'Infinity'],
    ['learning_rate', '0'],
    ['lambda', '-1'],
    ['fan_out', '2,,2'],
    ['fan_out', '1,2,3,4,5'],
    ['channels', '1,1'],
    ['channels', '1,2,1'],
    ['collaboration', 'true'],
    ['kappa', 'toString'],
    ['engine', 'gpu'],
    ['preset', 'large'],
    ['v', '2'],
    ['embedding', '8'],
    ['__proto__', '1'],
  ])('leaves out and names %s=%s', (name, value) => {
    const { state, problems } = parseHash(
      `#v=1&batch=32&${name}=${value}`.replace('v=1&', name === 'v' ? '' : 'v=1&'),
    );
    expect(state).toEqual({ ...DEFAULT, changed: { batch: 32 } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ name, value });
    expect(problems[0]!.expected).not.toBe('');
  });

  test('bears any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { state } = parseHash(text);
        expect(parseHash(toHash(state)).state).toEqual(state);
      }),
    );
  });
});

test('every value of every setting survives its text', () => {
  for (const name of SETTING_NAMES) {
    const kind = SETTINGS[name];
    fc.assert(
      fc.property(values(kind), (value) => {
        expect(parseSetting(kind, formatSetting(kind, value))).toEqual(value);
      }),
    );
  }
});

describe('a configuration', () => {
  test('is the preset with the changes', () => {
    const state: RunState = { preset: 'paper', engine: 'auto', changed: { d: 16, seed: 4 } };
    expect(configOf(state, presets)).toEqual({ ...presets.paper, d: 16, seed: 4 });
  });

  test('has one number of neighbours per layer', () => {
    const hops = (changed: Partial<Settings>) => configOf({ ...DEFAULT, changed }, presets).fan_out;
    expect(hops({ layers: 1 })).toEqual([8]);
    expect(hops({ layers: 2 })).toEqual([8, 4]);
    expect(hops({ layers: 4 })).toEqual([8, 4, 4, 4]);
    expect(hops({ layers: 3, fan_out: [5] })).toEqual([5, 5, 5]);
  });
});

describe('changing a setting', () => {
  test('keeps only what differs from the preset', () => {
    const once = withSetting(DEFAULT, presets, 'd', 8);
    expect(toHash(once)).toBe('#v=1&d=8');
    expect(toHash(withSetting(once, presets, 'd', presets.demo.d))).toBe('');
    const off = withSetting(DEFAULT, presets, 'channels', [true, true, false]);
    expect(toHash(off)).toBe('#v=1&channels=1,1,0');
    expect(toHash(withSetting(off, presets, 'channels', [true, true, true]))).toBe('');
    expect(DEFAULT.changed).toEqual({});
  });

  test('a link with the preset’s own values is simplified', () => {
    const state: RunState = { ...DEFAULT, changed: { d: 64, fan_out: [8, 4], seed: 9 } };
    expect(simplified(state, presets).changed).toEqual({ seed: 9 });
  });
});
