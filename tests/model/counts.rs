//! Parameter counts of model.md 12, without embedding tables.

use burn::tensor::Device;
use moge::model::config::{Attention, Cell, Kappa};
use moge::model::{Builder, ModelConfig, System};

use crate::case::dataset;

/// Scalars of the network and of the tables.
fn count(config: ModelConfig) -> (usize, usize) {
    let device = Device::flex().autodiff();
    let mut build = Builder::new(&device, 1);
    let system = config.system;
    system.build(&mut build, &config, &dataset(), [0.5; 2]);
    build.finish().count()
}

fn network(change: impl FnOnce(&mut ModelConfig)) -> usize {
    let mut config = ModelConfig::default();
    change(&mut config);
    count(config).0
}

/// The table of model.md 12. NGCF's formula is for one task; a *+Graph* variant has the graph network
/// besides.
#[test]
fn by_system() {
    let mgnn = 135_936;
    let expected = [
        (System::Mlp, 460_802),
        (System::Ngcf, 2 * 16_641),
        (System::SharedBottom, 20_994),
        (System::CrossStitch, 10_442),
        (System::Esmm, 460_802),
        (System::Mmoe, 25_610),
        (System::SnrTrans, 45_402),
        (System::Cgc, 25_576),
        (System::SharedBottomGraph, 37_378 + mgnn),
        (System::CrossStitchGraph, 18_634 + mgnn),
        (System::EsmmGraph, 591_874 + mgnn),
        (System::MmoeGraph, 46_090 + mgnn),
        (System::SnrTransGraph, 61_786 + mgnn),
        (System::CgcGraph, 46_056 + mgnn),
        (System::Moge, 161_676),
    ];
    for (system, parameters) in expected {
        assert_eq!(network(|m| m.system = system), parameters, "{system}");
    }
    let bottom =
        |widths: &[usize], system| network(|m| (m.system, m.bottom) = (system, widths.to_vec()));
    assert_eq!(bottom(&[32, 32], System::SharedBottom), 5_250);
    assert_eq!(bottom(&[128, 128], System::SharedBottom), 33_282);
    assert_eq!(bottom(&[32, 32], System::SharedBottomGraph), 9_346 + mgnn);
    assert_eq!(
        bottom(&[128, 128], System::SharedBottomGraph),
        49_666 + mgnn
    );
}

/// Single-task systems have their own embeddings for each task.
#[test]
fn tables_by_system() {
    let tables = |system| {
        let config = ModelConfig {
            system,
            ..ModelConfig::default()
        };
        count(config).1
    };
    let one = tables(System::Moge);
    for system in System::ALL {
        let sets = if system.single_task() { 2 } else { 1 };
        assert_eq!(tables(system), sets * one, "{system}");
    }
}

#[test]
fn by_interaction() {
    assert_eq!(network(|m| m.kappa = Kappa::Ep), 161_676);
    assert_eq!(network(|m| m.kappa = Kappa::Add), 161_676);
    assert_eq!(network(|m| m.kappa = Kappa::Con), 161_804);
    assert_eq!(network(|m| m.kappa = Kappa::Mlp), 174_092);
    let own_kappas = |m: &mut ModelConfig| (m.kappa, m.kappa_shared) = (Kappa::Mlp, false);
    assert_eq!(network(own_kappas), 174_092 + 3 * 12_416);
}

#[test]
fn by_attention() {
    let with = |attention| network(|m| m.attention = attention);
    assert_eq!(with(Attention::Genie), 161_676 + 3 * (8_256 - 8_192));
    assert_eq!(with(Attention::Gat), 161_676 - 3 * (8_192 - (4_096 + 128)));
    assert_eq!(with(Attention::Mean), 161_676 - 3 * 8_192);
    assert_eq!(with(Attention::Symnorm), 161_676 - 3 * 8_192);
}

#[test]
fn by_sharing() {
    let channel = 45_312;
    assert_eq!(network(|m| m.share_layers = false), 161_676 + 3 * channel);
    assert_eq!(network(|m| m.share_channels = true), 161_676 - 2 * channel);
    assert_eq!(
        network(|m| m.channels = [true, false, false]),
        161_676 - 2 * channel
    );
    assert_eq!(network(|m| m.shared_output = true), 161_676 - 96);
    assert_eq!(network(|m| m.output_bias = false), 161_676 - 2);
}

#[test]
fn by_cell() {
    let lstm = 33_024;
    let with = |cell| network(|m| m.cell = cell);
    assert_eq!(with(Cell::LstmH0), 161_676);
    assert_eq!(with(Cell::Gru), 161_676 - 3 * (lstm - 6 * 64 * 64 - 3 * 64));
    assert_eq!(
        with(Cell::Ngcf),
        161_676 - 3 * (lstm - 2 * 64 * 64 - 2 * 64)
    );
    assert_eq!(with(Cell::Sum), 161_676 - 3 * lstm);
}

#[test]
fn tables_hold_one_row_per_value() {
    let vocabularies = [8, 4, 3, 9, 5, 4, 3];
    let rows: usize = vocabularies.iter().sum();
    assert_eq!(count(ModelConfig::default()).1, 64 * rows);
}
