//! The contest's files in chunks of bytes, as a browser reads them, on their way into a dataset.
//!
//! The chunks feed the same readers that `moge prepare` uses. Those pull, so a row is asked for only
//! when so many bytes wait that it must be among them: rows longer than that are refused.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use super::log::{InfoReader, LogReader};
use super::prepare::{CoreSize, PrepareConfig, Prepared, Preparer};
use super::row::Action;
use super::table::LONGEST_ROW;
use crate::Result;

/// Items without any action drawn per positive where a log has no clicks.
const NEG_RATIO: u32 = 4;
/// Bytes that the kept rows may take. A table that grows holds its old half as well for a moment, so
/// a tab of a browser needs up to twice as much.
const MEMORY_LIMIT: usize = 512 << 20;

/// A log and its user table that come in chunks; lines may be cut anywhere.
pub struct Import {
    preparer: Preparer,
    log: Inflow<LogReader<'static>>,
    info: Inflow<InfoReader<'static>>,
}

impl Import {
    /// Starts with no rows; `log` and `info` are the names used in messages. The dataset will be the
    /// log's dense core of at most so many users and items, or the whole log where it has no more.
    ///
    /// # Errors
    ///
    /// When no users or no items are asked for.
    pub fn new(log: &str, info: &str, core: CoreSize) -> Result<Self> {
        let config = PrepareConfig {
            name: log.into(),
            provenance: format!("Rows of {log}, read in the browser."),
            core: Some(core),
            memory_limit: MEMORY_LIMIT,
            ..PrepareConfig::default()
        };
        Ok(Self {
            preparer: Preparer::new(config)?,
            log: Inflow::new(log, LogReader::new),
            info: Inflow::new(info, InfoReader::new),
        })
    }

    /// Takes the next bytes of the log.
    ///
    /// # Errors
    ///
    /// When a row is not as it should be, or when memory is short. There is nothing more to push then.
    pub fn push_log(&mut self, chunk: &[u8]) -> Result<()> {
        self.log.feed.extend(chunk);
        self.log.drain(|row| self.preparer.push(&row))
    }

    /// Takes the next bytes of the user table.
    ///
    /// # Errors
    ///
    /// When a row is not as it should be. There is nothing more to push then.
    pub fn push_info(&mut self, chunk: &[u8]) -> Result<()> {
        self.info.feed.extend(chunk);
        self.info.drain(|user| {
            self.preparer.push_info(user);
            Ok(())
        })
    }

    /// Rows read of the log so far, per action code.
    pub fn rows(&self) -> [u64; 4] {
        self.preparer.rows()
    }

    /// Ends the reading. Where the log has no clicks, negatives are sampled.
    ///
    /// # Errors
    ///
    /// When the last rows are not as they should be, or as [`Preparer::finish`].
    pub fn finish(mut self) -> Result<Prepared> {
        self.log.feed.end();
        self.push_log(&[])?;
        if !self.info.feed.is_untouched() {
            self.info.feed.end();
            self.push_info(&[])?;
        }
        if self.rows()[Action::Click as usize] == 0 {
            self.preparer.sample_negatives(NEG_RATIO);
        }
        self.preparer.spare_small();
        self.preparer.finish()
    }
}

/// A reader and what feeds it; the reader is opened when its header has come.
struct Inflow<R> {
    file: String,
    feed: Feed,
    open: fn(String, Feed) -> Result<R>,
    reader: Option<R>,
}

impl<T, R: Iterator<Item = Result<T>>> Inflow<R> {
    fn new(file: &str, open: fn(String, Feed) -> Result<R>) -> Self {
        Self {
            file: file.into(),
            feed: Feed::default(),
            open,
            reader: None,
        }
    }

    /// Reads all rows that must have come whole.
    fn drain(&mut self, mut each: impl FnMut(T) -> Result<()>) -> Result<()> {
        while self.feed.is_safe() {
            let Some(reader) = &mut self.reader else {
                self.reader = Some((self.open)(self.file.clone(), self.feed.clone())?);
                continue;
            };
            match reader.next() {
                Some(row) => each(row?)?,
                None => break,
            }
        }
        Ok(())
    }
}

/// Bytes that wait to be read; copies share them.
#[derive(Clone, Default)]
struct Feed(Rc<RefCell<Waiting>>);

#[derive(Default)]
struct Waiting {
    bytes: VecDeque<u8>,
    fed: bool,
    ended: bool,
}

impl Feed {
    fn extend(&self, chunk: &[u8]) {
        let mut waiting = self.0.borrow_mut();
        waiting.fed |= !chunk.is_empty();
        waiting.bytes.extend(chunk);
    }

    fn end(&self) {
        self.0.borrow_mut().ended = true;
    }

    fn is_untouched(&self) -> bool {
        !self.0.borrow().fed
    }

    /// Whether the next row, if it is not too long, can be read without waiting.
    fn is_safe(&self) -> bool {
        let waiting = self.0.borrow();
        waiting.ended || waiting.bytes.len() >= LONGEST_ROW
    }
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut waiting = self.0.borrow_mut();
        if waiting.bytes.is_empty() && !waiting.ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        waiting.bytes.read(out)
    }
}
