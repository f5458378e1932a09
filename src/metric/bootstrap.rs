//! Would the difference between two systems survive other users? The paired bootstrap over groups.

use super::gauc::Gauc;
use crate::random::Key;
use crate::{Error, ErrorKind, Result};

/// The difference of two GAUCs on the same instances, and how it varies with the users.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// GAUC of the first scores minus that of the second, on all valid groups.
    pub difference: f64,
    /// 2.5th percentile of the resampled differences.
    pub low: f64,
    /// 97.5th percentile of the resampled differences.
    pub high: f64,
    /// Two-sided p-value: twice the smaller share of resampled differences on either side of 0, the
    /// observed one counted among them (Davison and Hinkley, 1997, section 4.2), at most 1.
    pub p_value: f64,
}

/// Draws the valid groups with replacement `resamples` times and compares the GAUC of `a` with that of
/// `b` on every draw (Efron and Tibshirani, 1993). The draws are named by `key`, so that systems
/// compared under one key are compared on the same users. `None` when no group is valid.
///
/// # Errors
///
/// When there is no resample, a score is not finite, or the scores are not one per instance.
pub fn bootstrap<S: Copy + Into<f64>>(
    groups: &Gauc,
    a: &[S],
    b: &[S],
    resamples: usize,
    key: Key,
) -> Result<Option<Bootstrap>> {
    if resamples == 0 {
        return Err(Error::new(
            ErrorKind::Config,
            "a bootstrap needs at least one resample",
            "Use a few thousand.",
        ));
    }
    // Weight of every group, and its share of the weighted difference.
    let terms: Vec<[f64; 2]> = groups
        .sizes()
        .into_iter()
        .zip(groups.aucs(a)?.into_iter().zip(groups.aucs(b)?))
        .map(|(size, (a, b))| [size as f64, size as f64 * (a - b)])
        .collect();
    if terms.is_empty() {
        return Ok(None);
    }
    let difference = mean(terms.iter());
    let mut resampled: Vec<f64> = (0..resamples as u64)
        .map(|draw| {
            let mut stream = key.with(draw).stream();
            mean((0..terms.len()).map(|_| &terms[stream.below(terms.len())]))
        })
        .collect();
    resampled.sort_unstable_by(f64::total_cmp);
    let below = resampled.partition_point(|&d| d <= 0.0);
    let above = resamples - resampled.partition_point(|&d| d < 0.0);
    let tail = (below.min(above) + 1) as f64 / (resamples + 1) as f64;
    Ok(Some(Bootstrap {
        difference,
        low: quantile(&resampled, 0.025),
        high: quantile(&resampled, 0.975),
        p_value: (2.0 * tail).min(1.0),
    }))
}

/// The weighted mean of (weight, weighted value).
fn mean<'a>(terms: impl Iterator<Item = &'a [f64; 2]>) -> f64 {
    let [weight, sum] = terms.fold([0.0; 2], |[w, s], [dw, ds]| [w + dw, s + ds]);
    sum / weight
}

/// The quantile of ascending values, interpolated between neighbours (type 7 of Hyndman and Fan, 1996,
/// the default of R and NumPy).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}
