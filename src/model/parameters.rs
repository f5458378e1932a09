//! The parameters of a system: named matrices with a kind, initialised from a seed.

use burn::tensor::{Device, Tensor, TensorData};

use crate::op::host::matrix_floats;
use crate::random::Key;

/// What a parameter is, which decides how it is regularised (decision C3) and initialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A matrix or vector of the network: in the regulariser.
    Weight,
    /// A bias: not regularised.
    Bias,
    /// An embedding table: regularised by the rows that a batch looks up.
    Table,
    /// A log variance of the uncertainty loss: not regularised.
    LogVariance,
    /// A cross-stitch unit: not regularised, learns ten times faster (model.md 7.3).
    Stitch,
    /// The log alpha of a hard-concrete gate: not regularised (model.md 7.5).
    LogAlpha,
}

impl Kind {
    /// What the learning rate is multiplied by.
    pub fn rate(self) -> f64 {
        match self {
            Self::Stitch => 10.0,
            _ => 1.0,
        }
    }
}

/// Position of a parameter in its [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub usize);

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Unique, dotted: `mgnn.user_item.w_query`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The shape as documented; the tensor holds the same values as `[shape[0] * .. , shape.last]`.
    pub shape: Vec<usize>,
    /// The values.
    pub value: Tensor<2>,
}

impl Parameter {
    /// The same parameter with another value.
    pub fn with(&self, value: Tensor<2>) -> Self {
        Self {
            name: self.name.clone(),
            kind: self.kind,
            shape: self.shape.clone(),
            value,
        }
    }

    /// Changes the values, row after row; in place where nobody else holds them. For the CPU engines
    /// only.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut [f32]) -> T) -> T {
        let (shape, device) = (self.value.dims(), self.value.device().inner());
        self.replace(|value| {
            let mut values = matrix_floats(value);
            let answer = change(&mut values);
            (
                Tensor::from_data(TensorData::new(values, shape), &device),
                answer,
            )
        })
    }

    /// Makes other values of the values, without gradients, which it may change in place where nobody
    /// else holds them.
    pub fn replace<T>(&mut self, make: impl FnOnce(Tensor<2>) -> (Tensor<2>, T)) -> T {
        let nothing = Tensor::empty([1, 1], &self.value.device());
        let (value, answer) = make(std::mem::replace(&mut self.value, nothing).inner());
        self.value = Tensor::from_inner(value).require_grad();
        answer
    }
}

/// All parameters of a system, in the order of their creation.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    entries: Vec<Parameter>,
}

impl Parameters {
    /// The tensor of a parameter.
    pub fn get(&self, id: Id) -> Tensor<2> {
        self.entries[id.0].value.clone()
    }

    /// The device that holds them.
    ///
    /// # Panics
    ///
    /// When there is no parameter; every system has an embedding.
    pub fn device(&self) -> Device {
        self.entries[0].value.device()
    }

    /// The tensor of a parameter as a batch of `n` matrices, `[n, rows / n, columns]`.
    pub fn batch(&self, id: Id, n: usize) -> Tensor<3> {
        let value = self.get(id);
        let [rows, columns] = value.dims();
        value.reshape([n, rows / n, columns])
    }

    /// All parameters.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.entries.iter()
    }

    /// All parameters, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Parameter> {
        self.entries.iter_mut()
    }

    /// All parameters, one by one.
    pub fn into_entries(self) -> impl Iterator<Item = Parameter> {
        self.entries.into_iter()
    }

    /// Adds a parameter behind all others.
    pub fn push(&mut self, parameter: Parameter) {
        self.entries.push(parameter);
    }

    /// Number of scalars outside embedding tables, and inside them.
    pub fn count(&self) -> (usize, usize) {
        self.entries.iter().fold((0, 0), |(network, tables), p| {
            let n = p.shape.iter().product::<usize>();
            if p.kind == Kind::Table {
                (network, tables + n)
            } else {
                (network + n, tables)
            }
        })
    }

    /// The same parameters on a device without recording, for inference.
    pub fn detached(&self) -> Self {
        let entries = self.entries.iter().cloned().map(|mut p| {
            p.value = p.value.without_autodiff();
            p
        });
        Self {
            entries: entries.collect(),
        }
    }
}

/// Creates parameters. The values of one depend on the seed and its name alone, so that switching a
/// part off does not change how the others start.
pub struct Builder<'a> {
    device: &'a Device,
    seed: u64,
    parameters: Parameters,
}

impl<'a> Builder<'a> {
    /// A builder on a device, for a seed.
    pub fn new(device: &'a Device, seed: u64) -> Self {
        Self {
            device,
            seed,
            parameters: Parameters::default(),
        }
    }

    /// The finished parameters.
    pub fn finish(self) -> Parameters {
        self.parameters
    }

    /// A weight with Xavier-uniform values: bound `sqrt(6 / (fan_in + fan_out))`.
    pub fn weight(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        fan_in: usize,
        fan_out: usize,
    ) -> Id {
        let name = name.into();
        let bound = (6.0 / (fan_in + fan_out) as f64).sqrt();
        let mut stream = self.key(&name).stream();
        let values =
            (0..shape.iter().product()).map(|_| ((stream.uniform() * 2.0 - 1.0) * bound) as f32);
        let values = values.collect();
        self.push(name, Kind::Weight, shape, values)
    }

    /// A `[inputs, outputs]` weight matrix.
    pub fn matrix(&mut self, name: impl Into<String>, inputs: usize, outputs: usize) -> Id {
        self.weight(name, &[inputs, outputs], inputs, outputs)
    }

    /// An embedding table, Normal(0, 0.1).
    pub fn table(&mut self, name: impl Into<String>, rows: usize, d: usize) -> Id {
        self.normal(name, Kind::Table, &[rows, d], 0.1)
    }

    /// A parameter with normal values of mean 0.
    pub fn normal(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        shape: &[usize],
        deviation: f64,
    ) -> Id {
        let name = name.into();
        let mut stream = self.key(&name).stream();
        let values = (0..shape.iter().product()).map(|_| (deviation * stream.normal()) as f32);
        let values = values.collect();
        self.push(name, kind, shape, values)
    }

    /// A parameter with given values.
    pub fn constant(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        shape: &[usize],
        values: Vec<f32>,
    ) -> Id {
        self.push(name.into(), kind, shape, values)
    }

    /// A bias of zeros.
    pub fn bias(&mut self, name: impl Into<String>, shape: &[usize]) -> Id {
        self.push(
            name.into(),
            Kind::Bias,
            shape,
            vec![0.0; shape.iter().product()],
        )
    }

    fn key(&self, name: &str) -> Key {
        name.bytes()
            .fold(Key::new(self.seed), |key, byte| key.with(u64::from(byte)))
    }

    fn push(&mut self, name: String, kind: Kind, shape: &[usize], values: Vec<f32>) -> Id {
        debug_assert!(
            self.parameters.entries.iter().all(|p| p.name != name),
            "{name} exists"
        );
        let columns = *shape.last().expect("a parameter has at least one axis");
        let data = TensorData::new(values, [shape.iter().product::<usize>() / columns, columns]);
        let value = Tensor::from_data(data, self.device).require_grad();
        self.parameters.entries.push(Parameter {
            name,
            kind,
            shape: shape.to_vec(),
            value,
        });
        Id(self.parameters.entries.len() - 1)
    }
}
