//! Adam in a single pass over a parameter, its gradient and its moments. On the CPU engines the moments
//! stay on the host between steps.
//!
//! Written with stock operations the update makes some ten passes with a fresh buffer each. See
//! [`super::adam_rows`] for embedding tables, of which a step reads a few rows.

#[cfg(feature = "webgpu")]
pub use super::gpu::adam::step as step_on_gpu;
use multiversion::multiversion;

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

impl HostMoments {
    /// One update of `values` with a gradient of the same length:
    /// `p - rate m^ / (sqrt(v^) + epsilon)` with bias-corrected moments.
    pub fn update(
        &mut self,
        values: &mut [f32],
        gradient: &[f32],
        rate: f64,
        constants: Constants,
    ) {
        self.time += 1;
        self.first.resize(values.len(), 0.0);
        self.second.resize(values.len(), 0.0);
        let pass = Pass::new(self.time, rate, constants);
        update(pass, values, gradient, &mut self.first, &mut self.second);
    }
}

#[multiversion(targets = "simd")]
fn update(pass: Pass, values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
    pass.update(values, gradient, first, second);
}

/// What the update of one step is the same for all values.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    pub(super) constants: Constants,
    pub(super) rate: f32,
    /// `1 / (1 - beta^time)` of both moments.
    pub(super) corrections: [f32; 2],
}

impl Pass {
    /// The update that makes `time` updates in all.
    pub fn new(time: usize, rate: f64, constants: Constants) -> Self {
        let corrected = |beta: f32| 1.0 / (1.0 - beta.powi(time as i32));
        Self {
            constants,
            rate: rate as f32,
            corrections: [constants.beta_1, constants.beta_2].map(corrected),
        }
    }

    /// Updates values and their moments.
    #[inline(always)]
    pub fn update(
        self,
        values: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        let Constants {
            beta_1,
            beta_2,
            epsilon,
        } = self.constants;
        let [mean, square] = self.corrections;
        let moments = first.iter_mut().zip(second);
        for ((p, g), (m, v)) in values.iter_mut().zip(gradient).zip(moments) {
            *m = beta_1 * *m + (1.0 - beta_1) * g;
            *v = beta_2 * *v + (1.0 - beta_2) * g * g;
            *p -= self.rate * (*m * mean) / ((*v * square).sqrt() + epsilon);
        }
    }
}
