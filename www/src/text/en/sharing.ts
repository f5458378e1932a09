/** Words about what a system shares between its tasks: one sentence each, and what it does not say. */
import type { SystemName } from '../../engine/protocol';

const meaning: Partial<Record<SystemName, string>> = {
  mlp: 'MLP shares nothing: each task has a network and embeddings of its own.',
  ngcf: 'NGCF shares nothing between the tasks: each has a graph network and embeddings of its own.',
  shared_bottom:
    'Shared-Bottom shares the whole bottom: there is no learned number that says how much each task uses of it.',
  esmm: 'ESMM shares the embeddings, and multiplies the purchase’s probability by that of the favourite; no learned number says how much is shared.',
  cross_stitch:
    'Each unit mixes the two tasks’ layers: a row says what one task’s next layer takes from each column. The layers’ scales differ, so an entry is no measure of use.',
  snr_trans:
    'Each line is a connection between sub-networks, as strong as its gate at test time; 0 is cut off. The matrices behind the connections have scales of their own.',
  mmoe: 'Mean share of each expert in each task’s mixture. Equal shares do not mean equal use: experts differ in scale.',
  cgc: 'Mean share of each expert in each task’s mixture; the first is the task’s own, the others are shared by both.',
  moge: 'Mean share of each expert in each task’s mixture. The gates see only the pair’s own features, never the graph.',
};

export const sharing = {
  title: 'What is shared',
  meaning,
  empty: 'The numbers appear with the first score.',
  course: (of: string) => `${of}: course over the run`,
  courseAlt: (of: string) => `Entries of ${of} against the training step.`,
  entry: (row: string, column: string) => `${row} from ${column}`,
  value: 'value',
  numbers: 'Numbers',
  connections: (list: string) => `Connections and their strengths: ${list}.`,
  connection: (from: string, to: string, strength: string) => `${from} to ${to}: ${strength}`,
};
