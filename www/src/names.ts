/** What the runs are called: by a person, or by their system and what sets them apart. */
import { differing, settingOf } from './compare';
import type { Compared, Group } from './compare';
import { CHANNELS } from './engine/protocol';
import type { Explanation, ModelCard, Neighbor, Removal } from './engine/protocol';
import type { RunStore } from './run.svelte';
import { SETTINGS } from './state';
import type { SettingName } from './state';
import { unused } from './systems';
import { text } from './text';

/** A group with a name of its own. */
export interface Named<R extends Compared = RunStore> {
  group: Group<R>;
  /** The name that a person gave, or that of the system. */
  title: string;
  /** The name with what tells it from others of its system; no two groups have the same. */
  label: string;
  /** The settings that it uses, other than the system, in which it differs from some other. */
  differs: { name: SettingName; value: string }[];
}

/** A value of a setting as people read it. */
export function valueText(run: Compared, name: SettingName): string {
  const value = settingOf(run, name);
  if (name === 'channels') {
    const on = CHANNELS.filter((_, i) => run.config.channels[i]);
    return on.map((channel) => text.channel[channel].name).join(' + ') || text.race.none;
  }
  if (SETTINGS[name].kind === 'switch') return value === '1' ? text.race.on : text.race.off;
  return text.setting[name].values?.[value] ?? value.replaceAll(',', ' · ');
}

/** A neighbour by its kind and its id in the log. */
export function neighborName({ kind, raw }: Pick<Neighbor, 'kind' | 'raw'>): string {
  return `${text[kind]} ${raw}`;
}

/** What a removal takes out of a pair. */
export function removalName({ channel, of, node }: Removal, sample: Explanation): string {
  const { name } = text.channel[channel];
  if (of === undefined) return text.explained.knock.channel(name);
  const kind = text.explained.knock.side(name, text.sample.neighborsOf[channel][of]);
  if (node === undefined) return kind;
  const found = sample.neighbors.find(
    (each) => each.channel === channel && each.of === of && each.node === node,
  );
  return found ? text.explained.knock.edge(neighborName(found), kind) : kind;
}

/** The groups with their names. */
export function named<R extends Compared>(
  groups: readonly Group<R>[],
  models: readonly ModelCard[],
): Named<R>[] {
  const all = groups.flatMap(({ runs }) => runs);
  const settings = differing(all).filter((name) => name !== 'system');
  const taken = new Map<string, number>();
  const oneSystem = !differing(all).includes('system');
  return groups.map((group) => {
    const run = group.runs[0]!;
    const model = models.find(({ name }) => name === run.config.system) ?? null;
    const title = model?.title ?? run.config.system;
    const kin = all.filter(({ config }) => config.system === run.config.system);
    const own = differing(kin)
      .filter((name) => name !== 'system')
      .map((name) => text.race.short(text.setting[name].short, valueText(run, name)));
    const parts = oneSystem && own.length > 0 ? own : [title, ...own];
    const wanted = run.named ?? parts.join(', ');
    const before = taken.get(wanted) ?? 0;
    taken.set(wanted, before + 1);
    return {
      group,
      title: run.named ?? title,
      label: before > 0 ? `${wanted} (${before + 1})` : wanted,
      differs: settings
        .filter((name) => unused(name, model, run.config) === null)
        .map((name) => ({ name, value: valueText(run, name) })),
    };
  });
}
