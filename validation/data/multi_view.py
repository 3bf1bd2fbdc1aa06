"""The multi-view data distribution of Allen-Zhu & Li (2023), for M views a class."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MULTI_VIEW = -1
"""Entry of `Samples.shown` for a sample that shows every view of its class."""


@dataclass(frozen=True)
class Samples:
    """Inputs made of patches, with what is known about how they were made.

    Attributes
    ----------
    patches : float32 array, shape (samples, patches, dimension)
    labels : int array, shape (samples,)
    shown : int array, shape (samples,)
        The only view shown by a single-view sample; `MULTI_VIEW` for the others.
    coefficients : float array, shape (samples, views)
        Coefficient z of each view of the label.
    """

    patches: NDArray[np.float32]
    labels: NDArray[np.int64]
    shown: NDArray[np.int64]
    coefficients: NDArray[np.float64]

    def drives(self, classes: int, power: float) -> NDArray[np.float64]:
        """Mean of z^q over the multi-view samples: S_l of the race, shape (classes, views)."""
        multi = self.shown == MULTI_VIEW
        return np.stack(
            [
                (self.coefficients[multi & (self.labels == label)] ** power).mean(axis=0)
                for label in range(classes)
            ]
        )


@dataclass(frozen=True)
class MultiViewData:
    """Classes with `views` features each, some samples showing only one of them.

    A sample has one patch for each view of its class, one for each distractor and one for each
    background: patch p is z_p v_p + noise. The features span the first ``classes * views`` axes,
    and are these axes while `cosine` is 0; nothing is lost by that, because noise and initial
    weights are rotation invariant. Noise lives in the orthogonal complement of the features: a
    component inside their span would let a strong neuron open its gate on other views, and the
    lottery would be over.

    In multi-view samples view l of the label has coefficient z uniform on `strength`, times
    ``scales[l]`` where scales are given. Two views of one class have the cosine `cosine`, in
    [0, 1); features of different classes are orthogonal.

    Distractors are (class, view) pairs of different classes, so that a class never shows all its
    views together in another class's sample.

    Source: Allen-Zhu & Li (2023), where M = 2 and a view may fill several patches.
    """

    classes: int
    views: int
    dimension: int
    distractors: int = 2
    backgrounds: int = 1
    strength: tuple[float, float] = (1.5, 2.0)
    distractor_strength: tuple[float, float] = (0.1, 0.3)
    single_view_distractor_strength: float = 0.12
    feature_noise: float = 0.07
    background_noise: float = 2.1
    single_view_fraction: float = 0.04
    scales: tuple[float, ...] = ()
    cosine: float = 0.0

    def __post_init__(self) -> None:
        if self.classes < 2 or self.views < 1:
            raise ValueError(
                f"classes={self.classes}, views={self.views}: at least 2 classes and 1 view "
                "are needed; choose more"
            )
        if self.dimension <= self.features:
            raise ValueError(
                f"dimension={self.dimension} leaves no room for noise: it must exceed "
                f"classes * views = {self.features}; raise it or use fewer classes"
            )
        if self.distractors >= self.classes:
            raise ValueError(
                f"distractors={self.distractors} is not allowed (< classes = {self.classes}): each "
                "shows another class; use fewer of them or more classes"
            )
        if not 0 <= self.single_view_fraction <= 1:
            raise ValueError(
                f"single_view_fraction={self.single_view_fraction} is not in [0, 1]; "
                "it is the share of samples that show one view only: choose one in this range"
            )
        if self.scales and (len(self.scales) != self.views or min(self.scales) <= 0):
            raise ValueError(
                f"scales={self.scales} is not allowed for {self.views} views (one number > 0 a "
                "view, or none); give each view its scale"
            )
        if not 0 <= self.cosine < 1:
            raise ValueError(
                f"cosine={self.cosine} is not allowed (0 <= cosine < 1); views of a class with "
                "cosine 1 are one view: choose a smaller one, or one view less"
            )

    @property
    def features(self) -> int:
        return self.classes * self.views

    @property
    def patches(self) -> int:
        return self.views + self.distractors + self.backgrounds

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Unit vectors of the features, shape (classes, views, dimension)."""
        views = self.views
        # The symmetric root of the Gram matrix (1 - c) I + c J favours no view.
        off = (math.sqrt(1 + (views - 1) * self.cosine) - math.sqrt(1 - self.cosine)) / views
        root = math.sqrt(1 - self.cosine) * np.eye(views) + off
        vectors = np.zeros((self.classes, views, self.dimension), dtype=np.float32)
        for label in range(self.classes):
            vectors[label, :, label * views : (label + 1) * views] = root
        return vectors

    def mean_power(self, power: float) -> float:
        """E[z^q] of a multi-view sample's coefficient z, uniform on `strength`."""
        low, high = self.strength
        if low == high:
            return low**power
        return (high ** (power + 1) - low ** (power + 1)) / ((power + 1) * (high - low))

    def sample(self, count: int, rng: np.random.Generator) -> Samples:
        """Draw `count` samples, classes and single-view samples spread as evenly as they go.

        Fixed counts in place of binomial ones: they remove a variance which is not the
        theory's subject (`single_view_fraction` is then exact up to rounding).
        """
        index = np.arange(count)
        labels = index % self.classes
        singles = round(self.single_view_fraction * count)
        shown = np.where(index < singles, (index // self.classes) % self.views, MULTI_VIEW)
        single = shown != MULTI_VIEW

        drawn = rng.uniform(*self.strength, size=(count, self.views))
        if self.scales:
            drawn *= self.scales
        vectors = self.vectors
        one_view = np.arange(self.views) == shown[:, None]
        coefficients = np.where(single[:, None], one_view.astype(float), drawn)

        patches = np.zeros((count, self.patches, self.dimension), dtype=np.float32)
        for view in range(self.views):
            patches[:, view] = coefficients[:, view, None] * vectors[labels, view]
        # Without replacement: two views of one class, or one twice, would outshine the label's.
        others = np.tile(np.arange(1, self.classes), (count, 1))
        others = (labels[:, None] + rng.permuted(others, axis=1)) % self.classes
        for slot in range(self.views, self.views + self.distractors):
            other = others[:, slot - self.views]
            view_of_other = rng.integers(self.views, size=count)
            strength = np.where(
                single,
                self.single_view_distractor_strength,
                rng.uniform(*self.distractor_strength, size=count),
            )
            patches[:, slot] = strength[:, None] * vectors[other, view_of_other]
        self._add_noise(patches, rng)
        return Samples(patches, labels, shown, coefficients)

    def view_only(self, repeats: int, rng: np.random.Generator) -> Samples:
        """Draw `repeats` samples of each (class, view): that view at z = 1 and the background.

        In order of (class, view, repeat). There are no distractors: the question put to a
        network is whether it knows this view, not whether it prefers it.
        """
        pair = np.repeat(np.arange(self.features), repeats)
        labels, view = np.divmod(pair, self.views)
        coefficients = (np.arange(self.views) == view[:, None]).astype(float)
        patches = np.zeros((pair.size, self.patches, self.dimension), dtype=np.float32)
        patches[np.arange(pair.size), view] = self.vectors[labels, view]
        self._add_noise(patches, rng)
        return Samples(patches, labels, view, coefficients)

    def with_decoys(self, strength: float) -> Samples:
        """A sample for each (class, view, other class): that view at z = 1, and a decoy.

        The decoy is a patch that shows all views of the other class at `strength`; there is no
        noise. In order of (class, view); the other classes run upwards from the label.
        """
        pair = np.repeat(np.arange(self.features), self.classes - 1)
        labels, view = np.divmod(pair, self.views)
        other = (labels + 1 + np.arange(pair.size) % (self.classes - 1)) % self.classes
        coefficients = (np.arange(self.views) == view[:, None]).astype(float)
        patches = np.zeros((pair.size, self.patches, self.dimension), dtype=np.float32)
        patches[np.arange(pair.size), view] = self.vectors[labels, view]
        patches[:, self.views] = strength * self.vectors[other].sum(axis=1)
        return Samples(patches, labels, view, coefficients)

    def _add_noise(self, patches: NDArray[np.float32], rng: np.random.Generator) -> None:
        complement = self.dimension - self.features
        norms = np.full(self.patches, self.feature_noise, dtype=np.float32)
        norms[self.views + self.distractors :] = self.background_noise
        noise = rng.standard_normal((*patches.shape[:2], complement), dtype=np.float32)
        noise *= norms[:, None] / np.float32(math.sqrt(complement))
        patches[..., self.features :] = noise
