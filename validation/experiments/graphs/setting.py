"""The graphs experiment: a layer of message passing, then competing neurons, summed over nodes.

`GraphSetting` holds every number of the experiment and what the growth law expects of it.
"""

import math
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import (
    expected_coverage,
    mixed_strength,
    unrivalled_coverage,
    win_probabilities,
)
from validation.experiments.fitted import fits, fitted
from validation.experiments.lottery.setting import CALLED_WRONGLY
from validation.experiments.shown_alike import ShownAlike
from validation.trial.claim import Expectation, Measured, Sample

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
DRAWN = 400
"""Graphs drawn for how much the strength of a view varies from graph to graph."""


@dataclass(frozen=True, kw_only=True)
class GraphSetting(ShownAlike):
    """A replicate is a set of graphs and `networks` networks, which differ in initial weights.

    A graph of class k has a part for each of the class's views, with `carriers` nodes that carry
    its feature and `plain` nodes that carry none. Carriers of view l are joined to each other with
    the probability `within[l]`, all other pairs of a part with `between`; a view's coefficient is
    uniform on `strength`. Test graphs show one view alone, `asked` times as strongly, and beside
    them stands a graph with all views of another class, at `decoy` of theirs: who does not know the
    view answers the other class, so that nothing is put right by chance.

    A network gives each node the mean of itself and its neighbours, and adds up over nodes what
    `neurons` of each class answer: smoothed ReLUs of `power`. Features are orthonormal, responses
    begin as Gaussians of `deviation`. Training is plain descent on the cross-entropy of all graphs;
    at rate 1 a view moves by the mean gradient over its own class.
    """

    experiment = "graphs"
    trainer = "validation.experiments.graphs.training"

    classes: int
    within: tuple[float, ...]
    networks: int
    between: float = 0.6
    carriers: int = 6
    plain: int = 6
    power: int = 4
    neurons: int = 6
    deviation: float = 0.02
    strength: tuple[float, float] = (1.8, 2.2)
    steps: int = 150
    rate: float = 4.0
    samples: int = 24
    asked: float = 4.0
    decoy: float = 0.4
    sizes: tuple[int, ...] = (1, 2, 3, 5)

    @property
    def label(self) -> str:
        joined = " : ".join(f"{chance:g}" for chance in self.within)
        return f"graphs, joined {joined}, M = {self.views}, K = {self.classes}"

    @property
    def views(self) -> int:
        return len(self.within)

    @property
    def even(self) -> bool:
        """Whether all views are shown alike."""
        return len(set(self.within)) == 1

    @property
    def training_samples(self) -> int:
        return self.samples * self.classes

    @property
    def nodes(self) -> int:
        return self.views * (self.carriers + self.plain)

    @property
    def work(self) -> float:
        return super().work * self.training_samples * self.nodes * self.classes * self.neurons

    def graphs(self, coefficients: Floats, rng: np.random.Generator) -> Floats:
        """Views at each node after message passing, shape (graphs, nodes, views).

        `coefficients` of the views have shape (graphs, views).
        """
        part = np.repeat(np.arange(self.views), self.carriers + self.plain)
        carries = np.arange(self.nodes) % (self.carriers + self.plain) < self.carriers
        chances = np.where(part == part[:, None], self.between, 0.0)
        both = (part == part[:, None]) & carries & carries[:, None]
        chances = np.where(both, np.array(self.within)[part], chances)
        shape = len(coefficients), self.nodes, self.nodes
        drawn = np.triu(rng.random(shape, dtype=np.float32) < chances, 1)
        reached = drawn + drawn.swapaxes(1, 2) + np.eye(self.nodes)
        carried = coefficients[:, None] * (carries[:, None] & (part[:, None] == range(self.views)))
        return np.asarray(reached @ carried / reached.sum(axis=2, keepdims=True))

    def training(self, rng: np.random.Generator) -> tuple[Floats, Integers]:
        labels = np.arange(self.training_samples) % self.classes
        drawn = rng.uniform(*self.strength, (len(labels), self.views))
        return self.placed(self.graphs(drawn, rng), labels), labels

    def view_only(self, rng: np.random.Generator) -> tuple[Floats, Integers]:
        """A graph of each view with every other class beside it, in the order of the first."""
        views = np.arange(self.classes * self.views)
        view, other = (
            side.ravel() for side in np.meshgrid(views, range(1, self.classes), indexing="ij")
        )
        labels = view // self.views
        asked = self.asked * np.eye(self.views)[view % self.views] * self.strength[1]
        decoys = np.full(asked.shape, self.decoy * self.strength[1])
        shown = self.placed(self.graphs(asked, rng), labels)
        beside = self.placed(self.graphs(decoys, rng), (labels + other) % self.classes)
        return np.concatenate([shown, beside], axis=1), labels

    def placed(self, mixed: Floats, labels: Integers) -> Floats:
        """With the views of each graph's class among the features of all."""
        found = np.zeros((*mixed.shape[:2], self.classes, self.views))
        found[np.arange(len(labels)), :, labels] = mixed
        return found.reshape(*mixed.shape[:2], -1)

    def strengths(self, power: float) -> Floats:
        """E of the sum over nodes of each view's coefficient, to this power."""
        low, high = self.strength
        mean = (high ** (power + 1) - low ** (power + 1)) / (power + 1) / (high - low)
        mixed = [
            mixed_strength(self.carriers, self.plain, within, self.between, power)
            for within in self.within
        ]
        return np.array(mixed) * mean

    def odds(self) -> Floats:
        """Share of the classes that learn a view in which each one wins."""
        chances = win_probabilities(self.strengths(self.power), self.power, self.neurons)
        return np.asarray(chances / chances.sum())

    def raced(self) -> float:
        """Coverage of one network by the growth law, with near-ties; of views shown alike.

        While a winner's output F grows to log(1 + (K - 1) s T) by s = E[sum of squares], a loser
        receives S F / s.
        """
        drive, square = (float(self.strengths(power)[0]) for power in (self.power, 2))
        end = math.log1p((self.classes - 1) * square * self.steps * self.rate)
        late = drive * end / square
        return expected_coverage(self.views, self.neurons, self.power, self.deviation, late)

    def learned_in_time(self) -> float:
        """Share of the classes of which the growth law lets a view escape in the time there is."""
        growths = (1 - 1 / self.classes) * self.strengths(self.power) * self.steps * self.rate
        missed = [
            1 - unrivalled_coverage(self.neurons, self.power, self.deviation, growth)
            for growth in growths.tolist()
        ]
        return 1 - math.prod(missed)

    def odds_spread(self) -> float:
        """Deviation of a replicate's share of races won by the first view.

        Which view starts ahead is taken out. Races may be called wrongly, and networks share their
        graphs, in which views are shown more or less strongly than in the mean.
        """
        wrong = CALLED_WRONGLY * (1 - CALLED_WRONGLY) / (self.networks * self.classes)
        return math.hypot(math.sqrt(wrong), _of_graphs(self))


