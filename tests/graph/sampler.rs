//! The sampler against the documentation of blocks, brute force and counting.

use std::collections::{BTreeMap, BTreeSet};

use moge::graph::{Block, Channel, Csr, Draw, Sampler, Sampling};
use moge::random::Key;

/// A random symmetric graph whose weights differ within every row, rows by descending weight.
fn random_graph(nodes: usize, edges: usize, seed: u64) -> Csr {
    let mut stream = Key::new(seed).stream();
    let mut rows = vec![BTreeMap::new(); nodes];
    for _ in 0..edges {
        let (a, b) = (stream.below(nodes), stream.below(nodes - 1));
        if a != b {
            let weight = stream.uniform() as f32;
            rows[a].insert(b as u32, weight);
            rows[b].insert(a as u32, weight);
        }
    }
    let mut csr = Csr {
        offsets: vec![0],
        ..Csr::default()
    };
    for row in rows {
        let mut row: Vec<(u32, f32)> = row.into_iter().collect();
        row.sort_by(|a, b| b.1.total_cmp(&a.1));
        csr.targets.extend(row.iter().map(|&(target, _)| target));
        csr.weights.extend(row.iter().map(|&(_, weight)| weight));
        csr.offsets.push(csr.targets.len() as u32);
    }
    csr
}

fn train(step: u64) -> Draw {
    Draw::Train { seed: 7, step }
}

/// The neighbours of the node at a position of a block, as nodes of the graph.
fn row_nodes(block: &Block, target: usize) -> Vec<u32> {
    block.neighbors[block.row(target)]
        .iter()
        .map(|&p| block.nodes[p as usize])
        .collect()
}

/// What the documentation of `Block` promises, whatever the draw.
fn assert_well_formed(block: &Block, csr: &Csr, roots: &[u32], layers: usize) {
    assert_eq!(block.within.len(), layers + 1);
    assert_eq!(*block.within.last().unwrap(), block.nodes.len());
    assert_eq!(
        block.nodes.iter().collect::<BTreeSet<_>>().len(),
        block.nodes.len()
    );
    let back: Vec<u32> = block
        .roots
        .iter()
        .map(|&p| block.nodes[p as usize])
        .collect();
    assert_eq!(back, roots);

    // Replaying the rows meets the nodes in exactly the order of the block.
    let mut met = Vec::new();
    let mut meet = |node: u32| {
        if !met.contains(&node) {
            met.push(node);
        }
        met.len()
    };
    let distinct = roots.iter().fold(0, |_, &root| meet(root));
    assert_eq!(block.within[0], distinct);
    let mut first = 0;
    for hop in 0..layers {
        let mut reached = block.within[hop];
        for t in first..block.within[hop] {
            for node in row_nodes(block, t) {
                reached = meet(node);
            }
        }
        assert_eq!(block.within[hop + 1], reached.max(block.within[hop]));
        first = block.within[hop];
    }
    assert_eq!(met, block.nodes);

    // Every row is a sub-list of the graph's row, in its order, with its weights.
    for t in 0..block.within[layers - 1] {
        let graph_row = csr.row(block.nodes[t]);
        let mut places = csr.targets[graph_row.clone()]
            .iter()
            .zip(&csr.weights[graph_row]);
        for (node, weight) in row_nodes(block, t).iter().zip(&block.weights[block.row(t)]) {
            assert!(
                places.any(|found| found == (node, weight)),
                "row {t} is not in graph order"
            );
        }
        assert_eq!(block.degrees[t] as usize, csr.degree(block.nodes[t]));
    }
}

#[test]
fn blocks_are_what_their_documentation_says() {
    let csr = random_graph(80, 400, 1);
    let settings = Sampling::uniform(&[5, 3, 2]);
    let mut sampler = Sampler::new();
    for step in 0..20 {
        let mut stream = Key::new(step).stream();
        let roots: Vec<u32> = (0..9).map(|_| stream.below(80) as u32).collect();
        for channel in [Channel::UserItem, Channel::UserUser] {
            for draw in [train(step), Draw::Evaluate, Draw::Full] {
                let block = sampler.sample(&csr, channel, &roots, &settings, draw);
                assert_well_formed(&block, &csr, &roots, 3);
                for t in 0..block.within[2] {
                    let hop = block.within.iter().position(|&w| t < w).unwrap();
                    let degree = csr.degree(block.nodes[t]);
                    let expected = match draw {
                        Draw::Train { .. } => degree.min([5, 3, 2][hop]),
                        Draw::Evaluate => degree.min(5),
                        Draw::Full => degree,
                    };
                    assert_eq!(block.row(t).len(), expected);
                }
                // The history of a sampler does not show.
                assert_eq!(
                    block,
                    Sampler::new().sample(&csr, channel, &roots, &settings, draw)
                );
            }
        }
    }
}

#[test]
fn a_training_row_depends_on_seed_step_channel_hop_and_node_only() {
    let csr = random_graph(60, 900, 2);
    let settings = Sampling::uniform(&[4, 4]);
    let mut sampler = Sampler::new();
    let mut root_row = |roots: &[u32], channel, draw| {
        row_nodes(&sampler.sample(&csr, channel, roots, &settings, draw), 0)
    };
    let row = root_row(&[3], Channel::UserUser, train(0));
    assert_eq!(row, root_row(&[3, 9, 11], Channel::UserUser, train(0)));
    assert_ne!(row, root_row(&[3], Channel::UserUser, train(1)));
    assert_ne!(row, root_row(&[3], Channel::ItemItem, train(0)));
    assert_ne!(
        row,
        root_row(&[3], Channel::UserUser, Draw::Train { seed: 8, step: 0 })
    );

    // The same node met at hop 1 draws with another key.
    let block = sampler.sample(&csr, Channel::UserUser, &[row[0]], &settings, train(0));
    let other_hop = (1..block.within[1]).any(|t| {
        let alone = sampler.sample(
            &csr,
            Channel::UserUser,
            &[block.nodes[t]],
            &settings,
            train(0),
        );
        row_nodes(&block, t) != row_nodes(&alone, 0)
    });
    assert!(other_hop);
}

