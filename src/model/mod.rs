//! The systems of the paper, one file each, and the small parts that they share.

pub mod batch;
pub mod config;
pub mod embedding;
pub mod mgnn;
pub mod moge;
pub mod parameters;
pub mod stack;

pub use batch::{Assembler, Batch};
pub use config::{EXPERTS, ModelConfig};
pub use moge::{Moge, Output};
pub use parameters::{Builder, Parameters};
