//! What every system can do: encode a batch, score pairs, and say what its tasks share.

use std::fmt::Debug;
use std::ops::Range;

use burn::tensor::Tensor;

use super::batch::Batch;
use super::embedding::Embedding;
use super::parameters::Parameters;
use super::stem::Encoded;

/// A system; its parameters live apart, in [`Parameters`].
pub trait Network: Debug + Send {
    /// The embedding tables; one set per task where nothing is shared.
    fn embeddings(&self) -> Vec<&Embedding>;

    /// The channels whose blocks it reads: G, Gu, Gi.
    fn channels(&self) -> [bool; 3];

    /// What is computed once for all pairs of a batch, one entry per set of embedding tables.
    fn encode(&self, p: &Parameters, batch: &Batch) -> Vec<Encoded>;

    /// What the system says of the pairs in `range`.
    fn score(
        &self,
        p: &Parameters,
        batch: &Batch,
        encoded: &[Encoded],
        range: Range<usize>,
    ) -> Output;

    /// The output biases b, `[1, K]`; zeros where logits have none.
    fn bias(&self, p: &Parameters) -> Tensor<2>;

    /// The last layer's attention in each channel: for every distinct root of the block, the weights
    /// of its row's edges and then zeros up to a common width. Empty where it reads no graph.
    fn attention(&self, p: &Parameters, batch: &Batch) -> [Vec<Tensor<1>>; 3] {
        let _ = (p, batch);
        Default::default()
    }

    /// The log variances s of the uncertainty loss, `[1, K]`, where the system learns task weights.
    fn log_variance(&self, p: &Parameters) -> Option<Tensor<2>> {
        let _ = p;
        None
    }

    /// A term of the loss that depends on the parameters alone, `[1]`.
    fn penalty(&self, p: &Parameters) -> Option<Tensor<1>> {
        let _ = p;
        None
    }

    /// The names of the experts that each task's gate weighs, `N` of them; empty without gates.
    fn experts(&self) -> Vec<String> {
        Vec::new()
    }

    /// The vectors of a batch of one pair on its way to the logits, by name; empty where the system
    /// has no trace.
    fn trace(&self, p: &Parameters, batch: &Batch) -> Vec<(String, Tensor<1>)> {
        let _ = (p, batch);
        Vec::new()
    }

    /// The matrices that say what the tasks share, apart from gates.
    fn units(&self, p: &Parameters) -> Vec<Unit> {
        let _ = p;
        Vec::new()
    }
}

/// What a system says of some pairs.
#[derive(Clone, Debug)]
pub struct Output {
    /// `[B, K]`
    pub logits: Tensor<2>,
    /// Softmax gates `g^k_n`, `[K, B, N]`, of systems that have them.
    pub gates: Option<Tensor<3>>,
    /// The exact parts of every expert's score `s^k_n`; none without gates, and none behind towers,
    /// where the logit is not additive.
    pub scores: Option<Scores>,
}

impl Output {
    /// The output of a system without gates.
    pub fn of_logits(logits: Tensor<2>) -> Self {
        Self {
            logits,
            gates: None,
            scores: None,
        }
    }

    /// The exact parts of the logits without their biases, `sum_n g_n <v, f^n>` and
    /// `sum_n g_n <v, Z^n>`, `[B, K]` each; none where the logits are not additive.
    pub fn parts(&self) -> Option<[Tensor<2>; 2]> {
        let (gates, scores) = (self.gates.as_ref()?, self.scores.as_ref()?);
        let weigh = |part: &Tensor<3>| {
            let sum = (gates.clone() * part.clone()).sum_dim(2);
            sum.squeeze_dim::<2>(2).transpose()
        };
        Some([weigh(&scores.expert), weigh(&scores.graph)])
    }
}

/// `s^k_n` = expert part + graph part (model.md 5.4).
#[derive(Clone, Debug)]
pub struct Scores {
    /// `<v_k, f^n>`, `[K, B, N]`.
    pub expert: Tensor<3>,
    /// `<v_k, Z^n>`, `[K, B, N]`.
    pub graph: Tensor<3>,
}

/// A small matrix of strengths between the parts of a system.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What it is.
    pub name: String,
    /// Names of what receives, one per row.
    pub rows: Vec<String>,
    /// Names of what gives, one per column.
    pub columns: Vec<String>,
    /// `[rows, columns]`
    pub values: Tensor<2>,
}
