//! Experts mixed by one softmax gate per task: the part that MoGE, MMoE and CGC share (model.md 5.4).
//!
//! ```text
//! s^k_n   = <v_k, [f^n || Z^n]>
//! logit_k = sum_n g^k_n s^k_n + b_k
//! ```

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use super::config::ModelConfig;
use super::head::Bias;
use super::moge::K;
use super::network::{Output, Scores};
use super::parameters::{Builder, Id, Parameters};
use super::stack::Stack;

/// Experts, gates and output vectors.
#[derive(Clone, Debug)]
pub struct Mixture {
    experts: Stack,
    gates: Stack,
    /// For each task, the experts that its gate weighs, in order; as many for every task.
    of_task: [Vec<usize>; K],
    /// Width dz of the interactions, 0 for none.
    interaction: usize,
    head: Head,
    bias: Bias,
}

#[derive(Clone, Debug)]
enum Head {
    /// The output vectors v, `[K, e + dz]` or `[1, e + dz]`.
    Linear(Id),
    /// A tower per task (decision B11).
    Tower(Stack),
}

impl Mixture {
    /// Creates `expert.*`, `gate.*`, and `head.*` or `tower.*`.
    ///
    /// `inputs` is the width of the experts' and gates' input; `of_task` names, for each task, the
    /// experts that its gate weighs.
    pub fn new(
        build: &mut Builder,
        config: &ModelConfig,
        inputs: usize,
        of_task: [Vec<usize>; K],
        interaction: usize,
        base_rates: [f64; K],
    ) -> Self {
        let slope = config.slope;
        let count = of_task.iter().flatten().max().map_or(0, |n| n + 1);
        let experts = Stack::new(
            build,
            "expert",
            count,
            inputs,
            &config.expert_hidden,
            slope,
            config.expert_last_linear,
        );
        let gate = [&config.gate_hidden[..], &[of_task[0].len()]].concat();
        let gates = Stack::new(build, "gate", K, inputs, &gate, slope, true);
        let width = config.expert_width() + interaction;
        let head = if config.tower_hidden.is_empty() {
            let rows = if config.shared_output { 1 } else { K };
            Head::Linear(build.weight("head.weight", &[rows, width], width, 1))
        } else {
            let widths = [&config.tower_hidden[..], &[1]].concat();
            Head::Tower(Stack::new(build, "tower", K, width, &widths, slope, true))
        };
        Self {
            experts,
            gates,
            of_task,
            interaction,
            head,
            bias: Bias::new(build, "", config, &base_rates),
        }
    }

    /// The output biases, `[1, K]`.
    pub fn bias(&self, p: &Parameters) -> Tensor<2> {
        self.bias.get(p)
    }

    /// The mixture on inputs `[B, inputs]`, with the interaction `Z^n`, `[B, dz]`, of every expert
    /// that has one.
    pub fn score(
        &self,
        p: &Parameters,
        x: Tensor<2>,
        interactions: &[Option<Tensor<2>>],
    ) -> Output {
        let rows = x.dims()[0];
        let gates = softmax(self.gates.forward(p, x.clone()), 2);
        let experts = self.experts.forward(p, x);
        let (logits, scores) = match &self.head {
            Head::Linear(v) => {
                let scores = self.scores(p.get(*v), experts, interactions);
                let sum = gates.clone() * (scores.expert.clone() + scores.graph.clone());
                (sum.sum_dim(2).reshape([K, rows]).transpose(), Some(scores))
            }
            Head::Tower(towers) => {
                let mixed = self.mixed(gates.clone(), experts, interactions);
                (
                    towers.forward_each(p, mixed).reshape([K, rows]).transpose(),
                    None,
                )
            }
        };
        Output {
            logits: self.bias.add_to(p, logits),
            gates: Some(gates),
            scores,
        }
    }

    /// Gates `[K, B, N]`, experts `[experts, B, e]` and mixtures `[K, B, e + dz]` of what
    /// [`Mixture::score`] reads.
    pub fn trace(
        &self,
        p: &Parameters,
        x: Tensor<2>,
        interactions: &[Option<Tensor<2>>],
    ) -> [Tensor<3>; 3] {
        let gates = softmax(self.gates.forward(p, x.clone()), 2);
        let experts = self.experts.forward(p, x);
        let mixed = self.mixed(gates.clone(), experts.clone(), interactions);
        [gates, experts, mixed]
    }

    /// `o^k = sum_n g^k_n [f^n || Z^n]`, `[K, B, e + dz]`.
    fn mixed(
        &self,
        gates: Tensor<3>,
        experts: Tensor<3>,
        interactions: &[Option<Tensor<2>>],
    ) -> Tensor<3> {
        let joined = self.joined(experts, interactions);
        let mixed = (0..K).map(|k| {
            let gate = gates.clone().narrow(0, k, 1).permute([2, 1, 0]);
            let own = self.of_task[k]
                .iter()
                .map(|&n| joined.clone().narrow(0, n, 1));
            (gate * Tensor::cat(own.collect(), 0)).sum_dim(0)
        });
        Tensor::cat(mixed.collect(), 0)
    }

    /// `[f^n || Z^n]` of every expert, `[experts, B, e + dz]`.
    fn joined(&self, experts: Tensor<3>, interactions: &[Option<Tensor<2>>]) -> Tensor<3> {
        if self.interaction == 0 {
            return experts;
        }
        let rows = experts.dims()[1];
        let absent = || Tensor::zeros([rows, self.interaction], &experts.device());
        let graph = interactions
            .iter()
            .map(|z| z.clone().unwrap_or_else(absent));
        Tensor::cat(vec![experts.clone(), Tensor::stack(graph.collect(), 0)], 2)
    }

    /// `<v_k, f^n>` and `<v_k, Z^n>`, `[K, B, N]` each.
    fn scores(
        &self,
        v: Tensor<2>,
        experts: Tensor<3>,
        interactions: &[Option<Tensor<2>>],
    ) -> Scores {
        let [n, rows, e] = experts.dims();
        let [heads, _] = v.dims();
        let of_expert = v.clone().narrow(1, 0, e).transpose();
        let expert = experts
            .reshape([n * rows, e])
            .matmul(of_expert)
            .reshape([n, rows, heads]);
        let graph = if self.interaction == 0 {
            Tensor::zeros([n, rows, heads], &v.device())
        } else {
            let of_graph = v.clone().narrow(1, e, self.interaction).transpose();
            let absent = || Tensor::zeros([rows, heads], &v.device());
            let graph = interactions.iter().map(|z| match z {
                Some(z) => z.clone().matmul(of_graph.clone()),
                None => absent(),
            });
            Tensor::stack(graph.collect(), 0)
        };
        Scores {
            expert: self.to_tasks(expert),
            graph: self.to_tasks(graph),
        }
    }

    /// Scores of all experts, `[experts, B, heads]`, to those that each task weighs, `[K, B, N]`.
    fn to_tasks(&self, x: Tensor<3>) -> Tensor<3> {
        let [n, rows, heads] = x.dims();
        let x = x.permute([2, 1, 0]).expand([K, rows, n]);
        if self.of_task.iter().all(|own| own.iter().copied().eq(0..n)) {
            return x;
        }
        debug_assert!(heads == K || heads == 1);
        let tasks = self.of_task.iter().enumerate().map(|(k, own)| {
            let task = x.clone().narrow(0, k, 1);
            let own = own.iter().map(|&n| task.clone().narrow(2, n, 1));
            Tensor::cat(own.collect(), 2)
        });
        Tensor::cat(tasks.collect(), 0)
    }
}
