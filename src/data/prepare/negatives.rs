//! Sampled negatives (D3): for logs without clicks, where every pair is a positive of some task.

use std::collections::HashSet;

use crate::data::dataset::Instances;
use crate::random::Key;

/// Popularity is raised to this power, as in word2vec.
const EXPONENT: f64 = 0.75;
/// Draws per wanted negative before giving up on a user who knows nearly every item.
const ATTEMPTS: usize = 50;

/// Draws items by popularity^0.75.
pub(super) struct Sampler {
    cumulative: Vec<f64>,
}

impl Sampler {
    /// `popularity[i]` is how often item `i` occurs; items with 0 are never drawn.
    pub fn new(popularity: &[u32]) -> Self {
        let mut total = 0.0;
        let cumulative = popularity.iter().map(|&n| {
            total += f64::from(n).powf(EXPONENT);
            total
        });
        Self {
            cumulative: cumulative.collect(),
        }
    }

    fn draw(&self, uniform: f64) -> u32 {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        self.cumulative
            .partition_point(|&below| below <= uniform * total) as u32
    }

    /// Adds `ratio` unlabelled pairs per positive of `instances`, on the positive's day, with items
    /// on which the user is active neither here nor in `also` (the rest of the same window), each
    /// item at most once per user. Leaves the instances unsorted.
    pub fn add(&self, instances: &mut Instances, also: &Instances, ratio: u32, key: Key) {
        if self.cumulative.last().is_none_or(|&total| total <= 0.0) {
            return;
        }
        let mut taken: HashSet<(u32, u32)> = [&*instances, also]
            .into_iter()
            .flat_map(|part| part.user.iter().copied().zip(part.item.iter().copied()))
            .collect();
        for positive in 0..instances.len() {
            if instances.labels[positive] == 0 {
                continue;
            }
            let (user, day) = (instances.user[positive], instances.day[positive]);
            let mut stream = key.with(positive as u64).stream();
            for _ in 0..ratio {
                let fresh = (0..ATTEMPTS)
                    .map(|_| self.draw(stream.uniform()))
                    .find(|&item| taken.insert((user, item)));
                if let Some(item) = fresh {
                    instances.user.push(user);
                    instances.item.push(item);
                    instances.labels.push(0);
                    instances.day.push(day);
                    instances.sampled.push(true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_follow_the_power_and_the_unseen_are_never_drawn() {
        let sampler = Sampler::new(&[0, 16, 0, 1, 81]);
        let mut stream = Key::new(5).stream();
        let mut counts = [0u32; 5];
        for _ in 0..36_000 {
            counts[sampler.draw(stream.uniform()) as usize] += 1;
        }
        assert_eq!((counts[0], counts[2]), (0, 0));
        // 16^.75 : 1 : 81^.75 = 8 : 1 : 27
        for (item, expected) in [(1, 8_000.0), (3, 1_000.0), (4, 27_000.0)] {
            assert!((f64::from(counts[item]) - expected).abs() < 0.03 * expected + 60.0);
        }
    }
}
