/** The explained pair: its surroundings, what a knock-out does, and whom the graph helps. */
const of = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

export const explained = {
  less: 'Show fewer',
  gates: (task: string) => `${task}: gates and parts of the logit`,
  ego: {
    title: 'Its surroundings in the graph',
    intro:
      'Each line is an edge that the pair was scored with, as wide as its attention. Circles are users, squares are items. Click a neighbour (or press Enter on it; the arrow keys move) to take its edge out, and again to put it back.',
    alt: (user: string, item: string, neighbors: number) =>
      `Ego graph of user ${user} and item ${item} with ${of(neighbors, 'neighbour')}. Each is a button that takes its edge out or puts it back. The lists below hold the same.`,
    node: (name: string, where: string, attention: string, out: boolean) =>
      `${name}, ${where.toLowerCase()}, ${out ? 'taken out' : `attention ${attention}`}`,
    hidden: (most: number, hidden: number) =>
      `Drawn are the ${most} strongest of each kind of edge; ${hidden} more are in the lists below.`,
    isolated: 'Neither the user nor the item has a neighbour in the channels of this run.',
    point: 'Point at a neighbour to name it.',
    show: 'Show in the channel map',
  },
  knock: {
    takeOut: 'Take out',
    putBack: 'Put back',
    takeOutOf: (what: string) => `Take out: ${what}`,
    putBackOf: (what: string) => `Put back: ${what}`,
    putAllBack: 'Put all back',
    out: 'Taken out',
    channel: (name: string) => `${name}, the whole channel`,
    side: (name: string, whose: string) => `${name}, ${whose.toLowerCase()}`,
    edge: (neighbor: string, kind: string) => `${neighbor} (${kind})`,
    means:
      'A knock-out scores the same pair again without these edges. The trained parameters stay as they are, and the attention that is left is shared anew among the other neighbours. It is not what a model would say that had been trained without these edges.',
    waiting: 'Neighbours can be taken out when the engine is there.',
  },
  move: {
    whole: 'Whole',
    without: 'Without',
    difference: 'Change',
    points: (value: string) => `${value} pp`,
    said: (task: string, logit: string, change: string) =>
      `${task}: logit ${logit}, change ${change}.`,
    partBefore: 'before the knock-out',
  },
  rank: {
    title: 'Attention is not importance',
    intro:
      'Attention says how a neighbourhood is averaged, not what the average does to the score. To see what each neighbour does, take them out one by one:',
    start: 'Rank by effect',
    cancel: 'Cancel',
    running: (done: number, all: number) => `${done} of ${all} knocked out`,
    busy: 'Pause the training first: every knock-out must be scored by the same parameters.',
    table: 'Change of each logit when one neighbour alone is taken out, the largest change first.',
    neighbor: 'Neighbour',
    attention: 'Attention',
    changed: (task: string) => `Δ logit, ${task.toLowerCase()}`,
    strongest: (name: string, attention: string, place: number, all: number) =>
      place === 1
        ? `Here the neighbour with the most attention (${name}, ${attention}) is the first of ${all} by effect, too. That is not the rule: try other pairs.`
        : `The neighbour with the most attention (${name}, ${attention}) is number ${place} of ${all} by effect.`,
    all: (count: number) => `Show all ${count}`,
  },
  find: {
    title: 'Find me a user whom the graph',
    helps: 'helps',
    hurts: 'hurts',
    task: 'Task',
    counting: 'Comparing every user’s ranking with and without the graph…',
    noSplit: 'Off: the logits of this system do not split into a graph part and the rest.',
    notYet: 'Off until the engine has scored the test pairs.',
    summary: (users: string, up: string, down: string, same: string) =>
      `Of ${users} users with both kinds of test pairs, the graph’s part raises the AUC of ${up}, lowers that of ${down} and leaves that of ${same} as it is.`,
    user: (place: string, all: string, pairs: number, positives: number) =>
      `Number ${place} of ${all}: this user has ${of(pairs, 'test pair')}, ${positives} with the action.`,
    auc: (whole: string, without: string, gain: string) =>
      `The user’s AUC is ${whole} with the graph’s part of the logits and ${without} without it (${gain}).`,
    pair: (negatives: number, whole: number, without: number) =>
      `The pair opened here has the action. Of the user’s ${of(negatives, 'pair')} without it, it stands above ${whole} with the graph’s part, above ${without} without.`,
    scoredAt: (step: string) =>
      `These are the scores of step ${step}; the numbers below are by the parameters that the run has now, which may be others.`,
    caveat:
      'This takes the graph’s part out of the sum that the logit is. It is not a model that was trained without the graph.',
  },
};
