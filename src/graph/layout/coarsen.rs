//! One level of the multilevel layout, and the step to the next coarser one.

use super::Csr;
use crate::random::Stream;

/// Most nodes that one step merges into one.
const LARGEST_CLUSTER: u32 = 4;

/// An undirected graph with masses and weights: an edge stands in the rows of both its ends.
pub(super) struct Level {
    /// Per node: 1 plus its degree, summed over the nodes merged into it.
    pub masses: Vec<f32>,
    /// `[nodes + 1]`
    offsets: Vec<u32>,
    /// Neighbour and weight of each edge, neighbours ascending within a row.
    edges: Vec<(u32, f32)>,
}

impl Level {
    /// The graph of the given nodes, ascending, which must include the ends of every edge. A pair of
    /// nodes is one edge even where only one of them lists the other; weights have mean 1.
    pub fn of_graph(graph: &Csr, nodes: &[u32]) -> Self {
        let mut index = vec![u32::MAX; graph.len()];
        for (i, &node) in nodes.iter().enumerate() {
            index[node as usize] = i as u32;
        }
        let mut edges: Vec<(u32, u32, f32)> = Vec::with_capacity(2 * graph.targets.len());
        for ((a, b), &weight) in graph.pairs().zip(&graph.weights) {
            let (a, b) = (index[a as usize], index[b as usize]);
            if a != b {
                edges.push((a, b, weight));
                edges.push((b, a, weight));
            }
        }
        edges.sort_unstable_by_key(|&(a, b, _)| (a, b));
        edges.dedup_by_key(|&mut (a, b, _)| (a, b));
        let total: f64 = edges.iter().map(|edge| f64::from(edge.2)).sum();
        let scale = if total > 0.0 {
            (edges.len() as f64 / total) as f32
        } else {
            1.0
        };
        edges.iter_mut().for_each(|edge| edge.2 *= scale);

        let mut level = Self::from_sorted(nodes.len(), edges);
        level.masses = (0..nodes.len())
            .map(|i| 1.0 + level.row(i).len() as f32)
            .collect();
        level
    }

    /// A graph without masses from directed edges sorted by (source, target), each in both
    /// directions.
    fn from_sorted(nodes: usize, edges: Vec<(u32, u32, f32)>) -> Self {
        let mut offsets = vec![0; nodes + 1];
        for &(a, _, _) in &edges {
            offsets[a as usize + 1] += 1;
        }
        for i in 0..nodes {
            offsets[i + 1] += offsets[i];
        }
        let edges = edges
            .into_iter()
            .map(|(_, b, weight)| (b, weight))
            .collect();
        Self {
            masses: Vec::new(),
            offsets,
            edges,
        }
    }

    pub fn len(&self) -> usize {
        self.masses.len()
    }

    /// Number of nodes and of directed edges.
    pub fn size(&self) -> usize {
        self.len() + self.edges.len()
    }

    /// Neighbours and weights of a node.
    pub fn row(&self, node: usize) -> &[(u32, f32)] {
        &self.edges[self.offsets[node] as usize..self.offsets[node + 1] as usize]
    }

    pub fn total_mass(&self) -> f64 {
        self.masses.iter().map(|&mass| f64::from(mass)).sum()
    }
}

/// Merges neighbours into clusters of 2 to 4 nodes; also returns the cluster of every node.
///
/// In random order, a node that is still alone takes the free neighbour with which it shares the
/// most weight per mass, or else joins the best neighbour's cluster if there is room. Joining
/// matters in graphs of stars, such as an item that many users bought and little else.
pub(super) fn coarsen(level: &Level, stream: &mut Stream) -> (Level, Vec<u32>) {
    const FREE: u32 = u32::MAX;
    let mut order: Vec<u32> = (0..level.len() as u32).collect();
    stream.shuffle(&mut order);
    let mut parent = vec![FREE; level.len()];
    let mut sizes: Vec<u32> = Vec::new();
    for &node in &order {
        if parent[node as usize] != FREE {
            continue;
        }
        let best = |open: &dyn Fn(u32) -> bool| {
            let row = level
                .row(node as usize)
                .iter()
                .filter(|edge| open(parent[edge.0 as usize]));
            let pull = |edge: &(u32, f32)| edge.1 / level.masses[edge.0 as usize];
            row.max_by(|a, b| pull(a).total_cmp(&pull(b)).then(b.0.cmp(&a.0)))
                .map(|edge| edge.0)
        };
        if let Some(partner) = best(&|cluster| cluster == FREE) {
            parent[partner as usize] = sizes.len() as u32;
            parent[node as usize] = sizes.len() as u32;
            sizes.push(2);
        } else if let Some(partner) = best(&|cluster| sizes[cluster as usize] < LARGEST_CLUSTER) {
            let cluster = parent[partner as usize];
            parent[node as usize] = cluster;
            sizes[cluster as usize] += 1;
        } else {
            parent[node as usize] = sizes.len() as u32;
            sizes.push(1);
        }
    }

    let mut edges: Vec<(u32, u32, f32)> = Vec::with_capacity(level.edges.len());
    for node in 0..level.len() {
        let a = parent[node];
        let outside = level
            .row(node)
            .iter()
            .map(|&(b, weight)| (a, parent[b as usize], weight));
        edges.extend(outside.filter(|&(a, b, _)| a != b));
    }
    edges.sort_by_key(|&(a, b, _)| (a, b));
    edges.dedup_by(|next, kept| {
        let same = (next.0, next.1) == (kept.0, kept.1);
        if same {
            kept.2 += next.2;
        }
        same
    });
    let mut coarse = Level::from_sorted(sizes.len(), edges);
    coarse.masses = vec![0.0; sizes.len()];
    for (node, &cluster) in parent.iter().enumerate() {
        coarse.masses[cluster as usize] += level.masses[node];
    }
    (coarse, parent)
}
