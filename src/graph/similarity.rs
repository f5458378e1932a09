//! Similarity graphs by inverted index: Gu from the items that users share, Gi from the users that
//! items share (model.md 4.2 and 4.3).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::sampler::uniform_subset;
use super::{Construction, Csr};
use crate::random::Key;

/// Seed of the samples that stand for nodes above the cap.
const CAP_SEED: u64 = 0x0063_6170;
/// Smoothing of the swing score.
const SWING_ALPHA: f64 = 1.0;

/// The similarity of two nodes `a`, `b` with neighbours `N(a)`, `N(b)` in the bipartite graph.
///
/// Below, "user" stands for either side and "item" for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Similarity {
    /// `|N(a) ∩ N(b)| / sqrt(|N(a)| |N(b)|)`, the default.
    Cosine,
    /// `|N(a) ∩ N(b)| / |N(a) ∪ N(b)|`.
    Jaccard,
    /// `|N(a) ∩ N(b)|`.
    Count,
    /// Cosine in which every common item `i` counts `1 / ln(1 + |N(i)|)`: sharing a rare item says
    /// more than sharing a popular one (Breese, Heckerman and Kadie, 1998).
    IufCosine,
    /// Sum over pairs `i < j` of common items of
    /// `1 / sqrt(|N(i)| |N(j)|) / (1 + |N(i) ∩ N(j)|)` (Yang et al., arXiv:2010.05525): pairs with one
    /// common item have no similarity.
    Swing,
}

/// The similarity graph of the nodes of `forward`, whose transpose is `backward`.
///
/// Every node selects its `k_sim` most similar nodes; an edge is kept in both directions if either
/// end selected it, and rows are then cut at `2 k_sim`. Ties go to the larger common count, then to
/// the smaller index, where a tie is equality of the `f64` values. A node of `backward` above the cap keeps a fixed sample of its
/// neighbours for the numerators; degrees in the denominators are the full ones.
pub(super) fn similar(forward: &Csr, backward: &Csr, settings: &Construction) -> Csr {
    let thinned = thin(backward, settings.cap);
    let mut pairs: Vec<(u32, u32)> = thinned.pairs().map(|(i, node)| (node, i)).collect();
    pairs.sort_unstable();
    let links = Csr::from_pairs(forward.len(), pairs.into_iter());
    let mut tally = Tally::new(forward, backward, &links, &thinned, settings.similarity);
    let mut rows = vec![Vec::new(); forward.len()];
    let mut heap = BinaryHeap::new();
    for node in 0..forward.len() as u32 {
        tally.count(node);
        for &other in &tally.touched {
            let common = tally.common[other as usize];
            let similarity = tally.similarity(node, other);
            if common >= settings.min_common && similarity > 0.0 {
                heap.push(Candidate {
                    similarity,
                    common,
                    node: other,
                });
                if heap.len() > settings.k_sim {
                    heap.pop();
                }
            }
        }
        tally.reset();
        for candidate in heap.drain() {
            rows[node as usize].push(candidate);
            rows[candidate.node as usize].push(Candidate { node, ..candidate });
        }
    }

    let mut csr = Csr {
        offsets: vec![0],
        ..Csr::default()
    };
    for mut row in rows {
        row.sort_unstable();
        row.dedup();
        row.truncate(2 * settings.k_sim);
        csr.targets
            .extend(row.iter().map(|candidate| candidate.node));
        csr.weights
            .extend(row.iter().map(|candidate| candidate.similarity as f32));
        csr.offsets.push(csr.targets.len() as u32);
    }
    csr
}

/// The graph with every row longer than `cap` replaced by a fixed sample of it.
fn thin(csr: &Csr, cap: usize) -> Csr {
    let mut pairs = Vec::with_capacity(csr.targets.len());
    let mut places = Vec::new();
    for node in 0..csr.len() as u32 {
        let row = &csr.targets[csr.row(node)];
        let key = Key::new(CAP_SEED).with(node.into());
        uniform_subset(row.len(), row.len().min(cap), key, &mut places);
        pairs.extend(places.iter().map(|&place| (node, row[place as usize])));
    }
    Csr::from_pairs(csr.len(), pairs.into_iter())
}

