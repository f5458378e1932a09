//! The three channels of the multi-channel graph network, and the sampler that cuts blocks from
//! them.

mod block;
mod csr;

pub use block::{Block, Draw};
pub use csr::{Channel, CHANNELS, Channels, Csr};
