//! The learning rate of every arm, chosen by validation from the same grid.

use super::plan::{Plan, TUNING_SEED};
use super::store::Store;
use crate::error::{Error, ErrorKind, Result};

/// How an arm's learning rate was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// Every rate that was tried, with its mean validation GAUC; empty without a grid.
    pub tried: Vec<(f64, Option<f64>)>,
    /// The rate of the reported runs.
    pub chosen: f64,
}

impl Tuning {
    /// The choices for all arms, once the plan's tuning runs are in the store: the rate with the best
    /// mean validation GAUC, the first of the grid among equals.
    ///
    /// # Errors
    ///
    /// When no validation GAUC of an arm is defined.
    pub fn choose(plan: &Plan, store: &Store) -> Result<Vec<Self>> {
        let of = |arm: usize| {
            let tried = plan.grid.iter().map(|&rate| {
                let run = store.find(&plan.run(arm, rate, TUNING_SEED));
                (rate, run.and_then(|run| run.run.validation_gauc()))
            });
            let tried: Vec<_> = tried.collect();
            if tried.is_empty() {
                let chosen = plan.arms[arm].config.learning_rate;
                return Ok(Self { tried, chosen });
            }
            match best(&tried) {
                Some(chosen) => Ok(Self { tried, chosen }),
                None => Err(Error::new(
                    ErrorKind::Data,
                    format!(
                        "the validation GAUC of {} is undefined, so that no learning rate can be chosen",
                        plan.arms[arm].title
                    ),
                    "The last training day has no user with both labels: use --grid none, or a larger dataset.",
                )),
            }
        };
        (0..plan.arms.len()).map(of).collect()
    }

    /// Whether a better rate may lie beyond the grid.
    pub fn at_the_edge(&self) -> bool {
        let rates = || self.tried.iter().map(|(rate, _)| *rate);
        let (low, high) = (
            rates().fold(f64::INFINITY, f64::min),
            rates().fold(0.0, f64::max),
        );
        self.tried.len() > 1 && (self.chosen <= low || self.chosen >= high)
    }
}

/// The rate with the highest score, the first among equals.
fn best(tried: &[(f64, Option<f64>)]) -> Option<f64> {
    let mut best: Option<(f64, f64)> = None;
    for &(rate, score) in tried {
        if let Some(score) = score
            && best.is_none_or(|(_, highest)| score > highest)
        {
            best = Some((rate, score));
        }
    }
    best.map(|(rate, _)| rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_by_validation_and_the_first_among_equals() {
        let tried = [(1e-3, Some(0.6)), (3e-3, Some(0.7)), (1e-2, Some(0.7))];
        assert_eq!(best(&tried), Some(3e-3));
        assert_eq!(best(&[(1e-3, None), (1e-2, Some(0.4))]), Some(1e-2));
        assert_eq!(best(&[(1e-3, None)]), None);
        let tuning = |chosen| Tuning {
            tried: tried.to_vec(),
            chosen,
        };
        assert!(!tuning(3e-3).at_the_edge());
        assert!(tuning(1e-2).at_the_edge() && tuning(1e-3).at_the_edge());
    }
}
