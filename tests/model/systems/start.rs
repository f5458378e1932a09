//! How systems start and learn: initial values by name, and the rate of cross-stitch units.

use std::collections::BTreeMap;

use burn::tensor::Device;
use moge::model::config::Stitch;
use moge::model::parameters::Kind;
use moge::model::{Builder, ModelConfig, System};
use moge::train::optimiser::{Optimiser, Updates};

use super::with;
use crate::case::{Case, close, dataset, values};
use crate::host::sigmoid;

const RATES: [f64; 2] = [0.06, 0.04];

/// Shapes and initial values by name.
fn start(config: &ModelConfig, rates: [f64; 2]) -> BTreeMap<String, (Vec<usize>, Vec<f64>)> {
    let device = Device::flex().autodiff();
    let mut build = Builder::new(&device, 5);
    let system = config.system;
    system.build(&mut build, config, &dataset(), rates);
    let p = build.finish();
    let entry = |p: &moge::model::parameters::Parameter| {
        (p.name.clone(), (p.shape.clone(), values(p.value.clone())))
    };
    p.iter().map(entry).collect()
}

#[test]
fn a_name_starts_alike_in_every_system() {
    let all: Vec<_> = System::ALL
        .iter()
        .map(|&system| (system, start(&with(system, |_| {}).model, RATES)))
        .collect();
    let (_, moge) = all.last().unwrap();
    for (system, own) in &all {
        for (other, others) in &all {
            for (name, (shape, values)) in own {
                let Some((same, theirs)) = others.get(name) else {
                    continue;
                };
                // ESMM's second bias is that of P(purchase | favourite).
                let conditional = (system.base() == System::Esmm) != (other.base() == System::Esmm);
                if shape == same && !(name == "head.bias" && conditional) {
                    assert_eq!(values, theirs, "{name} in {system} and in {other}");
                }
            }
        }
        let graph = |all: &BTreeMap<String, _>| -> Vec<String> {
            let names = all.keys().filter(|name| name.starts_with("mgnn."));
            names.cloned().collect()
        };
        match system.graph() {
            true => assert_eq!(graph(own), graph(moge), "{system}"),
            false if *system != System::Moge => assert!(graph(own).is_empty(), "{system}"),
            false => assert_eq!(graph(own).len(), 18),
        }
        for (name, entry) in own.iter().filter(|(name, _)| name.starts_with("mgnn.")) {
            assert_eq!(entry, &moge[name], "{name} of {system}");
        }
        let tables = |prefix: &str| {
            let own = own.keys().filter(|name| name.starts_with(prefix));
            own.count()
        };
        match system.single_task() {
            true => {
                assert_eq!(tables("favourite.embedding."), 7);
                assert_eq!(tables("purchase.embedding."), 7);
                assert_eq!(tables("embedding."), 0);
            }
            false => assert_eq!(tables("embedding."), 7),
        }
    }
}

#[test]
fn output_biases_start_at_the_base_rates() {
    for system in System::ALL {
        for rates in [RATES, [0.02, 0.3], [0.0, 1.0]] {
            let found = start(&with(system, |_| {}).model, rates);
            let bias: Vec<f64> = match system.single_task() {
                true => ["favourite.head.bias", "purchase.head.bias"]
                    .map(|name| found[name].1[0])
                    .to_vec(),
                false => found["head.bias"].1.clone(),
            };
            let p: Vec<f64> = bias.iter().map(|&b| sigmoid(b)).collect();
            let inside = rates.map(|rate| rate.clamp(1e-6, 1.0 - 1e-6));
            match system.base() == System::Esmm {
                true => {
                    // P(purchase) cannot be above P(favourite).
                    let second = rates[1].min(0.99 * inside[0]);
                    close(
                        &format!("{system}"),
                        &[p[0], p[0] * p[1]],
                        &[inside[0], second],
                        1e-6,
                    );
                }
                false => close(&format!("{system}"), &p, &inside, 1e-6),
            }
        }
        let none = start(&with(system, |m| m.prior_bias = false).model, RATES);
        for (name, (_, values)) in none.iter().filter(|(name, _)| name.ends_with("head.bias")) {
            assert!(values.iter().all(|&b| b == 0.0), "{name} of {system}");
        }
    }
}

