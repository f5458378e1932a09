/** Every word that the page says in English; `../zh` has the same table in Chinese. */
import type { Wait } from '../../engine/client';
import type { Channel, PresetName, Task } from '../../engine/protocol';
import type { Problem } from '../../state';
import type { Said } from '../said';
import { ablations } from './ablations';
import { explained } from './explained';
import { finished, offline } from './finished';
import { importing, kept } from './data';
import { gateViews } from './gateViews';
import { gauc } from './gauc';
import { race } from './race';
import { serving } from './serving';
import { setting } from './settings';
import { share } from './share';
import { sharing } from './sharing';
import { systems } from './systems';

const task: Record<Task, string> = { favourite: 'Favourite', purchase: 'Purchase' };

const channel: Record<Channel, { name: string; meaning: string }> = {
  user_item: {
    name: 'User–item',
    meaning: 'Who favoured or bought what: the history itself.',
  },
  user_user: {
    name: 'User–user',
    meaning: 'Users whose histories are alike.',
  },
  item_item: {
    name: 'Item–item',
    meaning: 'Items that the same users chose.',
  },
};

const presetNames: Record<PresetName, string> = {
  demo: 'Demo',
  'demo-cpu': 'Demo, small',
  paper: 'Paper',
};

export const en = {
  /** What the engine says, which is English. */
  said: ((words) => words) as Said,
  title: 'MoGE Playground',
  task,
  channel,
  setting,
  systems,
  race,
  sharing,
  ablations,
  finished,
  offline,
  gateViews,
  gauc,
  serving,
  explained,
  /** What stands between words. */
  mark: { comma: ', ', colon: ': ', semicolon: '; ', stop: '. ' },
  skip: 'Skip to the panels',
  share,
  importing,
  kept,
  user: 'User',
  item: 'Item',
  users: 'Users',
  items: 'Items',
  columns: {
    setUp: 'Set up',
    see: 'See',
    compare: 'Compare',
    lesson: 'Lesson',
    noLesson: 'The lesson could not be fetched. Reload the page when you are online.',
  },

  controls: {
    group: 'Training',
    play: 'Play',
    pause: 'Pause',
    playTitle: 'Train (space key)',
    pauseTitle: 'Pause (space key)',
    step: 'Step',
    stepTitle: 'One training step',
    reset: 'Reset',
    resetTitle: 'Back to step 0 with the same seed',
    speed: 'Speed',
    full: 'Full',
    slow: 'Slow',
    stepCount: 'Step',
    epoch: 'Epoch',
    of: (total: string) => `of ${total}`,
    progress: 'Progress',
    training: 'Training.',
    resting: (step: string) => `Resting at step ${step}`,
    prompt: 'Press space to train from scratch.',
    promptTouch: 'Press Play to train from scratch.',
  },
  theme: { toDark: 'Dark theme', toLight: 'Light theme' },
  score: {
    label: (of: string) => `${of} GAUC`,
    groups: (groups: string) => `${groups} valid groups`,
    title: (of: string, groups: string, share: string) =>
      `Test GAUC of ${of.toLowerCase()}: the chance that a pair with the action ranks above one without it, ` +
      `within each user. ${groups} users have both kinds of pairs and count; they hold ${share} of the test pairs. ` +
      '0.5 is chance, 1 is perfect.',
    none: 'Not scored yet',
  },
  engine: {
    name: 'Engine',
    auto: 'Automatic',
    webgpu: 'WebGPU',
    flex: 'CPU (flex)',
    ndarray: 'CPU (ndarray)',
    label: { webgpu: 'WebGPU', flex: 'CPU · flex', ndarray: 'CPU · ndarray' },
    speed: (rate: string) => `${rate} samples/s`,
    idle: 'not measured yet',
    loading: 'loading',
    stopped: 'stopped',
    hint: 'Automatic takes WebGPU only where it is real, right and faster.',
  },
  wait: {
    engine: 'Downloading the engine',
    dataset: 'Opening the dataset',
    start: 'Building the run and checking the engine',
    score: 'Scoring the test set',
    recover: 'The engine broke; starting it again on the CPU',
    revive: 'Bringing the run back',
  } satisfies Record<Wait, string>,
  notice: {
    label: 'Notice',
    dismiss: 'Dismiss',
    theLink: 'The link',
    noLanguage:
      'The words of that language could not be fetched. Check the connection and try again.',
    rebuilt: (what: string) =>
      `${what} changed: a new run starts from step 0. The GAUC of the run before stays in the chart as pale lines.`,
    newDataset: (runs: number) =>
      `Another dataset is open: the ${runs} runs of the race belonged to the one before and are gone.`,
    partScored: (users: string) =>
      `The dataset is large: of its users ${users}, always the same ones, are scored while a run trains. The setting “Scored users” changes that.`,
    recovered: (why: string, at: number, from: number, engine: string) =>
      `The engine stopped at step ${at} (${why}). The run goes on from its last saved state, step ${from}, on the CPU engine ${engine}.`,
    link: ({ name, value, expected }: Problem) =>
      `The link says ${name}=${value}, but ${name} must be ${expected}; it is ignored.`,
  },
  /** What a value must be. */
  expected: {
    integer: (min: number, max: number) => `a whole number from ${min} to ${max}`,
    number: (min: number, max: number) => `a number from ${min} to ${max}`,
    integers: (longest: number, min: number, max: number) =>
      `1 to ${longest} whole numbers from ${min} to ${max}, separated by commas`,
    choice: (values: string) => `one of ${values}`,
    choices: (values: string) => `some of ${values}, separated by commas`,
    switch: '0 or 1',
    switches: (count: number) => `${count} times 0 or 1, separated by commas`,
    text: (longest: number) => `a text of at most ${longest} characters`,
    lines: (most: number, longest: number) =>
      `at most ${most} lines of at most ${longest} characters`,
  },
  error: {
    title: 'This did not work',
    retry: 'Try again',
    preset: 'Use the preset’s settings',
    cancel: 'Cancel',
    cancelled:
      'You cancelled this. Try again when you like; a run goes on from its last saved state.',
    restart: 'Start again from step 0',
  },
  dataset: {
    title: 'Dataset',
    loading: 'Loading the dataset…',
    synthetic: 'SYNTHETIC',
    syntheticWhy:
      'These users and items are generated. The contest’s terms do not allow its rows to be passed on, so a generator imitates their measured statistics.',
    refused: (file: string, why: string) =>
      `${file} cannot be used: ${why} Choose the dataset.moge that \`moge prepare\` writes. The dataset before is still in use.`,
    merchants: 'Merchants',
    categories: 'Categories',
    brands: 'Brands',
    edges: 'Edges',
    instances: 'Labelled pairs',
    train: 'Train',
    valid: 'Validation',
    test: 'Test',
    scores: 'A stripe is as high as the pair’s score (logit), from the lowest to the highest.',
    positives: 'Positive in train',
    groups: 'Valid test groups',
    statistics: 'Statistics (the paper’s Table 1)',
    longTail: 'Long tail (the paper’s Figure 1)',
    degree: 'edges per node',
    nodes: 'nodes',
    longTailAlt: 'Number of users and items by their number of edges, both axes logarithmic.',
  },
  preset: { name: 'Preset', names: presetNames, hint: 'A preset sets everything below.' },
  parameters: {
    title: 'Model and training',
    advanced: 'Advanced',
    restart: 'Changing anything here starts a new run from step 0.',
    changed: 'differs from the preset',
    invalid: (expected: string) => `Must be ${expected}.`,
  },
  map: {
    title: 'Channel map',
    hint: 'Drag to move, scroll or pinch to zoom, point at a node to name it, click to pin it.',
    alt: (name: string, nodes: string, edges: string) =>
      `Map of the channel ${name}: ${nodes} nodes, ${edges} edges.`,
    counts: (nodes: string, edges: string) => `${nodes} nodes, ${edges} edges`,
    degree: (degree: string) => `degree ${degree}`,
    fit: 'Fit',
    fitTitle: 'Show the whole channel',
    off: 'This channel is switched off in the run.',
    pinned: 'pinned',
    sample: 'ringed: the selected sample, its neighbours as wide as their attention',
  },
  gates: {
    title: 'Gates',
    intro: (experts: number) =>
      `How much each task listens to each of the ${experts} experts, over the scored test pairs.`,
    none: (system: string) =>
      `${system} has no gates: nothing in it weighs experts pair by pair. The stripes below show the scores.`,
    experts: (user: string, item: string) => `user via ${user}, item via ${item}`,
    cell: (of: string, expert: string, mean: string, std: string) =>
      `${of}, ${expert}: mean gate ${mean}, spread ${std}`,
    entropy: 'Entropy',
    entropyTitle: (experts: number, most: string) =>
      `Mean entropy of the gate in nats; equal shares have ln ${experts} = ${most}.`,
    empty: 'The gates appear with the first score.',
    caption: (equal: string) =>
      `Bar: mean gate. Whisker: one standard deviation over the pairs. Line: equal shares, ${equal}.`,
  },
  barcode: {
    title: 'Every scored test pair',
    hint: 'One stripe per pair, the same order for both tasks. Click one, or use the arrow keys.',
    sort: 'Sort by',
    keys: { entropy: 'Entropy', label: 'Label', score: 'Score', degree: 'User degree' },
    by: (of: string) => `of ${of}`,
    scoreAlt: (of: string, count: string) =>
      `Scores of ${of} for ${count} test pairs as stripes; arrow keys move the selection.`,
    alt: (of: string, count: string) =>
      `Gates of ${of} for ${count} test pairs as stacked stripes; arrow keys move the selection.`,
    position: (position: string, count: string, shares: string) =>
      `pair ${position} of ${count}, ${shares}`,
    scores: 'A stripe is as high as the pair’s score (logit), from the lowest to the highest.',
    positives: 'The thin band below each barcode marks the pairs with the action.',
  },
  sample: {
    title: 'One test pair',
    empty: 'Select a stripe of the barcode to open its pair.',
    degree: 'edges in G',
    cold: 'not in the graph',
    day: 'Day',
    label: 'Label',
    labels: { 0: 'no', 1: 'yes' } as Record<number, string>,
    probability: 'Probability',
    logit: 'Logit',
    gates: 'Gates',
    contribution: 'Sum',
    parts: 'Gate × part',
    expertPart: 'own features',
    graphPart: 'graph',
    bias: 'Bias',
    formula: 'logit = b + Σₙ gₙ · (expertₙ + graphₙ)',
    formulaWhy:
      'The output is linear in the gated experts, so this split is exact: the parts add up to the logit.',
    noSplit: 'This system has no gated experts, so that its logit does not split into parts.',
    gatesNote: 'The gates see only the pair’s own features, never the graph.',
    importanceNote:
      'Neither a gate’s weight nor attention is importance: a large gate on a small expert adds little. Read the contributions.',
    neighbors: 'Neighbours',
    neighborsOf: {
      user_item: { user: 'Items of the user', item: 'Users of the item' },
      user_user: { user: 'Users like the user', item: '' },
      item_item: { user: '', item: 'Items like the item' },
    },
    noNeighbors: 'none',
    more: (count: number) => `and ${count} more`,
    attention: 'attention',
    weight: 'similarity',
  },
  charts: {
    title: 'Test GAUC',
    gauc: 'GAUC',
    gaucOf: (of: string) => `${of}: test GAUC`,
    gaucAlt: (of: string) =>
      `Test GAUC of ${of.toLowerCase()} against the training step, one line per run.`,
    ofRun: (what: string, run: string) => `${what}, ${run}`,
    loss: 'Loss parts',
    lossAlt: 'Parts of the training loss against the training step.',
    lossNote: (steps: number) =>
      `Pale: each batch. Strong: exponential mean over about ${steps} steps.`,
    weights: 'Task weights',
    weightsAlt: 'Learned weight of each task in the loss against the training step.',
    step: 'step',
    lossAxis: 'loss',
    weightAxis: 'weight',
    before: 'before the change',
    beforeNote: 'Grey line: before the last change of a setting.',
    crossEntropy: (of: string) => `${of} loss`,
    batch: (of: string) => `${of}, batch`,
    total: 'Total',
    collaboration: 'Balancing',
    regulariser: 'Regulariser',
    chance: 'chance',
    chanceNote: 'Line at 0.5: chance.',
    empty: 'The first points appear when training starts.',
    weightsOff: 'Task weighting is off in this run: both weights are 1.',
    table: 'Show as table',
    hideTable: 'Hide table',
    legend: 'Curves',
    at: (step: string) => `step ${step}`,
    more: (count: number) => `and ${count} lower`,
    crosshair: (of: string) => `${of}: step under the crosshair`,
  },
};

/** The table of a language: the same names, other words. */
export type Text = typeof en;
