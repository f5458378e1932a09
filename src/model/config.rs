//! Every choice that the paper leaves open for the model, with its default (model.md section 2).

use serde::{Deserialize, Serialize};

use super::system::System;

/// How neighbours are weighed (decision A1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// Scaled dot product of two projections.
    Dot,
    /// GeniePath: additive tanh.
    Genie,
    /// GAT: additive LeakyReLU.
    Gat,
    /// The plain mean.
    Mean,
    /// `1 / sqrt(deg(t) deg(s))` with full-graph degrees, without softmax.
    Symnorm,
}

/// What happens to the attended sum before the cell (needed by the NGCF identity).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// `lrelu(a W)`, the paper's.
    Transform,
    /// The sum itself.
    Plain,
}

/// The update function f(h, message) (decision A3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// LSTM cell with memory 0 at the start.
    Lstm,
    /// LSTM cell with memory `h^0` and a forget bias of 1 at the start.
    LstmH0,
    /// Gated recurrent unit.
    Gru,
    /// `h + m`.
    Sum,
    /// `lrelu((h + m) W1 + b1 + (h * m) W2 + b2)`.
    Ngcf,
}

/// Which layers' states the experts read (decision A10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readout {
    /// The last layer's.
    Last,
    /// `h^0` and every layer's L2-normalised output, side by side.
    Concat,
}

/// The scale of the states before the interaction (decision A11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZNorm {
    /// As they are.
    None,
    /// Divided by their root mean square.
    Rms,
    /// Divided by their Euclidean length.
    L2,
}

/// The interaction function kappa (decision B9, ablation 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kappa {
    /// Element-wise product.
    Ep,
    /// Concatenation.
    Con,
    /// Sum.
    Add,
    /// A two-layer network on the concatenation.
    Mlp,
}

/// Which fields describe users and items (decision B1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Features {
    /// The node's own id alone.
    Ids,
    /// The id and the attributes.
    IdsAttrs,
}

/// What experts and gates read (decision B3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XHat {
    /// `[p_u || q_i]`, width 2d.
    Transformed,
    /// Every field's own vector, side by side.
    Fields,
}

/// What a *+Graph* variant does with the graph states (model.md 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphInput {
    /// They replace the pair's own features.
    Replace,
    /// They stand beside the pair's own features.
    Append,
}

/// The form of a cross-stitch unit (model.md 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stitch {
    /// One number per pair of tasks.
    Scalar,
    /// One number per pair of tasks and channel of the layer.
    PerChannel,
    /// One matrix over the columns of all tasks, the identity at the start: really a sluice layer.
    Full,
}

/// The model's settings. Defaults are those of the `demo` preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelConfig {
    /// Which system it is. The settings below that a system has no use for do nothing.
    pub system: System,
    /// Embedding width d.
    pub d: usize,
    /// Graph layers L.
    pub layers: usize,
    /// Which channels are in use: G, Gu, Gi. The interactions that need a channel that is off are
    /// zero (as in ablation 3).
    pub channels: [bool; 3],
    /// How many of the four interactions are in use, left to right (ablation 3).
    pub experts: usize,
    /// A1.
    pub attention: Attention,
    /// A2: whether a node is among its own neighbours.
    pub self_loop: bool,
    /// See [`Message`].
    pub message: Message,
    /// A3.
    pub cell: Cell,
    /// A4, A5: whether all layers share their weights.
    pub share_layers: bool,
    /// A5: whether all channels share their weights.
    pub share_channels: bool,
    /// A7: slope of every LeakyReLU.
    pub slope: f64,
    /// A8: whether ln(similarity) is added to the attention score (dot, genie, gat).
    pub sim_bias: bool,
    /// A8: whether training draws neighbours in proportion to similarity.
    pub sim_sampling: bool,
    /// A10.
    pub readout: Readout,
    /// A11.
    pub z_norm: ZNorm,
    /// B1.
    pub features: Features,
    /// B3.
    pub xhat: XHat,
    /// Hidden widths of an expert; the last is the expert's output.
    pub expert_hidden: Vec<usize>,
    /// B5: hidden widths of a gate.
    pub gate_hidden: Vec<usize>,
    /// B6: whether an expert's last layer has no activation.
    pub expert_last_linear: bool,
    /// B7: whether the tasks share the output vector v.
    pub shared_output: bool,
    /// B7: whether logits have a bias per task.
    pub output_bias: bool,
    /// Section 10: whether the output bias starts at the logit of the training base rate.
    pub prior_bias: bool,
    /// B9.
    pub kappa: Kappa,
    /// B10: whether the four pairs share the network of `kappa = mlp`.
    pub kappa_shared: bool,
    /// B11: hidden widths of a tower after the mixture; empty for none.
    pub tower_hidden: Vec<usize>,
    /// What the *+Graph* variants read.
    pub graph_input: GraphInput,
    /// Shared-Bottom: widths of its one network; empty for four parallel experts.
    pub bottom: Vec<usize>,
    /// Cross-Stitch: the form of its units.
    pub stitch: Stitch,
    /// MLP and ESMM: hidden widths of a tower.
    pub tower_mlp: Vec<usize>,
    /// NGCF: probability that training drops an entry of a propagated vector (decision C9).
    pub message_dropout: f64,
    /// SNR-trans: coefficient of the expected number of open connections.
    pub snr_lambda: f64,
    /// CGC: experts shared by the tasks.
    pub n_shared: usize,
    /// CGC: experts of each task's own.
    pub n_specific: usize,
}

/// Number of experts N, one per pairing of a user state and an item state (section 1).
pub const EXPERTS: usize = 4;

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            system: System::Moge,
            d: 64,
            layers: 2,
            channels: [true; 3],
            experts: EXPERTS,
            attention: Attention::Dot,
            self_loop: false,
            message: Message::Transform,
            cell: Cell::Lstm,
            share_layers: true,
            share_channels: false,
            slope: 0.2,
            sim_bias: false,
            sim_sampling: false,
            readout: Readout::Last,
            z_norm: ZNorm::Rms,
            features: Features::IdsAttrs,
            xhat: XHat::Transformed,
            expert_hidden: vec![32, 32],
            gate_hidden: vec![16, 16],
            expert_last_linear: false,
            shared_output: false,
            output_bias: true,
            prior_bias: true,
            kappa: Kappa::Ep,
            kappa_shared: true,
            tower_hidden: Vec::new(),
            graph_input: GraphInput::Replace,
            bottom: Vec::new(),
            stitch: Stitch::Scalar,
            tower_mlp: vec![512, 256, 128],
            message_dropout: 0.1,
            snr_lambda: 1e-4,
            n_shared: 2,
            n_specific: 1,
        }
    }
}

impl ModelConfig {
    /// Width of a state that the interactions read.
    pub fn state_width(&self) -> usize {
        match self.readout {
            Readout::Last => self.d,
            Readout::Concat => (self.layers + 1) * self.d,
        }
    }

    /// Width dz of an interaction vector Z^n.
    pub fn interaction_width(&self) -> usize {
        match self.kappa {
            Kappa::Ep | Kappa::Add => self.state_width(),
            Kappa::Con => 2 * self.state_width(),
            Kappa::Mlp => self.d,
        }
    }

    /// Width of the expert vectors f^n.
    pub fn expert_width(&self) -> usize {
        *self
            .expert_hidden
            .last()
            .expect("validated: an expert has at least one layer")
    }
}
