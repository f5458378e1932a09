//! Measuring a training step: a synthetic workload, the real step of a run split into its phases, the
//! multiply-adds that the step needs, and what the same engine makes of its matrix products alone.
//! The command line and the page share it.

pub mod count;
#[cfg(not(target_family = "wasm"))]
mod dump;
mod gemm;
mod memory;
mod report;
mod workload;

#[cfg(not(target_family = "wasm"))]
pub use dump::dump;
pub use report::{Report, Stage, measure};
pub use workload::Workload;
