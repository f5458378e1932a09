//! SNR-trans (model.md 7.5; identity 16 of section 11).

use burn::tensor::{Device, Tensor, TensorData};
use moge::graph::{Draw, Sampling};
use moge::model::System;
use moge::model::snr::{drawn_gate, gate, open_probability};
use moge::random::Key;

use super::with;
use crate::case::{Case, close, values};
use crate::host::{add, dot, sigmoid, times};

#[test]
fn open_connections_are_as_frequent_as_the_formula_says() {
    // 1e6 draws: 250,000 at each log alpha.
    let draws = 250_000;
    let device = Device::flex();
    let mut stream = Key::new(16).stream();
    for log_alpha in [-2.0f32, 0.0, 0.7, 3.0] {
        let data = TensorData::new(vec![log_alpha; draws], [draws / 100, 100]);
        let uniform = (0..draws).map(|_| (1e-6 + stream.uniform() * (1.0 - 2e-6)) as f32);
        let z = values(drawn_gate(
            Tensor::from_data(data, &device),
            uniform.collect(),
        ));
        assert!(z.iter().all(|z| (0.0..=1.0).contains(z)));
        let n = draws as f64;
        let open = z.iter().filter(|&&z| z > 0.0).count() as f64 / n;
        let alpha = Tensor::<2>::from_floats([[log_alpha]], &device);
        let p = values(open_probability(alpha))[0];
        let deviation = (p * (1.0 - p) / n).sqrt();
        assert!(
            (open - p).abs() < 4.0 * deviation,
            "{open} are open, expected {p}"
        );
        let whole = z.iter().filter(|&&z| z == 1.0).count() as f64 / n;
        // The distribution is symmetric: it is 1 as often as it would be 0 at minus log alpha.
        let alpha = Tensor::<2>::from_floats([[-log_alpha]], &device);
        let p = 1.0 - values(open_probability(alpha))[0];
        let deviation = (p * (1.0 - p) / n).sqrt();
        assert!(
            (whole - p).abs() < 4.0 * deviation,
            "{whole} are 1, expected {p}"
        );
        if log_alpha == 0.0 {
            assert!((open - 0.896).abs() < 2e-3, "{open}");
            let mean = z.iter().sum::<f64>() / n;
            assert!((mean - 0.5).abs() < 2e-3, "the mean gate is {mean}");
        }
    }
}

#[test]
fn gates_by_their_formula() {
    let device = Device::flex();
    let log_alpha = Tensor::<2>::from_floats([[-4.0, -2.0, -0.3, 0.0, 1.0, 2.0, 4.0]], &device);
    let expected: Vec<f64> = values(log_alpha.clone())
        .into_iter()
        .map(|la| (1.2 * sigmoid(la) - 0.1).clamp(0.0, 1.0))
        .collect();
    assert_eq!((expected[0], expected[6]), (0.0, 1.0));
    close(
        "evaluation",
        &values(gate(log_alpha.clone())),
        &expected,
        1e-6,
    );
    let e = [0.5, 0.9, 1e-6, 0.2, 1.0 - 1e-6, 0.01, 0.6];
    let alphas = values(log_alpha.clone());
    let drawn: Vec<f64> = alphas
        .iter()
        .zip(e)
        .map(|(la, e): (&f64, f64)| {
            let odds = e.ln() - (1.0 - e).ln();
            (1.2 * sigmoid((odds + la) / 0.9) - 0.1).clamp(0.0, 1.0)
        })
        .collect();
    let found = drawn_gate(log_alpha, e.map(|e| e as f32).to_vec());
    close("training", &values(found), &drawn, 1e-5);
}

#[test]
fn evaluation_is_deterministic_and_training_draws_per_step() {
    for system in [System::SnrTrans, System::SnrTransGraph] {
        let case = Case::new(with(system, |_| {}));
        let score = |draw| {
            let batch = case.drawn(Sampling::uniform(&[100, 100]), draw);
            values(case.score(&batch).logits)
        };
        assert_eq!(score(Draw::Evaluate), score(Draw::Evaluate), "{system}");
        close(
            &format!("{system}"),
            &score(Draw::Evaluate),
            &score(Draw::Full),
            1e-6,
        );
        let step = |step| score(Draw::Train { seed: 1, step });
        assert_eq!(step(3), step(3), "{system}: a step repeats itself");
        let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-3);
        assert!(apart(&step(3), &step(4)), "{system}: steps draw anew");
        assert!(apart(&step(3), &score(Draw::Train { seed: 2, step: 3 })));
        assert!(apart(&step(3), &score(Draw::Full)), "{system}");
    }
}

#[test]
fn a_step_draws_once_for_all_pairs() {
    // One draw per connection and step: a second copy of a pair scores the same.
    let mut case = Case::new(with(System::SnrTrans, |_| {}));
    (case.users[9], case.items[9]) = (case.users[0], case.items[0]);
    for step in 0..5 {
        let draw = Draw::Train { seed: 1, step };
        let logits = values(
            case.score(&case.drawn(Sampling::uniform(&[1, 1]), draw))
                .logits,
        );
        close("copies", &logits[18..], &logits[..2], 1e-6);
    }
}

#[test]
fn large_log_alphas_give_plain_sums() {
    let mut case = Case::new(with(System::SnrTrans, |_| {}));
    for routing in ["routing1.log_alpha", "routing2.log_alpha"] {
        case.change(routing, |_, _| 50.0);
    }
    let reference = case.reference();
    let width = case.config.model.expert_width();
    // Every unit's inputs add up through their transformations.
    let summed = |name: &str, u: &[Vec<f64>], to: usize, i: usize| {
        let all = reference.get(name);
        let part = |j: usize| -> Vec<f64> {
            let row = |a: usize| &all[((j * width + a) * to + i) * width..][..width];
            let matrix: Vec<f64> = (0..width).flat_map(row).copied().collect();
            times(&u[j], &matrix)
        };
        (0..4).fold(vec![0.0; width], |sum, j| add(&sum, &part(j)))
    };
    let mut expected = Vec::new();
    for (&u, &i) in case.users.iter().zip(&case.items) {
        let x = reference.pair_input("", u as usize, i as usize);
        let level =
            |name: &str, j, x: &[f64]| reference.perceptron((name, j, 4), &[width], false, x);
        let first: Vec<_> = (0..4).map(|j| level("level1", j, &x)).collect();
        let second: Vec<_> = (0..4)
            .map(|i| level("level2", i, &summed("routing1.transform", &first, 4, i)))
            .collect();
        for k in 0..2 {
            let routed = summed("routing2.transform", &second, 2, k);
            let v = &reference.get("head.weight")[k * width..][..width];
            expected.push(dot(v, &routed) + reference.get("head.bias")[k]);
        }
    }
    close("logits", &values(case.output().logits), &expected, 1e-5);
    // All 24 connections count as open, up to the bound on log alpha.
    let open = 24.0 * sigmoid(100f64.ln() - 0.9 * (0.1f64 / 1.1).ln());
    let found = values(case.model.penalty(&case.p).unwrap())[0];
    close(
        "penalty",
        &[found],
        &[case.config.model.snr_lambda * open],
        1e-6,
    );
}
