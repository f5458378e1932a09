//! Items, and the categories, merchants and brands they share.

use super::latent::{Form, Latent};
use crate::random::{Key, Stream};

/// Items per category, per merchant and per brand.
const ITEMS_PER_CATEGORY: usize = 140;
const ITEMS_PER_MERCHANT: usize = 110;
const ITEMS_PER_BRAND: usize = 70;
/// Shelves (category x merchant) of a merchant are 1 to this many.
const MAX_SHELVES: usize = 4;
/// Shelves among which a shopper chooses one to return to.
const SHELVES_IN_SIGHT: usize = 12;
/// Spread (sigma of the lognormal) of the sizes of shelves, of how well merchants are known, and of
/// how well the items of one shelf sell.
const SHELF_SIGMA: f64 = 0.8;
const MERCHANT_SIGMA: f64 = 0.4;
const ITEM_SIGMA: f64 = 0.4;
/// What an item is: its category, its merchant, its brand, and itself (squares sum to 1).
const CATEGORY_PART: f64 = 0.55;
const MERCHANT_PART: f64 = 0.55;
const BRAND_PART: f64 = 0.45;
const OWN_PART: f64 = 0.44;
/// Share of items whose brand is not one of their merchant's.
const FOREIGN_BRAND: f64 = 0.15;
/// Share of items without a brand.
const NO_BRAND: f64 = 0.002;
/// Share of items that were there before the log, and the lognormal (mu, sigma) of the days that
/// items live: most come and go quickly, some stay.
const OLD: f64 = 0.08;
const LIFE: (f64, f64) = (2.75, 1.2);
/// Correlation of the two tasks' forms, and the part of taste that is the same for everybody.
const TASK_CORRELATION: f64 = 0.3;
const APPEAL: f64 = 0.45;

/// One item.
pub(super) struct Item {
    /// Its shelf.
    pub shelf: u32,
    /// Its brand, from 1; 0 is none.
    pub brand: u64,
    latent: Latent,
    /// What everybody thinks of it, by task.
    appeal: [f64; 2],
    /// First and last day on sale, counted from the first day of the log.
    on_sale: (i32, i32),
}

impl Item {
    /// Whether the item can be had on a day, counted from the first day of the log.
    pub fn on_sale(&self, day: usize) -> bool {
        (self.on_sale.0..=self.on_sale.1).contains(&(day as i32))
    }
}

/// What one merchant sells of one category.
pub(super) struct Shelf {
    /// From 1.
    pub category: u64,
    /// From 1.
    pub merchant: u64,
    latent: Latent,
    items: Weighted<u32>,
}

/// Everything on sale in the half year.
pub(super) struct Catalogue {
    pub items: Vec<Item>,
    pub shelves: Vec<Shelf>,
    /// Shelves by how many people pass them.
    by_visits: Weighted<u32>,
    forms: [Form; 2],
}

