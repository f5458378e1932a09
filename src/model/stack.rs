//! Several multi-layer perceptrons of one shape, run side by side: experts, gates, towers.

use burn::tensor::Tensor;

use super::parameters::{Builder, Id, Parameters};
use crate::op::leaky_relu::leaky_relu;
use crate::op::linear::linear;

/// `n` perceptrons with the same widths and their own weights.
///
/// Weights of the first layer are stored as `[inputs, n, outputs]` so that a common input needs one
/// matrix product; those of later layers as `[n, inputs, outputs]`; biases as `[n, outputs]`.
#[derive(Clone, Debug)]
pub struct Stack {
    n: usize,
    layers: Vec<Layer>,
    slope: f64,
    last_linear: bool,
}

#[derive(Clone, Debug)]
struct Layer {
    weight: Id,
    bias: Id,
    width: usize,
}

impl Stack {
    /// Creates `name.weight1`, `name.bias1`, ... for widths `inputs -> widths[0] -> ...`.
    pub fn new(
        build: &mut Builder,
        name: &str,
        n: usize,
        inputs: usize,
        widths: &[usize],
        slope: f64,
        last_linear: bool,
    ) -> Self {
        let mut layers = Vec::new();
        let mut from = inputs;
        for (l, &to) in widths.iter().enumerate() {
            let shape = if l == 0 { [from, n, to] } else { [n, from, to] };
            let weight = build.weight(format!("{name}.weight{}", l + 1), &shape, from, to);
            let bias = build.bias(format!("{name}.bias{}", l + 1), &[n, to]);
            layers.push(Layer {
                weight,
                bias,
                width: to,
            });
            from = to;
        }
        Self {
            n,
            layers,
            slope,
            last_linear,
        }
    }

    /// One input for all: `[B, inputs]` to `[n, B, outputs]`.
    pub fn forward(&self, p: &Parameters, x: Tensor<2>) -> Tensor<3> {
        let [rows, inputs] = x.dims();
        let first = &self.layers[0];
        let weight = p.get(first.weight).reshape([inputs, self.n * first.width]);
        let hidden = linear(x, weight)
            .reshape([rows, self.n, first.width])
            .swap_dims(0, 1);
        self.rest(p, hidden)
    }

    /// An input for each: `[n, B, inputs]` to `[n, B, outputs]`.
    pub fn forward_each(&self, p: &Parameters, x: Tensor<3>) -> Tensor<3> {
        let inputs = x.dims()[2];
        let first = &self.layers[0];
        let weight = p
            .get(first.weight)
            .reshape([inputs, self.n, first.width])
            .swap_dims(0, 1);
        self.rest(p, x.matmul(weight))
    }

    /// From the first layer's products to the output.
    fn rest(&self, p: &Parameters, products: Tensor<3>) -> Tensor<3> {
        let mut hidden = self.activate(0, products + self.bias(p, 0));
        for (l, layer) in self.layers.iter().enumerate().skip(1) {
            let products = hidden.matmul(p.batch(layer.weight, self.n));
            hidden = self.activate(l, products + self.bias(p, l));
        }
        hidden
    }

    fn bias(&self, p: &Parameters, l: usize) -> Tensor<3> {
        p.batch(self.layers[l].bias, self.n)
    }

    fn activate(&self, l: usize, x: Tensor<3>) -> Tensor<3> {
        if l + 1 == self.layers.len() && self.last_linear {
            x
        } else {
            leaky_relu(x, self.slope)
        }
    }
}
