//! One update of Adam on the CPU engines: a single pass over a parameter, its gradient and its
//! moments, which stay on the host between steps.
//!
//! Written with stock operations the update makes some ten passes with a fresh buffer each; on tables
//! of tens of thousands of rows that is a quarter of a training step.

use burn::tensor::{Tensor, TensorData};

use super::host::matrix_floats;

/// First and second moments of one parameter, and how many updates made them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostMoments {
    /// Number of updates.
    pub time: usize,
    /// Exponential mean of the gradient, one per value.
    pub first: Vec<f32>,
    /// Exponential mean of the squared gradient.
    pub second: Vec<f32>,
}

/// Adam's constants.
#[derive(Clone, Copy, Debug)]
pub struct Constants {
    /// Decay of the first moment.
    pub beta_1: f32,
    /// Decay of the second moment.
    pub beta_2: f32,
    /// Added outside the square root.
    pub epsilon: f32,
}

impl HostMoments {
    /// The parameter after one update with `gradient`, both `[rows, columns]` without recording:
    /// `p - rate m^ / (sqrt(v^) + epsilon)` with bias-corrected moments.
    pub fn update(
        &mut self,
        value: Tensor<2>,
        gradient: Tensor<2>,
        rate: f64,
        constants: Constants,
    ) -> Tensor<2> {
        let (device, shape) = (value.device(), value.dims());
        let (mut values, gradient) = (matrix_floats(value), matrix_floats(gradient));
        self.time += 1;
        self.first.resize(values.len(), 0.0);
        self.second.resize(values.len(), 0.0);
        let Constants {
            beta_1,
            beta_2,
            epsilon,
        } = constants;
        let corrected = |beta: f32| 1.0 - beta.powi(self.time as i32);
        let (mean, square) = (1.0 / corrected(beta_1), 1.0 / corrected(beta_2));
        let rate = rate as f32;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((p, g), (m, v)) in values.iter_mut().zip(&gradient).zip(moments) {
            *m = beta_1 * *m + (1.0 - beta_1) * g;
            *v = beta_2 * *v + (1.0 - beta_2) * g * g;
            *p -= rate * (*m * mean) / ((*v * square).sqrt() + epsilon);
        }
        Tensor::from_data(TensorData::new(values, shape), &device)
    }
}
