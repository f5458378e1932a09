//! GAUC, RelaImpr and the statistics of comparisons (model.md section 9). All sums are in `f64`.

mod bootstrap;
mod correction;
mod gauc;
mod paired;
mod rank;
mod rela_impr;

pub use bootstrap::{Bootstrap, bootstrap};
pub use correction::{holm, merged};
pub use gauc::{Gauc, GaucReport};
pub use paired::{Paired, Summary, TTest, half_interval, paired};
pub use rank::{auc, mid_ranks};
pub use rela_impr::rela_impr;
