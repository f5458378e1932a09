//! The three channels and the sampler against definitions, brute force and counting.

use std::collections::{BTreeMap, BTreeSet};

use moge::ErrorKind;
use moge::graph::{
    Block, Channel, Channels, Construction, Csr, Draw, Sampler, Sampling, Similarity,
};
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
    let padded = block.padded(1);
    assert_eq!(
        (padded.width, padded.neighbors, padded.mask),
        (1, vec![0], vec![0.0])
    );
    let none = Sampler::new().sample(&csr, Channel::UserItem, &[], &settings, Draw::Full);
    assert_eq!(
        (none.within.as_slice(), none.offsets.as_slice()),
        (&[0, 0, 0][..], &[0][..])
    );
    assert_eq!(none.transposed(1).offsets, [0]);
}

#[test]
fn padded_and_transposed_layers_hold_the_same_edges() {
    let csr = random_graph(50, 300, 4);
    let settings = Sampling::uniform(&[5, 3]);
    let roots = [1, 7, 7, 30, 42];
    let block = Sampler::new().sample(&csr, Channel::UserUser, &roots, &settings, train(3));
    for layer in 1..=2 {
        assert_eq!(block.targets(layer), block.within[2 - layer]);
        assert_eq!(block.sources(layer), block.within[3 - layer]);
        let padded = block.padded(layer);
        let transposed = block.transposed(layer);
        let slots = transposed.slots(&block, padded.width);
        assert_eq!(padded.mask.iter().sum::<f32>() as usize, block.edges(layer));
        assert_eq!(
            slots.iter().collect::<BTreeSet<_>>().len(),
            block.edges(layer)
        );
        for source in 0..block.sources(layer) {
            let range =
                transposed.offsets[source] as usize..transposed.offsets[source + 1] as usize;
            assert!(transposed.edges[range.clone()].is_sorted());
            for i in range {
                let (edge, slot) = (transposed.edges[i] as usize, slots[i] as usize);
                assert_eq!(block.neighbors[edge] as usize, source);
                assert!(block.row(transposed.targets[i] as usize).contains(&edge));
                assert_eq!(padded.neighbors[slot] as usize, source);
                assert_eq!(padded.weights[slot], block.weights[edge]);
                assert_eq!(padded.mask[slot], 1.0);
            }
        }
    }
}

/// Random (user, item) pairs, popular items first, with repetitions.
fn random_edges(users: usize, items: usize, count: usize, seed: u64) -> Vec<(u32, u32)> {
    let mut stream = Key::new(seed).stream();
    let mut item = || (stream.uniform().powi(2) * items as f64) as u32;
    let items: Vec<u32> = (0..count).map(|_| item()).collect();
    let mut stream = Key::new(seed).with(1).stream();
    items
        .into_iter()
        .map(|item| (stream.below(users) as u32, item))
        .collect()
}

type Sets = Vec<BTreeSet<u32>>;

/// The neighbours of every user and of every item.
fn neighbor_sets(users: usize, items: usize, edges: &[(u32, u32)]) -> (Sets, Sets) {
    let (mut by_user, mut by_item) = (vec![BTreeSet::new(); users], vec![BTreeSet::new(); items]);
    for &(user, item) in edges {
        by_user[user as usize].insert(item);
        by_item[item as usize].insert(user);
    }
    (by_user, by_item)
}

/// Similarity by its definition, with the common count.
fn naive_similarity(kind: Similarity, own: &Sets, other: &Sets, a: usize, b: usize) -> (f64, u32) {
    let common: Vec<u32> = own[a].intersection(&own[b]).copied().collect();
    let degree = |i: u32| other[i as usize].len() as f64;
    let cosine_norm = ((own[a].len() * own[b].len()) as f64).sqrt();
    let similarity = match kind {
        Similarity::Cosine => common.len() as f64 / cosine_norm,
        Similarity::Jaccard => common.len() as f64 / own[a].union(&own[b]).count() as f64,
        Similarity::Count => common.len() as f64,
        Similarity::IufCosine => {
            common
                .iter()
                .map(|&i| 1.0 / (1.0 + degree(i)).ln())
                .sum::<f64>()
                / cosine_norm
        }
        Similarity::Swing => {
            let mut sum = 0.0;
            for &i in &common {
                for &j in common.iter().filter(|&&j| j > i) {
                    let both = other[i as usize].intersection(&other[j as usize]).count() as f64;
                    sum += 1.0 / (degree(i) * degree(j)).sqrt() / (1.0 + both);
                }
            }
            sum
        }
    };
    (similarity, common.len() as u32)
}

