//! RelaImpr: relative improvement over a baseline above chance (model.md 9.3).

/// `((model - 0.5) / (base - 0.5) - 1) * 100`, in percent. `None` when the base is not above 0.5,
/// the score of a random ranking, or a value is not finite.
pub fn rela_impr(model: f64, base: f64) -> Option<f64> {
    (model.is_finite() && base.is_finite() && base > 0.5)
        .then(|| ((model - 0.5) / (base - 0.5) - 1.0) * 100.0)
}
