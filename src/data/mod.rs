//! Log rows in the IJCAI-15 schema, and everything that turns them into one [`Dataset`].

mod dataset;
mod date;

pub use dataset::{Dataset, Field, Instances, Nodes, TASKS, Task};
pub use date::{Day, Window, Windows};
