//! Scoring any pairs, in batches.

use super::guest::admit;
use crate::error::Result;
use crate::graph::Draw;
use crate::model::channels::Side;
use crate::model::moge::K;
use crate::train::Run;
use crate::train::evaluation::read_some;

/// Pairs that are encoded and scored together: what bounds the memory.
const BATCH: usize = 4096;

/// A user or an item to score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Dense index; 0 for one that the dataset does not hold.
    pub node: u32,
    /// Its field values where they are not those of the dataset, one per field; the id's is 0.
    pub features: Option<Vec<u32>>,
}

impl From<u32> for Subject {
    /// A node as the dataset has it.
    fn from(node: u32) -> Self {
        Self {
            node,
            features: None,
        }
    }
}

/// What a run says of some pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Logits of favourite and purchase, per pair.
    pub logits: Vec<[f32; K]>,
    /// The exact split of every logit, per pair; empty where the system is not additive (no gates,
    /// or towers behind the mixture).
    pub parts: Vec<[Parts; K]>,
}

/// A logit without its bias: `sum_n g_n <v, f^n>` and `sum_n g_n <v, Z^n>` (model.md 5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// What the experts add.
    pub experts: f32,
    /// What the graph adds; 0 where the system's mixture reads no graph.
    pub graph: f32,
}

/// The probability behind a logit.
pub fn probability(logit: f32) -> f64 {
    1.0 / (1.0 + f64::from(-logit).exp())
}

/// Scores pairs of a user and an item with the run's parameters. `draw` chooses the neighbours:
/// [`Draw::Evaluate`] as evaluation does, [`Draw::Full`] for all of them.
///
/// # Errors
///
/// When the device was lost.
///
/// # Panics
///
/// When a node is not in the dataset, or has another number of field values.
pub async fn score(run: &mut Run, pairs: &[(Subject, Subject)], draw: Draw) -> Result<Scores> {
    score_in_parts(run, pairs, draw, |_| {}).await
}

/// As [`score`], in parts; after each `progress` is told the share of the pairs that are done.
///
/// # Errors
///
/// As [`score`].
///
/// # Panics
///
/// As [`score`].
pub async fn score_in_parts(
    run: &mut Run,
    pairs: &[(Subject, Subject)],
    draw: Draw,
    mut progress: impl FnMut(f64),
) -> Result<Scores> {
    let p = run.parameters().detached();
    let mut scores = Scores::default();
    let (mut done, all) = (0, pairs.len());
    for pairs in pairs.chunks(BATCH) {
        let (users, items): (Vec<u32>, Vec<u32>) =
            pairs.iter().map(|(u, i)| (u.node, i.node)).unzip();
        let mut batch = run.pairs(&users, &items, draw);
        let self_loop = run.config().model.self_loop;
        for (side, of) in [
            (
                Side::User,
                (|pair| &pair.0) as fn(&(Subject, Subject)) -> &Subject,
            ),
            (Side::Item, |pair| &pair.1),
        ] {
            let guests = pairs.iter().enumerate();
            let guests = guests.filter_map(|(at, pair)| Some((at, of(pair).features.as_deref()?)));
            let guests: Vec<(usize, &[u32])> = guests.collect();
            if !guests.is_empty() {
                admit(&mut batch, side, &guests, self_loop);
            }
        }
        let model = run.model();
        let encoded = model.encode(&p, &batch);
        let output = model.score(&p, &batch, &encoded, 0..pairs.len());
        let parts = output.parts();
        let [experts, graph] = parts.map_or([None, None], |parts| parts.map(Some));
        let tensors = [Some(output.logits), experts, graph];
        let [logits, experts, graph] =
            read_some(tensors.map(|t| t.map(|t| t.flatten(0, 1)))).await?;
        scores.logits.extend(logits.as_chunks::<K>().0);
        let rows = experts.as_chunks::<K>().0.iter();
        let rows = rows.zip(graph.as_chunks::<K>().0).map(|(experts, graph)| {
            std::array::from_fn(|k| Parts {
                experts: experts[k],
                graph: graph[k],
            })
        });
        scores.parts.extend(rows);
        done += pairs.len();
        progress(done as f64 / all as f64);
    }
    Ok(scores)
}