#[test]
fn evaluation_rows_do_not_depend_on_batch_or_hop() {
    let csr = random_graph(70, 700, 3);
    let settings = Sampling {
        fan_out: vec![6, 2],
        self_loop: false,
        weighted: true,
    };
    let mut sampler = Sampler::new();
    for channel in [Channel::UserItem, Channel::UserUser, Channel::ItemItem] {
        let everything: Vec<u32> = (0..70).collect();
        let all = sampler.sample(&csr, channel, &everything, &settings, Draw::Evaluate);
        for root in 0..70 {
            let block = sampler.sample(&csr, channel, &[root, 5], &settings, Draw::Evaluate);
            for t in 0..block.within[1] {
                assert_eq!(
                    row_nodes(&block, t),
                    row_nodes(&all, block.nodes[t] as usize)
                );
            }
        }
        if channel != Channel::UserItem {
            let top: Vec<u32> = csr.targets[csr.row(8)].iter().take(6).copied().collect();
            assert_eq!(row_nodes(&all, 8), top);
        }
    }
}

#[test]
fn uniform_draws_take_every_subset_equally_often() {
    // A star of five leaves: ten pairs.
    let csr = Csr {
        offsets: vec![0, 5, 5, 5, 5, 5, 5],
        targets: (1..=5).collect(),
        weights: vec![1.0; 5],
    };
    let settings = Sampling::uniform(&[2]);
    let mut sampler = Sampler::new();
    let mut counts = BTreeMap::new();
    let draws = 20_000;
    for step in 0..draws {
        let block = sampler.sample(&csr, Channel::UserUser, &[0], &settings, train(step));
        *counts.entry(row_nodes(&block, 0)).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 10);
    // Five standard deviations of a binomial count: 5 sqrt(n p (1 - p)).
    let slack = 5.0 * (draws as f64 * 0.1 * 0.9).sqrt();
    assert!(
        counts
            .values()
            .all(|&c| (f64::from(c) - draws as f64 * 0.1).abs() < slack)
    );
}

#[test]
fn weighted_draws_follow_the_similarity() {
    let weights = [0.5_f32, 0.3, 0.2];
    let csr = Csr {
        offsets: vec![0, 3, 3, 3, 3],
        targets: vec![1, 2, 3],
        weights: weights.to_vec(),
    };
    let settings = Sampling {
        fan_out: vec![2],
        self_loop: false,
        weighted: true,
    };
    let mut sampler = Sampler::new();
    let draws = 40_000;
    let mut counts = [0u32; 3];
    for step in 0..draws {
        let block = sampler.sample(&csr, Channel::ItemItem, &[0], &settings, train(step));
        let missing = 6 - row_nodes(&block, 0).iter().sum::<u32>();
        counts[missing as usize - 1] += 1;
    }
    // P(c is left out) = P(a, b) + P(b, a), drawing one after the other.
    for (c, [a, b]) in [(0, [1, 2]), (1, [0, 2]), (2, [0, 1])] {
        let (x, y) = (f64::from(weights[a]), f64::from(weights[b]));
        let expected = x * y / (1.0 - x) + y * x / (1.0 - y);
        assert!((f64::from(counts[c]) / draws as f64 - expected).abs() < 0.012);
    }
    // In G the weights are not similarities, and the draw stays uniform.
    let uniform = Sampling {
        weighted: false,
        ..settings.clone()
    };
    assert_eq!(
        sampler.sample(&csr, Channel::UserItem, &[0], &settings, train(1)),
        sampler.sample(&csr, Channel::UserItem, &[0], &uniform, train(1)),
    );
}

#[test]
fn self_loops_come_first_and_count_in_the_degree() {
    let csr = Csr {
        offsets: vec![0, 1, 2, 2],
        targets: vec![1, 0],
        weights: vec![0.4; 2],
    };
    let settings = Sampling {
        fan_out: vec![1, 1],
        self_loop: true,
        weighted: false,
    };
    let block = Sampler::new().sample(&csr, Channel::UserUser, &[2, 0], &settings, train(0));
    assert_eq!(block.nodes, [2, 0, 1]);
    assert_eq!(block.offsets, [0, 1, 3, 5]);
    assert_eq!(block.neighbors, [0, 1, 2, 2, 1]);
    assert_eq!(block.weights, [1.0, 1.0, 0.4, 1.0, 0.4]);
    assert_eq!(block.degrees, [1, 2, 2]);
}

#[test]
fn isolated_roots_and_empty_batches_give_empty_rows() {
    let csr = Csr {
        offsets: vec![0, 0, 0],
        ..Csr::default()
    };
    let settings = Sampling::uniform(&[4, 2]);
    let block = Sampler::new().sample(&csr, Channel::UserItem, &[1, 1], &settings, Draw::Evaluate);
    assert_eq!(
        (block.nodes.as_slice(), block.roots.as_slice()),
        (&[1][..], &[0, 0][..])
    );
    assert_eq!(
        (block.within.as_slice(), block.offsets.as_slice()),
        (&[1, 1, 1][..], &[0, 0][..])
    );
    let none = Sampler::new().sample(&csr, Channel::UserItem, &[], &settings, Draw::Full);
    assert_eq!(
        (none.within.as_slice(), none.offsets.as_slice()),
        (&[0, 0, 0][..], &[0][..])
    );
}
