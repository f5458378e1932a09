//! How the scores of the test window change when the graph grows.

use serde::Serialize;

use crate::data::{Instances, TASKS};
use crate::error::Result;
use crate::model::moge::K;
use crate::train::evaluation::{Scored, Window};

/// The scores of the test window before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rescored {
    /// Test instances.
    pub instances: usize,
    /// Instances of which a logit changed.
    pub changed: usize,
    /// Favourite and purchase.
    pub tasks: [Change; K],
}

/// What happened to one task's scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// `favourite` or `purchase`.
    pub task: &'static str,
    /// Mean absolute change of the logit over all instances.
    pub mean: f64,
    /// Largest absolute change of the logit.
    pub largest: f64,
    /// GAUC with the graph as it was; none without a valid group.
    pub gauc_before: Option<f64>,
    /// GAUC with the grown graph.
    pub gauc_after: Option<f64>,
}

/// Compares the scores of the test window on a dataset's graph and on the one grown from it.
///
/// # Errors
///
/// When a logit is not a number.
///
/// # Panics
///
/// When the scores are not those of the whole test window.
pub fn compare(test: &Instances, old: &Scored, new: &Scored) -> Result<Rescored> {
    assert_eq!(
        old.logits.len(),
        K * test.len(),
        "a logit per instance and task"
    );
    assert_eq!(old.logits.len(), new.logits.len(), "the same instances");
    let window = Window::new(test, 0);
    let changes: Vec<f64> = old
        .logits
        .iter()
        .zip(&new.logits)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs())
        .collect();
    let change = |k: usize| {
        let gauc = |scored: &Scored| Ok(window.report(TASKS[k], &scored.logits)?.gauc);
        let own = || changes.iter().skip(k).step_by(K);
        Ok(Change {
            task: TASKS[k].name(),
            mean: own().sum::<f64>() / test.len().max(1) as f64,
            largest: own().copied().fold(0.0, f64::max),
            gauc_before: gauc(old)?,
            gauc_after: gauc(new)?,
        })
    };
    Ok(Rescored {
        instances: test.len(),
        changed: changes
            .chunks(K)
            .filter(|row| row.iter().any(|&c| c > 0.0))
            .count(),
        tasks: [change(0)?, change(1)?],
    })
}
