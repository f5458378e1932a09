//! Adam over all parameters of a system, with a state that can be read and restored.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Gradients, Tensor};

use crate::model::Parameters;

/// Adam with betas 0.9 and 0.999 and epsilon 1e-8 (decision C7).
#[derive(Clone)]
pub struct Optimiser {
    adam: Adam,
    /// First and second moments of every parameter, in order; none before its first gradient.
    state: Vec<Option<AdamState<2>>>,
}

/// The optimiser's state of one parameter.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Number of updates so far.
    pub time: usize,
    /// Exponential mean of the gradient, same shape as the parameter.
    pub first: Tensor<2>,
    /// Exponential mean of the squared gradient.
    pub second: Tensor<2>,
}

impl Optimiser {
    /// A fresh optimiser for `n` parameters.
    pub fn new(n: usize) -> Self {
        Self {
            adam: AdamConfig::new().with_epsilon(1e-8).build(),
            state: vec![None; n],
        }
    }

    /// One update of every parameter that has a gradient. `clip_norm` above 0 first scales the whole
    /// gradient down to that Euclidean length.
    pub fn step(
        &mut self,
        p: &mut Parameters,
        gradients: &Gradients,
        learning_rate: f64,
        clip_norm: f64,
    ) {
        let mut all: Vec<_> = p.iter().map(|p| p.value.grad(gradients)).collect();
        if clip_norm > 0.0 {
            clip(&mut all, clip_norm);
        }
        for ((parameter, gradient), state) in p.iter_mut().zip(all).zip(&mut self.state) {
            let Some(gradient) = gradient else { continue };
            let value = parameter.value.clone().inner();
            let rate = learning_rate * parameter.kind.rate();
            let (value, next) = self.adam.step(rate, value, gradient, state.take());
            *state = next;
            parameter.value = Tensor::from_inner(value).require_grad();
        }
    }

    /// The state of every parameter, in order.
    pub fn moments(&self) -> Vec<Option<Moments>> {
        let moments = self.state.iter().map(|state| {
            state.as_ref().map(|AdamState { momentum: m }| Moments {
                time: m.time,
                first: m.moment_1.clone(),
                second: m.moment_2.clone(),
            })
        });
        moments.collect()
    }

    /// Replaces the state of every parameter.
    pub fn restore(&mut self, moments: Vec<Option<Moments>>) {
        let state =
            |m: Moments| AdamState::new(AdaptiveMomentumState::new(m.time, m.first, m.second));
        self.state = moments.into_iter().map(|m| m.map(state)).collect();
    }
}

fn clip(gradients: &mut [Option<Tensor<2>>], limit: f64) {
    let squares = gradients.iter().flatten().map(|g| g.clone().square().sum());
    let Some(total) = squares.reduce(|a, b| a + b) else {
        return;
    };
    let scale = (total.sqrt() + 1e-12)
        .recip()
        .mul_scalar(limit)
        .clamp_max(1.0);
    for gradient in gradients.iter_mut().flatten() {
        *gradient = gradient.clone() * scale.clone().unsqueeze();
    }
}
