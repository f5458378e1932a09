//! What a dataset holds: the counts of the paper's Table 1 and the long tails of its Figure 1.

mod distribution;
mod log;

use std::collections::HashSet;

use serde::Serialize;

use super::dataset::{Dataset, Instances, Nodes, TASKS, Task};

pub use distribution::Distribution;
pub use log::{LogStatistics, LogStatisticsBuilder};

/// Counts of one task in one window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskStatistics {
    /// `favourite` or `purchase`.
    pub task: &'static str,
    /// Instances with the label.
    pub positives: u64,
    /// Of these, the share whose user and item both have an edge in G.
    pub positives_in_graph: f64,
    /// Users with an instance with the label and one without: the groups that GAUC is made of.
    pub valid_groups: u64,
    /// Share of the instances that belong to such a user.
    pub share_in_valid_groups: f64,
}

/// Counts of one window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowStatistics {
    /// `train`, `valid` or `test`.
    pub name: &'static str,
    /// Number of instances.
    pub instances: u64,
    /// Of these, sampled negatives (D3).
    pub sampled: u64,
    /// Users with an instance.
    pub users: u64,
    /// Items with an instance.
    pub items: u64,
    /// Share of the users with an instance that have no edge in G.
    pub cold_users: f64,
    /// Share of the items with an instance that have no edge in G.
    pub cold_items: f64,
    /// P(purchase | favourite): share of the favourites that were bought in the window as well.
    pub purchased_given_favourite: f64,
    /// P(favourite | purchase).
    pub favourite_given_purchased: f64,
    /// Per task: favourite, purchase.
    pub tasks: [TaskStatistics; 2],
}

/// How many edges of G the nodes of one kind have: one panel of the paper's Figure 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Degrees {
    /// `user`, `item`, `merchant`, `category` or `brand`.
    pub of: &'static str,
    /// Their numbers of edges.
    pub degrees: Distribution,
}

/// Everything the dataset card shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// The dataset's name.
    pub name: String,
    /// Whether its rows were generated.
    pub synthetic: bool,
    /// Its provenance.
    pub provenance: String,
    /// Its windows: graph, training, test, as `mmdd-mmdd`.
    pub windows: [String; 3],
    /// Its [fingerprint](Dataset::fingerprint).
    pub fingerprint: String,
    /// Users, the unknown user not counted.
    pub users: u64,
    /// Items, the unknown item not counted.
    pub items: u64,
    /// Merchants of known items.
    pub merchants: u64,
    /// Categories of known items.
    pub categories: u64,
    /// Brands of known items.
    pub brands: u64,
    /// Users and items that own an id row.
    pub known: [u64; 2],
    /// Users and items without any known feature but their id.
    pub without_features: [u64; 2],
    /// Distinct (user, item) edges of G.
    pub edges: u64,
    /// Instances of all windows.
    pub instances: u64,
    /// Training, validation and test window.
    pub windows_statistics: [WindowStatistics; 3],
    /// Degrees in G of users and items, and of the items' merchants, categories and brands.
    pub degrees: Vec<Degrees>,
}

