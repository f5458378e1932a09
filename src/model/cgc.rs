//! CGC: customized gate control, progressive layered extraction with one level (Tang et al., RecSys
//! 2020; model.md 7.6).
//!
//! Every task has experts of its own, and all tasks share some more; the gate of task k weighs
//! `[own_k, shared]`. Four experts in all, as many as MMoE has. With one level there is no shared
//! gate. Without experts of its own this is MMoE (identity 18 of model.md 11).

use burn::tensor::Tensor;

use super::config::ModelConfig;
use super::mixture::Mixture;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::Output;
use super::parameters::{Builder, Parameters};
use crate::random::Key;

/// The system.
#[derive(Clone, Debug)]
pub struct Cgc {
    mixture: Mixture,
    own: usize,
    shared: usize,
}

impl MultiTask for Cgc {
    /// Experts are numbered: those of the first task, those of the second, the shared ones.
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let (own, shared) = (config.n_specific, config.n_shared);
        let of_task = std::array::from_fn(|k| {
            (k * own..(k + 1) * own)
                .chain(K * own..K * own + shared)
                .collect()
        });
        Self {
            mixture: Mixture::new(build, config, inputs, of_task, 0, base_rates),
            own,
            shared,
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, _: Option<Key>) -> Output {
        self.mixture.score(p, x, &[])
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.mixture.bias(p)
    }

    fn experts(&self) -> Vec<String> {
        let named = |kind: &str, count: usize| -> Vec<String> {
            match count {
                1 => vec![kind.into()],
                _ => (1..=count).map(|n| format!("{kind} {n}")).collect(),
            }
        };
        [named("own", self.own), named("shared", self.shared)].concat()
    }
}
