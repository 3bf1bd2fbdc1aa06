"""The training of a patch network in the numbers that decide its races."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mvtheory.arguments import (
    CLASSES,
    DEVIATION,
    GATED_POWER,
    NEURONS,
    PRESENCE,
    VIEWS,
    Argument,
)
from mvtheory.arrays import real
from mvtheory.shapes import Bool, Booleans, Float, Floats

SINGLE_VIEW_SAMPLES = Argument("single_view_samples", "c", "samples of each class that show one "
                               "view alone, for each view", 0, 1e6, integer=True)  # fmt: skip
NUMBERS = (
    VIEWS, CLASSES, NEURONS, GATED_POWER, DEVIATION, PRESENCE, SINGLE_VIEW_SAMPLES,
    Argument("samples", "n", "training samples of each class", 1, 1e6, integer=True),
    Argument("background_noise", "xi", "norm of the noise in a background patch", 0, 1e6),
    Argument("backgrounds", "b", "background patches of a sample", 0, 1e6, integer=True),
    Argument("noise_dimensions", "d", "dimensions of the noise", 1, 1e12, integer=True),
    Argument("cosine", "c", "cosine between two views of a class", 0, 1, high_open=True),
)  # fmt: skip


class Stage(NamedTuple):
    """So many steps of gradient descent at one rate, with heavy-ball momentum in [0, 1)."""

    steps: int
    rate: float
    momentum: float = 0.0

    @property
    def time(self) -> float:
        """How long gradient flow would have run: a step lasts rate / (1 - momentum)."""
        return self.steps * self.rate / (1 - self.momentum)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Data, network and training of one experiment; see `regime` for what follows from it.

    Parameters
    ----------
    views, classes, neurons : int
        M, K and the neurons m of each class.
    power : float, 2 <= q <= 16
        q of the smoothed ReLU, or the depth of a gated deep linear pathway.
    deviation : float, > 0
        Standard deviation of <w, v> at initialisation, in units of the ReLU's threshold.
    samples : int, >= 1
        Training samples of each class.
    single_view_samples : int, >= 0
        Those among them that show one view alone, at z = 1: so many for each view.
    stages : tuple of (steps, rate) or (steps, rate, momentum)
        Gradient descent, kept as `Stage`; rate 1 moves a view by the mean gradient over its own
        class's samples, and momentum is the share of the velocity that a step keeps.
    presence : float, 0 <= p <= 1
        Probability that a multi-view sample shows a view, independently for each.
    strength : (float, float)
        Range of the coefficients z of the views shown.
    background_noise : float, >= 0
        Norm xi of the noise in a background patch: what can be memorised of a sample.
    backgrounds : int, >= 0
        Such patches of a sample.
    noise_dimensions : int, >= 1
        Dimensions of the noise; fewer make memory answer to fresh noise.
    scales : tuple of float > 0, one for each view
        Factors of the views' coefficients in multi-view samples; by default all are 1.
    cosine : float, 0 <= c < 1
        Between any two views of a class: what a weight gains along one view it gains along the
        others by this share.

    Examples
    --------
    >>> plain = Setting(views=3, classes=10, neurons=20, power=3, deviation=0.1, samples=50,
    ...                 stages=((500, 1.0),))
    >>> plain.stages[0].steps, plain.presence
    (500, 1.0)
    """

    views: int
    classes: int
    neurons: int
    power: float
    deviation: float
    samples: int
    stages: tuple[Any, ...]
    single_view_samples: int = 0
    presence: float = 1.0
    strength: tuple[float, float] = (1.5, 2.0)
    background_noise: float = 2.1
    backgrounds: int = 1
    noise_dimensions: int = 10**6
    scales: tuple[float, ...] = ()
    cosine: float = 0.0

    def __post_init__(self) -> None:
        for argument in NUMBERS:
            argument.number(getattr(self, argument.name))
        object.__setattr__(self, "strength", pair(self.strength))
        object.__setattr__(self, "stages", _stages(self.stages))
        most = self.samples // self.views
        SINGLE_VIEW_SAMPLES.within(high=most).number(self.single_view_samples)
        if self.presence < 1:
            VIEWS.within(high=6).number(self.views)
        scales = real(self.scales, "scales")
        if scales.size and (scales.shape != (self.views,) or not np.all(_positive(scales))):
            raise ValueError(
                f"scales={self.scales!r} is not allowed ({self.views} finite numbers > 0); give "
                "one for each view, or none"
            )

    @property
    def time(self) -> float:
        """How long gradient flow would have run."""
        return float(sum(stage.time for stage in self.stages))

    @property
    def single_view_fraction(self) -> float:
        """Share mu of the training samples that show one view alone by design."""
        return self.single_view_samples * self.views / self.samples

    def mean_power(self, power: float) -> float:
        """E[z^q] of a coefficient, uniform on `strength`."""
        low, high = self.strength
        if low == high:
            return float(low**power)
        # The difference of two powers, without cancellation.
        relative = (high - low) / low
        grown = math.expm1((power + 1) * math.log1p(relative))
        return float(low**power * grown / ((power + 1) * relative))

    def drive(self) -> float:
        """S of a view in the multi-view samples before training: (1 - mu) p (1 - 1/K) E[z^q]."""
        shown = (1 - self.single_view_fraction) * self.presence * (1 - 1 / self.classes)
        return shown * self.mean_power(self.power)


def pair(strength: Any) -> tuple[float, float]:
    """The range of a coefficient, as (low, high) of 0 < low <= high."""
    ends = real(strength, "strength")
    if ends.shape != (2,) or not np.all(_positive(ends)) or ends[0] > ends[1]:
        raise ValueError(
            f"strength={strength!r} is not allowed (low and high, finite, 0 < low <= high); give "
            "the range of the coefficients"
        )
    return float(ends[0]), float(ends[1])


def _stages(given: Any) -> tuple[Stage, ...]:
    try:
        stages = tuple(Stage(*stage) for stage in given)
        right = all(
            s.steps >= 1 and s.steps == int(s.steps) and 0 < s.rate < math.inf
            and 0 <= s.momentum < 1 for s in stages
        )  # fmt: skip
    except (TypeError, ValueError, OverflowError):  # not a sequence of numbers
        right = False
    if not right or not stages:
        raise ValueError(
            f"stages={given!r} is not allowed; give (steps >= 1, rate > 0) or (steps >= 1, "
            "rate > 0, 0 <= momentum < 1) for each, one at least"
        )
    return stages


def _positive(values: Float[Floats, " ..."]) -> Bool[Booleans, " ..."]:
    return np.isfinite(values) & (values > 0)
