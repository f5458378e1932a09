//! GAUC, RelaImpr and the statistics of comparisons.
