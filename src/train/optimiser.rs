//! Adam over all parameters of a system, with a state that can be read and restored.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Gradients, Tensor, TensorData};

use crate::model::Parameters;
use crate::op::adam::{Constants, HostMoments};
use crate::op::host::matrix_floats;

/// Adam's constants (decision C7).
const CONSTANTS: Constants = Constants {
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
};

/// Adam with betas 0.9 and 0.999 and epsilon 1e-8 (decision C7).
#[derive(Clone)]
pub struct Optimiser {
    adam: Adam,
    /// First and second moments of every parameter, in order.
    state: Vec<State>,
}

/// Moments before the first gradient are empty.
#[derive(Clone)]
enum State {
    Host(HostMoments),
    Device(Option<AdamState<2>>),
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
    /// A fresh optimiser for `n` parameters; `fused` chooses the CPU operation and must be false on
    /// WebGPU.
    pub fn new(n: usize, fused: bool) -> Self {
        let Constants {
            beta_1,
            beta_2,
            epsilon,
        } = CONSTANTS;
        Self {
            adam: AdamConfig::new()
                .with_beta_1(beta_1)
                .with_beta_2(beta_2)
                .with_epsilon(epsilon)
                .build(),
            state: match fused {
                true => vec![State::Host(HostMoments::default()); n],
                false => vec![State::Device(None); n],
            },
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
            let rate = learning_rate * parameter.kind.rate();
            let value = parameter.value.clone().inner();
            let value = match state {
                State::Host(moments) => moments.update(value, gradient, rate, CONSTANTS),
                State::Device(before) => {
                    let (value, next) = self.adam.step(rate, value, gradient, before.take());
                    *before = next;
                    value
                }
            };
            parameter.value = Tensor::from_inner(value).require_grad();
        }
    }

    /// The state of every parameter, in order; none before its first gradient.
    pub fn moments(&self, p: &Parameters) -> Vec<Option<Moments>> {
        let moments = self
            .state
            .iter()
            .zip(p.iter())
            .map(|(state, p)| match state {
                State::Host(m) if m.time == 0 => None,
                State::Host(m) => {
                    let value = p.value.clone().inner();
                    let tensor = |values: &[f32]| {
                        let data = TensorData::new(values.to_vec(), value.dims());
                        Tensor::from_data(data, &value.device())
                    };
                    Some(Moments {
                        time: m.time,
                        first: tensor(&m.first),
                        second: tensor(&m.second),
                    })
                }
                State::Device(state) => state.as_ref().map(|AdamState { momentum: m }| Moments {
                    time: m.time,
                    first: m.moment_1.clone(),
                    second: m.moment_2.clone(),
                }),
            });
        moments.collect()
    }

    /// Replaces the state of every parameter.
    pub fn restore(&mut self, moments: Vec<Option<Moments>>) {
        for (state, moments) in self.state.iter_mut().zip(moments) {
            *state = match state {
                State::Host(_) => {
                    State::Host(moments.map_or_else(HostMoments::default, |m| HostMoments {
                        time: m.time,
                        first: matrix_floats(m.first),
                        second: matrix_floats(m.second),
                    }))
                }
                State::Device(_) => State::Device(moments.map(|m| {
                    AdamState::new(AdaptiveMomentumState::new(m.time, m.first, m.second))
                })),
            };
        }
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
