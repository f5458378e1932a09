//! The half year of the log: weekdays, the promotion of 9 September, and the run-up to 11 November.

use crate::data::date::Day;

/// The log's days.
const FIRST: u16 = 511;
const LAST: u16 = 1111;
/// Activity by day of the week, Monday first.
const WEEKDAYS: [f64; 7] = [1.05, 1.04, 1.02, 1.0, 0.95, 0.94, 1.0];
/// Factors of (views, favourites per view, purchases per view) on some days; between them they change
/// evenly. Towards 11 November people look and mark more, and put off buying.
const COURSE: [(u16, [f64; 3]); 6] = [
    (511, [1.0, 0.9, 1.03]),
    (925, [1.0, 1.0, 1.0]),
    (1009, [1.15, 1.25, 1.15]),
    (1025, [1.35, 1.5, 1.15]),
    (1102, [1.7, 2.0, 0.6]),
    (1110, [2.0, 2.4, 0.4]),
];
/// Factors of the two promotions.
const PROMOTIONS: [(u16, [f64; 3]); 2] = [(909, [1.4, 1.1, 2.6]), (1111, [43.0, 0.145, 1.4])];

/// What is special about a day, as factors of a shopper's averages over the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    /// Share of all views that fall on the day.
    pub views: f64,
    /// Favourites per view.
    pub favourites: f64,
    /// Purchases per view.
    pub purchases: f64,
}

/// Every day of the log with its mood.
pub(super) struct Season {
    pub days: Vec<(Day, Mood)>,
}

impl Season {
    pub fn new() -> Self {
        let number = |mmdd| {
            Day::from_mmdd(mmdd)
                .expect("the season's days are of 2014")
                .number()
        };
        let mut days: Vec<(Day, Mood)> = (number(FIRST)..=number(LAST))
            .filter_map(Day::from_number)
            .map(|today| {
                let promotion = PROMOTIONS.iter().find(|&&(mmdd, _)| mmdd == today.mmdd());
                let factors = promotion.map_or_else(
                    || course(f64::from(today.number()), |mmdd| f64::from(number(mmdd))),
                    |&(_, factors)| factors,
                );
                let [views, favourites, purchases] = factors;
                let views = views * WEEKDAYS[today.weekday()];
                (
                    today,
                    Mood {
                        views,
                        favourites,
                        purchases,
                    },
                )
            })
            .collect();
        // Shares sum to 1, and so do the actions they bring.
        let sum = |of: fn(&Mood) -> f64| days.iter().map(|(_, mood)| of(mood)).sum::<f64>();
        let views = sum(|m| m.views);
        let favourites = sum(|m| m.views * m.favourites) / views;
        let purchases = sum(|m| m.views * m.purchases) / views;
        for (_, mood) in &mut days {
            mood.views /= views;
            mood.favourites /= favourites;
            mood.purchases /= purchases;
        }
        Self { days }
    }
}

/// The course of the season on a day between its first and last.
fn course(today: f64, number: impl Fn(u16) -> f64) -> [f64; 3] {
    let leg = COURSE
        .windows(2)
        .find(|leg| today <= number(leg[1].0))
        .unwrap_or(&COURSE[4..]);
    let part = (today - number(leg[0].0)) / (number(leg[1].0) - number(leg[0].0));
    std::array::from_fn(|k| leg[0].1[k] + (leg[1].1[k] - leg[0].1[k]) * part)
}
