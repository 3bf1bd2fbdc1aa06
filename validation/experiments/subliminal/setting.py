"""The subliminal experiment: students that learn classes from outputs which name none.

A teacher learns Gaussian classes; students of other starts are trained on its auxiliary outputs at
inputs of pure noise, and read classes with the class head that they began with. All networks have
one hidden layer and outputs that are taken from where they started.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.features import gate_share, inherited_share
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

RELU, LINEAR = "ReLU", "linear"
ALL, HEADS, HIDDEN = SHARED = (
    "all weights", "heads, on a hidden layer of its own", "hidden layer, with its teacher's heads",
)  # fmt: skip
"""Of what of its start a student has the correlation with its teacher's."""
THEORY_DRAWS = 8
"""Of the students' inputs, over which the theory's share of the gates is averaged."""
TAUGHT = 0.5
"""Of the teacher's mean squared error that is left, at most: it has learned its classes."""


@dataclass(frozen=True, kw_only=True)
class SubliminalSetting(Described):
    """A replicate is `teachers` teachers, each with a student for every start in question.

    Classes have means `separation` from 0, in deviations, and orthogonal. Students take `steps`
    steps of size `rate` on `noise_samples` inputs; teachers `teacher_steps` of `teacher_rate`.
    """

    experiment = "subliminal"
    trainer = "validation.experiments.subliminal.training"

    activation: str
    correlations: tuple[float, ...]
    steps: int
    rate: float
    teachers: int
    neurons: int = 256
    auxiliary: int = 64
    classes: int = 6
    dimension: int = 64
    separation: float = 3.0
    samples: int = 120
    noise_samples: int = 128
    test_samples: int = 180
    teacher_steps: int = 20
    teacher_rate: float = 0.03

    @property
    def length(self) -> str:
        """Of the students' training, in words."""
        return "long" if self.time > 0.1 else "short"

    @property
    def panel(self) -> str:
        return f"{self.activation}, {self.length} training"

    @property
    def label(self) -> str:
        return f"subliminal, {self.panel}, {self.neurons} neurons"

    @property
    def time(self) -> float:
        return self.steps * self.rate

    @property
    def starts(self) -> tuple[tuple[str, float], ...]:
        """Those of the students: what they share with the teacher's, and how far.

        All of them with the correlation 1 are the teacher's own.
        """
        below = [rho for rho in self.correlations if rho < 1]
        return (
            *((ALL, rho) for rho in self.correlations),
            *((HEADS, rho) for rho in self.correlations if rho > 0),
            *((HIDDEN, rho) for rho in below if rho > 0),
        )

    @property
    def networks(self) -> int:
        return self.teachers * (1 + len(self.starts))

    def shortened(self, steps: int) -> "SubliminalSetting":
        return replace(self, steps=min(steps, self.steps), teachers=1)

    def share(self, shared: str, rho: float) -> float:
        """Of what a student of the teacher's own start learns."""
        heads, hidden = cosines(shared, rho)
        found: float = inherited_share(
            auxiliary_correlation=heads, class_correlation=heads, hidden_correlation=hidden,
            gate_share=self.gates(),
        )  # fmt: skip
        return found

    def share_here(self, shared: str, rho: float) -> float:
        """The same where samples of a class have a cosine c, for which their gates agree too.

        By 1 + (2/pi) arcsin(rho_h c) for two networks, which to first order in 1/dimension is a
        factor of its own.
        """
        value = self.share(shared, rho)
        if self.activation == LINEAR:
            return value
        _, hidden = cosines(shared, rho)
        cosine = self.separation**2 / (self.separation**2 + self.dimension)
        agreeing = [1 + 2 / math.pi * math.asin(h * cosine) for h in (hidden, 1.0)]
        return value * agreeing[0] / agreeing[1]

    def gates(self) -> float:
        """The share of the gates in it."""
        return 0.0 if self.activation == LINEAR else _gates(self)

    def spread(self, share: float) -> float:
        """Deviation of a share in one replicate: products of A K pairs of output weights add up.

        What a student has in common with that of the same start, over whose gain it is, cancels.
        Gates make of each pair several, about four.
        """
        pairs = self.auxiliary * self.classes * self.teachers
        if self.activation == RELU:
            pairs *= 4
        return math.sqrt((2 * (1 - share**2) + 0.2) / pairs)

    def accuracy_spread(self, accuracy: float) -> float:
        """Of a share right: samples of a class are right or wrong together, as if there were half
        as many."""
        trials = self.test_samples * self.teachers / 2
        return math.sqrt(accuracy * (1 - accuracy) / trials)


def cosines(shared: str, rho: float) -> tuple[float, float]:
    """Of the heads and of the hidden layers of student and teacher."""
    return {ALL: (rho, rho), HEADS: (rho, 0.0), HIDDEN: (1.0, rho)}[shared]


def noise(setting: SubliminalSetting, rng: np.random.Generator) -> NDArray[np.float64]:
    """The inputs of a student: of mean length about 1, and of no class."""
    shape = setting.noise_samples, setting.dimension
    return rng.standard_normal(shape) / math.sqrt(setting.dimension)


@lru_cache(maxsize=32)
def _gates(setting: SubliminalSetting) -> float:
    """Of drawn inputs: no network is trained for it."""
    drawn = [noise(setting, np.random.default_rng(n)) for n in range(THEORY_DRAWS)]
    return float(np.mean([gate_share(inputs, setting.time) for inputs in drawn]))


def settings(preset: str) -> tuple[SubliminalSetting, ...]:
    """Short and long training; smoke is for tests of the machinery."""
    correlations = (0.0, 0.25, 0.5, 0.75, 1.0)
    short = SubliminalSetting(
        activation=RELU, correlations=correlations, steps=1, rate=0.005, teachers=1
    )
    if preset == "smoke":
        return (replace(short, neurons=32, auxiliary=8, teacher_steps=8),)
    long = replace(short, correlations=(0.0, 0.5, 0.75, 1.0), steps=16, rate=0.05, noise_samples=96)
    # Linear students may have as many outputs as they like, and share the few pairs of all inputs.
    every = short, long, replace(long, activation=LINEAR, auxiliary=3 * long.auxiliary, steps=10)
    if preset == "quick":
        return every
    teachers = {"standard": 3, "full": 6}[preset]
    return tuple(
        replace(one, neurons=512, correlations=correlations, teachers=teachers) for one in every
    )


def require(setting: SubliminalSetting) -> list[Expectation]:
    """Teachers have learned their classes."""
    return [
        Expectation(
            "teacher's error left", "training", setting.label, TAUGHT / 2, None, TAUGHT, 0.05
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("students", "missed"))]
