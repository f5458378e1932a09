/** The lesson's sections on experts, gates and losses, in English. */
import { equation, inline, link, p, see, term } from '../../../lesson/content';
import type { Section } from '../../../lesson/content';

export const experts: Section[] = [
  {
    title: 'Pairings and experts',
    blocks: [
      p`The graph leaves two views of the user (by history, by similar users) and two of the item (by its
      users, by similar items). MoGE pairs each with each. The first pairing is collaborative filtering as
      everybody knows it; the second asks whether the history fits items like this one.
      ${link('see_item_item', 'The item–item channel')} enters only the second and the fourth.`,
      equation('pairings'),
      p`How a pair is joined, the ${term('interaction', 'interaction')} κ, decides more than
      anything else on the bundled data: product 0.678 and 0.692, ${link('concatenation', 'concatenation')} 0.593 and 0.620,
      ${link('addition', 'sum')} 0.594 and 0.618. A linear output cannot make a product of two vectors that
      lie side by side, and in the generator taste is such a product. On real rows the four choices do not
      differ significantly. A choice that wins here may have won because of how the data were made.`,
      p`Beside each interaction stands an expert, a small network on the pair’s own features. All four
      read the same input; they become different because they start differently and because each stands
      beside another interaction. Take the interactions away and MoGE is MMoE, number for
      number: ${link('no_graph_experts', 'join no expert by the graph')}.`,
      {
        kind: 'question',
        ask: 'Of the four experts only the first is joined by its graph interaction. Where will the curve end?',
        options: [
          'Near MMoE: one of four is little.',
          'Half way between MMoE and MoGE.',
          'At MoGE’s level.',
        ],
        experiment: inline`${link('no_graph_experts', 'Train with none')}, then ${link('one_expert', 'with only one expert joined by its graph')},
        then ${link('start', 'with all four')}.`,
        answer: inline`The step is from none to one. Over five seeds of 300 steps favourite and purchase reach 0.594 and 0.620 with none,
        0.671 and 0.693 with one, 0.678 and 0.692 with four; one to four do not
        differ significantly. The ${term('ablation', 'ablation')} in the paper draws the same question as its Figure 5. On
        real rows, in 400 steps, it is the same: 0.672 and 0.667 with none, 0.765 and 0.744 with one, 0.769 and 0.749 with four.`,
      },
    ],
  },
  {
    title: 'Gates',
    blocks: [
      p`Each task mixes the four experts with weights of its own. That is the ${term('mixture', 'mixture of experts')}
      of MMoE: tasks that agree can use the same experts, tasks that quarrel can part. ${link('by_entropy', 'Sort the barcode by entropy')}
      and the pairs on whose experts a task is most decided stand at the left.`,
      equation('gate'),
      p`A ${term('gate', 'gate')} sees only the pair’s own features, never the graph. It cannot say “this item has
      no neighbours, listen to another expert”. Take all neighbours of ${link('both_actions', 'a pair')} away, and its gates stay what they were, to
      the last digit. ${link('by_degree', 'Sort by the user’s edges')}: where the gates follow the degree, they do so
      because the embedding of the id has learned it.`,
      p`And a gate’s weight is not a contribution. The score is a sum, exactly: gate times what the
      expert and the graph say. A gate of 0.9 on an expert that says nothing adds nothing, and a gate of 0.1
      can decide. Open ${link('uneven_gate', 'the pair with the most one-sided gate')} and compare the gate’s bars with the
      contributions below them.`,
      equation('split'),
      {
        kind: 'question',
        ask: 'Take the expert with the largest gate. Does it also add most to the score?',
        options: [
          'Yes, always.',
          'Mostly, but not always.',
          'The two have nothing to do with each other.',
        ],
        experiment: inline`Train for a while, then open ${link('uneven_gate', 'a one-sided pair')} and
        ${link('both_actions', 'a pair with both actions')}, and read gate and contribution of each expert.`,
        answer: inline`Nothing in the model ties the two together: the gate multiplies, and what it multiplies
        can be near zero or negative. You will find both cases. The split tells what the score is made of; what would change it
        is told by taking something away, in ${see('sample', 'the opened pair')}.`,
      },
    ],
  },
  {
    title: 'The losses',
    blocks: [
      p`Each task has its cross-entropy, and somebody has to say how much a favourite is worth against a
      purchase. Part (ii) lets the model learn it: ${term('uncertainty', 'uncertainty weighting')} with a
      price for large weights. At rest a weight is 1 over the task’s own loss, so near 5 for a loss of 0.2;
      the task with the smaller loss gets the larger weight. ${link('equal_weights', 'Switch the weighting off')}: under Adam only the
      ratio of the two weights matters, and over five seeds nothing changed significantly.`,
      equation('loss'),
      p`Part (iii) is to keep the experts balanced: it rewards gates for being even. At the paper’s β of 1e-6 it is at most
      0.00000075 beside a cross-entropy of some tenths, so it does nothing visible, and the paper’s ablation
      of it measures luck. ${link('no_balance', 'Switch it off')} and you will not see it; ${link('strong_balance', 'set beta to 0.1')} and you will.`,
      equation('balance'),
      {
        kind: 'question',
        ask: 'With β = 0.1, a hundred thousand times the paper’s value, what will the gates do?',
        options: [
          'Nothing: the cross-entropy still decides.',
          'Become nearly even for every pair.',
          'Each task chooses one expert.',
        ],
        experiment: inline`${link('start', 'Train with β = 1e-6')} and note the ${term('entropy', 'entropy')} in the gate
        panel; then ${link('strong_balance', 'set beta to 0.1')} and train again.`,
        answer: inline`In a run on a small synthetic set the mean gates went to between 0.22 and 0.27 with β = 0.1; with 1e-6 one reached 0.82.
        The entropy nears ln 4 = 1.386. Even gates are balanced, and useless as gates: every
        task then averages all experts alike, for every pair. Watch whether GAUC minds.`,
      },
      p`The last part, weight decay λ, is small print with teeth. Divided by the batch size and applied to the
      rows that a batch uses, it is mild; ${link('no_decay', 'switch it off')} and compare. The same 1e-3 on the mean loss and
      on every row of the tables drove all embeddings to zero within 600 steps: one symbol in a paper, two
      readings, one of them fatal.`,
    ],
  },
];
