"""The training of a patch network in the numbers that decide its races."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from mvtheory.arguments import CLASSES, DEVIATION, GATED_POWER, NEURONS, PRESENCE, VIEWS


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
        for argument in (VIEWS, CLASSES, NEURONS, GATED_POWER, DEVIATION, PRESENCE):
            argument.check(getattr(self, argument.name))
        low, high = self.strength
        _require(0 < low <= high < math.inf, "strength", self.strength, "0 < low <= high")
        _require(
            bool(self.stages) and all(_is_stage(stage) for stage in self.stages),
            "stages", self.stages,
            "(steps >= 1, rate > 0) or (steps >= 1, rate > 0, 0 <= momentum < 1) each",
        )  # fmt: skip
        object.__setattr__(self, "stages", tuple(Stage(*stage) for stage in self.stages))
        noise = self.background_noise
        _require(0 <= noise < math.inf, "background_noise", noise, "finite and >= 0")
        for name, least in (
            ("samples", 1), ("single_view_samples", 0), ("backgrounds", 0), ("noise_dimensions", 1)
        ):  # fmt: skip
            value = getattr(self, name)
            _require(value >= least and value == int(value), name, value, f"integer, >= {least}")
        shown = self.single_view_samples * self.views
        _require(shown <= self.samples, "single_view_samples", self.single_view_samples,
                 f"at most samples / views = {self.samples // self.views}")  # fmt: skip
        scaled = not self.scales or (len(self.scales) == self.views and min(self.scales) > 0)
        _require(scaled, "scales", self.scales, f"{self.views} numbers > 0, one for each view")
        _require(0 <= self.cosine < 1, "cosine", self.cosine, "0 <= cosine < 1")
        if self.presence < 1:
            _require(self.views <= 6, "views", self.views, "at most 6 where presence < 1")

    @property
    def time(self) -> float:
        """How long gradient flow would have run."""
        return sum(stage.time for stage in self.stages)

    @property
    def single_view_fraction(self) -> float:
        """Share mu of the training samples that show one view alone by design."""
        return self.single_view_samples * self.views / self.samples

    def mean_power(self, power: float) -> float:
        """E[z^q] of a coefficient, uniform on `strength`."""
        low, high = self.strength
        if low == high:
            return low**power
        return (high ** (power + 1) - low ** (power + 1)) / ((power + 1) * (high - low))

    def drive(self) -> float:
        """S of a view in the multi-view samples before training: (1 - mu) p (1 - 1/K) E[z^q]."""
        shown = (1 - self.single_view_fraction) * self.presence * (1 - 1 / self.classes)
        return shown * self.mean_power(self.power)


def _is_stage(given: tuple[Any, ...]) -> bool:
    if len(given) not in (2, 3):
        return False
    steps, rate, momentum = Stage(*given)
    return steps >= 1 and steps == int(steps) and 0 < rate < math.inf and 0 <= momentum < 1


def _require(met: bool, name: str, value: object, allowed: str) -> None:
    if not met:
        raise ValueError(
            f"{name}={value!r} is not allowed: {allowed}; choose a value in this range"
        )
