"""Trains and measures the networks of `MethodSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.lottery.training import Draw, tested
from validation.experiments.methods.setting import MethodSetting
from validation.training.losses import CrossEntropy, Loss, SquaredError, Weighted
from validation.training.patches import train
from validation.trial.claim import Tables

BASIS, ORDER = 20, 21
"""Purposes of random numbers, beside those of the lottery."""


def measure(
    setting: MethodSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """The tables `networks`, `ensembles` and `data` of the lottery."""
    draw = Draw(setting, seed, replicate, setting.asked)
    basis = np.eye(setting.data.dimension, dtype=np.float32)
    if setting.turned:
        drawn = draw.streams.rng(BASIS).standard_normal(basis.shape)
        basis = np.linalg.qr(drawn)[0].astype(np.float32)

    def turned(vectors: np.ndarray, by: np.ndarray) -> torch.Tensor:
        # Zeros stay zeros where nothing is turned: training then leaves them out.
        return torch.from_numpy(vectors @ by if setting.turned else vectors.copy()).to(device)

    weights = turned(draw.initial, basis)
    train(
        weights, turned(draw.samples.patches, basis),
        torch.from_numpy(draw.samples.labels).to(device), setting.power, setting.schedule,
        loss=_loss(setting, draw, device),
    )  # fmt: skip
    return tested(draw, turned(weights.cpu().numpy(), basis.T))


def _loss(setting: MethodSetting, draw: Draw, device: str) -> Loss:
    loss: Loss = SquaredError() if setting.loss == "squared error" else CrossEntropy()
    if not setting.batch:
        return loss
    # All networks of a replicate see the same batches, as they see the same samples.
    classes, steps = setting.data.classes, setting.steps
    each = setting.training_samples // classes
    order = draw.streams.rng(ORDER).random((steps, classes, each)).argsort(axis=2)
    taken = (order < setting.batch).transpose(0, 2, 1).reshape(1, steps, -1)
    weights = torch.from_numpy(taken.astype(np.float32) * np.float32(each / setting.batch))
    return Weighted(loss=loss, weights=weights.to(device).expand(setting.networks, -1, -1))
