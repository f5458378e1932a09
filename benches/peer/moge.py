"""MoGE at the demo preset, as one would write it in PyTorch: layers from `torch.nn.functional`, and
neighbours gathered either into padded rows or along edges."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dump import CHANNELS, Batch, Layer

USER_FIELDS = ("user_id", "age_range", "gender")
ITEM_FIELDS = ("item_id", "cat_id", "seller_id", "brand_id")
LOG_VARIANCE_FLOOR = -2.995732273553991  # ln 0.05
#: For every expert, the channel of its user's state and that of its item's.
PAIRINGS = (
    ("user_item", "user_item"),
    ("user_item", "item_item"),
    ("user_user", "user_item"),
    ("user_user", "item_item"),
)


def attend_padded(query: Tensor, states: Tensor, layer: Layer) -> Tensor:
    """Dot-product attention over rows padded to the longest; rows without neighbours are zero."""
    gathered = F.embedding(layer.index, states)
    scores = torch.bmm(gathered, query.unsqueeze(2)).squeeze(2)
    weights = scores.masked_fill(~layer.mask, -1e30).softmax(1) * layer.mask
    return torch.bmm(weights.unsqueeze(1), gathered).squeeze(1)


def attend_edges(query: Tensor, states: Tensor, layer: Layer) -> Tensor:
    """The same along edges: a gather per edge, and sums by target."""
    gathered = states.index_select(0, layer.source)
    scores = (query.index_select(0, layer.target) * gathered).sum(1)
    largest = scores.detach().new_full((layer.targets,), -torch.inf)
    largest = largest.scatter_reduce(0, layer.target, scores.detach(), "amax")
    exponents = (scores - largest.index_select(0, layer.target)).exp()
    total = exponents.new_zeros(layer.targets).index_add(0, layer.target, exponents)
    weights = exponents / total.index_select(0, layer.target)
    return torch.zeros_like(query).index_add(0, layer.target, weights.unsqueeze(1) * gathered)


class Moge:
    """The step's forward pass and loss, on named parameters."""

    def __init__(self, parameters: dict[str, Tensor], config: dict, attend):
        self.p = {name: value.clone().requires_grad_() for name, value in parameters.items()}
        self.config, self.attend = config, attend
        self.d = config["d"]

    def embed(self, fields: tuple, values: Tensor) -> list[Tensor]:
        return [F.embedding(v, self.p[f"embedding.{name}"]) for name, v in zip(fields, values)]

    def states(self, batch: Batch, channel: str, nodes: Tensor) -> Tensor:
        """The states of a channel's distinct roots."""
        d, w = self.d, lambda name: self.p[f"mgnn.{channel}.{name}"]
        fold = w("w_query") @ w("w_key").T / d**0.5
        h, memory = F.embedding(batch.rows[channel], nodes), None
        for layer in batch.layers[channel]:
            state = h[: layer.targets]
            message = F.leaky_relu(self.attend(state @ fold, h, layer) @ w("w_message"), self.config["slope"])
            if memory is None:  # the forget gate has nothing to act on
                used = lambda x: torch.cat([x[..., :d], x[..., 2 * d :]], -1)
            else:
                used = lambda x: x
            gates = torch.addmm(used(w("bias")), message, used(w("w_input"))) + state @ used(w("w_hidden"))
            if memory is None:
                write, output, candidate = gates.chunk(3, 1)
                memory = write.sigmoid() * candidate.tanh()
            else:
                write, keep, output, candidate = gates.chunk(4, 1)
                memory = keep.sigmoid() * memory[: layer.targets] + write.sigmoid() * candidate.tanh()
            h = output.sigmoid() * memory.tanh()
        return h / (h.square().mean(1, keepdim=True) + 1e-6).sqrt()

    def stack(self, name: str, x: Tensor, last_linear: bool) -> Tensor:
        """Perceptrons side by side on one input: `[B, inputs]` to `[n, B, outputs]`."""
        layers = sum(key.startswith(f"{name}.weight") for key in self.p)
        weight = self.p[f"{name}.weight1"]
        inputs, n, width = weight.shape
        x = (x @ weight.reshape(inputs, n * width)).view(-1, n, width).transpose(0, 1)
        for l in range(1, layers + 1):
            bias = self.p[f"{name}.bias{l}"].unsqueeze(1)
            x = x + bias if l == 1 else torch.baddbmm(bias, x, self.p[f"{name}.weight{l}"])
            if l < layers or not last_linear:
                x = F.leaky_relu(x, self.config["slope"])
        return x

    def loss(self, batch: Batch) -> Tensor:
        """What is minimised."""
        users, items = self.embed(USER_FIELDS, batch.users), self.embed(ITEM_FIELDS, batch.items)
        p, q = sum(users), sum(items)
        nodes = torch.cat([p, q])
        states = {channel: self.states(batch, channel, nodes) for channel in CHANNELS}
        roots, pairs = batch.roots, batch.pairs

        def of_user(channel):
            return F.embedding(roots[channel][:pairs], states[channel])

        def of_item(channel):
            return F.embedding(roots[channel][-pairs:], states[channel])

        x = torch.cat([F.embedding(batch.pair_user, p), F.embedding(batch.pair_item, q)], 1)
        gates = self.stack("gate", x, True).softmax(2)
        experts = self.stack("expert", x, False)
        v, width = self.p["head.weight"], experts.shape[2]
        of_expert = experts @ v[:, :width].T
        of_graph = torch.stack([(of_user(a) * of_item(b)) @ v[:, width:].T for a, b in PAIRINGS])
        logits = (gates * (of_expert + of_graph).permute(2, 1, 0)).sum(2).T + self.p["head.bias"]

        entropy = F.binary_cross_entropy_with_logits(logits, batch.labels, reduction="none").mean(0)
        s = self.p["log_variance"].clamp(min=LOG_VARIANCE_FLOOR)
        balance = (gates.square().sum() / pairs - len(gates)) * 0.5
        weights = [w for name, w in self.p.items() if self.is_weight(name)]
        user_fields = self.embed(USER_FIELDS, batch.users[:, batch.pair_user])
        item_fields = self.embed(ITEM_FIELDS, batch.items[:, batch.pair_item])
        squares = torch.stack([w.square().sum() for w in weights + user_fields + item_fields]).sum()
        return (
            (entropy * (-s).exp() + s).sum()
            + self.config["lambda"] / pairs * squares
            + self.config["beta"] * balance
        )

    @staticmethod
    def is_weight(name: str) -> bool:
        """Whether a parameter is a matrix of the network, which the regulariser shrinks."""
        return not name.startswith("embedding.") and "bias" not in name and name != "log_variance"
