//! The graph room from outside.

mod channels;
mod sampler;
