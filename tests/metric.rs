//! GAUC, RelaImpr and the tests of differences against definitions, hand calculations and published values.

use std::collections::BTreeSet;

use moge::ErrorKind;
use moge::data::{Instances, Task};
use moge::metric::{
    Gauc, Summary, auc, bootstrap, half_interval, holm, merged, mid_ranks, paired, rela_impr,
};
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
    assert_eq!(test.p_sign_flip, 0.25);
    // Differences 1, 1, -1: the sums are 3, 1 (three times) and their negatives, so all 8 count.
    let mixed = paired(&[1.0, 1.0, 0.0], &[0.0, 0.0, 1.0]).unwrap();
    assert_eq!(mixed.p_sign_flip, 1.0);
    let single = paired(&[0.5], &[0.4]).unwrap();
    assert_eq!((single.standard_error, single.t_test), (None, None));
    assert!(paired(&[], &[]).is_err());
    assert!(paired(&[0.5, f64::NAN], &[0.5, 0.5]).is_err());
}

#[test]
fn the_t_test_reproduces_student_s_sleep_data() {
    // Hours of sleep gained with two drugs (Student, 1908); the figures are those of R's
    // t.test(extra ~ group, data = sleep, paired = TRUE).
    let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    let test = paired(&first, &second).unwrap();
    let t_test = test.t_test.unwrap();
    assert!((t_test.t + 4.0621).abs() < 5e-5, "{t_test:?}");
    assert!((t_test.p_value - 0.002833).abs() < 5e-7, "{t_test:?}");
    let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    let Summary { mean, deviation } = Summary::of(&differences).unwrap();
    let half = half_interval(deviation.unwrap(), 10).unwrap();
    assert!((mean - half + 2.4598858).abs() < 5e-8);
    assert!((mean + half + 0.7001142).abs() < 5e-8);
    // One difference is 0, so that 4 of the 1024 patterns are as extreme.
    assert_eq!(test.p_sign_flip, 4.0 / 1024.0);
}

#[test]
fn student_s_distribution_in_closed_form_and_in_tables() {
    // One degree of freedom is Cauchy's distribution: p = 1 - 2 atan(t) / pi.
    let p = |a: &[f64], b: &[f64]| paired(a, b).unwrap().t_test.unwrap();
    let two = p(&[3.0, 1.0], &[0.0, 0.0]);
    assert_eq!(two.t, 2.0);
    let cauchy = 1.0 - 2.0 * 2f64.atan() / std::f64::consts::PI;
    assert!((two.p_value - cauchy).abs() < 1e-12);
    // Two degrees: p = 1 - t / sqrt(2 + t^2).
    let three = p(&[1.0, 2.0, 6.0], &[0.0; 3]);
    let t = 3.0 / 7f64.sqrt() * 3f64.sqrt();
    assert!((three.t - t).abs() < 1e-12);
    assert!((three.p_value - (1.0 - t / (2.0 + t * t).sqrt())).abs() < 1e-12);
    // Tabulated 97.5 % quantiles.
    for (n, quantile) in [(2, 12.7062), (3, 4.3027), (5, 2.7764), (11, 2.2281)] {
        let half = half_interval(1.0, n).unwrap() * (n as f64).sqrt();
        assert!((half - quantile).abs() < 5e-5, "{n}: {half}");
    }
    assert_eq!(half_interval(1.0, 1), None);
    // Equal differences leave no doubt, and no difference leaves all of it.
    assert_eq!(p(&[2.0, 2.0], &[1.0, 1.0]).p_value, 0.0);
    assert_eq!(p(&[2.0, 2.0], &[2.0, 2.0]).p_value, 1.0);
    let no_deviation = Summary::of(&[3.0]).unwrap();
    assert_eq!((no_deviation.mean, no_deviation.deviation), (3.0, None));
    assert_eq!(Summary::of(&[]), None);
}

#[test]
fn holm_and_merged_p_values_by_hand() {
    // As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
    for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
        assert!((found - expected).abs() < 1e-15, "{adjusted:?}");
    }
    assert_eq!(holm(&[0.5, 0.4, 0.9]), [1.0, 1.0, 1.0]);
    assert!(holm(&[]).is_empty());
    assert!((merged(&[0.01, 0.02, 0.06]).unwrap() - 0.06).abs() < 1e-15);
    assert_eq!(merged(&[0.4, 0.8]), Some(1.0));
    assert_eq!(merged(&[]), None);
}

