"""The patch network of Allen-Zhu & Li (2023), many of them in one tensor.

F_i(X) = sum over neurons r and patches p of ReLU~(<w_{i,r}, x_p>) for class i, with the smoothed
ReLU of power q: 0 below 0, z^q / q up to 1, and z - (1 - 1/q) beyond (theirs, with
threshold 1). The power is what makes views compete: the stronger a neuron's response to a
view, the faster it grows.

Weights have shape (sets, networks, classes, neurons, dimension): `sets` data sets, each with
its own `networks`.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def smoothed_relu_(
    responses: Tensor, power: int, clipped: Tensor | None = None, slope: Tensor | None = None
) -> Tensor:
    """Overwrite responses by the smoothed ReLU's values and return its slope, elementwise.

    With c = min(max(z, 0), 1) both are short: slope c^(q-1), value c^q / q + max(z - c, 0).
    `clipped` and `slope` are memory to use: training visits it hundreds of times, and fresh pages
    each time cost as much as the arithmetic.
    """
    clipped = torch.clamp(responses, 0, 1, out=clipped)
    slope = torch.pow(clipped, power - 1, out=slope)
    responses.sub_(clipped).relu_().addcmul_(clipped, slope, value=1 / power)
    return slope


def initial_weights(
    seeds: list[list[np.random.SeedSequence]],
    classes: int,
    neurons: int,
    dimension: int,
    deviation: float,
) -> NDArray[np.float32]:
    """Independent Gaussian weights; each network's depend on its own seed alone."""
    shape = (classes, neurons, dimension)
    return np.stack(
        [
            np.stack(
                [
                    deviation * np.random.default_rng(seed).standard_normal(shape, np.float32)
                    for seed in row
                ]
            )
            for row in seeds
        ]
    ).astype(np.float32)


def columns(patches: Tensor) -> Tensor:
    """(sets, samples, patches, dimension) -> (sets, dimension, patches * samples).

    Samples run fastest, so that the sum over neurons and patches is over outer dimensions.
    """
    sets, samples, per_sample, dimension = patches.shape
    return patches.permute(0, 3, 2, 1).reshape(sets, dimension, per_sample * samples).contiguous()


def logits(weights: Tensor, patches: Tensor, power: int, networks_at_once: int = 4) -> Tensor:
    """Outputs F of every network on its set's samples, shape (sets, networks, samples, classes)."""
    inputs, samples = columns(patches), patches.shape[1]
    sets, _, classes, _, dimension = weights.shape
    parts = []
    for part in weights.split(networks_at_once, dim=1):
        values = part.reshape(sets, -1, dimension) @ inputs
        smoothed_relu_(values, power)
        parts.append(values.view(sets, part.shape[1], classes, -1, samples).sum(3))
    return torch.cat(parts, dim=1).transpose(2, 3)
