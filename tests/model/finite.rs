//! Gradients against central differences of the reference (identity 20 of model.md 11).

use moge::model::Batch;
use moge::random::Stream;

use crate::case::Case;
use crate::reference::Reference;

/// Compares three entries of the gradient of every parameter: the steepest and two drawn ones.
/// Returns how many were compared, and how many lay too close to a kink of a LeakyReLU.
pub fn gradients_agree(
    what: &str,
    case: &Case,
    batch: &Batch,
    reference: &mut Reference,
    stream: &mut Stream,
) -> (usize, usize) {
    let gradients = case.gradients_of(case.loss_of(batch).total);
    let largest = |g: &[f64]| g.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let overall = gradients
        .values()
        .flatten()
        .fold(0.0f64, |m, g| m.max(largest(g)));
    let (mut compared, mut kinks) = (0, 0);
    for (name, gradient) in &gradients {
        let size = reference.get(name).len();
        let zero = vec![0.0; size];
        let gradient = gradient.as_ref().unwrap_or(&zero);
        let steepest = (0..size).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs()));
        for i in [steepest.unwrap(), stream.below(size), stream.below(size)] {
            let mut slope = |step: f64| {
                let mut at = |offset: f64| {
                    let value = &mut reference.weights.get_mut(name).unwrap().1[i];
                    let before = std::mem::replace(value, *value + offset);
                    let total = reference.loss(&case.users, &case.items, &case.labels).total;
                    reference.weights.get_mut(name).unwrap().1[i] = before;
                    total
                };
                (at(step) - at(-step)) / (2.0 * step)
            };
            let tolerance = 1e-3 * largest(gradient) + 1e-5 * overall;
            let narrow = slope(2e-5);
            if (gradient[i] - narrow).abs() > tolerance {
                let smooth = (slope(1e-4) - narrow).abs() < 0.1 * tolerance;
                let found = gradient[i];
                assert!(
                    !smooth,
                    "{what}: d {name}[{i}] is {found}, expected {narrow}"
                );
                kinks += 1;
                continue;
            }
            compared += 1;
        }
    }
    (compared, kinks)
}
