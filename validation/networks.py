"""The patch network of Allen-Zhu & Li (2023), many of them in one tensor.

F_i(X) = sum over neurons r and patches p of ReLU~(<w_{i,r}, x_p>) for class i, with the smoothed
ReLU of power q: 0 below 0, z^q / q up to 1, and z - (1 - 1/q) beyond (their Equation 2.1 with
threshold 1). The power is what makes views compete: the stronger a neuron's response to a
view, the faster it grows.

Weights have shape (sets, networks, classes, neurons, dimension): `sets` data sets, each with
its own `networks`.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def smoothed_relu(responses: Tensor, power: int) -> tuple[Tensor, Tensor]:
    """Value and slope of the smoothed ReLU, elementwise.

    With c = min(max(z, 0), 1) both are short: slope c^(q-1), value c^q / q + max(z - c, 0).
    """
    clipped = responses.clamp(0, 1)
    slope = clipped.pow(power - 1)
    value = (clipped * slope).div_(power).add_((responses - clipped).relu_())
    return value, slope


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


def logits_and_slopes(weights: Tensor, inputs: Tensor, samples: int, power: int) -> tuple:
    """Logits (sets, networks, classes, samples) and slopes (..., neurons * patches, samples)."""
    sets, networks, classes, neurons, dimension = weights.shape
    responses = weights.reshape(sets, networks * classes * neurons, dimension) @ inputs
    values, slopes = smoothed_relu(responses, power)
    shape = (sets, networks, classes, -1, samples)
    return values.view(shape).sum(3), slopes.view(shape)


def logits(weights: Tensor, patches: Tensor, power: int, networks_at_once: int = 4) -> Tensor:
    """Outputs F of every network on its set's samples, shape (sets, networks, samples, classes)."""
    inputs, samples = columns(patches), patches.shape[1]
    parts = [
        logits_and_slopes(part, inputs, samples, power)[0]
        for part in weights.split(networks_at_once, dim=1)
    ]
    return torch.cat(parts, dim=1).transpose(2, 3)
