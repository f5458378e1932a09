"""The training step of `moge bench` in PyTorch, on one thread, with the same parameters and blocks.

    moge bench --dump DIR
    python step.py DIR

Checks first that the losses of the first steps are the same, then prints what `moge bench --json`
prints. The blocks are given, so `step_ms` holds no sampling.
"""

import argparse
import json
import resource
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from torch.utils.flop_counter import FlopCounterMode

from dump import Dump
from moge import Moge, attend_edges, attend_padded

#: Steps whose losses are compared, and how close they must be, relative.
COMPARED, TOLERANCE = 10, 1e-3
#: Steps by which the faster formulation is chosen.
TRIED = 10
FORMULATIONS = {"padded rows": attend_padded, "edges": attend_edges}


class Trainer:
    """A model with its optimiser."""

    def __init__(self, dump: Dump, formulation: str):
        self.model = Moge(dump.parameters, dump.config, FORMULATIONS[formulation])
        self.adam = torch.optim.Adam(
            self.model.p.values(), lr=dump.config["learning_rate"], betas=(0.9, 0.999), eps=1e-8, fused=True
        )

    def step(self, batch) -> tuple[float, list[float]]:
        """The loss, and the milliseconds of forward, backward and update."""
        times = [perf_counter()]
        loss = self.model.loss(batch)
        value = loss.item()
        times.append(perf_counter())
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        times.append(perf_counter())
        self.adam.step()
        times.append(perf_counter())
        return value, [1e3 * (b - a) for a, b in zip(times, times[1:])]


def check(dump: Dump, formulation: str) -> float:
    """The largest relative difference of the first steps' losses."""
    trainer = Trainer(dump, formulation)
    differences = []
    for batch, expected in zip(dump.batches[:COMPARED], dump.losses):
        loss, _ = trainer.step(batch)
        differences.append(abs(loss - expected) / abs(expected))
    if max(differences) > TOLERANCE:
        sys.exit(f"not the same step with {formulation}: losses differ by {differences}")
    return max(differences)


def phases(dump: Dump, formulation: str, steps: int) -> list[list[float]]:
    """The times of the steps after the warm-up."""
    trainer = Trainer(dump, formulation)
    times = [trainer.step(batch)[1] for batch in dump.batches[: dump.warm_up + steps]]
    return times[dump.warm_up :]


def counted(dump: Dump, formulation: str) -> float:
    """GFLOP of the matrix products of the steps, counted by PyTorch, in the median."""
    counts = []
    for batch in dump.batches[dump.warm_up :]:
        trainer = Trainer(dump, formulation)
        with FlopCounterMode(display=False) as counter:
            trainer.model.loss(batch).backward()
        counts.append(counter.get_total_flops() / 1e9)
    return sorted(counts)[len(counts) // 2]


def gemm_gflops(dump: Dump) -> float:
    """The rate of the step's largest matrix product alone: messages to gates."""
    targets = max(layers[0].targets for layers in dump.batches[0].layers.values())
    d = dump.config["d"]
    a, b = torch.randn(targets, d), torch.randn(d, 3 * d)
    times = []
    for _ in range(200):
        start = perf_counter()
        a @ b
        times.append(perf_counter() - start)
    return 2e-9 * targets * d * 3 * d / median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump", type=Path, help="the folder of moge bench --dump")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    dump = Dump(parser.parse_args().dump)
    differences = {name: check(dump, name) for name in FORMULATIONS}
    tried = {name: median(map(sum, phases(dump, name, TRIED))) for name in FORMULATIONS}
    fastest = min(tried, key=tried.get)
    times = phases(dump, fastest, dump.workload["steps"])
    step = median(map(sum, times))
    forward, backward, update = (median(column) for column in zip(*times))
    gemm = gemm_gflops(dump)
    report = dump.workload | {
        "engine": "pytorch",
        "target": "native",
        "version": torch.__version__,
        "formulation": fastest,
        "tried_ms": tried,
        "loss_difference": max(differences.values()),
        "step_ms": step,
        "sampling_ms": None,
        "forward_ms": forward,
        "backward_ms": backward,
        "update_ms": update,
        "samples_per_s": dump.workload["batch"] / step * 1e3,
        "gflop_per_step": dump.gflop,
        "counted_gflop_per_step": counted(dump, "edges"),
        "gflops": dump.gflop / step * 1e3,
        "gemm_gflops": gemm,
        "gemm_share": dump.gflop / step * 1e3 / gemm,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
