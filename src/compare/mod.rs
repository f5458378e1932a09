//! Experiments over systems, settings and seeds: what to train, the folder that keeps what is trained,
//! and the tables that come out.
//!
//! Every arm gets the same: seeds, instances, batches, neighbour draws, steps, early stopping, and the
//! same grid of learning rates.

pub mod figure;
pub mod plan;
pub mod population;
pub mod record;
pub mod runner;
pub mod store;
pub mod table;
pub mod tuning;
pub mod write;

pub use plan::{Ablation, Arm, Plan};
pub use population::Population;
pub use record::Finished;
pub use runner::{Event, train_missing};
pub use store::Store;
pub use table::Table;
pub use tuning::Tuning;
