//! The losses against plain formulas (model.md 6, identity 7 of section 11).

use burn::tensor::{Device, Tensor};
use moge::model::parameters::Kind;
use moge::train::Config;
use moge::train::config::{Reduction, Uncertainty};
use moge::train::loss::binary_cross_entropy;

use crate::case::{Case, close, small, values};
use crate::host::{bce, sigmoid};

#[test]
fn cross_entropy_by_its_formula() {
    let device = Device::flex().autodiff();
    let logits = [0.0f32, 1.0, -1.0, 0.3, 5.0, -5.0, 17.0, -17.0, 40.0, -40.0];
    for y in [0.0f32, 1.0] {
        let z = Tensor::<2>::from_floats([logits], &device).require_grad();
        let labels = Tensor::from_floats([[y; 10]], &device);
        let loss = binary_cross_entropy(z.clone(), labels);
        let gradients = loss.clone().sum().backward();
        let (found, slopes) = (values(loss), values(z.grad(&gradients).unwrap()));
        for (i, &logit) in logits.iter().enumerate() {
            let (z, y) = (f64::from(logit), f64::from(y));
            let expected = bce(z, y);
            assert!(
                (found[i] - expected).abs() <= 1e-6 * expected + 1e-9,
                "bce({z}, {y}) is {}",
                found[i]
            );
            assert!(
                (slopes[i] - (sigmoid(z) - y)).abs() < 1e-6,
                "slope at {z} is {}",
                slopes[i]
            );
        }
    }
}

#[test]
fn extreme_logits_stay_finite() {
    let mut case = Case::new(small());
    case.change("head.bias", |i, _| if i == 0 { 40.0 } else { -40.0 });
    let logits = values(case.output().logits);
    let expected = |k: usize| -> f64 {
        let terms = logits.iter().zip(&case.labels).skip(k).step_by(2);
        terms.map(|(&z, &y)| bce(z, f64::from(y))).sum::<f64>() / case.users.len() as f64
    };
    close(
        "C",
        &values(case.loss().cross_entropy),
        &[expected(0), expected(1)],
        1e-6,
    );
    let gradients = case.gradients();
    assert!(
        gradients
            .values()
            .flatten()
            .flatten()
            .all(|g| g.is_finite())
    );
}

/// A case with these log variances, whose loss has no other terms.
fn uncertain(uncertainty: Uncertainty, s: [f32; 2]) -> Case {
    let mut case = Case::new(Config {
        uncertainty,
        lambda: 0.0,
        collaboration: false,
        ..small()
    });
    case.change("log_variance", |k, _| s[k]);
    case
}

/// The gradient of the log variances.
fn slopes(case: &Case) -> Vec<f64> {
    case.gradients()["log_variance"]
        .clone()
        .unwrap_or(vec![0.0; 2])
}

#[test]
fn uncertainty_weighs_the_tasks() {
    // Identity 7: with s = 0, (ii) is (i).
    let off = uncertain(Uncertainty::Off, [0.4, -0.9]);
    let [c0, c1] = values(off.loss().cross_entropy)[..] else {
        panic!()
    };
    close("(i)", &values(off.loss().total), &[c0 + c1], 1e-6);
    assert_eq!(slopes(&off), [0.0; 2]);
    for form in [Uncertainty::M2grl, Uncertainty::Kendall] {
        let zero = uncertain(form, [0.0; 2]);
        close("s = 0", &values(zero.loss().total), &[c0 + c1], 1e-6);
        let half = if form == Uncertainty::Kendall {
            0.5
        } else {
            1.0
        };
        let (s0, s1) = (0.4f64, -0.9f64);
        let case = uncertain(form, [s0 as f32, s1 as f32]);
        let total = (-s0).exp() * c0 + half * s0 + (-s1).exp() * c1 + half * s1;
        close("total", &values(case.loss().total), &[total], 1e-6);
        let expected = [half - (-s0).exp() * c0, half - (-s1).exp() * c1];
        close("d s", &slopes(&case), &expected, 1e-6);
    }
}

#[test]
fn log_variances_settle_at_the_logarithm_of_the_loss() {
    // Identity 7: gradient descent on s alone, with C frozen.
    let mut case = uncertain(Uncertainty::M2grl, [0.0; 2]);
    let c = values(case.loss().cross_entropy);
    for _ in 0..60 {
        let slopes = slopes(&case);
        case.change("log_variance", |k, s| s - 0.5 * slopes[k] as f32);
    }
    let expected = [c[0].ln(), c[1].ln()];
    close("s", case.reference().get("log_variance"), &expected, 1e-4);
    close(
        "minimum",
        &values(case.loss().total),
        &[2.0 + expected[0] + expected[1]],
        1e-5,
    );
}

