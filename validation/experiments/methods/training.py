"""Trains and measures the networks of `MethodSetting`: the part of the experiment with torch."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from validation.experiments.lottery.training import Draw, tested
from validation.experiments.methods.augmentation import made_samples
from validation.experiments.methods.setting import MethodSetting
from validation.training import measure as measures
from validation.training.losses import CrossEntropy, Loss, SoftLabels, SquaredError, Weighted
from validation.training.patches import train
from validation.trial.claim import Tables

BASIS, ORDER, MADE = 20, 21, 22
"""Purposes of random numbers, beside those of the lottery."""


def measure(
    setting: MethodSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """The tables `networks`, `ensembles` and `data` of the lottery, and `averages` if asked for."""
    draw = Draw(setting, seed, replicate, setting.asked)
    basis = np.eye(setting.data.dimension, dtype=np.float32)
    if setting.turned:
        drawn = draw.streams.rng(BASIS).standard_normal(basis.shape)
        basis = np.linalg.qr(drawn)[0].astype(np.float32)

    def turned(vectors: np.ndarray, by: np.ndarray) -> torch.Tensor:
        # Zeros stay zeros where nothing is turned: training then leaves them out.
        return torch.from_numpy(vectors @ by if setting.turned else vectors.copy()).to(device)

    patches, labels = made_samples(setting, draw.samples, draw.streams.rng(MADE))
    weights = turned(draw.initial, basis)
    train(
        weights, turned(patches, basis),
        torch.from_numpy(draw.samples.labels).to(device), setting.power, setting.schedule,
        loss=_loss(setting, draw, labels, device),
    )  # fmt: skip
    trained = turned(weights.cpu().numpy(), basis.T)
    tables = tested(draw, trained)
    if setting.averaged:
        tables["averages"] = averages(draw, trained)
    return tables


def averages(draw: Draw, weights: torch.Tensor) -> list[dict[str, Any]]:
    """What averages of outputs, and of weights, know: a row a size and what is averaged.

    Ensembles are neighbours on a ring, each network in as many as any other. `output` is the mean
    output of the class whose view is shown, `sure` the share of the samples on which it stands
    log K above all others.
    """
    setting, test, data = draw.setting, draw.view_only, draw.setting.data
    own = weights.cpu().numpy()
    # What a search for permutations finds: of each class the neuron of the winner comes first.
    heights = (own @ data.vectors.swapaxes(-1, -2)).max(axis=-1)
    order = np.argsort(-heights, axis=-1, kind="stable")
    aligned = np.take_along_axis(own, order[..., None], axis=2)
    alone = measures.outputs(weights, test, setting.power)
    rows = []
    for size in setting.ensemble_sizes:
        means = {"outputs": ring(alone, size)}
        for name, members in (("weights", own), ("aligned weights", aligned)):
            soups = torch.from_numpy(ring(members, size)).to(weights.device)
            means[name] = measures.outputs(soups, test, setting.power)
        for name, outputs in means.items():
            shares = measures.right_share(
                measures.is_right(outputs, test.labels), data.classes, data.views
            )
            rows.append(
                {
                    "size": size,
                    "averaged": name,
                    "coverage": float(measures.coverage(shares).mean()),
                    "sure": measures.sure_share(outputs, test.labels, 1),
                    "output": float(outputs[:, np.arange(len(test.labels)), test.labels].mean()),
                }
            )
    return rows


def ring(members: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Means of `size` neighbours on a ring, of the shape of what is averaged."""
    total = members.copy()
    for step in range(1, size):
        total += np.roll(members, -step, axis=0)
    return total / np.float32(size)


def _loss(setting: MethodSetting, draw: Draw, labels: NDArray[np.float32], device: str) -> Loss:
    loss: Loss = SquaredError() if setting.loss == "squared error" else CrossEntropy()
    if setting.made != "as they are":
        return SoftLabels(loss=loss, labels=torch.from_numpy(labels.T.copy()).to(device))
    if not setting.batch:
        return loss
    # All networks of a replicate see the same batches, as they see the same samples.
    classes, steps = setting.data.classes, setting.steps
    each = setting.training_samples // classes
    order = draw.streams.rng(ORDER).random((steps, classes, each)).argsort(axis=2)
    taken = (order < setting.batch).transpose(0, 2, 1).reshape(1, steps, -1)
    weights = torch.from_numpy(taken.astype(np.float32) * np.float32(each / setting.batch))
    return Weighted(loss=loss, weights=weights.to(device).expand(setting.networks, -1, -1))
