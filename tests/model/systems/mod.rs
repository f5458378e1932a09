//! Every system against a second implementation in double precision, and the identities between
//! systems.

mod batches;
mod equalities;
mod esmm;
mod ngcf;
mod reference;
mod sharing;
mod snr;
mod start;
mod swapped;
pub mod training;
mod values;

use burn::tensor::Device;
use moge::data::TASKS;
use moge::model::config::{GraphInput, Readout, Stitch, XHat};
use moge::model::{ModelConfig, System};
use moge::train::Config;

use crate::case::{Case, small};

/// The prefixes of the parameters that single-task systems keep for each task.
pub fn task_prefixes() -> [String; 2] {
    TASKS.map(|task| format!("{}.", task.name()))
}

/// The small model of a system. It asks for MoGE's own losses, which no other system has.
pub fn of(system: System) -> Config {
    with(system, |_| {})
}

/// The small model of a system with other settings.
pub fn with(system: System, change: impl FnOnce(&mut ModelConfig)) -> Config {
    let mut config = small();
    config.lambda = 0.02;
    config.beta = 0.5;
    config.model.system = system;
    config.model.tower_mlp = vec![6, 5, 3];
    config.model.snr_lambda = 0.03;
    change(&mut config.model);
    config
}

/// A case whose loss is the plain sum of the cross-entropies.
pub fn plain(config: Config) -> Case {
    Case::new(Config {
        lambda: 0.0,
        beta: 0.0,
        ..config
    })
}

/// The forms of every system but MoGE, whose forms `gradients.rs` draws.
pub fn forms() -> Vec<Config> {
    use System::*;
    let mut forms: Vec<Config> = System::ALL
        .into_iter()
        .filter(|&system| system != Moge)
        .map(of)
        .collect();
    for system in [SharedBottom, SharedBottomGraph] {
        forms.push(with(system, |m| m.bottom = vec![6]));
        forms.push(with(system, |m| m.bottom = vec![6, 2, 5]));
    }
    for system in [CrossStitch, CrossStitchGraph] {
        forms.push(with(system, |m| m.stitch = Stitch::PerChannel));
        forms.push(with(system, |m| m.stitch = Stitch::Full));
        forms.push(with(system, |m| m.expert_hidden = vec![3, 4, 2]));
    }
    for (shared, specific) in [(1, 2), (3, 0), (0, 3), (1, 1)] {
        for system in [Cgc, CgcGraph] {
            forms.push(with(system, |m| {
                (m.n_shared, m.n_specific) = (shared, specific);
            }));
        }
    }
    for system in [Mmoe, CgcGraph] {
        forms.push(with(system, |m| m.shared_output = true));
        forms.push(with(system, |m| m.tower_hidden = vec![4]));
    }
    for system in System::ALL.into_iter().filter(|system| system.graph()) {
        forms.push(with(system, |m| m.graph_input = GraphInput::Append));
        forms.push(with(system, |m| m.channels[1] = false));
        forms.push(with(system, |m| {
            (m.graph_input, m.channels) = (GraphInput::Append, [false, false, true]);
        }));
    }
    forms.push(with(SnrTransGraph, |m| m.readout = Readout::Concat));
    for system in [Mlp, Esmm, SnrTrans] {
        forms.push(with(system, |m| m.xhat = XHat::Fields));
        forms.push(with(system, |m| m.output_bias = false));
    }
    for layers in [1, 3] {
        forms.push(with(Ngcf, |m| m.layers = layers));
    }
    // A self loop is MoGE's: NGCF has its own term for the node.
    forms.push(with(Ngcf, |m| (m.self_loop, m.output_bias) = (true, false)));
    forms
}

/// The CPU devices of this build, with their names.
pub fn devices() -> Vec<(&'static str, Device)> {
    vec![
        #[cfg(feature = "flex")]
        ("flex", Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)] // Deprecated in favour of flex; it stays selectable.
        ("ndarray", Device::ndarray()),
    ]
}
