/** Area under the ROC curve: the chance that a positive scores above a negative, a tie counting half. */

/** How many (positive, negative) pairs are in the right order: the positive higher; a tie is half. */
export function rightPairs(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [positives, right] = [0, 0];
  for (let from = 0; from < order.length;) {
    let among = labels[order[from]!]!;
    let to = from + 1;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++) {
      among += labels[order[to]!]!;
    }
    // Those before have lower scores; half of those beside count.
    right += among * (from - positives + (to - from - among) / 2);
    positives += among;
    from = to;
  }
  return right;
}

/** The area; null where there is no positive or no negative. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const positives = Array.from(labels).reduce((sum, label) => sum + label, 0);
  const pairs = positives * (labels.length - positives);
  return pairs > 0 ? rightPairs(scores, labels) / pairs : null;
}
