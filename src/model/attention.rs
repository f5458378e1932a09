//! The attended sum over a node's neighbours (decision A1; model.md 5.2).

use std::sync::Arc;

use burn::tensor::Tensor;

use super::config::{Attention, ModelConfig};
use super::parameters::{Builder, Id, Parameters};
use crate::graph::Block;
use crate::op::linear::linear;
use crate::op::neighbor::{self, Adjacency, Padded, Scores};

/// The weights of one attention that looks at the states.
#[derive(Clone, Debug)]
pub enum AttentionWeights {
    /// Projections of target and source.
    Dot {
        /// `[d, d]`
        query: Id,
        /// `[d, d]`
        key: Id,
    },
    /// Projections of target and source, and the vector that scores their sum.
    Genie {
        /// `[d, d]`
        target: Id,
        /// `[d, d]`
        source: Id,
        /// `[d, 1]`
        score: Id,
    },
    /// One projection, and the vectors that score target and source.
    Gat {
        /// `[d, d]`
        project: Id,
        /// `[d, 1]`
        target: Id,
        /// `[d, 1]`
        source: Id,
    },
}

/// The neighbour rows of one layer's targets.
pub struct Rows {
    pub adjacency: Arc<Adjacency>,
    /// The weight of every edge where it does not depend on the states, `[edges]`.
    weights: Arc<Vec<f32>>,
}

impl Rows {
    /// Those of the first `targets` nodes of a block; `rescale` as in [`super::mgnn::Regularity`].
    pub fn new(block: &Block, targets: usize, config: &ModelConfig, rescale: bool) -> Self {
        let edges = block.offsets[targets] as usize;
        let bias = if config.sim_bias {
            block.weights[..edges]
                .iter()
                .map(|w| w.max(f32::MIN_POSITIVE).ln())
                .collect()
        } else {
            Vec::new()
        };
        let adjacency = Adjacency::new(
            block.offsets[..=targets].to_vec(),
            block.neighbors[..edges].to_vec(),
            bias,
        );
        let weight = |t: usize, edge: usize| {
            let size = adjacency.row(t).len() as f32;
            let degree = |node: usize| block.degrees[node] as f32;
            match config.attention {
                Attention::Symnorm => {
                    let source = adjacency.neighbors[edge] as usize;
                    let scale = if rescale { degree(t) / size } else { 1.0 };
                    scale / (degree(t) * degree(source)).sqrt()
                }
                _ => 1.0 / size,
            }
        };
        let fixed = matches!(config.attention, Attention::Mean | Attention::Symnorm);
        let rows = (0..targets).filter(|_| fixed);
        let edges = rows.flat_map(|t| adjacency.row(t).map(move |edge| (t, edge)));
        Self {
            weights: Arc::new(edges.map(|(t, edge)| weight(t, edge)).collect()),
            adjacency: Arc::new(adjacency),
        }
    }

    /// The sum of every target's neighbours under fixed weights, `[targets, d]`; see
    /// [`AttentionWeights::attend`].
    pub fn sum(&self, h: Tensor<2>, wanted: Option<&mut Vec<Tensor<1>>>) -> Tensor<2> {
        if let Some(wanted) = wanted {
            wanted.extend(neighbor::rows(&self.weights, &self.adjacency, &h.device()));
        }
        neighbor::weighted(h, &self.weights, &self.adjacency)
    }
}

/// Attention with its weights put together as far as they do not depend on states.
#[derive(Clone)]
pub enum Folded {
    /// `W_q W_k^T / sqrt(d)`, `[d, d]`.
    Dot(Tensor<2>),
    /// Projections of target and source, `[d, d]`, and the vector that scores their sum, `[d, 1]`.
    Genie([Tensor<2>; 2], Tensor<2>),
    /// Scores of target and source, `[d, 1]`, and the slope of LeakyReLU.
    Gat([Tensor<2>; 2], f64),
}

impl AttentionWeights {
    /// Creates the attention's matrices as `<name>.*`; none where weights do not depend on states.
    pub fn new(build: &mut Builder, name: &str, config: &ModelConfig) -> Option<Self> {
        let d = config.d;
        Some(match config.attention {
            Attention::Dot => Self::Dot {
                query: build.matrix(format!("{name}.w_query"), d, d),
                key: build.matrix(format!("{name}.w_key"), d, d),
            },
            Attention::Genie => Self::Genie {
                target: build.matrix(format!("{name}.w_target"), d, d),
                source: build.matrix(format!("{name}.w_source"), d, d),
                score: build.matrix(format!("{name}.score"), d, 1),
            },
            Attention::Gat => Self::Gat {
                project: build.matrix(format!("{name}.w_project"), d, d),
                target: build.matrix(format!("{name}.score_target"), d, 1),
                source: build.matrix(format!("{name}.score_source"), d, 1),
            },
            Attention::Mean | Attention::Symnorm => return None,
        })
    }

    /// What all targets have in common.
    pub fn fold(&self, p: &Parameters, config: &ModelConfig) -> Folded {
        match self {
            Self::Dot { query, key } => {
                // <h_t W_q, h_s W_k> = <h_t W_q W_k^T, h_s>
                let product = p.get(*query).matmul(p.get(*key).transpose());
                Folded::Dot(product / (config.d as f64).sqrt())
            }
            Self::Genie {
                target,
                source,
                score,
            } => Folded::Genie([*target, *source].map(|id| p.get(id)), p.get(*score)),
            Self::Gat {
                project,
                target,
                source,
            } => {
                // h_t W v = h_t (W v): no node is projected.
                let fold = |score: Id| p.get(*project).matmul(p.get(score));
                Folded::Gat([*target, *source].map(fold), config.slope)
            }
        }
    }
}

impl Folded {
    /// The attended sum of every target's neighbours, `[targets, d]`, from the states of the targets and
    /// of all nodes. `wanted`, where given, receives the weights as in
    /// [`super::mgnn::Mgnn::forward`].
    pub fn attend(
        &self,
        rows: &Rows,
        [state, h]: [Tensor<2>; 2],
        wanted: Option<&mut Vec<Tensor<1>>>,
    ) -> Tensor<2> {
        let scores = self.scores(state, h.clone());
        if wanted.is_none() {
            return neighbor::attend(scores, h, &rows.adjacency);
        }
        let chunks = Padded::chunks(&rows.adjacency, h.dims()[1], &h.device());
        neighbor::attend_padded(&scores, h, &chunks, wanted)
    }

    /// How edges are scored: nodes are projected, not edges.
    fn scores(&self, state: Tensor<2>, h: Tensor<2>) -> Scores {
        match self.clone() {
            Self::Dot(fold) => Scores::Dot {
                query: linear(state, fold),
            },
            Self::Genie([target, source], weights) => Scores::Additive {
                target: linear(state, target),
                source: linear(h, source),
                weights,
            },
            Self::Gat([target, source], slope) => Scores::Leaky {
                target: state.matmul(target),
                source: h.matmul(source),
                slope,
            },
        }
    }
}
