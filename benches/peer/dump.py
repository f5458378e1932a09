"""What `moge bench --dump` writes: the start parameters, and the batches of some steps."""

import json
from pathlib import Path

import torch

TYPES = {"F32": torch.float32, "I64": torch.int64}
CHANNELS = ("user_item", "user_user", "item_item")


def safetensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file by name."""
    data = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        flat = torch.frombuffer(data[start + first : start + last], dtype=TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


class Layer:
    """The neighbour rows of one layer's targets, as edges and padded to the longest row."""

    def __init__(self, offsets: torch.Tensor, neighbors: torch.Tensor):
        lengths = offsets.diff()
        self.targets = len(lengths)
        self.source = neighbors[: offsets[-1]]
        self.target = torch.arange(self.targets).repeat_interleave(lengths)
        width = max(1, int(lengths.max()))
        slot = torch.arange(width)
        self.mask = slot < lengths[:, None]
        places = (offsets[:-1, None] + slot).clamp(max=max(0, len(self.source) - 1))
        self.index = self.source[places].masked_fill(~self.mask, 0)


class Batch:
    """A batch: its labels, the fields of its distinct nodes, and a block per channel."""

    def __init__(self, tensors: dict[str, torch.Tensor]):
        self.labels = tensors["labels"]
        self.users, self.items = tensors["user_fields"], tensors["item_fields"]
        self.pair_user, self.pair_item = tensors["pair_user"], tensors["pair_item"]
        self.pairs = len(self.labels)
        self.rows, self.roots, self.layers = {}, {}, {}
        for channel in CHANNELS:
            block = {part: tensors[f"{channel}.{part}"] for part in ("rows", "roots", "within", "offsets", "neighbors")}
            self.rows[channel], self.roots[channel] = block["rows"], block["roots"]
            # Layer l of L writes the states of the nodes within L - l hops.
            targets = block["within"].tolist()[:-1][::-1]
            self.layers[channel] = [Layer(block["offsets"][: n + 1], block["neighbors"]) for n in targets]


class Dump:
    """A folder that `moge bench --dump` wrote."""

    def __init__(self, folder: Path):
        self.parameters = safetensors(folder / "parameters.safetensors")
        about = json.loads((folder / "steps.json").read_text())
        self.workload, self.config, self.losses = about["workload"], about["config"], about["losses"]
        self.gflop, self.warm_up = about["gflop"], about["warm_up"]
        files = [folder / f"step-{step}.safetensors" for step in range(len(self.losses))]
        self.batches = [Batch(safetensors(file)) for file in files]
