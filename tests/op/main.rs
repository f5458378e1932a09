//! Tensor operations against plain loops in double precision.

#[cfg(feature = "webgpu")]
mod adam;
mod linear;
mod lookup;
mod lstm;
mod neighbor;
mod rows;
mod weighted;

use burn::tensor::{Device, Tensor};

/// The GPU, opened once.
#[cfg(feature = "webgpu")]
fn gpu() -> Device {
    use moge::engine::{Engine, EngineKind};
    use std::sync::OnceLock;
    static GPU: OnceLock<Device> = OnceLock::new();
    let open = || pollster::block_on(Engine::open(EngineKind::Webgpu)).expect("there is a GPU");
    GPU.get_or_init(|| open().device.inner()).clone()
}

/// The devices of this build, with their names.
fn devices() -> Vec<(&'static str, Device)> {
    vec![
        #[cfg(feature = "flex")]
        ("flex", Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)] // Deprecated in favour of flex; it stays selectable.
        ("ndarray", Device::ndarray()),
        #[cfg(feature = "webgpu")]
        ("webgpu", gpu()),
    ]
}

/// A tensor's values.
fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    let values: Vec<f32> = tensor.into_data().try_into_vec().unwrap();
    values.into_iter().map(f64::from).collect()
}

/// Equality within `tolerance` of the largest expected value, or of 1 where that is smaller.
fn close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1.0f64, |m, x| m.max(x.abs()));
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        let gap = (f - e).abs();
        assert!(
            gap <= tolerance * scale,
            "{what}: entry {i} is {f}, expected {e}"
        );
    }
}

/// The gradient of `f` at `x` by central differences.
fn slopes(x: &[f64], f: &dyn Fn(&[f64]) -> f64) -> Vec<f64> {
    let slope = |i: usize| {
        let at = |step: f64| {
            let mut x = x.to_vec();
            x[i] += step;
            f(&x)
        };
        (at(1e-5) - at(-1e-5)) / 2e-5
    };
    (0..x.len()).map(slope).collect()
}
