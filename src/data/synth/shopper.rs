//! One user: who they are, what they like, and half a year of shopping.

use std::collections::HashSet;

use super::Synth;
use super::catalogue::{Catalogue, Weighted};
use super::latent::Latent;
use super::season::{Mood, Season};
use crate::Result;
use crate::data::row::{Action, Row, UserInfo};
use crate::random::{Key, Stream};

/// Users per `age_range` (0 unknown, 1 to 8) and gender (unknown, female, male) in the contest.
const AGES: [f64; 9] = [
    95_131.0, 24.0, 52_871.0, 111_654.0, 79_991.0, 40_777.0, 35_464.0, 6_992.0, 1_266.0,
];
const GENDERS: [f64; 3] = [16_862.0, 285_638.0, 121_670.0];
/// Part of taste that goes with age and gender.
const DEMOGRAPHIC_PART: f64 = 0.5;

/// Lognormal (mu, sigma) of the favourites and purchases a user means to make in the half year, and
/// of the views beyond those that these take; how the three go together.
const AMOUNTS: [(f64, f64); 2] = [(2.2, 1.25), (2.47, 0.38)];
const VIEWS: (f64, f64) = (4.3, 1.15);
const AMOUNT_WITH_VIEWS: [f64; 2] = [-0.05, 0.2];
const VIEWS_PER_ACTION: f64 = 0.8;
/// Nobody looks more than a user so many sigmas above the mean.
const MOST_VIEWS: f64 = 2.5;
/// Share of users who never mark a favourite.
const NEVER_FAVOURITE: f64 = 0.28;
/// Views of a shopping day, at least on average, at activity 1; it grows as the root of the activity.
const SESSION: f64 = 4.0;

/// Shelves a user returns to, how strongly taste picks them, how fast their weights fall, and how
/// often the user looks elsewhere.
const SHELVES: (usize, usize) = (6, 16);
const PULL: f64 = 0.9;
const SHELF_DECAY: f64 = 0.6;
const ELSEWHERE: f64 = 0.22;
/// How often a view is of something seen before, among so many last views.
const AGAIN: f64 = 0.12;
const REMEMBERED: usize = 20;

/// How sharply taste chooses, by task.
const SHARPNESS: [f64; 2] = [1.5, 1.5];
/// How much the wish to mark and to buy differs from day to day (sigma of a lognormal).
const BURST: [f64; 2] = [1.1, 0.8];
/// No view leads to an action with more than this probability.
const MOST: f64 = 0.85;
/// Actions without a click row: favourites and purchases.
const UNCLICKED: [f64; 2] = [0.85, 0.15];
/// Further clicks, purchases of more than one row, and carts.
const MORE_CLICKS: f64 = 0.27;
const MORE_PURCHASES: f64 = 0.10;
const CART: f64 = 0.0016;
/// What is marked is bought at once this much less often; but it is bought later with a probability
/// of so much at average taste, after a lag of 1 and a lognormal (mu, sigma) number of days.
const NOT_YET: f64 = 0.2;
const LATER: f64 = 0.065;
const LAG: (f64, f64) = (0.2, 1.8);

/// How taste goes with age and gender.
pub(super) struct Demography {
    ages: Weighted<u8>,
    genders: Weighted<u8>,
    tastes: Vec<Latent>,
}

impl Demography {
    pub fn new(key: Key) -> Self {
        let mut stream = key.stream();
        let weighted = |shares: &[f64]| {
            let mut weighted = Weighted::default();
            (0..)
                .zip(shares)
                .for_each(|(value, &share)| weighted.push(value, share));
            weighted
        };
        let tastes = (0..AGES.len() * GENDERS.len())
            .map(|_| Latent::draw(&mut stream))
            .collect();
        Self {
            ages: weighted(&AGES),
            genders: weighted(&GENDERS),
            tastes,
        }
    }
}

/// One item looked at.
struct View {
    /// Day of the season.
    at: usize,
    item: u32,
    /// How much the user tends to mark it, and to buy it.
    drive: [f64; 2],
}

