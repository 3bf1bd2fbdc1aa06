"""The mixing experiment: ridge regressions that learn from labels mixed with the teacher's values.

The design is real, fixed and the same in all replicates, which differ in the noise of the labels:
the closed forms are for a fixed design and a known signal.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.self_distillation import (
    OptimalMixing,
    mixed_risk,
    mixed_risk_variance,
    optimal_mixing,
    optimal_mixing_variance,
)
from validation.data.digits import digits
from validation.experiments.description import Described
from validation.experiments.kernels.data import parity
from validation.trial.claim import Expectation, Measured, Sample

Array = NDArray[np.float64]

DESIGN = 7
"""Seed of the images that make the design."""
TEACHER, ONE, LAST = "teacher", "one step", "all steps"


@dataclass(frozen=True, kw_only=True)
class MixingSetting(Described):
    """A replicate is `draws` draws of label noise, each with a teacher and its students.

    Labels are m plus noise, m the linear fit of the digits' parity on the pixels: so theta is known
    and realistic. `penalty` is the ridge's lambda, `deviation` that of the noise.
    """

    experiment = "mixing"
    trainer = "validation.experiments.mixing.training"
    kind_of_model = "ridge regression"

    penalty: float
    deviation: float
    samples: int
    draws: int
    rounds: int = 3

    @property
    def label(self) -> str:
        return f"ridge on digits, lambda {self.penalty:g}"

    @property
    def steps(self) -> int:
        return self.rounds

    @property
    def networks(self) -> int:
        """A teacher and a student for each draw of the noise, at least."""
        return 2 * self.draws

    def shortened(self, steps: int) -> "MixingSetting":
        return replace(self, rounds=min(steps, self.rounds))

    def spectrum(self) -> tuple[Array, Array]:
        """Eigenvalues of X X^T and the signal in their basis."""
        return _spectrum(self.samples)

    def optimum(self, steps: int) -> OptimalMixing:
        return optimal_mixing(*self.spectrum(), self.penalty, self.deviation, steps)

    def mixings(self) -> dict[str, Array]:
        """Of the students that are compared."""
        return {
            TEACHER: np.array([]),
            ONE: self.optimum(1).mixings,
            LAST: self.optimum(self.rounds).mixings,
        }

    def risk(self, mixings: Array) -> tuple[float, float]:
        """Expected excess risk of the last student, and its deviation over replicates."""
        of_noise = (*self.spectrum(), self.penalty, self.deviation, mixings)
        return mixed_risk(*of_noise), math.sqrt(mixed_risk_variance(*of_noise) / self.draws)

    def best_spread(self) -> float:
        """Deviation over replicates of the mixing at the least mean error, to first order."""
        variance = optimal_mixing_variance(*self.spectrum(), self.penalty, self.deviation)
        return math.sqrt(variance / self.draws)


@lru_cache(maxsize=8)
def design(samples: int) -> tuple[Array, Array]:
    """Pixels of some digits, and the noise-free targets: linear in them."""
    pixels, classes = digits()
    order = np.random.default_rng(DESIGN).permutation(len(pixels))[:samples]
    # Some pixels are the same in all images: the least squares of least norm.
    theta = np.linalg.lstsq(pixels, parity(classes), rcond=1e-8)[0]
    return pixels[order], pixels[order] @ theta


@lru_cache(maxsize=8)
def _spectrum(samples: int) -> tuple[Array, Array]:
    inputs, signal = design(samples)
    eigenvalues, vectors = np.linalg.eigh(inputs @ inputs.T)
    return np.maximum(eigenvalues, 0.0), vectors.T @ signal


def settings(preset: str) -> tuple[MixingSetting, ...]:
    """Too little penalty and too much, for the noise; smoke is for tests of the machinery."""
    samples, draws = {
        "smoke": (60, 20), "quick": (150, 400), "standard": (300, 800), "full": (900, 2000),
    }[preset]  # fmt: skip
    return tuple(
        MixingSetting(penalty=penalty, deviation=1.0, samples=samples, draws=draws)
        for penalty in (10.0, 1000.0)
    )


def require(setting: MixingSetting) -> list[Expectation]:
    """The noise is as large as the closed form assumes."""
    size = setting.deviation
    return [
        Expectation(
            "deviation of the noise", "labels", setting.label, size, 0.95 * size, 1.05 * size,
            size / math.sqrt(2 * setting.samples * setting.draws),
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("mixing", "deviation"))]
