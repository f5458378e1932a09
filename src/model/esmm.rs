//! ESMM: entire space multi-task model (Ma et al., SIGIR 2018; model.md 7.4).
//!
//! ```text
//! p_fav = sigm(a)        p_buy = sigm(a) sigm(b)        a, b: towers over shared embeddings
//! ```
//!
//! The original couples click and conversion, where one implies the other. A purchase does not
//! require a favourite, yet the model cannot say so: `p_buy <= p_fav` always. Labels are used as they
//! are.
//!
//! The purchase is reported as the logit of `p_buy`. Its odds are `1 / (e^-a + e^-b + e^-(a+b))`, so
//! the logit is `-ln(e^-a + e^-b + e^-(a+b))`: exact, finite for every finite tower output, and in
//! the same order as `p_buy`. The cross-entropy of that logit is the loss of the paper,
//! `-y ln p - (1 - y) ln(1 - p)`.

use burn::tensor::Tensor;

use super::config::ModelConfig;
use super::head::Heads;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::Output;
use super::parameters::{Builder, Parameters};
use super::stack::Stack;
use crate::random::Key;

/// The system.
#[derive(Clone, Debug)]
pub struct Esmm {
    towers: Stack,
    heads: Heads,
}

impl MultiTask for Esmm {
    /// The second tower's output bias starts where `p_buy` meets the base rate of purchases, as far
    /// as `p_buy <= p_fav` allows.
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let [favourite, purchase] = base_rates;
        let given = (purchase / favourite.max(1e-6)).min(0.99);
        let widths = &config.tower_mlp;
        let width = *widths.last().expect("validated: a tower has a layer");
        Self {
            towers: Stack::new(build, "tower", K, inputs, widths, config.slope, false),
            heads: Heads::new(build, "", config, width, &[favourite, given]),
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, _: Option<Key>) -> Output {
        let towers = self.heads.each(p, self.towers.forward(p, x));
        let (a, b) = (towers.clone().narrow(1, 0, 1), towers.narrow(1, 1, 1));
        let purchase = product_logit(a.clone(), b);
        Output::of_logits(Tensor::cat(vec![a, purchase], 1))
    }

    /// The biases of the towers; the purchase logit is not additive in them.
    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.heads.bias(p)
    }
}

/// The logit of `sigm(a) sigm(b)`, element-wise: `-ln(e^-a + e^-b + e^-(a+b))`, with the largest
/// exponent taken out.
pub fn product_logit(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let exponents = Tensor::cat(vec![a.clone().neg(), b.clone().neg(), (a + b).neg()], 1);
    let largest = exponents.clone().detach().max_dim(1);
    let sum = (exponents - largest.clone()).exp().sum_dim(1);
    (sum.log() + largest).neg()
}