impl Statistics {
    /// Counts a dataset.
    pub fn of(dataset: &Dataset) -> Self {
        let (users, items) = (&dataset.users, &dataset.items);
        let mut user_degree = vec![0u32; users.len()];
        let mut item_degree = vec![0u32; items.len()];
        for &(u, i) in &dataset.edges {
            user_degree[u as usize] += 1;
            item_degree[i as usize] += 1;
        }
        let field = |name: &str| items.fields.iter().position(|field| field.name == name);
        let distinct = |name| {
            let values = field(name).map(|at| {
                (0..items.len() as u32)
                    .map(|i| items.features(i)[at])
                    .filter(|&v| v > 0)
                    .collect()
            });
            values.map_or(0, |values: HashSet<u32>| values.len() as u64)
        };
        let degrees_by = |name| {
            let mut degrees = vec![0u32; field(name).map_or(0, |at| items.fields[at].vocabulary)];
            if let Some(at) = field(name) {
                for (i, &degree) in (0..).zip(&item_degree) {
                    degrees[items.features(i)[at] as usize] += degree;
                }
            }
            // What is unknown is not one large merchant.
            Distribution::of(degrees.into_iter().skip(1))
        };
        let degrees = [
            ("user", Distribution::of(user_degree.iter().copied())),
            ("item", Distribution::of(item_degree.iter().copied())),
            ("merchant", degrees_by("seller_id")),
            ("category", degrees_by("cat_id")),
            ("brand", degrees_by("brand_id")),
        ];
        let windows = dataset.windows;
        let parts = [
            ("train", &dataset.train),
            ("valid", &dataset.valid),
            ("test", &dataset.test),
        ];
        Self {
            name: dataset.name.clone(),
            synthetic: dataset.synthetic,
            provenance: dataset.provenance.clone(),
            windows: [windows.graph, windows.train, windows.test].map(|window| window.to_string()),
            fingerprint: dataset.fingerprint(),
            users: users.len() as u64 - 1,
            items: items.len() as u64 - 1,
            merchants: distinct("seller_id"),
            categories: distinct("cat_id"),
            brands: distinct("brand_id"),
            known: [users, items].map(|nodes| nodes.known as u64 - 1),
            without_features: [users, items].map(featureless),
            edges: dataset.edges.len() as u64,
            instances: parts.iter().map(|(_, part)| part.len() as u64).sum(),
            windows_statistics: parts
                .map(|(name, part)| WindowStatistics::of(name, part, &user_degree, &item_degree)),
            degrees: degrees
                .into_iter()
                .map(|(of, degrees)| Degrees { of, degrees })
                .collect(),
        }
    }
}

impl WindowStatistics {
    fn of(name: &'static str, part: &Instances, user_degree: &[u32], item_degree: &[u32]) -> Self {
        let cold = |nodes: &[u32], degree: &[u32]| {
            let distinct: HashSet<u32> = nodes.iter().copied().collect();
            let cold = distinct
                .iter()
                .filter(|&&node| degree[node as usize] == 0)
                .count();
            (distinct.len() as u64, ratio(cold, distinct.len()))
        };
        let (users, cold_users) = cold(&part.user, user_degree);
        let (items, cold_items) = cold(&part.item, item_degree);
        let with = |task| (0..part.len()).filter(move |&i| part.label(i, task) == 1);
        let both = with(Task::Favourite)
            .filter(|&i| part.label(i, Task::Purchase) == 1)
            .count();
        let tasks = TASKS.map(|task| {
            let positives = with(task).count();
            let in_graph = with(task).filter(|&i| {
                user_degree[part.user[i] as usize] > 0 && item_degree[part.item[i] as usize] > 0
            });
            let (mut groups, mut inside, mut start) = (0, 0, 0);
            for group in part.user.chunk_by(|a, b| a == b) {
                let range = start..start + group.len();
                start = range.end;
                let positives = range.filter(|&i| part.label(i, task) == 1).count();
                if 0 < positives && positives < group.len() {
                    groups += 1;
                    inside += group.len();
                }
            }
            TaskStatistics {
                task: task.name(),
                positives: positives as u64,
                positives_in_graph: ratio(in_graph.count(), positives),
                valid_groups: groups,
                share_in_valid_groups: ratio(inside, part.len()),
            }
        });
        Self {
            name,
            instances: part.len() as u64,
            sampled: part.sampled.iter().filter(|&&sampled| sampled).count() as u64,
            users,
            items,
            cold_users,
            cold_items,
            purchased_given_favourite: ratio(both, tasks[0].positives as usize),
            favourite_given_purchased: ratio(both, tasks[1].positives as usize),
            tasks,
        }
    }
}

/// Nodes whose fields besides the id are all unknown.
fn featureless(nodes: &Nodes) -> u64 {
    let none = |node: u32| nodes.features(node)[1..].iter().all(|&value| value == 0);
    (1..nodes.len() as u32).filter(|&node| none(node)).count() as u64
}

/// A share; 0 of nothing is 0.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
