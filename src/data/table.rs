//! A comma-separated table with a header, plain or gzip, read row by row. Every complaint names the
//! file, the line, the column, the value, and what to do.

use std::io::{self, Cursor, Read};

use csv::ByteRecord;
use flate2::read::MultiGzDecoder;

use crate::error::thousands;
use crate::{Error, ErrorKind, Result};

/// Bytes that are read at once, and that a row has at most where the input comes in chunks.
pub(super) const LONGEST_ROW: usize = 1 << 16;

/// What a table must have.
pub(super) struct Wanted<const C: usize> {
    /// The columns, each with its accepted spellings.
    pub columns: [&'static [&'static str]; C],
    /// How many of them, from the first, must be there.
    pub required: usize,
    /// What to give instead of a table without them.
    pub remedy: &'static str,
}

/// A table; `C` of its columns are wanted.
pub(super) struct Table<'r, const C: usize> {
    file: String,
    reader: csv::Reader<Box<dyn Read + 'r>>,
    record: ByteRecord,
    /// The header's name of each wanted column and where it stands, if it does.
    columns: [(&'static str, Option<usize>); C],
    /// The header.
    names: Vec<String>,
    rows: u64,
    over: bool,
}

impl<'r, const C: usize> Table<'r, C> {
    /// Reads the header. Fails when the input is empty or lacks a required column.
    pub fn new(file: String, input: impl Read + 'r, wanted: &Wanted<C>) -> Result<Self> {
        let input = unpack(input).map_err(|e| unreadable(&e).in_file(&file))?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(LONGEST_ROW)
            .from_reader(input);
        let mut header = ByteRecord::new();
        let found = reader
            .read_byte_record(&mut header)
            .map_err(|e| csv_error(&e).in_file(&file))?;
        if !found {
            let what = "the file is empty";
            return Err(Error::new(ErrorKind::Format, what, wanted.remedy).in_file(&file));
        }
        let names: Vec<String> = header
            .iter()
            .map(|name| {
                String::from_utf8_lossy(name)
                    .trim_matches(['\u{feff}', ' '])
                    .to_string()
            })
            .collect();
        let mut columns = [("", None); C];
        for (at, spellings) in wanted.columns.iter().enumerate() {
            let find = |&s| {
                names
                    .iter()
                    .position(|name| name == s)
                    .map(|at| (s, Some(at)))
            };
            let found = spellings.iter().find_map(find);
            if found.is_none() && at < wanted.required {
                let present: String = names.join(", ").chars().take(120).collect();
                let missing = spellings.join(" or ");
                return Err(Error::new(
                    ErrorKind::Format,
                    format!("there is no column {missing} (found: {present})"),
                    wanted.remedy,
                )
                .in_file(&file)
                .at_line(1));
            }
            columns[at] = found.unwrap_or((spellings[0], None));
        }
        Ok(Self {
            file,
            reader,
            record: header,
            columns,
            names,
            rows: 0,
            over: false,
        })
    }

    /// The columns that nobody wanted.
    pub fn unread(&self) -> Vec<String> {
        let wanted = |at: usize| self.columns.iter().any(|&(_, place)| place == Some(at));
        let others = self.names.iter().enumerate().filter(|&(at, _)| !wanted(at));
        others.map(|(_, name)| name.clone()).collect()
    }

    /// Reads the next row; false at the end. After an error there is nothing more to read.
    pub fn advance(&mut self) -> Result<bool> {
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
        if self.record.len() != self.names.len() {
            return Err(Error::new(
                ErrorKind::Format,
                format!(
                    "the row has {} fields, the header {}",
                    self.record.len(),
                    self.names.len()
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

    /// The current row's line.
    pub fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    /// A field as it stands; nothing where its column is absent.
    pub fn bytes(&self, column: usize) -> &[u8] {
        let at = self.columns[column].1;
        at.map_or(&[], |at| self.record[at].trim_ascii())
    }

    /// A field that must be a whole number.
    pub fn number(&self, column: usize) -> Result<u64> {
        whole(self.bytes(column)).ok_or_else(|| self.wrong(column, "a whole number"))
    }

    /// A field that may be empty (0) or a whole number that went through a float (`2661.0`).
    pub fn optional(&self, column: usize) -> Result<u64> {
        let bytes = self.bytes(column);
        let digits = bytes.strip_suffix(b".0").unwrap_or(bytes);
        if bytes.is_empty() {
            return Ok(0);
        }
        whole(digits).ok_or_else(|| self.wrong(column, "a whole number or nothing"))
    }

    /// What is wrong with a field.
    pub fn wrong(&self, column: usize, expected: &str) -> Error {
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
        // An input that comes in chunks has more than a row's bytes ready.
        io::ErrorKind::WouldBlock => Error::new(
            ErrorKind::Format,
            format!(
                "a row is longer than {} bytes",
                thousands(LONGEST_ROW as u64)
            ),
            "Give a comma-separated table with one row per line.",
        ),
        _ => Error::new(
            ErrorKind::Io,
            format!("the file cannot be read ({error})"),
            "Check the file and its permissions.",
        ),
    }
}
