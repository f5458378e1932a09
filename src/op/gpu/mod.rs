//! The operations of this room on WebGPU, as CubeCL kernels.
//!
//! Each output value is written by one unit, which adds up what belongs to it in a fixed order: WGSL has
//! no atomic addition of floats, and results are the same every time. Where a value has to go to many
//! places, as in the backward pass of a lookup, units pull by a reverse index that is built on the CPU.

pub(super) mod adam;
mod additive;
mod attention;
pub(super) mod edges;
mod leaky_relu;
mod lstm;
mod rows;
mod scale_rows;
mod squares;

use burn::backend::TensorMetadata;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::calculate_cube_count_elemwise;
use cubecl::client::Client;
use cubecl::prelude::*;
use cubecl::server::Handle;

/// A matrix with values to be written, on the device of another.
fn empty(like: &CubeTensor, rows: usize, columns: usize) -> CubeTensor {
    empty_device_contiguous_dtype(
        like.client.clone(),
        like.device.clone(),
        [rows, columns].into(),
        like.dtype,
    )
}

/// As [`empty`], of the shape of the other.
fn empty_like(tensor: &CubeTensor) -> CubeTensor {
    empty_device_contiguous_dtype(
        tensor.client.clone(),
        tensor.device.clone(),
        tensor.shape(),
        tensor.dtype,
    )
}

/// The values of a tensor, row after row, to read.
fn values(tensor: CubeTensor) -> BufferArg {
    burn_cubecl::kernel::into_contiguous(tensor).into_buffer_arg()
}

/// The number of values of a tensor.
fn size(tensor: &CubeTensor) -> usize {
    tensor.shape().num_elements()
}

/// How many cubes of which size give a unit to each of `units` values.
fn grid(client: &Client, units: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new(client, units);
    (calculate_cube_count_elemwise(client, units, dim), dim)
}

/// A list on the device.
#[derive(Clone, Debug)]
struct List {
    handle: Handle,
    length: usize,
}

impl List {
    /// Uploads a list; one entry, of no meaning, stands for none, because a binding may not be empty.
    fn new<T: CubeElement + Default>(client: &Client, entries: &[T]) -> Self {
        let handle = match entries {
            [] => client.create_from_slice(T::as_bytes(&[T::default()])),
            entries => client.create_from_slice(T::as_bytes(entries)),
        };
        Self {
            handle,
            length: entries.len().max(1),
        }
    }

    fn argument(&self) -> BufferArg {
        // SAFETY: the buffer was made from as many entries.
        unsafe { BufferArg::from_raw_parts(self.handle.clone(), self.length) }
    }
}

/// Where entries of a list point, turned around: the entries that point at `place` are
/// `entries[offsets[place]..offsets[place + 1]]`, in order.
struct Reverse {
    /// `[places + 1]`
    offsets: Vec<u32>,
    entries: Vec<u32>,
}

impl Reverse {
    /// Of a list of places below `places`.
    fn new(list: &[u32], places: usize) -> Self {
        let mut offsets = vec![0; places + 1];
        for &place in list {
            offsets[place as usize + 1] += 1;
        }
        for place in 0..places {
            offsets[place + 1] += offsets[place];
        }
        let mut next = offsets.clone();
        let mut entries = vec![0; list.len()];
        for (entry, &place) in list.iter().enumerate() {
            let next = &mut next[place as usize];
            entries[*next as usize] = entry as u32;
            *next += 1;
        }
        Self { offsets, entries }
    }
}
