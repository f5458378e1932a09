//! Where the map draws the nodes of each channel.
//!
//! A multilevel force-directed layout: the graph is coarsened by merging neighbours (Walshaw, 2003),
//! the coarsest graph is laid out from random positions, and every finer one starts from its
//! parent's result. Masses, repulsion and step sizes are those of ForceAtlas2 (Jacomy et al., 2014),
//! the repulsion approximated by a quadtree (Barnes and Hut, 1986). The attraction grows with the
//! square root of the distance: slower than in ForceAtlas2, so that communities separate (Noack,
//! 2007), faster than in LinLog, so that they do not shrink to dots. Positions are for looking at; no
//! model reads them.

mod coarsen;
mod file;
mod force;
mod quadtree;

use super::{CHANNELS, Channel, Channels, Csr};
use crate::random::{Key, Stream};
use coarsen::{Level, coarsen};

pub use file::FILE_NAME;

/// Coarsening ends when so few nodes are left, or when it stalls.
const COARSEST: usize = 60;
/// Share of the nodes that a coarsening step must remove to be worth a level.
const LEAST_SHRINK: f64 = 0.1;
/// Iterations on the coarsest and on the finest graph; levels between interpolate.
const ITERATIONS: (usize, usize) = (300, 40);
/// Most visits of nodes and edges on one level, which leave large levels fewer iterations: the coarser
/// ones before them have drawn most of the picture. Every level has a few, so that the time is linear in
/// the graph.
const MOST_VISITS: usize = 20_000_000;
const FEWEST: usize = 3;
/// Share of the linked nodes that lie within `CORE_RADIUS`; the rest is drawn in towards
/// `RIM_RADIUS`.
const CORE_SHARE: f64 = 0.97;
const CORE_RADIUS: f32 = 0.8;
const RIM_RADIUS: f32 = 0.92;
/// Nodes without a neighbour stand between these radii.
const RING: (f32, f32) = (0.96, 1.0);

/// Positions of the nodes of the three channels, in the unit disc.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Per channel `[nodes, 2]`, multiples of `2 / 65535` from -1.
    positions: [Vec<f32>; 3],
}

impl Layout {
    /// The layout of all channels, a function of the graphs and the seed. `tell` hears the share that
    /// is done, 0 to 1, after every iteration.
    pub fn compute(channels: &Channels, seed: u64, mut tell: impl FnMut(f64)) -> Self {
        let size = |channel: Channel| channels.get(channel).targets.len() as f64 + 1.0;
        let total: f64 = CHANNELS.map(size).iter().sum();
        let mut done = 0.0;
        let place = |channel: Channel| {
            let key = Key::new(seed).with(channel as u64);
            let share = size(channel) / total;
            let placed = positions(channels.get(channel), key, &mut |part| {
                tell(done + share * part)
            });
            done += share;
            file::quantized(&placed)
        };
        Self {
            positions: CHANNELS.map(place),
        }
    }

    /// Positions `[nodes, 2]` of one channel, in the order of its nodes.
    pub fn positions(&self, channel: Channel) -> &[f32] {
        &self.positions[channel as usize]
    }

    /// Whether the layout has a position for every node of these graphs, and no more.
    pub fn fits(&self, channels: &Channels) -> bool {
        let same =
            |&channel: &Channel| self.positions(channel).len() == 2 * channels.get(channel).len();
        CHANNELS.iter().all(same)
    }
}

/// Positions of the nodes of one graph.
fn positions(graph: &Csr, key: Key, tell: &mut dyn FnMut(f64)) -> Vec<[f32; 2]> {
    let mut linked = vec![false; graph.len()];
    for (a, b) in graph.pairs() {
        linked[a as usize] = true;
        linked[b as usize] = true;
    }
    let inner: Vec<u32> = (0..graph.len() as u32)
        .filter(|&node| linked[node as usize])
        .collect();
    let outer: Vec<u32> = (0..graph.len() as u32)
        .filter(|&node| !linked[node as usize])
        .collect();

    let mut placed = multilevel(Level::of_graph(graph, &inner), key, tell);
    fit(&mut placed);
    let mut all = vec![[0.0; 2]; graph.len()];
    for (&node, position) in inner.iter().zip(placed) {
        all[node as usize] = position;
    }
    let mut stream = key.with(1).stream();
    for (&node, position) in outer.iter().zip(ring(outer.len(), &mut stream)) {
        all[node as usize] = position;
    }
    all
}

