//! GAUC of both tasks over a window, with the gates behind it (model.md 9).

use burn::tensor::{Tensor, Transaction};
use serde::{Deserialize, Serialize};

use crate::data::{Dataset, Instances, TASKS, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Channels, Draw};
use crate::metric::{Gauc, GaucReport};
use crate::model::moge::K;
use crate::model::network::Unit;
use crate::model::{Assembler, Network, Parameters};
use crate::random::Key;

/// Pairs whose neighbourhoods are sampled together.
const ENCODED_PAIRS: usize = 32_768;
/// Pairs that pass through experts and gates together.
const SCORED_PAIRS: usize = 4_096;
/// Names the draw of the fixed subset of users.
const SUBSET: u64 = 0x7375_6273;

/// The instances of one window that an evaluation scores, with their groups prepared.
#[derive(Clone, Debug)]
pub struct Window {
    /// Places of the instances in the window, ascending.
    pub rows: Vec<u32>,
    /// Whether these are all instances of the window.
    pub complete: bool,
    groups: [Gauc; K],
}

impl Window {
    /// All instances, or those of a fixed subset of `users` users (0 for all).
    pub fn new(instances: &Instances, users: usize) -> Self {
        let mut distinct = instances.user.clone();
        distinct.dedup();
        let complete = users == 0 || users >= distinct.len();
        let rows = 0..instances.len() as u32;
        let rows: Vec<u32> = if complete {
            rows.collect()
        } else {
            let key = Key::new(SUBSET);
            distinct.sort_by_key(|&user| (key.with(u64::from(user)).stream().bits(), user));
            distinct.truncate(users);
            distinct.sort_unstable();
            rows.filter(|&i| distinct.binary_search(&instances.user[i as usize]).is_ok())
                .collect()
        };
        let groups = TASKS.map(|task| Gauc::of_users(instances, &rows, task));
        Self {
            rows,
            complete,
            groups,
        }
    }

    /// The metrics of a task from logits `[rows, K]`.
    pub fn report(&self, task: Task, logits: &[f32]) -> Result<GaucReport> {
        let scores: Vec<f32> = logits
            .iter()
            .skip(task as usize)
            .step_by(K)
            .copied()
            .collect();
        self.groups[task as usize].evaluate(&scores)
    }
}

/// What the model says of some instances, on the host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// `[rows, K]`
    pub logits: Vec<f32>,
    /// `[rows, K, N]`; empty without gates
    pub gates: Vec<f32>,
    /// The graph's part of each logit, `sum_n g_n <v, Z^n>`, `[rows, K]`; empty where logits are not
    /// additive
    pub graph: Vec<f32>,
}

/// Scores instances without recording gradients.
pub async fn score(
    model: &dyn Network,
    p: &Parameters,
    assembler: &mut Assembler,
    (data, channels): (&Dataset, &Channels),
    instances: &Instances,
    rows: &[u32],
    draw: Draw,
) -> Result<Scored> {
    let mut scored = Scored::default();
    for rows in rows.chunks(ENCODED_PAIRS) {
        let batch = assembler.instances(data, channels, instances, rows, draw);
        let encoded = model.encode(p, &batch);
        for first in (0..rows.len()).step_by(SCORED_PAIRS) {
            let range = first..rows.len().min(first + SCORED_PAIRS);
            let output = model.score(p, &batch, &encoded, range);
            let graph = output.parts().map(|[_, graph]| graph.flatten(0, 1));
            let gates = output.gates.map(|g| g.swap_dims(0, 1).flatten(0, 2));
            let logits = Some(output.logits.flatten(0, 1));
            let [logits, gates, graph] = read_some([logits, gates, graph]).await?;
            scored.logits.extend(logits);
            scored.gates.extend(gates);
            scored.graph.extend(graph);
        }
    }
    Ok(scored)
}

/// Reads several tensors from the device at once.
///
/// # Errors
///
/// When the device was lost.
pub async fn read<const M: usize>(tensors: [Tensor<1>; M]) -> Result<[Vec<f32>; M]> {
    read_some(tensors.map(Some)).await
}

/// As [`read`]; what is absent is empty.
///
/// # Errors
///
/// As [`read`].
pub async fn read_some<const M: usize>(tensors: [Option<Tensor<1>>; M]) -> Result<[Vec<f32>; M]> {
    let present = tensors.each_ref().map(Option::is_some);
    let reading = tensors
        .into_iter()
        .flatten()
        .fold(Transaction::default(), |t, x| t.register(x));
    let lost = |error: &dyn std::fmt::Display| {
        let what = format!("GPU device lost: reading from it failed ({error})");
        Error::new(ErrorKind::Engine, what, "Go on with the flex engine.")
    };
    let data = reading
        .execute_async()
        .await
        .map_err(|e| lost(&format!("{e:?}")))?;
    let values: std::result::Result<Vec<Vec<f32>>, _> =
        data.into_iter().map(|d| d.try_into_vec::<f32>()).collect();
    let mut values = values.map_err(|e| lost(&format!("{e:?}")))?.into_iter();
    Ok(present.map(|here| match here {
        true => values.next().expect("one answer per tensor"),
        false => Vec::new(),
    }))
}

