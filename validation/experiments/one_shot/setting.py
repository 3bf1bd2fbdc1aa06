"""The one-shot experiment: self-distilled ridge whose mixing is chosen from the labels alone.

A population is known as a whole, and with it the law: Gaussian inputs with a
linear target and noise, or the digits, of which those that are not drawn are the new inputs.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.features import DistilledRisk, LinearModel, distilled_risk
from validation.data.digits import digits
from validation.experiments.description import Described
from validation.experiments.kernels.data import parity
from validation.trial.claim import Expectation, Measured, Sample

Array = NDArray[np.float64]
POWER, FLAT, DIGITS = "power law", "flat spectrum", "digits"
ROWS = (
    (POWER, 200, 1.5, 0.0, (1e-4, 5e-4, 0.2, 0.6, 2.0)),
    (FLAT, 150, 3.0, 0.0, (1e-3, 2e-3, 0.5, 2.0)),
    (DIGITS, 0, 0.0, 0.0, (1.0, 3.0, 10.0, 30.0)),
    (DIGITS, 300, 0.0, 0.3, (1e-4, 3e-4, 1e-3)),
)
"""Population, size, deviation, share flipped, and ridges on both sides of the best one.

Away from it, as there is nothing to gain at it. Of digits as they are all are above it, of random
features of them, with noise, all are below it: elsewhere a student moves in too few directions for
300 samples to tell how far it should.
"""
TARGET = 11
"""Seed of the coefficients of a synthetic population."""


@dataclass(frozen=True, kw_only=True)
class OneShotSetting(Described):
    """A replicate is `draws` draws of samples, with a teacher and a student for each ridge.

    `size` is the dimension of synthetic inputs, or the number of random features of digits, 0 for
    their pixels; `ridges` are added to X'X/n; `deviation` is that of the noise of synthetic labels,
    `flipped` the share of labels of digits, even or odd, that are turned round.
    """

    experiment = "one-shot"
    trainer = "validation.experiments.one_shot.training"
    kind_of_model = "ridge regression"

    population: str
    size: int
    samples: int
    deviation: float
    flipped: float
    ridges: tuple[float, ...]
    draws: int

    steps = 1

    @property
    def kind(self) -> str:
        inputs = f" in {self.size} features" if self.population == DIGITS and self.size else ""
        noisy = f", {self.flipped:.0%} flipped" if self.flipped else ""
        return f"{self.population}{inputs}{noisy}"

    @property
    def label(self) -> str:
        return f"one-shot mixing, {self.kind}, {self.samples} samples"

    @property
    def networks(self) -> int:
        return 2 * len(self.ridges) * self.draws

    def shortened(self, steps: int) -> "OneShotSetting":
        return replace(self, draws=1)

    def whole(self) -> tuple[LinearModel, float]:
        """The linear target in the eigenbasis of the population, and the deviation beside it."""
        return population(self.population, self.size, self.deviation, self.flipped)

    def law(self, ridge: float, deviation: float | None = None) -> DistilledRisk:
        """Of teacher and students; of other noise, for the calibration."""
        target, own = self.whole()
        return distilled_risk(target, self.samples, ridge, own if deviation is None else deviation)

    def lost(self, ridge: float) -> float:
        """Share of the gain that the choice is expected to lose, to first order.

        The chosen mixing is a least squares fit to n residuals, of variance (error of the
        student)/(n curvature); the best mixing for the same samples varies about as much.
        """
        law, (_, deviation) = self.law(ridge), self.whole()
        error = law.risk(law.mixing) + deviation**2
        return 2 * error / (self.samples * law.gain)


@lru_cache(maxsize=8)
def population(kind: str, size: int, deviation: float, flipped: float) -> tuple[LinearModel, float]:
    """The linear target, and the deviation of labels from it."""
    if kind == DIGITS:
        _, _, spectrum, coefficients = images(size)
        target = LinearModel.of(spectrum, (1 - 2 * flipped) * coefficients)
        return target, math.sqrt(1 - float(spectrum @ target.mean**2))
    if kind not in (POWER, FLAT):
        raise ValueError(
            f"population={kind!r} is not known; choose one of {POWER!r}, {FLAT!r}, {DIGITS!r}"
        )
    spectrum = 1 / np.arange(1.0, size + 1) if kind == POWER else np.full(size, 1 / math.sqrt(size))
    return LinearModel.of(spectrum, np.random.default_rng(TARGET).standard_normal(size)), deviation


@lru_cache(maxsize=4)
def images(features: int) -> tuple[Array, Array, Array, Array]:
    """Of all digits: inputs in their eigenbasis, parities of 1 and -1, spectrum and target.

    Inputs are pixels, or so many random ReLU features of them.
    """
    pixels, classes = digits()
    if features:
        weights = np.random.default_rng(TARGET).standard_normal((pixels.shape[1], features))
        pixels = np.maximum(pixels @ weights, 0) / math.sqrt(features)
    labels = parity(classes)
    spectrum, axes = np.linalg.eigh(pixels.T @ pixels / len(pixels))
    seen = spectrum > 1e-8 * spectrum[-1]  # some pixels are the same in all images
    turned = pixels @ axes[:, seen]
    coefficients = turned.T @ labels / len(labels) / spectrum[seen]
    return turned, labels, spectrum[seen], coefficients


def settings(preset: str) -> tuple[OneShotSetting, ...]:
    """Ridges on both sides of the best one; smoke is for tests of the machinery."""
    draws = {"smoke": 1, "quick": 6, "standard": 12, "full": 36}[preset]
    return tuple(
        OneShotSetting(
            population=kind, size=size, samples=300, deviation=deviation, flipped=flipped,
            ridges=ridges, draws=draws,
        )
        for kind, size, deviation, flipped, ridges in ROWS
    )  # fmt: skip


def require(setting: OneShotSetting) -> list[Expectation]:
    """Labels miss the linear target by as much as the law is told."""
    _, size = setting.whole()
    spread = size / math.sqrt(setting.samples * setting.draws)
    return [
        Expectation(
            "deviation from the target", "labels", setting.label, size, 0.9 * size, 1.1 * size,
            spread,
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("one_shot", "deviation"))]
