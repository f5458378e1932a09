//! What a system reads for a set of pairs: blocks, feature rows and labels, still plain numbers.

use super::channels::Side;
use crate::data::{Dataset, Instances, Nodes, TASKS};
use crate::graph::{Block, CHANNELS, Channel, Channels, Draw, Sampler, Sampling};
use crate::random::Key;

/// A set of pairs with everything a forward pass needs.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Number of pairs B.
    pub pairs: usize,
    /// Labels `[B, K]`, 0 or 1.
    pub labels: Vec<f32>,
    /// Feature values of the distinct users, one list per field, `[users]` each.
    pub user_fields: Vec<Vec<u32>>,
    /// Feature values of the distinct items, one list per field, `[items]` each.
    pub item_fields: Vec<Vec<u32>>,
    /// Row of each pair's user among the distinct users, `[B]`.
    pub pair_user: Vec<u32>,
    /// Row of each pair's item among the distinct items, `[B]`.
    pub pair_item: Vec<u32>,
    /// The blocks of the channels that are in use.
    pub blocks: [Option<ChannelBlock>; 3],
    /// Names the draws of a training step inside a system; none in evaluation.
    pub noise: Option<Key>,
}

impl Batch {
    /// Where the roots of a channel's block that are the pairs' users or items begin: in G the roots
    /// are all users, then all items; the other channels hold one kind alone.
    pub fn roots(&self, channel: Channel, side: Side) -> Option<usize> {
        match (channel, side) {
            (Channel::UserItem, Side::Item) => Some(self.pairs),
            (Channel::UserItem | Channel::UserUser, Side::User)
            | (Channel::ItemItem, Side::Item) => Some(0),
            (Channel::UserUser, Side::Item) | (Channel::ItemItem, Side::User) => None,
        }
    }
}

/// For every field of users and of items, the distinct values that a batch holds.
pub type FieldRows = [Vec<Vec<u32>>; 2];

impl Batch {
    /// Replaces every feature value by its place among the distinct values of its field, which are
    /// returned: the batch then reads tables that hold these rows alone. `position` is scratch memory.
    pub fn localise(&mut self, position: &mut Vec<u32>) -> FieldRows {
        [&mut self.user_fields, &mut self.item_fields].map(|fields| {
            let distinct = fields.iter_mut().map(|values| {
                let last = values.iter().max().map_or(0, |&v| v as usize);
                position.resize(position.len().max(last + 1), UNMET);
                let mut distinct = Vec::new();
                for value in values {
                    let place = &mut position[*value as usize];
                    if *place == UNMET {
                        *place = distinct.len() as u32;
                        distinct.push(*value);
                    }
                    *value = *place;
                }
                for &value in &distinct {
                    position[value as usize] = UNMET;
                }
                distinct
            });
            distinct.collect()
        })
    }
}

/// A block, and where its nodes stand among the batch's distinct nodes.
#[derive(Clone, Debug, Default)]
pub struct ChannelBlock {
    /// The block. Its roots are the pairs' users, then items (in Gu only users, in Gi only items).
    pub block: Block,
    /// Row of every node of the block in [distinct users, distinct items], `[nodes]`.
    pub rows: Vec<u32>,
}

/// Assembles batches from a dataset and its channels.
#[derive(Clone, Debug)]
pub struct Assembler {
    /// Which channels get a block.
    pub channels: [bool; 3],
    /// How neighbours are drawn.
    pub sampling: Sampling,
    /// Number of fields in use per node type (1 for ids alone).
    pub fields: [usize; 2],
    /// Probability that training replaces an id by the unknown id 0 (section 14).
    pub unknown_id: f64,
    samplers: [Sampler; 3],
    position: Vec<u32>,
}

impl Assembler {
    /// An assembler with its own scratch memory.
    pub fn new(
        channels: [bool; 3],
        sampling: Sampling,
        fields: [usize; 2],
        unknown_id: f64,
    ) -> Self {
        Self {
            channels,
            sampling,
            fields,
            unknown_id,
            samplers: Default::default(),
            position: Vec::new(),
        }
    }

    /// The batch of the instances at `picks`, in that order.
    pub fn instances(
        &mut self,
        data: &Dataset,
        channels: &Channels,
        instances: &Instances,
        picks: &[u32],
        draw: Draw,
    ) -> Batch {
        let users: Vec<u32> = picks.iter().map(|&i| instances.user[i as usize]).collect();
        let items: Vec<u32> = picks.iter().map(|&i| instances.item[i as usize]).collect();
        let mut batch = self.pairs(data, channels, &users, &items, draw);
        batch.labels = picks
            .iter()
            .flat_map(|&i| TASKS.map(|task| f32::from(instances.label(i as usize, task))))
            .collect();
        batch
    }

