//! Log rows in the IJCAI-15 schema, and everything that turns them into one [`Dataset`].

mod dataset;
mod date;
mod events;
mod file;
mod import;
mod log;
mod prepare;
mod row;
mod statistics;
mod synth;
mod table;

pub use dataset::{Dataset, Field, Instances, Nodes, Origin, TASKS, Task};
pub use date::{Day, Window, Windows};
pub use file::FILE_NAME;
pub use import::Import;
pub use log::{InfoReader, LogReader, PairReader};
pub use prepare::{
    CoreSize, Diagnostic, EdgeCount, PrepareConfig, Prepared, Preparer, Unit, UnitCount,
};
pub use row::{ACTIONS, Action, Actions, Pair, Row, UserInfo};
pub use statistics::{
    Degrees, Distribution, LogStatistics, LogStatisticsBuilder, Statistics, TaskStatistics,
    WindowStatistics,
};
pub use synth::{Synth, SynthConfig, bundled};
