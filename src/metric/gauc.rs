//! GAUC: the mean of the per-group AUCs, weighted by the groups' sizes (model.md 9.1).

use super::rank::{auc_of_pairs, check_finite, check_labels, check_lengths};
use crate::Result;
use crate::data::{Instances, Task};

/// One task's groups, prepared once from the labels and evaluated for many scores.
///
/// A group without a positive or without a negative is skipped in numerator and denominator.
#[derive(Clone, Debug)]
pub struct Gauc {
    labels: Vec<bool>,
    /// Instances of the valid groups, one group after the other.
    instances: Vec<u32>,
    /// Valid group `g` owns `instances[offsets[g]..offsets[g + 1]]`.
    offsets: Vec<usize>,
    /// Number of positives of every valid group.
    positives: Vec<usize>,
}

/// What one set of scores is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaucReport {
    /// Weighted by the number of instances, the paper's definition. `None`, as the other two, when
    /// no group is valid.
    pub gauc: Option<f64>,
    /// Every group weighs 1 (EasyRec's default), for comparison.
    pub gauc_by_group: Option<f64>,
    /// Weighted by the number of positives (RecBole), for comparison.
    pub gauc_by_positives: Option<f64>,
    /// AUC of all instances together. `None` when they are of one class.
    pub auc: Option<f64>,
    /// Number of valid groups.
    pub groups: usize,
    /// Share of the instances that lie in valid groups; 0 when there is no instance.
    pub share: f64,
}

impl Gauc {
    /// The groups of generic instances: `groups[i]` names the group of instance `i`.
    ///
    /// # Errors
    ///
    /// When a label is neither 0 nor 1 or the lengths differ.
    pub fn new<G: Ord>(groups: &[G], labels: &[u8]) -> Result<Self> {
        check_lengths("groups", groups.len(), "labels", labels.len())?;
        check_labels(labels)?;
        let mut order: Vec<u32> = (0..groups.len() as u32).collect();
        let group = |i: u32| &groups[i as usize];
        order.sort_by(|&a, &b| group(a).cmp(group(b)));

        let mut valid = Self {
            labels: labels.iter().map(|&label| label == 1).collect(),
            instances: Vec::new(),
            offsets: vec![0],
            positives: Vec::new(),
        };
        for members in order.chunk_by(|&a, &b| group(a) == group(b)) {
            let positives = members
                .iter()
                .filter(|&&i| valid.labels[i as usize])
                .count();
            if positives > 0 && positives < members.len() {
                valid.instances.extend_from_slice(members);
                valid.offsets.push(valid.instances.len());
                valid.positives.push(positives);
            }
        }
        Ok(valid)
    }

    /// The users' groups of one task among the instances with the given indices; score `i` will be
    /// that of instance `rows[i]`.
    ///
    /// # Panics
    ///
    /// When a row is not an instance.
    pub fn of_users(instances: &Instances, rows: &[u32], task: Task) -> Self {
        let user: Vec<u32> = rows
            .iter()
            .map(|&row| instances.user[row as usize])
            .collect();
        let label: Vec<u8> = rows
            .iter()
            .map(|&row| instances.label(row as usize, task))
            .collect();
        Self::new(&user, &label).expect("a label bit is 0 or 1, and there is one per user")
    }

    /// Number of valid groups.
    pub fn groups(&self) -> usize {
        self.positives.len()
    }

    /// Number of instances of every valid group, the weights of GAUC.
    pub fn sizes(&self) -> Vec<usize> {
        self.offsets.windows(2).map(|w| w[1] - w[0]).collect()
    }

    /// The AUC of every valid group, in the order of [`sizes`](Self::sizes).
    ///
    /// # Errors
    ///
    /// As [`evaluate`](Self::evaluate).
    pub fn aucs<S: Copy + Into<f64>>(&self, scores: &[S]) -> Result<Vec<f64>> {
        check_lengths("scores", scores.len(), "labels", self.labels.len())?;
        check_finite(scores)?;
        let mut pairs = Vec::new();
        let auc = |range: &[usize]| {
            pairs.clear();
            pairs.extend(
                self.instances[range[0]..range[1]]
                    .iter()
                    .map(|&i| (scores[i as usize].into(), self.labels[i as usize])),
            );
            auc_of_pairs(&mut pairs).expect("a valid group has both classes")
        };
        Ok(self.offsets.windows(2).map(auc).collect())
    }

    /// The metrics of one score per instance.
    ///
    /// # Errors
    ///
    /// When a score is not finite or their number is not that of the instances.
    pub fn evaluate<S: Copy + Into<f64>>(&self, scores: &[S]) -> Result<GaucReport> {
        let mut by_size = Mean::default();
        let mut by_group = Mean::default();
        let mut by_positives = Mean::default();
        let groups = self.sizes().into_iter().zip(&self.positives);
        for (auc, (size, &positives)) in self.aucs(scores)?.into_iter().zip(groups) {
            by_size.add(auc, size as f64);
            by_group.add(auc, 1.0);
            by_positives.add(auc, positives as f64);
        }
        let mut pairs: Vec<(f64, bool)> = scores
            .iter()
            .zip(&self.labels)
            .map(|(&score, &label)| (score.into(), label))
            .collect();
        Ok(GaucReport {
            gauc: by_size.get(),
            gauc_by_group: by_group.get(),
            gauc_by_positives: by_positives.get(),
            auc: auc_of_pairs(&mut pairs),
            groups: self.groups(),
            share: self.instances.len() as f64 / self.labels.len().max(1) as f64,
        })
    }
}

/// A weighted mean in the making.
#[derive(Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += weight * value;
        self.weight += weight;
    }

    fn get(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}
