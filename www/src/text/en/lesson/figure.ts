/** Words of the model's picture in English. */
import type { LessonText } from '../../../lesson/content';

export const figure: LessonText['figure'] = {
  title: 'MoGE at a glance',
  alt: 'The parts of MoGE, from a user and an item at the top to two scores at the bottom. Each part is a button.',
  hint: 'After the paper’s Figure 2. Choose a part to see its numbers for the selected pair; grey parts are off in this run.',
  notMoge: (system) =>
    `This is MoGE’s picture. The run in focus trains ${system}, so it has no numbers to show here.`,
  off: 'off in this run',
  sample: (instance) => `Selected pair: test pair ${instance}.`,
  noSample: 'The numbers appear once a test pair is selected.',
  noTensors: 'The numbers appear when a run of MoGE is built and scored.',
  recorded:
    'This finished run came with the page, without its parameters. Train one to see its numbers.',
  tensor: (name, size) => `${name}: ${size} numbers`,
  value: (at, size, value) => `${at} of ${size}: ${value}`,
  range: (low, high) => `from ${low} to ${high}`,
  table: 'Show as table',
  hideTable: 'Hide table',
  index: 'Index',
  number: 'Value',
  equation: 'Equation',
  to: 'Panel',
  embedding: 'shared embedding',
  network: 'attention + LSTM',
  parts: {
    input: {
      name: 'Fields',
      meaning:
        'What is known of the user or the item before any graph: an id and a few attributes.',
    },
    embedding: {
      name: 'Embedding',
      meaning:
        'One vector, the sum of a row per field. Graph, experts and gates all read this same vector, ' +
        'and all of them train it.',
    },
    user_item: {
      name: 'User–item channel',
      meaning:
        'The user hears from the items of their history, the item from its users. It gives two states, h of the user and h of the item.',
    },
    user_user: {
      name: 'User–user channel',
      meaning: 'The user hears from users with similar histories.',
    },
    item_item: {
      name: 'Item–item channel',
      meaning: 'The item hears from items that the same users chose.',
    },
    pairing: {
      name: 'Graph interaction',
      meaning:
        'One view of the user joined with one view of the item by the interaction function. Zero where the expert is not joined by the graph.',
    },
    expert: {
      name: 'Expert',
      meaning: 'A small network on the pair’s own features. It never sees the graph.',
    },
    gate: {
      name: 'Gate',
      meaning:
        'Four weights that add up to one, computed from the pair’s own features alone. The bars are those of the selected pair.',
    },
    mixture: {
      name: 'Mixture',
      meaning: 'The four experts with their interactions, averaged with the gate’s weights.',
    },
    output: {
      name: 'Score',
      meaning:
        'One linear output per task. Both tasks’ logits are shown; the sigmoid turns them into probabilities.',
    },
  },
};
