//! From raw rows to a dataset: exact results on tiny logs, every bad input, the file, the generator,
//! and real rows of the contest where they are at hand.

mod bad_input;
mod file;
mod import;
mod real;
mod synthetic;
mod tiny;

use moge::Result;
use moge::data::{InfoReader, LogReader, PrepareConfig, Prepared, Preparer};

/// The log's header as the contest writes it.
pub const HEADER: &str = "user_id,item_id,cat_id,seller_id,brand_id,time_stamp,action_type\n";

/// Prepares a log and a user table given as text or gzip.
pub fn prepare(log: &[u8], info: Option<&[u8]>, config: PrepareConfig) -> Result<Prepared> {
    let mut preparer = Preparer::new(config)?;
    for row in LogReader::new("log.csv", log)? {
        preparer.push(&row?)?;
    }
    if let Some(info) = info {
        for user in InfoReader::new("info.csv", info)? {
            preparer.push_info(user?);
        }
    }
    preparer.finish()
}

/// The message of an error, which there must be.
pub fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => error.to_string(),
    }
}
