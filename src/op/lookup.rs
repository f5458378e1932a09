//! Rows of a matrix: `out_i = matrix[rows_i]`. The backward pass adds every gradient row to its place:
//! on the CPU engines in one fresh buffer, where the stock one fills, copies and scans the whole matrix
//! several times; on the GPU row by row of the matrix, where the stock one goes through all places in
//! order.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Int, Tensor, TensorData};
use multiversion::multiversion;

use super::form::Form;
use super::host::{Host, add_scaled, matrix};

/// The rows of a matrix `[n, d]` at the given places, `[rows, d]`.
pub fn lookup(matrix: Tensor<2>, rows: &[u32]) -> Tensor<2> {
    if Form::current() == Form::Own {
        let rows = Arc::new(rows.to_vec());
        let out = <Dispatch as LookupBackend>::lookup_rows(matrix.into_dispatch(), rows);
        return Tensor::from_dispatch(out);
    }
    let places: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let places = TensorData::new(places, [rows.len()]);
    let places = Tensor::<1, Int>::from_data(places, &matrix.device());
    matrix.select(0, places)
}

/// The lookup as one operation of a backend.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "webgpu"),
    Autodiff
)]
pub trait LookupBackend: Backend {
    /// See [`lookup`].
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self>;
}

/// What an engine does in the backward pass.
pub trait LookupKernel: Backend {
    /// What it needs to know of the places.
    type Places: Clone + Debug + Send + Sync + 'static;

    /// Prepares the backward pass of a lookup in a matrix.
    fn places(rows: &Arc<Vec<u32>>, matrix: &FloatTensor<Self>) -> Self::Places;

    /// A matrix of `height` rows: each the sum of the gradient rows that were looked up there.
    fn add_rows(grad: FloatTensor<Self>, places: Self::Places, height: usize) -> FloatTensor<Self>;
}

impl<B: Host> LookupKernel for B {
    type Places = Arc<Vec<u32>>;

    fn places(rows: &Arc<Vec<u32>>, _: &FloatTensor<B>) -> Arc<Vec<u32>> {
        Arc::clone(rows)
    }

    fn add_rows(grad: FloatTensor<B>, rows: Arc<Vec<u32>>, height: usize) -> FloatTensor<B> {
        let (device, d) = (grad.device(), grad.shape()[1]);
        let mut out = vec![0.0; height * d];
        add_rows(&B::view(&grad), &rows, d, &mut out);
        matrix::<B>(out, d, &device)
    }
}

/// Adds each row to one of `out`.
#[multiversion(targets = "simd")]
fn add_rows(values: &[f32], rows: &[u32], d: usize, out: &mut [f32]) {
    for (&row, values) in rows.iter().zip(values.chunks_exact(d)) {
        add_scaled(&mut out[row as usize * d..][..d], 1.0, values);
    }
}

impl<B: LookupKernel> LookupBackend for B {
    fn lookup_rows(matrix: FloatTensor<B>, rows: Arc<Vec<u32>>) -> FloatTensor<B> {
        select::<B>(matrix, &rows)
    }
}

fn select<B: Backend>(matrix: FloatTensor<B>, rows: &[u32]) -> FloatTensor<B> {
    let places: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let places = TensorData::new(places, [rows.len()]);
    let places = B::int_from_data(places, &matrix.device());
    B::float_select(matrix, 0, places)
}

impl<B: LookupKernel, C: CheckpointStrategy> LookupBackend for Autodiff<B, C> {
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self> {
        match LookupBackward
            .prepare::<C>([matrix.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let matrix = matrix.into_primitive();
                let state = (B::places(&rows, &matrix), matrix.shape()[0]);
                prep.finish(state, select::<B>(matrix, &rows))
            }
            OpsKind::UnTracked(prep) => prep.finish(select::<B>(matrix.into_primitive(), &rows)),
        }
    }
}

#[derive(Debug)]
struct LookupBackward;

impl<B: LookupKernel> Backward<B, 1> for LookupBackward {
    /// The places, and the matrix's number of rows.
    type State = (B::Places, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (places, height) = ops.state;
        if let Some(node) = parent {
            grads.register::<B>(node.id, B::add_rows(grad, places, height));
        }
    }
}
