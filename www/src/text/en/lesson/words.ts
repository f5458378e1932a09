/** The lesson's short words in English: buttons, confirmations, terms, symbols, equations. */
import type { LessonText } from '../../../lesson/content';

export const ui: LessonText['ui'] = {
  symbols: 'Symbols',
  predict: 'You predicted:',
  first: 'Choose what you expect; then the experiment opens.',
  experiment: 'Now try it',
  show: 'I have looked: what was to be seen, and why?',
  back: 'Back to the text',
  play: 'Train',
  close: 'Close',
  glossary: 'Terms',
  glossaryNote: 'As the field writes them, in both languages.',
  otherLang: 'zh-Hans',
  contents: 'Sections of the lesson',
  waits: 'The new run waits for its start.',
  trains: 'Training; the curve of the run before stays, pale.',
  ended: 'This run is trained to its end; its curve is there.',
  noPair:
    'There are no scored pairs yet. They come with the first score, some seconds after the start.',
  early: 'The engine is still being fetched. Follow the link again in a moment.',
};

export const done: LessonText['done'] = {
  start: 'MoGE with the demo settings.',
  ids_only: 'Attributes are hidden: a user and an item are their ids and their neighbours.',
  other_seed: 'Seed 2: other starting values, batches and neighbour draws.',
  by_label: 'The barcodes are sorted by the label of purchase.',
  both_actions: 'A pair with both actions is open.',
  see_user_item: 'The map shows the user–item channel.',
  see_user_user: 'The map shows the user–user channel.',
  see_item_item: 'The map shows the item–item channel.',
  item_item_off: 'The item–item channel is off.',
  user_user_off: 'The user–user channel is off.',
  history_only: 'Only the user–item channel is on.',
  all_off: 'All three channels are off.',
  mean_attention: 'Every neighbour counts the same.',
  busiest: 'A pair of the user with the most edges is open.',
  one_layer: 'One layer: only direct neighbours are heard.',
  sum_cell: 'The cell is a plain sum of state and message.',
  paper: 'The paper’s preset: learning rate 1e-4, 20 and 20 neighbours, no scaling.',
  no_norm: 'The graph states are not scaled before they are joined.',
  one_expert: 'Only the first expert is joined by its graph interaction.',
  no_graph_experts: 'No expert is joined by the graph: this is MMoE.',
  concatenation: 'The interaction is a concatenation.',
  addition: 'The interaction is a sum.',
  by_entropy: 'The barcodes are sorted by the entropy of purchase’s gate.',
  by_score: 'The barcodes are sorted by the score of favourite.',
  by_degree: 'The barcodes are sorted by how many edges the user has.',
  uneven_gate: 'The pair with purchase’s most one-sided gate is open.',
  equal_weights: 'Task weighting is off: both tasks count the same.',
  strong_balance: 'Beta is 0.1 instead of 1e-6.',
  no_balance: 'The balancing loss is off.',
  no_decay: 'Lambda is 0: no weight decay.',
  few_users: 'Only 100 test users are scored.',
  popular: 'The map shows which items go together; the barcodes are sorted by score.',
  race_mmoe: 'MMoE races MoGE.',
  race_ngcf: 'NGCF races MoGE.',
  race_graph: 'ESMM+Graph and MMoE+Graph race MoGE.',
  race_seeds: 'Three seeds of the same settings race; they share one curve with a band.',
  race_interaction: 'Concatenation races the product.',
  small: 'The small preset: embedding size 32, batches of 64.',
  tiny_embedding: 'Eight numbers for each user and item.',
};

