//! Tensor operations that burn lacks.

pub mod neighbor;