/// One user.
pub(super) struct Shopper<'w> {
    catalogue: &'w Catalogue,
    season: &'w Season,
    stream: Stream,
    info: UserInfo,
    latent: Latent,
    views: f64,
    /// Views of a shopping day, at least on average.
    session: f64,
    /// Favourites and purchases the user means to make.
    amounts: [f64; 2],
}

impl<'w> Shopper<'w> {
    pub fn new(user: u64, synth: &'w Synth, key: Key) -> Self {
        let Synth {
            config,
            catalogue,
            demography,
            season,
        } = synth;
        let mut stream = key.stream();
        let age = demography.ages.draw(&mut stream);
        let gender = demography.genders.draw(&mut stream);
        let shared = &demography.tastes[usize::from(age) * GENDERS.len() + usize::from(gender)];
        let own = (1.0 - DEMOGRAPHIC_PART * DEMOGRAPHIC_PART).sqrt();
        let latent = Latent::mix([
            (DEMOGRAPHIC_PART, shared),
            (own, &Latent::draw(&mut stream)),
        ]);

        let level = stream.normal().min(MOST_VIEWS);
        let amounts: [f64; 2] = std::array::from_fn(|task| {
            let ((mu, sigma), rho) = (AMOUNTS[task], AMOUNT_WITH_VIEWS[task]);
            let z = rho * level + (1.0 - rho * rho).sqrt() * stream.normal();
            config.activity * (mu + sigma * z).exp()
        });
        let amounts = [
            if stream.uniform() < NEVER_FAVOURITE {
                0.0
            } else {
                amounts[0]
            },
            amounts[1],
        ];
        let views = config.activity * (VIEWS.0 + VIEWS.1 * level).exp()
            + VIEWS_PER_ACTION * (amounts[0] + amounts[1]);
        let info = UserInfo { user, age, gender };
        let session = SESSION * config.activity.sqrt();
        Self {
            catalogue,
            season,
            stream,
            info,
            latent,
            views,
            session,
            amounts,
        }
    }

    pub fn info(&self) -> UserInfo {
        self.info
    }

    pub fn latent(&self) -> &Latent {
        &self.latent
    }

    /// Lives through the season and emits a row per action.
    pub fn shop(mut self, emit: &mut impl FnMut(&Row) -> Result<()>) -> Result<()> {
        let views = self.browse();
        let total = |task: usize| views.iter().map(|view| view.drive[task]).sum::<f64>();
        let rates = [0, 1].map(|task| self.amounts[task] / total(task));
        let mut bought = HashSet::new();
        let mut wishes: Vec<(usize, u32)> = Vec::new();
        let mut views = views.as_slice();
        let season = self.season;
        for (at, &(day, _)) in season.days.iter().enumerate() {
            let (today, rest) = views.split_at(views.partition_point(|view| view.at == at));
            views = rest;
            let mut actions = Vec::new();
            for view in today {
                if let Some(lag) = self.act(view, rates, &mut bought, &mut actions) {
                    wishes.push((at + lag, view.item));
                }
            }
            for &(_, item) in wishes.iter().filter(|&&(due, _)| due == at) {
                if self.catalogue.items[item as usize].on_sale(at) && bought.insert(item) {
                    actions.extend([(item, Action::Click), (item, Action::Purchase)]);
                }
            }
            for (item, action) in actions {
                emit(&self.row(item, day, action))?;
            }
        }
        Ok(())
    }

    /// Everything the user looks at, in order.
    fn browse(&mut self) -> Vec<View> {
        let shelves = self.choose_shelves();
        let mut views: Vec<View> = Vec::new();
        let season = self.season;
        for (at, &(_, mood)) in season.days.iter().enumerate() {
            let views_today = self.session(mood);
            let bursts = BURST.map(|sigma| (sigma * self.stream.normal()).exp());
            for _ in 0..views_today {
                let Some(item) = self.look(&shelves, &views, at) else {
                    continue;
                };
                let taste = self.catalogue.taste(&self.latent, item as usize);
                let moods = [mood.favourites * bursts[0], mood.purchases * bursts[1]];
                let drive = [0, 1].map(|task| moods[task] * (SHARPNESS[task] * taste[task]).exp());
                views.push(View { at, item, drive });
            }
        }
        views
    }

