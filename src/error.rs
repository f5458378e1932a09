//! The one error of the crate: what went wrong, where, and what to do about it, in plain English.

use std::fmt;

/// Result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What kind of failure it was, for a caller that wants to react rather than print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file could not be opened, read or written.
    Io,
    /// A file or a message was read but its content is not what it should be.
    Format,
    /// A setting is out of its range, or two settings contradict each other.
    Config,
    /// The data are well formed but cannot be used (an empty test window, no valid group).
    Data,
    /// The work would not fit in memory.
    TooLarge,
    /// A device is missing, was lost, or failed its self-test.
    Engine,
    /// Training produced a number that is not finite.
    Diverged,
}

/// An error with its place and its remedy.
///
/// Displayed as `user_log_format1.csv, line 48,112: action_type is 7, expected 0 to 3. Remove the
/// row or correct it.`
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    file: Option<String>,
    line: Option<u64>,
    what: String,
    remedy: String,
}

impl Error {
    /// An error of a kind, with what happened and what to do (full sentences, the first without
    /// its full stop).
    pub fn new(kind: ErrorKind, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind,
            file: None,
            line: None,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// Adds the file in which it happened.
    pub fn in_file(mut self, file: impl fmt::Display) -> Self {
        self.file = Some(file.to_string());
        self
    }

    /// Adds the line at which it happened, counted from 1, the header included.
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}, line {}: ", thousands(line))?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some(line)) => write!(f, "line {}: ", thousands(line))?,
            (None, None) => {}
        }
        write!(f, "{}. {}", self.what, self.remedy)
    }
}

impl std::error::Error for Error {}

/// A whole number with a comma between thousands: `48112` becomes `48,112`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_what_and_what_to_do() {
        let error = Error::new(
            ErrorKind::Format,
            "action_type is 7, expected 0 to 3",
            "Correct the row.",
        )
        .in_file("log.csv")
        .at_line(48_112);
        assert_eq!(
            error.to_string(),
            "log.csv, line 48,112: action_type is 7, expected 0 to 3. Correct the row."
        );
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }
}
