//! The stock formulation: rows padded to a common width, with a mask.

use burn::tensor::activation::tanh;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Adjacency, Scores, leaky_relu};

/// Floats a padded gather may hold: longer adjacencies are cut into chunks of targets.
const CHUNK_FLOATS: usize = 1 << 25;

/// A run of consecutive rows of an [`Adjacency`], padded to the widest of them.
pub struct Padded {
    /// First target of the run.
    pub first: usize,
    /// Number of targets.
    pub targets: usize,
    /// Slots per target.
    pub width: usize,
    /// Row of the states in each slot, 0 where padded, `[targets * width]`.
    pub index: Tensor<1, Int>,
    /// 1 for a neighbour, 0 for padding, `[targets, width]`.
    pub mask: Tensor<2>,
    /// The edge bias, 0 where there is none, `[targets, width]`.
    pub bias: Tensor<2>,
}

impl Padded {
    /// Pads an adjacency whose states have width `d`, in as few chunks as the memory bound allows.
    pub fn chunks(adjacency: &Adjacency, d: usize, device: &Device) -> Vec<Self> {
        Self::chunks_within(adjacency, d, CHUNK_FLOATS, device)
    }

    /// As [`Padded::chunks`], for a bound of `floats` on a chunk's gathered states. A single row
    /// may exceed the bound.
    pub fn chunks_within(
        adjacency: &Adjacency,
        d: usize,
        floats: usize,
        device: &Device,
    ) -> Vec<Self> {
        let mut chunks = Vec::new();
        let (mut first, mut width) = (0, 1);
        for t in 0..adjacency.targets() {
            let wider = width.max(adjacency.row(t).len());
            if t > first && (t + 1 - first) * wider * d > floats {
                chunks.push(Self::new(adjacency, first, t - first, width, device));
                first = t;
                width = adjacency.row(t).len().max(1);
            } else {
                width = wider;
            }
        }
        if first < adjacency.targets() {
            chunks.push(Self::new(
                adjacency,
                first,
                adjacency.targets() - first,
                width,
                device,
            ));
        }
        chunks
    }

    fn new(
        adjacency: &Adjacency,
        first: usize,
        targets: usize,
        width: usize,
        device: &Device,
    ) -> Self {
        let mut index = vec![0i32; targets * width];
        let mut mask = vec![0f32; targets * width];
        let mut bias = vec![0f32; targets * width];
        for t in 0..targets {
            for (slot, edge) in adjacency.row(first + t).enumerate() {
                index[t * width + slot] = adjacency.neighbors[edge] as i32;
                mask[t * width + slot] = 1.0;
                if let Some(&b) = adjacency.bias.get(edge) {
                    bias[t * width + slot] = b;
                }
            }
        }
        let shape = [targets, width];
        Self {
            first,
            targets,
            width,
            index: Tensor::from_data(TensorData::new(index, [targets * width]), device),
            mask: Tensor::from_data(TensorData::new(mask, shape), device),
            bias: Tensor::from_data(TensorData::new(bias, shape), device),
        }
    }

    /// One value per edge of the whole adjacency to `[targets, width]`, 0 where padded.
    pub fn spread(&self, values: &[f32], adjacency: &Adjacency) -> Tensor<2> {
        let mut all = vec![0f32; self.targets * self.width];
        for t in 0..self.targets {
            for (slot, edge) in adjacency.row(self.first + t).enumerate() {
                all[t * self.width + slot] = values[edge];
            }
        }
        let data = TensorData::new(all, [self.targets, self.width]);
        Tensor::from_data(data, &self.mask.device())
    }

    /// The states of every slot: `[sources, d]` to `[targets, width, d]`.
    pub fn gather(&self, states: Tensor<2>) -> Tensor<3> {
        let d = states.dims()[1];
        states
            .select(0, self.index.clone())
            .reshape([self.targets, self.width, d])
    }

    /// The score of every slot with its bias, `[targets, width]`, where `states` are those gathered.
    fn scores(&self, scores: &Scores, states: &Tensor<3>) -> Tensor<2> {
        let slots = self.targets * self.width;
        let of_targets = |all: &Tensor<2>| {
            let own = all.clone().narrow(0, self.first, self.targets);
            own.unsqueeze_dim::<3>(1)
        };
        let scores = match scores {
            Scores::Dot { query } => (of_targets(query) * states.clone()).sum_dim(2),
            Scores::Additive {
                target,
                source,
                weights,
            } => {
                let hidden = tanh(of_targets(target) + self.gather(source.clone()));
                let hidden = hidden.reshape([slots, weights.dims()[0]]);
                hidden.matmul(weights.clone()).unsqueeze_dim::<3>(1)
            }
            Scores::Leaky {
                target,
                source,
                slope,
            } => leaky_relu(of_targets(target) + self.gather(source.clone()), *slope),
        };
        scores.reshape([self.targets, self.width]) + self.bias.clone()
    }

    /// Weighted sum over the slots: weights `[targets, width]`, gathered `[targets, width, d]`.
    pub fn sum(&self, weights: Tensor<2>, gathered: Tensor<3>) -> Tensor<2> {
        let d = gathered.dims()[2];
        (weights.unsqueeze_dim::<3>(2) * gathered)
            .sum_dim(1)
            .reshape([self.targets, d])
    }
}

/// The stock formulation of [`super::attend`] over all chunks of an adjacency. `wanted`, where given,
/// receives the attention of every row, with zeros up to the width of its chunk.
pub fn attend_padded(
    scores: &Scores,
    states: Tensor<2>,
    chunks: &[Padded],
    mut wanted: Option<&mut Vec<Tensor<1>>>,
) -> Tensor<2> {
    let attended = chunks.iter().map(|rows| {
        let gathered = rows.gather(states.clone());
        let alpha = masked_softmax(rows.scores(scores, &gathered), rows.mask.clone());
        if let Some(wanted) = wanted.as_deref_mut() {
            let row = |t| alpha.clone().narrow(0, t, 1).flatten(0, 1);
            wanted.extend((0..rows.targets).map(row));
        }
        rows.sum(alpha, gathered)
    });
    Tensor::cat(attended.collect(), 0)
}

/// Softmax over the last axis, restricted to `mask` (model.md section 10): never uses infinities,
/// so padded rows cannot make a NaN. A row without any neighbour is zero.
pub fn masked_softmax(scores: Tensor<2>, mask: Tensor<2>) -> Tensor<2> {
    let max = (scores.clone().detach() * mask.clone() + (mask.clone() - 1.0) * 1e30).max_dim(1);
    // A row without neighbours has a maximum of -1e30; clamping keeps the exponent at zero or below.
    let exponent = ((scores - max) * mask.clone()).clamp_max(0.0);
    let exp = exponent.exp() * mask;
    let total = exp.clone().sum_dim(1).clamp_min(1e-12);
    exp / total
}
