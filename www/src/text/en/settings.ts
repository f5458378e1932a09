/** Names and hints of the settings. */
import type { SettingName } from '../../state';

export const setting: Record<
  SettingName,
  { name: string; short: string; hint: string; values?: Record<string, string> }
> = {
  system: { name: 'System', short: 'system', hint: 'Which of the paper’s systems is trained.' },
  d: { name: 'Embedding size', short: 'd', hint: 'Numbers that describe each user and item (d).' },
  layers: { name: 'Layers', short: 'L', hint: 'How many hops the graph network looks (L).' },
  fan_out: {
    name: 'Neighbours per hop',
    short: 'fan-out',
    hint: 'How many neighbours are drawn at each hop, nearest hop first.',
  },
  learning_rate: { name: 'Learning rate', short: 'lr', hint: 'Step size of the optimiser Adam.' },
  batch: { name: 'Batch size', short: 'batch', hint: 'User–item pairs per training step (B).' },
  seed: { name: 'Seed', short: 'seed', hint: 'The same seed and settings give the same run.' },
  channels: {
    name: 'Graph channels',
    short: 'channels',
    hint: 'A channel that is off sends no messages.',
  },
  experts: {
    name: 'Graph experts',
    short: 'm',
    hint: 'How many of the four experts see the graph; with 0 this is the model MMoE.',
  },
  kappa: {
    name: 'Interaction κ',
    short: 'κ',
    hint: 'How a user state and an item state are joined.',
    values: { ep: 'Product', con: 'Concatenation', add: 'Sum', mlp: 'Small network' },
  },
  z_norm: {
    name: 'State scaling',
    short: 'norm',
    hint: 'Scale of the graph states before they are joined; the paper has none.',
    values: { none: 'None', rms: 'Root mean square', l2: 'Unit length' },
  },
  attention: {
    name: 'Attention',
    short: 'attention',
    hint: 'How neighbours are weighted.',
    values: {
      dot: 'Dot product',
      genie: 'GeniePath',
      gat: 'GAT',
      mean: 'Equal weights',
      symnorm: 'By degree',
    },
  },
  cell: {
    name: 'Update cell',
    short: 'cell',
    hint: 'How a node takes in its message.',
    values: {
      lstm: 'LSTM',
      lstm_h0: 'LSTM, memory from input',
      gru: 'GRU',
      sum: 'Sum',
      ngcf: 'NGCF',
    },
  },
  uncertainty: {
    name: 'Task weighting',
    short: '(ii)',
    hint: 'Loss part (ii): the weights of the two tasks are learned.',
    values: { off: 'Off', m2grl: 'As in the paper', kendall: 'Kendall' },
  },
  collaboration: {
    name: 'Balance the experts',
    short: '(iii)',
    hint: 'Loss part (iii): pulls the gates towards equal shares, with strength β.',
  },
  beta: {
    name: 'Balance strength β',
    short: 'β',
    hint: 'At the paper’s 1e-6 the balancing has no visible effect; try 0.1.',
  },
  lambda: {
    name: 'Weight decay λ',
    short: 'λ',
    hint: 'Strength of the L2 penalty, divided by the batch size.',
  },
  features: {
    name: 'Features',
    short: 'features',
    hint: 'Ids alone, or ids with age, gender, category, merchant and brand.',
    values: { ids: 'Ids', ids_attrs: 'Ids and attributes' },
  },
  evaluate_every: {
    name: 'Score every',
    short: 'score every',
    hint: 'Steps between two scorings of the test set.',
  },
  evaluate_users: {
    name: 'Scored users',
    short: 'scored users',
    hint: 'Test users that are scored, always the same ones; 0 for all.',
  },
  patience: {
    name: 'Patience',
    short: 'patience',
    hint: 'Scorings without progress on the validation day after which the run stops; 0 for never.',
  },
  steps: { name: 'Steps', short: 'steps', hint: 'The run is finished after this many steps.' },
};
