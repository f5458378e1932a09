/** The lesson's sections on the data and the graph, in English. */
import { equation, inline, link, p, see, term } from '../../../lesson/content';
import type { Section } from '../../../lesson/content';

export const graph: Section[] = [
  {
    title: 'Sparsity and the long tail',
    blocks: [
      p`The 2,987 users and 11,439 items of the bundled data form 34 million pairs; 63,450 of them are
      known from the past, fewer than one in five hundred. This ${term('sparsity', 'sparsity')} is the
      problem of recommendation: the model has to rank pairs that nobody has tried. Look at ${link('see_user_item', 'what is known, drawn as a graph')}.`,
      p`And the little that is known is badly spread. An item has 6.71 edges on average, but half of the
      items have at most 4, and the most popular one 139: a ${term('long_tail', 'long tail')}, drawn in
      the ${see('dataset', 'dataset card')}. An item with two edges trains its own vector on next to
      nothing. Attributes help it, because a category is shared by many; ${link('ids_only', 'train without attributes')}
      and only ids and neighbours are left.`,
      equation('embedding'),
      p`There are two labels to predict, favourite and purchase, and both are rare: 4,160 and 4,647 of
      37,064 test pairs. Only 11 % of the favourites in the test window are bought in it, so the tasks are related and yet not
      the same, which is what ${term('multi_task', 'multi-task learning')} hopes to use.
      ${link('by_label', 'Sort the barcodes by label')} and the few positives stand at one end; ${link('both_actions', 'show a pair with both actions')}.`,
      p`One honest word before all others: these rows are synthetic. The contest’s terms do not allow its
      log to be passed on, so a generator imitates its statistics. That has an advantage: the generator’s
      own taste is known, and ranking by it gives a GAUC of 0.828 for favourite and 0.837 for purchase. No
      model can do better, however long you ${link('start', 'train MoGE')}; ranking by popularity
      gives 0.564 and 0.594.`,
    ],
  },
  {
    title: 'Three channels',
    blocks: [
      p`The first ${term('channel', 'channel')} is the history itself: ${link('see_user_item', 'an edge joins a user and an item')}
      that was marked as a favourite or bought between 9 July and 8 October. The labels come from
      later days. No label is ever an edge; if it were, the model could read off the answer.`,
      p`Two hops from a user through that graph are users who chose the same items. The second channel
      makes them direct neighbours: ${link('see_user_user', 'users whose histories are alike')}. It
      keeps the ten most similar of each node, so the fans of one bestseller do not all become
      neighbours.`,
      equation('similarity'),
      p`The third does the same for items: ${link('see_item_item', 'items that the same users chose')}.
      Nothing is known of their pictures or descriptions; two items are alike because people treated
      them alike. The denominator keeps popular items from being similar to everything.`,
      p`A graph helps only those who are in it. Only 59 % of the test favourites have both a user
      and an item with edges; the rest is ${term('cold', 'cold')} on one side at least. For a node without
      neighbours the message is zero and its state depends on its own features alone. ${link('all_off', 'Switch all channels off')}
      and every node is treated like that.`,
      {
        kind: 'question',
        ask: 'What will the test GAUC do when the item–item channel is switched off?',
        options: [
          'Fall to the level of a model without a graph.',
          'Fall visibly, but not that far.',
          'Stay about where it is.',
        ],
        experiment: inline`First ${link('start', 'train MoGE with all channels')} to the end, then
        ${link('item_item_off', 'switch the item–item channel off')} and train again; the earlier curve stays,
        pale. Try ${link('user_user_off', 'the same without user–user')} and ${link('history_only', 'with the history alone')}.`,
        answer: inline`Compare the ends of the curves, and remember that another seed alone moves them by
        about 0.01. The history alone carries most of it: with one graph expert, which reads only the user–item
        channel, five seeds gave 0.671 and 0.693; with all four, which read all channels, 0.678 and 0.692. No
        difference was significant. The similarity channels are computed from the history, and two hops
        in it reach much of the same nodes: a second look at the same facts.`,
      },
    ],
  },
  {
    title: 'Attention and the cell',
    blocks: [
      p`Every channel is a ${term('gnn', 'graph neural network')}. In each layer a node gathers its
      neighbours’ states, weighted by ${term('attention', 'attention')}: neighbours whose key fits the
      node’s query count more. In ${link('busiest', 'the pair of the user with the most edges')} the weights
      stand beside each neighbour.`,
      equation('attention'),
      p`Attention is not importance. The weights add up to one, even where every neighbour is useless;
      the only neighbour of a node has weight one whatever it says; and what is weighted is a vector that
      later layers may ignore. To know what a neighbour is worth, take it away in ${see('sample', 'the opened pair')} and
      watch the score. Or ask whether the weights are needed at all: ${link('mean_attention', 'give every neighbour the same weight')}.`,
      equation('cell'),
      p`The message then meets an LSTM cell: the node’s own state is its hidden state, and a memory is carried from
      layer to layer, not through time. So a node can keep what it is and let in little, or the
      reverse. ${link('sum_cell', 'Replace the cell by a plain sum')} to see whether that care pays. With two
      layers a user hears from users two hops away; ${link('one_layer', 'with one layer')} only from
      the items of the history.`,
      p`Read literally, the model hardly uses its graph. An LSTM’s output is small; with embeddings
      that start at 0.1, the product of two such states starts near 0.0002, and for more than a thousand steps the graph is not in play.
      This page therefore scales the four states to the same size first (“state scaling”), which the paper does not say.
      ${link('paper', 'Train with the paper’s preset')}, at its learning rate of 1e-4, if you have patience.`,
      {
        kind: 'question',
        ask: 'Only the state scaling is taken away; the learning rate stays at 0.003. What will MoGE do?',
        options: [
          'Learn the same, a little more slowly.',
          'Behave like a model without a graph.',
          'Diverge.',
        ],
        experiment: inline`${link('start', 'Train with the scaling')}, then ${link('no_norm', 'without it')}.`,
        answer: inline`On small synthetic sets, MoGE without scaling stayed near MMoE, which has no graph: .594 and .612
        against .603 and .625 after 1,200 steps; with scaling it reached .670 and .702. A product of two small numbers is tiny, and so is
        its gradient: the graph has to grow before it can be heard, and the experts have taken
        its place by then. In the picture, choose a pairing Z and compare its range before and after.`,
      },
    ],
  },
];
