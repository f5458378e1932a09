/** Random settings and views. */
import fc from 'fast-check';
import { PRESETS } from '../src/engine/protocol';
import type { Settings } from '../src/engine/protocol';
import { ENGINES, SETTINGS, SETTING_NAMES } from '../src/state';
import type { Kind, RunState } from '../src/state';
import { DEFAULT_VIEW, VIEW, VIEW_NAMES } from '../src/view.svelte';
import type { ViewState } from '../src/view.svelte';

/** A text of one line, in any script. */
const words = (longest: number) =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: longest / 2 })
    .filter((text) => !text.includes('\n'));

/** Any value of a kind. */
export function values(kind: Kind): fc.Arbitrary<unknown> {
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
    case 'choices':
      return fc.subarray([...kind.values], { minLength: 1 });
    case 'text':
      return words(kind.longest);
    case 'lines':
      return fc.array(words(kind.longest), { minLength: 1, maxLength: kind.most });
  }
}

const settings = fc.record(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, values(SETTINGS[name])])),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Settings>>;

export const states: fc.Arbitrary<RunState> = fc.record({
  preset: fc.constantFrom(...PRESETS),
  engine: fc.constantFrom(...ENGINES),
  changed: settings,
});

export const views: fc.Arbitrary<ViewState> = fc
  .record(Object.fromEntries(VIEW_NAMES.map((name) => [name, values(VIEW[name])])), {
    requiredKeys: [],
  })
  .map((some) => ({ ...DEFAULT_VIEW, ...(some as Partial<ViewState>) }));
