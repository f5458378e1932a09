//! The model, its losses, its optimiser and its batches against independent values: a reference in
//! double precision, hand counts, and the identities of model.md 11.

#[path = "../common/mod.rs"]
mod common;

mod batches;
mod case;
mod counts;
mod finite;
mod gradients;
mod host;
mod identities;
mod losses;
mod network;
mod optimiser;
mod reductions;
mod reference;
mod systems;
