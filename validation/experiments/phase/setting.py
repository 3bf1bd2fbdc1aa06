"""The phase experiment: patch networks over activation power, initialisation and single views.

A `PhaseSetting` is one point of the diagram. Unlike the lottery's, its points lie where the theory
of one view a class does not hold as well.
"""

from dataclasses import dataclass, replace

from validation.data import MultiViewData
from validation.experiments.patches import ScheduledSetting
from validation.training.schedule import Schedule

VIEWS = 2


@dataclass(frozen=True)
class PhaseSetting(ScheduledSetting):
    """A replicate is a data set with `networks` networks, which differ in their initial weights."""

    experiment = "phase"
    trainer = "validation.experiments.phase.training"

    data: MultiViewData
    training_samples: int
    networks: int
    neurons: int
    power: int
    deviation: float
    schedule: Schedule
    repeats: int = 6
    stopped: bool = False
    """Whether training is cut short, or goes on, to see how coverage grows with time."""

    @property
    def label(self) -> str:
        label = (
            f"q = {self.power}, deviation {self.deviation:g}, {self.single_views} single-view, "
            f"M = {self.data.views}, K = {self.data.classes}"
        )
        return f"{label}, {self.steps} steps" if self.stopped else label

    @property
    def single_views(self) -> int:
        """Single-view training samples for each (class, view)."""
        return round(self.data.single_view_fraction * self.training_samples / self.data.features)


def point(
    power: int, deviation: float, single_views: int, steps: int, networks: int, classes: int
) -> PhaseSetting:
    """One point: 20 samples of a class, so that one single-view sample of a view weighs 1/20."""
    samples = 20
    return PhaseSetting(
        data=MultiViewData(
            classes=classes,
            views=VIEWS,
            dimension=(VIEWS + 16) * classes,
            single_view_fraction=single_views * VIEWS / samples,
            # Weak enough for 20 samples: the drive of a sample's noise, xi^q / 20, is to stay
            # below that of a feature, E[z^q], at every power.
            background_noise=1.7,
            # The law of one class has none of it.
            feature_noise=0.0,
        ),
        training_samples=samples * classes,
        networks=networks,
        neurons=5,
        power=power,
        deviation=deviation,
        schedule=Schedule(steps, 4.0, steps, 4.0),
    )


STEPS = {2: 40, 3: 90, 4: 120}
"""By power: time enough for the strongest views to be learned at the smallest deviation."""


def settings(preset: str) -> tuple[PhaseSetting, ...]:
    """Points of a preset: the grid grows with it; smoke is for tests."""
    powers, deviations, singles, times, networks, classes = {
        "smoke": ((3,), (0.05,), (1,), (20,), 2, 3),
        "quick": ((2, 3, 4), (0.02, 0.06, 0.18), (0, 1, 3), (5, 15, 40, 240), 16, 4),
        "standard": ((2, 3, 4), (0.02, 0.06, 0.18), (0, 1, 3), (5, 15, 40, 240, 480), 100, 4),
        "full": ((2, 3, 4), (0.02, 0.05, 0.1, 0.2), (0, 1, 2, 4), (5, 15, 60, 240, 960), 100, 10),
    }[preset]
    smoke = preset == "smoke"
    grid = [
        point(power, deviation, single, 30 if smoke else STEPS[power], networks, classes)
        for power in powers
        for deviation in deviations
        for single in singles
    ]
    in_time = [
        replace(point(3, 0.02, 4, steps, networks, classes), stopped=True) for steps in times
    ]
    return (*grid, *in_time)