impl Catalogue {
    pub fn new(items: usize, key: Key) -> Self {
        let mut stream = key.stream();
        let stream = &mut stream;
        let latents = |per: usize, stream: &mut Stream| -> Vec<Latent> {
            (0..(items / per).max(2))
                .map(|_| Latent::draw(stream))
                .collect()
        };
        let categories = latents(ITEMS_PER_CATEGORY, stream);
        let merchants = latents(ITEMS_PER_MERCHANT, stream);
        let brands = latents(ITEMS_PER_BRAND, stream);
        let forms = Form::pair(TASK_CORRELATION, stream);

        let mut shelves = Vec::new();
        let (mut sizes, mut visits) = (Weighted::default(), Weighted::default());
        for (m, merchant) in merchants.iter().enumerate() {
            let known = (MERCHANT_SIGMA * stream.normal()).exp();
            for _ in 0..1 + stream.below(MAX_SHELVES) {
                let c = stream.below(categories.len());
                let half = 0.5f64.sqrt();
                let size = (SHELF_SIGMA * stream.normal()).exp();
                sizes.push(shelves.len() as u32, size);
                visits.push(shelves.len() as u32, size * known);
                shelves.push(Shelf {
                    category: c as u64 + 1,
                    merchant: m as u64 + 1,
                    latent: Latent::mix([(half, &categories[c]), (half, merchant)]),
                    items: Weighted::default(),
                });
            }
        }
        let items = (0..items as u32).map(|number| {
            let shelf = sizes.draw(stream);
            let Shelf {
                category, merchant, ..
            } = shelves[shelf as usize];
            let brand = match stream.uniform() < FOREIGN_BRAND {
                true => stream.below(brands.len()),
                // A merchant's own brands are those of its number, modulo the number of merchants.
                false => {
                    let own = (brands.len() - 1 - (merchant as usize - 1) % brands.len())
                        / merchants.len();
                    (merchant as usize - 1) % brands.len() + merchants.len() * stream.below(own + 1)
                }
            };
            let latent = Latent::mix([
                (CATEGORY_PART, &categories[category as usize - 1]),
                (MERCHANT_PART, &merchants[merchant as usize - 1]),
                (BRAND_PART, &brands[brand]),
                (OWN_PART, &Latent::draw(stream)),
            ]);
            let first = match stream.uniform() < OLD {
                true => i32::MIN,
                false => stream.below(185) as i32,
            };
            let life = (LIFE.0 + LIFE.1 * stream.normal()).exp() as i32;
            shelves[shelf as usize]
                .items
                .push(number, (ITEM_SIGMA * stream.normal()).exp());
            Item {
                shelf,
                brand: if stream.uniform() < NO_BRAND {
                    0
                } else {
                    brand as u64 + 1
                },
                latent,
                appeal: [stream.normal(), stream.normal()],
                on_sale: (first, first.max(0) + life),
            }
        });
        let items = items.collect();
        Self {
            items,
            shelves,
            by_visits: visits,
            forms,
        }
    }

    /// How much a shopper with this latent vector likes an item, for favourite and for purchase;
    /// roughly standard normal over all pairs.
    pub fn taste(&self, shopper: &Latent, item: usize) -> [f64; 2] {
        let item = &self.items[item];
        let own = (1.0 - APPEAL * APPEAL).sqrt();
        std::array::from_fn(|task| {
            own * self.forms[task].value(shopper, &item.latent) + APPEAL * item.appeal[task]
        })
    }

    /// A shelf for a shopper to return to: the one of a few busy ones that is drawn by `pull` times
    /// the affinity.
    pub fn shelf_for(&self, shopper: &Latent, pull: f64, stream: &mut Stream) -> u32 {
        let mut liked = Weighted::default();
        for _ in 0..SHELVES_IN_SIGHT {
            let shelf = self.by_visits.draw(stream);
            let affinity = shopper.affinity(&self.shelves[shelf as usize].latent);
            liked.push(shelf, (pull * affinity).exp());
        }
        liked.draw(stream)
    }

    /// Any shelf, by how many people pass it.
    pub fn any_shelf(&self, stream: &mut Stream) -> u32 {
        self.by_visits.draw(stream)
    }

    /// An item of a shelf that is on sale on a day, by how well it sells; `None` when a few draws
    /// find none.
    pub fn item_on(&self, shelf: u32, day: usize, stream: &mut Stream) -> Option<u32> {
        let items = &self.shelves[shelf as usize].items;
        (0..8)
            .filter(|_| !items.is_empty())
            .map(|_| items.draw(stream))
            .find(|&item| self.items[item as usize].on_sale(day))
    }
}

/// Things to draw by weight.
pub(super) struct Weighted<T> {
    things: Vec<T>,
    cumulative: Vec<f64>,
}

impl<T> Default for Weighted<T> {
    fn default() -> Self {
        Self {
            things: Vec::new(),
            cumulative: Vec::new(),
        }
    }
}

impl<T: Copy> Weighted<T> {
    pub fn push(&mut self, thing: T, weight: f64) {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        self.things.push(thing);
        self.cumulative.push(total + weight);
    }

    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// One of the things; there must be one.
    pub fn draw(&self, stream: &mut Stream) -> T {
        let total = self.cumulative[self.cumulative.len() - 1];
        let at = stream.uniform() * total;
        let found = self.cumulative.partition_point(|&below| below <= at);
        self.things[found.min(self.things.len() - 1)]
    }
}
