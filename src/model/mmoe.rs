//! MMoE: multi-gate mixture of experts (Ma et al., KDD 2018; model.md 7).
//!
//! Four experts read the input, one softmax gate per task mixes them, and a linear head per task
//! reads the mixture. MoGE without interactions is exactly this (identity 1 of model.md 11).

use burn::tensor::Tensor;

use super::config::{EXPERTS, ModelConfig};
use super::mixture::Mixture;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::Output;
use super::parameters::{Builder, Parameters};
use crate::random::Key;

/// The system.
#[derive(Clone, Debug)]
pub struct Mmoe {
    mixture: Mixture,
}

impl MultiTask for Mmoe {
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let all: Vec<usize> = (0..EXPERTS).collect();
        let of_task = [all.clone(), all];
        Self {
            mixture: Mixture::new(build, config, inputs, of_task, 0, base_rates),
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, _: Option<Key>) -> Output {
        self.mixture.score(p, x, &[])
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.mixture.bias(p)
    }

    fn experts(&self) -> Vec<String> {
        (1..=EXPERTS).map(|n| format!("expert {n}")).collect()
    }
}