    /// The batch of some pairs, without labels.
    pub fn pairs(
        &mut self,
        data: &Dataset,
        channels: &Channels,
        users: &[u32],
        items: &[u32],
        draw: Draw,
    ) -> Batch {
        let item_nodes: Vec<u32> = items.iter().map(|&i| i + channels.users as u32).collect();
        let both = [users, &item_nodes].concat();
        let roots = [&both[..], users, items];
        let mut blocks: [Option<Block>; 3] = Default::default();
        for (c, &channel) in CHANNELS
            .iter()
            .enumerate()
            .filter(|&(c, _)| self.channels[c])
        {
            let graph = channels.get(channel);
            blocks[c] =
                Some(self.samplers[c].sample(graph, channel, roots[c], &self.sampling, draw));
        }

        let mut distinct = Distinct::new(&mut self.position, channels);
        for &node in &both {
            distinct.meet(node);
        }
        for (block, channel) in blocks.iter().zip(CHANNELS) {
            for &node in block.iter().flat_map(|b| &b.nodes) {
                distinct.meet(unified(channels, channel, node));
            }
        }
        let pair_user = users.iter().map(|&u| distinct.row(u)).collect();
        let pair_item = item_nodes
            .iter()
            .map(|&i| distinct.row(i) - distinct.users.len() as u32)
            .collect();
        let mut with_rows = blocks.into_iter().zip(CHANNELS).map(|(block, channel)| {
            block.map(|block| {
                let row = |&node: &u32| distinct.row(unified(channels, channel, node));
                ChannelBlock {
                    rows: block.nodes.iter().map(row).collect(),
                    block,
                }
            })
        });
        let blocks = std::array::from_fn(|_| with_rows.next().flatten());

        let key = |name: u64| match draw {
            Draw::Train { seed, step } => Some(Key::new(seed).with(name).with(step)),
            _ => None,
        };
        let unknown = key(UNKNOWN_ID)
            .filter(|_| self.unknown_id > 0.0)
            .map(|key| (key, self.unknown_id));
        let first_item = channels.users as u32;
        let batch = Batch {
            pairs: users.len(),
            labels: Vec::new(),
            user_fields: fields(&data.users, self.fields[0], &distinct.users, 0, unknown),
            item_fields: fields(
                &data.items,
                self.fields[1],
                &distinct.items,
                first_item,
                unknown,
            ),
            pair_user,
            pair_item,
            blocks,
            noise: key(NOISE),
        };
        distinct.forget();
        batch
    }
}

/// Names the draws that replace ids by the unknown id.
const UNKNOWN_ID: u64 = 0x756e_6b6e;

/// Names the draws inside a system.
const NOISE: u64 = 0x6e6f_6973;

/// The node's number among users and items together: users first, as in G.
fn unified(channels: &Channels, channel: Channel, node: u32) -> u32 {
    match channel {
        Channel::UserItem | Channel::UserUser => node,
        Channel::ItemItem => node + channels.users as u32,
    }
}

/// The values of the first `count` fields of some nodes, a list per field. Ids are replaced by 0 with
/// the given probability, keyed by the node.
fn fields(
    table: &Nodes,
    count: usize,
    nodes: &[u32],
    first: u32,
    unknown: Option<(Key, f64)>,
) -> Vec<Vec<u32>> {
    let value = |field: usize, node: u32| {
        let hidden = field == 0
            && unknown.is_some_and(|(key, p)| key.with(u64::from(node)).stream().uniform() < p);
        if hidden {
            0
        } else {
            table.features(node - first)[field]
        }
    };
    (0..count)
        .map(|f| nodes.iter().map(|&n| value(f, n)).collect())
        .collect()
}

/// The distinct users and items of a batch, in the order in which they were met.
struct Distinct<'a> {
    /// Row among the users or the items of every unified node, [`UNMET`] between batches.
    position: &'a mut Vec<u32>,
    first_item: u32,
    users: Vec<u32>,
    items: Vec<u32>,
}

/// Marks a node that the batch has not met.
const UNMET: u32 = u32::MAX;

impl<'a> Distinct<'a> {
    fn new(position: &'a mut Vec<u32>, channels: &Channels) -> Self {
        position.resize(channels.users + channels.items, UNMET);
        Self {
            position,
            first_item: channels.users as u32,
            users: Vec::new(),
            items: Vec::new(),
        }
    }

    fn meet(&mut self, node: u32) {
        let position = &mut self.position[node as usize];
        if *position == UNMET {
            let nodes = if node < self.first_item {
                &mut self.users
            } else {
                &mut self.items
            };
            *position = nodes.len() as u32;
            nodes.push(node);
        }
    }

    /// Row in [distinct users, distinct items]; valid once every node has been met.
    fn row(&self, node: u32) -> u32 {
        let offset = if node < self.first_item {
            0
        } else {
            self.users.len() as u32
        };
        self.position[node as usize] + offset
    }

    fn forget(self) {
        for node in self.users.into_iter().chain(self.items) {
            self.position[node as usize] = UNMET;
        }
    }
}
