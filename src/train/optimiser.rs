//! Adam over all parameters of a system, with a state that can be read and restored.

use burn::optim::{Adam, AdamConfig, AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Gradients, Tensor, TensorData};

use crate::model::Parameters;
use crate::model::parameters::{Id, Kind, Parameter};
use crate::op::adam::{Constants, HostMoments};
#[cfg(feature = "webgpu")]
use crate::op::adam::{Pass, step_on_gpu};
use crate::op::adam_rows::{Missed, RowMoments};
#[cfg(feature = "webgpu")]
use crate::op::form::Form;
use crate::op::host::matrix_floats;
#[cfg(feature = "webgpu")]
use crate::op::host::on_gpu;

/// Adam's constants (decision C7).
const CONSTANTS: Constants = Constants {
    beta_1: 0.9,
    beta_2: 0.999,
    epsilon: 1e-8,
};

/// Adam with betas 0.9 and 0.999 and epsilon 1e-8 (decision C7).
///
/// A step trains on what [`Optimiser::lend`] gives, and hands it back to [`Optimiser::step`]. The
/// parameters between steps may be behind: [`Optimiser::settled`] are those to read.
#[derive(Clone)]
pub struct Optimiser {
    adam: Adam,
    /// First and second moments of every parameter, in order.
    state: Vec<State>,
    learning_rate: f64,
}

/// Moments before the first gradient are empty.
#[derive(Clone)]
enum State {
    Host(HostMoments),
    /// Those of a table whose rows are updated when a step reads them.
    Rows(RowMoments),
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
    /// Of a table whose rows are behind: its values, and how many updates each row includes, `[rows, 1]`.
    pub behind: Option<[Tensor<2>; 2]>,
}

/// The parameters as one step reads them.
pub struct Lent {
    /// Tables hold only the rows that were asked for.
    pub parameters: Parameters,
    /// These rows, for every parameter; none where it is whole.
    rows: Vec<Option<Vec<u32>>>,
    /// What the others have missed, too.
    missed: Missed,
}

/// How the updates are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// On any device, with stock operations or the kernel of the GPU.
    Device,
    /// With the operation of the CPU engines.
    Host,
    /// The same, and the rows of embedding tables only when a step reads them.
    Rows,
}

impl Optimiser {
    /// A fresh optimiser for some parameters.
    pub fn new(p: &Parameters, updates: Updates, learning_rate: f64) -> Self {
        let Constants {
            beta_1,
            beta_2,
            epsilon,
        } = CONSTANTS;
        let state = p.iter().map(|p| match updates {
            Updates::Device => State::Device(None),
            Updates::Rows if p.kind == Kind::Table => {
                let [rows, d] = p.value.dims();
                State::Rows(RowMoments::new(rows, d))
            }
            Updates::Rows | Updates::Host => State::Host(HostMoments::default()),
        });
        Self {
            adam: AdamConfig::new()
                .with_beta_1(beta_1)
                .with_beta_2(beta_2)
                .with_epsilon(epsilon)
                .build(),
            state: state.collect(),
            learning_rate,
        }
    }

    /// Whether tables are lent by rows.
    pub fn by_rows(&self) -> bool {
        self.state.iter().any(|s| matches!(s, State::Rows(_)))
    }

    /// The parameters for a step; of each table named in `rows` only these distinct rows, in their
    /// order.
    pub fn lend(&self, p: &mut Parameters, rows: Vec<(Id, Vec<u32>)>) -> Lent {
        let mut wanted = vec![None; self.state.len()];
        for (id, rows) in rows {
            wanted[id.0] = Some(rows);
        }
        let mut lent = Lent {
            parameters: Parameters::default(),
            rows: Vec::new(),
            missed: self.missed(),
        };
        for ((parameter, state), rows) in p.iter_mut().zip(&self.state).zip(wanted) {
            let (State::Rows(moments), Some(rows)) = (state, rows) else {
                lent.parameters.push(parameter.clone());
                lent.rows.push(None);
                continue;
            };
            let rate = self.learning_rate * parameter.kind.rate();
            let d = parameter.value.dims()[1];
            let gathered =
                parameter.change(|values| moments.gather(values, &rows, &lent.missed, rate));
            let gathered = TensorData::new(gathered, [rows.len(), d]);
            let value = Tensor::from_data(gathered, &parameter.value.device()).require_grad();
            lent.parameters.push(parameter.with(value));
            lent.rows.push(Some(rows));
        }
        lent
    }

    /// One update of every parameter that has a gradient. `clip_norm` above 0 first scales the whole
    /// gradient down to that Euclidean length.
    pub fn step(
        &mut self,
        p: &mut Parameters,
        lent: Lent,
        mut gradients: Gradients,
        clip_norm: f64,
    ) {
        // What nobody else holds is read without a copy.
        let gradient = |p: &Parameter| p.value.grad_remove(&mut gradients);
        let mut all: Vec<_> = lent.parameters.iter().map(gradient).collect();
        if clip_norm > 0.0 {
            clip(&mut all, clip_norm);
        }
        // Only tables are kept: what nobody else holds is changed in place.
        let tables = lent.parameters.into_entries().zip(lent.rows);
        let tables = tables.map(|(lent, rows)| Some((rows?, lent.value.inner())));
        let tables: Vec<_> = tables.collect();
        let entries = p.iter_mut().zip(all).zip(tables).zip(&mut self.state);
        for (((parameter, gradient), table), state) in entries {
            let Some(gradient) = gradient else { continue };
            let rate = self.learning_rate * parameter.kind.rate();
            match state {
                State::Host(moments) => {
                    let gradient = matrix_floats(gradient);
                    parameter.change(|values| moments.update(values, &gradient, rate, CONSTANTS));
                }
                State::Rows(moments) => {
                    let gradient = matrix_floats(gradient);
                    let (rows, values) = table.expect("a step reads rows of this table");
                    let (values, missed) = (matrix_floats(values), &lent.missed);
                    parameter.change(|table| {
                        moments.update(table, &rows, values, &gradient, missed, rate)
                    });
                }
                State::Device(before) => {
                    *before = parameter
                        .replace(|value| update(&self.adam, rate, value, gradient, before.take()));
                }
            }
        }
    }

