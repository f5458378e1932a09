//! A linear head per task: `logit_k = <v_k, x_k> + b_k`.

use burn::tensor::Tensor;

use super::config::ModelConfig;
use super::parameters::{Builder, Id, Kind, Parameters};

/// The output vectors and biases of some tasks.
#[derive(Clone, Debug)]
pub struct Heads {
    weight: Id,
    bias: Bias,
    tasks: usize,
}

impl Heads {
    /// Creates `<prefix>head.weight` `[tasks, width]` and `<prefix>head.bias` `[tasks]`.
    pub fn new(
        build: &mut Builder,
        prefix: &str,
        config: &ModelConfig,
        width: usize,
        base_rates: &[f64],
    ) -> Self {
        let tasks = base_rates.len();
        Self {
            weight: build.weight(format!("{prefix}head.weight"), &[tasks, width], width, 1),
            bias: Bias::new(build, prefix, config, base_rates),
            tasks,
        }
    }

    /// One input for all tasks, `[B, width]`, to logits `[B, tasks]`.
    pub fn shared(&self, p: &Parameters, x: Tensor<2>) -> Tensor<2> {
        self.bias
            .add_to(p, x.matmul(p.get(self.weight).transpose()))
    }

    /// An input for each task, `[tasks, B, width]`, to logits `[B, tasks]`.
    pub fn each(&self, p: &Parameters, x: Tensor<3>) -> Tensor<2> {
        let [_, rows, width] = x.dims();
        let v = p.get(self.weight).reshape([self.tasks, width, 1]);
        let logits = x.matmul(v).reshape([self.tasks, rows]).transpose();
        self.bias.add_to(p, logits)
    }

    /// The biases, `[1, tasks]`.
    pub fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.bias.get(p)
    }
}

/// The output biases, or none (decision B7).
#[derive(Clone, Debug)]
pub struct Bias {
    id: Option<Id>,
    tasks: usize,
}

impl Bias {
    /// Creates `<prefix>head.bias`, starting at the logits of the base rates (model.md section 10).
    pub fn new(
        build: &mut Builder,
        prefix: &str,
        config: &ModelConfig,
        base_rates: &[f64],
    ) -> Self {
        let id = config.output_bias.then(|| {
            let logit = |&rate: &f64| {
                let rate = rate.clamp(1e-6, 1.0 - 1e-6);
                (rate / (1.0 - rate)).ln() as f32
            };
            let values = match config.prior_bias {
                true => base_rates.iter().map(logit).collect(),
                false => vec![0.0; base_rates.len()],
            };
            let name = format!("{prefix}head.bias");
            build.constant(name, Kind::Bias, &[base_rates.len()], values)
        });
        Self {
            id,
            tasks: base_rates.len(),
        }
    }

    /// Logits `[B, tasks]` with the biases.
    pub fn add_to(&self, p: &Parameters, logits: Tensor<2>) -> Tensor<2> {
        match self.id {
            Some(id) => logits + p.get(id),
            None => logits,
        }
    }

    /// The biases, `[1, tasks]`; zeros where logits have none.
    pub fn get(&self, p: &Parameters) -> Tensor<2> {
        match self.id {
            Some(id) => p.get(id),
            None => Tensor::zeros([1, self.tasks], &p.device()),
        }
    }
}
