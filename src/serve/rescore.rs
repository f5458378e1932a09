//! How the scores of the test window change when the graph grows.

use serde::Serialize;

use crate::compare::Population;
use crate::data::{Dataset, TASKS};
use crate::error::Result;
use crate::model::moge::K;
use crate::train::evaluation::Scored;

/// The scores of the test window before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rescored {
    /// Test instances.
    pub instances: usize,
    /// Instances of which a logit changed.
    pub changed: usize,
    /// The logits of favourite and purchase.
    pub logits: [Change; K],
    /// GAUC over all test pairs, and over those whose user and item training saw.
    pub gauc: Vec<GaucChange>,
}

/// What happened to the logits of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// `favourite` or `purchase`.
    pub task: &'static str,
    /// Mean absolute change.
    pub mean: f64,
    /// Largest absolute change.
    pub largest: f64,
}

/// What happened to the GAUC over some of the test pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GaucChange {
    /// `all` or `warm`.
    pub pairs: &'static str,
    /// The pairs, for people.
    #[serde(skip)]
    pub title: &'static str,
    /// How many they are.
    pub instances: usize,
    /// With the graph as it was, per task; none without a valid group.
    pub before: [Option<f64>; K],
    /// With the grown graph.
    pub after: [Option<f64>; K],
}

/// Compares the scores of the test window of `data` on its graph and on one grown from it.
///
/// # Errors
///
/// When a logit is not finite.
///
/// # Panics
///
/// When the scores are not those of the whole test window.
pub fn compare(data: &Dataset, old: &Scored, new: &Scored) -> Result<Rescored> {
    let instances = data.test.len();
    for scored in [old, new] {
        assert_eq!(
            scored.logits.len(),
            K * instances,
            "a logit per instance and task"
        );
    }
    let pairs = old.logits.iter().zip(&new.logits);
    let changes: Vec<f64> = pairs
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs())
        .collect();
    let rows = changes.chunks(K);
    let change = |k: usize| {
        let own = || changes.iter().skip(k).step_by(K).copied();
        Change {
            task: TASKS[k].name(),
            mean: own().sum::<f64>() / instances.max(1) as f64,
            largest: own().fold(0.0, f64::max),
        }
    };
    let gauc = |population: Population| {
        let of = |scored: &Scored| Ok(population.report(&scored.logits)?.map(|task| task.gauc));
        Ok(GaucChange {
            pairs: population.name,
            title: population.title,
            instances: population.rows.len(),
            before: of(old)?,
            after: of(new)?,
        })
    };
    Ok(Rescored {
        instances,
        changed: rows
            .filter(|row| row.iter().any(|&change| change > 0.0))
            .count(),
        logits: [change(0), change(1)],
        gauc: Population::both(data)
            .into_iter()
            .map(gauc)
            .collect::<Result<_>>()?,
    })
}
