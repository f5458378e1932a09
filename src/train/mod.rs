//! Training: losses, optimiser, the run as a state machine, evaluation, checkpoints.

pub mod checkpoint;
pub mod config;
pub mod evaluation;
pub mod loss;
pub mod optimiser;
pub mod run;

pub use config::Config;
pub use evaluation::Evaluation;
pub use run::{Run, StepReport};
