//! Mid-ranks, and the area under the ROC curve that follows from them.

use crate::{Error, ErrorKind, Result};

/// The rank of every value, ascending from 1; equal values share the mean of their ranks.
///
/// # Errors
///
/// When a value is not finite.
pub fn mid_ranks<S: Copy + Into<f64>>(values: &[S]) -> Result<Vec<f64>> {
    check_finite(values)?;
    let mut sorted: Vec<(f64, usize)> = values
        .iter()
        .enumerate()
        .map(|(i, &v)| (v.into(), i))
        .collect();
    let mut ranks = vec![0.0; values.len()];
    for_each_tie(&mut sorted, |rank, tied| {
        for &(_, i) in tied {
            ranks[i] = rank;
        }
    });
    Ok(ranks)
}

/// The area under the ROC curve: the chance that a positive scores above a negative, ties counted
/// one half. `None` when the labels hold only one class.
///
/// # Errors
///
/// When a score is not finite, a label is neither 0 nor 1, or the lengths differ.
pub fn auc<S: Copy + Into<f64>>(scores: &[S], labels: &[u8]) -> Result<Option<f64>> {
    check_labels(labels)?;
    check_lengths("scores", scores.len(), "labels", labels.len())?;
    check_finite(scores)?;
    let mut pairs: Vec<(f64, bool)> = scores
        .iter()
        .zip(labels)
        .map(|(&score, &label)| (score.into(), label == 1))
        .collect();
    Ok(auc_of_pairs(&mut pairs))
}

/// AUC of (score, label) pairs, which it sorts by score:
/// `(sum of the positives' mid-ranks - P (P + 1) / 2) / (P (n - P))` (model.md 9.1).
pub(super) fn auc_of_pairs(pairs: &mut [(f64, bool)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (mut positives, mut rank_sum) = (0.0, 0.0);
    for_each_tie(pairs, |rank, tied| {
        let count = tied.iter().filter(|pair| pair.1).count() as f64;
        positives += count;
        rank_sum += rank * count;
    });
    let negatives = n - positives;
    (positives > 0.0 && negatives > 0.0)
        .then(|| (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

/// Sorts by value and shows every run of equal values with its mid-rank.
fn for_each_tie<T>(pairs: &mut [(f64, T)], mut show: impl FnMut(f64, &[(f64, T)])) {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut before = 0;
    for tied in pairs.chunk_by(|a, b| a.0 == b.0) {
        show(before as f64 + (tied.len() + 1) as f64 / 2.0, tied);
        before += tied.len();
    }
}

pub(super) fn check_finite<S: Copy + Into<f64>>(values: &[S]) -> Result<()> {
    match values.iter().position(|&v| !v.into().is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::new(
            ErrorKind::Data,
            format!("score {i} is {}, which has no rank", values[i].into()),
            "Scores must be finite numbers; a diverged model cannot be ranked.",
        )),
    }
}

pub(super) fn check_labels(labels: &[u8]) -> Result<()> {
    match labels.iter().position(|&label| label > 1) {
        None => Ok(()),
        Some(i) => Err(Error::new(
            ErrorKind::Data,
            format!("label {i} is {}, expected 0 or 1", labels[i]),
            "Give one label of one task per instance.",
        )),
    }
}

pub(super) fn check_lengths(a: &str, a_len: usize, b: &str, b_len: usize) -> Result<()> {
    if a_len == b_len {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Data,
        format!("there are {a_len} {a} but {b_len} {b}"),
        "Give one of each per instance, in the same order.",
    ))
}
