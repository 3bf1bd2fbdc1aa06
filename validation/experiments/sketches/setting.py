"""The sketch experiment: ridge regressions on sketches of their inputs, of three kinds.

Inputs are Gaussian, their covariance a power law in axes that are turned at random. Risks are
means over the noise of the labels and over targets without preferred direction, taken exactly: the
data and the sketches alone are drawn.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mvtheory.features import LinearModel, fit_ridge
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

if TYPE_CHECKING:  # laws take their time to load, which a plan of other claims need not
    from mvtheory.laws import AbstractLaw

GAUSSIAN, ORTHOGONAL, HASHED = KINDS = "Gaussian", "orthogonal", "CountSketch"
NONE = "none"
FREEDOM = 0.25
"""Deviation of degrees of freedom between draws: a sum of d/(d + ridge), whose slope in log d is
at most a quarter, over eigenvalues that repel each other, so that about one of them moves."""
RIDGES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
MOST = 60
"""Inputs that share a hashed column are not more: in the mean they are a few."""


@dataclass(frozen=True, kw_only=True)
class SketchSetting(Described):
    """A replicate is `draws` draws of the data, with `models` sketches of each kind.

    There are `samples` inputs of dimension `size`, of which sketches keep `columns` numbers;
    eigenvalues of the covariance are 1, 1/2, 1/3, ... and `ridges` are added to X'X/n.
    """

    experiment = "sketches"
    trainer = "validation.experiments.sketches.training"
    kind_of_model = "ridge regression"

    size: int
    samples: int
    columns: int
    ridges: tuple[float, ...]
    deviation: float
    models: int
    draws: int

    steps = 1

    @property
    def label(self) -> str:
        return f"{self.columns} of {self.size} columns, {self.samples} samples"

    @property
    def networks(self) -> int:
        return len(KINDS) * len(self.ridges) * self.models * self.draws

    def shortened(self, steps: int) -> "SketchSetting":
        return self  # there are no steps

    def spread(self, kind: str) -> float:
        """Relative deviation of a replicate's risks, and of degrees of freedom beside `FREEDOM`.

        Sums over p eigenvalues deviate by about three of them; of a CountSketch so do the columns
        in use besides.
        """
        own = 3 / self.size
        if kind == HASHED:
            unused = math.exp(-self.size / self.columns)
            varied = unused * (1 - (1 + self.size / self.columns) * unused) / self.columns
            own = math.hypot(own, math.sqrt(varied / self.models) / (1 - unused))
        return own / math.sqrt(self.draws)

    def spectrum(self) -> NDArray[np.float64]:
        return 1 / np.arange(1.0, self.size + 1)

    def share(self, law: str, ridge: float) -> float:
        """Degrees of freedom over dimension of the sketch of a kind, or of `NONE`."""
        # Of a target of ones the mean fit is d/(d + k).
        return float(_fit(self, law, ridge, 1).mean.sum()) / self.size

    def risk(self, law: str, ridge: float, models: int) -> float:
        """Of averages of so many models, on such sketches."""
        return _fit(self, law, ridge, models).risk(_target(self))


def _target(setting: SketchSetting) -> LinearModel:
    """Of the second moments of targets without preferred direction."""
    return LinearModel.of(setting.spectrum(), np.ones(setting.size))


@lru_cache(maxsize=512)
def _fit(setting: SketchSetting, law: str, ridge: float, models: int) -> LinearModel:
    sketch = _law(law, setting.size, setting.columns)
    target, deviation = _target(setting), setting.deviation
    return fit_ridge(target, setting.samples, ridge, deviation, sketch, models)


@lru_cache(maxsize=16)
def _law(kind: str, size: int, columns: int) -> "AbstractLaw | None":
    """Of the eigenvalues of T T'."""
    from scipy.special import gammaln

    from mvtheory.laws import Discrete, MarchenkoPastur

    ratio = size / columns
    if kind == NONE:
        return None
    if kind == GAUSSIAN:
        return MarchenkoPastur(aspect_ratio=ratio)
    if kind == ORTHOGONAL:
        return Discrete(atoms=[0, ratio], weights=[1 - 1 / ratio, 1 / ratio])
    # T'T of a CountSketch is diagonal: how many inputs share each column.
    counts = np.arange(1.0, min(MOST, size) + 1)
    weights = np.exp(counts * math.log(ratio) - ratio - gammaln(counts + 1)) / ratio
    return Discrete(
        atoms=np.concatenate([[0.0], counts]),
        weights=np.concatenate([[1 - weights.sum()], weights]),
    )


def settings(preset: str) -> tuple[SketchSetting, ...]:
    """Columns for a quarter and an eighth of the dimension; smoke is for tests of the machinery."""
    if preset == "smoke":
        return (_of(60, 60, 24, draws=2),)
    draws = {"quick": 1, "standard": 3, "full": 10}[preset]
    return tuple(_of(400, 400, columns, draws) for columns in (100, 50))


def _of(size: int, samples: int, columns: int, draws: int) -> SketchSetting:
    return SketchSetting(
        size=size, samples=samples, columns=columns, ridges=RIDGES, deviation=0.5, models=2,
        draws=draws,
    )  # fmt: skip


def require(setting: SketchSetting) -> list[Expectation]:
    """Sketches keep lengths in the mean: tr T T' / p = 1."""
    spread = math.sqrt(2 / (setting.size * setting.columns * setting.models * setting.draws))
    return [
        Expectation("mean of T T'", kind, setting.label, 1.0, 0.95, 1.05, spread) for kind in KINDS
    ]


def check(measured: Measured) -> list[Sample]:
    table = measured.tables["sketches"]
    return [
        Sample.of(own.groupby("replicate", sort=True)["mean"].mean().to_numpy())
        for own in (table[table["kind"] == kind] for kind in KINDS)
    ]