/// The similarity graph by comparing all pairs and sorting everything.
fn naive_rows(own: &Sets, other: &Sets, settings: &Construction) -> Vec<Vec<(u32, f32)>> {
    let n = own.len();
    let best_first = |row: &mut Vec<(f64, u32, u32)>| {
        row.sort_by(|x, y| y.0.total_cmp(&x.0).then(y.1.cmp(&x.1)).then(x.2.cmp(&y.2)));
    };
    let mut selected = Vec::new();
    for a in 0..n {
        let mut row = Vec::new();
        for b in (0..n).filter(|&b| b != a) {
            let (similarity, common) = naive_similarity(settings.similarity, own, other, a, b);
            if common >= settings.min_common && similarity > 0.0 {
                row.push((similarity, common, b as u32));
            }
        }
        best_first(&mut row);
        row.truncate(settings.k_sim);
        selected.push(row);
    }
    (0..n)
        .map(|a| {
            let mut row = selected[a].clone();
            for (b, others) in selected.iter().enumerate() {
                let to_a = others.iter().find(|candidate| candidate.2 == a as u32);
                if let Some(&(similarity, common, _)) = to_a
                    && row.iter().all(|candidate| candidate.2 != b as u32)
                {
                    row.push((similarity, common, b as u32));
                }
            }
            best_first(&mut row);
            row.truncate(2 * settings.k_sim);
            row.into_iter()
                .map(|(similarity, _, b)| (b, similarity as f32))
                .collect()
        })
        .collect()
}

fn rows(csr: &Csr) -> Vec<Vec<(u32, f32)>> {
    let row = |t| {
        csr.row(t)
            .map(|e| (csr.targets[e], csr.weights[e]))
            .collect()
    };
    (0..csr.len() as u32).map(row).collect()
}

