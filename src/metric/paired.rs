//! Is one system better than another over the same seeds? The paired t-test and Fisher's sign-flip
//! permutation test.
//!
//! The t-test is the one to report: with 5 seeds the permutation test cannot say less than 1/16,
//! whatever the scores, so that nothing is ever significant by it. It assumes normal differences, the
//! permutation test only symmetric ones; the two beside each other show whether that matters.

use statrs::distribution::{ContinuousCDF, StudentsT};

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
    /// Student's paired t-test. `None` for a single pair.
    pub t_test: Option<TTest>,
    /// Exact two-sided p-value of the permutation test: the share of the `2^n` sign patterns of the
    /// differences whose mean is at least as far from 0. It cannot fall below `2^(1 - n)`.
    pub p_sign_flip: f64,
}

/// Student's paired t-test of the hypothesis that the mean difference is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// The mean difference over its standard error; infinite when all differences are equal, but 0
    /// when they all are 0.
    pub t: f64,
    /// Two-sided p-value, from Student's distribution with `n - 1` degrees of freedom.
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
    let Summary { mean, deviation } = Summary::of(&differences).expect("there is a pair");
    let standard_error = deviation.map(|deviation| deviation / (n as f64).sqrt());
    let t_test = standard_error.map(|error| {
        let t = if mean == 0.0 { 0.0 } else { mean / error };
        let student = student(n - 1);
        TTest {
            t,
            p_value: (2.0 * student.sf(t.abs())).min(1.0),
        }
    });
    Ok(Paired {
        mean,
        standard_error,
        t_test,
        p_sign_flip: sign_flip(&differences),
    })
}

/// Mean and spread of one system's scores over seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, with `n - 1` in the denominator. `None` for a single value.
    pub deviation: Option<f64>,
}

impl Summary {
    /// Of values; `None` when there is none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        (!values.is_empty()).then(|| Self {
            mean,
            deviation: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        })
    }
}

/// Half the width of Student's 95 % confidence interval of the mean of `n` values with this standard
/// deviation. `None` below 2 values.
pub fn half_interval(deviation: f64, n: usize) -> Option<f64> {
    (n > 1).then(|| student(n - 1).inverse_cdf(0.975) * deviation / (n as f64).sqrt())
}

/// Student's distribution with so many degrees of freedom.
fn student(degrees: usize) -> StudentsT {
    StudentsT::new(0.0, 1.0, degrees as f64).expect("there is at least one degree of freedom")
}

/// The permutation test's p-value.
fn sign_flip(differences: &[f64]) -> f64 {
    let n = differences.len();
    let sum: f64 = differences.iter().sum();
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
    extreme as f64 / f64::from(patterns)
}
