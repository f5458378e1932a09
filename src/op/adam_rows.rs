//! Adam on embedding tables, at a cost that does not depend on the size of the table.
//!
//! A step reads some rows of a table, and the gradient of all others is 0. Adam moves those, too, by
//! their momentum (model.md section 6), a little less every step. Here a row stays as it is until a
//! step reads it, and then makes up for the updates it has missed, in one pass. With `k` missed
//! updates after the `s`-th, and `m`, `v` as they were then,
//!
//! ```text
//! p - rate m sum_j b_j x_j / (sqrt(v) + epsilon x_j)                j = 1..k
//! b_j = beta_1^j / (1 - beta_1^(s + j))        x_j = sqrt((1 - beta_2^(s + j)) / beta_2^j)
//! ```
//!
//! The terms fall by a tenth each, and over the few that count `x_j` changes little, so that two of its
//! values stand for all (Gauss quadrature: the two points and weights that have the first four moments
//! of the distribution of `x_j` under the weights `b_j x_j`). The sum is exact where epsilon is
//! negligible, and off by `(epsilon x_j / sqrt(v))^4` of the spread of `x_j` where it is not.

use std::ops::Range;

use super::adam::{Constants, HostMoments, Pass};
use super::host::vectorised;

/// Moments of a table `[rows, d]` whose rows are updated when they are read.
#[derive(Clone, Debug)]
pub struct RowMoments {
    /// Of every row, as of its last update.
    pub moments: HostMoments,
    /// For every row, how many of the `moments.time` updates its value and its moments include.
    pub included: Vec<u32>,
    d: usize,
}

impl RowMoments {
    /// Zeros, before any update.
    pub fn new(rows: usize, d: usize) -> Self {
        Self::resume(HostMoments::default(), vec![0; rows], d)
    }

    /// Goes on from moments and what their rows include.
    pub fn resume(mut moments: HostMoments, included: Vec<u32>, d: usize) -> Self {
        moments.first.resize(included.len() * d, 0.0);
        moments.second.resize(included.len() * d, 0.0);
        Self {
            moments,
            included,
            d,
        }
    }

    /// Takes every row for up to date, whatever it has missed.
    pub fn forget_missed(&mut self) {
        self.included.fill(self.moments.time as u32);
    }

    /// Some rows of the table `values`, up to date, `[rows.len(), d]`; `missed` is up to as many
    /// updates as there have been.
    pub fn gather(&self, values: &[f32], rows: &[u32], missed: &Missed, rate: f64) -> Vec<f32> {
        let mut gathered = Vec::with_capacity(rows.len() * self.d);
        for &row in rows {
            gathered.extend_from_slice(&values[self.at(row)]);
        }
        vectorised(|| {
            for (&row, values) in rows.iter().zip(gathered.chunks_exact_mut(self.d)) {
                self.make_up(row, values, missed, rate);
            }
        });
        gathered
    }

    /// Brings the values of the whole table up to date; nothing else changes.
    pub fn settle(&self, values: &mut [f32], missed: &Missed, rate: f64) {
        vectorised(|| {
            for (row, values) in values.chunks_exact_mut(self.d).enumerate() {
                self.make_up(row as u32, values, missed, rate);
            }
        });
    }

    /// Brings the moments of the whole table up to date, whose values are.
    pub fn settle_moments(&mut self, missed: &Missed) {
        for row in 0..self.included.len() as u32 {
            self.decay(row, missed);
        }
        self.forget_missed();
    }

    /// One update of some distinct rows of the table `values`, from [`RowMoments::gather`]'s and their
    /// gradients, `[rows.len(), d]` each.
    pub fn update(
        &mut self,
        values: &mut [f32],
        rows: &[u32],
        mut gathered: Vec<f32>,
        gradient: &[f32],
        missed: &Missed,
        rate: f64,
    ) {
        let time = self.moments.time + 1;
        let pass = Pass::new(time, rate, missed.constants);
        vectorised(|| {
            let given = gathered
                .chunks_exact_mut(self.d)
                .zip(gradient.chunks_exact(self.d));
            for (&row, (current, gradient)) in rows.iter().zip(given) {
                self.decay(row, missed);
                let at = self.at(row);
                let HostMoments { first, second, .. } = &mut self.moments;
                let (first, second) = (&mut first[at.clone()], &mut second[at.clone()]);
                pass.update(current, gradient, first, second);
                values[at].copy_from_slice(current);
                self.included[row as usize] = time as u32;
            }
        });
        self.moments.time = time;
    }

