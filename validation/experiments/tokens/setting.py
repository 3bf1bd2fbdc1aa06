"""The tokens experiment: a network of one attention layer on sequences in which several tokens tell
the class.

`TokenSetting` holds every number of the experiment and what the growth law expects of it.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import Setting, expected_coverage, late_growth
from validation.experiments.fitted import fits, fitted
from validation.experiments.shown_alike import ShownAlike
from validation.trial.claim import Expectation, Measured, Sample

Sequences = tuple[NDArray[np.int64], NDArray[np.int64]]
"""How often each word of the vocabulary occurs, shape (samples, words), and labels."""


@dataclass(frozen=True, kw_only=True)
class TokenSetting(ShownAlike):
    """A replicate is a set of sequences and `networks` networks, which differ in initial weights.

    A sequence of class k has `length` tokens: each of the class's `views` words once, and fillers,
    drawn from `fillers` words that all classes share. Any word of the class tells it. Test
    sequences repeat one of them `repeated` times, and have every word of another class once: who
    does not know the word answers the other class, so that nothing is put right by chance.

    A network scores a word by its key against one learned query, takes softmax over the tokens of a
    sequence, and adds up what `neurons` of each class say of its tokens, with these weights times
    the length: smoothed ReLUs of `power` of their responses to the word (at power 2 nearly linear
    values). Words are orthonormal and order does not count. Scores begin at 0, responses as
    Gaussians of `deviation`. Training is plain descent on the cross-entropy of all sequences; at
    rate 1 a word moves by the mean gradient over its own class.
    """

    experiment = "tokens"
    trainer = "validation.experiments.tokens.training"

    classes: int
    views: int
    power: int
    networks: int
    steps: int
    rate: float
    deviation: float
    neurons: int = 6
    length: int = 8
    fillers: int = 60
    samples: int = 60
    repeated: int = 40
    sizes: tuple[int, ...] = (1, 2, 3, 5)

    def __post_init__(self) -> None:
        if self.length <= self.views:
            raise ValueError(
                f"length={self.length} is not allowed (> views = {self.views}, for fillers are "
                "needed too); choose longer sequences"
            )

    @property
    def label(self) -> str:
        return f"tokens, q = {self.power}, M = {self.views}, K = {self.classes}"

    @property
    def training_samples(self) -> int:
        return self.samples * self.classes

    @property
    def words(self) -> int:
        return self.classes * self.views + self.fillers

    def training(self, rng: np.random.Generator) -> Sequences:
        labels = np.arange(self.training_samples) % self.classes
        own = labels[:, None] * self.views + np.arange(self.views)
        shape = len(labels), self.length - self.views
        drawn = rng.integers(self.words - self.fillers, self.words, size=shape)
        counts = np.zeros((len(labels), self.words), dtype=np.int64)
        np.add.at(counts, (np.arange(len(labels))[:, None], np.hstack([own, drawn])), 1)
        return counts, labels

    def view_only(self) -> Sequences:
        """A sequence of each (class, view) with every other class, in the order of the first."""
        words = np.arange(self.classes * self.views)
        word, other = (
            side.ravel() for side in np.meshgrid(words, range(1, self.classes), indexing="ij")
        )
        labels = word // self.views
        counts = np.zeros((len(word), self.words), dtype=np.int64)
        counts[np.arange(len(word)), word] = self.repeated
        beside = (labels + other) % self.classes * self.views
        counts[np.arange(len(word))[:, None], beside[:, None] + np.arange(self.views)] = 1
        return counts, labels

    def raced(self) -> float:
        """Coverage of one network by the growth law, attention as at the start."""
        reduced = Setting(
            views=self.views,
            classes=self.classes,
            neurons=self.neurons,
            power=self.power,
            deviation=self.deviation,
            samples=self.samples,
            stages=((self.steps, self.rate),),
            strength=(1.0, 1.0),
            backgrounds=0,
        )
        late = late_growth(reduced)
        return expected_coverage(self.views, self.neurons, self.power, self.deviation, late)


def settings(preset: str) -> tuple[TokenSetting, ...]:
    """Power 4, at which views compete, and 2, at which they do not; views grow with the preset."""
    classes, views, networks = {
        "smoke": (3, (2,), 3),
        "quick": (5, (2,), 12),
        "standard": (8, (2, 3), 20),
        "full": (12, (2, 3, 4), 40),
    }[preset]
    sizes = (1, 2, 3) if preset == "smoke" else (1, 2, 3, 5)
    sized = partial(TokenSetting, classes=classes, networks=networks, sizes=sizes)
    lottery = tuple(
        sized(power=4, views=count, deviation=0.04, steps=320, rate=2.0) for count in views
    )
    return (*lottery, sized(power=2, views=2, deviation=0.01, steps=80, rate=1.0))


def require(setting: TokenSetting) -> list[Expectation]:
    return [fits(setting, 0.95, 0.01)]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured)]
