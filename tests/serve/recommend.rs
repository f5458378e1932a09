//! The best items of a user, and what is said of them.

use std::collections::HashSet;

use moge::data::Task;
use moge::graph::Draw;
use moge::model::System;
use moge::serve::recommend::{Query, Recommendations, recommend};
use moge::train::Run;
use pollster::block_on;

use crate::{message, scores_of, small, toy, trained};

fn ask(run: &mut Run, user: u64, n: usize) -> Recommendations {
    let query = Query {
        user,
        n,
        task: Task::Purchase,
        exclude_seen: false,
    };
    block_on(recommend(run, query)).unwrap()
}

#[test]
fn the_first_n_are_the_argsort_of_all_scores() {
    let mut run = trained(small(System::Moge), toy(50, 60, 11));
    for (user, task) in [
        (7, Task::Favourite),
        (7, Task::Purchase),
        (31, Task::Purchase),
    ] {
        let pairs: Vec<(u32, u32)> = (1..=60).map(|item| (user, item)).collect();
        let scores = scores_of(&mut run, &pairs, Draw::Evaluate).logits;
        let mut order: Vec<usize> = (0..60).collect();
        order.sort_by(|&a, &b| scores[b][task as usize].total_cmp(&scores[a][task as usize]));
        let query = Query {
            user: user.into(),
            n: 9,
            task,
            exclude_seen: false,
        };
        let found = block_on(recommend(&mut run, query)).unwrap();
        assert_eq!(
            (found.user_id, found.user_known, found.task),
            (user.into(), true, task.name())
        );
        assert_eq!(found.items.len(), 9);
        for (rank, (item, &at)) in found.items.iter().zip(&order).enumerate() {
            assert_eq!((item.rank, item.item_id), (rank + 1, at as u64 + 1));
            assert_eq!(item.logits, scores[at]);
        }
        let all = ask(&mut run, user.into(), 1000);
        assert_eq!(all.items.len(), 60);
    }
}

#[test]
fn what_was_chosen_before_can_be_left_out() {
    let data = toy(50, 60, 12);
    let mut run = trained(small(System::Moge), data.clone());
    let edges = data
        .edges
        .iter()
        .filter(|edge| edge.0 == 8)
        .map(|edge| edge.1);
    let mut chosen: HashSet<u32> = edges.collect();
    for window in [&data.train, &data.valid] {
        let own = (0..window.len()).filter(|&i| window.user[i] == 8 && window.labels[i] != 0);
        chosen.extend(own.map(|i| window.item[i]));
    }
    let query = Query {
        user: 8,
        n: 60,
        task: Task::Purchase,
        exclude_seen: true,
    };
    let found = block_on(recommend(&mut run, query)).unwrap();
    let found: HashSet<u32> = found.items.iter().map(|item| item.item_id as u32).collect();
    let expected: HashSet<u32> = (1..=60).filter(|item| !chosen.contains(item)).collect();
    assert!(!chosen.is_empty() && !expected.is_empty());
    assert_eq!(found, expected);
}

