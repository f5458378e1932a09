//! Tensor operations that burn lacks.

pub mod adam;
pub mod adam_rows;
pub mod form;
#[cfg(feature = "webgpu")]
mod gpu;
pub mod host;
#[allow(deprecated)]
pub mod leaky_relu;
#[allow(deprecated)]
pub mod linear;
#[allow(deprecated)]
pub mod lookup;
#[allow(deprecated)] // burn-ndarray is deprecated in favour of burn-flex; it stays selectable.
pub mod lstm;
pub mod neighbor;
#[allow(deprecated)]
pub mod scale_rows;
#[allow(deprecated)]
pub mod squares;