    /// Where a row stands.
    #[inline(always)]
    fn at(&self, row: u32) -> Range<usize> {
        row as usize * self.d..(row as usize + 1) * self.d
    }

    /// What a row has missed; none where that is nothing, or where it has no momentum.
    #[inline(always)]
    fn missed(&self, row: u32, missed: &Missed) -> Option<MissedByRow> {
        debug_assert_eq!(missed.now(), self.moments.time);
        let included = self.included[row as usize];
        (included != 0 && included as usize != missed.now()).then(|| missed.after(included))
    }

    /// Moves the values of a row by what it has missed.
    #[inline(always)]
    fn make_up(&self, row: u32, values: &mut [f32], missed: &Missed, rate: f64) {
        let Some(missed) = self.missed(row, missed) else {
            return;
        };
        let [a, b] = missed.weights.map(|weight| (rate * weight) as f32);
        let [at_a, at_b] = missed.shifts;
        let moments = self.moments.first[self.at(row)]
            .iter()
            .zip(&self.moments.second[self.at(row)]);
        for (p, (m, v)) in values.iter_mut().zip(moments) {
            let root = v.sqrt();
            *p -= m * (a / (root + at_a) + b / (root + at_b));
        }
    }

    /// Brings the moments of a row up to date.
    #[inline(always)]
    fn decay(&mut self, row: u32, missed: &Missed) {
        let Some(missed) = self.missed(row, missed) else {
            return;
        };
        let at = self.at(row);
        let [decay_1, decay_2] = missed.decays;
        self.moments.first[at.clone()]
            .iter_mut()
            .for_each(|m| *m *= decay_1);
        self.moments.second[at]
            .iter_mut()
            .for_each(|v| *v *= decay_2);
    }
}

/// What rows have missed after some number of updates.
pub struct Missed {
    constants: Constants,
    /// `sum_j b_j x_j^i` for `i = 1..4`, of the rows that include `0, 1, ..` updates; 0 of those that
    /// include all.
    sums: Vec<[f64; 4]>,
}

impl Missed {
    /// After `now` updates.
    pub fn new(now: usize, constants: Constants) -> Self {
        let [beta_1, beta_2] = betas(constants);
        let mut sums = vec![[0.0; 4]; now + 1];
        // The last factor of each term,
        let (mut power_1, mut power_2) = (1.0, 1.0);
        for sum in &mut sums[..now] {
            (power_1, power_2) = (power_1 * beta_1, power_2 * beta_2);
            let x = f64::sqrt(1.0 - power_2);
            let b = 1.0 / (1.0 - power_1);
            *sum = [b * x, b * x * x, b * x * x * x, b * x * x * x * x];
        }
        // and the sums. A row that includes one update less has missed one more, and each of the others
        // is one more away.
        let ratio = [1, 2, 3, 4].map(|i| beta_1 / beta_2.sqrt().powi(i));
        for included in (0..now).rev() {
            let later = sums[included + 1];
            for ((sum, later), ratio) in sums[included].iter_mut().zip(later).zip(ratio) {
                *sum = ratio * (*sum + later);
            }
        }
        Self { constants, sums }
    }

    fn now(&self) -> usize {
        self.sums.len() - 1
    }

    /// By a row that includes `included` updates, 1 at least.
    fn after(&self, included: u32) -> MissedByRow {
        let [m0, m1, m2, m3] = self.sums[included as usize];
        let mean = m1 / m0;
        let variance = m2 / m0 - mean * mean;
        let third = m3 / m0 - mean * (3.0 * variance + mean * mean);
        let (points, weights) = if variance < 1e-12 * mean * mean {
            ([mean; 2], [m0, 0.0])
        } else {
            let skew = third / (2.0 * variance);
            let spread = (skew * skew + variance).sqrt();
            let upper = m0 * (spread - skew) / (2.0 * spread);
            let points = [mean + skew + spread, mean + skew - spread];
            (points, [upper, m0 - upper])
        };
        let missed = (self.now() - included as usize) as i32;
        let epsilon = f64::from(self.constants.epsilon);
        MissedByRow {
            weights,
            shifts: points.map(|x| (epsilon * x) as f32),
            decays: betas(self.constants).map(|beta| beta.powi(missed) as f32),
        }
    }
}

/// What one row has missed.
struct MissedByRow {
    /// Of the two values of `x`.
    weights: [f64; 2],
    /// `epsilon x` of both.
    shifts: [f32; 2],
    /// Of both moments.
    decays: [f32; 2],
}

fn betas(constants: Constants) -> [f64; 2] {
    [constants.beta_1, constants.beta_2].map(f64::from)
}