#[test]
fn log_variances_have_a_floor() {
    let floor = 0.05f64.ln();
    let case = uncertain(Uncertainty::M2grl, [-5.0, floor as f32 + 0.01]);
    let c = values(case.loss().cross_entropy);
    let s = floor + 0.01;
    let total = c[0] / 0.05 + floor + c[1] * (-s).exp() + s;
    close("total", &values(case.loss().total), &[total], 1e-5);
    let slopes = slopes(&case);
    assert_eq!(slopes[0], 0.0, "below the floor");
    close(
        "above the floor",
        &slopes[1..],
        &[1.0 - (-s).exp() * c[1]],
        1e-5,
    );
}

#[test]
fn regulariser_counts_a_row_once_per_pair() {
    // Decision C3: user 1 occurs in two pairs, user 4 in one; user 2 is in two, item 3 in one.
    let lambda = 0.3;
    let mut case = Case::new(Config { lambda, ..small() });
    for (name, kind) in case.names() {
        if kind == Kind::Weight || kind == Kind::Table {
            case.change(&name, |_, _| 0.0);
        }
    }
    let d = case.config.model.d;
    case.change("embedding.user_id", |i, _| match i / d {
        1 => 1.0,
        4 => 3.0,
        _ => 0.0,
    });
    // Rows of Gu's and G's neighbours that are in no pair do not count: nobody asks for item 9.
    case.change(
        "embedding.item_id",
        |i, _| if i / d == 3 { 2.0 } else { 0.0 },
    );
    case.change("head.weight", |i, _| if i == 0 { 5.0 } else { 0.0 });
    let rows = d as f64 * (2.0 * 1.0 + 9.0 + 4.0);
    close(
        "reg",
        &values(case.loss().regulariser),
        &[rows + 25.0],
        1e-6,
    );

    // Nothing else reaches the rows of users, since every path starts with a zero matrix.
    let gradient = case.gradients()["embedding.user_id"].clone().unwrap();
    let per_square = lambda / case.users.len() as f64;
    for (i, g) in gradient.iter().enumerate() {
        let expected = match i / d {
            1 => 2.0 * 2.0 * per_square,
            4 => 2.0 * 3.0 * per_square,
            _ => 0.0,
        };
        assert!(
            (g - expected).abs() < 1e-6,
            "d user_id[{i}] is {g}, expected {expected}"
        );
    }

    // A user that only the neighbourhood holds is free.
    let keep: Vec<usize> = (0..case.users.len())
        .filter(|&b| case.users[b] != 1)
        .collect();
    case.users = keep.iter().map(|&b| case.users[b]).collect();
    case.items = keep.iter().map(|&b| case.items[b]).collect();
    case.labels = keep
        .iter()
        .flat_map(|&b| [case.labels[2 * b], case.labels[2 * b + 1]])
        .collect();
    let block = case.batch().blocks[0].clone().unwrap().block;
    assert!(block.nodes.contains(&1), "user 1 is a neighbour");
    let rows = d as f64 * (9.0 + 4.0);
    close(
        "reg",
        &values(case.loss().regulariser),
        &[rows + 25.0],
        1e-6,
    );
}

#[test]
fn biases_and_log_variances_are_not_regularised() {
    let mut case = Case::new(small());
    let before = values(case.loss().regulariser);
    for (name, kind) in case.names() {
        if kind == Kind::Bias || kind == Kind::LogVariance {
            case.change(&name, |_, x| x + 3.0);
        }
    }
    assert_eq!(values(case.loss().regulariser), before);
}

#[test]
fn a_sum_is_the_batch_size_times_the_mean() {
    let config = Config {
        lambda: 0.02,
        beta: 0.5,
        ..small()
    };
    let mean = Case::new(config.clone());
    let sum = Case::new(Config {
        reduction: Reduction::Sum,
        ..config
    });
    let pairs = mean.users.len() as f64;
    close(
        "total",
        &values(sum.loss().total),
        &[pairs * values(mean.loss().total)[0]],
        1e-6,
    );
    let expected = mean.gradients();
    for (name, gradient) in sum.gradients() {
        let expected: Vec<f64> = expected[&name]
            .iter()
            .flatten()
            .map(|g| pairs * g)
            .collect();
        close(&name, &gradient.unwrap_or_default(), &expected, 1e-5);
    }
}