#[test]
fn the_bootstrap_equals_resampled_instances() {
    let mut stream = Key::new(5).stream();
    let (groups, a, labels) = random_case(&mut stream, 150);
    let b: Vec<f32> = a.iter().map(|x| x + stream.below(5) as f32).collect();
    let gauc = Gauc::new(&groups, &labels).unwrap();
    let (key, resamples) = (Key::new(6), 200);
    let found = bootstrap(&gauc, &a, &b, resamples, key).unwrap().unwrap();
    let of = |scores: &[f32]| gauc.evaluate(scores).unwrap().gauc.unwrap();
    assert!((found.difference - (of(&a) - of(&b))).abs() < 1e-12);

    // Every draw as a dataset of its own, in which the k-th drawn group is user k.
    let valid: Vec<Vec<usize>> = groups
        .iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|g| (0..groups.len()).filter(|&i| groups[i] == *g).collect())
        .filter(|members: &Vec<usize>| {
            let positives = members.iter().filter(|&&i| labels[i] == 1).count();
            positives > 0 && positives < members.len()
        })
        .collect();
    let mut naive: Vec<f64> = (0..resamples as u64)
        .map(|draw| {
            let mut stream = key.with(draw).stream();
            let (mut user, mut rows) = (Vec::new(), Vec::new());
            for k in 0..valid.len() as u32 {
                for &i in &valid[stream.below(valid.len())] {
                    user.push(k);
                    rows.push(i);
                }
            }
            let labels: Vec<u8> = rows.iter().map(|&i| labels[i]).collect();
            let of = |s: &[f32]| {
                let s: Vec<f32> = rows.iter().map(|&i| s[i]).collect();
                naive_gauc(&user, &s, &labels, |l| l.len() as f64).unwrap()
            };
            of(&a) - of(&b)
        })
        .collect();
    naive.sort_by(f64::total_cmp);
    // 0.025 of the way through 200 values lies between the 5th and the 6th, at 0.975 of their gap.
    let low = naive[4] + 0.975 * (naive[5] - naive[4]);
    let high = naive[194] + 0.025 * (naive[195] - naive[194]);
    assert!((found.low - low).abs() < 1e-12, "{} {low}", found.low);
    assert!((found.high - high).abs() < 1e-12, "{} {high}", found.high);
    let sides = [
        naive.iter().filter(|&&d| d <= 0.0).count(),
        naive.iter().filter(|&&d| d >= 0.0).count(),
    ];
    let least = *sides.iter().min().unwrap() as f64;
    assert_eq!(found.p_value, (2.0 * (least + 1.0) / 201.0).min(1.0));
}

#[test]
fn the_bootstrap_s_interval_is_the_normal_one_for_many_users() {
    // Users of 4 instances each: the difference is a plain mean, whose error is known.
    let (users, mut stream) = (600, Key::new(7).stream());
    let groups: Vec<u32> = (0..users * 4).map(|i| i / 4).collect();
    let labels: Vec<u8> = (0..users * 4).map(|i| u8::from(i % 4 == 0)).collect();
    let mut scores = || -> Vec<f64> { groups.iter().map(|_| stream.uniform()).collect() };
    let (a, b) = (scores(), scores());
    let gauc = Gauc::new(&groups, &labels).unwrap();
    let found = bootstrap(&gauc, &a, &b, 4000, Key::new(8))
        .unwrap()
        .unwrap();
    let differences: Vec<f64> = gauc
        .aucs(&a)
        .unwrap()
        .into_iter()
        .zip(gauc.aucs(&b).unwrap())
        .map(|(a, b)| a - b)
        .collect();
    let Summary { mean, deviation } = Summary::of(&differences).unwrap();
    let half = 1.96 * deviation.unwrap() / f64::from(users).sqrt();
    assert!((found.low - (mean - half)).abs() < 0.08 * half, "{found:?}");
    assert!(
        (found.high - (mean + half)).abs() < 0.08 * half,
        "{found:?}"
    );
    assert!((found.difference - mean).abs() < 1e-12);

    let same = bootstrap(&gauc, &a, &a, 100, Key::new(9)).unwrap().unwrap();
    assert_eq!((same.difference, same.p_value), (0.0, 1.0));
    assert!(bootstrap(&gauc, &a, &b, 0, Key::new(9)).is_err());
    assert!(bootstrap(&gauc, &a, &b[1..], 9, Key::new(9)).is_err());
    let none = Gauc::new(&[1, 2], &[1, 0]).unwrap();
    let undefined = bootstrap(&none, &[0.0, 1.0], &[1.0, 0.0], 9, Key::new(9));
    assert_eq!(undefined.unwrap(), None);
}
