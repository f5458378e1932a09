//! GAUC, RelaImpr and the paired test against definitions, hand calculations and published values.

use std::collections::BTreeSet;

use moge::ErrorKind;
use moge::data::{Instances, Task};
use moge::metric::{Gauc, auc, mid_ranks, paired, rela_impr};
use moge::random::{Key, Stream};

/// AUC by its definition: the share of (positive, negative) pairs in order, ties one half.
fn naive_auc(scores: &[f32], labels: &[u8]) -> Option<f64> {
    let (mut won, mut pairs) = (0.0, 0.0);
    for (_, &positive) in scores.iter().enumerate().filter(|&(i, _)| labels[i] == 1) {
        for (_, &negative) in scores.iter().enumerate().filter(|&(j, _)| labels[j] == 0) {
            pairs += 1.0;
            won += match positive.partial_cmp(&negative).unwrap() {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    (pairs > 0.0).then(|| won / pairs)
}

/// Naive GAUC with a weight per group computed from its labels, and the instances in valid groups.
fn naive_gauc(
    groups: &[u32],
    scores: &[f32],
    labels: &[u8],
    weight: impl Fn(&[u8]) -> f64,
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for group in groups.iter().collect::<BTreeSet<_>>() {
        let members: Vec<usize> = (0..groups.len()).filter(|&i| groups[i] == *group).collect();
        let s: Vec<f32> = members.iter().map(|&i| scores[i]).collect();
        let l: Vec<u8> = members.iter().map(|&i| labels[i]).collect();
        if let Some(auc) = naive_auc(&s, &l) {
            sum += weight(&l) * auc;
            total += weight(&l);
        }
    }
    (total > 0.0).then(|| sum / total)
}

/// Random groups, scores with many ties, and labels.
fn random_case(stream: &mut Stream, n: usize) -> (Vec<u32>, Vec<f32>, Vec<u8>) {
    let groups = (0..n).map(|_| stream.below(12) as u32).collect();
    let scores = (0..n).map(|_| stream.below(9) as f32 - 4.0).collect();
    let labels = (0..n).map(|_| (stream.below(4) == 0) as u8).collect();
    (groups, scores, labels)
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (a, b) => a == b,
    }
}

#[test]
fn equals_the_naive_pair_count() {
    let mut stream = Key::new(1).stream();
    for n in [1, 2, 5, 40, 200] {
        for _ in 0..20 {
            let (groups, scores, labels) = random_case(&mut stream, n);
            let report = Gauc::new(&groups, &labels)
                .unwrap()
                .evaluate(&scores)
                .unwrap();
            let naive =
                |weight: &dyn Fn(&[u8]) -> f64| naive_gauc(&groups, &scores, &labels, weight);
            assert!(close(report.gauc, naive(&|l| l.len() as f64)));
            assert!(close(report.gauc_by_group, naive(&|_| 1.0)));
            let positives = |l: &[u8]| l.iter().map(|&x| f64::from(x)).sum();
            assert!(close(report.gauc_by_positives, naive(&positives)));
            assert!(close(report.auc, naive_auc(&scores, &labels)));
            assert!(close(report.auc, auc(&scores, &labels).unwrap()));
        }
    }
}

#[test]
fn a_case_by_hand() {
    // User 1: positive above one negative, tied with another: 3/4, three instances.
    // User 2: reversed: 0, two instances. User 3: positives only: skipped.
    let groups = [1, 2, 1, 3, 1, 2];
    let labels = [1, 1, 0, 1, 0, 0];
    let scores = [0.5_f32, 0.1, 0.5, 0.9, 0.2, 0.3];
    let report = Gauc::new(&groups, &labels)
        .unwrap()
        .evaluate(&scores)
        .unwrap();
    assert!(close(report.gauc, Some(3.0 * 0.75 / 5.0)));
    assert!(close(report.gauc_by_group, Some(0.375)));
    assert_eq!((report.groups, report.share), (2, 5.0 / 6.0));
    // Positives 0.5, 0.1, 0.9 against negatives 0.5, 0.2, 0.3: 2.5 + 0 + 3 of 9.
    assert!(close(report.auc, Some(5.5 / 9.0)));
}

#[test]
fn constant_perfect_and_reversed_scores() {
    let groups = [1, 1, 1, 2, 2];
    let labels = [0, 1, 0, 1, 0];
    let gauc = Gauc::new(&groups, &labels).unwrap();
    let of = |scores: &[f32]| gauc.evaluate(scores).unwrap().gauc;
    assert_eq!(of(&[3.0; 5]), Some(0.5));
    assert_eq!(of(&[0.0, 1.0, 0.0, 9.0, 8.0]), Some(1.0));
    assert_eq!(of(&[1.0, 0.0, 1.0, 8.0, 9.0]), Some(0.0));
    // Zeros of both signs are tied.
    assert_eq!(of(&[0.0, -0.0, 0.0, -0.0, 0.0]), Some(0.5));
}

#[test]
fn invariant_under_increasing_transforms_per_user_and_one_class_users() {
    let mut stream = Key::new(2).stream();
    let (mut groups, mut scores, mut labels) = random_case(&mut stream, 300);
    let before = Gauc::new(&groups, &labels)
        .unwrap()
        .evaluate(&scores)
        .unwrap();
    for (score, group) in scores.iter_mut().zip(&groups) {
        *score = (*score * 0.3).exp() * (1.0 + *group as f32) - 50.0 * *group as f32;
    }
    let moved = Gauc::new(&groups, &labels)
        .unwrap()
        .evaluate(&scores)
        .unwrap();
    assert!(close(before.gauc, moved.gauc));
    assert_ne!(before.auc, moved.auc);

    for (group, label) in [(100, 1), (100, 1), (101, 0), (102, 1)] {
        groups.push(group);
        scores.push(0.25);
        labels.push(label);
    }
    let grown = Gauc::new(&groups, &labels)
        .unwrap()
        .evaluate(&scores)
        .unwrap();
    assert!(close(moved.gauc, grown.gauc));
    assert_eq!(moved.groups, grown.groups);
    assert!((grown.share - moved.share * 300.0 / 304.0).abs() < 1e-12);
}

#[test]
fn users_of_a_window_and_a_subset_of_its_rows() {
    let instances = Instances {
        user: vec![1, 1, 1, 2, 2],
        item: vec![1, 2, 3, 1, 2],
        labels: vec![0b01, 0b10, 0b00, 0b11, 0b10],
        day: vec![100; 5],
        sampled: vec![false; 5],
    };
    let all = [0, 1, 2, 3, 4];
    let scores = [3.0_f32, 2.0, 1.0, 0.0, 5.0];
    let favourite = Gauc::of_users(&instances, &all, Task::Favourite)
        .evaluate(&scores)
        .unwrap();
    // User 1: instance 0 above both others; user 2: instance 3 below instance 4.
    assert_eq!((favourite.gauc, favourite.groups), (Some(0.6), 2));
    let purchase = Gauc::of_users(&instances, &all, Task::Purchase)
        .evaluate(&scores)
        .unwrap();
    // User 1: instance 1 is below 0 and above 2; user 2 bought both.
    assert_eq!(
        (purchase.gauc, purchase.groups, purchase.share),
        (Some(0.5), 1, 0.6)
    );
    let subset = Gauc::of_users(&instances, &[3, 4], Task::Favourite);
    assert_eq!(subset.evaluate(&scores[3..]).unwrap().gauc, Some(0.0));
}

#[test]
fn without_a_valid_group_gauc_is_undefined() {
    let gauc = Gauc::new(&[1, 2, 3], &[1, 0, 1]).unwrap();
    let report = gauc.evaluate(&[1.0_f32, 2.0, 3.0]).unwrap();
    assert_eq!(
        (report.gauc, report.gauc_by_group, report.gauc_by_positives),
        (None, None, None)
    );
    assert_eq!(
        (report.auc, report.groups, report.share),
        (Some(0.5), 0, 0.0)
    );
    let nothing = Gauc::new::<u32>(&[], &[])
        .unwrap()
        .evaluate::<f32>(&[])
        .unwrap();
    assert_eq!(
        (nothing.gauc, nothing.auc, nothing.share),
        (None, None, 0.0)
    );
}

#[test]
fn bad_input_is_an_error() {
    let gauc = Gauc::new(&[1, 1, 2], &[1, 0, 1]).unwrap();
    for bad in [f32::NAN, f32::INFINITY] {
        // Even in a group that is skipped.
        let error = gauc.evaluate(&[1.0, 2.0, bad]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(error.to_string().starts_with("score 2 is"), "{error}");
    }
    assert!(gauc.evaluate(&[1.0_f32]).is_err());
    assert!(Gauc::new(&[1], &[2]).is_err());
    assert!(Gauc::new(&[1, 2], &[1]).is_err());
    assert!(auc(&[f64::NAN], &[1]).is_err());
}

#[test]
fn mid_ranks_share_ties() {
    assert_eq!(
        mid_ranks(&[3.0_f32, 1.0, 3.0, 2.0, 3.0]).unwrap(),
        [4.0, 1.0, 4.0, 2.0, 4.0]
    );
    assert!(mid_ranks(&[1.0, f64::NAN]).is_err());
}

#[test]
fn rela_impr_reproduces_the_paper_s_table_2() {
    // Model, base, and the interval that rounding to four digits allows (model.md 9.3).
    for (model, base, low, high) in [
        (0.7428, 0.7383, 1.846, 1.931),
        (0.8051, 0.7889, 5.572, 5.643),
        (0.7232, 0.7207, 1.087, 1.178),
        (0.8092, 0.8079, 0.390, 0.455),
        (0.7477, 0.7466, 0.405, 0.487),
    ] {
        let computed = rela_impr(model, base).unwrap();
        assert!(low < computed && computed < high, "{computed}");
    }
    assert!((rela_impr(0.7428, 0.7383).unwrap() - 1.888).abs() < 5e-4);
    assert_eq!(rela_impr(0.6, 0.5), None);
    assert_eq!(rela_impr(0.6, 0.49), None);
    assert_eq!(rela_impr(f64::NAN, 0.6), None);
}

#[test]
fn paired_differences_over_seeds() {
    // All three differences positive: only the patterns +++ and --- are as extreme.
    let test = paired(&[0.75, 0.74, 0.76], &[0.74, 0.72, 0.73]).unwrap();
    assert!((test.mean - 0.02).abs() < 1e-12);
    assert!((test.standard_error.unwrap() - 0.01 / 3f64.sqrt()).abs() < 1e-12);
    assert_eq!(test.p_value, 0.25);
    // Differences 1, 1, -1: the sums are 3, 1 (three times) and their negatives, so all 8 count.
    assert_eq!(
        paired(&[1.0, 1.0, 0.0], &[0.0, 0.0, 1.0]).unwrap().p_value,
        1.0
    );
    assert_eq!(paired(&[0.5], &[0.4]).unwrap().standard_error, None);
    assert!(paired(&[], &[]).is_err());
    assert!(paired(&[0.5, f64::NAN], &[0.5, 0.5]).is_err());
}
