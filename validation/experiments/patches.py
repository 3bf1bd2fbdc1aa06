"""What settings of patch networks on multi-view data share.

The fields are those of the settings, which are dataclasses; here it is only said what they are.
"""

from dataclasses import replace
from typing import Self

from mvtheory import coverage
from validation.data import MultiViewData
from validation.experiments.description import Described
from validation.training.schedule import Schedule


class PatchSetting(Described):
    """Networks that learn views."""

    data: MultiViewData
    training_samples: int
    neurons: int
    power: int
    deviation: float

    @property
    def work(self) -> float:
        """Multiplications in the products of the training."""
        data = self.data
        products = self.training_samples * data.dimension * data.classes * self.neurons
        return super().work * products

    def margin(self) -> float:
        """A fifth of what a second network adds to the coverage, (1 - 1/M) / (5 M)."""
        views = self.data.views
        return float(coverage.ensemble(views=views, networks=2) - 1 / views) / 5

    def rise(self) -> float:
        """A fifth of the whole rise of a coverage from 1/M to 1, for laws of its way there."""
        return (1 - 1 / self.data.views) / 5


class ScheduledSetting(PatchSetting):
    """Networks that are trained by one schedule from beginning to end: their races follow from it
    (see `reduced`)."""

    schedule: Schedule

    @property
    def steps(self) -> int:
        return self.schedule.steps

    def shortened(self, steps: int) -> Self:
        return replace(self, schedule=replace(self.schedule, steps=steps))  # type: ignore[type-var]