/// One evaluation, as reported and stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Training steps done.
    pub step: u64,
    /// Test metrics of favourite and purchase.
    pub tasks: [TaskScore; K],
    /// Validation GAUC of favourite and purchase, which decides when to stop.
    pub validation: [Option<f64>; K],
    /// Mean gate over the scored test instances, `[K][N]`; `N` is 0 without gates.
    pub gate_mean: Vec<Vec<f64>>,
    /// Standard deviation of the gate, `[K][N]`.
    pub gate_std: Vec<Vec<f64>>,
    /// Mean entropy of the gate in nats, `[K]`; a uniform gate has ln N.
    pub gate_entropy: Vec<f64>,
    /// What the tasks share.
    #[serde(default)]
    pub sharing: Vec<Sharing>,
    /// Test instances scored.
    pub instances: usize,
    /// Whether they are the whole test window.
    pub complete: bool,
    /// Wall time.
    pub milliseconds: f64,
}

impl Evaluation {
    /// Mean validation GAUC of the tasks where it is defined.
    pub fn mean_validation(&self) -> Option<f64> {
        let known: Vec<f64> = self.validation.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}

/// A task's metrics.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskScore {
    /// None when no group is valid.
    pub gauc: Option<f64>,
    /// AUC of all instances together.
    pub auc: Option<f64>,
    /// Valid groups: users with a positive and a negative instance.
    pub groups: usize,
    /// Share of the instances in valid groups.
    pub share: f64,
}

impl From<GaucReport> for TaskScore {
    fn from(report: GaucReport) -> Self {
        let GaucReport {
            gauc,
            auc,
            groups,
            share,
            ..
        } = report;
        Self {
            gauc,
            auc,
            groups,
            share,
        }
    }
}

/// A small matrix that says what the tasks of a system share: cross-stitch units, the strength of
/// SNR's connections, mean gates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sharing {
    /// What it is.
    pub name: String,
    /// Names of what receives.
    pub rows: Vec<String>,
    /// Names of what gives.
    pub columns: Vec<String>,
    /// `[rows, columns]`
    pub values: Vec<f64>,
}

impl Sharing {
    /// Reads a unit from the device.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn read(unit: Unit) -> Result<Self> {
        let [values] = read([unit.values.flatten(0, 1)]).await?;
        Ok(Self {
            name: unit.name,
            rows: unit.rows,
            columns: unit.columns,
            values: values.into_iter().map(f64::from).collect(),
        })
    }
}

/// The gates of some instances in three numbers each: `[K][N]`, `[K][N]`, `[K]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GateStatistics {
    /// Mean.
    pub mean: Vec<Vec<f64>>,
    /// Standard deviation.
    pub std: Vec<Vec<f64>>,
    /// Mean entropy in nats.
    pub entropy: Vec<f64>,
}

/// Statistics of gates `[rows, K, N]`; without experts every list is empty.
pub fn gate_statistics(gates: &[f32], experts: usize) -> GateStatistics {
    if experts == 0 {
        return GateStatistics::default();
    }
    let rows = (gates.len() / (K * experts)).max(1) as f64;
    let mut mean = vec![vec![0.0; experts]; K];
    let mut square = mean.clone();
    let mut entropy = vec![0.0; K];
    for (place, &gate) in gates.iter().enumerate() {
        let (k, n, g) = (place / experts % K, place % experts, f64::from(gate));
        mean[k][n] += g / rows;
        square[k][n] += g * g / rows;
        entropy[k] -= if g > 0.0 { g * g.ln() / rows } else { 0.0 };
    }
    let spread = |(square, mean): (&f64, &f64)| (square - mean * mean).max(0.0).sqrt();
    let rows = square.iter().zip(&mean);
    let std = rows.map(|(square, mean)| square.iter().zip(mean).map(spread).collect());
    GateStatistics {
        std: std.collect(),
        mean,
        entropy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gate_statistics_of_two_rows() {
        let uniform = [0.25f32; 4];
        let one = [1.0f32, 0.0, 0.0, 0.0];
        let gates = [uniform, one, one, one].concat();
        let found = gate_statistics(&gates, 4);
        assert_eq!(
            found.mean,
            [[0.625, 0.125, 0.125, 0.125], [1.0, 0.0, 0.0, 0.0]]
        );
        assert_eq!(found.std[0][0], 0.375);
        assert_eq!(found.std[1], [0.0; 4]);
        assert!((found.entropy[0] - 4f64.ln() / 2.0).abs() < 1e-7);
        assert_eq!(found.entropy[1], 0.0);
        assert_eq!(gate_statistics(&[], 0), GateStatistics::default());
    }
}
