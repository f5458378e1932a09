//! Serving a trained run, as in section 6 of the paper: scoring pairs, recommending items, and
//! growing the graph with newer rows without training again.
//!
//! Users and items that training never saw are scored with row 0 of their id table, the rows of
//! their attributes, and the neighbours they have, if any.

mod directory;
mod guest;
#[cfg(not(target_family = "wasm"))]
pub mod load;
pub mod pairs;
mod reasons;
pub mod recommend;
#[cfg(not(target_family = "wasm"))]
pub mod refresh;
#[cfg(not(target_family = "wasm"))]
pub mod rescore;
pub mod score;
