//! The losses (paper section 4.3; model.md 6).

use burn::tensor::Tensor;

use super::config::{Config, L2Scope, LambdaScale, Reduction, Uncertainty};
use crate::model::moge::K;
use crate::model::parameters::Kind;
use crate::model::{Batch, Network, Output, Parameters, System};
use crate::op::squares::add_squares;

/// Smallest log variance that still has an effect: ln 0.05 (decision C4).
const LOG_VARIANCE_FLOOR: f64 = -2.995_732_273_553_991;

/// The loss of a batch and its parts.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Mean binary cross-entropy per task C_k, `[K]`.
    pub cross_entropy: Tensor<1>,
    /// Balancing term co, `[1]`; in [-(N - 1) / (2 N) K, 0], and 0 without gates.
    pub collaboration: Tensor<1>,
    /// Sum of squares over Theta, `[1]`.
    pub regulariser: Tensor<1>,
    /// What is minimised, `[1]`: `main + beta co + (lambda / B) reg`.
    pub total: Tensor<1>,
}

/// The loss of a model's output on a batch. The learned task weights and the balancing term are
/// MoGE's; every other system trains with loss (i) and its own penalty (model.md 7).
pub fn loss(
    config: &Config,
    model: &dyn Network,
    p: &Parameters,
    batch: &Batch,
    output: &Output,
) -> Loss {
    let device = output.logits.device();
    let data = burn::tensor::TensorData::new(batch.labels.clone(), [batch.pairs, K]);
    let labels = Tensor::<2>::from_data(data, &device);
    let cross_entropy = binary_cross_entropy(output.logits.clone(), labels).mean_dim(0);
    let main = match (config.uncertainty, model.log_variance(p)) {
        (Uncertainty::Off, _) | (_, None) => cross_entropy.clone().sum(),
        (form, Some(s)) => {
            let s = s.clamp_min(LOG_VARIANCE_FLOOR);
            let half = if form == Uncertainty::Kendall {
                0.5
            } else {
                1.0
            };
            (cross_entropy.clone() * s.clone().neg().exp() + s * half).sum()
        }
    };
    let collaboration = match &output.gates {
        Some(gates) => balance(gates.clone()),
        None => Tensor::zeros([1], &device),
    };
    let regulariser = squares(config, model, p, batch);

    let pairs = batch.pairs as f64;
    let lambda = match config.lambda_scale {
        LambdaScale::Batch => config.lambda / pairs,
        LambdaScale::Full => config.lambda,
    };
    let mut total = main + regulariser.clone() * lambda;
    if let Some(penalty) = model.penalty(p) {
        total = total + penalty;
    }
    if config.collaboration && config.model.system == System::Moge {
        total = total + collaboration.clone() * config.beta;
    }
    if config.reduction == Reduction::Sum {
        total = total * pairs;
    }
    Loss {
        cross_entropy: cross_entropy.reshape([K]),
        collaboration,
        regulariser,
        total,
    }
}

/// `max(z, 0) - z y + ln(1 + exp(-|z|))`, element-wise, finite for every finite logit.
///
/// The maximum is written `(z + |z|) / 2`, so that the slopes of both kinks cancel at 0 too.
pub fn binary_cross_entropy(logits: Tensor<2>, labels: Tensor<2>) -> Tensor<2> {
    let size = logits.clone().abs();
    let largest = (logits.clone() + size.clone()) * 0.5;
    largest - logits * labels + size.neg().exp().log1p()
}

/// Loss (iii): `-1/2 mean over the batch of sum_k (1 - sum_n g_n^2)`, from gates `[K, B, N]`.
pub fn balance(gates: Tensor<3>) -> Tensor<1> {
    let [tasks, pairs, _] = gates.dims();
    (gates.square().sum() / pairs as f64 - tasks as f64) * 0.5
}

/// The squares of Theta (decision C3).
fn squares(config: &Config, model: &dyn Network, p: &Parameters, batch: &Batch) -> Tensor<1> {
    let all = config.l2_scope == L2Scope::All;
    let network = p
        .iter()
        .filter(|p| p.kind == Kind::Weight || (all && p.kind == Kind::Table));
    let mut terms: Vec<Tensor<2>> = network.map(|p| p.value.clone()).collect();
    if !all {
        for embedding in model.embeddings() {
            terms.extend(embedding.pair_fields(p, batch, 0..batch.pairs));
        }
    }
    let none = Tensor::zeros([1, 1], &p.device());
    terms.into_iter().fold(none, add_squares).reshape([1])
}
