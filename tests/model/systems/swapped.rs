//! Swapping the two tasks (identity 12 of model.md 11).

use moge::model::config::Stitch;
use moge::model::{ModelConfig, System};
use moge::train::Config;
use moge::train::config::Uncertainty;

use super::with;
use crate::case::{Case, close, values};

/// The axes of a parameter that run over tasks, with the length of a task's run along each; none
/// where both tasks share it.
fn task_axes(name: &str, shape: &[usize], m: &ModelConfig) -> Vec<usize> {
    let of_head = name.starts_with("head.") || name == "log_variance";
    match name {
        _ if of_head => vec![0],
        "routing2.transform" => vec![2],
        "routing2.log_alpha" => vec![0],
        _ if name.starts_with("stitch") => vec![0, 1],
        _ if ["gate.", "column", "tower."]
            .iter()
            .any(|p| name.starts_with(p)) =>
        {
            vec![usize::from(name.ends_with("weight1"))]
        }
        // Own experts come first, in runs of `n_specific`.
        _ if name.starts_with("expert.") && m.system.base() == System::Cgc => {
            let axis = usize::from(name.ends_with("weight1"));
            assert_eq!(shape[axis], 2 * m.n_specific + m.n_shared);
            vec![axis]
        }
        _ => Vec::new(),
    }
}

/// Values with the two tasks' runs along an axis exchanged; what lies beyond both runs stays.
fn exchanged(values: &[f64], shape: &[usize], axis: usize, run: usize) -> Vec<f64> {
    let inner: usize = shape[axis + 1..].iter().product();
    let source = |i: usize| {
        let along = i / inner % shape[axis];
        match along / run {
            0 => i + run * inner,
            1 => i - run * inner,
            _ => i,
        }
    };
    (0..values.len()).map(|i| values[source(i)]).collect()
}

fn swap(case: &Case, swapped: &mut Case) {
    let m = &case.config.model;
    for parameter in case.p.iter() {
        let (name, shape) = (&parameter.name, &parameter.shape);
        if let Some(part) = name.strip_prefix("favourite.") {
            let other = format!("purchase.{part}");
            swapped.set(name, &case.get(&other));
            swapped.set(&other, &case.get(name));
            continue;
        }
        let mut values = case.get(name);
        for axis in task_axes(name, shape, m) {
            let run = match name {
                _ if name.starts_with("expert.") => m.n_specific,
                _ => shape[axis] / 2,
            };
            values = exchanged(&values, shape, axis, run);
        }
        if !name.starts_with("purchase.") {
            swapped.set(name, &values);
        }
    }
    swapped.labels = case.labels.chunks(2).flat_map(|y| [y[1], y[0]]).collect();
}

fn configurations() -> Vec<Config> {
    let mut all: Vec<Config> = System::ALL
        .into_iter()
        .filter(|system| system.base() != System::Esmm)
        .map(|system| with(system, |_| {}))
        .collect();
    all.push(with(System::CrossStitch, |m| m.stitch = Stitch::PerChannel));
    all.push(with(System::CrossStitch, |m| m.stitch = Stitch::Full));
    for system in [System::Moge, System::CgcGraph] {
        all.push(with(system, |m| m.tower_hidden = vec![3]));
    }
    all.push(with(System::Cgc, |m| (m.n_shared, m.n_specific) = (1, 3)));
    all
}

#[test]
fn swapped_tasks_swap_the_outputs() {
    for config in configurations() {
        let config = Config {
            uncertainty: Uncertainty::M2grl,
            ..config
        };
        let case = Case::new(config.clone());
        let mut other = Case::new(config);
        swap(&case, &mut other);
        let what = format!(
            "{}, {:?}",
            case.config.model.system, case.config.model.stitch
        );
        let logits = values(case.output().logits);
        let back: Vec<f64> = values(other.output().logits)
            .chunks(2)
            .flat_map(|z| [z[1], z[0]])
            .collect();
        close(&what, &back, &logits, 1e-6);
        assert!(
            logits.chunks(2).any(|z| (z[0] - z[1]).abs() > 0.01),
            "{what}"
        );
        let [a, b] = [&case, &other].map(|case| values(case.loss().total));
        close(&format!("{what}: loss"), &b, &a, 1e-6);
        if let (Some(a), Some(b)) = (case.output().gates, other.output().gates) {
            let (a, b) = (values(a), values(b));
            let back = [&b[b.len() / 2..], &b[..b.len() / 2]].concat();
            close(&format!("{what}: gates"), &back, &a, 1e-6);
        }
    }
}
