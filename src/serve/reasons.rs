//! Facts of the graph about a user and an item. They say what the model was given, not why it scored
//! as it did.

use std::collections::HashSet;

use crate::data::{Action, Actions};
use crate::graph::{Channel, Channels};
use crate::train::Run;
use crate::train::run::Loaded;

/// What the graph holds around one user.
pub(super) struct Facts {
    loaded: Loaded,
    user: u32,
    /// The items that the user has edges with.
    history: HashSet<u32>,
    /// How many of the most similar users are looked at.
    k_sim: usize,
    /// The channels that the system reads.
    reads: [bool; 3],
    title: &'static str,
    /// Degrees of all items, rising.
    degrees: Vec<usize>,
    /// What an edge means: `favourited or bought`.
    did: String,
}

impl Facts {
    pub fn new(run: &Run, user: u32) -> Self {
        let loaded = run.loaded();
        let (data, channels) = &loaded;
        let mut degrees: Vec<usize> = (1..data.items.len() as u32)
            .map(|i| degree(channels, i))
            .collect();
        degrees.sort_unstable();
        Self {
            history: items_of(channels, user).collect(),
            user,
            k_sim: run.config().k_sim,
            reads: run.model().channels(),
            title: run.config().model.system.title(),
            degrees,
            did: meaning(data.origin.edge_actions),
            loaded,
        }
    }

    /// Whether the user has an edge with an item.
    pub fn seen(&self, item: u32) -> bool {
        self.history.contains(&item)
    }

    /// Number of users that have an edge with an item.
    pub fn degree(&self, item: u32) -> usize {
        degree(&self.loaded.1, item)
    }

    /// A sentence per fact, the user's own first.
    pub fn about(&self, item: u32) -> Vec<String> {
        let (data, did) = (&self.loaded.0, &self.did);
        let mut facts = Vec::new();
        if self.seen(item) {
            facts.push(format!("The user already {did} it."));
        }
        if self.reads[Channel::UserUser as usize] {
            facts.extend(self.similar_users(item));
        }
        if self.reads[Channel::ItemItem as usize] {
            facts.extend(self.similar_items(item));
        }
        facts.push(self.popularity(item));
        if item as usize >= data.items.known {
            let row = "Training did not see the item: row 0 of the id table and its attributes stand for it.";
            facts.push(row.into());
        }
        facts
    }

    fn similar_users(&self, item: u32) -> Option<String> {
        let channels = &self.loaded.1;
        let similar = &channels.user_user.targets[channels.user_user.row(self.user)];
        let similar = &similar[..similar.len().min(self.k_sim)];
        let shares = |user: &&u32| items_of(channels, **user).any(|other| other == item);
        let count = similar.iter().filter(shares).count();
        (count > 0).then(|| {
            let (all, did) = (similar.len(), &self.did);
            format!("{count} of the {all} most similar users {did} it.")
        })
    }

    fn similar_items(&self, item: u32) -> Option<String> {
        let (data, channels) = &self.loaded;
        let row = channels.item_item.row(item);
        let similar = channels.item_item.targets[row.clone()]
            .iter()
            .zip(&channels.item_item.weights[row]);
        // Rows stand by falling similarity.
        let mut shared = similar.filter(|(other, _)| self.history.contains(other));
        let (&nearest, similarity) = shared.next()?;
        let (raw, did) = (data.items.raw[nearest as usize], &self.did);
        let more = match shared.count() {
            0 => String::new(),
            1 => " (and to 1 more)".into(),
            n => format!(" (and to {n} more)"),
        };
        Some(format!(
            "Similar to item {raw}{more} that the user {did}; similarity {similarity:.2}."
        ))
    }

    fn popularity(&self, item: u32) -> String {
        let (degree, did) = (self.degree(item), &self.did);
        let below = self.degrees.partition_point(|&other| other < degree);
        let share = 100 * below / self.degrees.len().max(1);
        let who = match degree {
            0 => "No user of the graph".to_string(),
            1 => "1 user of the graph".to_string(),
            n => format!("{n} users of the graph"),
        };
        let than = match share {
            0 => String::new(),
            share => format!(", more than {share} % of the items have"),
        };
        let unread = match self.reads {
            [false, false, false] => format!("; {} reads no graph", self.title),
            _ => String::new(),
        };
        format!("{who} {did} it{than}{unread}.")
    }
}

/// The items that a user has edges with.
pub(super) fn items_of(channels: &Channels, user: u32) -> impl Iterator<Item = u32> {
    let users = channels.users as u32;
    let row = &channels.user_item.targets[channels.user_item.row(user)];
    row.iter().map(move |node| node - users)
}

fn degree(channels: &Channels, item: u32) -> usize {
    channels.user_item.degree(item + channels.users as u32)
}

/// What an edge means, for people.
fn meaning(actions: Actions) -> String {
    let words = [
        (Action::Favourite, "favourited"),
        (Action::Purchase, "bought"),
        (Action::Cart, "put in the cart"),
        (Action::Click, "looked at"),
    ];
    let words = words.iter().filter(|(action, _)| actions.has(*action));
    words
        .map(|(_, word)| *word)
        .collect::<Vec<_>>()
        .join(" or ")
}
