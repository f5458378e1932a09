//! Latent vectors: what items are and what shoppers like, in a handful of dimensions.

use crate::random::Stream;

/// Dimensions of taste.
const DIMENSIONS: usize = 6;
/// Each dimension weighs this much of the one before, so that a few of them dominate.
const DECAY: f64 = 0.65;

/// A vector whose squared length is 1 on average.
#[derive(Clone, Copy, Debug)]
pub(super) struct Latent([f64; DIMENSIONS]);

impl Latent {
    /// A fresh vector.
    pub fn draw(stream: &mut Stream) -> Self {
        let total: f64 = (0..DIMENSIONS).map(|d| DECAY.powi(2 * d as i32)).sum();
        Self(std::array::from_fn(|d| {
            stream.normal() * DECAY.powi(d as i32) / total.sqrt()
        }))
    }

    /// The sum of vectors, each with a weight; squared weights that sum to 1 keep the length.
    pub fn mix<const N: usize>(parts: [(f64, &Latent); N]) -> Self {
        Self(std::array::from_fn(|d| {
            parts.iter().map(|(weight, part)| weight * part.0[d]).sum()
        }))
    }

    /// How alike two vectors are; about standard normal for unrelated ones.
    pub fn affinity(&self, other: &Latent) -> f64 {
        let dot: f64 = self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum();
        dot * (DIMENSIONS as f64).sqrt()
    }
}

/// A bilinear form in two latent vectors.
#[derive(Clone, Debug)]
pub(super) struct Form([[f64; DIMENSIONS]; DIMENSIONS]);

impl Form {
    /// Two forms with standard normal entries that are correlated by `rho`.
    pub fn pair(rho: f64, stream: &mut Stream) -> [Self; 2] {
        let mut form = || {
            Self(std::array::from_fn(|_| {
                std::array::from_fn(|_| stream.normal())
            }))
        };
        let [shared, own_a, own_b] = [form(), form(), form()];
        let (s, o) = (rho.sqrt(), (1.0 - rho).sqrt());
        [own_a, own_b].map(|own| {
            Self(std::array::from_fn(|i| {
                std::array::from_fn(|j| s * shared.0[i][j] + o * own.0[i][j])
            }))
        })
    }

    /// The value `a A b`; about standard normal for unrelated vectors.
    pub fn value(&self, a: &Latent, b: &Latent) -> f64 {
        let row =
            |row: &[f64; DIMENSIONS]| -> f64 { row.iter().zip(&b.0).map(|(m, b)| m * b).sum() };
        a.0.iter().zip(&self.0).map(|(a, m)| a * row(m)).sum()
    }
}
