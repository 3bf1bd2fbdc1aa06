"""Trains and measures the networks of `WideSetting`: the part of the experiment with torch."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from validation.data import split_digits
from validation.experiments.streams import Streams
from validation.experiments.wide.setting import WideSetting
from validation.trial.claim import Tables

EXPERIMENT = 27
"""Begins the keys of this experiment's random numbers."""
DATA, WEIGHTS = range(2)
"""Purposes of random numbers; each has its own stream."""
CLASSES = 10


class Network(NamedTuple):
    inner: Tensor
    """Shape (neurons, pixels)."""
    outer: Tensor
    """Shape (neurons, classes)."""


def measure(
    setting: WideSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Tables `networks` (a row a network) and `kernels` (a row a width).

    `change` is the relative change of a network's kernel in training, by the norm of Frobenius, in
    the mean over networks; `before` and `after` are 1 less the cosine of the kernels of two of
    them, before training and after it, in the mean over pairs.
    """
    streams = Streams(seed, (EXPERIMENT, setting.samples, replicate))
    number = int(streams.sequence(DATA).generate_state(1)[0])
    parts = split_digits(setting.samples, setting.asked, number)
    inputs, asked = (
        _of_length_one(part.inputs).to(device) for part in (parts.training, parts.teacher)
    )
    labels = torch.from_numpy(parts.training.labels).to(device)
    networks, kernels = [], []
    for width in setting.widths:
        found = []
        for start, sequence in enumerate(streams.sequences(setting.starts, WEIGHTS, width)):
            network = begin(width, inputs.shape[1], np.random.default_rng(sequence), device)
            before = kernel(network, asked)
            outputs = descend(setting, network, inputs, labels)
            found.append((before, kernel(network, asked)))
            right = (outputs.argmax(dim=1) == labels).double().mean()
            networks.append({"network": start, "width": width, "training_accuracy": float(right)})
        firsts, lasts = zip(*found, strict=True)
        changes = [float((after - before).norm() / before.norm()) for before, after in found]
        kernels.append(
            {
                "width": width,
                "change": float(np.mean(changes)),
                "before": _apart(firsts),
                "after": _apart(lasts),
            }
        )
    return {"networks": networks, "kernels": kernels}


def begin(width: int, pixels: int, rng: np.random.Generator, device: str) -> Network:
    drawn = (rng.standard_normal((width, size), np.float32) for size in (pixels, CLASSES))
    return Network(*(torch.from_numpy(part).to(device) for part in drawn))


def descend(setting: WideSetting, network: Network, inputs: Tensor, labels: Tensor) -> Tensor:
    """Train in place; the outputs at the end."""
    inner, outer = network
    scale = len(inner) ** -0.5
    targets = torch.nn.functional.one_hot(labels, CLASSES) - 1 / CLASSES
    first = (inputs @ inner.T).tanh() @ outer * scale
    for _ in range(setting.steps):
        hidden = (inputs @ inner.T).tanh()
        error = (hidden @ outer * scale - first - targets) * (scale / len(inputs))
        back = (error @ outer.T) * (1 - hidden**2)
        outer.sub_(hidden.T @ error, alpha=setting.rate)
        inner.sub_(back.T @ inputs, alpha=setting.rate)
    return (inputs @ inner.T).tanh() @ outer * scale - first


def kernel(network: Network, inputs: Tensor) -> Tensor:
    """Mean over outputs of the product of gradients, shape (samples, samples)."""
    inner, outer = (part.double() for part in network)
    images = inputs.double()
    hidden = (images @ inner.T).tanh()
    slopes = 1 - hidden**2
    of_inner = (slopes * (outer**2).mean(dim=1)) @ slopes.T * (images @ images.T)
    return (hidden @ hidden.T + of_inner) / len(inner)


def _of_length_one(images: np.ndarray) -> Tensor:
    return torch.nn.functional.normalize(torch.from_numpy(images), dim=1)


def _apart(kernels: tuple[Tensor, ...]) -> float:
    pairs = [
        1 - float((one * other).sum() / (one.norm() * other.norm()))
        for one, other in combinations(kernels, 2)
    ]
    return float(np.mean(pairs))
