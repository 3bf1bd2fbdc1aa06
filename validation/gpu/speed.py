"""Many networks at once against one after the other: images a second, and of the card's peak."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from mvtheory.console import say
from validation.gpu.job import FINISHED, Job
from validation.networks.architecture import Architecture
from validation.networks.functions import initial
from validation.networks.recipe import Recipe
from validation.networks.training import train as train_images
from validation.training import mlp, mlp_training
from validation.training.optimizer import Optimizer

ROUNDS = 3
AT_ONCE, IN_TURN = "at once", "one after the other"
PEAKS = (
    ("H100 PCIe", 756e12, 51e12), ("H100 NVL", 835e12, 60e12), ("H100", 989e12, 67e12),
    ("H200", 989e12, 67e12), ("A100", 312e12, 19.5e12), ("L40S", 362e12, 91.6e12),
    ("L4", 121e12, 30.3e12), ("A10", 125e12, 31.2e12), ("RTX 4090", 165e12, 82.6e12),
)  # fmt: skip
"""By a part of the name: operations a second in bfloat16, dense, and in float32, as its maker
states them. The first that is found counts."""


@dataclass(frozen=True)
class Measurement:
    """`programs` train for a while and return how many images networks have seen; a step of one
    image takes `operations`."""

    name: str
    goal: float
    programs: dict[str, Callable[[], int]]
    operations: int
    bfloat16: bool


def run(job: Job) -> int:
    torch.backends.cudnn.benchmark = job.device == "cuda"
    left = []
    for make in (residual, perceptrons):
        name = f"speed/{make.__name__}.json"
        record = job.record(name)
        if record is None and job.left <= 0:
            left.append(make.__name__)
            continue
        if record is None:
            record = measured(make(job), job.device)
            job.write_record(name, record)
        tell(record)
    return job.unfinished(", ".join(left)) if left else FINISHED


def measured(measurement: Measurement, device: str) -> dict[str, Any]:
    """Programs take turns; the first round warms up, the medians of the others count."""
    rates: dict[str, list[float]] = {name: [] for name in measurement.programs}
    for _ in range(ROUNDS + 1):
        for name, program in measurement.programs.items():
            begin = time.perf_counter()
            seen = program()
            if device == "cuda":
                torch.cuda.synchronize()
            rates[name].append(seen / (time.perf_counter() - begin))
    medians = {name: statistics.median(own[1:]) for name, own in rates.items()}
    record: dict[str, Any] = {
        "name": measurement.name, "torch": version("torch"), "images a second": medians,
        "ratio": medians[AT_ONCE] / medians[IN_TURN], "goal": measurement.goal,
    }  # fmt: skip
    if device == "cuda":
        record["card"] = torch.cuda.get_device_name()
        peaks = [own for part, *own in PEAKS if part in record["card"]]
        if peaks:
            record["peak assumed"] = peaks[0][0 if measurement.bfloat16 else 1]
            doing = measurement.operations * medians[AT_ONCE]
            record["share of the peak"] = doing / record["peak assumed"]
    return record


def tell(record: dict[str, Any]) -> None:
    rates = ", ".join(f"{own:.4g} {name}" for name, own in record["images a second"].items())
    met = "met" if record["ratio"] >= record["goal"] else "missed"
    words = f"{record['name']}: images a second: {rates}; ratio {record['ratio']:.2f}"
    words += f" (goal {record['goal']:g}: {met})"
    if "peak assumed" in record:
        words += f"; {record['share of the peak']:.2%} of {record['peak assumed']:.3g}/s"
    say(words)


def seeds(count: int, purpose: int) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(0, spawn_key=(purpose, n)) for n in range(count)]


def residual(job: Job) -> Measurement:
    """Ten ResNet-8 as in `benchmarks/images.py`, on random numbers in place of images."""
    networks, steps, size = (2, 2, 8) if job.tiny else (10, 30, 32)
    architecture = Architecture(
        kind="resnet-8", width=4 if job.tiny else 16, channels=3, size=size, classes=10
    )
    recipe = Recipe(epochs=1, batch=16 if job.tiny else 128, shift=size // 8, flip=True)
    rng = np.random.default_rng(0)
    shape = (steps * recipe.batch, 3, size, size)
    images = torch.from_numpy(rng.standard_normal(shape, np.float32)).to(job.device)
    labels = torch.from_numpy(rng.integers(10, size=len(images))).to(job.device)

    def trained(stacks: int) -> int:
        for start in range(0, networks, networks // stacks):
            own = slice(start, start + networks // stacks)
            stack = initial(architecture, seeds(networks, 0)[own], job.device)
            train_images(stack, recipe, images, labels, seeds(networks, 1)[own])
        return networks * len(images)

    programs = {AT_ONCE: lambda: trained(1), IN_TURN: lambda: trained(networks)}
    name = f"{networks} ResNet-8 of width {architecture.width}"
    # A multiplication and an addition, forward and twice that backward.
    return Measurement(name, 5, programs, 6 * architecture.multiplications, True)


def perceptrons(job: Job) -> Measurement:
    """Perceptrons as in `benchmarks/training.py`; of those in turn a part, which is rate enough."""
    networks, part, steps = (8, 4, 10) if job.tiny else (512, 32, 200)
    widths, samples, batch = (64, 128, 10), 1797, 64
    rng = np.random.default_rng(1)
    inputs = torch.from_numpy(rng.standard_normal((samples, widths[0]), np.float32))
    targets = torch.eye(widths[-1])[torch.arange(samples) % widths[-1]].to(job.device)
    inputs = inputs.to(job.device)
    start = mlp.Perceptrons.initial(seeds(networks, 0), widths)
    order = mlp.batches(seeds(networks, 1), samples, batch, steps)

    def trained(count: int, packing: int | None, compiled: bool = False) -> int:
        own = start.part(slice(count))
        own = replace(own, weights=[w.clone() for w in own.weights],
                      biases=[b.clone() for b in own.biases]).to(job.device)  # fmt: skip
        mlp_training.train(
            own, inputs, targets, order[:, :count], Optimizer(rate=0.1), packing=packing,
            compiled=compiled,
        )  # fmt: skip
        return count * batch * steps

    programs = {
        AT_ONCE: lambda: trained(networks, None),
        IN_TURN: lambda: trained(part, 1),
    }
    if job.device == "cuda":
        programs["at once, compiled"] = lambda: trained(networks, None, compiled=True)
    operations = 6 * sum(a * b for a, b in pairwise(widths))
    return Measurement(f"{networks} perceptrons", 30, programs, operations, False)
