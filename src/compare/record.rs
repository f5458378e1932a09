//! A finished run of a comparison: its record, and its scores of the test pairs.

use serde::{Deserialize, Serialize};

use super::population::Population;
use crate::error::Result;
use crate::model::moge::K;
use crate::train::Record;
use crate::train::evaluation::TaskScore;

/// What `run.json` of a finished run holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// As `moge train` writes it.
    #[serde(flatten)]
    pub run: Record,
    /// Test metrics of the kept parameters under full neighbourhoods.
    pub test: Test,
}

/// Test metrics of both tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Over all test pairs.
    pub all: [TaskScore; K],
    /// Over the warm ones.
    pub warm: [TaskScore; K],
}

impl Finished {
    /// From a run's record and its logits `[test, K]`.
    ///
    /// # Errors
    ///
    /// When a logit is not finite.
    pub fn new(run: Record, logits: &[f32], [all, warm]: &[Population; 2]) -> Result<Self> {
        let test = Test {
            all: all.report(logits)?,
            warm: warm.report(logits)?,
        };
        Ok(Self { run, test })
    }
}
