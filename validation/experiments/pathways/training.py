"""Trains and measures the networks of `PathwaySetting`: the part of the experiment with torch."""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from validation.experiments.pathways.setting import PathwaySetting
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

EXPERIMENT = 20
"""Begins the keys of this experiment's random numbers."""
TRAINING, WEIGHTS = range(2)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: PathwaySetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Table `networks`: a row a network.

    `initial` (b at the start) and `strength` (u at the end, the network's own map of a class's
    feature to its output) have shape (classes, views); `explained` is the share of the variance of
    the targets, in samples that show a view, that the outputs explain.
    """
    key = (setting.depth, setting.classes, round(1000 * setting.presence), replicate)
    streams = Streams(seed, (EXPERIMENT, *key, *(round(1000 * s) for s in setting.strengths)))
    patches, shown, labels = sample(setting, streams.rng(TRAINING))
    starts, layers = [], []
    for sequence in streams.sequences(setting.networks, WEIGHTS):
        rng = np.random.default_rng(sequence)
        start = setting.start((setting.classes,), rng)
        starts.append(start)
        layers.append(_layers(setting, start, rng))
    weights = [torch.from_numpy(np.stack(layer)).to(device) for layer in zip(*layers, strict=True)]
    inputs = torch.from_numpy(patches * shown[..., None]).to(device)
    targets = torch.nn.functional.one_hot(torch.from_numpy(labels), setting.classes)
    descend(weights, inputs, targets.to(inputs), setting.rate, setting.steps)

    total = _product(weights)
    own = total.cpu().numpy()[:, :, range(setting.classes), range(setting.classes)]
    left = _residuals(total, inputs, targets.to(inputs)).cpu().numpy()[:, shown.any(axis=1)]
    return {
        "networks": [
            {
                "network": n,
                "initial": starts[n].tolist(),
                "strength": own[n].T.tolist(),
                "explained": float(1 - (left[n] ** 2).sum(axis=1).mean()),
            }
            for n in range(setting.networks)
        ]
    }


def sample(
    setting: PathwaySetting, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """Patches (samples, views, dimension), which views are shown, and labels; classes evenly."""
    count = setting.samples * setting.classes
    labels = np.arange(count) % setting.classes
    shown = rng.random((count, setting.views)) < setting.presence
    dimension = setting.classes + setting.noise_dimensions
    patches = np.zeros((count, setting.views, dimension))
    patches[np.arange(count), :, labels] = setting.strengths
    noise = rng.standard_normal((count, setting.views, setting.noise_dimensions))
    patches[..., setting.classes :] = setting.noise * noise / setting.noise_dimensions**0.5
    return patches, shown, labels


def _layers(
    setting: PathwaySetting, start: NDArray[np.float64], rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Of one network, from the inputs to the outputs, each of shape (views, rows, columns)."""
    classes, width, depth = setting.classes, setting.width, setting.depth
    inputs = np.eye(classes + setting.noise_dimensions)[:, :classes]
    hidden = [
        np.linalg.qr(rng.standard_normal((setting.views, width, classes)))[0]
        for _ in range(depth - 1)
    ]
    bases = [np.broadcast_to(inputs, (setting.views, *inputs.shape)), *hidden]
    bases.append(np.broadcast_to(np.eye(classes), (setting.views, classes, classes)))
    noise = setting.unbalance * setting.deviation
    return [
        (after * start.T[:, None, :]) @ before.swapaxes(1, 2)
        + noise * rng.standard_normal((setting.views, after.shape[1], before.shape[1]))
        for before, after in pairwise(bases)
    ]


def descend(
    weights: list[Tensor], inputs: Tensor, targets: Tensor, rate: float, steps: int
) -> None:
    """Descent in place on half the squared error times the classes, over the mean of the samples.

    With the factor a class has the drive that it has alone. Descent needs of the samples their
    correlations only.
    """
    classes = targets.shape[1]
    scale = classes / len(inputs)
    views, dimension = inputs.shape[1:]
    flat = inputs.reshape(len(inputs), -1)
    wanted = scale * (targets.T @ flat)
    square = scale * (flat.T @ flat)
    for _ in range(steps):
        total = _product(weights)
        joined = total.transpose(1, 2).reshape(len(total), classes, -1)
        slope = (joined @ square - wanted).reshape(-1, classes, views, dimension).transpose(1, 2)
        before = [weights[0]]
        for layer in weights[1:-1]:
            before.append(layer @ before[-1])
        slopes = []
        for layer, passed in zip(reversed(weights[1:]), reversed(before), strict=True):
            slopes.append(slope @ passed.transpose(-1, -2))
            slope = layer.transpose(-1, -2) @ slope
        slopes.append(slope)
        for layer, own in zip(reversed(weights), slopes, strict=True):
            layer.sub_(own, alpha=rate)


def _product(weights: list[Tensor]) -> Tensor:
    """The maps of pathways, shape (networks, views, classes, dimension)."""
    total = weights[0]
    for layer in weights[1:]:
        total = layer @ total
    return total


def _residuals(total: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    return torch.einsum("nvkd,svd->nsk", total, inputs) - targets
