//! Streaming readers of the contest's files, `user_log_format1.csv` and `user_info_format1.csv`.
//!
//! Both read from anything that reads bytes, plain or gzip (told apart by the first two bytes), and
//! hold one row at a time. Columns are found by name. Every complaint names the file, the line, the
//! column, the value, and what to do.

use std::io::{self, Cursor, Read};

use csv::ByteRecord;
use flate2::read::MultiGzDecoder;

use super::date::Day;
use super::row::{Action, Row, UserInfo};
use crate::{Error, ErrorKind, Result};

/// The log's columns and their accepted spellings, in the order of [`Row`]'s fields.
const LOG_COLUMNS: [&[&str]; 7] = [
    &["user_id"],
    &["item_id"],
    &["cat_id"],
    &["seller_id", "merchant_id"],
    &["brand_id"],
    &["time_stamp"],
    &["action_type"],
];
const INFO_COLUMNS: [&[&str]; 3] = [&["user_id"], &["age_range"], &["gender"]];

/// The rows of a `user_log_format1.csv`, one at a time.
pub struct LogReader<'r> {
    table: Table<'r, 7>,
}

impl<'r> LogReader<'r> {
    /// Starts reading; `file` is the name used in messages. Fails when the input is empty or lacks
    /// a column.
    pub fn new(file: impl Into<String>, input: impl Read + 'r) -> Result<Self> {
        Table::new(file.into(), input, LOG_COLUMNS, "user_log_format1.csv")
            .map(|table| Self { table })
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
        Table::new(file.into(), input, INFO_COLUMNS, "user_info_format1.csv")
            .map(|table| Self { table })
    }

    fn row(&mut self) -> Result<Option<UserInfo>> {
        if !self.table.advance()? {
            return Ok(None);
        }
        let table = &self.table;
        let age = table.optional(1)?;
        let gender = match table.bytes(2).is_empty() {
            true => 2,
            false => table.optional(2)?,
        };
        Ok(Some(UserInfo {
            user: table.number(0)?,
            age: u8::try_from(age)
                .ok()
                .filter(|&age| usize::from(age) < UserInfo::AGES)
                .ok_or_else(|| table.wrong(1, "0 to 8 or nothing"))?,
            gender: match gender {
                0 => 1,
                1 => 2,
                2 => 0,
                _ => return Err(table.wrong(2, "0, 1, 2 or nothing")),
            },
        }))
    }
}

impl Iterator for InfoReader<'_> {
    type Item = Result<UserInfo>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

