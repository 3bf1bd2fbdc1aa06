"""The experiment with a hundred networks for images: what few of them promise, what all reach.

A `HundredSetting` holds every number of the experiment, `FORESEEN` what is about expected of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.data import ImageProblem
from validation.experiments.of_images import OfOneKind
from validation.networks.architecture import Kind
from validation.trial.claim import Expectation, Measured, Sample

FORESEEN = {"fashion-mnist": (0.76, 0.027), "cifar-10": (0.9, 0.022), "cifar-100": (0.6, 0.055)}
"""About: accuracy of one network, and what infinitely many gain on it. For the power analysis and
wrong rules alone; of Fashion-MNIST as five networks of another seed said."""


@dataclass(frozen=True, kw_only=True)
class HundredSetting(OfOneKind):
    """A replicate is a draw of images, and `members` networks that differ in starts and order.

    They are divided into ensembles of `few`; the first `given` of each predict, by themselves, what
    ensembles of `few` and of all reach.
    """

    experiment = "image hundred"
    trainer = "validation.experiments.image_hundred.training"

    problem: ImageProblem
    kind: Kind
    width: int
    epochs: int
    batch: int = 50
    rate: float = 0.05
    flip: bool = True
    members: int = 100
    few: int = 10
    given: int = 5

    def __post_init__(self) -> None:
        if not 2 <= self.given <= self.few <= self.members or self.members % self.few:
            raise ValueError(
                f"given={self.given}, few={self.few}, members={self.members} are not allowed "
                "(2 <= given <= few, few a divisor of members); choose such, as 5, 10, 100"
            )

    @property
    def label(self) -> str:
        return f"{self.members} {self.kind}, {self.problem.source}"

    @property
    def networks(self) -> int:
        return self.members

    @property
    def work(self) -> float:
        """Multiplications of the training of all networks."""
        images = self.epochs * self.problem.training_samples
        return float(3 * self.members * images * self.architecture.multiplications)

    @property
    def gain(self) -> float:
        """About what infinitely many networks gain on one."""
        return FORESEEN[self.problem.source][1]

    def spread(self, fewer: int) -> float:
        """Deviation in a replicate of what all networks gain on ensembles of so many, in the mean.

        That of the test samples which the two sides answer differently, about twice what is gained
        of them; and an eighth of the gain, for what is another in every draw of the images.
        """
        gained = self.gain * (1 / fewer - 1 / self.members)
        return float(np.hypot((2 * gained / self.problem.test_samples) ** 0.5, gained / 8))


def settings(preset: str) -> tuple[HundredSetting, ...]:
    """Images from the folder of MVTHEORY_DATA; none without files."""
    if preset == "standard":
        images = ImageProblem(
            source="fashion-mnist", size=14, training_samples=1000, test_samples=5000
        )
        return (HundredSetting(problem=images, kind="resnet-8", width=8, epochs=8),)
    if preset == "full":
        return tuple(
            HundredSetting(
                problem=ImageProblem(
                    source=source, size=32, training_samples=50_000, test_samples=10_000
                ),
                kind="resnet-14", width=32, epochs=60, batch=128, rate=0.1,
            )
            for source in ("cifar-10", "cifar-100")
        )  # fmt: skip
    return ()


def require(setting: HundredSetting) -> list[Expectation]:
    """One network must have learned something, and leave something to learn."""
    alone, chance = FORESEEN[setting.problem.source][0], 1 / setting.problem.classes
    panel = "accuracy of one network"
    return [Expectation(panel, "mean", setting.label, alone, 3 * chance, 0.99, 0.02)]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(of_size(measured, 1))]


def of_size(measured: Measured, size: int) -> NDArray[np.float64]:
    """Mean accuracy of ensembles of this size in each replicate."""
    table = measured.tables["sizes"]
    return table[table["size"] == size].sort_values("replicate")["accuracy"].to_numpy()
