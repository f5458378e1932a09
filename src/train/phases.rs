//! Where the time of a training step goes.

use web_time::Instant;

/// What a training step's wall time went into, milliseconds. True on the CPU engines, which compute
/// where they are called; on WebGPU the work is only queued, and waits end in whichever phase reads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Phases {
    /// Choosing the pairs, drawing their neighbourhoods, assembling the batch.
    pub sampling: f64,
    /// The model and the loss, and reading the loss.
    pub forward: f64,
    /// The gradients.
    pub backward: f64,
    /// Adam.
    pub update: f64,
}

/// Measures what passes between its readings.
pub struct Lap(Instant);

impl Lap {
    /// Begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the last reading.
    pub fn read(&mut self) -> f64 {
        let before = std::mem::replace(&mut self.0, Instant::now());
        (self.0 - before).as_secs_f64() * 1e3
    }
}