/// A comma-separated table with a header, read row by row; `C` of its columns are wanted.
struct Table<'r, const C: usize> {
    file: String,
    reader: csv::Reader<Box<dyn Read + 'r>>,
    record: ByteRecord,
    /// The header's name of each wanted column and where it stands.
    columns: [(&'static str, usize); C],
    width: usize,
    rows: u64,
    over: bool,
}

impl<'r, const C: usize> Table<'r, C> {
    fn new(
        file: String,
        input: impl Read + 'r,
        wanted: [&[&'static str]; C],
        kind: &str,
    ) -> Result<Self> {
        let input = unpack(input).map_err(|e| unreadable(&e).in_file(&file))?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(input);
        let mut header = ByteRecord::new();
        let found = reader
            .read_byte_record(&mut header)
            .map_err(|e| csv_error(&e).in_file(&file))?;
        if !found {
            return Err(Error::new(
                ErrorKind::Format,
                "the file is empty",
                format!("Give the contest's {kind}, with its header line."),
            )
            .in_file(&file));
        }
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name)
                    .trim_matches(['\u{feff}', ' '])
                    .to_string()
            })
            .collect();
        let mut columns = [("", 0); C];
        for (column, spellings) in columns.iter_mut().zip(wanted) {
            *column = spellings
                .iter()
                .find_map(|&s| names.iter().position(|name| name == s).map(|at| (s, at)))
                .ok_or_else(|| {
                    let found: String = names.join(", ").chars().take(120).collect();
                    Error::new(
                        ErrorKind::Format,
                        format!(
                            "there is no column {} (found: {found})",
                            spellings.join(" or ")
                        ),
                        format!("Give the contest's {kind}, with its header line."),
                    )
                    .in_file(&file)
                    .at_line(1)
                })?;
        }
        let width = names.len();
        Ok(Self {
            file,
            reader,
            record: header,
            columns,
            width,
            rows: 0,
            over: false,
        })
    }

    /// Reads the next row; false at the end. After an error there is nothing more to read.
    fn advance(&mut self) -> Result<bool> {
        if self.over {
            return Ok(false);
        }
        self.over = true;
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|e| {
                csv_error(&e)
                    .in_file(&self.file)
                    .at_line(self.reader.position().line())
            })?;
        if !more {
            return match self.rows {
                0 => Err(Error::new(
                    ErrorKind::Format,
                    "the file has a header and no rows",
                    "Give the whole file.",
                )
                .in_file(&self.file)),
                _ => Ok(false),
            };
        }
        if self.record.len() != self.width {
            return Err(Error::new(
                ErrorKind::Format,
                format!(
                    "the row has {} fields, the header {}",
                    self.record.len(),
                    self.width
                ),
                "Correct the row, or remove it; if it is the last one, the file was cut.",
            )
            .in_file(&self.file)
            .at_line(self.line()));
        }
        self.rows += 1;
        self.over = false;
        Ok(true)
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn bytes(&self, column: usize) -> &[u8] {
        self.record[self.columns[column].1].trim_ascii()
    }

    /// A field that must be a whole number.
    fn number(&self, column: usize) -> Result<u64> {
        whole(self.bytes(column)).ok_or_else(|| self.wrong(column, "a whole number"))
    }

    /// A field that may be empty (0) or a whole number that went through a float (`2661.0`).
    fn optional(&self, column: usize) -> Result<u64> {
        let bytes = self.bytes(column);
        let digits = bytes.strip_suffix(b".0").unwrap_or(bytes);
        if bytes.is_empty() {
            return Ok(0);
        }
        whole(digits).ok_or_else(|| self.wrong(column, "a whole number or nothing"))
    }

    fn wrong(&self, column: usize, expected: &str) -> Error {
        let value: String = String::from_utf8_lossy(self.bytes(column))
            .chars()
            .take(40)
            .collect();
        let value = if whole(value.as_bytes()).is_some() {
            value
        } else {
            format!("\"{value}\"")
        };
        Error::new(
            ErrorKind::Format,
            format!("{} is {value}, expected {expected}", self.columns[column].0),
            "Correct the row, or remove it.",
        )
        .in_file(&self.file)
        .at_line(self.line())
    }
}

/// The bytes behind an input that may be gzip.
fn unpack<'r>(mut input: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut start = Vec::with_capacity(2);
    input.by_ref().take(2).read_to_end(&mut start)?;
    let gzip = start == [0x1f, 0x8b];
    let whole = Cursor::new(start).chain(input);
    Ok(if gzip {
        Box::new(MultiGzDecoder::new(whole))
    } else {
        Box::new(whole)
    })
}

fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0u64, |n, &c| {
        c.is_ascii_digit().then(|| n * 10 + u64::from(c - b'0'))
    })
}

fn csv_error(error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(error) => unreadable(error),
        _ => Error::new(
            ErrorKind::Format,
            error.to_string(),
            "Correct the row, or remove it.",
        ),
    }
}

fn unreadable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::new(
            ErrorKind::Format,
            "the gzip stream ends in the middle",
            "The file was cut: download or compress it again.",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Error::new(
            ErrorKind::Format,
            format!("the gzip stream is damaged ({error})"),
            "Download or compress the file again.",
        ),
        _ => Error::new(
            ErrorKind::Io,
            format!("the file cannot be read ({error})"),
            "Check the file and its permissions.",
        ),
    }
}