@lru_cache(maxsize=64)
def _of_graphs(setting: GraphSetting) -> float:
    rng = np.random.default_rng(0)
    mixed = setting.graphs(rng.uniform(*setting.strength, (DRAWN, setting.views)), rng)
    each = (mixed**setting.power).sum(axis=1)
    drawn = rng.choice(each, (100, setting.samples)).mean(axis=1)
    won = win_probabilities(drawn, setting.power, setting.neurons)
    return float((won[:, 0] / won.sum(axis=1)).std()) / math.sqrt(setting.classes)


def settings(preset: str) -> tuple[GraphSetting, ...]:
    """Graphs that show views alike, and others in which carriers of the first are joined more.

    Where five networks share three views, steps are smaller. At rate 4 the step that takes a view
    over the threshold leaves it anywhere between what its graphs ask for and six times that, and
    four networks that answer a decoy outvote the one that knows a view.
    """
    classes, counts, networks, joined = {
        "smoke": (3, (2,), 3, (1.0,)),
        "quick": (3, (2,), 16, (0.0, 0.6, 1.0)),
        "standard": (6, (2, 3), 20, (0.0, 0.15, 0.6, 1.0)),
        "full": (10, (2, 3, 4), 40, (0.0, 0.15, 0.6, 1.0)),
    }[preset]
    sizes = (1, 2, 3) if preset == "smoke" else (1, 2, 3, 5)
    sized = partial(GraphSetting, classes=classes, networks=networks, sizes=sizes)
    evenly = sized if preset in ("smoke", "quick") else partial(sized, steps=300, rate=1.0)
    even = tuple(evenly(within=(JOINED,) * views) for views in counts)
    return (*even, *(sized(within=(first, JOINED)) for first in joined))


JOINED = 0.3
"""Probability with which carriers of a view are joined, where nothing else is said."""


def require(setting: GraphSetting) -> list[Expectation]:
    learned = setting.learned_in_time()
    spread = math.sqrt(max(learned * (1 - learned), 0.002) / (setting.networks * setting.classes))
    return [fits(setting, 0.95, spread, expected=learned)]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured)]
