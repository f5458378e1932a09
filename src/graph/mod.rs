//! The three channels of the multi-channel graph network, and the sampler that cuts blocks from
//! them.

mod block;
mod build;
mod csr;
mod layout;
mod sampler;
mod similarity;

pub use block::{Block, Draw};
pub use build::Construction;
pub use csr::{CHANNELS, Channel, Channels, Csr};
pub use layout::{FILE_NAME as LAYOUT_FILE_NAME, Layout};
pub use sampler::{Sampler, Sampling};
pub use similarity::Similarity;
