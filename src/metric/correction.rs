//! p-values when several questions are asked, or one question several times.

/// Holm's step-down correction (Holm, 1979): adjusted p-values, in the order given. Rejecting those
/// below a level keeps the chance of any false rejection below that level, however the tests depend
/// on each other.
///
/// The i-th smallest of m p-values becomes the largest of `(m - j) p_j` over the `j <= i` before it
/// (both counted from 0), at most 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; m];
    let mut largest = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((m - rank) as f64 * p_values[i]).min(1.0);
        adjusted[i] = largest;
    }
    adjusted
}

/// One p-value from several of the same hypothesis that may depend on each other in any way: twice
/// their mean, at most 1 (Rüschendorf, 1982; Vovk and Wang, 2020). `None` when there is none.
pub fn merged(p_values: &[f64]) -> Option<f64> {
    let mean = p_values.iter().sum::<f64>() / p_values.len() as f64;
    (!p_values.is_empty()).then(|| (2.0 * mean).min(1.0))
}