    fn row(&self, item: u32, day: crate::data::date::Day, action: Action) -> Row {
        let details = &self.catalogue.items[item as usize];
        let shelf = &self.catalogue.shelves[details.shelf as usize];
        Row {
            user: self.info.user,
            item: u64::from(item) + 1,
            category: shelf.category,
            merchant: shelf.merchant,
            brand: details.brand,
            day,
            action,
        }
    }

    fn choose_shelves(&mut self) -> Weighted<u32> {
        let number = SHELVES.0 + self.stream.below(SHELVES.1 - SHELVES.0 + 1);
        let mut shelves = Weighted::default();
        for rank in 1..=number {
            let shelf = self
                .catalogue
                .shelf_for(&self.latent, PULL, &mut self.stream);
            shelves.push(shelf, (rank as f64).powf(-SHELF_DECAY));
        }
        shelves
    }

    /// Number of views on a day: none, or one and a geometric number more.
    fn session(&mut self, mood: Mood) -> usize {
        let expected = self.views * mood.views;
        let active = 1.0 - (-expected / self.session).exp();
        if self.stream.uniform() >= active {
            return 0;
        }
        1 + self.geometric(expected / active - 1.0)
    }

    /// A geometric number with this mean, from 0 on.
    fn geometric(&mut self, mean: f64) -> usize {
        let more = mean / (1.0 + mean);
        ((1.0 - self.stream.uniform()).ln() / more.ln()) as usize
    }

    /// The next item looked at.
    fn look(&mut self, shelves: &Weighted<u32>, seen: &[View], at: usize) -> Option<u32> {
        let stream = &mut self.stream;
        if !seen.is_empty() && stream.uniform() < AGAIN {
            let item = seen[seen.len() - 1 - stream.below(seen.len().min(REMEMBERED))].item;
            return Some(item).filter(|&item| self.catalogue.items[item as usize].on_sale(at));
        }
        let shelf = match stream.uniform() < ELSEWHERE {
            true => self.catalogue.any_shelf(stream),
            false => shelves.draw(stream),
        };
        self.catalogue.item_on(shelf, at, stream)
    }

    /// What a view leads to, added to the day's actions; the lag of a later purchase, if there is to
    /// be one.
    fn act(
        &mut self,
        view: &View,
        rates: [f64; 2],
        bought: &mut HashSet<u32>,
        actions: &mut Vec<(u32, Action)>,
    ) -> Option<usize> {
        let item = view.item;
        let stream = &mut self.stream;
        let mut does = |task: usize, factor: f64| {
            stream.uniform() < (rates[task] * view.drive[task] * factor).min(MOST)
        };
        let favourite = does(0, 1.0);
        let purchase = does(1, if favourite { NOT_YET } else { 1.0 });
        let taste = self.catalogue.taste(&self.latent, item as usize)[1];
        let unseen = match (favourite, purchase) {
            (_, true) => UNCLICKED[1],
            (true, false) => UNCLICKED[0],
            (false, false) => 0.0,
        };
        let clicked = stream.uniform() >= unseen;
        let cart = stream.uniform() < CART;
        let twice = purchase && stream.uniform() < MORE_PURCHASES;
        let later = favourite && stream.uniform() < LATER * taste.exp();
        let lag = (LAG.0 + LAG.1 * stream.normal()).exp();
        if clicked {
            let clicks = 1 + self.geometric(MORE_CLICKS);
            actions.extend(std::iter::repeat_n((item, Action::Click), clicks));
        }
        for (done, action) in [
            (cart, Action::Cart),
            (favourite, Action::Favourite),
            (purchase, Action::Purchase),
            (twice, Action::Purchase),
        ] {
            if done {
                actions.push((item, action));
            }
        }
        if purchase {
            bought.insert(item);
        }
        later.then_some(1 + lag.min(365.0) as usize)
    }
}
