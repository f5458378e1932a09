/**
 * Area under the ROC curve: the chance that a positive scores above a negative, a tie counting half;
 * null where one of the two is missing.
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [positives, wins] = [0, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    let among = 0;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++) {
      among += labels[order[to]!]!;
    }
    // Those before have lower scores; half of those beside count.
    wins += among * (from - positives + (to - from - among) / 2);
    positives += among;
    from = to;
  }
  const pairs = positives * (order.length - positives);
  return pairs > 0 ? wins / pairs : null;
}
