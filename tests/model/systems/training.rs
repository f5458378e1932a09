//! The draws of a training step, repeated outside the crate: their keys are part of what a seed
//! means, as are those of the batches.

use std::collections::BTreeMap;

use moge::graph::Block;
use moge::model::Batch;
use moge::random::Key;

/// What a training step draws inside a system.
#[derive(Clone, Debug)]
pub struct Training {
    noise: Key,
    /// The sampled neighbourhood in G, where the system reads it.
    pub sample: Option<Sample>,
}

/// A sampled neighbourhood by the nodes of its channel.
#[derive(Clone, Debug)]
pub struct Sample {
    block: Block,
    positions: BTreeMap<usize, usize>,
}

impl Training {
    /// The draws behind a training batch.
    pub fn of(batch: &Batch) -> Self {
        let sample = batch.blocks[0].as_ref().map(|found| {
            let nodes = found.block.nodes.iter().enumerate();
            Sample {
                positions: nodes.map(|(at, &node)| (node as usize, at)).collect(),
                block: found.block.clone(),
            }
        });
        Self {
            noise: batch.noise.expect("it is a training step"),
            sample,
        }
    }

    /// The uniform draws of a routing layer's connections.
    pub fn connections(&self, routing: u64, count: usize) -> Vec<f64> {
        let key = self.noise.with(u64::from_be_bytes(*b"\0\0\0\0rout"));
        let mut stream = key.with(routing).stream();
        let draw = |_| 1e-6 + stream.uniform() * (1.0 - 2e-6);
        (0..count).map(draw).collect()
    }

    /// What dropout multiplies the outputs of layer `l` with, by node: 0, or `1 / (1 - rate)`.
    pub fn dropout(&self, task: usize, l: usize, d: usize, rate: f64) -> BTreeMap<usize, Vec<f64>> {
        let sample = self.sample.as_ref().expect("NGCF reads G");
        let key = self.noise.with(u64::from_be_bytes(*b"\0\0\0\0drop"));
        let mut stream = key.with(task as u64).with(l as u64).stream();
        let targets = &sample.block.nodes[..sample.block.targets(l + 1)];
        let mut entry = |_| match stream.uniform() < rate {
            true => 0.0,
            false => 1.0 / (1.0 - rate),
        };
        let masks = targets
            .iter()
            .map(|&node| (node as usize, (0..d).map(&mut entry).collect()));
        masks.collect()
    }
}

impl Sample {
    /// The drawn neighbours of a node; none where the sample has no row for it.
    pub fn row(&self, node: usize) -> Option<Vec<usize>> {
        let position = *self.positions.get(&node)?;
        (position + 1 < self.block.offsets.len()).then(|| {
            let row = &self.block.neighbors[self.block.row(position)];
            let nodes = row.iter().map(|&s| self.block.nodes[s as usize] as usize);
            nodes.collect()
        })
    }
}
