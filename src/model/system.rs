//! The 15 systems that the paper compares: nine of its own and of others, and six *+Graph* variants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::config::ModelConfig;
use super::moge::K;
use super::multi_task::{MultiTask, OnStem};
use super::network::Network;
use super::parameters::Builder;
use super::stem::Stem;
use super::{cgc, cross_stitch, esmm, mlp, mmoe, moge, ngcf, shared_bottom, snr};
use crate::data::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Sampling;

/// A system by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// See [`mlp::Mlp`].
    Mlp,
    /// See [`ngcf::Ngcf`].
    Ngcf,
    /// See [`shared_bottom::SharedBottom`].
    SharedBottom,
    /// See [`cross_stitch::CrossStitch`].
    CrossStitch,
    /// See [`esmm::Esmm`].
    Esmm,
    /// See [`mmoe::Mmoe`].
    Mmoe,
    /// See [`snr::SnrTrans`].
    SnrTrans,
    /// See [`cgc::Cgc`].
    Cgc,
    /// Shared-Bottom on the graph states.
    SharedBottomGraph,
    /// Cross-Stitch on the graph states.
    CrossStitchGraph,
    /// ESMM on the graph states.
    EsmmGraph,
    /// MMoE on the graph states.
    MmoeGraph,
    /// SNR-trans on the graph states.
    SnrTransGraph,
    /// CGC on the graph states.
    CgcGraph,
    /// See [`moge::Moge`].
    Moge,
}

impl System {
    /// All systems, in the order of the paper's Table 2.
    pub const ALL: [Self; 15] = [
        Self::Mlp,
        Self::Ngcf,
        Self::SharedBottom,
        Self::CrossStitch,
        Self::Esmm,
        Self::Mmoe,
        Self::SnrTrans,
        Self::Cgc,
        Self::SharedBottomGraph,
        Self::CrossStitchGraph,
        Self::EsmmGraph,
        Self::MmoeGraph,
        Self::SnrTransGraph,
        Self::CgcGraph,
        Self::Moge,
    ];

