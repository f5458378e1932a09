//! The neighbour sampler: a batch's roots become one [`Block`] per channel (model.md 4.4).

use super::{Block, Channel, Csr, Draw};
use crate::random::Key;

/// Seed of the fixed draw that evaluation makes in G.
const EVALUATION_SEED: u64 = 0x6576_616c;
/// Marks a node that the current block has not met.
const UNMET: u32 = u32::MAX;

/// How many neighbours are drawn, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Neighbours drawn per node at each hop, `S_1..S_L`; its length is the number of layers.
    pub fan_out: Vec<usize>,
    /// Whether every row starts with the node itself, on top of the fan-out (decision A2).
    pub self_loop: bool,
    /// Whether training draws in Gu and Gi with a probability that grows with the similarity
    /// (`sim_sampling` of decision A8) instead of uniformly.
    pub weighted: bool,
}

impl Sampling {
    /// Uniform sampling without self loops, the default of model.md.
    pub fn uniform(fan_out: &[usize]) -> Self {
        Self {
            fan_out: fan_out.to_vec(),
            self_loop: false,
            weighted: false,
        }
    }
}

/// The arguments that all rows of a block share.
#[derive(Clone, Copy)]
struct Plan<'a> {
    csr: &'a Csr,
    channel: Channel,
    settings: &'a Sampling,
    draw: Draw,
}

/// Cuts blocks from a graph, and keeps its scratch memory between calls.
///
/// A block is a pure function of the arguments of [`Sampler::sample`]; what the sampler did before
/// does not show.
#[derive(Clone, Debug, Default)]
pub struct Sampler {
    /// Position in the current block of every node of the graph, [`UNMET`] between calls.
    position: Vec<u32>,
    /// The neighbours taken for the current row, as places in the row.
    picks: Vec<u32>,
    /// Exponential arrival times of the weighted draw, with the place in the row.
    arrivals: Vec<(f64, u32)>,
}

impl Sampler {
    /// A sampler without scratch memory; the first call allocates it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The de-duplicated neighbourhood of `roots` (which may repeat) within `fan_out.len()` hops.
    ///
    /// In training, a node first met at hop `h` (roots: `h = 0`) draws `fan_out[h]` neighbours
    /// uniformly without replacement with the key (seed, step, channel, h, node), or takes all when
    /// its degree is not above that. In evaluation its row depends on the node alone: it takes
    /// `fan_out[0]` neighbours at every hop, the most similar in Gu and Gi and a fixed draw in G, so
    /// that scores do not depend on how the pairs are batched. Rows keep the order of the graph.
    ///
    /// # Panics
    ///
    /// When a root is not a node of the graph.
    pub fn sample(
        &mut self,
        csr: &Csr,
        channel: Channel,
        roots: &[u32],
        settings: &Sampling,
        draw: Draw,
    ) -> Block {
        if self.position.len() < csr.len() {
            self.position.resize(csr.len(), UNMET);
        }
        let plan = Plan {
            csr,
            channel,
            settings,
            draw,
        };
        let layers = settings.fan_out.len();
        let mut block = Block {
            nodes: Vec::with_capacity(2 * roots.len()),
            roots: Vec::with_capacity(roots.len()),
            within: Vec::with_capacity(layers + 1),
            offsets: vec![0],
            ..Block::default()
        };
        for &root in roots {
            assert!(
                (root as usize) < csr.len(),
                "root {root} is not among {} nodes",
                csr.len()
            );
            let position = self.meet(&mut block.nodes, root);
            block.roots.push(position);
        }
        block.within.push(block.nodes.len());

        let mut first = 0;
        for hop in 0..layers {
            let last = block.nodes.len();
            for t in first..last {
                self.push_row(plan, hop, t, &mut block);
            }
            first = last;
            block.within.push(block.nodes.len());
        }

        let degree = |&node: &u32| (csr.degree(node) + settings.self_loop as usize) as u32;
        block.degrees = block.nodes.iter().map(degree).collect();
        for &node in &block.nodes {
            self.position[node as usize] = UNMET;
        }
        block
    }

