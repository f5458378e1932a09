//! Shared-Bottom (Caruana 1997; model.md 7.2): one representation for all tasks, a linear head each.
//!
//! The paper gives it "4 experts [32, 32]", which has no literal meaning. The default reads it as
//! four parallel networks whose outputs stand side by side: as large a bottom as MMoE's, so that the
//! comparison isolates the gates. `bottom` gives the widths of a single network instead.

use burn::tensor::Tensor;

use super::config::{EXPERTS, ModelConfig};
use super::head::Heads;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::Output;
use super::parameters::{Builder, Parameters};
use super::stack::Stack;
use crate::random::Key;

/// The system.
#[derive(Clone, Debug)]
pub struct SharedBottom {
    bottom: Stack,
    heads: Heads,
}

impl MultiTask for SharedBottom {
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let (n, widths) = match config.bottom.is_empty() {
            true => (EXPERTS, &config.expert_hidden),
            false => (1, &config.bottom),
        };
        let last = config.expert_last_linear;
        let width = n * widths.last().expect("validated: a bottom has a layer");
        Self {
            bottom: Stack::new(build, "bottom", n, inputs, widths, config.slope, last),
            heads: Heads::new(build, "", config, width, &base_rates),
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, _: Option<Key>) -> Output {
        let parts = self.bottom.forward(p, x);
        let [n, rows, width] = parts.dims();
        let joined = parts.swap_dims(0, 1).reshape([rows, n * width]);
        Output::of_logits(self.heads.shared(p, joined))
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.heads.bias(p)
    }
}
