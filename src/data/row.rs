//! One row of the log and one of the user table, in the contest's schema.

use super::date::Day;

/// What a user did to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Looked at it.
    Click = 0,
    /// Put it in the cart.
    Cart = 1,
    /// Bought it.
    Purchase = 2,
    /// Added it to the favourites.
    Favourite = 3,
}

/// All actions, in the order of their codes.
pub const ACTIONS: [Action; 4] = [
    Action::Click,
    Action::Cart,
    Action::Purchase,
    Action::Favourite,
];

impl Action {
    /// The action with this code in `action_type`.
    pub fn from_code(code: u64) -> Option<Self> {
        ACTIONS.get(usize::try_from(code).ok()?).copied()
    }

    /// A word for people: `click`, `cart`, `purchase`, `favourite`.
    pub fn name(self) -> &'static str {
        ["click", "cart", "purchase", "favourite"][self as usize]
    }
}

/// A set of actions, one bit per code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actions(u8);

impl Actions {
    /// Every action.
    pub const ALL: Self = Self(0b1111);

    /// A set from its members.
    pub const fn of(members: &[Action]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < members.len() {
            bits |= 1 << members[i] as u8;
            i += 1;
        }
        Self(bits)
    }

    /// Whether the action is in the set.
    pub fn has(self, action: Action) -> bool {
        self.0 >> action as u8 & 1 == 1
    }

    /// Whether the two sets share an action.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds the members of another set.
    pub fn join(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The labels of an instance with these actions: bit 0 favourite, bit 1 purchase
    /// (model.md 3.3, step 3).
    pub fn labels(self) -> u8 {
        u8::from(self.has(Action::Favourite)) | u8::from(self.has(Action::Purchase)) << 1
    }
}

/// One row of `user_log_format1.csv`. A category, merchant or brand of 0 is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// `user_id`
    pub user: u64,
    /// `item_id`
    pub item: u64,
    /// `cat_id`
    pub category: u64,
    /// `seller_id`, also spelt `merchant_id`
    pub merchant: u64,
    /// `brand_id`
    pub brand: u64,
    /// `time_stamp`
    pub day: Day,
    /// `action_type`
    pub action: Action,
}

/// One row of `user_info_format1.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// `user_id`
    pub user: u64,
    /// `age_range`: 1 to 8, 0 where unknown.
    pub age: u8,
    /// 0 where unknown, 1 female, 2 male (the file's `gender` 2 or empty, 0, 1).
    pub gender: u8,
}

impl UserInfo {
    /// Number of values of [`age`](Self::age), 0 included.
    pub const AGES: usize = 9;
    /// Number of values of [`gender`](Self::gender), 0 included.
    pub const GENDERS: usize = 3;
}

/// A user and an item to score, with what the asker knows of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Where it stands in its file, counted from 1, the header included.
    pub line: u64,
    /// `user_id`, with age and gender.
    pub user: UserInfo,
    /// `item_id`
    pub item: u64,
    /// `cat_id`, `seller_id` and `brand_id`; 0 where unknown.
    pub item_fields: [u64; 3],
}
