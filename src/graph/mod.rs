//! The three channels of the multi-channel graph network, and the sampler that cuts blocks from
//! them.

mod block;
mod csr;
mod sampler;

pub use block::{Block, Draw, Padded, Transposed};
pub use csr::{CHANNELS, Channel, Channels, Csr};
pub use sampler::{Sampler, Sampling};
