//! Cross-Stitch networks (Misra et al., CVPR 2016; model.md 7.3).
//!
//! ```text
//! x_k  = lrelu(x~_k W + b)            a column per task
//! x~_k = sum_j A_l[k, j] x_j          a unit after every hidden layer l
//! ```
//!
//! A unit starts with 0.9 on its diagonal and the rest shared among the other tasks; it learns ten
//! times faster than the columns and is not regularised.

use burn::tensor::Tensor;

use super::config::{ModelConfig, Stitch};
use super::head::Heads;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::{Output, Unit};
use super::parameters::{Builder, Id, Kind, Parameters};
use super::stack::Stack;
use crate::data::TASKS;
use crate::random::Key;

/// Weight of a task's own column at the start.
const OWN: f32 = 0.9;

/// The system.
#[derive(Clone, Debug)]
pub struct CrossStitch {
    layers: Vec<Layer>,
    heads: Heads,
    stitch: Stitch,
}

#[derive(Clone, Debug)]
struct Layer {
    columns: Stack,
    /// `[K, K]`, `[K, K, width]` or `[K width, K width]` (from, to); see [`Stitch`].
    unit: Id,
    width: usize,
}

impl MultiTask for CrossStitch {
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let mut layers = Vec::new();
        let mut from = inputs;
        for (l, &width) in config.expert_hidden.iter().enumerate() {
            let linear = config.expert_last_linear && l + 1 == config.expert_hidden.len();
            let name = format!("column{}", l + 1);
            let columns = Stack::new(build, &name, K, from, &[width], config.slope, linear);
            let unit = unit(build, &format!("stitch{}", l + 1), config.stitch, width);
            layers.push(Layer {
                columns,
                unit,
                width,
            });
            from = width;
        }
        Self {
            layers,
            heads: Heads::new(build, "", config, from, &base_rates),
            stitch: config.stitch,
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, _: Option<Key>) -> Output {
        let first = self.layers[0].columns.forward(p, x);
        let mut x = self.mix(p, &self.layers[0], first);
        for layer in &self.layers[1..] {
            x = self.mix(p, layer, layer.columns.forward_each(p, x));
        }
        Output::of_logits(self.heads.each(p, x))
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.heads.bias(p)
    }

    /// The strength between tasks: the entry itself, or the mean (`per_channel`) or the root mean
    /// square (`full`) of the entries that stand for it.
    fn units(&self, p: &Parameters) -> Vec<Unit> {
        let tasks = || TASKS.iter().map(|task| task.name().to_string()).collect();
        let units = self.layers.iter().enumerate().map(|(l, layer)| {
            let (unit, width) = (p.get(layer.unit), layer.width);
            let values = match self.stitch {
                Stitch::Scalar => unit,
                Stitch::PerChannel => unit.mean_dim(1).reshape([K, K]),
                Stitch::Full => {
                    let blocks = unit.reshape([K, width, K, width]).square();
                    // [from, to] to [to, from]; a block's squares sum to `width` for the identity.
                    (blocks.sum_dim(3).sum_dim(1).reshape([K, K]) / width as f64)
                        .sqrt()
                        .transpose()
                }
            };
            Unit {
                name: format!("unit {}", l + 1),
                rows: tasks(),
                columns: tasks(),
                values,
            }
        });
        units.collect()
    }
}

impl CrossStitch {
    /// Columns `[K, B, width]` mixed by the layer's unit.
    fn mix(&self, p: &Parameters, layer: &Layer, x: Tensor<3>) -> Tensor<3> {
        let [tasks, rows, width] = x.dims();
        let unit = p.get(layer.unit);
        match self.stitch {
            Stitch::Scalar => unit
                .matmul(x.reshape([tasks, rows * width]))
                .reshape([tasks, rows, width]),
            Stitch::PerChannel => {
                let unit = unit.reshape([tasks, tasks, 1, width]);
                (unit * x.unsqueeze_dim(0))
                    .sum_dim(1)
                    .reshape([tasks, rows, width])
            }
            Stitch::Full => x
                .swap_dims(0, 1)
                .reshape([rows, tasks * width])
                .matmul(unit)
                .reshape([rows, tasks, width])
                .swap_dims(0, 1),
        }
    }
}

fn unit(build: &mut Builder, name: &str, stitch: Stitch, width: usize) -> Id {
    let entry = |k: usize, j: usize| match k == j {
        true => OWN,
        false => (1.0 - OWN) / (K - 1) as f32,
    };
    let pairs = (0..K).flat_map(|k| (0..K).map(move |j| (k, j)));
    let (shape, values): (Vec<usize>, Vec<f32>) = match stitch {
        Stitch::Scalar => (vec![K, K], pairs.map(|(k, j)| entry(k, j)).collect()),
        Stitch::PerChannel => {
            let values = pairs.flat_map(|(k, j)| vec![entry(k, j); width]);
            (vec![K, K, width], values.collect())
        }
        Stitch::Full => {
            let n = K * width;
            let values = (0..n * n).map(|at| f32::from(at / n == at % n));
            (vec![n, n], values.collect())
        }
    };
    build.constant(name, Kind::Stitch, &shape, values)
}
