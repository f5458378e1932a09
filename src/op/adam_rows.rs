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

use std::array;
use std::ops::Range;

use multiversion::multiversion;

use super::adam::{Constants, HostMoments, Pass};

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
        make_up(self, &mut gathered, rows, missed, rate);
        gathered
    }

    /// Brings the values of the whole table up to date; nothing else changes.
    pub fn settle(&self, values: &mut [f32], missed: &Missed, rate: f64) {
        make_up(self, values, &self.all(), missed, rate);
    }

    /// Brings the moments of the whole table up to date, whose values are.
    pub fn settle_moments(&mut self, missed: &Missed) {
        for row in self.all() {
            let (at, missed) = (self.at(row), self.missed(row, missed));
            if let Some(missed) = missed {
                let HostMoments { first, second, .. } = &mut self.moments;
                missed.decay(&mut first[at.clone()], &mut second[at]);
            }
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
        update(self, values, rows, &mut gathered, gradient, missed, pass);
        for &row in rows {
            self.included[row as usize] = time as u32;
        }
        self.moments.time = time;
    }

    fn all(&self) -> Vec<u32> {
        (0..self.included.len() as u32).collect()
    }

    /// Where a row stands.
    #[inline(always)]
    fn at(&self, row: u32) -> Range<usize> {
        row as usize * self.d..(row as usize + 1) * self.d
    }

    /// What a row has missed; none where that is nothing, or where it has no momentum.
    #[inline(always)]
    fn missed<'a>(&self, row: u32, missed: &'a Missed) -> Option<&'a MissedByRow> {
        debug_assert_eq!(missed.by_included.len(), self.moments.time);
        match self.included[row as usize] {
            0 => None,
            included => missed.by_included.get(included as usize),
        }
    }
}

/// Brings the values of some rows up to date.
#[multiversion(targets = "simd")]
fn make_up(of: &RowMoments, values: &mut [f32], rows: &[u32], missed: &Missed, rate: f64) {
    for (&row, values) in rows.iter().zip(values.chunks_exact_mut(of.d)) {
        if let Some(missed) = of.missed(row, missed) {
            let (at, moments) = (of.at(row), &of.moments);
            missed.make_up(
                values,
                &moments.first[at.clone()],
                &moments.second[at],
                rate,
            );
        }
    }
}

/// Updates the moments of some rows and `current`, their values, and writes these to the table.
#[multiversion(targets = "simd")]
fn update(
    of: &mut RowMoments,
    table: &mut [f32],
    rows: &[u32],
    current: &mut [f32],
    gradient: &[f32],
    missed: &Missed,
    pass: Pass,
) {
    let given = current
        .chunks_exact_mut(of.d)
        .zip(gradient.chunks_exact(of.d));
    for (&row, (current, gradient)) in rows.iter().zip(given) {
        let (at, missed) = (of.at(row), of.missed(row, missed));
        let HostMoments { first, second, .. } = &mut of.moments;
        let (first, second) = (&mut first[at.clone()], &mut second[at.clone()]);
        if let Some(missed) = missed {
            missed.decay(first, second);
        }
        pass.update(current, gradient, first, second);
        table[at].copy_from_slice(current);
    }
}

/// What rows have missed after some number of updates.
pub struct Missed {
    constants: Constants,
    /// Of the rows that include `0, 1, ..` updates, up to those that miss one.
    by_included: Vec<MissedByRow>,
}

impl Missed {
    /// After `now` updates.
    pub fn new(now: usize, constants: Constants) -> Self {
        let [beta_1, beta_2] = [constants.beta_1, constants.beta_2].map(f64::from);
        // What the first update that is missed adds to `sum_j b_j x_j^i` for `i = 1..4`, but for the
        // ratios below;
        let (mut power_1, mut power_2) = (1.0, 1.0);
        let first = (0..now).map(|_| {
            (power_1, power_2) = (power_1 * beta_1, power_2 * beta_2);
            let x = f64::sqrt(1.0 - power_2);
            let b = 1.0 / (1.0 - power_1);
            [b * x, b * x * x, b * x * x * x, b * x * x * x * x]
        });
        let first: Vec<_> = first.collect();
        // and the sums. A row that includes one update less has missed one more, and each of the others
        // is one more away.
        let ratio = [1, 2, 3, 4].map(|i| beta_1 / beta_2.sqrt().powi(i));
        let (mut sums, mut decays) = ([0.0; 4], [1.0; 2]);
        let by_missed = first.into_iter().rev().map(|first| {
            sums = array::from_fn(|i| ratio[i] * (first[i] + sums[i]));
            decays = [decays[0] * beta_1, decays[1] * beta_2];
            MissedByRow::new(sums, decays, constants.epsilon)
        });
        let mut by_included: Vec<_> = by_missed.collect();
        by_included.reverse();
        Self {
            constants,
            by_included,
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

impl MissedByRow {
    /// From `sum_j b_j x_j^i` for `i = 1..4`.
    fn new([m0, m1, m2, m3]: [f64; 4], decays: [f64; 2], epsilon: f32) -> Self {
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
        Self {
            weights,
            shifts: points.map(|x| (f64::from(epsilon) * x) as f32),
            decays: decays.map(|decay| decay as f32),
        }
    }

    /// Moves the values of a row that has these moments.
    #[inline(always)]
    fn make_up(&self, values: &mut [f32], first: &[f32], second: &[f32], rate: f64) {
        let [a, b] = self.weights.map(|weight| (rate * weight) as f32);
        let [at_a, at_b] = self.shifts;
        for (p, (m, v)) in values.iter_mut().zip(first.iter().zip(second)) {
            let root = v.sqrt();
            *p -= m * (a / (root + at_a) + b / (root + at_b));
        }
    }

    /// Brings the moments of a row up to date.
    #[inline(always)]
    fn decay(&self, first: &mut [f32], second: &mut [f32]) {
        let [decay_1, decay_2] = self.decays;
        first.iter_mut().for_each(|m| *m *= decay_1);
        second.iter_mut().for_each(|v| *v *= decay_2);
    }
}
