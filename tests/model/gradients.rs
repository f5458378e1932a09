//! Every combination of attention, cell and interaction, with the other switches drawn at random:
//! values against the reference, gradients against its central differences (identity 20 of model.md
//! 11).

use moge::model::config::{Attention, Cell, Features, Kappa, Message, Readout, XHat, ZNorm};
use moge::op::form::Form;
use moge::random::{Key, Stream};
use moge::train::Config;
use moge::train::config::{L2Scope, LambdaScale, Reduction, Uncertainty};

use crate::case::{Case, close, dataset, small, values};
use crate::finite::gradients_agree;
use crate::reference::{K, Scored};

const ATTENTIONS: [Attention; 5] = [
    Attention::Dot,
    Attention::Genie,
    Attention::Gat,
    Attention::Mean,
    Attention::Symnorm,
];
const CELLS: [Cell; 5] = [Cell::Lstm, Cell::LstmH0, Cell::Gru, Cell::Sum, Cell::Ngcf];
const KAPPAS: [Kappa; 4] = [Kappa::Ep, Kappa::Con, Kappa::Add, Kappa::Mlp];
const Z_NORMS: [ZNorm; 3] = [ZNorm::None, ZNorm::Rms, ZNorm::L2];
const X_HATS: [XHat; 2] = [XHat::Transformed, XHat::Fields];

/// A configuration whose switches, except those given by the caller, are drawn.
fn drawn(stream: &mut Stream) -> Config {
    let mut one_in = |n: usize| stream.below(n) == 0;
    let mut config = small();
    let m = &mut config.model;
    m.message = if one_in(4) {
        Message::Plain
    } else {
        Message::Transform
    };
    m.readout = if one_in(4) {
        Readout::Concat
    } else {
        Readout::Last
    };
    m.features = if one_in(4) {
        Features::Ids
    } else {
        Features::IdsAttrs
    };
    m.self_loop = one_in(3);
    m.sim_bias = one_in(2);
    m.share_layers = !one_in(2);
    m.share_channels = one_in(3);
    m.kappa_shared = !one_in(2);
    m.expert_last_linear = one_in(2);
    m.output_bias = !one_in(4);
    config.lambda_scale = if one_in(2) {
        LambdaScale::Full
    } else {
        LambdaScale::Batch
    };
    config.l2_scope = if one_in(2) {
        L2Scope::All
    } else {
        L2Scope::Batch
    };
    config.reduction = if one_in(2) {
        Reduction::Sum
    } else {
        Reduction::Mean
    };
    config.collaboration = !one_in(4);
    config.model.layers = 1 + stream.below(3);
    config.model.channels = [0, 1, 2].map(|_| stream.below(6) > 0);
    config.model.experts = if stream.below(4) == 0 {
        stream.below(5)
    } else {
        4
    };
    config.model.gate_hidden = vec![4; stream.below(3)];
    config.uncertainty =
        [Uncertainty::Off, Uncertainty::M2grl, Uncertainty::Kendall][stream.below(3)];
    config.lambda = 0.02;
    config.beta = 0.5;
    config
}

/// Values and gradients of one configuration; returns how many coordinates were compared, and how
/// many lay too close to a kink of a LeakyReLU.
fn check(config: Config, form: Form, stream: &mut Stream) -> (usize, usize) {
    let case = Case::on(config, dataset(), form);
    let what = format!("{form}, {:?}", case.config);
    let mut reference = case.reference();

    let output = case.output();
    let scored = reference.score(&case.users, &case.items);
    let flat = |of: fn(&Scored) -> Vec<f64>| scored.iter().flat_map(of).collect::<Vec<_>>();
    let logits = flat(|pair| pair.logits.to_vec());
    close(
        &format!("{what}: logits"),
        &values(output.logits),
        &logits,
        1e-5,
    );
    let by_pair = |x: burn::tensor::Tensor<3>| values(x.permute([1, 0, 2]));
    let gates = flat(|pair| pair.gates.concat());
    close(
        &format!("{what}: gates"),
        &by_pair(output.gates.unwrap()),
        &gates,
        1e-5,
    );
    assert_eq!(
        output.scores.is_none(),
        !case.config.model.tower_hidden.is_empty()
    );
    if let Some(scores) = output.scores {
        let (expert, graph) = (flat(|p| p.expert.concat()), flat(|p| p.graph.concat()));
        close(
            &format!("{what}: expert scores"),
            &by_pair(scores.expert),
            &expert,
            1e-5,
        );
        close(
            &format!("{what}: graph scores"),
            &by_pair(scores.graph),
            &graph,
            1e-5,
        );
    }
    let (loss, parts) = (
        case.loss(),
        reference.loss(&case.users, &case.items, &case.labels),
    );
    close(
        &format!("{what}: C"),
        &values(loss.cross_entropy),
        &parts.cross_entropy,
        1e-5,
    );
    close(
        &format!("{what}: co"),
        &values(loss.collaboration),
        &[parts.collaboration],
        1e-5,
    );
    close(
        &format!("{what}: reg"),
        &values(loss.regulariser),
        &[parts.regulariser],
        1e-5,
    );
    close(
        &format!("{what}: total"),
        &values(loss.total),
        &[parts.total],
        1e-5,
    );

    gradients_agree(&what, &case, &case.batch(), &mut reference, stream)
}

/// All combinations with one attention.
fn sweep(attention: usize) {
    let mut stream = Key::new(20).with(attention as u64).stream();
    let (mut compared, mut kinks) = (0, 0);
    for cell in CELLS {
        for kappa in KAPPAS {
            for towers in [false, true] {
                let mut config = drawn(&mut stream);
                config.seed = 1 + stream.below(1000) as u64;
                let m = &mut config.model;
                (m.attention, m.cell, m.kappa) = (ATTENTIONS[attention], cell, kappa);
                m.z_norm = Z_NORMS[stream.below(3)];
                m.xhat = X_HATS[stream.below(2)];
                m.shared_output = stream.below(2) == 0;
                m.tower_hidden = if towers { vec![3] } else { Vec::new() };
                let (n, k) = check(
                    config,
                    [Form::Own, Form::Stock][stream.below(2)],
                    &mut stream,
                );
                compared += n;
                kinks += k;
            }
        }
    }
    println!("{compared} coordinates agree, {kinks} are next to a kink");
    assert!(
        kinks * 20 < compared,
        "{kinks} of {compared} coordinates are next to a kink"
    );
}

#[test]
fn dot() {
    sweep(0);
}

#[test]
fn genie() {
    sweep(1);
}

#[test]
fn gat() {
    sweep(2);
}

#[test]
fn mean() {
    sweep(3);
}

#[test]
fn symnorm() {
    sweep(4);
}

#[test]
fn every_parameter_of_the_default_model_has_a_gradient() {
    let case = Case::new(small());
    for (name, gradient) in case.gradients() {
        let gradient = gradient.unwrap_or_else(|| panic!("{name} has no gradient"));
        assert!(
            gradient.iter().any(|&g| g != 0.0),
            "the gradient of {name} is zero"
        );
        assert!(
            gradient.iter().all(|g| g.is_finite()),
            "the gradient of {name} is not finite"
        );
    }
    assert_eq!(
        case.p
            .iter()
            .filter(|p| p.name.starts_with("gate."))
            .count(),
        2 * K
    );
}
