//! Rows of a matrix: `out_i = matrix[rows_i]`. On the CPU engines the backward pass adds every
//! gradient row to its place in one fresh buffer; the stock one fills, copies and scans the whole
//! matrix several times, which on embedding tables is a good part of a step.

use std::sync::Arc;

#[cfg(feature = "flex")]
use burn::backend::Flex;
#[cfg(feature = "ndarray")]
use burn::backend::NdArray;
use burn::backend::autodiff::{
    checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
    grads::Gradients,
    ops::{Backward, Ops, OpsKind},
};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{Int, Tensor, TensorData};

use super::host::{Host, add_scaled, matrix, on_cpu};

/// The rows of a matrix `[n, d]` at the given places, `[rows, d]`.
pub fn lookup(matrix: Tensor<2>, rows: &[u32]) -> Tensor<2> {
    let device = matrix.device();
    if on_cpu(&device) {
        let rows = Arc::new(rows.to_vec());
        let out = <Dispatch as LookupBackend>::lookup_rows(matrix.into_dispatch(), rows);
        return Tensor::from_dispatch(out);
    }
    let places: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let places = TensorData::new(places, [rows.len()]);
    matrix.select(0, Tensor::<1, Int>::from_data(places, &device))
}

/// The lookup as one operation of a backend.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait LookupBackend: Backend {
    /// See [`lookup`].
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self>;
}

#[cfg(feature = "flex")]
impl LookupBackend for Flex {
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self> {
        select::<Self>(matrix, &rows)
    }
}

#[cfg(feature = "ndarray")]
impl LookupBackend for NdArray {
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self> {
        select::<Self>(matrix, &rows)
    }
}

fn select<B: Backend>(matrix: FloatTensor<B>, rows: &[u32]) -> FloatTensor<B> {
    let places: Vec<i32> = rows.iter().map(|&r| r as i32).collect();
    let places = TensorData::new(places, [rows.len()]);
    let places = B::int_from_data(places, &matrix.device());
    B::float_select(matrix, 0, places)
}

impl<B: LookupBackend + Host, C: CheckpointStrategy> LookupBackend for Autodiff<B, C> {
    fn lookup_rows(matrix: FloatTensor<Self>, rows: Arc<Vec<u32>>) -> FloatTensor<Self> {
        match LookupBackward
            .prepare::<C>([matrix.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let matrix = matrix.into_primitive();
                let height = matrix.shape()[0];
                let out = select::<B>(matrix, &rows);
                prep.finish((rows, height), out)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::lookup_rows(matrix.into_primitive(), rows)),
        }
    }
}

#[derive(Debug)]
struct LookupBackward;

impl<B: Host> Backward<B, 1> for LookupBackward {
    /// The places, and the matrix's number of rows.
    type State = (Arc<Vec<u32>>, usize);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [parent] = ops.parents;
        let grad = grads.consume::<B>(&ops.node);
        let (rows, height) = ops.state;
        let (device, d) = (grad.device(), grad.shape()[1]);
        let Some(node) = parent else { return };
        let mut out = vec![0.0; height * d];
        for (&row, grad) in rows.iter().zip(B::view(&grad).chunks_exact(d)) {
            add_scaled(&mut out[row as usize * d..][..d], 1.0, grad);
        }
        grads.register::<B>(node.id, matrix::<B>(out, d, &device));
    }
}
