//! Training: losses, optimiser, the run as a state machine, evaluation, checkpoints.

pub mod checkpoint;
mod complete;
pub mod config;
pub mod evaluation;
pub mod loss;
pub mod optimiser;
mod phases;
pub mod record;
pub mod run;

pub use config::Config;
pub use evaluation::Evaluation;
pub use phases::Phases;
pub use record::Record;
pub use run::{Run, StepReport};