/// A node similar to the one at hand; the better one is `Less`, so that a heap has the worst on top
/// and a sorted row starts with the best.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    similarity: f64,
    common: u32,
    node: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.similarity.total_cmp(&self.similarity))
            .then(other.common.cmp(&self.common))
            .then(self.node.cmp(&other.node))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// What one node shares with all others: a dense accumulator and the entries in use.
struct Tally<'a> {
    forward: &'a Csr,
    backward: &'a Csr,
    /// `forward` and `backward` without the links that the cap removed.
    links: &'a Csr,
    thinned: &'a Csr,
    kind: Similarity,
    /// Number of common neighbours.
    common: Vec<u32>,
    /// Sum of the common neighbours' weights, or of the pairs of them for swing.
    weight: Vec<f64>,
    touched: Vec<u32>,
}

impl<'a> Tally<'a> {
    fn new(
        forward: &'a Csr,
        backward: &'a Csr,
        links: &'a Csr,
        thinned: &'a Csr,
        kind: Similarity,
    ) -> Self {
        let (common, weight) = (vec![0; forward.len()], vec![0.0; forward.len()]);
        Self {
            forward,
            backward,
            links,
            thinned,
            kind,
            common,
            weight,
            touched: Vec::new(),
        }
    }

    /// Accumulates over everything reached from `node` in two steps.
    fn count(&mut self, node: u32) {
        let neighbors = &self.links.targets[self.links.row(node)];
        for (place, &i) in neighbors.iter().enumerate() {
            let weight = match self.kind {
                Similarity::IufCosine => 1.0 / (self.backward.degree(i) as f64).ln_1p(),
                _ => 0.0,
            };
            for &other in &self.thinned.targets[self.thinned.row(i)] {
                if other != node {
                    if self.common[other as usize] == 0 {
                        self.touched.push(other);
                    }
                    self.common[other as usize] += 1;
                    self.weight[other as usize] += weight;
                }
            }
            if self.kind == Similarity::Swing {
                for &j in &neighbors[..place] {
                    self.count_pair(node, j, i);
                }
            }
        }
    }

    /// Adds the swing score of the pair `i`, `j` to every node that has both.
    fn count_pair(&mut self, node: u32, i: u32, j: u32) {
        let row = |csr: &'a Csr, node| &csr.targets[csr.row(node)];
        let full = |node| row(self.backward, node);
        let mut overlap = 0.0;
        intersect(full(i), full(j), |_| overlap += 1.0);
        let degrees = (full(i).len() * full(j).len()) as f64;
        let score = 1.0 / (degrees.sqrt() * (SWING_ALPHA + overlap));
        intersect(row(self.thinned, i), row(self.thinned, j), |other| {
            if other != node {
                self.weight[other as usize] += score;
            }
        });
    }

    /// The similarity of `node`, just counted, and a node it touched.
    fn similarity(&self, node: u32, other: u32) -> f64 {
        let (a, b) = (
            self.forward.degree(node) as f64,
            self.forward.degree(other) as f64,
        );
        let common = f64::from(self.common[other as usize]);
        let weight = self.weight[other as usize];
        match self.kind {
            Similarity::Cosine => common / (a * b).sqrt(),
            Similarity::Jaccard => common / (a + b - common),
            Similarity::Count => common,
            Similarity::IufCosine => weight / (a * b).sqrt(),
            Similarity::Swing => weight,
        }
    }

    fn reset(&mut self) {
        for other in self.touched.drain(..) {
            self.common[other as usize] = 0;
            self.weight[other as usize] = 0.0;
        }
    }
}

/// Shows every value that occurs in both of two ascending lists.
fn intersect(a: &[u32], b: &[u32], mut show: impl FnMut(u32)) {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(&&x), Some(&&y)) = (a.peek(), b.peek()) {
        match x.cmp(&y) {
            Ordering::Less => _ = a.next(),
            Ordering::Greater => _ = b.next(),
            Ordering::Equal => {
                show(x);
                a.next();
                b.next();
            }
        }
    }
}
