"""What settings about images share."""

from dataclasses import replace
from typing import Any, Self

from validation.data import ImageProblem
from validation.experiments.description import Described
from validation.networks.architecture import Architecture, Kind
from validation.networks.recipe import Recipe


class OfImages(Described):
    """A setting whose images are drawn, or lie in files that are the user's to bring.

    Networks are trained for `epochs` in steps of `batch` images, unless the setting says otherwise.
    """

    problem: ImageProblem
    epochs: Any
    batch: Any

    @property
    def source(self) -> str:
        return self.problem.source

    @property
    def files(self) -> bool:
        return self.problem.files

    def ready(self) -> None:
        if self.problem.files:
            self.problem.read()

    @property
    def steps(self) -> int:
        return int(self.epochs * max(1, self.problem.training_samples // self.batch))

    def shortened(self, steps: int) -> Self:
        """Of fewer epochs, or of one of fewer images."""
        in_epoch = self.steps // self.epochs
        if steps >= in_epoch:
            changes = {"epochs": min(self.epochs, steps // in_epoch)}
        else:
            few = replace(self.problem, training_samples=steps * self.batch)
            changes = {"epochs": 1, "problem": few}
        return replace(self, **changes)  # type: ignore[type-var]


class OfOneKind(OfImages):
    """A setting whose networks are of one architecture, and are trained by one recipe."""

    kind: Kind
    width: int
    rate: float
    flip: bool

    @property
    def architecture(self) -> Architecture:
        problem = self.problem
        return Architecture(
            kind=self.kind, width=self.width, channels=problem.channels, size=problem.size,
            classes=problem.classes,
        )  # fmt: skip

    @property
    def recipe(self) -> Recipe:
        return Recipe(epochs=self.epochs, batch=self.batch, rate=self.rate, flip=self.flip)
