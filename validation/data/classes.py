"""Many classes, each of several Gaussian clusters whose means lie in groups."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLASSES_IN_GROUP = 5
SPREAD = 0.8
"""Deviation of the groups' centres, and of the clusters' centres about them, in each dimension."""


class Labelled(NamedTuple):
    """Inputs, float32 of shape (samples, d), and their labels, shape (samples,)."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ManyClasses:
    """A class is an even mixture of `clusters` Gaussians; about five classes share a centre.

    Classes of a group are alike and those of different groups are not, so that a teacher's soft
    labels tell more than the label. Inputs have mean 0 and variance 1 over the draw of centres.

    Parameters
    ----------
    classes : int
        K >= 2.
    dimension : int
        Of the inputs, d >= 1.
    clusters : int
        Of each class, >= 1.
    noise : float
        Deviation within a cluster, relative to centres of deviation 1.13; >= 0.
    seed : int
        Of the centres; the same problem at the same seed.

    Examples
    --------
    >>> problem = ManyClasses(classes=20, dimension=30, seed=1)
    >>> inputs, labels = problem.sample(400, np.random.default_rng(0))
    >>> inputs.shape, int(labels.min()), int(labels.max())
    ((400, 30), 0, 19)
    """

    classes: int
    dimension: int
    clusters: int = 3
    noise: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low in (("classes", 2), ("dimension", 1), ("clusters", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise ValueError(f"{name}={value!r} is not allowed (a whole number >= {low}); "
                                 "choose one in this range")  # fmt: skip
        if not 0 <= self.noise < math.inf:
            raise ValueError(f"noise={self.noise} is not allowed (a finite number >= 0); "
                             "choose one in this range")  # fmt: skip

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """Means of the clusters before scaling, shape (classes, clusters, dimension)."""
        rng = np.random.default_rng(self.seed)
        groups = rng.standard_normal((max(2, self.classes // CLASSES_IN_GROUP), self.dimension))
        group = np.arange(self.classes) % len(groups)
        own = rng.standard_normal((self.classes, self.clusters, self.dimension))
        return SPREAD * (groups[group][:, None] + own)

    def sample(self, count: int, rng: np.random.Generator) -> Labelled:
        """Draw `count` samples, their classes and clusters independently and evenly."""
        labels = rng.integers(self.classes, size=count)
        cluster = rng.integers(self.clusters, size=count)
        inputs = self.centres[labels, cluster]
        inputs += self.noise * rng.standard_normal(inputs.shape)
        inputs /= math.sqrt(2 * SPREAD**2 + self.noise**2)
        return Labelled(inputs.astype(np.float32), labels)
