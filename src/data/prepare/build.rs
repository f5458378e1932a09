//! From the kept edges and events to a [`Dataset`] with dense indices (model.md 3.3).

use std::collections::{BTreeMap, HashMap};

use super::config::{PrepareConfig, Unit};
use super::negatives::Sampler;
use crate::data::dataset::{Dataset, Field, Instances, Nodes, Origin};
use crate::data::events::Event;
use crate::data::row::UserInfo;
use crate::random::Key;
use crate::{Error, ErrorKind, Result};

/// What is known of an item besides its id; 0 is unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ItemInfo {
    pub category: u64,
    pub merchant: u64,
    pub brand: u64,
}

/// Everything kept of a log: users and items by order of appearance, edges, and the events of each
/// window, sorted.
pub(super) struct Kept {
    pub user_ids: Vec<u64>,
    pub item_ids: Vec<u64>,
    pub item_info: Vec<ItemInfo>,
    pub user_info: HashMap<u64, UserInfo>,
    pub edges: Vec<(u32, u32)>,
    pub train: Vec<Event>,
    pub test: Vec<Event>,
    /// Day of the validation set, counted from the windows' origin.
    pub valid_day: Option<u16>,
}

impl Kept {
    pub fn build(mut self, config: &PrepareConfig) -> Result<Dataset> {
        let valid_at = |event: &Event| Some(event.day) == self.valid_day;
        let valid: Vec<Event> = self.train.iter().filter(|e| valid_at(e)).copied().collect();
        self.train.retain(|e| !valid_at(e));

        let users = Numbering::new(&self.user_ids, self.endpoints(|e| e.user, |e| e.0, &valid));
        let items = Numbering::new(&self.item_ids, self.endpoints(|e| e.item, |e| e.1, &valid));
        let mut edges: Vec<(u32, u32)> = self
            .edges
            .iter()
            .map(|&(u, i)| (users.index[u as usize], items.index[i as usize]))
            .collect();
        edges.sort_unstable();
        let instances = |events: &[Event]| instances(events, config.unit, &users, &items);
        let mut windows = [
            instances(&self.train),
            instances(&valid),
            instances(&self.test),
        ];
        if config.neg_ratio > 0 {
            add_negatives(&mut windows, &edges, items.known, config);
        }
        let [train, valid, test] = windows.map(sorted);
        let (item_nodes, raw_values) = self.item_nodes(items);
        let dataset = Dataset {
            name: config.name.clone(),
            synthetic: config.synthetic,
            provenance: config.provenance.clone(),
            origin: Origin {
                edge_actions: config.edge_actions,
                raw_values,
                ancestors: Vec::new(),
            },
            windows: config.windows,
            users: self.user_nodes(users),
            items: item_nodes,
            edges,
            train,
            valid,
            test,
        };
        check_usable(&dataset)?;
        Ok(dataset)
    }

    /// Nodes of one side: those with an edge or a training or validation event, then those with a
    /// test event.
    fn endpoints(
        &self,
        of_event: fn(&Event) -> u32,
        of_edge: fn(&(u32, u32)) -> u32,
        valid: &[Event],
    ) -> (Vec<u32>, Vec<u32>) {
        let trained = self.train.iter().chain(valid).map(of_event);
        let known = self.edges.iter().map(of_edge).chain(trained).collect();
        (known, self.test.iter().map(of_event).collect())
    }

    fn user_nodes(&self, users: Numbering) -> Nodes {
        let unknown = UserInfo {
            user: 0,
            age: 0,
            gender: 0,
        };
        let mut nodes = users.nodes([
            ("user_id", 0),
            ("age_range", UserInfo::AGES),
            ("gender", UserInfo::GENDERS),
        ]);
        for &appearance in &users.order {
            let id = self.user_ids[appearance as usize];
            let info = self.user_info.get(&id).unwrap_or(&unknown);
            nodes
                .values
                .extend([users.id_value(&nodes), info.age.into(), info.gender.into()]);
            nodes.raw.push(id);
        }
        nodes
    }

