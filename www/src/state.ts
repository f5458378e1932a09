/**
 * All state that defines a run: a preset, an engine, and the settings that differ from the preset.
 *
 * The table below says what each setting may be. The same state is written to the page's address
 * (`#v=1&d=8&fan_out=2,2`, see `link.ts`), so that a link reproduces the run.
 */
import { PRESETS, SYSTEMS } from './engine/protocol';
import type { Config, EngineName, PresetName, Presets, Settings } from './engine/protocol';
import { text as words } from './text';

export const VERSION = 1;
export const ENGINES = ['auto', 'webgpu', 'flex', 'ndarray'] as const satisfies EngineName[];

export type Kind =
  | { kind: 'integer'; min: number; max: number }
  | { kind: 'number'; min: number; max: number }
  | { kind: 'integers'; min: number; max: number; longest: number }
  | { kind: 'choice'; values: readonly string[] }
  | { kind: 'switch' }
  | { kind: 'switches'; count: number }
  | { kind: 'choices'; values: readonly string[] }
  | { kind: 'text'; longest: number }
  | { kind: 'lines'; longest: number; most: number };

const integer = (min: number, max: number): Kind => ({ kind: 'integer', min, max });
const number = (min: number, max: number): Kind => ({ kind: 'number', min, max });
const choice = (...values: string[]): Kind => ({ kind: 'choice', values });

export const SETTINGS = {
  system: choice(...SYSTEMS),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
  d: integer(1, 512),
  layers: integer(1, 4),
  batch: integer(1, 65536),
  fan_out: { kind: 'integers', min: 1, max: 1000, longest: 4 },
  learning_rate: number(1e-7, 1),
  lambda: number(0, 10),
  beta: number(0, 100),
  channels: { kind: 'switches', count: 3 },
  experts: integer(0, 4),
  kappa: choice('ep', 'con', 'add', 'mlp'),
  z_norm: choice('none', 'rms', 'l2'),
  attention: choice('dot', 'genie', 'gat', 'mean', 'symnorm'),
  cell: choice('lstm', 'lstm_h0', 'gru', 'sum', 'ngcf'),
  uncertainty: choice('off', 'm2grl', 'kendall'),
  collaboration: { kind: 'switch' },
  features: choice('ids', 'ids_attrs'),
  evaluate_every: integer(1, 10000000),
  evaluate_users: integer(0, 10000000),
  patience: integer(0, 1000),
  steps: integer(1, 10000000),
} as const satisfies Record<keyof Settings, Kind>;

export type SettingName = keyof Settings;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export interface RunState {
  preset: PresetName;
  engine: EngineName;
  /** Only what differs from the preset. */
  changed: Partial<Settings>;
}

export const DEFAULT: RunState = { preset: 'demo', engine: 'auto', changed: {} };

/** What a link says that cannot be used. */
export interface Problem {
  name: string;
  value: string;
  expected: string;
}

/** What a value of this kind looks like, in words. */
export function expected(kind: Kind): string {
  const say = words.expected;
  switch (kind.kind) {
    case 'integer':
      return say.integer(kind.min, kind.max);
    case 'number':
      return say.number(kind.min, kind.max);
    case 'integers':
      return say.integers(kind.longest, kind.min, kind.max);
    case 'choice':
      return say.choice(kind.values.join(', '));
    case 'switch':
      return say.switch;
    case 'switches':
      return say.switches(kind.count);
    case 'choices':
      return say.choices(kind.values.join(', '));
    case 'text':
      return say.text(kind.longest);
    case 'lines':
      return say.lines(kind.most, kind.longest);
  }
}

function parseNumber(text: string, min: number, max: number, whole: boolean): number | undefined {
  const shape = whole ? /^\d+$/ : /^\d*\.?\d+(e[+-]?\d+)?$/i;
  const value = Number(text);
  if (!shape.test(text) || !Number.isFinite(value) || value < min || value > max) return undefined;
  return value;
}

function parseAll<T>(texts: string[], parse: (text: string) => T | undefined): T[] | undefined {
  const values = texts.map(parse);
  return values.every((value) => value !== undefined) ? (values as T[]) : undefined;
}

const parseSwitch = (text: string) => (text === '1' ? true : text === '0' ? false : undefined);

