//! Training: losses, optimiser, the run as a state machine, evaluation, checkpoints.

pub mod config;
pub mod loss;
pub mod optimiser;

pub use config::Config;
