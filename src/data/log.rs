//! Streaming readers of the contest's files, `user_log_format1.csv` and `user_info_format1.csv`, and
//! of pairs to score.
//!
//! All read from anything that reads bytes, plain or gzip (told apart by the first two bytes), and
//! hold one row at a time. Columns are found by name.

use std::io::Read;

use super::date::Day;
use super::row::{Action, Pair, Row, UserInfo};
use super::table::{Table, Wanted};
use crate::Result;

/// The log's columns, in the order of [`Row`]'s fields.
const LOG: Wanted<7> = Wanted {
    columns: [
        &["user_id"],
        &["item_id"],
        &["cat_id"],
        &["seller_id", "merchant_id"],
        &["brand_id"],
        &["time_stamp"],
        &["action_type"],
    ],
    required: 7,
    remedy: "Give the contest's user_log_format1.csv, with its header line.",
};
const INFO: Wanted<3> = Wanted {
    columns: [&["user_id"], &["age_range"], &["gender"]],
    required: 3,
    remedy: "Give the contest's user_info_format1.csv, with its header line.",
};
const PAIRS: Wanted<7> = Wanted {
    columns: [
        &["user_id"],
        &["item_id"],
        &["cat_id"],
        &["seller_id", "merchant_id"],
        &["brand_id"],
        &["age_range"],
        &["gender"],
    ],
    required: 2,
    remedy: "Give a table with the header user_id,item_id and, for users and items the dataset does \
             not know, the columns cat_id, seller_id, brand_id, age_range and gender.",
};

/// The rows of a `user_log_format1.csv`, one at a time.
pub struct LogReader<'r> {
    table: Table<'r, 7>,
}

impl<'r> LogReader<'r> {
    /// Starts reading; `file` is the name used in messages. Fails when the input is empty or lacks
    /// a column.
    pub fn new(file: impl Into<String>, input: impl Read + 'r) -> Result<Self> {
        Table::new(file.into(), input, &LOG).map(|table| Self { table })
    }

    fn row(&mut self) -> Result<Option<Row>> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let table = &self.table;
        let day = table.number(5)?;
        let action = table.number(6)?;
        Ok(Some(Row {
            user: table.number(0)?,
            item: table.number(1)?,
            category: table.optional(2)?,
            merchant: table.optional(3)?,
            brand: table.optional(4)?,
            day: u16::try_from(day)
                .ok()
                .and_then(Day::from_mmdd)
                .ok_or_else(|| table.wrong(5, "a day of 2014 written mmdd"))?,
            action: Action::from_code(action).ok_or_else(|| table.wrong(6, "0 to 3"))?,
        }))
    }
}

impl Iterator for LogReader<'_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

/// The rows of a `user_info_format1.csv`, one at a time.
pub struct InfoReader<'r> {
    table: Table<'r, 3>,
}

impl<'r> InfoReader<'r> {
    /// Starts reading; `file` is the name used in messages. Fails when the input is empty or lacks
    /// a column.
    pub fn new(file: impl Into<String>, input: impl Read + 'r) -> Result<Self> {
        Table::new(file.into(), input, &INFO).map(|table| Self { table })
    }

    fn row(&mut self) -> Result<Option<UserInfo>> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let table = &self.table;
        Ok(Some(UserInfo {
            user: table.number(0)?,
            age: age(table, 1)?,
            gender: gender(table, 2)?,
        }))
    }
}

impl Iterator for InfoReader<'_> {
    type Item = Result<UserInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

/// The rows of a file of pairs, one at a time.
pub struct PairReader<'r> {
    table: Table<'r, 7>,
}

impl<'r> PairReader<'r> {
    /// Starts reading; `file` is the name used in messages. Fails when the input is empty or lacks
    /// `user_id` or `item_id`.
    pub fn new(file: impl Into<String>, input: impl Read + 'r) -> Result<Self> {
        Table::new(file.into(), input, &PAIRS).map(|table| Self { table })
    }

    /// Columns of the file that are not read.
    pub fn unread(&self) -> Vec<String> {
        self.table.unread()
    }

    fn row(&mut self) -> Result<Option<Pair>> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let table = &self.table;
        let user = table.number(0)?;
        Ok(Some(Pair {
            line: table.line(),
            item: table.number(1)?,
            item_fields: [table.optional(2)?, table.optional(3)?, table.optional(4)?],
            user: UserInfo {
                user,
                age: age(table, 5)?,
                gender: gender(table, 6)?,
            },
        }))
    }
}

impl Iterator for PairReader<'_> {
    type Item = Result<Pair>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

fn age<const C: usize>(table: &Table<C>, column: usize) -> Result<u8> {
    u8::try_from(table.optional(column)?)
        .ok()
        .filter(|&age| usize::from(age) < UserInfo::AGES)
        .ok_or_else(|| table.wrong(column, "0 to 8 or nothing"))
}

fn gender<const C: usize>(table: &Table<C>, column: usize) -> Result<u8> {
    if table.bytes(column).is_empty() {
        return Ok(0);
    }
    match table.optional(column)? {
        0 => Ok(1),
        1 => Ok(2),
        2 => Ok(0),
        _ => Err(table.wrong(column, "0, 1, 2 or nothing")),
    }
}
