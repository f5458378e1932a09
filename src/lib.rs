//! MoGE, *Mixture of Graph enhanced Expert networks*, for the browser and the command line.
//!
//! Data flows one way through the rooms, and so do imports: [`data`] (log rows to a `Dataset`),
//! [`graph`] (the three channels and the neighbour sampler) and [`metric`] (GAUC) know nothing of
//! tensors; `engine` chooses the device, `op` adds tensor operations, `model` the systems, `train`
//! the run, `explain` the reasons, `serve` scores and recommendations, `chart` the drawings, `compare`
//! the experiments over systems and seeds, `bench` measures a step, `cli` is the command line, and `web`
//! the face to JavaScript.

pub mod bench;
pub mod chart;
#[cfg(not(target_family = "wasm"))]
pub mod cli;
#[cfg(not(target_family = "wasm"))]
pub mod compare;
pub mod data;
pub mod engine;
pub mod error;
pub mod explain;
pub mod graph;
pub mod metric;
pub mod model;
pub mod op;
pub mod random;
pub mod serve;
pub mod train;
#[cfg(target_family = "wasm")]
pub mod web;

pub use error::{Error, ErrorKind, Result};
