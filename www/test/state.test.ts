import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PRESETS } from '../src/engine/protocol';
import type { Settings } from '../src/engine/protocol';
import {
  DEFAULT,
  SETTINGS,
  SETTING_NAMES,
  configOf,
  formatSetting,
  parseSetting,
  simplified,
  stateOf,
  toHash,
  withSetting,
} from '../src/state';
import type { RunState } from '../src/state';
import { states, values } from './arbitrary';
import { Session } from './fake-session';

const presets = Session.presets();

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

test('the state of a configuration gives that configuration', () => {
  fc.assert(
    fc.property(states, (state) => {
      const config = configOf(state, presets);
      expect(configOf(stateOf(config, state.engine, presets), presets)).toEqual(config);
    }),
  );
});

test('the state of a preset’s configuration is that preset, unchanged', () => {
  for (const preset of PRESETS) {
    const state: RunState = { preset, engine: 'flex', changed: {} };
    expect(stateOf(presets[preset], 'flex', presets)).toEqual(state);
  }
});
