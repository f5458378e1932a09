//! Scoring the pairs of a table: raw ids in, logits and probabilities out.

use std::io::Read;
use std::sync::Arc;

use serde::Serialize;

use super::directory::Directory;
use super::score::{Subject, probability, score_in_parts};
use crate::data::{Dataset, Nodes, Pair, PairReader};
use crate::error::{Result, thousands};
use crate::graph::Draw;
use crate::model::moge::K;
use crate::train::Run;

/// A table of scored pairs.
#[derive(Clone, Debug, Serialize)]
pub struct PairScores {
    /// The pairs, in the order of the table.
    pub rows: Vec<PairScore>,
    /// What a person should know of them: unseen users and items, values that could not be mapped.
    pub notes: Vec<String>,
    /// The same rows as CSV.
    pub csv: String,
}

/// A scored pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairScore {
    /// Its line in the table, counted from 1, the header included.
    pub line: u64,
    /// Id in the log.
    pub user_id: u64,
    /// Id in the log.
    pub item_id: u64,
    /// Whether the user owns a row of the id table.
    pub user_known: bool,
    /// Whether the item owns a row of the id table.
    pub item_known: bool,
    /// Of favourite and purchase.
    pub logits: [f32; K],
    /// Of favourite and purchase.
    pub probabilities: [f64; K],
}

/// Scores the pairs of a CSV with the columns `user_id`, `item_id` and, where they are known,
/// `cat_id`, `seller_id`, `brand_id`, `age_range` and `gender`, with evaluation's neighbourhoods.
/// `progress` is told the share of the pairs that are done, again and again.
///
/// # Errors
///
/// Names the line of a row that cannot be read; when a column is missing, there is no row, or the
/// device was lost.
pub async fn score_csv(run: &mut Run, csv: &str, progress: impl FnMut(f64)) -> Result<PairScores> {
    score_table(run, "the pairs", csv.as_bytes(), Draw::Evaluate, progress).await
}

/// As [`score_csv`], for a table that is read from anywhere, plain or gzip; `name` is what messages
/// call it.
///
/// # Errors
///
/// As [`score_csv`].
pub async fn score_table(
    run: &mut Run,
    name: &str,
    table: impl Read,
    draw: Draw,
    progress: impl FnMut(f64),
) -> Result<PairScores> {
    let (data, _) = run.loaded();
    let reader = PairReader::new(name, table)?;
    let unread = reader.unread();
    let mut reception = Reception::new(data);
    let (mut rows, mut pairs) = (Vec::new(), Vec::new());
    for pair in reader {
        let pair = pair?;
        let user = reception.user(&pair);
        let item = reception.item(&pair);
        rows.push(PairScore {
            line: pair.line,
            user_id: pair.user.user,
            item_id: pair.item,
            user_known: (user.node as usize) < reception.data.users.known && user.node > 0,
            item_known: (item.node as usize) < reception.data.items.known && item.node > 0,
            logits: [0.0; K],
            probabilities: [0.0; K],
        });
        pairs.push((user, item));
    }
    let scores = score_in_parts(run, &pairs, draw, progress).await?;
    for (row, logits) in rows.iter_mut().zip(scores.logits) {
        row.logits = logits;
        row.probabilities = logits.map(probability);
    }
    Ok(PairScores {
        notes: reception.notes(&rows, &unread, run.config().unknown_id),
        csv: csv(&rows),
        rows,
    })
}

const HEADER: &str = "user_id,item_id,user_known,item_known,\
                      logit_favourite,logit_purchase,p_favourite,p_purchase\n";

fn csv(rows: &[PairScore]) -> String {
    let mut csv = HEADER.to_string();
    for row in rows {
        let known = [row.user_known, row.item_known].map(u8::from);
        let p = row.probabilities.map(|p| p as f32);
        csv += &format!(
            "{},{},{},{},{},{},{},{}\n",
            row.user_id, row.item_id, known[0], known[1], row.logits[0], row.logits[1], p[0], p[1]
        );
    }
    csv
}

/// Finds the nodes that pairs are about.
struct Reception {
    data: Arc<Dataset>,
    directory: Directory,
    /// Values of item fields that were given and could not be mapped.
    unmapped: u64,
}

impl Reception {
    fn new(data: Arc<Dataset>) -> Self {
        Self {
            directory: Directory::new(&data),
            data,
            unmapped: 0,
        }
    }

    fn user(&self, pair: &Pair) -> Subject {
        let users = &self.data.users;
        let node = self.directory.user(pair.user.user).unwrap_or(0);
        subject(users, node, |field| match field {
            "age_range" => pair.user.age.into(),
            "gender" => pair.user.gender.into(),
            _ => 0,
        })
    }

    fn item(&mut self, pair: &Pair) -> Subject {
        let items = &self.data.items;
        let node = self.directory.item(pair.item).unwrap_or(0);
        let (origin, mut unmapped) = (&self.data.origin, 0);
        let names = ["cat_id", "seller_id", "brand_id"];
        let found = subject(items, node, |field| {
            let given = names.iter().position(|name| *name == field);
            let raw = given.map_or(0, |at| pair.item_fields[at]);
            origin.value(field, raw).unwrap_or_else(|| {
                unmapped += 1;
                0
            })
        });
        self.unmapped += unmapped;
        found
    }

    fn notes(&self, rows: &[PairScore], unread: &[String], unknown_id: f64) -> Vec<String> {
        let mut notes = Vec::new();
        let unseen =
            |known: fn(&PairScore) -> bool| rows.iter().filter(|row| !known(row)).count() as u64;
        let (users, items) = (unseen(|row| row.user_known), unseen(|row| row.item_known));
        if users + items > 0 {
            let [users, items, pairs] = [users, items, rows.len() as u64].map(thousands);
            notes.push(format!(
                "Pairs with a user that training did not see: {users} of {pairs}; with such an item: \
                 {items}. Row 0 of the id table, their attributes and the neighbours they have stand \
                 for them."
            ));
            notes.extend(untrained(unknown_id));
        }
        if self.unmapped > 0 {
            let why = if self.data.origin.raw_values.is_empty() {
                "the dataset does not store the raw ids of categories, merchants and brands; prepare \
                 it again to have them"
            } else {
                "no item that training saw has them"
            };
            notes.push(format!(
                "Values of cat_id, seller_id and brand_id that count as not given: {} ({why}).",
                thousands(self.unmapped)
            ));
        }
        if !unread.is_empty() {
            notes.push(format!("Columns that are not read: {}.", unread.join(", ")));
        }
        notes
    }
}

/// A warning where row 0 of the id tables has never been trained.
pub(super) fn untrained(unknown_id: f64) -> Option<String> {
    (unknown_id == 0.0).then(|| {
        "The run was trained with unknown_id = 0, which leaves row 0 of the id tables at its random \
         start: scores with it mean little."
            .to_string()
    })
}

/// A node that owns an id row as it is; another with the values that were given (0 for none) in place
/// of the dataset's.
fn subject(nodes: &Nodes, node: u32, mut given: impl FnMut(&str) -> u32) -> Subject {
    if node > 0 && (node as usize) < nodes.known {
        return node.into();
    }
    let own = nodes.features(node);
    let mut features = own.to_vec();
    for (value, field) in features.iter_mut().zip(&nodes.fields).skip(1) {
        let given = given(&field.name);
        if given > 0 && (given as usize) < field.vocabulary {
            *value = given;
        }
    }
    Subject {
        node,
        features: (features != own).then_some(features),
    }
}
