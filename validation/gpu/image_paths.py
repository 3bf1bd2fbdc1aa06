"""Ways of training networks for images, each once and briefly."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import torch

from validation.gpu.paths import Path, seeds
from validation.gpu.rounding import BFLOAT16, FLOAT32, TF32, Arrays, of_gates
from validation.networks.architecture import Architecture, Kind
from validation.networks.functions import Stack, initial
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, outputs, train

SIZE, SAMPLES, NETWORKS = 8, 64, 3
RECIPE = Recipe(epochs=1, batch=32, rate=0.02, shift=2, flip=True, cutout=3)
WAYS = ("stacked", "alone", "together", "taught")
ROUNDINGS = 3
"""Of a convolution: what it takes, its weights and what it gives."""


def paths() -> list[Path]:
    found = []
    for kind in get_args(Kind):
        layers = len(architecture(kind).convolutions)
        # In bfloat16 where there are convolutions; the sums of the perceptron are in float32.
        near = (
            of_gates(BFLOAT16, layers, ROUNDINGS)
            if layers
            else of_gates(FLOAT32, 1, 2 * SIZE**2)
        )  # fmt: skip
        found += [Path(f"{kind}, {way}", trained(kind, way), near) for way in WAYS]
        # Asked, they are in float32, which convolutions may round to TF32: no gradient, no gate.
        asked = 2 * ROUNDINGS * layers * TF32 if layers else 2 * SIZE**2 * FLOAT32
        found.append(Path(f"{kind}, asked", answers(kind), asked))
    return found


def architecture(kind: Kind) -> Architecture:
    return Architecture(kind=kind, width=8, channels=2, size=SIZE, classes=4)


def drawn() -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(1)
    images = rng.standard_normal((SAMPLES, 2, SIZE, SIZE), np.float32)
    return torch.from_numpy(images), torch.from_numpy(rng.integers(4, size=SAMPLES))


def numbers(stack: Stack) -> Arrays:
    return [own.cpu().numpy() for own in stack.parameters.values()]


def trained(kind: Kind, way: str) -> Callable[[str, bool], tuple[Arrays, Arrays]]:
    def run(device: str, compiled: bool) -> tuple[Arrays, Arrays]:
        images, labels = (part.to(device) for part in drawn())
        count = 1 if way == "alone" else NETWORKS
        stack = initial(architecture(kind), seeds(count), device)
        teacher = Teacher(initial(architecture(kind), seeds(2, 7), device), 3.0, 0.4)
        ended = train(
            stack, RECIPE, images, labels, seeds(count, 1),
            teacher=teacher if way == "taught" else None, together=way == "together",
        )  # fmt: skip
        return numbers(stack), numbers(ended)

    return run


def answers(kind: Kind) -> Callable[[str, bool], tuple[Arrays, Arrays]]:
    def run(device: str, compiled: bool) -> tuple[Arrays, Arrays]:
        images, _ = drawn()
        logits = outputs(initial(architecture(kind), seeds(NETWORKS), device), images.to(device))
        return [np.zeros_like(logits)], [logits]

    return run
