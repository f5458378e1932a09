//! Tensor operations that burn lacks.

pub mod adam;
pub mod host;
#[allow(deprecated)] // burn-ndarray is deprecated in favour of burn-flex; it stays selectable.
pub mod lstm;
pub mod neighbor;
