"""The (K, M, p) experiment: plain ReLU perceptrons on the sum of the views that are present."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.experiments.description import Described
from validation.experiments.fitted import fits, fitted
from validation.trial.claim import Expectation, Measured, Sample

Data = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Inputs, shape (samples, dimension), and labels."""


@dataclass(frozen=True)
class SummedSetting(Described):
    """A replicate is a data set with `networks` networks, which differ in initial weights.

    A sample of class y is the sum over its views of b_l z_l v_{y,l} and noise: b_l is 1 with
    probability `presence`, independently for each view, and at least one view is present; z_l is
    uniform on `strength`; the features are orthonormal and the noise lies in their complement.
    The networks have one hidden layer of ReLUs. `scale` multiplies the usual initial weights.
    """

    experiment = "summed"
    trainer = "validation.experiments.summed.training"

    classes: int
    views: int
    presence: float
    dimension: int
    training_samples: int
    hidden: int = 64
    networks: int = 10
    steps: int = 400
    batch: int = 50
    rate: float = 1.0
    scale: float = 0.3
    strength: tuple[float, float] = (1.0, 2.0)
    noise: float = 0.5
    repeats: int = 8

    def __post_init__(self) -> None:
        if not 0 < self.presence <= 1:
            raise ValueError(
                f"presence={self.presence} is not allowed (0 < presence <= 1): the probability "
                "that a view is present; choose a value in this range"
            )
        if self.dimension <= self.features:
            raise ValueError(
                f"dimension={self.dimension} leaves no room for noise: it must exceed "
                f"classes * views = {self.features}; raise it or use fewer classes"
            )

    @property
    def label(self) -> str:
        return f"sum of views, M = {self.views}, p = {self.presence:g}, K = {self.classes}"

    @property
    def features(self) -> int:
        return self.classes * self.views

    def sample(self, rng: np.random.Generator) -> Data:
        """The training set; classes are spread evenly."""
        count = self.training_samples
        labels = np.arange(count) % self.classes
        present = rng.random((count, self.views)) < self.presence
        # Of a sample that shows nothing nothing can be learned: one view is put in.
        blank = ~present.any(axis=1)
        present[blank, rng.integers(self.views, size=blank.sum())] = True
        shown = present * rng.uniform(*self.strength, size=present.shape)
        return self._inputs(labels, shown, rng), labels

    def view_only(self, rng: np.random.Generator) -> Data:
        """`repeats` samples of each (class, view): that view alone at its middle strength."""
        pair = np.repeat(np.arange(self.features), self.repeats)
        labels, view = np.divmod(pair, self.views)
        shown = (np.arange(self.views) == view[:, None]) * sum(self.strength) / 2
        return self._inputs(labels, shown, rng), labels

    def _inputs(
        self, labels: NDArray[np.int64], shown: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        inputs = np.zeros((labels.size, self.dimension), dtype=np.float32)
        columns = labels[:, None] * self.views + np.arange(self.views)
        np.put_along_axis(inputs, columns, shown.astype(np.float32), axis=1)
        complement = self.dimension - self.features
        noise = rng.standard_normal((labels.size, complement), dtype=np.float32)
        inputs[:, self.features :] = noise * np.float32(self.noise / complement**0.5)
        return inputs


def settings(preset: str) -> tuple[SummedSetting, ...]:
    """Settings of a preset: views and presences grow with it; smoke is for tests.

    In the quick preset all samples are fitted after 100 steps, which a precondition watches. The
    larger presets train on for longer, in case a view gets lost.
    """
    views, presences, classes, networks = {
        "smoke": ((2,), (0.7,), 4, 2),
        "quick": ((2, 3), (0.5, 0.7, 1.0), 10, 10),
        "standard": ((2, 3, 4), (0.5, 0.7, 0.9, 1.0), 10, 20),
        "full": ((2, 3, 4, 5), (0.5, 0.6, 0.7, 0.8, 0.9, 1.0), 20, 40),
    }[preset]
    return tuple(
        SummedSetting(
            classes=classes,
            views=count,
            presence=presence,
            dimension=(count + 4) * classes,
            training_samples=50 * classes,
            networks=networks,
            hidden=6 * classes,
            steps={"smoke": 30, "quick": 160}.get(preset, 400),
        )
        for count in views
        for presence in presences
    )


def require(setting: SummedSetting) -> list[Expectation]:
    """Networks must have fitted their data before the claims say anything of them."""
    return [fits(setting, 0.98, 0.002)]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured)]


def observe(measured: Measured) -> list[Sample]:
    """Coverage of one network, by the classification of samples that show one view alone.

    The pairs of class and view of one data set are its independent trials: networks share it.
    """
    values = measured.by_replicate("networks", "coverage").clip(0, 1)
    return [Sample.of(values, measured.setting.features * measured.replicates)]