    /// The name in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mlp => "mlp",
            Self::Ngcf => "ngcf",
            Self::SharedBottom => "shared_bottom",
            Self::CrossStitch => "cross_stitch",
            Self::Esmm => "esmm",
            Self::Mmoe => "mmoe",
            Self::SnrTrans => "snr_trans",
            Self::Cgc => "cgc",
            Self::SharedBottomGraph => "shared_bottom_graph",
            Self::CrossStitchGraph => "cross_stitch_graph",
            Self::EsmmGraph => "esmm_graph",
            Self::MmoeGraph => "mmoe_graph",
            Self::SnrTransGraph => "snr_trans_graph",
            Self::CgcGraph => "cgc_graph",
            Self::Moge => "moge",
        }
    }

    /// The name for people, as the paper prints it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Mlp => "MLP",
            Self::Ngcf => "NGCF",
            Self::SharedBottom => "Shared-Bottom",
            Self::CrossStitch => "Cross-Stitch",
            Self::Esmm => "ESMM",
            Self::Mmoe => "MMoE",
            Self::SnrTrans => "SNR-trans",
            Self::Cgc => "CGC",
            Self::SharedBottomGraph => "Shared-Bottom+Graph",
            Self::CrossStitchGraph => "Cross-Stitch+Graph",
            Self::EsmmGraph => "ESMM+Graph",
            Self::MmoeGraph => "MMoE+Graph",
            Self::SnrTransGraph => "SNR-trans+Graph",
            Self::CgcGraph => "CGC+Graph",
            Self::Moge => "MoGE",
        }
    }

    /// The system itself, or the one that a *+Graph* variant is made from.
    pub fn base(self) -> Self {
        match self {
            Self::SharedBottomGraph => Self::SharedBottom,
            Self::CrossStitchGraph => Self::CrossStitch,
            Self::EsmmGraph => Self::Esmm,
            Self::MmoeGraph => Self::Mmoe,
            Self::SnrTransGraph => Self::SnrTrans,
            Self::CgcGraph => Self::Cgc,
            system => system,
        }
    }

    /// Whether this is a *+Graph* variant.
    pub fn graph(self) -> bool {
        self != self.base()
    }

    /// Whether it trains one network per task, with nothing shared.
    pub fn single_task(self) -> bool {
        matches!(self, Self::Mlp | Self::Ngcf)
    }

    /// The channels that it reads when all are switched on: G, Gu, Gi.
    pub fn channels(self) -> [bool; 3] {
        match self {
            Self::Ngcf => [true, false, false],
            Self::Moge => [true; 3],
            system => [system.graph(); 3],
        }
    }

    /// How its neighbours are drawn. NGCF's own term for the node itself stands in place of a self
    /// loop.
    pub fn sampling(self, config: &ModelConfig, fan_out: &[usize]) -> Sampling {
        Sampling {
            fan_out: fan_out.to_vec(),
            self_loop: config.self_loop && self != Self::Ngcf,
            weighted: config.sim_sampling,
        }
    }

    /// Which losses it trains with (model.md 6 and 7).
    pub fn losses(self) -> &'static str {
        match self.base() {
            Self::Moge => "cross-entropy with learned task weights, expert balancing",
            Self::Esmm => "cross-entropy of the favourite and of the product of both probabilities",
            Self::SnrTrans => "cross-entropy, expected number of open connections",
            _ => "cross-entropy",
        }
    }

    /// What it is, in one line.
    pub fn description(self) -> &'static str {
        match self {
            Self::Mlp => "one network per task on the pair's own features; nothing is shared",
            Self::Ngcf => {
                "one network per task that propagates embeddings over the user-item graph and scores by their \
                 dot product"
            }
            Self::SharedBottom => {
                "the tasks read one shared representation of the pair through a linear head each"
            }
            Self::CrossStitch => {
                "a column per task, and after every layer a learned 2 x 2 unit that mixes the columns"
            }
            Self::Esmm => {
                "P(purchase) is the product of two towers, one of them P(favourite), over shared embeddings"
            }
            Self::Mmoe => "four shared experts, mixed for each task by its own softmax gate",
            Self::SnrTrans => {
                "sub-networks joined by transformations whose connections are switched on and off by learned \
                 hard-concrete gates"
            }
            Self::Cgc => {
                "two shared experts and one expert of its own per task, mixed by a gate per task"
            }
            Self::SharedBottomGraph => "Shared-Bottom on the four states of the graph network",
            Self::CrossStitchGraph => "Cross-Stitch on the four states of the graph network",
            Self::EsmmGraph => "ESMM on the four states of the graph network",
            Self::MmoeGraph => "MMoE on the four states of the graph network",
            Self::SnrTransGraph => "SNR-trans on the four states of the graph network",
            Self::CgcGraph => "CGC on the four states of the graph network",
            Self::Moge => {
                "four experts, each joined by the interaction of a user and an item state of the graph network, \
                 mixed by a gate per task"
            }
        }
    }

    /// Where it comes from.
    pub fn source(self) -> &'static str {
        match self.base() {
            Self::Mlp => "the paper's single-task baseline (section 5.2)",
            Self::Ngcf => "Wang et al., Neural Graph Collaborative Filtering, SIGIR 2019",
            Self::SharedBottom => "Caruana, Multitask Learning, Machine Learning 28, 1997",
            Self::CrossStitch => {
                "Misra et al., Cross-Stitch Networks for Multi-task Learning, CVPR 2016"
            }
            Self::Esmm => "Ma et al., Entire Space Multi-Task Model, SIGIR 2018",
            Self::Mmoe => {
                "Ma et al., Modeling Task Relationships with Multi-gate Mixture-of-Experts, KDD 2018"
            }
            Self::SnrTrans => "Ma et al., SNR: Sub-Network Routing, AAAI 2019",
            Self::Cgc => "Tang et al., Progressive Layered Extraction, RecSys 2020",
            _ => {
                "Zhou et al., Mixture of Graph enhanced Expert networks, Acta Electronica Sinica 51(11), 2023"
            }
        }
    }

    /// Creates the system's parameters in `build`.
    ///
    /// `base_rates` are the training shares of positive labels, for the output biases.
    pub fn build(
        self,
        build: &mut Builder,
        config: &ModelConfig,
        data: &Dataset,
        base_rates: [f64; K],
    ) -> Box<dyn Network> {
        let graph = self.graph();
        let stem = |build: &mut Builder| Stem::new(build, "", config, data, graph);
        match self.base() {
            Self::Mlp => Box::new(mlp::Mlp::new(build, config, data, base_rates)),
            Self::Ngcf => Box::new(ngcf::Ngcf::new(build, config, data, base_rates)),
            Self::SharedBottom => {
                on_stem::<shared_bottom::SharedBottom>(build, config, base_rates, stem)
            }
            Self::CrossStitch => {
                on_stem::<cross_stitch::CrossStitch>(build, config, base_rates, stem)
            }
            Self::Esmm => on_stem::<esmm::Esmm>(build, config, base_rates, stem),
            Self::Mmoe => on_stem::<mmoe::Mmoe>(build, config, base_rates, stem),
            Self::SnrTrans => on_stem::<snr::SnrTrans>(build, config, base_rates, stem),
            Self::Cgc => on_stem::<cgc::Cgc>(build, config, base_rates, stem),
            _ => Box::new(moge::Moge::new(build, config, data, base_rates)),
        }
    }
}

/// A multi-task system on its stem.
fn on_stem<S: MultiTask + 'static>(
    build: &mut Builder,
    config: &ModelConfig,
    base_rates: [f64; K],
    stem: impl Fn(&mut Builder) -> Stem,
) -> Box<dyn Network> {
    let stem = stem(build);
    Box::new(OnStem::<S>::new(build, config, base_rates, stem))
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl FromStr for System {
    type Err = Error;

    /// Reads a name or a title; case does not count, and `-`, `+` and spaces count as `_`.
    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.to_lowercase().replace(['-', '+', ' '], "_");
        let mut nearest = (usize::MAX, Self::Moge);
        for system in Self::ALL {
            let distance = edit_distance(&wanted, system.name());
            if distance == 0 {
                return Ok(system);
            }
            if distance < nearest.0 {
                nearest = (distance, system);
            }
        }
        Err(Error::new(
            ErrorKind::Config,
            format!("there is no model \"{text}\""),
            format!(
                "Did you mean {}? The models are {}.",
                nearest.1.name(),
                Self::ALL.map(Self::name).join(", ")
            ),
        ))
    }
}

/// Levenshtein's distance: the fewest insertions, deletions and replacements from `a` to `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_are_read_back() {
        for system in System::ALL {
            assert_eq!(system.name().parse::<System>().unwrap(), system);
            assert_eq!(system.title().parse::<System>().unwrap(), system);
            let json = serde_json::to_value(system).unwrap();
            assert_eq!(json, system.name());
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        let message = |name: &str| name.parse::<System>().unwrap_err().to_string();
        assert!(message("mmeo").contains("Did you mean mmoe?"));
        assert!(message("cross stich").contains("Did you mean cross_stitch?"));
        assert!(message("SNR").contains("there is no model \"SNR\""));
    }

    #[test]
    fn distances_of_known_words() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("flaw", "lawn"), 2);
    }
}
