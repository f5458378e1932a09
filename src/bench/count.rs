//! The multiply-adds of a step of MoGE at the demo preset, counted from its blocks: every matrix
//! product, forward and backward. What runs along edges, element by element or in the optimiser is
//! not in it.

use crate::graph::CHANNELS;
use crate::model::Batch;
use crate::model::config::{EXPERTS, ModelConfig};
use crate::model::moge::K;

/// Products `[m, k] x [k, n]` of one shape in a step's forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product {
    /// Matrices that are multiplied in one call.
    pub batch: usize,
    /// Rows of the first factor.
    pub m: usize,
    /// Columns of the first factor, rows of the second.
    pub k: usize,
    /// Columns of the second factor.
    pub n: usize,
}

impl Product {
    /// Multiply-adds of the forward product alone.
    pub fn forward(&self) -> u64 {
        [self.batch, self.m, self.k, self.n]
            .iter()
            .map(|&n| n as u64)
            .product()
    }

    /// Multiply-adds of the forward product and of the gradients of both factors, which are a product
    /// of the same size each.
    pub fn all(&self) -> u64 {
        3 * self.forward()
    }
}

/// The products of a step's forward pass, for MoGE with dot attention, messages, LSTM cells, weights that
/// layers share, the last layer's readout, the element-wise interaction and no towers. Both factors of every product need a
/// gradient.
pub fn products(config: &ModelConfig, batch: &Batch) -> Vec<Product> {
    let d = config.d;
    let product = |batch, m, k, n| Product { batch, m, k, n };
    let single = |m, k, n| product(1, m, k, n);
    let mut all = Vec::new();
    for found in CHANNELS
        .iter()
        .filter_map(|&c| batch.blocks[c as usize].as_ref())
    {
        all.push(single(d, d, d)); // W_query W_key'
        for layer in 1..=config.layers {
            let targets = found.block.targets(layer);
            // The first layer has no memory, so its forget gate is left out.
            let gates = if layer == 1 { 3 * d } else { 4 * d };
            all.extend([
                single(targets, d, d),     // h (W_query W_key')
                single(targets, d, d),     // a W_message
                single(targets, d, gates), // message W_input
                single(targets, d, gates), // h W_hidden
            ]);
        }
    }
    let pairs = batch.pairs;
    // Networks side by side: their first layers read one input and are one product.
    let mut stack = |n: usize, widths: &[usize]| {
        all.push(single(pairs, 2 * d, n * widths[0]));
        all.extend(widths.windows(2).map(|w| product(n, pairs, w[0], w[1])));
    };
    stack(EXPERTS, &config.expert_hidden);
    stack(K, &[&config.gate_hidden[..], &[EXPERTS]].concat());
    all.push(single(EXPERTS * pairs, config.expert_width(), K));
    all.extend([single(pairs, d, K); EXPERTS]);
    all
}

/// Multiply-adds of a step, forward and backward.
pub fn multiply_adds(config: &ModelConfig, batch: &Batch) -> u64 {
    products(config, batch).iter().map(Product::all).sum()
}