/// Lays out a graph from its coarser versions.
fn multilevel(finest: Level, key: Key, tell: &mut dyn FnMut(f64)) -> Vec<[f32; 2]> {
    let mut stream = key.stream();
    let mut levels = vec![finest];
    let mut parents: Vec<Vec<u32>> = Vec::new();
    while let Some(fine) = levels.last().filter(|level| level.len() > COARSEST) {
        let (coarse, parent) = coarsen(fine, &mut stream);
        if coarse.len() as f64 > fine.len() as f64 * (1.0 - LEAST_SHRINK) {
            break;
        }
        levels.push(coarse);
        parents.push(parent);
    }

    let depth = levels.len() - 1;
    let iterations = |at: usize| {
        let (coarsest, finest) = ITERATIONS;
        let most = (MOST_VISITS / levels[at].size().max(1)).max(FEWEST);
        most.min(finest + (coarsest - finest) * at / depth.max(1))
    };
    let visits = (0..=depth).map(|at| iterations(at) * levels[at].size());
    let total = visits.sum::<usize>().max(1) as f64;
    let mut done = 0;
    let spread = (levels[0].total_mass() as f32).sqrt();
    let mut positions: Vec<[f32; 2]> = (0..levels[depth].len())
        .map(|_| in_disc(spread, &mut stream))
        .collect();
    for at in (0..=depth).rev() {
        if at < depth {
            let near = 0.01 * spread / (levels[at].len() as f32).sqrt();
            let beside = |&parent: &u32| {
                let [x, y] = positions[parent as usize];
                let [dx, dy] = in_disc(near, &mut stream);
                [x + dx, y + dy]
            };
            positions = parents[at].iter().map(beside).collect();
        }
        force::relax(&levels[at], &mut positions, iterations(at), || {
            done += levels[at].size();
            tell(done as f64 / total);
        });
    }
    positions
}

/// A point in the disc of a radius, uniformly.
fn in_disc(radius: f32, stream: &mut Stream) -> [f32; 2] {
    let r = radius * (stream.uniform() as f32).sqrt();
    let angle = std::f32::consts::TAU * stream.uniform() as f32;
    [r * angle.cos(), r * angle.sin()]
}

/// Centres positions and scales them into the disc of `RIM_RADIUS`, outliers drawn in.
fn fit(positions: &mut [[f32; 2]]) {
    if positions.is_empty() {
        return;
    }
    let n = positions.len();
    let mean =
        |axis: usize| (positions.iter().map(|p| f64::from(p[axis])).sum::<f64>() / n as f64) as f32;
    let center = [mean(0), mean(1)];
    let mut radii: Vec<f32> = positions
        .iter_mut()
        .map(|p| {
            *p = [p[0] - center[0], p[1] - center[1]];
            p[0].hypot(p[1])
        })
        .collect();
    radii.sort_unstable_by(f32::total_cmp);
    let core = radii[((n - 1) as f64 * CORE_SHARE) as usize].max(f32::MIN_POSITIVE);
    let rim = RIM_RADIUS - CORE_RADIUS;
    for p in positions {
        let radius = p[0].hypot(p[1]) / core * CORE_RADIUS;
        let beyond = (radius - CORE_RADIUS).max(0.0);
        let drawn_in = radius - beyond + rim * (1.0 - (-beyond / rim).exp());
        let scale = CORE_RADIUS / core * if radius > 0.0 { drawn_in / radius } else { 1.0 };
        *p = [p[0] * scale, p[1] * scale];
    }
}

