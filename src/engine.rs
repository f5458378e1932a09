//! Which device runs the tensors: WebGPU, flex or ndarray, chosen at run time.

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// The GPU, through burn-wgpu.
    Webgpu,
    /// The CPU, through burn-flex: the default.
    Flex,
    /// The CPU, through burn-ndarray.
    Ndarray,
}

impl EngineKind {
    /// `webgpu`, `flex` or `ndarray`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Webgpu => "webgpu",
            Self::Flex => "flex",
            Self::Ndarray => "ndarray",
        }
    }

    /// Whether this build contains the engine.
    pub fn is_built_in(self) -> bool {
        match self {
            Self::Webgpu => cfg!(feature = "webgpu"),
            Self::Flex => cfg!(feature = "flex"),
            Self::Ndarray => cfg!(feature = "ndarray"),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EngineKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Webgpu, Self::Flex, Self::Ndarray];
        all.into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                let what = format!("there is no engine \"{name}\"");
                Error::new(ErrorKind::Config, what, "Choose webgpu, flex or ndarray.")
            })
    }
}

/// An open device.
#[derive(Clone, Debug)]
pub struct Engine {
    /// What it is.
    pub kind: EngineKind,
    /// The device, recording for gradients.
    pub device: Device,
    /// Why it was taken, one sentence for people.
    pub reason: String,
}

impl Engine {
    /// Opens the engine that was asked for.
    ///
    /// # Errors
    ///
    /// When this build lacks the engine, or no GPU adapter answers.
    pub async fn open(kind: EngineKind) -> Result<Self> {
        let device = match kind {
            #[cfg(feature = "flex")]
            EngineKind::Flex => Device::flex(),
            #[cfg(feature = "ndarray")]
            #[allow(deprecated)] // Deprecated in favour of flex; it stays selectable.
            EngineKind::Ndarray => Device::ndarray(),
            #[cfg(feature = "webgpu")]
            EngineKind::Webgpu => open_webgpu().await?,
            #[allow(unreachable_patterns)]
            absent => {
                return Err(Error::new(
                    ErrorKind::Engine,
                    format!("this build does not contain the {absent} engine"),
                    format!("Build with the feature {absent}, or choose another engine."),
                ));
            }
        };
        Ok(Self {
            kind,
            device: device.autodiff(),
            reason: format!("{kind} was asked for."),
        })
    }

    /// Chooses for the person: WebGPU where it answers, agrees with the CPU on a trial and is faster
    /// on it, otherwise flex.
    pub async fn choose<F, R>(trial: F) -> Result<Self>
    where
        F: Fn(Engine) -> R,
        R: Future<Output = Result<Trial>>,
    {
        let mut cpu = Self::open(EngineKind::Flex).await?;
        if !EngineKind::Webgpu.is_built_in() {
            cpu.reason = "No WebGPU adapter answered, so the CPU runs the model.".into();
            return Ok(cpu);
        }
        let mut gpu = match Self::open(EngineKind::Webgpu).await {
            Ok(gpu) => gpu,
            Err(error) => {
                cpu.reason =
                    format!("WebGPU is not available ({error}), so the CPU runs the model.");
                return Ok(cpu);
            }
        };
        let on_cpu = trial(cpu.clone()).await?;
        match trial(gpu.clone()).await {
            Err(error) => cpu.reason = format!("WebGPU failed its self-test ({error})."),
            Ok(on_gpu) if !on_gpu.agrees(&on_cpu) => {
                cpu.reason =
                    "WebGPU failed its self-test: its losses differ from the CPU's.".into();
            }
            Ok(on_gpu) => {
                let (gpu_ms, cpu_ms) = (on_gpu.milliseconds, on_cpu.milliseconds);
                if gpu_ms < cpu_ms {
                    gpu.reason = format!(
                        "A step takes {gpu_ms:.0} ms on WebGPU, {cpu_ms:.0} ms on the CPU."
                    );
                    return Ok(gpu);
                }
                cpu.reason =
                    format!("A step takes {cpu_ms:.0} ms on the CPU, {gpu_ms:.0} ms on WebGPU.");
            }
        }
        Ok(cpu)
    }
}

/// What a few training steps on an engine gave.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Loss of every step.
    pub losses: Vec<f64>,
    /// Time of a warm step.
    pub milliseconds: f64,
}

impl Trial {
    /// Whether the losses agree within 1e-3, relative.
    pub fn agrees(&self, other: &Self) -> bool {
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-3 * a.abs().max(b.abs()).max(1e-6);
        self.losses.len() == other.losses.len() && self.losses.iter().zip(&other.losses).all(close)
    }
}

/// The first adapter of the machine or the browser.
#[cfg(feature = "webgpu")]
async fn open_webgpu() -> Result<Device> {
    use std::cell::RefCell;
    thread_local! {
        // The runtime of an adapter can be initialised once; later calls share it.
        static OPENED: RefCell<Option<Device>> = const { RefCell::new(None) };
    }
    if let Some(device) = OPENED.with_borrow(|opened| opened.clone()) {
        return Ok(device);
    }
    let device = Device::wgpu_options().init_async().await.map_err(|error| {
        let what = format!("no WebGPU adapter answered: {error}");
        Error::new(ErrorKind::Engine, what, "Choose the flex engine.")
    })?;
    OPENED.set(Some(device.clone()));
    Ok(device)
}
