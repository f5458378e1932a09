//! A seeded generator of log rows in the contest's schema, whose terms forbid to pass the log on.
//!
//! The story it tells: a catalogue of items that share categories, merchants and brands, sell more or
//! less well, and come and go ([`catalogue`]); shoppers with a latent taste, a few shelves they
//! return to, and habits of their own ([`shopper`]); and a season with weekdays, a promotion and the
//! run-up to 11 November ([`season`]). A shopper looks at items of the shelves they like and marks
//! some as favourites and buys some, each by a bilinear form of its own in the shopper's and the
//! item's latent vectors, plus chance. Nothing is planted for one model: the numbers at the top of
//! each file are set so that the log's marginals and overlaps resemble the contest's (`docs/data.md`).
//!
//! The catalogue is held in memory; the log is generated shopper by shopper and never held.

mod catalogue;
mod latent;
mod season;
mod shopper;

use self::catalogue::Catalogue;
use self::season::Season;
use self::shopper::{Demography, Shopper};
use super::prepare::{PrepareConfig, Prepared, Preparer};
use super::row::{Row, UserInfo};
use crate::random::Key;
use crate::{Error, ErrorKind, Result};

/// Streams of random numbers, one per part of the generator.
const CATALOGUE: u64 = 1;
const DEMOGRAPHY: u64 = 2;
const SHOPPERS: u64 = 3;

/// What to generate. The same values give the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynthConfig {
    /// Seed of everything.
    pub seed: u64,
    /// Number of users; their ids are 1 to `users`.
    pub users: usize,
    /// Number of items in the catalogue; their ids are 1 to `items`.
    pub items: usize,
    /// How many times as much as the contest's average user these users look, mark and buy.
    pub activity: f64,
}

/// The generator.
pub struct Synth {
    config: SynthConfig,
    catalogue: Catalogue,
    demography: Demography,
    season: Season,
}

impl Synth {
    /// Draws the catalogue. Fails when there are no users, or fewer items than make a catalogue.
    pub fn new(config: SynthConfig) -> Result<Self> {
        let fits = |n: usize, least: usize| n >= least && u32::try_from(n).is_ok();
        if !fits(config.users, 1) || !fits(config.items, 50) {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "cannot generate {} users and {} items",
                    config.users, config.items
                ),
                "Ask for at least 1 user and 50 items, and at most 4,294,967,295 of each.",
            ));
        }
        if !(0.01..=100.0).contains(&config.activity) {
            return Err(Error::new(
                ErrorKind::Config,
                format!("the activity is {}", config.activity),
                "Choose a number from 0.01 to 100; 1 is the contest's average user.",
            ));
        }
        let key = Key::new(config.seed);
        Ok(Self {
            config,
            catalogue: Catalogue::new(config.items, key.with(CATALOGUE)),
            demography: Demography::new(key.with(DEMOGRAPHY)),
            season: Season::new(),
        })
    }

    /// The shopper with an id from 1 on.
    fn shopper(&self, user: u64) -> Shopper<'_> {
        let key = Key::new(self.config.seed).with(SHOPPERS).with(user);
        Shopper::new(user, self, key)
    }

    /// Hands every row of the log to `emit`, user by user and day by day, until it fails.
    pub fn rows(&self, mut emit: impl FnMut(&Row) -> Result<()>) -> Result<()> {
        (1..=self.config.users as u64).try_for_each(|user| self.shopper(user).shop(&mut emit))
    }

    /// The user table.
    pub fn users(&self) -> impl Iterator<Item = UserInfo> + '_ {
        (1..=self.config.users as u64).map(|user| self.shopper(user).info())
    }

    /// The true taste of a user for an item, by raw id, for favourite and purchase: what no model can
    /// know better. Used to measure how much of the labels is chance.
    ///
    /// # Panics
    /// When the item is not in the catalogue.
    pub fn taste(&self, user: u64, item: u64) -> [f64; 2] {
        self.catalogue
            .taste(self.shopper(user).latent(), item as usize - 1)
    }

    /// Turns the rows into a dataset, as if they had been read from files.
    pub fn prepare(&self, config: PrepareConfig) -> Result<Prepared> {
        let mut preparer = Preparer::new(config)?;
        self.rows(|row| preparer.push(row))?;
        self.users().for_each(|info| preparer.push_info(info));
        preparer.finish()
    }
}

/// The bundled dataset: what to generate, and the dense core that is cut out of it.
pub mod bundled {
    use super::SynthConfig;
    use crate::data::prepare::{CoreSize, PrepareConfig};

    /// The seed.
    pub const SEED: u64 = 1;
    /// Users of the log.
    pub const USERS: usize = 10_000;
    /// Items of the log.
    pub const ITEMS: usize = 20_000;
    /// Activity of the users: a dense core keeps the active ones (model.md 3.4), so they are
    /// generated in the first place.
    pub const ACTIVITY: f64 = 3.5;

    /// The generator's settings.
    pub fn synth() -> SynthConfig {
        SynthConfig {
            seed: SEED,
            users: USERS,
            items: ITEMS,
            activity: ACTIVITY,
        }
    }

    /// How generated rows are prepared: those of users with a valid test group.
    pub fn prepare(synth: SynthConfig) -> PrepareConfig {
        let SynthConfig {
            seed,
            users,
            items,
            activity,
        } = synth;
        PrepareConfig {
            name: "IJCAI-15 synthetic".into(),
            synthetic: true,
            provenance: format!(
                "Synthetic: generated by `moge synth` (seed {seed}, {users} users, {items} items, \
                 activity {activity}) in the schema of the IJCAI-15 contest; no row is real."
            ),
            core: Some(CoreSize {
                users,
                items,
                k: CoreSize::K,
            }),
            ..PrepareConfig::default()
        }
    }
}
