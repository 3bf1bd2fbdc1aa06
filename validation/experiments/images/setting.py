"""The images experiment: networks for images alone, in ensembles, as one, and as students.

An `ImagesSetting` holds every number of the experiment. The claims about it share the trained
networks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.data import ImageProblem
from validation.experiments.of_images import OfOneKind
from validation.networks.architecture import Kind
from validation.trial.claim import Expectation, Measured, Sample

Floats = NDArray[np.float64]
DRAWN = ImageProblem(
    source="drawn figures", size=12, training_samples=400, test_samples=6000, noise=0.2
)
DECIDABLE = 0.03
"""What an ensemble must gain if half of its gain is to be told from all of it or nothing by
replicates that can be trained."""
FORESEEN: dict[str, tuple[float, float]] = {
    "drawn figures": (0.65, 0.14),
    "mnist": (0.9, 0.036),
    "fashion-mnist": (0.83, 0.02),
    "cifar-100, coarse": (0.4, 0.08),
    "cifar-10": (0.9, 0.02),
    "cifar-100": (0.6, 0.05),
}
"""About: accuracy of one network, and what an ensemble gains on it. For the power analysis and the
expected values of bounds alone; seen on other seeds."""


@dataclass(frozen=True, kw_only=True)
class ImagesSetting(OfOneKind):
    """A replicate is a draw of training and test images, and all networks trained on it.

    `members` networks that differ in starts and order alone are an ensemble; as many are trained as
    one, whose logits are the mean of theirs; `students` learn from the ensemble, `selves` each from
    one of its networks, with the weight `hard_weight` on the labels and at `temperature`;
    `augmented` networks see images moved by up to `shift` pixels besides. All others see images as
    they are, mirrored by chance where `flip` says so.
    """

    experiment = "images"
    trainer = "validation.experiments.images.training"

    problem: ImageProblem
    kind: Kind
    width: int
    epochs: int
    batch: int = 50
    rate: float = 0.05
    flip: bool = False
    shift: int = 2
    members: int = 10
    students: int = 3
    selves: int = 3
    augmented: int = 4
    temperature: float = 4.0
    hard_weight: float = 0.1

    @property
    def label(self) -> str:
        return f"{self.kind}, {self.problem.source}"

    @property
    def networks(self) -> int:
        return 2 * self.members + self.students + self.selves + self.augmented

    @property
    def work(self) -> float:
        """Multiplications of one network's training, for each of them."""
        images = self.epochs * self.problem.training_samples
        return float(3 * self.networks * images * self.architecture.multiplications)

    @property
    def gain(self) -> float:
        """About what the ensemble gains on one of its networks."""
        return FORESEEN[self.problem.source][1]

    def spread(self, networks: int) -> float:
        """Deviation in a replicate of a difference of accuracies, one side the mean of so many.

        That of test samples which the two sides answer differently, about twice the ensemble's gain
        of them; and of networks that differ by a hundredth, or an eighth of what an ensemble gains.
        """
        samples = (2 * self.gain / self.problem.test_samples) ** 0.5
        of_network = max(0.01, self.gain / 8)
        return float(np.hypot(samples, of_network / networks**0.5))


def settings(preset: str) -> tuple[ImagesSetting, ...]:
    """Drawn figures for smoke and quick; beyond, images from the folder of MVTHEORY_DATA."""
    if preset == "smoke":
        small = ImageProblem(source="drawn figures", size=12, training_samples=60, test_samples=100)
        return (
            ImagesSetting(
                problem=small, kind="cnn", width=4, epochs=2, batch=20, members=3, students=2,
                selves=1, augmented=2,
            ),
        )  # fmt: skip
    if preset == "quick":
        return (
            ImagesSetting(
                problem=DRAWN, kind="cnn", width=8, epochs=20, rate=0.1, members=6, selves=2,
                augmented=3,
            ),
        )  # fmt: skip
    if preset == "standard":
        return (
            # So few images that an ensemble has something to gain; mirrored digits are no digits.
            ImagesSetting(
                problem=_images("mnist", 14, 500, 5000), kind="resnet-8", width=8, epochs=20,
                batch=25,
            ),
            ImagesSetting(
                problem=_images("fashion-mnist", 14, 2000, 5000), kind="resnet-8", width=8,
                epochs=20, flip=True,
            ),
            ImagesSetting(
                problem=_images("cifar-100, coarse", 16, 2000, 5000), kind="resnet-8", width=8,
                epochs=40, flip=True,
            ),
        )  # fmt: skip
    return tuple(
        ImagesSetting(
            problem=_images(source, 32, 50_000, 10_000), kind="resnet-14", width=32, epochs=60,
            batch=128, rate=0.1, flip=True, shift=4,
        )
        for source in ("cifar-10", "cifar-100")
    )  # fmt: skip


def large_gains(preset: str) -> tuple[ImagesSetting, ...]:
    """Those in which an ensemble gains so much that shares of its gain can be judged."""
    return tuple(setting for setting in settings(preset) if setting.gain >= DECIDABLE)


def _images(source: str, size: int, training: int, test: int) -> ImageProblem:
    return ImageProblem(source=source, size=size, training_samples=training, test_samples=test)


def require(setting: ImagesSetting) -> list[Expectation]:
    """One network must have learned something, and leave something to learn."""
    alone = FORESEEN[setting.problem.source][0]
    chance = 1 / setting.problem.classes
    panel = "accuracy of one network"
    return [Expectation(panel, "mean", setting.label, alone, 3 * chance, 0.99, 0.02)]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(alone(measured, "single"))]


def alone(measured: Measured, kind: str) -> Floats:
    """Mean accuracy of the networks of a kind in each replicate."""
    table = measured.tables["networks"]
    means = table[table["kind"] == kind].groupby("replicate", sort=True)["accuracy"].mean()
    return means.to_numpy()


def best(measured: Measured) -> Floats:
    """Accuracy of the best of the ensemble's networks in each replicate, as the test shows it."""
    table = measured.tables["networks"]
    single = table[table["kind"] == "single"]
    return single.groupby("replicate", sort=True)["accuracy"].max().to_numpy()


def together(measured: Measured, kind: str) -> Floats:
    """Accuracy of a group in each replicate."""
    table = measured.tables["groups"]
    return table[table["kind"] == kind].sort_values("replicate")["accuracy"].to_numpy()


def beyond_half(measured: Measured, accuracies: Floats) -> Sample:
    """What these gain on one network, less half of what the ensemble gains."""
    single = alone(measured, "single")
    return Sample.of(accuracies - single - (together(measured, "ensemble") - single) / 2)


def said(study: Measured, **words: str) -> str:
    """Mean accuracies of kinds of networks and of groups, with what they are called."""
    groups = set(study.tables["groups"]["kind"])
    told = (
        f"{called} {(together if kind in groups else alone)(study, kind).mean():.4f}"
        for kind, called in words.items()
    )
    return f"{study.setting.label}: {', '.join(told)}."