/// Points evenly around the outer ring.
fn ring(count: usize, stream: &mut Stream) -> Vec<[f32; 2]> {
    (0..count)
        .map(|i| {
            let angle = std::f32::consts::TAU * i as f32 / count as f32;
            let radius = RING.0 + (RING.1 - RING.0) * stream.uniform() as f32;
            [radius * angle.cos(), radius * angle.sin()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Users and items in two halves: edges within a half, `bridges` between them, and the last
    /// tenth of the users alone.
    fn two_halves(users: usize, items: usize, edges: usize, bridges: usize) -> Channels {
        let mut stream = Key::new(5).stream();
        let mut list = Vec::new();
        for i in 0..edges + bridges {
            let half = stream.below(2);
            let other = if i < edges { half } else { 1 - half };
            let user = 2 * stream.below(users * 9 / 20) + half;
            list.push((user as u32, (2 * stream.below(items / 2) + other) as u32));
        }
        Channels::from_edges(users, items, &list, &Default::default()).unwrap()
    }

    fn radius(layout: &Layout, channel: Channel, node: u32) -> f32 {
        let p = &layout.positions(channel)[2 * node as usize..][..2];
        p[0].hypot(p[1])
    }

    #[test]
    fn communities_separate() {
        let channels = two_halves(400, 600, 6000, 150);
        let layout = Layout::compute(&channels, 1, |_| {});
        for channel in CHANNELS {
            let graph = channels.get(channel);
            let points: Vec<&[f32]> = layout.positions(channel).chunks_exact(2).collect();
            let linked = |&node: &usize| graph.degree(node as u32) > 0;
            // 400 users keep the parity of the items in G.
            let (mut within, mut between) = ((0.0, 0), (0.0, 0));
            for a in (0..points.len()).filter(linked) {
                for b in (0..a).filter(linked) {
                    let sum = if a % 2 == b % 2 {
                        &mut within
                    } else {
                        &mut between
                    };
                    let (dx, dy) = (points[a][0] - points[b][0], points[a][1] - points[b][1]);
                    *sum = (sum.0 + f64::from(dx.hypot(dy)), sum.1 + 1);
                }
            }
            let (within, between) = (within.0 / within.1 as f64, between.0 / between.1 as f64);
            assert!(
                between > 1.5 * within,
                "{channel:?}: {within} within, {between} between"
            );
        }
    }

    #[test]
    fn linked_nodes_lie_inside_and_lonely_ones_on_the_ring() {
        let channels = two_halves(200, 300, 1500, 50);
        let layout = Layout::compute(&channels, 1, |_| {});
        assert!(layout.fits(&channels));
        let mut lonely = 0;
        for channel in CHANNELS {
            let graph = channels.get(channel);
            for node in 0..graph.len() as u32 {
                let radius = radius(&layout, channel, node);
                if graph.degree(node) > 0 {
                    assert!(radius <= RIM_RADIUS + 1e-3);
                } else {
                    assert!((RING.0 - 1e-3..=RING.1 + 1e-3).contains(&radius));
                    lonely += 1;
                }
            }
        }
        assert!(lonely >= 40);
    }

    #[test]
    fn a_function_of_graph_and_seed() {
        let channels = two_halves(100, 150, 700, 20);
        assert_eq!(
            Layout::compute(&channels, 1, |_| {}),
            Layout::compute(&channels, 1, |_| {})
        );
        assert_ne!(
            Layout::compute(&channels, 1, |_| {}),
            Layout::compute(&channels, 2, |_| {})
        );
    }

    #[test]
    fn the_share_that_is_done_rises_to_one() {
        let mut shares = vec![0.0];
        let channels = two_halves(100, 150, 700, 20);
        Layout::compute(&channels, 1, |share| shares.push(share));
        assert!(shares.is_sorted(), "{shares:?}");
        assert!((shares[shares.len() - 1] - 1.0).abs() < 1e-9);
        let largest = shares.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(largest.fold(0.0, f64::max) < 0.05);
    }

    #[test]
    fn odd_graphs_are_placed() {
        let star: Vec<(u32, u32)> = (0..500).map(|user| (user, 0)).collect();
        let pairs: Vec<(u32, u32)> = (0..300).map(|i| (i, i)).collect();
        for (users, items, edges) in [
            (0, 0, &[][..]),
            (3, 2, &[]),
            (500, 1, &star),
            (300, 300, &pairs),
        ] {
            let channels = Channels::from_edges(users, items, edges, &Default::default()).unwrap();
            let layout = Layout::compute(&channels, 1, |_| {});
            assert!(layout.fits(&channels));
            for channel in CHANNELS {
                assert!(
                    layout
                        .positions(channel)
                        .iter()
                        .all(|value| (-1.0..=1.0).contains(value))
                );
            }
            let mut points: Vec<&[f32]> = layout
                .positions(Channel::UserItem)
                .chunks_exact(2)
                .collect();
            points.sort_by(|a, b| a.partial_cmp(b).unwrap());
            points.dedup();
            assert!(
                points.len() * 10 >= (users + items) * 9,
                "nodes share positions"
            );
        }
    }

    #[test]
    fn files_give_back_what_was_written_and_refuse_the_rest() {
        let channels = two_halves(60, 80, 300, 10);
        let layout = Layout::compute(&channels, 1, |_| {});
        let bytes = layout.to_bytes().unwrap();
        assert_eq!(Layout::from_bytes(&bytes).unwrap(), layout);
        for cut in [0, 1, 20, bytes.len() / 2, bytes.len() - 1] {
            assert!(Layout::from_bytes(&bytes[..cut]).is_err());
        }
        assert!(Layout::from_bytes(b"not a layout").is_err());
        let other = two_halves(60, 82, 300, 10);
        assert!(!layout.fits(&other));
    }
}
