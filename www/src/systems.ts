/** Which settings a system uses, and why it does without the others. */
import { CHANNELS } from './engine/protocol';
import type { Config, ModelCard, SystemName } from './engine/protocol';
import type { SettingName } from './state';
import { text } from './text';

/** What only MoGE has: graph experts with their interaction, and losses (ii) and (iii). */
const MOGE: SettingName[] = ['experts', 'kappa', 'uncertainty', 'collaboration', 'beta'];
/** What a graph network has, and what NGCF fixes in it. */
const NETWORK: SettingName[] = ['channels', 'layers', 'fan_out', 'attention', 'cell', 'z_norm'];
const FIXED: SettingName[] = ['attention', 'cell', 'z_norm'];

/** Why a system has no use for a setting, in words; null where it has. */
export function unused(name: SettingName, model: ModelCard | null, config: Config): string | null {
  if (!model) return null;
  const { title } = model;
  const words = text.systems.unused;
  if (model.name !== 'moge' && MOGE.includes(name)) return words.moge(title);
  if (!model.channels.some(Boolean) && NETWORK.includes(name)) return words.network(title);
  if (model.base === 'ngcf' && FIXED.includes(name)) return words.fixed(title);
  return name === 'beta' && !config.collaboration ? words.collaboration : null;
}

/** Why a system does not read a channel. */
export function unusedChannel(index: number, model: ModelCard | null): string | null {
  if (!model || model.channels[index]) return null;
  const words = text.systems.unused;
  return model.channels.some(Boolean)
    ? words.channel(model.title, text.channel[CHANNELS[index]!].name)
    : words.network(model.title);
}

/** The variant of a system with or without the graph, where there is one; the system otherwise. */
export function variantOf(
  models: readonly ModelCard[],
  base: SystemName,
  graph: boolean,
): SystemName {
  const of = models.filter((model) => model.base === base);
  return (of.find((model) => (model.name !== base) === graph) ?? of[0])?.name ?? base;
}
