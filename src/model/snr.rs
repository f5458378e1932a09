//! SNR-trans: sub-network routing with transformations (Ma et al., AAAI 2019; model.md 7.5).
//!
//! ```text
//! level 1    u_j = lrelu(x A_j + a_j)              j = 1..4
//! routing 1  w_i = sum_j z1_ij (u_j T1_ij)
//! level 2    t_i = lrelu(w_i C_i + c_i)            i = 1..4
//! routing 2  r_k = sum_i z2_ki (t_i T2_ki)
//! head       logit_k = <v_k, r_k> + b_k
//! ```
//!
//! Every connection has a hard-concrete gate z (Louizos et al., ICLR 2018) with its own log alpha:
//! one draw per connection and step in training, its expectation's clamp in evaluation. The loss adds
//! `snr_lambda` times the expected number of open connections.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Tensor, TensorData};

use super::config::{EXPERTS, ModelConfig};
use super::head::Heads;
use super::moge::K;
use super::multi_task::MultiTask;
use super::network::{Output, Unit};
use super::parameters::{Builder, Id, Kind, Parameters};
use super::stack::Stack;
use crate::data::TASKS;
use crate::random::Key;

/// Sub-networks of a level.
const WIDTH: usize = EXPERTS;
/// Temperature of the hard concrete distribution.
const BETA: f64 = 0.9;
/// Lower end of the stretched distribution.
const GAMMA: f64 = -0.1;
/// Upper end of the stretched distribution.
const ZETA: f64 = 1.1;
/// ln 100: log alphas act within plus and minus this, as in the reference implementation of L0.
const LARGEST_LOG_ALPHA: f64 = 4.605_170_185_988_091;

/// The system.
#[derive(Clone, Debug)]
pub struct SnrTrans {
    levels: [Stack; 2],
    routings: [Routing; 2],
    heads: Heads,
    lambda: f64,
}

impl MultiTask for SnrTrans {
    fn new(build: &mut Builder, config: &ModelConfig, inputs: usize, base_rates: [f64; K]) -> Self {
        let width = config.expert_width();
        let mut level =
            |name: &str, from| Stack::new(build, name, WIDTH, from, &[width], config.slope, false);
        let levels = [level("level1", inputs), level("level2", width)];
        let routings = [
            Routing::new(build, 1, WIDTH, width),
            Routing::new(build, 2, K, width),
        ];
        Self {
            levels,
            routings,
            heads: Heads::new(build, "", config, width, &base_rates),
            lambda: config.snr_lambda,
        }
    }

    fn score(&self, p: &Parameters, x: Tensor<2>, noise: Option<Key>) -> Output {
        let first = self.levels[0].forward(p, x);
        let routed = self.routings[0].forward(p, first, noise);
        let second = self.levels[1].forward_each(p, routed);
        let routed = self.routings[1].forward(p, second, noise);
        Output::of_logits(self.heads.each(p, routed))
    }

    fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.heads.bias(p)
    }

    /// `snr_lambda` times the sum over the 24 connections of P(z != 0).
    fn penalty(&self, p: &Parameters) -> Option<Tensor<1>> {
        let open = self.routings.iter().map(|routing| {
            let log_alpha = log_alpha(p, routing.log_alpha);
            open_probability(log_alpha).sum()
        });
        let sum = open.reduce(|a, b| a + b)?;
        Some(sum * self.lambda)
    }

    fn units(&self, p: &Parameters) -> Vec<Unit> {
        let parts = |level: usize| (1..=WIDTH).map(move |n| format!("{level}.{n}")).collect();
        let tasks = TASKS.iter().map(|task| task.name().to_string()).collect();
        let rows = [parts(2), tasks];
        let units = self.routings.iter().zip(rows).zip(1..);
        units
            .map(|((routing, rows), level)| Unit {
                name: format!("routing {level}"),
                rows,
                columns: parts(level),
                values: gate(log_alpha(p, routing.log_alpha)),
            })
            .collect()
    }
}

/// One routing layer: `[WIDTH, B, width]` to `[to, B, width]`.
#[derive(Clone, Debug)]
struct Routing {
    /// The transformations, `[from, width, to, width]`.
    transform: Id,
    /// `[to, from]`
    log_alpha: Id,
    to: usize,
    /// Names its draws.
    level: u64,
}

impl Routing {
    fn new(build: &mut Builder, level: u64, to: usize, width: usize) -> Self {
        let name = format!("routing{level}");
        Self {
            transform: build.weight(
                format!("{name}.transform"),
                &[WIDTH, width, to, width],
                width,
                width,
            ),
            log_alpha: build.normal(
                format!("{name}.log_alpha"),
                Kind::LogAlpha,
                &[to, WIDTH],
                0.01,
            ),
            to,
            level,
        }
    }

    fn forward(&self, p: &Parameters, x: Tensor<3>, noise: Option<Key>) -> Tensor<3> {
        let [from, rows, width] = x.dims();
        let log_alpha = log_alpha(p, self.log_alpha);
        let z = match noise {
            Some(key) => {
                let mut stream = key.with(ROUTING).with(self.level).stream();
                let draw = |_| (1e-6 + stream.uniform() * (1.0 - 2e-6)) as f32;
                let draws: Vec<f32> = (0..self.to * from).map(draw).collect();
                drawn_gate(log_alpha, draws)
            }
            None => gate(log_alpha),
        };
        // One matrix product with every transformation scaled by its connection's gate.
        let z = z.transpose().reshape([from, 1, self.to, 1]);
        let transform = p.get(self.transform).reshape([from, width, self.to, width]) * z;
        let x = x.swap_dims(0, 1).reshape([rows, from * width]);
        x.matmul(transform.reshape([from * width, self.to * width]))
            .reshape([rows, self.to, width])
            .swap_dims(0, 1)
    }
}

/// Names the draws of the connections.
const ROUTING: u64 = 0x726f_7574;

fn log_alpha(p: &Parameters, id: Id) -> Tensor<2> {
    p.get(id).clamp(-LARGEST_LOG_ALPHA, LARGEST_LOG_ALPHA)
}

/// The gate in training for uniform draws e:
/// `min(1, max(0, sigm((ln e - ln(1 - e) + la) / beta) (zeta - gamma) + gamma))`.
pub fn drawn_gate(log_alpha: Tensor<2>, draws: Vec<f32>) -> Tensor<2> {
    let shape = log_alpha.dims();
    let noise = draws
        .into_iter()
        .map(f64::from)
        .map(|e| (e.ln() - (1.0 - e).ln()) as f32)
        .collect();
    let noise = Tensor::from_data(TensorData::new(noise, shape), &log_alpha.device());
    stretched((log_alpha + noise) / BETA)
}

/// The gate in evaluation: `min(1, max(0, sigm(la) (zeta - gamma) + gamma))`.
pub fn gate(log_alpha: Tensor<2>) -> Tensor<2> {
    stretched(log_alpha)
}

fn stretched(x: Tensor<2>) -> Tensor<2> {
    (sigmoid(x) * (ZETA - GAMMA) + GAMMA).clamp(0.0, 1.0)
}

/// `P(z != 0) = sigm(la - beta ln(-gamma / zeta))`.
pub fn open_probability(log_alpha: Tensor<2>) -> Tensor<2> {
    sigmoid(log_alpha - BETA * (-GAMMA / ZETA).ln())
}
