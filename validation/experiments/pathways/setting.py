"""The pathways experiment: gated deep linear networks on samples with redundant features.

`PathwaySetting` holds every number of the experiment, and what the reduced race makes of starts
drawn like those of the networks.
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import grow_pathways, pathway_shares, turned_shares, upset_probability
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

Floats = NDArray[np.float64]
DRAWS, FOLLOWED = 4000, 1000
"""Classes drawn for a prediction, and where they have to be followed in time: the standard error of
a share is then below 0.01."""


@dataclass(frozen=True, kw_only=True)
class PathwaySetting(Described):
    """A replicate is a data set with `networks` networks, which differ in their initial weights.

    A sample of class k has a patch for each of `views`; patch p is s_p v_{k,p} and noise, if
    its view is shown, with probability `presence` for each. Pathway p of a network, a product of
    `depth` matrices with hidden layers of `width`, sees patch p, and its gate is open where the
    view is shown. The output is the sum over the open pathways, the target the class's unit vector,
    the loss the squared error. It is trained by descent on all samples.

    A start is balanced: all layers of pathway p share the singular value b of class k, the
    largest of `neurons` Gaussian responses of deviation `deviation`, between random orthonormal
    bases. To each weight noise of `unbalance` times the deviation is added, which is not.
    """

    experiment = "pathways"
    trainer = "validation.experiments.pathways.training"

    name: str
    depth: int
    steps: int
    rate: float
    strengths: tuple[float, ...] = (1.0, 1.0)
    presence: float = 1.0
    deviation: float
    networks: int
    classes: int = 6
    width: int = 6
    neurons: int = 10
    unbalance: float = 0.02
    noise_dimensions: int = 6
    noise: float = 0.3
    samples: int = 300

    def __post_init__(self) -> None:
        if self.width < self.classes:
            raise ValueError(
                f"width={self.width} is not allowed (>= classes = {self.classes}, for each class "
                "is a direction of its own); raise it"
            )

    @property
    def label(self) -> str:
        return f"{self.name}, L = {self.depth}, M = {self.views}, K = {self.classes}"

    @property
    def views(self) -> int:
        return len(self.strengths)

    @property
    def work(self) -> float:
        return super().work * self.depth * self.views * self.width**2

    @property
    def redundant(self) -> bool:
        """Whether the views of a class always occur together."""
        return self.presence == 1

    @property
    def races(self) -> int:
        """Of a replicate, one in every class of every network."""
        return self.networks * self.classes

    @property
    def time(self) -> float:
        """How long gradient flow would have run."""
        return self.steps * self.rate

    @property
    def correlations(self) -> Floats:
        """S of the pathways of a class."""
        return self.presence * np.array(self.strengths)

    @property
    def overlaps(self) -> Floats:
        """D of the pathways of a class."""
        own = np.array(self.strengths)
        shown = np.full((self.views, self.views), self.presence**2)
        np.fill_diagonal(shown, self.presence)
        return np.asarray(shown * own * own[:, None])

    def start(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Singular values b of starts, shape (*shape, views)."""
        drawn = rng.standard_normal((*shape, self.views, self.neurons)).max(axis=-1)
        return np.asarray(self.deviation * np.maximum(drawn, 0))

    def foreseen(self, depth: int = 0) -> Floats:
        """Strengths u at the end of drawn classes by the reduced race, (draws, views)."""
        return _foreseen(self, depth or self.depth)

    def turned(self, depth: int = 0) -> Floats:
        """Shares of pathways of drawn classes that wait for each other, (draws, views)."""
        return _turned(self, depth or self.depth)[0]

    def taken(self) -> float:
        """Share of races that a pathway takes which has turned away from a learned class."""
        return _turned(self, self.depth)[1]

    def first(self, initial: Floats, depth: int = 0) -> NDArray[np.int64]:
        """Which pathway escapes first from these starts, shape (..., views)."""
        exponent = (depth or self.depth) - 2
        return np.asarray((self.correlations * initial**exponent).argmax(axis=-1))

    def upset(self) -> float:
        """Share of races that the part of the start that is not balanced turns round.

        It changes the mean logarithm of the layers' singular values by its share of the winner's,
        taken at the median of that, over the root of the layers.
        """
        # Not at the top: to list claims is to be quick.
        from scipy import special

        winner = special.ndtri(0.5 ** (1 / (self.neurons * self.views)))
        spread = self.unbalance / winner / self.depth**0.5
        return upset_probability(self.views, self.neurons, spread)


DEPTHS = {
    depth: partial(PathwaySetting, depth=depth, deviation=deviation, steps=steps, rate=rate)
    for depth, deviation, steps, rate in (
        (2, 0.02, 75, 0.2),
        (3, 0.05, 125, 0.4),
        (4, 0.1, 280, 0.4),
        (5, 0.14, 750, 0.3),
    )
}
"""By depth, starts so small that the races decide, and time for the slowest of them."""


@lru_cache(maxsize=64)
def _turned(setting: PathwaySetting, depth: int) -> tuple[Floats, float]:
    drawn = setting.start((DRAWS // setting.classes, setting.classes), np.random.default_rng(0))
    shares = turned_shares(drawn, depth, setting.unbalance * setting.deviation)
    taken = (shares.argmax(axis=-1) != setting.first(drawn, depth)).mean()
    return shares.reshape(-1, setting.views), float(taken)


@lru_cache(maxsize=64)
def _foreseen(setting: PathwaySetting, depth: int) -> Floats:
    draws = DRAWS if setting.redundant else FOLLOWED
    drawn = setting.start((draws,), np.random.default_rng(0))
    if setting.redundant:
        return pathway_shares(drawn, setting.strengths, depth) / np.array(setting.strengths)
    ends = grow_pathways(drawn, setting.correlations, setting.overlaps, depth, [setting.time])
    return np.asarray(ends[..., 0])


def settings(preset: str) -> tuple[PathwaySetting, ...]:
    """By depth: views that always occur together, one of them weaker, and views shown by chance."""
    depths, counts, networks = {
        "smoke": ((3,), (2,), 2),
        "quick": ((2, 3, 4), (2,), 20),
        "standard": ((2, 3, 4, 5), (2, 3), 60),
        "full": ((2, 3, 4, 5), (2, 3, 4), 200),
    }[preset]
    found, some = [], max(2, 2 * networks // 5)
    for depth in depths:
        of_depth = DEPTHS[depth]
        found += [
            of_depth(name="redundant", strengths=(1.0,) * views, networks=some) for views in counts
        ]
        found.append(of_depth(name="by chance", presence=0.6, networks=some))
        if depth > 2:
            found.append(of_depth(name="one weaker", strengths=(1.0, 0.6), networks=networks))
    return tuple(found)


def require(setting: PathwaySetting) -> list[Expectation]:
    """Networks must explain what their samples tell of the classes."""
    # Views shown by chance add up now to more, now to less than the class.
    least = 0.95 if setting.redundant else 0.6
    panel = "explained of the targets"
    return [Expectation(panel, "one network", setting.label, 1.0, least, None, 0.01)]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("networks", "explained"))]
