//! The items that a run puts first for a user, with reasons.

use serde::Serialize;

use super::directory::Directory;
use super::pairs::untrained;
use super::reasons::Facts;
use super::score::{Parts, Scores, Subject, probability, score};
use crate::data::{Dataset, Instances, Task};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Draw;
use crate::model::moge::K;
use crate::train::Run;
use crate::train::evaluation::read;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// The user's id in the log.
    pub user: u64,
    /// How many items.
    pub n: usize,
    /// The task that ranks them.
    pub task: Task,
    /// Whether to leave out items that the user favourited or bought in the graph (an edge of G) or
    /// in the training window (a label of a training or validation instance).
    pub exclude_seen: bool,
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct Recommendations {
    /// The user's id in the log.
    pub user_id: u64,
    /// Whether the user owns a row of the id table.
    pub user_known: bool,
    /// `favourite` or `purchase`: what ranks the items.
    pub task: &'static str,
    /// What the ranking rests on.
    pub basis: String,
    /// The items, the best first.
    pub items: Vec<Recommendation>,
}

/// A recommended item.
#[derive(Clone, Debug, Serialize)]
pub struct Recommendation {
    /// 1 for the best.
    pub rank: usize,
    /// Id in the log.
    pub item_id: u64,
    /// Of favourite and purchase.
    pub logits: [f32; K],
    /// Of favourite and purchase.
    pub probabilities: [f64; K],
    /// Number of users that have an edge of G with it.
    pub degree: usize,
    /// Facts of the graph, and the exact split of the score where there is one.
    pub reasons: Vec<String>,
}

/// Scores every item of the dataset for a user, and gives the best; ties go to the item that stands
/// first. A user without history is ranked for, too: [`Recommendations::basis`] says on what ground.
///
/// # Errors
///
/// When no item was asked for, or the device was lost.
pub async fn recommend(run: &mut Run, query: Query) -> Result<Recommendations> {
    if query.n == 0 {
        let what = "0 recommendations were asked for";
        return Err(Error::new(ErrorKind::Config, what, "Ask for 1 or more."));
    }
    let (data, _) = run.loaded();
    let user = Directory::new(&data).user(query.user);
    let node = user.unwrap_or(0);
    let facts = Facts::new(run, node);
    let trained = if query.exclude_seen {
        chosen(&data, node)
    } else {
        Vec::new()
    };
    let left_out = |item: u32| query.exclude_seen && (facts.seen(item) || trained.contains(&item));
    let items: Vec<u32> = (1..data.items.len() as u32)
        .filter(|&i| !left_out(i))
        .collect();
    let pairs: Vec<(Subject, Subject)> = items.iter().map(|&i| (node.into(), i.into())).collect();
    let scores = score(run, &pairs, Draw::Evaluate).await?;

    let k = query.task as usize;
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&a, &b| {
        scores.logits[b][k]
            .total_cmp(&scores.logits[a][k])
            .then(a.cmp(&b))
    });
    order.truncate(query.n);
    let p = run.parameters().detached();
    let [bias] = read([run.model().bias(&p).flatten(0, 1)]).await?;
    let split = Split::new(query.task, bias[k], &scores);
    let recommendation = |(rank, &at): (usize, &usize)| {
        let item = items[at];
        let mut reasons = facts.about(item);
        reasons.extend(split.sentence(at));
        if user.is_none() {
            reasons.insert(
                0,
                format!("Not personal: user {} has no history.", query.user),
            );
        }
        Recommendation {
            rank: rank + 1,
            item_id: data.items.raw[item as usize],
            logits: scores.logits[at],
            probabilities: scores.logits[at].map(probability),
            degree: facts.degree(item),
            reasons,
        }
    };
    Ok(Recommendations {
        user_id: query.user,
        user_known: user.is_some_and(|node| (node as usize) < data.users.known),
        task: query.task.name(),
        basis: basis(run, query.user, user),
        items: order.iter().enumerate().map(recommendation).collect(),
    })
}

/// The items that a user favourited or bought in the training window.
fn chosen(data: &Dataset, user: u32) -> Vec<u32> {
    let positives = |window: &Instances| {
        let first = window.user.partition_point(|&other| other < user);
        let last = window.user.partition_point(|&other| other <= user);
        let labelled = (first..last).filter(|&i| window.labels[i] != 0);
        labelled.map(|i| window.item[i]).collect::<Vec<_>>()
    };
    [positives(&data.train), positives(&data.valid)].concat()
}

/// What the ranking rests on, in a sentence or two.
fn basis(run: &Run, raw: u64, user: Option<u32>) -> String {
    let (data, channels) = run.loaded();
    let degree = user.map_or(0, |user| channels.user_item.degree(user));
    let edges = match degree {
        0 => "no edge in the graph".to_string(),
        1 => "1 edge in the graph".to_string(),
        n => format!("{n} edges in the graph"),
    };
    let stand_in = "row 0 of the id table, which training learnt for users it hides";
    let text = match user {
        Some(node) if (node as usize) < data.users.known => {
            return format!("User {raw} has an id row of its own and {edges}.");
        }
        Some(_) => format!(
            "Training did not see user {raw}: {stand_in}, the user's age and gender, and {edges} stand \
             for the user."
        ),
        None => format!(
            "User {raw} is not in the dataset and has no history: the ranking rests on the items \
             alone, as they suit {stand_in}, with unknown age and gender."
        ),
    };
    match untrained(run.config().unknown_id) {
        Some(warning) => format!("{text} {warning}"),
        None => text,
    }
}

/// The exact split of the logits of one task.
struct Split<'a> {
    task: Task,
    bias: f32,
    scores: &'a Scores,
    /// Mean over all scored items.
    mean: [f64; 2],
    /// Whether the graph has a part of its own.
    graph: bool,
}

impl<'a> Split<'a> {
    fn new(task: Task, bias: f32, scores: &'a Scores) -> Self {
        let parts = || scores.parts.iter().map(|parts| parts[task as usize]);
        let mean = |of: fn(&Parts) -> f32| {
            parts().map(|part| f64::from(of(&part))).sum::<f64>() / scores.parts.len().max(1) as f64
        };
        Self {
            task,
            bias,
            scores,
            mean: [mean(|part| part.experts), mean(|part| part.graph)],
            graph: parts().any(|part| part.graph != 0.0),
        }
    }

    /// The split of one item's logit beside that of the average item; none where the system is not
    /// additive.
    fn sentence(&self, at: usize) -> Option<String> {
        let part = self.scores.parts.get(at)?[self.task as usize];
        let logit = self.scores.logits[at][self.task as usize];
        let (task, bias, [experts, graph]) = (self.task.name(), self.bias, self.mean);
        Some(if self.graph {
            format!(
                "Exact split of the {task} logit {logit:.2}: bias {bias:.2}, experts {:+.2}, graph \
                 {:+.2} (mean over the items: {experts:+.2}, {graph:+.2}).",
                part.experts, part.graph
            )
        } else {
            format!(
                "Exact split of the {task} logit {logit:.2}: bias {bias:.2}, experts {:+.2} (mean \
                 over the items: {experts:+.2}).",
                part.experts
            )
        })
    }
}
