//! The multi-task baselines: each turns one input into both tasks' logits, and reads either the
//! pair's features or, as a *+Graph* variant, the states of the graph network.

use std::fmt::Debug;
use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::config::ModelConfig;
use super::embedding::Embedding;
use super::moge::K;
use super::network::{Network, Output, Unit};
use super::parameters::{Builder, Parameters};
use super::stem::{Encoded, Stem};
use crate::random::Key;

/// How a multi-task system shares between its tasks.
pub trait MultiTask: Debug + Send + Sized {
    /// Creates its parameters, for an input of width `inputs`.
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self;

    /// Both logits from `x`, `[B, inputs]`. `noise` names the draws of a training step; none in
    /// evaluation.
    fn score(&self, p: &Parameters, x: Tensor<2>, noise: Option<Key>) -> Output;

    /// See [`Network::bias`].
    fn bias(&self, p: &Parameters) -> Tensor<2>;

    /// See [`Network::penalty`].
    fn penalty(&self, _: &Parameters) -> Option<Tensor<1>> {
        None
    }

    /// See [`Network::experts`].
    fn experts(&self) -> Vec<String> {
        Vec::new()
    }

    /// See [`Network::units`].
    fn units(&self, _: &Parameters) -> Vec<Unit> {
        Vec::new()
    }
}

/// A multi-task system on its stem.
#[derive(Debug)]
pub struct OnStem<S> {
    stem: Stem,
    system: S,
}

impl<S: MultiTask> OnStem<S> {
    /// Creates the parameters of the system beside those of its stem.
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        base_rates: [f64; K],
        stem: Stem,
    ) -> Self {
        let system = S::new(build, config, stem.width(), base_rates);
        Self { stem, system }
    }
}

impl<S: MultiTask> Network for OnStem<S> {
    fn embeddings(&self) -> Vec<&Embedding> {
        vec![self.stem.embedding()]
    }

    fn channels(&self) -> [bool; 3] {
        self.stem.channels()
    }

    fn encode(&self, p: &Parameters, batch: &Batch) -> Vec<Encoded> {
        vec![self.stem.encode(p, batch, self.channels())]
    }

    fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &[Encoded],
        range: Range<usize>,
    ) -> Output {
        let x = self.stem.input(p, batch, &encoded[0], range);
        self.system.score(p, x, batch.noise)
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.system.bias(p)
    }

    fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        self.stem.attention(p, batch)
    }

    fn penalty(&self, p: &Parameters) -> Option<Tensor<1>> {
        self.system.penalty(p)
    }

    fn experts(&self) -> Vec<String> {
        self.system.experts()
    }

    fn units(&self, p: &Parameters) -> Vec<Unit> {
        self.system.units(p)
    }
}
