"""Draws samples of `OneShotSetting`, trains teachers and students, and asks for their mixing."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mvtheory.self_distillation import one_shot_mixing
from validation.experiments.one_shot.setting import DIGITS, OneShotSetting, images
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

Array = NDArray[np.float64]


def measure(
    setting: OneShotSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train teachers and students on draws of the samples.

    Returns table `one_shot`, a row for each ridge: means over the draws of the teacher's risk (of
    digits, with what is not linear in their labels), of what the best mixing and the chosen one
    take off it, of the chosen mixing and of the deviation of the labels from the target.
    """
    key = (ord(setting.population[0]), setting.size, round(100 * setting.flipped), replicate)
    streams = Streams(seed, key)
    target, _ = setting.whole()
    sums = {ridge: np.zeros(5) for ridge in setting.ridges}
    for draw in range(setting.draws):
        inputs, labels, missed = drawn(setting, streams.rng(draw))
        left, singular, right = np.linalg.svd(inputs, full_matrices=False)
        # What lies in none of the directions has the eigenvalue 0, and counts by its size alone.
        inside = left.T @ labels
        outside = math.sqrt(max(0.0, float(labels @ labels - inside @ inside)))
        values, z = np.zeros(setting.samples), np.zeros(setting.samples)
        values[: singular.size], z[: singular.size] = singular**2, inside
        if singular.size < setting.samples:
            z[singular.size] = outside
        deviation = float(np.std(labels - inputs @ target.mean))
        for ridge in setting.ridges:
            penalty = ridge * setting.samples
            h = singular**2 / (singular**2 + penalty)

            def error(mixing: float, h: Array = h) -> Array:
                """Of a student on labels mixed so: its squares sum up to its risk."""
                taught = (1 - mixing) * inside + mixing * h * inside  # noqa: B023
                return missed(right.T @ (h / singular * taught))  # noqa: B023

            teacher, moved = error(0.0), error(1.0) - error(0.0)
            best = -float(teacher @ moved) / float(moved @ moved)
            chosen = one_shot_mixing(values, z, penalty).mixing
            risks = [float(np.sum(error(mixing) ** 2)) for mixing in (0.0, best, chosen)]
            sums[ridge] += (
                risks[0], risks[0] - risks[1], risks[0] - risks[2], chosen, deviation
            )  # fmt: skip
    names = ("teacher", "gain", "kept", "mixing", "deviation")
    return {
        "one_shot": [
            {"ridge": ridge} | dict(zip(names, (row / setting.draws).tolist(), strict=True))
            for ridge, row in sums.items()
        ]
    }


def drawn(
    setting: OneShotSetting, rng: np.random.Generator
) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Inputs in the eigenbasis of the population, labels, and the errors of coefficients.

    These are at all other images, or exact where the population is Gaussian.
    """
    target, deviation = setting.whole()
    if setting.population == DIGITS:
        turned, labels, *_ = images(setting.size)
        chosen, rest = np.split(rng.permutation(len(turned)), [setting.samples])
        signs = np.where(rng.random(setting.samples) < setting.flipped, -1.0, 1.0)
        others, wanted = turned[rest], (1 - 2 * setting.flipped) * labels[rest]
        size = math.sqrt(len(rest))
        return turned[chosen], signs * labels[chosen], lambda b: (others @ b - wanted) / size
    root = np.sqrt(target.eigenvalues)
    inputs = rng.standard_normal((setting.samples, root.size)) * root
    noise = deviation * rng.standard_normal(setting.samples)
    return inputs, inputs @ target.mean + noise, lambda b: np.asarray(root * (b - target.mean))