    /// The position of a node in the block, which it joins when it is new.
    fn meet(&mut self, nodes: &mut Vec<u32>, node: u32) -> u32 {
        let position = &mut self.position[node as usize];
        if *position == UNMET {
            *position = nodes.len() as u32;
            nodes.push(node);
        }
        *position
    }

    /// Draws the neighbour row of the node at position `t`, first met at `hop`.
    fn push_row(&mut self, plan: Plan, hop: usize, t: usize, block: &mut Block) {
        let row = plan.csr.row(block.nodes[t]);
        if plan.settings.self_loop {
            block.neighbors.push(t as u32);
            block.weights.push(1.0);
        }
        self.pick(plan, hop, block.nodes[t]);
        for i in 0..self.picks.len() {
            let edge = row.start + self.picks[i] as usize;
            let position = self.meet(&mut block.nodes, plan.csr.targets[edge]);
            block.neighbors.push(position);
            block.weights.push(plan.csr.weights[edge]);
        }
        block.offsets.push(block.neighbors.len() as u32);
    }

    /// Fills `picks` with the places taken from the row of a node, ascending.
    fn pick(&mut self, plan: Plan, hop: usize, node: u32) {
        let Plan {
            csr,
            channel,
            settings,
            draw,
        } = plan;
        let degree = csr.degree(node);
        let bipartite = channel == Channel::UserItem;
        let (fan_out, key) = match draw {
            Draw::Full => (degree, None),
            Draw::Evaluate => {
                let key = Key::new(EVALUATION_SEED)
                    .with(channel as u64)
                    .with(node as u64);
                (settings.fan_out[0], bipartite.then_some(key))
            }
            Draw::Train { seed, step } => {
                let key = Key::new(seed).with(step).with(channel as u64);
                (
                    settings.fan_out[hop],
                    Some(key.with(hop as u64).with(node as u64)),
                )
            }
        };
        let count = degree.min(fan_out);
        match key {
            Some(key) if settings.weighted && !bipartite && degree > count => {
                self.pick_weighted(&csr.weights[csr.row(node)], count, key);
            }
            Some(key) => uniform_subset(degree, count, key, &mut self.picks),
            None => {
                self.picks.clear();
                self.picks.extend(0..count as u32);
            }
        }
    }

    /// `count` places drawn one after the other with probability proportional to the weights of
    /// those left (Efraimidis and Spirakis, 2006): the earliest of exponential arrivals with these
    /// rates.
    fn pick_weighted(&mut self, weights: &[f32], count: usize, key: Key) {
        let mut stream = key.stream();
        self.arrivals.clear();
        self.arrivals
            .extend(weights.iter().enumerate().map(|(place, &weight)| {
                let arrival =
                    -(1.0 - stream.uniform()).ln() / f64::from(weight.max(f32::MIN_POSITIVE));
                (arrival, place as u32)
            }));
        let earlier = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        self.arrivals.sort_unstable_by(earlier);
        self.picks.clear();
        self.picks
            .extend(self.arrivals[..count].iter().map(|&(_, place)| place));
        self.picks.sort_unstable();
    }
}

/// Fills `picks` with `count` of `degree` places, ascending; every subset is equally likely
/// (Bentley and Floyd, 1987). `count` must not exceed `degree`.
pub(super) fn uniform_subset(degree: usize, count: usize, key: Key, picks: &mut Vec<u32>) {
    picks.clear();
    if count == degree {
        picks.extend(0..degree as u32);
        return;
    }
    let mut stream = key.stream();
    for newest in degree - count..degree {
        let place = stream.below(newest + 1) as u32;
        match picks.binary_search(&place) {
            Ok(_) => picks.push(newest as u32),
            Err(rank) => picks.insert(rank, place),
        }
    }
}
