//! MLP, the single-task baseline (model.md 7): one network per task, `2d -> 512 -> 256 -> 128 -> 1`,
//! each with its own embeddings. Nothing is shared, so training both at once is the same as training
//! them apart on the same batches.

use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::config::ModelConfig;
use super::embedding::Embedding;
use super::head::Heads;
use super::moge::K;
use super::network::{Network, Output};
use super::parameters::{Builder, Parameters};
use super::stack::Stack;
use super::stem::{Encoded, Stem};
use crate::data::{Dataset, TASKS};

/// The system.
#[derive(Clone, Debug)]
pub struct Mlp {
    tasks: Vec<Tower>,
}

#[derive(Clone, Debug)]
struct Tower {
    stem: Stem,
    hidden: Stack,
    head: Heads,
}

impl Mlp {
    /// Creates `favourite.*` and `purchase.*`; see [`super::System::build`].
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        data: &Dataset,
        base_rates: [f64; K],
    ) -> Self {
        let tower = |(k, &rate): (usize, &f64)| {
            let prefix = format!("{}.", TASKS[k].name());
            let stem = Stem::new(build, &prefix, config, data, false);
            let (widths, name) = (&config.tower_mlp, format!("{prefix}tower"));
            let width = *widths.last().expect("validated: a tower has a layer");
            Tower {
                hidden: Stack::new(build, &name, 1, stem.width(), widths, config.slope, false),
                head: Heads::new(build, &prefix, config, width, &[rate]),
                stem,
            }
        };
        Self {
            tasks: base_rates.iter().enumerate().map(tower).collect(),
        }
    }
}

impl Network for Mlp {
    fn embeddings(&self) -> Vec<&Embedding> {
        self.tasks
            .iter()
            .map(|task| task.stem.embedding())
            .collect()
    }

    fn channels(&self) -> [bool; 3] {
        [false; 3]
    }

    fn encode(&self, p: &Parameters, batch: &Batch) -> Vec<Encoded> {
        let encode = |task: &Tower| task.stem.encode(p, batch, [false; 3]);
        self.tasks.iter().map(encode).collect()
    }

    fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &[Encoded],
        range: Range<usize>,
    ) -> Output {
        let logits = self.tasks.iter().zip(encoded).map(|(task, encoded)| {
            let x = task.stem.input(p, batch, encoded, range.clone());
            task.head.each(p, task.hidden.forward(p, x))
        });
        Output::of_logits(Tensor::cat(logits.collect(), 1))
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        Tensor::cat(self.tasks.iter().map(|task| task.head.bias(p)).collect(), 1)
    }
}