/** The value that a text means, `undefined` when it means none. */
export function parseSetting(kind: Kind, text: string): unknown {
  switch (kind.kind) {
    case 'integer':
      return parseNumber(text, kind.min, kind.max, true);
    case 'number':
      return parseNumber(text, kind.min, kind.max, false);
    case 'integers': {
      const parts = text.split(',').map((part) => part.trim());
      if (parts.length > kind.longest) return undefined;
      return parseAll(parts, (part) => parseNumber(part, kind.min, kind.max, true));
    }
    case 'choice':
      return kind.values.includes(text) ? text : undefined;
    case 'switch':
      return parseSwitch(text);
    case 'switches': {
      const parts = text.split(',');
      return parts.length === kind.count ? parseAll(parts, parseSwitch) : undefined;
    }
    case 'choices': {
      const parts = text.split(',');
      return parts.every((part) => kind.values.includes(part)) ? parts : undefined;
    }
    case 'text':
      return text !== '' && text.length <= kind.longest ? text : undefined;
    case 'lines': {
      const lines = text.split('\n');
      const fits = (line: string) => line !== '' && line.length <= kind.longest;
      return lines.length <= kind.most && lines.every(fits) ? lines : undefined;
    }
  }
}

/** The text of a value; `parseSetting` gives the value back. */
export function formatSetting(kind: Kind, value: unknown): string {
  switch (kind.kind) {
    case 'switch':
      return value ? '1' : '0';
    case 'switches':
      return (value as boolean[]).map((on) => (on ? '1' : '0')).join(',');
    case 'integers':
    case 'choices':
      return (value as unknown[]).join(',');
    case 'lines':
      return (value as string[]).join('\n');
    default:
      return String(value);
  }
}

/** The address of a run: empty for the default. */
export function toHash(state: RunState): string {
  return hashOf(partsOf(state));
}

/** The parts `name=value` of an address as one. */
export function hashOf(parts: string[]): string {
  return parts.length === 0 ? '' : `#v=${VERSION}&${parts.join('&')}`;
}

/** What a run differs in from the default, as parts of an address. */
export function partsOf(state: RunState): string[] {
  const parts: string[] = [];
  if (state.preset !== DEFAULT.preset) parts.push(`preset=${state.preset}`);
  if (state.engine !== DEFAULT.engine) parts.push(`engine=${state.engine}`);
  for (const name of SETTING_NAMES) {
    const value = state.changed[name];
    if (value !== undefined) parts.push(`${name}=${formatSetting(SETTINGS[name], value)}`);
  }
  return parts;
}

/**
 * The whole configuration of a state. The neighbours per hop are cut or repeated to one number per
 * layer, so that changing the layers alone gives a run.
 */
export function configOf(state: RunState, presets: Presets): Config {
  const config: Config = { ...presets[state.preset], ...state.changed };
  config.fan_out = Array.from(
    { length: config.layers },
    (_, hop) => config.fan_out[hop] ?? config.fan_out.at(-1) ?? 1,
  );
  return config;
}

/** The state that gives a configuration, from the preset that is nearest to it. */
export function stateOf(config: Config, engine: EngineName, presets: Presets): RunState {
  const states = PRESETS.map((preset) =>
    simplified({ preset, engine, changed: settingsOf(config) }, presets),
  );
  const size = ({ changed }: RunState) => Object.keys(changed).length;
  return states.reduce((best, state) => (size(state) < size(best) ? state : best));
}

/** The settings that the page shows of a configuration. */
function settingsOf(config: Config): Partial<Settings> {
  const known = SETTING_NAMES.filter((name) => name in config);
  return Object.fromEntries(known.map((name) => [name, config[name]]));
}

/** The state with one setting changed; a value equal to the preset's is left out. */
export function withSetting<N extends SettingName>(
  state: RunState,
  presets: Presets,
  name: N,
  value: Settings[N],
): RunState {
  const changed = { ...state.changed };
  if (sameValue(name, value, presets[state.preset][name])) delete changed[name];
  else changed[name] = value;
  return { ...state, changed };
}

/** The state without what equals the preset anyway. */
export function simplified(state: RunState, presets: Presets): RunState {
  return Object.entries(state.changed).reduce<RunState>(
    (result, [name, value]) => withSetting(result, presets, name as SettingName, value as never),
    { ...state, changed: {} },
  );
}

function sameValue(name: SettingName, a: unknown, b: unknown): boolean {
  return formatSetting(SETTINGS[name], a) === formatSetting(SETTINGS[name], b);
}
