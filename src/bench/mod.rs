//! Measuring a training step: a synthetic workload, the real step of a run split into its phases, the
//! multiply-adds that the step needs, and what the same engine makes of its matrix products alone.
//! The command line and the page share it.

pub mod count;
mod gemm;
mod memory;
mod report;
mod workload;

pub use report::{Report, measure};
pub use workload::Workload;