export const terms: LessonText['terms'] = {
  sparsity: {
    name: 'sparsity',
    other: '稀疏性',
    meaning: 'Of all pairs of a user and an item, almost none has ever been acted on.',
  },
  long_tail: {
    name: 'long tail',
    other: '长尾',
    meaning: 'A few nodes have very many edges and most have very few.',
  },
  multi_task: {
    name: 'multi-task learning',
    other: '多任务学习',
    meaning: 'One model learns several targets at once and shares what they have in common.',
  },
  channel: {
    name: 'graph channel',
    other: '图通道',
    meaning: 'One of the graphs through which a node hears from others, with weights of its own.',
  },
  cold: {
    name: 'cold start',
    other: '冷启动',
    meaning: 'A user or item without history: no neighbours, and an id that was never trained.',
  },
  gnn: {
    name: 'graph neural network',
    other: '图神经网络',
    meaning: 'A network in which the state of a node is updated by the states of its neighbours.',
  },
  attention: {
    name: 'attention',
    other: '注意力',
    meaning: 'Weights over neighbours, computed from the states, that add up to one.',
  },
  interaction: {
    name: 'feature interaction',
    other: '特征交互',
    meaning: 'A function that joins two vectors so that the one can modify the other.',
  },
  mixture: {
    name: 'mixture of experts',
    other: '混合专家',
    meaning:
      'Several small networks whose outputs are averaged with weights that depend on the input.',
  },
  gate: {
    name: 'gate',
    other: '门控',
    meaning: 'The network that computes these weights; each task has one.',
  },
  entropy: {
    name: 'entropy',
    other: '熵',
    meaning:
      'How evenly a gate spreads its weight: 0 if one expert has all of it, ln 4 = 1.386 if four have the same.',
  },
  uncertainty: {
    name: 'uncertainty weighting',
    other: '不确定性加权',
    meaning: 'A loss in which the weights of the tasks are parameters and are learned, too.',
  },
  gauc: {
    name: 'GAUC, group AUC',
    other: '分组 AUC',
    meaning: 'AUC within each user’s own list, averaged over users.',
  },
  ablation: {
    name: 'ablation',
    other: '消融实验',
    meaning: 'Taking one part of a model away to see what it was good for.',
  },
};

export const symbols: LessonText['symbols'] = {
  histories: 'neighbours in the user–item graph',
  similarity: 'similarity of two nodes',
  fields: 'fields: id and attributes',
  embedding: 'embedding',
  pair: 'the pair’s own features',
  attention: 'attention weight',
  neighbors: 'over the neighbours',
  message: 'message',
  state: 'state of the node',
  memory: 'memory of the cell',
  interaction: 'interaction function',
  user_history: 'user, by history',
  user_similar: 'user, by similar users',
  item_history: 'item, by its users',
  item_similar: 'item, by similar items',
  pairing: 'graph interaction',
  expert: 'expert',
  gate: 'gate',
  mixture: 'mixture',
  head: 'output weights',
  bias: 'bias',
  logit: 'score',
  cross_entropy: 'cross-entropy',
  task_weight: 'learned task weight',
  beta: 'strength of the balancing',
  balance: 'balancing loss',
  lambda: 'weight decay',
  group: 'the user’s test pairs',
  user_auc: 'AUC of one user',
  gauc: 'GAUC',
  base: 'the baseline’s GAUC',
};

export const equations: LessonText['equations'] = {
  similarity: {
    name: 'Similarity of two users',
    reading:
      'How many items two users have in common, divided by the geometric mean of how many each has. ' +
      'For items the roles are exchanged.',
  },
  embedding: {
    name: 'Shared embedding',
    reading:
      'Each field of a user (id, age, gender) has a table of vectors; the rows that apply are added. ' +
      'Items (id, category, merchant, brand) likewise. Side by side they are the pair’s own features.',
  },
  attention: {
    name: 'Attention',
    reading:
      'The node’s query is compared with each neighbour’s key; the softmax turns the comparisons ' +
      'into weights that add up to one.',
  },
  cell: {
    name: 'Message and cell',
    reading:
      'The message is the attention-weighted mean of the neighbours, through one matrix and a ' +
      'LeakyReLU. An LSTM cell decides how much of it enters the node’s state and its memory.',
  },
  pairings: {
    name: 'Four pairings',
    reading:
      'Two views of the user times two views of the item: four ways of asking whether they fit.',
  },
  gate: {
    name: 'Gate and mixture',
    reading:
      'A small network per task turns the pair’s own features into four weights. They mix the four ' +
      'experts, each joined by its graph interaction.',
  },
  split: {
    name: 'The exact split of a score',
    reading:
      'The output is linear in the gated experts, so the score is a sum: a bias, and for each ' +
      'expert its gate times the expert’s part plus the graph’s part.',
  },
  loss: {
    name: 'The loss',
    reading:
      'Each task’s cross-entropy with a learned weight and the price of that weight, the balancing of ' +
      'the experts, and the weight decay.',
  },
  balance: {
    name: 'The balancing loss',
    reading:
      'Minus the sum of all products of two gate weights; the same as minus half of one minus their ' +
      'squares. Smallest where all four weights are equal.',
  },
  gauc: {
    name: 'GAUC',
    reading:
      'The AUC of every user who has test pairs of both kinds, averaged with the number of their ' +
      'pairs as weight.',
  },
  improvement: {
    name: 'Relative improvement',
    reading: 'How much farther from chance, 0.5, a model is than the baseline.',
  },
};
