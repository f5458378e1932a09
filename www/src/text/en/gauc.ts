/** Words that explain GAUC. */
export const gauc = {
  title: 'GAUC, user by user',
  intro:
    'AUC is the chance that a pair with the action scores above one without it. GAUC takes it within each user and averages, each user weighing as much as it has test pairs.',
  empty: 'The users appear with the first score.',
  mean: 'Weighted mean of the users',
  engine: 'The engine reports',
  strip: (task: string) => `${task}: AUC of every user that counts`,
  stripNote:
    'Each user is one step, as wide as its number of test pairs and as high as its AUC, so that the filled area is the GAUC. Line: GAUC. Dashed: chance, 0.5. Click a user, or use the arrow keys.',
  user: (place: string, all: string, auc: string, pairs: string) =>
    `user ${place} of ${all}, AUC ${auc}, ${pairs} test pairs`,
  partly: (kept: string, all: string) =>
    `This finished run comes with ${kept} of its ${all} scored pairs, so that the mean here differs from the engine’s.`,
  nan: 'Some scores are not numbers, so that nothing can be ranked.',
  noneValid: 'No user has both kinds of test pairs: GAUC is not defined.',
  who: 'Who counts',
  counted: 'Counts',
  countedWhy: 'pairs with and without the action',
  noPositive: 'Skipped',
  noPositiveWhy: 'no pair with the action: nothing to put first',
  noNegative: 'Skipped',
  noNegativeWhy: 'only pairs with the action: nothing to put behind them',
  tally: (users: string, pairs: string) =>
    `${users} ${users === '1' ? 'user' : 'users'}, ${pairs} of the test pairs`,
  one: (task: string) => `${task}: one user`,
  ofSelected: 'The user of the selected pair',
  ranking: 'Its test pairs, highest score first',
  place: (place: number) => `Place ${place}`,
  score: (logit: string) => `score ${logit}`,
  labels: { 0: 'without', 1: 'with' } as Record<number, string>,
  open: (place: number) => `Open the pair at place ${place}`,
  swap: (a: number, b: number) => `Swap places ${a} and ${b}`,
  swapHint:
    'Swap two neighbours, with the button between them or by dragging a pair: the scores stay, the pairs change places.',
  undo: 'Undo all swaps',
  before: 'Before',
  after: 'After the swaps',
  aucFormula: 'right pairs ÷ (P · N)',
  aucWords: (positives: string, negatives: string) =>
    `P = ${positives} with the action, N = ${negatives} without. Right: the one with the action has the higher score; equal scores count half.`,
  auc: 'AUC of the user',
  change: 'Last swap',
  none: 'Nothing is swapped yet.',
  same: 'Both are alike (both with the action, or both without): no pair changes its order.',
  tied: 'Their scores are equal: the order between them says nothing.',
  formula:
    'ΔGAUC = (pairs of the user ÷ pairs of all users that count) · (change of right pairs ÷ (P · N))',
};
