//! The vectors of one test pair on its way through MoGE (the paper's Figure 2).

use burn::tensor::Tensor;
use serde::Serialize;

use super::pair;
use crate::error::{Error, ErrorKind, Result};
use crate::train::Run;
use crate::train::evaluation::read;

/// Every vector by its name in model.md 5: `p_u`, `q_i`; the states `h_u`, `h_i` of G, `hu~` of Gu and
/// `hi~` of Gi as the interactions read them; `Z1..Z4`, `f1..f4`; for each task `g_favourite`,
/// `g_purchase` (gates) and `o_favourite`, `o_purchase` (mixtures); `logit`. What is switched off is
/// left out.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The place in the test window.
    pub instance: usize,
    /// In the order of the computation.
    pub tensors: Vec<Traced>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traced {
    /// What it is.
    pub name: String,
    /// Length of every axis.
    pub shape: Vec<usize>,
    /// Row-major.
    pub values: Vec<f32>,
}

/// Traces the test instance at a place of the test window, with evaluation's neighbourhoods.
///
/// # Errors
///
/// When there is no such instance, the system has no trace, or the device was lost.
pub async fn trace(run: &mut Run, instance: usize) -> Result<Trace> {
    let (user, item) = pair(&run.loaded().0, instance)?;
    let batch = run.pair(user, item);
    let (names, tensors): (Vec<_>, Vec<_>) = run
        .model()
        .trace(&run.parameters().detached(), &batch)
        .into_iter()
        .unzip();
    if tensors.is_empty() {
        let system = run.config().model.system.title();
        return Err(Error::new(
            ErrorKind::Config,
            format!("the parts of {system} cannot be looked into"),
            "Choose a run of MoGE.",
        ));
    }
    let lengths: Vec<usize> = tensors.iter().map(|t| t.dims()[0]).collect();
    let [values] = read([Tensor::cat(tensors, 0)]).await?;
    let mut rest = &values[..];
    let tensors = names.into_iter().zip(lengths).map(|(name, length)| {
        let values;
        (values, rest) = rest.split_at(length);
        Traced {
            name,
            shape: vec![length],
            values: values.to_vec(),
        }
    });
    Ok(Trace {
        instance,
        tensors: tensors.collect(),
    })
}
