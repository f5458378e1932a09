//! Logits, losses and gradients of every form of every system against the second implementation.

use moge::graph::{Draw, Sampling};
use moge::model::{Batch, System};
use moge::op::form::Form;
use moge::random::{Key, Stream};
use moge::train::Config;
use moge::train::config::{L2Scope, LambdaScale, Reduction, Uncertainty};

use super::training::Training;
use super::{devices, forms, of, with};
use crate::case::{Case, close, dataset, values};
use crate::finite::gradients_agree;
use crate::reference::Reference;

/// Compares what a case says of a batch, and its loss.
fn values_agree(what: &str, case: &Case, batch: &Batch, reference: &Reference) {
    let said = reference.said(&case.users, &case.items);
    let output = case.score(batch);
    let logits: Vec<f64> = said.iter().flat_map(|said| said.logits).collect();
    close(
        &format!("{what}: logits"),
        &values(output.logits),
        &logits,
        1e-5,
    );
    let gates: Vec<f64> = said.iter().flat_map(|said| said.gates.concat()).collect();
    let found = output.gates.map(|gates| values(gates.permute([1, 0, 2])));
    close(
        &format!("{what}: gates"),
        &found.unwrap_or_default(),
        &gates,
        1e-5,
    );
    assert_eq!(case.model.experts().len() * 20, gates.len());

    let loss = case.loss_of(batch);
    let parts = reference.loss(&case.users, &case.items, &case.labels);
    let same = |part: &str, found, expected: &[f64]| {
        close(&format!("{what}: {part}"), &values(found), expected, 1e-5);
    };
    same("C", loss.cross_entropy, &parts.cross_entropy);
    same("co", loss.collaboration, &[parts.collaboration]);
    same("reg", loss.regulariser, &[parts.regulariser]);
    same("total", loss.total, &[parts.total]);
}

/// Draws what a loss may count; none of it may touch a baseline's main loss.
fn drawn_losses(mut config: Config, stream: &mut Stream) -> Config {
    let mut one_in = |n: usize| stream.below(n) == 0;
    config.lambda_scale = [LambdaScale::Batch, LambdaScale::Full][usize::from(one_in(2))];
    config.l2_scope = [L2Scope::Batch, L2Scope::All][usize::from(one_in(2))];
    config.reduction = [Reduction::Mean, Reduction::Sum][usize::from(one_in(3))];
    config.uncertainty = [Uncertainty::M2grl, Uncertainty::Kendall][usize::from(one_in(2))];
    config.collaboration = !one_in(3);
    config.model.expert_last_linear = one_in(4);
    config.seed = 1 + stream.below(1000) as u64;
    config
}

#[test]
fn every_form_says_what_its_formulas_say() {
    let mut stream = Key::new(31).stream();
    for config in forms() {
        let config = drawn_losses(config, &mut stream);
        for (name, device) in devices() {
            for form in [Form::Own, Form::Stock] {
                let case = Case::at(&device, config.clone(), dataset(), form);
                let what = format!("{name}, {form}, {:?}", case.config);
                values_agree(&what, &case, &case.batch(), &case.reference());
                let batch = case.in_training();
                let mut reference = case.reference();
                reference.training = Some(Training::of(&batch));
                values_agree(&format!("training, {what}"), &case, &batch, &reference);
            }
        }
    }
}

