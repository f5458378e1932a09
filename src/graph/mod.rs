//! The three channels of the multi-channel graph network, and the sampler that cuts blocks from
//! them.

mod block;
mod build;
mod csr;
mod sampler;
mod similarity;

pub use block::{Block, Draw, Padded, Transposed};
pub use build::Construction;
pub use csr::{CHANNELS, Channel, Channels, Csr};
pub use sampler::{Sampler, Sampling};
pub use similarity::Similarity;
