/** The lesson's sections on the metric, the results and deployment, in English. */
import { equation, inline, link, p, see, term } from '../../../lesson/content';
import type { Section } from '../../../lesson/content';

export const results: Section[] = [
  {
    title: 'GAUC',
    blocks: [
      p`A shop never ranks one user against another; it ranks items for one user. So ${term('gauc', 'GAUC')}
      takes the AUC within each user’s test pairs, the chance that one with the action stands before one
      without, and averages over users. ${link('by_score', 'Sort by score')}: what counts is the order within one
      user, not along this whole barcode.`,
      equation('gauc'),
      p`Who has only positives or only negatives has no AUC and is left out: 1,585 of the 2,987 users count for
      favourite and 2,370 for purchase. The ${see('gauc', 'strip of users')} shows them. Few users mean noise:
      ${link('few_users', 'score only 100 of them')} and watch the curve tremble.`,
      p`The grouping forgives some mistakes and hides some virtues. A score that depends on the user alone,
      however well it tells buyers from lookers, gives every pair of a user the same value, and so a GAUC of
      exactly 0.5. A score that depends on the item alone, its popularity, gives 0.564 and 0.594.
      ${link('popular', 'See which items go together')}: that is where the rest must come from.`,
      {
        kind: 'question',
        ask: 'Somebody adds 10 to all scores of one user. What happens to this user’s AUC, and to GAUC?',
        options: ['Both rise.', 'Both stay.', 'The AUC stays, GAUC moves.'],
        experiment: inline`Open ${link('both_actions', 'a pair with both actions')}; the ${see('gauc', 'panel on GAUC')} lists
        all test pairs of its user. Swap two neighbours of that list, once a pair with the action and one without, once two of a kind.`,
        answer: inline`Both stay. AUC asks only which of two pairs stands first, and the same 10 for everybody changes no order; only a
        swap of a pair with the action and one without does. The plain AUC over all pairs would move, because there the user competes
        with others: it can look good by knowing who acts at all.`,
      },
      equation('improvement'),
      p`Because chance is 0.5, improvements are counted from there: 0.75 over 0.74 is not 1.4 % better but 4.2 %.
      The formula also checks papers. In Table 2, MoGE’s favourite of 0.7442 against the best baseline’s
      0.7439 is 0.12 %, not the printed 0.41 %. ${link('race_mmoe', 'Race MMoE against MoGE')} and read the
      improvement in the table of runs.`,
    ],
  },
  {
    title: 'Results',
    blocks: [
      p`In the paper MoGE is first on both tasks of IJCAI-15, 0.7442 and 0.7477, ahead of NGCF by about
      0.001. Hold that against this: here, five seeds of the same MoGE scatter with a standard
      deviation of 0.009 and 0.006. ${link('race_seeds', 'Race three seeds')} and look at the width of the
      band before you believe any difference that is narrower.`,
      {
        kind: 'question',
        ask: 'MMoE has experts and gates, but no graph. How far apart will MMoE and MoGE end?',
        options: ['Indistinguishable.', 'About 0.01 of GAUC.', 'Well over 0.05.'],
        experiment: inline`${link('race_mmoe', 'Race MMoE against MoGE')}; then let a graph network without
        experts run, too: ${link('race_ngcf', 'NGCF against MoGE')}.`,
        answer: inline`After 300 steps, over five seeds: MMoE 0.596 and 0.622, NGCF 0.639 and 0.677, MoGE 0.678 and 0.692. On the
        bundled data MoGE is first. A caution rather than a victory: the generator’s taste is a product of
        vectors, and these are the two systems that multiply. ${link('race_interaction', 'Race concatenation against the product')}
        to see the lead go.`,
      },
      p`On 359,103 real rows the picture is another. The graph is what matters: systems that read it reach 0.76 to 0.77 for
      favourite and 0.75 to 0.77 for purchase, those that do not 0.67 to 0.68 and 0.63 to 0.67. But MoGE is not ahead of the
      others that read it: Shared-Bottom, Cross-Stitch, MMoE and CGC with the same graph do not differ
      from it significantly, and ESMM+Graph is better on purchase by 0.017.
      ${link('race_graph', 'Race MMoE+Graph and ESMM+Graph against MoGE')} here, and expect the
      opposite order: on the bundled data they gain little.`,
      p`These are results of a fixed budget: 400 steps on the real rows, 300 on the bundled ones, two learning rates tried for each
      system; on the real rows most runs were still improving when they ended. A demo run of up to 1,200 steps reaches 0.698 and 0.705 on average, against the
      0.83 that is possible. Whoever wants the last word has to train longer: ${link('other_seed', 'begin with another seed')}, and
      keep both runs in the ${see('systems', 'race')}.`,
    ],
  },
  {
    title: 'Deployment',
    blocks: [
      p`A trained run scores any pair, even of users and items that it has never seen. The unknown share row 0 of the id
      table, and that row is only worth something if training has used it: the demo preset hides the id of a node now
      and then. ${link('paper', 'The paper’s preset')} does not, so its row 0 stays at its random start. Score
      ${see('serving', 'a file of pairs')} with a run of yours.`,
      p`Because the graph is input and not parameter, newer edges can be put in without training. That is
      tempting, and can hurt: on real rows such a refresh took favourite’s GAUC from 0.672 to 0.628 and purchase’s from 0.647 to
      0.617, counted over users and items known from training; on synthetic rows it helped a little. Why was not established, so measure before you serve.
      ${link('history_only', 'Leave only the history on')} to see how much of a score hangs on edges.`,
      p`Nearly all parameters are embeddings: 943,168 on the bundled data, against 161,676 in the network
      that reads them. Memory is therefore a question of tables. ${link('tiny_embedding', 'Give each node eight numbers')}
      instead of 64, or ${link('small', 'take the small preset')} on a weak machine, and see what a
      smaller model costs.`,
      p`Last, what you have made is yours: settings, seed and view are in the address of the page, and the same
      seed with the same settings gives the same run. Go ${link('start', 'back to the beginning')}, change one thing, and send
      somebody the link with a question: what will happen?`,
    ],
  },
];
