"""The patch network of Allen-Zhu & Li (2023), many of them in one tensor.

F_i(X) = sum over neurons r and patches p of ReLU~(<w_{i,r}, x_p>) for class i, with the smoothed
ReLU of power q: 0 below 0, z^q / q up to 1, and z - (1 - 1/q) beyond (theirs, with
threshold 1). The power is what makes views compete: the stronger a neuron's response to a
view, the faster it grows.

Weights have shape (networks, classes, neurons, dimension); all networks see the same data.
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
    seeds: list[np.random.SeedSequence], shape: tuple[int, ...], deviation: float
) -> NDArray[np.float32]:
    """Independent Gaussian weights, shape (networks, *shape); each network has its own seed."""
    drawn = [np.random.default_rng(seed).standard_normal(shape, np.float32) for seed in seeds]
    return np.float32(deviation) * np.stack(drawn)


def columns(patches: Tensor) -> Tensor:
    """(samples, patches, dimension) -> (dimension, patches * samples).

    Samples run fastest, so that the sum over neurons and patches is over outer dimensions.
    """
    return patches.permute(2, 1, 0).flatten(1).contiguous()


def logits(weights: Tensor, patches: Tensor, power: int) -> Tensor:
    """Outputs F of every network on all samples, shape (networks, samples, classes)."""
    inputs, samples = columns(patches), patches.shape[0]
    outputs = []
    for network in weights:  # one at a time: its activations stay in the cache
        values = network.flatten(0, 1) @ inputs
        smoothed_relu_(values, power)
        outputs.append(values.view(network.shape[0], -1, samples).sum(1).T)
    return torch.stack(outputs)