    /// The parameters with the updates that rows of tables have missed, to read.
    pub fn settled(&self, p: &Parameters) -> Parameters {
        let missed = self.missed();
        let mut settled = p.clone();
        for (parameter, state) in settled.iter_mut().zip(&self.state) {
            if let State::Rows(moments) = state {
                let rate = self.learning_rate * parameter.kind.rate();
                parameter.change(|values| moments.settle(values, &missed, rate));
            }
        }
        settled
    }

    /// Takes the parameters as they are for up to date, whatever rows have missed.
    pub fn forget_missed(&mut self) {
        for state in &mut self.state {
            if let State::Rows(moments) = state {
                moments.forget_missed();
            }
        }
    }

    /// What rows of tables, which are updated as often as each other, can have missed.
    fn missed(&self) -> Missed {
        let times = self.state.iter().filter_map(|state| match state {
            State::Rows(moments) => Some(moments.moments.time),
            _ => None,
        });
        Missed::new(times.max().unwrap_or(0), CONSTANTS)
    }

    /// The state of every parameter, in order; none before its first gradient.
    pub fn moments(&self, p: &Parameters) -> Vec<Option<Moments>> {
        let moments = self
            .state
            .iter()
            .zip(p.iter())
            .map(|(state, p)| match state {
                State::Host(m) => host_moments(m, p, None),
                State::Rows(m) => {
                    let included = m.included.iter().map(|&n| n as f32).collect::<Vec<_>>();
                    let included = TensorData::new(included, [m.included.len(), 1]);
                    let value = p.value.clone().inner();
                    let included = Tensor::from_data(included, &value.device());
                    host_moments(&m.moments, p, Some([value, included]))
                }
                State::Device(state) => state.as_ref().map(|AdamState { momentum: m }| Moments {
                    time: m.time,
                    first: m.moment_1.clone(),
                    second: m.moment_2.clone(),
                    behind: None,
                }),
            });
        moments.collect()
    }

    /// Replaces the state of every parameter, and the values of tables whose rows are behind.
    pub fn restore(&mut self, p: &mut Parameters, moments: Vec<Option<Moments>>) {
        for ((state, parameter), moments) in self.state.iter_mut().zip(p.iter_mut()).zip(moments) {
            let Some(moments) = moments else { continue };
            let device = moments.first.device();
            let [rows, d] = parameter.value.dims();
            let host = HostMoments {
                time: moments.time,
                first: matrix_floats(moments.first),
                second: matrix_floats(moments.second),
            };
            let (values, included) = match moments.behind {
                None => (None, vec![host.time as u32; rows]),
                Some([values, included]) => {
                    let included = matrix_floats(included).iter().map(|&n| n as u32).collect();
                    (Some(values), included)
                }
            };
            let mut by_row = RowMoments::resume(host, included, d);
            if let State::Rows(moments) = state {
                if let Some(values) = values {
                    parameter.value = Tensor::from_inner(values).require_grad();
                }
                *moments = by_row;
                continue;
            }
            by_row.settle_moments(&Missed::new(by_row.moments.time, CONSTANTS));
            let HostMoments {
                time,
                first,
                second,
            } = by_row.moments;
            *state = match state {
                State::Device(_) => {
                    let tensor =
                        |values| Tensor::from_data(TensorData::new(values, [rows, d]), &device);
                    let state = AdaptiveMomentumState::new(time, tensor(first), tensor(second));
                    State::Device(Some(AdamState::new(state)))
                }
                _ => State::Host(HostMoments {
                    time,
                    first,
                    second,
                }),
            };
        }
    }
}

/// One update on the device: with the kernel of the GPU where that is wanted, or stock operations.
fn update(
    adam: &Adam,
    rate: f64,
    value: Tensor<2>,
    gradient: Tensor<2>,
    before: Option<AdamState<2>>,
) -> (Tensor<2>, Option<AdamState<2>>) {
    #[cfg(feature = "webgpu")]
    if Form::current() == Form::Own && on_gpu(&value.device()) {
        let zeros = || Tensor::zeros(value.dims(), &value.device());
        let (time, moments) = match before {
            Some(AdamState { momentum: m }) => (m.time + 1, [m.moment_1, m.moment_2]),
            None => (1, [zeros(), zeros()]),
        };
        let pass = Pass::new(time, rate, CONSTANTS);
        let [value, first, second] = step_on_gpu(value, gradient, moments, pass);
        let state = AdaptiveMomentumState::new(time, first, second);
        return (value, Some(AdamState::new(state)));
    }
    adam.step(rate, value, gradient, before)
}

fn host_moments(m: &HostMoments, p: &Parameter, behind: Option<[Tensor<2>; 2]>) -> Option<Moments> {
    if m.time == 0 {
        return None;
    }
    let value = p.value.clone().inner();
    let tensor = |values: &[f32]| {
        let data = TensorData::new(values.to_vec(), value.dims());
        Tensor::from_data(data, &value.device())
    };
    Some(Moments {
        time: m.time,
        first: tensor(&m.first),
        second: tensor(&m.second),
        behind,
    })
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
