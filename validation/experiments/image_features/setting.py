"""The experiment with frozen filters: regression on random convolutional features of images.

`ImageFeatureSetting` holds every number of the experiment, and `FORESEEN` what is about expected of
it. Not even training needs torch here: the models are solved for.
"""

import math
from dataclasses import dataclass

from numpy.typing import NDArray

from validation.data import ImageProblem
from validation.data.problem import COARSE, DRAWN
from validation.experiments.grouped import check_numbers
from validation.experiments.of_images import OfImages
from validation.trial.claim import Expectation, Measured, Sample

KINDS = ("one", "ensemble", "joint", "student", "self")
"""One model; the average of N; the same N trained as one; one that learns the average's outputs,
and one that learns the outputs of one model."""
TUNED = 0.01
"""A ridge in units of the kernel's mean eigenvalue, about the best of one model. Small, because
convolutional features of images have few large eigenvalues, which make up most of that mean."""
FORESEEN = {
    DRAWN: (0.54, 0.14),
    "mnist": (0.88, 0.04),
    "fashion-mnist": (0.74, 0.02),
    f"cifar-100{COARSE}": (0.21, 0.03),
}
"""Of eight filters, about, the accuracy of one model and what an ensemble of ten gains on it. From
draws of other seeds, for the power analysis and wrong rules alone."""


@dataclass(frozen=True, kw_only=True)
class ImageFeatureSetting(OfImages):
    """A replicate is a draw of images with `groups` ensembles of `models` models each.

    A model is ridge regression of the centred one-hot labels on the features of `filters` Gaussian
    filters of `side` x `side` pixels: ReLU(<w, x_p>) in the mean over the patches x_p in each
    quarter of the image, less its mean over the training samples.
    """

    experiment = "image features"
    trainer = "validation.experiments.image_features.training"
    kind_of_model = "ridge regression"

    problem: ImageProblem
    filters: int
    side: int = 3
    ridge: float = TUNED
    models: int = 10
    groups: int = 2
    """Ensembles, each with a joint model; its students have the features of the next one's models,
    since those of its own would know what they are asked about."""

    def __post_init__(self) -> None:
        check_numbers(self.groups, self.ridge)
        for name in ("filters", "models"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} is not allowed (>= 1); take 1 or "
                                 "more")  # fmt: skip
        if not 1 <= self.side < self.problem.size or self.positions % 2:
            raise ValueError(
                f"side={self.side} is not allowed for images of {self.problem.size} pixels (from 1 "
                f"to {self.problem.size - 1}, odd where their size is even and even where it is "
                f"odd: quarters have equally many patches); take {2 + (self.problem.size + 1) % 2}"
            )

    @property
    def positions(self) -> int:
        """Of a filter in each direction, within the image."""
        return self.problem.size - self.side + 1

    @property
    def label(self) -> str:
        return (
            f"{self.filters} filters of {self.side} x {self.side}, {self.problem.source}, "
            f"{self.problem.training_samples} samples"
        )

    @property
    def place(self) -> str:
        """A short name for figures."""
        return f"{self.problem.source.replace(', ', ' ')}, {self.side} x {self.side}"

    @property
    def features(self) -> int:
        """Of one model, as many as it has parameters for each class."""
        return 4 * self.filters

    @property
    def networks(self) -> int:
        return (3 * self.models + 1) * self.groups

    @property
    def steps(self) -> int:
        return 1

    @property
    def work(self) -> float:
        """Responses of all filters, and pixels to draw or to read."""
        samples = self.problem.training_samples + self.problem.test_samples
        responses = self.filters * self.models * self.groups * self.positions**2
        return float(samples * (responses + 100 * self.problem.size**2))

    def shortened(self, steps: int) -> "ImageFeatureSetting":
        # Solved in one step.
        return self

    def spread(self) -> float:
        """Deviation that is expected of a difference between two kinds' accuracies in a replicate.

        They differ on some tenth of the test samples; and models of few filters vary by as much as
        half of what their ensemble gains.
        """
        gain = FORESEEN[self.problem.source][1]
        asked = math.sqrt(0.1 / self.problem.test_samples)
        return math.hypot(asked, gain / (2 * math.sqrt(self.models * self.groups)))


def settings(preset: str) -> tuple[ImageFeatureSetting, ...]:
    """Drawn figures with filters of both sizes where no files are needed; data sets beyond that."""
    if preset in ("smoke", "quick"):
        samples, tests, models = {"smoke": (120, 150, 3), "quick": (400, 1000, 10)}[preset]
        figures = ImageProblem(
            source=DRAWN, size=12, training_samples=samples, test_samples=tests
        )  # fmt: skip
        sides = (3,) if preset == "smoke" else (3, 5)
        return tuple(
            ImageFeatureSetting(problem=figures, filters=8, side=side, models=models)
            for side in sides
        )
    samples = {"standard": 5000, "full": 20000}[preset]
    return tuple(
        ImageFeatureSetting(
            problem=ImageProblem(
                source=source, size=size, training_samples=samples, test_samples=4000
            ),
            filters=8,
        )
        for source, size in (("mnist", 14), ("fashion-mnist", 14), (f"cifar-100{COARSE}", 16))
    )


def require(setting: ImageFeatureSetting) -> list[Expectation]:
    """One model must have learned something before anything is said of ensembles of them."""
    alone, _ = FORESEEN[setting.problem.source]
    return [
        Expectation(
            "accuracy of one model",
            "one model",
            setting.label,
            alone,
            2 / setting.problem.classes,
            None,
            0.05,
        )
    ]


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(accuracies(measured)["one"])]


def accuracies(measured: Measured) -> dict[str, NDArray]:
    """On test samples in every replicate, by the kind of model."""
    wide = measured.tables["models"].pivot(index="replicate", columns="kind", values="accuracy")
    return {kind: wide[kind].to_numpy() for kind in KINDS}