#[test]
fn similarity_graphs_equal_brute_force() {
    let (users, items) = (45, 60);
    for similarity in [
        Similarity::Cosine,
        Similarity::Jaccard,
        Similarity::Count,
        Similarity::IufCosine,
        Similarity::Swing,
    ] {
        for (seed, min_common, k_sim) in [(1, 1, 10), (2, 2, 3), (3, 1, 1), (4, 1, 100)] {
            let edges = random_edges(users, items, 350, seed);
            let settings = Construction {
                similarity,
                min_common,
                k_sim,
                cap: 500,
            };
            let channels = Channels::from_edges(users, items, &edges, &settings).unwrap();
            let (by_user, by_item) = neighbor_sets(users, items, &edges);
            for (graph, own, other) in [
                (&channels.user_user, &by_user, &by_item),
                (&channels.item_item, &by_item, &by_user),
            ] {
                let (built, naive) = (rows(graph), naive_rows(own, other, &settings));
                for (built, naive) in built.iter().zip(&naive) {
                    // Sums in another order may differ in the last place, so ties may too.
                    assert_eq!(built.len(), naive.len());
                    for (b, n) in built.iter().zip(naive) {
                        assert!(
                            (b.1 - n.1).abs() <= 1e-6 * n.1,
                            "{similarity:?}: {b:?} {n:?}"
                        );
                    }
                    let exact = !matches!(similarity, Similarity::IufCosine | Similarity::Swing);
                    assert!(
                        !exact || built == naive,
                        "{similarity:?}: {built:?} {naive:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_similarity_graph_by_hand() {
    // Users 1 and 2 share items 1 and 2; users 2 and 3 share item 3; user 0 and item 0 are alone.
    let edges = [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 3), (2, 3)];
    let build = |similarity, min_common| {
        let settings = Construction {
            similarity,
            min_common,
            ..Construction::default()
        };
        rows(
            &Channels::from_edges(4, 4, &edges, &settings)
                .unwrap()
                .user_user,
        )
    };
    let (s12, s23) = ((2.0 / 6f64.sqrt()) as f32, (1.0 / 3f64.sqrt()) as f32);
    let expected = [
        vec![],
        vec![(2, s12)],
        vec![(1, s12), (3, s23)],
        vec![(2, s23)],
    ];
    assert_eq!(build(Similarity::Cosine, 1), expected);
    assert_eq!(build(Similarity::Cosine, 2)[2], [(1, s12)]);
    assert_eq!(
        build(Similarity::Jaccard, 1)[2],
        [(1, 2.0 / 3.0), (3, 1.0 / 3.0)]
    );
    assert_eq!(build(Similarity::Count, 1)[2], [(1, 2.0), (3, 1.0)]);
    // Items 1 and 2 have the users 1 and 2: 1 / (sqrt(2 * 2) (1 + 2)).
    assert_eq!(build(Similarity::Swing, 1)[2], [(1, 1.0 / 6.0)]);
}

#[test]
fn user_item_channel_holds_every_edge_in_both_directions() {
    let (users, items) = (30, 40);
    let edges = random_edges(users, items, 200, 9);
    let channels = Channels::from_edges(users, items, &edges, &Construction::default()).unwrap();
    let (by_user, by_item) = neighbor_sets(users, items, &edges);
    let graph = channels.get(Channel::UserItem);
    assert_eq!(graph.len(), users + items);
    for (user, expected) in by_user.iter().enumerate() {
        let row = graph.targets[graph.row(user as u32)]
            .iter()
            .map(|&node| node - users as u32);
        assert!(row.eq(expected.iter().copied()));
    }
    for (item, expected) in by_item.iter().enumerate() {
        assert!(
            graph.targets[graph.row((users + item) as u32)]
                .iter()
                .eq(expected)
        );
    }
    assert!(graph.weights.iter().all(|&weight| weight == 1.0));
}

#[test]
fn rows_are_sorted_capped_and_free_of_loops() {
    let (users, items) = (300, 120);
    let edges = random_edges(users, items, 4000, 5);
    let settings = Construction {
        k_sim: 4,
        ..Construction::default()
    };
    let channels = Channels::from_edges(users, items, &edges, &settings).unwrap();
    for graph in [&channels.user_user, &channels.item_item] {
        let mut longest = 0;
        for (node, row) in rows(graph).into_iter().enumerate() {
            assert!(row.is_sorted_by(|a, b| a.1 >= b.1));
            assert!(
                row.iter()
                    .all(|&(other, s)| other != node as u32 && 0.0 < s && s <= 1.0)
            );
            longest = longest.max(row.len());
        }
        assert_eq!(longest, 8);
    }
}

#[test]
fn the_cap_bounds_what_a_popular_node_links() {
    // All 40 users have item 0; only user 1 and user 2 share a second one.
    let mut edges: Vec<(u32, u32)> = (0..40).map(|user| (user, 0)).collect();
    edges.extend([(1, 1), (2, 1)]);
    let settings = Construction {
        cap: 6,
        k_sim: 50,
        ..Construction::default()
    };
    let build = || Channels::from_edges(40, 2, &edges, &settings).unwrap();
    let graph = build().user_user;
    assert_eq!(build().user_user, graph);
    let linked = (0..40)
        .filter(|&user| user != 1 && user != 2 && graph.degree(user) > 0)
        .count();
    assert!((4..=6).contains(&linked));
    // The two similarities read the full degrees, 2 and 2.
    let two = graph.row(1).find(|&e| graph.targets[e] == 2).unwrap();
    assert!(graph.weights[two] == 0.5 || graph.weights[two] == 1.0);
    for (a, b) in graph.pairs() {
        assert!(graph.pairs().any(|pair| pair == (b, a)));
    }
}

#[test]
fn impossible_graphs_are_errors() {
    let good = Construction::default();
    let kind = |edges: &[(u32, u32)], settings: &Construction| {
        Channels::from_edges(3, 2, edges, settings)
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind(&[(3, 0)], &good), ErrorKind::Data);
    assert_eq!(kind(&[(0, 2)], &good), ErrorKind::Data);
    assert_eq!(
        kind(&[], &Construction { k_sim: 0, ..good }),
        ErrorKind::Config
    );
    assert_eq!(
        kind(
            &[],
            &Construction {
                min_common: 0,
                ..good
            }
        ),
        ErrorKind::Config
    );
    assert_eq!(
        kind(&[], &Construction { cap: 0, ..good }),
        ErrorKind::Config
    );
    let empty = Channels::from_edges(3, 2, &[], &good).unwrap();
    assert_eq!(
        (
            empty.user_item.len(),
            empty.user_user.len(),
            empty.item_item.len()
        ),
        (5, 3, 2)
    );
}
