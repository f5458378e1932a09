/**
 * Links: the settings of a run and the view of it, as the page's address carries them.
 *
 * Only what differs from the default is written. A link without a name is one with its default, so
 * that links made before the name existed stay good.
 */
import { PRESETS } from './engine/protocol';
import type { EngineName, PresetName, Settings } from './engine/protocol';
import { DEFAULT, ENGINES, SETTINGS, SETTING_NAMES, VERSION } from './state';
import { expected, formatSetting, hashOf, parseSetting, partsOf } from './state';
import type { Kind, Problem, RunState } from './state';
import { DEFAULT_VIEW, VIEW, VIEW_NAMES } from './view.svelte';
import type { ViewState } from './view.svelte';

/** Some settings and parts of the view; the rest stays as it is. */
export interface Change extends Partial<Settings>, Partial<ViewState> {
  /** Sets what is not named to this preset's values. */
  preset?: PresetName;
  engine?: EngineName;
}

const NAMES: Record<string, Kind> = {
  v: { kind: 'choice', values: [String(VERSION)] },
  preset: { kind: 'choice', values: PRESETS },
  engine: { kind: 'choice', values: ENGINES },
  ...SETTINGS,
  ...VIEW,
};

/** Whether this address names a place in the page, as `#panel-gates` does, instead of a state. */
export const isPlace = (hash: string) => /^#[\w-]+$/.test(hash);

/** Reads an address; what is wrong in it is reported and left out. */
export function parseLink(hash: string): {
  state: RunState;
  view: ViewState;
  problems: Problem[];
} {
  const change: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const parts = new URLSearchParams(isPlace(hash) ? '' : hash.replace(/^#/, ''));
  for (const [name, text] of parts) {
    const kind = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    const value = kind && parseSetting(kind, text);
    const names = Object.keys(NAMES).filter((each) => each !== 'v');
    if (!kind)
      problems.push({ name, value: text, expected: expected({ kind: 'choice', values: names }) });
    else if (value === undefined) problems.push({ name, value: text, expected: expected(kind) });
    else change[name] = value;
  }
  return { ...changed(change), problems };
}

/** The default state with a change. */
export function changed(change: Change): { state: RunState; view: ViewState } {
  const { preset = DEFAULT.preset, engine = DEFAULT.engine } = change;
  const { settings, view } = split(change);
  return { state: { preset, engine, changed: settings }, view: { ...DEFAULT_VIEW, ...view } };
}

/** The settings and the parts of the view in a change. */
export function split(change: Change): { settings: Partial<Settings>; view: Partial<ViewState> } {
  return { settings: some(change, SETTING_NAMES), view: some(change, VIEW_NAMES) };
}

/** The address of a state and a view: empty for the default. */
export function toLink(state: RunState, view: ViewState): string {
  const parts = VIEW_NAMES.filter((name) => !isDefault(name, view[name])).map(
    (name) => `${name}=${encoded(formatSetting(VIEW[name], view[name]))}`,
  );
  return hashOf([...partsOf(state), ...parts]);
}

/** The address that opens the default with a change. */
export function linkOf(change: Change): string {
  const { state, view } = changed(change);
  return toLink(state, view);
}

function isDefault(name: keyof ViewState, value: unknown): boolean {
  return String(value) === String(DEFAULT_VIEW[name]);
}

/** Escapes what has a meaning in an address; the commas of a list may be read. */
function encoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1).replaceAll('%2C', ',');
}

function some<T extends object, N extends keyof T>(
  from: T,
  names: readonly N[],
): Partial<Pick<T, N>> {
  const named = names.filter((name) => from[name] !== undefined);
  return Object.fromEntries(named.map((name) => [name, from[name]])) as Partial<Pick<T, N>>;
}
