//! Is one system better than another over the same seeds? Fisher's sign-flip permutation test.

use crate::{Error, ErrorKind, Result};

/// Most pairs for which all sign patterns are tried.
const MOST_PAIRS: usize = 20;

/// The comparison of two systems over the same seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Mean of the differences, first minus second.
    pub mean: f64,
    /// Standard error of that mean. `None` for a single pair.
    pub standard_error: Option<f64>,
    /// Exact two-sided p-value: the share of the `2^n` sign patterns of the differences whose mean
    /// is at least as far from 0. It cannot fall below `2^(1 - n)`.
    pub p_value: f64,
}

/// Compares `a[i]` with `b[i]`, the scores of two systems with seed `i`.
///
/// # Errors
///
/// When the lengths differ, there is no pair or more than 20, or a value is not finite.
pub fn paired(a: &[f64], b: &[f64]) -> Result<Paired> {
    let n = a.len();
    if b.len() != n || n == 0 || n > MOST_PAIRS {
        return Err(Error::new(
            ErrorKind::Data,
            format!("cannot compare {n} scores with {} scores", b.len()),
            format!("Give one score per seed for both systems, for 1 to {MOST_PAIRS} seeds."),
        ));
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    if differences.iter().any(|d| !d.is_finite()) {
        return Err(Error::new(
            ErrorKind::Data,
            "a score to compare is not finite",
            "Leave out the seeds whose training diverged.",
        ));
    }
    let sum: f64 = differences.iter().sum();
    let mean = sum / n as f64;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let standard_error = (n > 1).then(|| (squares / (n as f64 * (n - 1) as f64)).sqrt());

    // Sums that differ by rounding only count as equal.
    let threshold = sum.abs() - 1e-12 * differences.iter().map(|d| d.abs()).sum::<f64>();
    let patterns = 1u32 << n;
    let signed = |pattern: u32| -> f64 {
        let sign = |i: usize| if pattern >> i & 1 == 1 { -1.0 } else { 1.0 };
        differences
            .iter()
            .enumerate()
            .map(|(i, d)| sign(i) * d)
            .sum()
    };
    let extreme = (0..patterns)
        .filter(|&pattern| signed(pattern).abs() >= threshold)
        .count();
    Ok(Paired {
        mean,
        standard_error,
        p_value: extreme as f64 / f64::from(patterns),
    })
}
