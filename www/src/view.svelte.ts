/**
 * What the panels show of a run: the state that a link carries besides the settings of the run.
 *
 * The table below says what each part may be. `lab.view` holds it; the panels read and write its
 * fields, and the page's address follows.
 */
import { CHANNELS, TASKS } from './engine/protocol';
import type { Channel, Task } from './engine/protocol';
import { SORT_KEYS } from './gates';
import type { SortKey } from './gates';
import { LANGUAGES } from './language.svelte';
import type { Language } from './language.svelte';
import type { Kind } from './state';

/** What a lesson can hide: the panels, by their `id="panel-NAME"`. */
export const PANELS = [
  'dataset',
  'systems',
  'channels',
  'parameters',
  'map',
  'gates',
  'sharing',
  'sample',
  'serving',
  'charts',
  'race',
  'gauc',
  'ablations',
  'lesson',
  'share',
] as const;
export type PanelName = (typeof PANELS)[number];

export interface ViewState {
  /** Tab of the channel map. */
  channel: Channel;
  /** The test pair that was chosen, by its place in the test window; null leaves it to the page. */
  selected: number | null;
  /** The step at which the gates are shown; null for the newest. */
  step: number | null;
  /** Order of the barcodes, by the values of one task. */
  sort: SortKey;
  task: Task;
  /** The language that a link asks for; it is not stored. */
  lang: Language | null;
  /** Larger, with what is projected alone. */
  present: boolean;
  /** Lesson: hidden panels, whether the seed is locked, a question and the answers to choose from. */
  hide: PanelName[];
  lock: boolean;
  ask: string;
  answers: string[];
}

export const VIEW = {
  channel: { kind: 'choice', values: CHANNELS },
  selected: { kind: 'integer', min: 0, max: 1e9 },
  step: { kind: 'integer', min: 0, max: 1e7 },
  sort: { kind: 'choice', values: SORT_KEYS },
  task: { kind: 'choice', values: TASKS },
  lang: { kind: 'choice', values: LANGUAGES },
  present: { kind: 'switch' },
  hide: { kind: 'choices', values: PANELS },
  lock: { kind: 'switch' },
  ask: { kind: 'text', longest: 300 },
  answers: { kind: 'lines', longest: 100, most: 4 },
} as const satisfies Record<keyof ViewState, Kind>;

export type ViewName = keyof ViewState;
export const VIEW_NAMES = Object.keys(VIEW) as ViewName[];

export const DEFAULT_VIEW: Readonly<ViewState> = {
  channel: 'user_item',
  selected: null,
  step: null,
  sort: 'entropy',
  task: 'purchase',
  lang: null,
  present: false,
  hide: [],
  lock: false,
  ask: '',
  answers: [],
};

/** A view to begin with; its fields are read and written where they are shown. */
export function makeView(): ViewState {
  const view = $state<ViewState>({ ...DEFAULT_VIEW });
  return view;
}
