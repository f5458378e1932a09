//! The systems of the paper, one file each, and the parts that they share.

pub mod attention;
pub mod batch;
pub mod card;
pub mod cell;
pub mod cgc;
pub mod channels;
pub mod config;
pub mod cross_stitch;
pub mod embedding;
pub mod esmm;
pub mod head;
pub mod mgnn;
pub mod mixture;
pub mod mlp;
pub mod mmoe;
pub mod moge;
pub mod multi_task;
pub mod network;
pub mod ngcf;
pub mod parameters;
pub mod shared_bottom;
pub mod snr;
pub mod stack;
pub mod stem;
pub mod system;

pub use batch::{Assembler, Batch};
pub use config::{EXPERTS, ModelConfig};
pub use moge::Moge;
pub use network::{Network, Output};
pub use parameters::{Builder, Parameters};
pub use system::System;