#[test]
fn reasons_are_facts_of_the_graph() {
    let mut run = trained(small(System::Moge), toy(50, 60, 13));
    let (data, channels) = run.loaded();
    let has = |user: u32, item: u32| data.edges.contains(&(user, item));
    let user = 5;
    let similar = &channels.user_user.targets[channels.user_user.row(user)];
    let similar = &similar[..similar.len().min(10)];
    let degrees: Vec<usize> = (1..=60)
        .map(|item| data.edges.iter().filter(|edge| edge.1 == item).count())
        .collect();
    let found = ask(&mut run, user.into(), 60);
    assert!(
        found.basis.contains("an id row of its own"),
        "{}",
        found.basis
    );
    let (mut with_users, mut with_items) = (0, 0);
    for recommended in &found.items {
        let item = recommended.item_id as u32;
        let reasons = recommended.reasons.join("\n");
        let says = |text: &str| assert!(reasons.contains(text), "{text} in\n{reasons}");
        assert_eq!(
            reasons.contains("The user already favourited or bought it."),
            has(user, item)
        );

        let count = similar.iter().filter(|&&other| has(other, item)).count();
        if count > 0 {
            with_users += 1;
            says(&format!(
                "{count} of the {} most similar users favourited or bought it.",
                similar.len()
            ));
        } else {
            assert!(!reasons.contains("most similar users"));
        }
        let row = channels.item_item.row(item);
        let mut near: Vec<(u32, f32)> = channels.item_item.targets[row.clone()]
            .iter()
            .copied()
            .zip(channels.item_item.weights[row].iter().copied())
            .filter(|&(other, _)| has(user, other))
            .collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1));
        if let Some(&(other, similarity)) = near.first() {
            with_items += 1;
            says(&format!("Similar to item {other}"));
            says(&format!("similarity {similarity:.2}."));
            assert_eq!(reasons.contains("(and to 1 more)"), near.len() == 2);
        } else {
            assert!(!reasons.contains("Similar to item"));
        }
        let degree = degrees[item as usize - 1];
        assert_eq!(recommended.degree, degree);
        let share = 100 * degrees.iter().filter(|&&other| other < degree).count() / 60;
        says(&format!(
            "{degree} users of the graph favourited or bought it"
        ));
        if share > 0 {
            says(&format!("more than {share} % of the items have."));
        }
        says(&format!(
            "Exact split of the purchase logit {:.2}: bias",
            recommended.logits[1]
        ));
    }
    assert!(with_users > 10 && with_items > 10);
}

#[test]
fn a_system_that_reads_no_graph_gives_no_reason_from_it() {
    let mut run = trained(small(System::Mmoe), toy(50, 60, 14));
    for item in ask(&mut run, 5, 20).items {
        let reasons = item.reasons.join("\n");
        assert!(reasons.contains("MMoE reads no graph"), "{reasons}");
        assert!(!reasons.contains("imilar"), "{reasons}");
        let split = item.reasons.last().unwrap();
        assert!(
            split.contains("experts") && !split.contains("graph"),
            "{split}"
        );
    }
    let mut run = trained(small(System::Esmm), toy(50, 60, 14));
    let reasons = ask(&mut run, 5, 1).items.remove(0).reasons;
    assert!(
        !reasons.join("\n").contains("Exact split"),
        "its purchase logit is not additive"
    );
}

#[test]
fn an_unknown_user_is_ranked_for_and_told_so() {
    let mut run = trained(small(System::Moge), toy(50, 60, 15));
    let found = ask(&mut run, 4711, 5);
    assert!(!found.user_known);
    assert!(
        found
            .basis
            .contains("not in the dataset and has no history"),
        "{}",
        found.basis
    );
    assert!(
        found
            .items
            .iter()
            .all(|item| item.reasons[0].contains("no history"))
    );
    let pairs: Vec<(u32, u32)> = (1..=60).map(|item| (0, item)).collect();
    let scores = scores_of(&mut run, &pairs, Draw::Evaluate).logits;
    let best = scores
        .iter()
        .map(|logits| logits[1])
        .fold(f32::MIN, f32::max);
    assert_eq!(found.items[0].logits[1], best);

    let mut config = small(System::Moge);
    config.unknown_id = 0.0;
    let mut run = trained(config, toy(50, 60, 15));
    let basis = ask(&mut run, 4711, 1).basis;
    assert!(basis.contains("random start"), "{basis}");

    let nothing = Query {
        user: 1,
        n: 0,
        task: Task::Purchase,
        exclude_seen: false,
    };
    assert!(message(block_on(recommend(&mut run, nothing))).contains("Ask for 1 or more"));
    assert!(message("basket".parse::<Task>()).contains("Choose favourite or purchase"));
}
