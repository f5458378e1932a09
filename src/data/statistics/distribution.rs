//! How counts are spread: quantiles, inequality, and the lognormal that fits them.

use std::collections::BTreeMap;

use serde::Serialize;

/// The distribution of counts, zeros left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Distribution {
    /// How many things were counted.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// The 25th, 50th, 75th, 90th, 99th percentile (nearest rank) and the largest.
    pub quantiles: [u32; 6],
    /// Gini coefficient: 0 when all are equal, towards 1 when one has everything.
    pub gini: f64,
    /// Mean of the logarithms.
    pub log_mean: f64,
    /// Standard deviation of the logarithms.
    pub log_sigma: f64,
    /// Share of the total that belongs to the top tenth.
    pub top_tenth: f64,
    /// (count, number of things with it), ascending: the long tail of the paper's Figure 1.
    pub histogram: Vec<(u32, u32)>,
}

impl Distribution {
    /// The distribution of the counts that are not 0.
    pub fn of(counts: impl IntoIterator<Item = u32>) -> Self {
        let mut counts: Vec<u32> = counts.into_iter().filter(|&count| count > 0).collect();
        if counts.is_empty() {
            return Self::default();
        }
        counts.sort_unstable();
        let n = counts.len();
        let total: f64 = counts.iter().map(|&c| f64::from(c)).sum();
        let logs = || counts.iter().map(|&c| f64::from(c).ln());
        let log_mean = logs().sum::<f64>() / n as f64;
        let log_variance = logs().map(|l| (l - log_mean).powi(2)).sum::<f64>() / n as f64;
        let ranked: f64 = (1..)
            .zip(&counts)
            .map(|(rank, &c)| f64::from(rank) * f64::from(c))
            .sum();
        let top: f64 = counts[n - n.div_ceil(10)..]
            .iter()
            .map(|&c| f64::from(c))
            .sum();
        let mut histogram = BTreeMap::new();
        counts
            .iter()
            .for_each(|&count| *histogram.entry(count).or_default() += 1);
        Self {
            n: n as u64,
            mean: total / n as f64,
            quantiles: [0.25, 0.5, 0.75, 0.9, 0.99, 1.0].map(|q| quantile(&counts, q)),
            gini: 2.0 * ranked / (n as f64 * total) - (n as f64 + 1.0) / n as f64,
            log_mean,
            log_sigma: log_variance.sqrt(),
            top_tenth: top / total,
            histogram: histogram.into_iter().collect(),
        }
    }
}

/// The nearest-rank quantile of sorted values, of which there is at least one.
pub(super) fn quantile(sorted: &[u32], q: f64) -> u32 {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// Spearman's rank correlation, ties sharing their mean rank; `None` when one side is constant.
pub(super) fn spearman(pairs: &[(u32, u32)]) -> Option<f64> {
    let ranks = |of: fn(&(u32, u32)) -> u32| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by_key(|&i| of(&pairs[i]));
        let mut ranks = vec![0.0; pairs.len()];
        let mut start = 0;
        for tied in order.chunk_by(|&a, &b| of(&pairs[a]) == of(&pairs[b])) {
            let rank = start as f64 + (tied.len() - 1) as f64 / 2.0;
            tied.iter().for_each(|&i| ranks[i] = rank);
            start += tied.len();
        }
        ranks
    };
    let (a, b) = (ranks(|p| p.0), ranks(|p| p.1));
    let middle = (pairs.len() as f64 - 1.0) / 2.0;
    let product = |x: &[f64], y: &[f64]| -> f64 {
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - middle) * (y - middle))
            .sum()
    };
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| product(&a, &b) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_distributions() {
        let equal = Distribution::of([3; 10]);
        assert!(equal.gini.abs() < 1e-12 && equal.log_sigma < 1e-12 && equal.mean == 3.0);
        assert_eq!(equal.histogram, [(3, 10)]);
        // Gini of 1, 2, 3, 4: sum |a - b| / (2 n^2 mean) = 20 / 80.
        let steps = Distribution::of([0, 4, 2, 3, 1]);
        assert!((steps.gini - 0.25).abs() < 1e-12);
        assert_eq!(steps.quantiles, [1, 2, 3, 4, 4, 4]);
        assert!((steps.top_tenth - 0.4).abs() < 1e-12);
        assert_eq!(Distribution::of([0, 0]), Distribution::default());
    }

    #[test]
    fn rank_correlation_with_a_tie() {
        assert_eq!(spearman(&[(1, 10), (2, 20), (3, 90)]), Some(1.0));
        assert_eq!(spearman(&[(1, 3), (2, 2), (3, 1)]), Some(-1.0));
        assert_eq!(spearman(&[(1, 3), (1, 2)]), None);
        // Ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3: 4.5 / sqrt(4.5 * 5).
        let r = spearman(&[(1, 1), (5, 8), (5, 7), (9, 9)]).unwrap();
        assert!((r - 4.5 / 22.5f64.sqrt()).abs() < 1e-12);
    }
}
