//! Plain functions and vectors in double precision.

/// `-y ln sigm(z) - (1 - y) ln(1 - sigm(z))`, for logits below 700.
pub fn bce(z: f64, y: f64) -> f64 {
    y * (-z).exp().ln_1p() + (1.0 - y) * z.exp().ln_1p()
}

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

pub fn multiplied(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

pub fn scaled(a: &[f64], by: f64) -> Vec<f64> {
    a.iter().map(|a| a * by).collect()
}

/// A row vector times a matrix `[x.len(), ..]`.
pub fn times(x: &[f64], matrix: &[f64]) -> Vec<f64> {
    let width = matrix.len() / x.len();
    (0..width)
        .map(|o| (0..x.len()).map(|i| x[i] * matrix[i * width + o]).sum())
        .collect()
}

pub fn lrelu(x: &[f64], slope: f64) -> Vec<f64> {
    x.iter()
        .map(|&x| if x > 0.0 { x } else { slope * x })
        .collect()
}

pub fn softmax(scores: &[f64]) -> Vec<f64> {
    let max = scores.iter().fold(f64::NEG_INFINITY, |m, &x| m.max(x));
    let total: f64 = scores.iter().map(|x| (x - max).exp()).sum();
    scores.iter().map(|x| (x - max).exp() / total).collect()
}