#[test]
fn units_start_near_the_identity() {
    for (stitch, width) in [
        (Stitch::Scalar, 1),
        (Stitch::PerChannel, 5),
        (Stitch::Full, 5),
    ] {
        let found = start(
            &with(System::CrossStitch, |m| m.stitch = stitch).model,
            RATES,
        );
        let (shape, values) = &found["stitch1"];
        let expected: Vec<f64> = match stitch {
            Stitch::Full => {
                assert_eq!(shape, &[10, 10]);
                (0..100).map(|i| f64::from(i / 10 == i % 10)).collect()
            }
            _ => [0.9, 0.1, 0.1, 0.9]
                .iter()
                .flat_map(|&a| vec![a; width])
                .collect(),
        };
        close(&format!("{stitch:?}"), values, &expected, 1e-7);
    }
}

#[test]
fn log_alphas_start_near_zero() {
    let found = start(&with(System::SnrTrans, |_| {}).model, RATES);
    let all = [1, 2]
        .map(|r| found[&format!("routing{r}.log_alpha")].1.clone())
        .concat();
    assert_eq!(all.len(), 24);
    let deviation = (all.iter().map(|x| x * x).sum::<f64>() / 24.0).sqrt();
    assert!((0.005..0.02).contains(&deviation), "{deviation}");
    assert!(all.iter().any(|&x| x < 0.0) && all.iter().any(|&x| x > 0.0));
}

#[test]
fn matrices_start_within_xaviers_bound() {
    let model = with(System::SnrTrans, |_| {}).model;
    let (found, width) = (start(&model, RATES), model.expert_width());
    let bound = |inputs: usize, outputs: usize| (6.0 / (inputs + outputs) as f64).sqrt();
    for (name, limit) in [
        ("level1.weight1", bound(2 * model.d, width)),
        ("routing1.transform", bound(width, width)),
        ("routing2.transform", bound(width, width)),
        ("head.weight", bound(width, 1)),
    ] {
        let largest = found[name].1.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        assert!(
            (0.6 * limit..=limit + 1e-6).contains(&largest),
            "{name}: {largest} of {limit}"
        );
    }
}

#[test]
fn units_learn_ten_times_faster() {
    for stitch in [Stitch::Scalar, Stitch::PerChannel, Stitch::Full] {
        for updates in [Updates::Device, Updates::Host] {
            let mut case = Case::new(with(System::CrossStitch, |m| m.stitch = stitch));
            let gradients = case.gradients();
            let before: Vec<Vec<f64>> = case
                .names()
                .iter()
                .map(|(name, _)| case.get(name))
                .collect();
            let rate = 1e-3;
            let backward = case.loss().total.backward();
            let mut optimiser = Optimiser::new(&case.p, updates, rate);
            let lent = optimiser.lend(&mut case.p, Vec::new());
            optimiser.step(&mut case.p, lent, backward, 0.0);
            let mut moved = 0;
            for ((name, kind), before) in case.names().iter().zip(before) {
                let gradient = gradients[name].as_ref().unwrap();
                let expected = if *kind == Kind::Stitch {
                    10.0 * rate
                } else {
                    rate
                };
                for ((after, before), g) in case.get(name).iter().zip(before).zip(gradient) {
                    // Adam's first step is the rate against the sign of the gradient.
                    if g.abs() > 1e-4 {
                        let way = (after - before) / expected;
                        assert!((way + g.signum()).abs() < 2e-3, "{name}: {way}");
                        moved += usize::from(*kind == Kind::Stitch);
                    }
                }
            }
            assert!(moved > 2, "{stitch:?}: {moved} entries of units moved");
        }
    }
}
