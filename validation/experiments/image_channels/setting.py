"""The image channels experiment: what networks make of some channels of a trained network.

`ChannelSetting` holds every number of the experiment, and `FORESEEN` what is about expected of it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from validation.data import ImageProblem
from validation.data.problem import COARSE, DRAWN
from validation.experiments.of_images import OfImages
from validation.networks.architecture import Architecture, Kind
from validation.networks.recipe import Recipe
from validation.trial.claim import Expectation, Measured, Sample

ALL, SPLIT, AVERAGED = "all", "split", "averaged"
"""What a network sees: all channels, one part of them, or averages."""


class Foreseen(NamedTuple):
    """About what is expected on images of a source.

    From draws of other seeds, for the power analysis and the expected values of bounds alone.
    """

    alone: float
    """Accuracy of one network on all channels."""
    gain: float
    """What an ensemble gains on it."""
    lost: float
    """Share of what one network knows beyond chance that each halving of its channels costs."""
    shrunk: float
    """How much less than on parts an ensemble gains on averages."""


FORESEEN = {
    DRAWN: Foreseen(0.66, 0.08, 0.14, 0.02),
    f"cifar-100{COARSE}": Foreseen(0.25, 0.07, 0.08, 0.01),
    "cifar-10": Foreseen(0.8, 0.03, 0.08, 0.01),
}


@dataclass(frozen=True, kw_only=True)
class ChannelSetting(OfImages):
    """A replicate is a draw of images, a network trained on them, and networks on its channels.

    The first network is frozen, and what its first `stages` stages make of an image is the input of
    all others: all channels; for each k in `parts` one of k parts of them, divided by chance; or
    one of k ways of averaging them, each of which divides them by chance into sets of k and takes
    the mean of every set. Of each of these 1 + 2 * len(parts) kinds there are `members` networks,
    equally many on every part or way, of one architecture but for their inputs, by one recipe.
    """

    experiment = "image channels"
    trainer = "validation.experiments.image_channels.training"

    problem: ImageProblem
    kind: Kind = "resnet-8"
    width: int
    stages: int
    upper_width: int
    """Of the small convolutional networks that see channels."""
    epochs: int
    batch: int = 50
    rate: float = 0.05
    flip: bool = False
    """Whether the frozen network sees images mirrored by chance; the others see channels as they
    are."""
    parts: tuple[int, ...] = (2, 4, 8)
    members: int = 8

    def __post_init__(self) -> None:
        for name, whole in (("members", self.members), ("channels", self.channels)):
            for k in self.parts:
                if k < 2 or whole % k:
                    raise ValueError(
                        f"parts={self.parts} are not allowed (each at least 2, and a divisor of "
                        f"{name}={whole}); leave {k} out"
                    )

    @property
    def label(self) -> str:
        return f"channels of {self.kind}, {self.problem.source}"

    @property
    def place(self) -> str:
        """A short name for figures."""
        return self.problem.source.replace(", ", " ")

    @property
    def channels(self) -> int:
        """Of the frozen network, between its stages."""
        return self.frozen.map_after(self.stages)[0]

    @property
    def frozen(self) -> Architecture:
        problem = self.problem
        return Architecture(
            kind=self.kind, width=self.width, channels=problem.channels, size=problem.size,
            classes=problem.classes,
        )  # fmt: skip

    def upper(self, channels: int) -> Architecture:
        """Of networks that see so many channels."""
        return Architecture(
            kind="cnn", width=self.upper_width, channels=channels, classes=self.problem.classes,
            size=self.frozen.map_after(self.stages)[1],
        )  # fmt: skip

    @property
    def recipe(self) -> Recipe:
        return Recipe(epochs=self.epochs, batch=self.batch, rate=self.rate)

    @property
    def networks(self) -> int:
        return 1 + (1 + 2 * len(self.parts)) * self.members

    @property
    def work(self) -> float:
        """Multiplications of the training of all networks."""
        counts = [1, *self.parts, *self.parts]
        upper = sum(self.upper(self.channels // k).multiplications for k in counts)
        images = self.epochs * self.problem.training_samples
        return float(3 * images * (self.frozen.multiplications + self.members * upper))

    @property
    def foreseen(self) -> Foreseen:
        return FORESEEN[self.problem.source]

    def spread(self) -> float:
        """Deviation in a replicate of a difference of accuracies of several networks each.

        The two sides differ on some tenth of the test samples; and the draw of a network, with the
        channels that it sees, makes a fifth of what an ensemble gains.
        """
        asked = (0.1 / self.problem.test_samples) ** 0.5
        return float(np.hypot(asked, self.foreseen.gain / 5 / self.members**0.5))


def settings(preset: str) -> tuple[ChannelSetting, ...]:
    """Drawn figures for smoke and quick; beyond, images from the folder of MVTHEORY_DATA."""
    if preset == "smoke":
        small = ImageProblem(source=DRAWN, size=12, training_samples=60, test_samples=100)
        return (
            ChannelSetting(
                problem=small, width=4, stages=1, upper_width=4, epochs=2, batch=20, parts=(2,),
                members=2,
            ),
        )  # fmt: skip
    if preset == "quick":
        figures = ImageProblem(
            source=DRAWN, size=12, training_samples=400, test_samples=1500, noise=0.2
        )
        return (
            ChannelSetting(
                problem=figures, width=12, stages=1, upper_width=8, epochs=10, rate=0.1,
                parts=(2, 4), members=4,
            ),
        )  # fmt: skip
    if preset == "standard":
        coarse = ImageProblem(
            source=f"cifar-100{COARSE}", size=16, training_samples=3000, test_samples=5000
        )
        return (
            ChannelSetting(
                problem=coarse, width=16, stages=2, upper_width=12, epochs=15, flip=True
            ),
        )  # fmt: skip
    large = ImageProblem(source="cifar-10", size=32, training_samples=50_000, test_samples=10_000)
    return (
        ChannelSetting(
            problem=large, kind="resnet-14", width=32, stages=2, upper_width=32, epochs=40,
            batch=128, rate=0.1, flip=True,
        ),
    )  # fmt: skip


def require(setting: ChannelSetting) -> list[Expectation]:
    """A network on all channels must have learned something, and leave something to learn."""
    chance = 1 / setting.problem.classes
    return [
        Expectation(
            "accuracy of one network", "all channels", setting.label, setting.foreseen.alone,
            3 * chance, 0.99, 0.03,
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(accuracies(measured, ALL))]


def accuracies(
    measured: Measured, kind: str, parts: int = 1, of: str = "one"
) -> NDArray[np.float64]:
    """In every replicate, of networks that see channels so.

    `of` is "one" network in the mean, "ensemble" of all networks of this kind, or "same": ensembles
    of those alone that see the same part or average.
    """
    table = measured.tables["channels"]
    chosen = table[(table["kind"] == kind) & (table["parts"] == parts)]
    return chosen.sort_values("replicate")[of].to_numpy()
