//! Products of rows and weight matrices, `x W`, on the CPU engines by one call of `gemm` per product.
//!
//! burn-flex calls `gemm`, too, but fills each result with zeros first and copies it to aligned memory
//! before, which is a tenth of a training step; and a sum of products is a pass more over memory.

use burn::backend::autodiff::{
    NodeId,
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::host::{Host, matrix, on_cpu};

/// `x W`, `[rows, outputs]`, from `[rows, inputs]` and `[inputs, outputs]`.
pub fn linear(x: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
    if on_cpu(&x.device()) {
        let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
        return Tensor::from_dispatch(<Dispatch as LinearBackend>::linear_one(x, weight));
    }
    x.matmul(weight)
}

/// `x W + y V`, `[rows, outputs]`.
pub fn linear_sum([x, weight]: [Tensor<2>; 2], [y, other]: [Tensor<2>; 2]) -> Tensor<2> {
    if on_cpu(&x.device()) {
        return Tensor::from_dispatch(<Dispatch as LinearBackend>::linear_two(
            x.into_dispatch(),
            weight.into_dispatch(),
            y.into_dispatch(),
            other.into_dispatch(),
        ));
    }
    x.matmul(weight) + y.matmul(other)
}

/// The products as operations of a backend.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait LinearBackend: Backend {
    /// See [`linear`].
    fn linear_one(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`linear_sum`].
    fn linear_two(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        other: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl<B: Host> LinearBackend for B {
    fn linear_one(x: FloatTensor<B>, weight: FloatTensor<B>) -> FloatTensor<B> {
        Term::<B>(x, weight).product()
    }

    fn linear_two(
        x: FloatTensor<B>,
        weight: FloatTensor<B>,
        y: FloatTensor<B>,
        other: FloatTensor<B>,
    ) -> FloatTensor<B> {
        sum::<B>([&Term(x, weight), &Term(y, other)])
    }
}

impl<B: Host, C: CheckpointStrategy> LinearBackend for Autodiff<B, C> {
    fn linear_one(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node()];
        let term = Term::<B>(x.into_primitive(), weight.into_primitive());
        match LinearBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let out = term.product();
                prep.finish(term, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(term.product()),
        }
    }

    fn linear_two(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        y: FloatTensor<Self>,
        other: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), y.node(), other.node()];
        let first = Term::<B>(x.into_primitive(), weight.into_primitive());
        let second = Term::<B>(y.into_primitive(), other.into_primitive());
        let out = sum([&first, &second]);
        match LinearBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish([first, second], out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}

/// `x W`
#[derive(Clone, Debug)]
struct Term<B: Backend>(FloatTensor<B>, FloatTensor<B>);

impl<B: Host> Term<B> {
    /// `[rows, inputs, outputs]`
    fn sizes(&self) -> [usize; 3] {
        [self.0.shape()[0], self.1.shape()[0], self.1.shape()[1]]
    }

    fn product(&self) -> FloatTensor<B> {
        let [_, _, outputs] = self.sizes();
        matrix::<B>(self.add_to(None), outputs, &self.0.device())
    }

    /// The product, added to a matrix where there is one.
    fn add_to(&self, sum: Option<Vec<f32>>) -> Vec<f32> {
        let [rows, inputs, outputs] = self.sizes();
        let (x, weight) = (B::view(&self.0), B::view(&self.1));
        let x = Factor::new(&x, rows, inputs);
        product(x, Factor::new(&weight, inputs, outputs), sum)
    }

    /// Gradients of `x` and of `W` for the nodes that want one, from that of the product.
    fn backward(&self, grad: &FloatTensor<B>, nodes: [Option<NodeId>; 2], grads: &mut Gradients) {
        let [rows, inputs, outputs] = self.sizes();
        let (device, grad) = (grad.device(), B::view(grad));
        let grad = Factor::new(&grad, rows, outputs);
        let [of_x, of_weight] = nodes;
        if let Some(node) = of_x {
            let weight = B::view(&self.1);
            let weight = Factor::new(&weight, inputs, outputs);
            let of_x = product(grad, weight.transposed(), None);
            grads.register::<B>(node, matrix::<B>(of_x, inputs, &device));
        }
        if let Some(node) = of_weight {
            let x = B::view(&self.0);
            let x = Factor::new(&x, rows, inputs);
            let of_weight = product(x.transposed(), grad, None);
            grads.register::<B>(node, matrix::<B>(of_weight, outputs, &device));
        }
    }
}

/// The sum of two products.
fn sum<B: Host>([first, second]: [&Term<B>; 2]) -> FloatTensor<B> {
    let [_, _, outputs] = first.sizes();
    let sum = second.add_to(Some(first.add_to(None)));
    matrix::<B>(sum, outputs, &first.0.device())
}

#[derive(Debug)]
struct LinearBackward;

impl<B: Host> Backward<B, 2> for LinearBackward {
    type State = Term<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let nodes = ops.parents.map(|node| node.map(|node| node.id));
        ops.state.backward(&grad, nodes, grads);
    }
}

impl<B: Host> Backward<B, 4> for LinearBackward {
    type State = [Term<B>; 2];

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let [x, weight, y, other] = ops.parents.map(|node| node.map(|node| node.id));
        let [first, second] = &ops.state;
        first.backward(&grad, [x, weight], grads);
        second.backward(&grad, [y, other], grads);
    }
}

/// A matrix in a product, row after row or, transposed, column after column.
#[derive(Clone, Copy)]
struct Factor<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// From a row to the next, and from a column to the next.
    strides: [isize; 2],
}

impl<'a> Factor<'a> {
    fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns);
        Self {
            values,
            rows,
            columns,
            strides: [columns as isize, 1],
        }
    }

    fn transposed(self) -> Self {
        let [row, column] = self.strides;
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: [column, row],
            ..self
        }
    }
}

/// `a b`, added to `sum` where there is one.
fn product(a: Factor, b: Factor, sum: Option<Vec<f32>>) -> Vec<f32> {
    assert_eq!(a.columns, b.rows);
    let size = a.rows * b.columns;
    let adds = sum.is_some();
    let mut out = sum.unwrap_or_else(|| Vec::with_capacity(size));
    assert!(if adds {
        out.len() == size
    } else {
        out.capacity() >= size
    });
    // SAFETY: the factors hold `rows x columns` values under their strides, `out` has room for
    // `a.rows x b.columns`, and is read only where it holds them.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            out.as_mut_ptr(),
            1,
            b.columns as isize,
            adds,
            a.values.as_ptr(),
            a.strides[1],
            a.strides[0],
            b.values.as_ptr(),
            b.strides[1],
            b.strides[0],
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
        out.set_len(size);
    }
    out
}
