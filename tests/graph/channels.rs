//! The three channels against definitions, brute force.

use std::collections::BTreeSet;
use std::path::PathBuf;

use moge::ErrorKind;
use moge::graph::{Channel, Channels, Construction, Csr, Similarity};
use moge::random::Key;
use safetensors::SafeTensors;

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

/// The channels of an independent implementation (`golden/moge_step_f64.safetensors`), whose Gu and Gi
/// were derived from its G with the default construction.
#[test]
fn channels_equal_an_independent_implementation() {
    let folder = std::env::var("MOGE_SHARED_DATA").map(PathBuf::from);
    let folder =
        folder.unwrap_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    let path = folder.join("golden/moge_step_f64.safetensors");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("SKIPPED: {} is absent", path.display());
        return;
    };
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let array = |name: &str| -> Vec<u32> {
        let numbers = file.tensor(name).unwrap().data().chunks_exact(8);
        numbers
            .map(|b| i64::from_le_bytes(b.try_into().unwrap()) as u32)
            .collect()
    };
    let (users, items) = (
        array("graph/U/off").len() - 1,
        array("graph/I/off").len() - 1,
    );
    let (offsets, targets) = (array("graph/G/off"), array("graph/G/tgt"));
    let row = |user: u32| offsets[user as usize] as usize..offsets[user as usize + 1] as usize;
    let items_of = |user: u32| {
        targets[row(user)]
            .iter()
            .map(move |&t| (user, t - users as u32))
    };
    let edges: Vec<(u32, u32)> = (0..users as u32).flat_map(items_of).collect();
    let channels = Channels::from_edges(users, items, &edges, &Construction::default()).unwrap();
    for (graph, name) in [
        (&channels.user_item, "G"),
        (&channels.user_user, "U"),
        (&channels.item_item, "I"),
    ] {
        assert_eq!(graph.offsets, array(&format!("graph/{name}/off")), "{name}");
        assert_eq!(graph.targets, array(&format!("graph/{name}/tgt")), "{name}");
    }
}
