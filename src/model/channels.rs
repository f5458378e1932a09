//! The three channels of the graph network side by side, as MoGE and every *+Graph* variant use them.

use std::ops::Range;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::config::{ModelConfig, ZNorm};
use super::mgnn::{Mgnn, unit_rows};
use super::parameters::{Builder, Parameters};
use crate::graph::{CHANNELS, Channel};
use crate::op::lookup::lookup;
use crate::op::scale_rows::scale_rows;

/// The networks of the channels that are switched on.
#[derive(Clone, Debug)]
pub struct GraphChannels {
    networks: [Option<Mgnn>; 3],
    z_norm: ZNorm,
}

impl GraphChannels {
    /// Creates `mgnn.user_item.*`, `mgnn.user_user.*`, `mgnn.item_item.*`, or `mgnn.shared.*`.
    pub fn new(build: &mut Builder, config: &ModelConfig) -> Self {
        let shared = config
            .share_channels
            .then(|| Mgnn::new(build, "mgnn.shared", config));
        let networks = std::array::from_fn(|c| {
            let name = format!("mgnn.{}", CHANNELS[c].name());
            let own = |build: &mut Builder| Mgnn::new(build, &name, config);
            config.channels[c].then(|| shared.clone().unwrap_or_else(|| own(build)))
        });
        Self {
            networks,
            z_norm: config.z_norm,
        }
    }

    /// Which channels are on.
    pub fn on(&self) -> [bool; 3] {
        self.networks.each_ref().map(Option::is_some)
    }

    /// The scaled last-layer states of a channel's distinct roots, `[roots, state_width]`; none when
    /// the channel is off or the batch has no block of it.
    ///
    /// `nodes` are the vectors of the batch's distinct nodes; `attention` as in [`Mgnn::forward`].
    pub fn states(
        &self,
        p: &Parameters,
        batch: &Batch,
        c: usize,
        nodes: Tensor<2>,
        attention: Option<&mut Vec<Tensor<1>>>,
    ) -> Option<Tensor<2>> {
        let (network, found) = (self.networks[c].as_ref()?, batch.blocks[c].as_ref()?);
        let h0 = lookup(nodes, &found.rows);
        let states = network.forward(p, &found.block, h0, None, attention);
        Some(match self.z_norm {
            ZNorm::None => states,
            ZNorm::L2 => unit_rows(states),
            ZNorm::Rms => {
                let width = states.dims()[1] as f64;
                scale_rows(states, 1.0 / width, 1e-6)
            }
        })
    }
}

/// Whose state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The pair's user.
    User,
    /// The pair's item.
    Item,
}

/// The state in a channel of the user or item of each pair in `range`, from the states of the
/// channel's distinct roots.
pub fn pair_states(
    batch: &Batch,
    states: &[Option<Tensor<2>>; 3],
    channel: Channel,
    side: Side,
    range: Range<usize>,
) -> Option<Tensor<2>> {
    let states = states[channel as usize].clone()?;
    let block = &batch.blocks[channel as usize].as_ref()?.block;
    let first = batch.roots(channel, side)?;
    let roots = &block.roots[first + range.start..first + range.end];
    Some(lookup(states, roots))
}