/// Gradients of the forms whose place in the list leaves `part` of three.
fn gradients_of_forms(part: usize) {
    let mut stream = Key::new(32).with(part as u64).stream();
    let (mut compared, mut kinks) = (0, 0);
    let forms = forms().into_iter().enumerate();
    for (_, config) in forms.filter(|(place, _)| place % 3 == part) {
        let config = drawn_losses(config, &mut stream);
        let draws = matches!(config.model.system.base(), System::Ngcf | System::SnrTrans);
        let (name, device) = devices().swap_remove(stream.below(devices().len()));
        let form = [Form::Own, Form::Stock][stream.below(2)];
        let case = Case::at(&device, config, dataset(), form);
        for training in if draws {
            vec![false, true]
        } else {
            vec![false]
        } {
            let mut reference = case.reference();
            let batch = if training {
                case.in_training()
            } else {
                case.batch()
            };
            reference.training = training.then(|| Training::of(&batch));
            let what = format!("training {training}, {name}, {form}, {:?}", case.config);
            let (n, k) = gradients_agree(&what, &case, &batch, &mut reference, &mut stream);
            (compared, kinks) = (compared + n, kinks + k);
        }
    }
    println!("{compared} coordinates agree, {kinks} are next to a kink");
    assert!(
        kinks * 20 < compared,
        "{kinks} of {compared} are next to a kink"
    );
}

#[test]
fn gradients_of_the_first_third() {
    gradients_of_forms(0);
}

#[test]
fn gradients_of_the_second_third() {
    gradients_of_forms(1);
}

#[test]
fn gradients_of_the_last_third() {
    gradients_of_forms(2);
}

#[test]
fn every_parameter_of_every_system_has_a_gradient() {
    for system in System::ALL {
        let case = Case::new(of(system));
        for (name, gradient) in case.gradients() {
            let gradient = gradient.unwrap_or_else(|| panic!("{system}: {name} has no gradient"));
            let what = format!("{system}: the gradient of {name}");
            assert!(gradient.iter().any(|&g| g != 0.0), "{what} is zero");
            assert!(
                gradient.iter().all(|g| g.is_finite()),
                "{what} is not finite"
            );
        }
    }
}

#[test]
fn ngcf_on_sampled_rows() {
    for (name, device) in devices() {
        for form in [Form::Own, Form::Stock] {
            let config = with(System::Ngcf, |m| m.message_dropout = 0.3);
            let case = Case::at(&device, config, dataset(), form);
            let mut differ = false;
            for step in 0..6 {
                let draw = Draw::Train { seed: 4, step };
                let batch = case.drawn(Sampling::uniform(&[2, 1]), draw);
                let mut reference = case.reference();
                reference.training = Some(Training::of(&batch));
                let what = format!("{name}, {form}, step {step}");
                values_agree(&what, &case, &batch, &reference);
                let whole = values(case.output().logits);
                let sampled = values(case.score(&batch).logits);
                differ |= whole.iter().zip(sampled).any(|(a, b)| (a - b).abs() > 0.05);
            }
            assert!(differ, "the draws matter");
        }
    }
}

#[test]
fn the_losses_of_moge_are_its_own() {
    // Whatever `uncertainty` and `collaboration` say, a baseline trains with loss (i).
    for system in System::ALL.into_iter().filter(|&s| s != System::Moge) {
        let mut totals = Vec::new();
        for uncertainty in [Uncertainty::Off, Uncertainty::M2grl, Uncertainty::Kendall] {
            for collaboration in [false, true] {
                let case = Case::new(Config {
                    uncertainty,
                    collaboration,
                    ..of(system)
                });
                assert!(case.model.log_variance(&case.p).is_none(), "{system}");
                totals.push(values(case.loss().total)[0]);
            }
        }
        assert!(
            totals.iter().all(|t| *t == totals[0]),
            "{system}: {totals:?}"
        );
    }
}

#[test]
fn units_and_log_alphas_are_not_regularised() {
    use moge::model::parameters::Kind;
    for system in System::ALL {
        let mut case = Case::new(of(system));
        let before = values(case.loss().regulariser);
        let mut changed = 0;
        for (name, kind) in case.names() {
            if !matches!(kind, Kind::Weight | Kind::Table) {
                case.change(&name, |_, x| x + 3.0);
                changed += usize::from(matches!(kind, Kind::Stitch | Kind::LogAlpha));
            }
        }
        assert_eq!(values(case.loss().regulariser), before, "{system}");
        let expected = match system.base() {
            System::CrossStitch | System::SnrTrans => 2,
            _ => 0,
        };
        assert_eq!(changed, expected, "{system}");
    }
}
