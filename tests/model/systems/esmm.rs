//! ESMM (model.md 7.4; identity 19 of section 11).

use burn::tensor::{Device, Tensor};
use moge::model::System;
use moge::model::esmm::product_logit;
use moge::random::Key;
use moge::train::loss::binary_cross_entropy;

use super::{plain, with};
use crate::case::{Case, close, values};
use crate::host::sigmoid;

/// The cross-entropy of the purchase and its slopes in a and b.
fn purchase(a: &[f32], b: &[f32], y: f32) -> [Vec<f64>; 4] {
    let device = Device::flex().autodiff();
    let column = |x: &[f32]| {
        let tensor = Tensor::<1>::from_floats(x, &device);
        tensor.reshape([x.len(), 1]).require_grad()
    };
    let (a, b) = (column(a), column(b));
    let logit = product_logit(a.clone(), b.clone());
    let labels = Tensor::zeros_like(&logit.clone().inner()) + y;
    let loss = binary_cross_entropy(logit.clone(), labels.autodiff());
    let gradients = loss.clone().sum().backward();
    let slope = |x: &Tensor<2>| values(x.grad(&gradients).unwrap());
    [values(logit), slope(&a), slope(&b), values(loss)]
}

#[test]
fn the_loss_is_the_naive_formula() {
    let mut stream = Key::new(19).stream();
    let mut draw = || {
        (0..400)
            .map(|_| (3.0 * stream.normal()) as f32)
            .collect::<Vec<_>>()
    };
    let (a, b) = (draw(), draw());
    for y in [0.0f32, 1.0] {
        let [logits, da, db, loss] = purchase(&a, &b, y);
        let y = f64::from(y);
        for i in 0..a.len() {
            let (a, b) = (f64::from(a[i]), f64::from(b[i]));
            let naive = |a: f64, b: f64| {
                let p = sigmoid(a) * sigmoid(b);
                -y * p.ln() - (1.0 - y) * (1.0 - p).ln()
            };
            let p = sigmoid(a) * sigmoid(b);
            let slope = |f: &dyn Fn(f64) -> f64| (f(1e-5) - f(-1e-5)) / 2e-5;
            close("p", &[sigmoid(logits[i])], &[p], 1e-6);
            close("loss", &[loss[i]], &[naive(a, b)], 2e-6);
            close("da", &[da[i]], &[slope(&|h| naive(a + h, b))], 1e-5);
            close("db", &[db[i]], &[slope(&|h| naive(a, b + h))], 1e-5);
        }
    }
}

#[test]
fn large_logits_stay_finite() {
    let large = [-40.0f32, -1.0, 0.0, 1.0, 40.0];
    let a: Vec<f32> = large.iter().flat_map(|&a| [a; 5]).collect();
    let b: Vec<f32> = large.repeat(5);
    for y in [0.0f32, 1.0] {
        let [logits, da, db, loss] = purchase(&a, &b, y);
        for i in 0..a.len() {
            // ln p without cancellation, and ln(1 - p) from odds in double precision.
            let (a, b) = (f64::from(a[i]), f64::from(b[i]));
            let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
            let odds = (-a).exp() + (-b).exp() + (-a - b).exp();
            let expected = match y == 1.0 {
                true => softplus(-a) + softplus(-b),
                false => (1.0 / odds).ln_1p(),
            };
            let what = format!("a {a}, b {b}, y {y}");
            assert!(
                (loss[i] - expected).abs() <= 1e-6 * expected + 1e-9,
                "{what}: loss {}, expected {expected}",
                loss[i]
            );
            close(&what, &[logits[i]], &[-odds.ln()], 1e-6);
            assert!(
                da[i].abs() <= 1.0 && db[i].abs() <= 1.0,
                "{what}: {}, {}",
                da[i],
                db[i]
            );
            // d/da of -ln p is sigm(a) - 1, of -ln(1 - p) it is sigm(a)'s share of p / (1 - p).
            let share = |own: f64| match y == 1.0 {
                true => sigmoid(own) - 1.0,
                false => sigmoid(-own) / odds,
            };
            close(&what, &[da[i], db[i]], &[share(a), share(b)], 1e-6);
        }
    }
}

#[test]
fn a_purchase_is_never_likelier_than_a_favourite() {
    for system in [System::Esmm, System::EsmmGraph] {
        let mut case = Case::new(with(system, |_| {}));
        for bias in [
            [0.0, 0.0],
            [-3.0, 5.0],
            [40.0, -40.0],
            [-40.0, 40.0],
            [40.0, 40.0],
        ] {
            case.set("head.bias", &bias);
            let logits = values(case.output().logits);
            for z in logits.chunks(2) {
                assert!(z[1] <= z[0] + 1e-5 * z[0].abs().max(1.0), "{system}: {z:?}");
            }
            let finite = |x: &f64| x.is_finite();
            assert!(logits.iter().all(finite), "{system}: {logits:?}");
            let gradients = case.gradients();
            assert!(
                gradients.values().flatten().flatten().all(finite),
                "{system} at {bias:?}"
            );
        }
    }
}

#[test]
fn the_towers_share_embeddings_and_the_product_is_symmetric() {
    // Exchanging the towers leaves the purchase alone.
    let case = plain(with(System::Esmm, |_| {}));
    let mut exchanged = plain(with(System::Esmm, |_| {}));
    for (name, _) in case.names() {
        let values = case.get(&name);
        let half = values.len() / 2;
        let swapped = match name.as_str() {
            "tower.weight1" => values
                .chunks(12)
                .flat_map(|row| [&row[6..], &row[..6]].concat())
                .collect(),
            _ if name.starts_with("embedding.") => values,
            _ => [&values[half..], &values[..half]].concat(),
        };
        exchanged.set(&name, &swapped);
    }
    let [a, b] = [&case, &exchanged].map(|case| values(case.output().logits));
    let task = |z: &[f64], k: usize| z.iter().skip(k).step_by(2).copied().collect::<Vec<_>>();
    close("purchase", &task(&b, 1), &task(&a, 1), 1e-6);
    assert!(
        task(&a, 0)
            .iter()
            .zip(task(&b, 0))
            .any(|(a, b)| (a - b).abs() > 0.1)
    );
    // The labels of the tasks are used as they are: a purchase without a favourite counts.
    let tasks = values(case.loss().cross_entropy);
    let reference = case
        .reference()
        .loss(&case.users, &case.items, &case.labels);
    close("C", &tasks, &reference.cross_entropy, 1e-5);
    assert!(case.labels.chunks(2).any(|y| y[0] == 0.0 && y[1] == 1.0));
}
