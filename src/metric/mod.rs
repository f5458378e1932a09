//! GAUC, RelaImpr and the statistics of comparisons (model.md section 9). All sums are in `f64`.

mod gauc;
mod paired;
mod rank;
mod rela_impr;

pub use gauc::{Gauc, GaucReport};
pub use paired::{Paired, paired};
pub use rank::{auc, mid_ranks};
pub use rela_impr::rela_impr;