    /// The items, and the raw ids behind the values of their fields.
    fn item_nodes(&self, items: Numbering) -> (Nodes, BTreeMap<String, Vec<u64>>) {
        let column = |value: fn(&ItemInfo) -> u64| {
            let known = &items.order[..items.known - 1];
            let mut seen: Vec<u64> = known
                .iter()
                .map(|&i| value(&self.item_info[i as usize]))
                .filter(|&v| v > 0)
                .collect();
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let columns = [
            column(|i| i.category),
            column(|i| i.merchant),
            column(|i| i.brand),
        ];
        // A value met on cold items only would own a row that nothing trains: it is unknown.
        let code =
            |column: &[u64], value| column.binary_search(&value).map_or(0, |at| at as u32 + 1);
        let mut nodes = items.nodes([
            ("item_id", 0),
            ("cat_id", columns[0].len() + 1),
            ("seller_id", columns[1].len() + 1),
            ("brand_id", columns[2].len() + 1),
        ]);
        for &appearance in &items.order {
            let info = &self.item_info[appearance as usize];
            nodes.values.extend([
                items.id_value(&nodes),
                code(&columns[0], info.category),
                code(&columns[1], info.merchant),
                code(&columns[2], info.brand),
            ]);
            nodes.raw.push(self.item_ids[appearance as usize]);
        }
        let names = nodes.fields[1..].iter().map(|field| field.name.clone());
        let raw_values = names.zip(columns).collect();
        (nodes, raw_values)
    }
}

/// Dense indices of one side: the unknown node, then known nodes, then cold ones, each by raw id.
struct Numbering {
    /// Index of each node by order of appearance; 0 where it is not kept.
    index: Vec<u32>,
    /// Order of appearance of the nodes 1, 2, ...
    order: Vec<u32>,
    /// Number of nodes that own an id row, the unknown node included.
    known: usize,
}

impl Numbering {
    fn new(ids: &[u64], (mut known, mut cold): (Vec<u32>, Vec<u32>)) -> Self {
        let mut index = vec![0; ids.len()];
        let mut order = Vec::new();
        for part in [&mut known, &mut cold] {
            part.sort_unstable_by_key(|&appearance| ids[appearance as usize]);
            part.dedup();
            for &appearance in part.iter() {
                if index[appearance as usize] == 0 {
                    order.push(appearance);
                    index[appearance as usize] = order.len() as u32;
                }
            }
        }
        Self {
            index,
            known: known.len() + 1,
            order,
        }
    }

    /// A table with these fields that holds the unknown node only.
    fn nodes<const F: usize>(&self, fields: [(&str, usize); F]) -> Nodes {
        let mut fields = fields.map(|(name, vocabulary)| Field {
            name: name.into(),
            vocabulary,
        });
        fields[0].vocabulary = self.known;
        Nodes {
            fields: fields.into(),
            values: vec![0; F],
            raw: vec![0],
            known: self.known,
        }
    }

    /// The id field of the next node to be added: its index, or 0 for a cold one.
    fn id_value(&self, nodes: &Nodes) -> u32 {
        if nodes.len() < self.known {
            nodes.len() as u32
        } else {
            0
        }
    }
}

/// Groups sorted events into instances.
fn instances(events: &[Event], unit: Unit, users: &Numbering, items: &Numbering) -> Instances {
    let mut out = Instances::default();
    let groups = events.chunk_by(|a, b| match unit {
        Unit::PairWindow => a.pair() == b.pair(),
        Unit::PairDay => a.pair() == b.pair() && a.day == b.day,
        Unit::Row => false,
    });
    for group in groups {
        let first = &group[0];
        out.user.push(users.index[first.user as usize]);
        out.item.push(items.index[first.item as usize]);
        out.labels.push(
            group
                .iter()
                .fold(0, |labels, event| labels | event.actions.labels()),
        );
        out.day.push(first.day as u8);
        out.sampled.push(false);
    }
    out
}

fn add_negatives(
    windows: &mut [Instances; 3],
    edges: &[(u32, u32)],
    known: usize,
    config: &PrepareConfig,
) {
    let mut popularity = vec![0u32; known];
    let observed = edges
        .iter()
        .map(|&(_, i)| i)
        .chain(windows[0].item.iter().copied());
    for item in observed {
        popularity[item as usize] += 1;
    }
    let sampler = Sampler::new(&popularity);
    let [train, valid, test] = windows;
    let key = |window: u64| Key::new(config.seed).with(window);
    let observed_train = train.clone();
    sampler.add(train, valid, config.neg_ratio, key(0));
    sampler.add(valid, &observed_train, config.neg_ratio, key(1));
    sampler.add(test, &Instances::default(), config.neg_ratio, key(2));
}

/// The instances by user, then item, then day.
fn sorted(instances: Instances) -> Instances {
    let mut order: Vec<usize> = (0..instances.len()).collect();
    order.sort_by_key(|&i| {
        (
            instances.user[i],
            instances.item[i],
            instances.day[i],
            instances.labels[i],
        )
    });
    let pick = |values: &[u32]| order.iter().map(|&i| values[i]).collect();
    let pick8 = |values: &[u8]| order.iter().map(|&i| values[i]).collect();
    Instances {
        user: pick(&instances.user),
        item: pick(&instances.item),
        labels: pick8(&instances.labels),
        day: pick8(&instances.day),
        sampled: order.iter().map(|&i| instances.sampled[i]).collect(),
    }
}

/// A dataset one can train on has edges, and training and test instances.
fn check_usable(dataset: &Dataset) -> Result<()> {
    let windows = dataset.windows;
    let missing = if dataset.edges.is_empty() {
        ("edge of G", "graph", windows.graph)
    } else if dataset.train.is_empty() {
        (
            "training instance (the last day is the validation set)",
            "training",
            windows.train,
        )
    } else if dataset.test.is_empty() {
        ("test instance", "test", windows.test)
    } else {
        return Ok(());
    };
    let (what, name, window) = missing;
    Err(Error::new(
        ErrorKind::Data,
        format!("no {what} is left in the {name} window {window}"),
        format!(
            "Choose another {name} window; if a dense core was asked for, ask for more users and \
             items or a smaller k."
        ),
    ))
}
