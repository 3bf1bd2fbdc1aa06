"""Students of patch networks that differ in what they are and in who teaches them.

Where laws say how much is taught in a time that is short, the views' patches come without noise: it
would open the gates of views that lag behind, and the laws would be bounds only.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from mvtheory.coverage import agreement
from mvtheory.race import (
    Lesson,
    course_growth,
    dark_drive,
    resampled_coverage,
    unrivalled_coverage,
)
from validation.experiments.fitted import fits, fitted
from validation.experiments.lottery.setting import CALLED_WRONGLY
from validation.experiments.methods.setting import DROWNED
from validation.experiments.teaching.setting import LONGER, STRONG, TEACHER, TeachingSetting
from validation.experiments.teaching.setting import settings as settings_of
from validation.training.schedule import Schedule
from validation.trial.claim import Expectation, Measured, Sample

Study = Literal["starts", "widths", "temperatures", "courses", "teachers"]
OWN, RESAMPLED, BOOSTED = "own starts", "one start, resampled", "boosted"
SOFTENED = Schedule(600, 0.5, 600, 0.5, momentum=0.9)
FAINTEST = 0.05
"""In initial deviations: a response below it is waited for as long as one of it."""
DRAWS = 4000
"""Networks drawn for a coverage: its standard error is then below .003."""


@dataclass(frozen=True)
class PupilSetting(TeachingSetting):
    """A replicate is a data set, teachers, and students of each kind that is compared.

    The studies: in `starts` every student learns from one network, its own start correlated by one
    of `correlations` with that network's; in `widths` students with so many neurons of each class
    learn from the whole ensemble at one temperature; in `temperatures` and `courses` temperatures
    change linearly from a first to a last one, and in `courses` the divergence has no factor T^2;
    in `teachers` each student has an ensemble of its own of each of the `kinds`, with so many
    members.
    """

    experiment = "pupils"
    trainer = "validation.experiments.pupils.training"

    study: Study = "starts"
    correlations: tuple[float, ...] = ()
    softened: Schedule = SOFTENED
    temperatures: tuple[float, ...] = ()
    widths: tuple[int, ...] = ()
    courses: tuple[tuple[float, float], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()

    @property
    def label(self) -> str:
        return f"{self.study} of students, M = {self.data.views}, K = {self.data.classes}"

    @property
    def second(self) -> Schedule:
        return self.taught if self.study in ("starts", "teachers") else self.softened

    @property
    def factored(self) -> bool:
        """Whether the divergence has the factor T^2."""
        return self.study != "courses"

    @property
    def boosting(self) -> Schedule:
        """Of the second network of a boosted ensemble: single views, at z = 1, take off late."""
        return Schedule(4 * self.alone.steps, 16.0, 4 * self.alone.steps, 16.0)

    def shortened(self, steps: int) -> Self:
        shorter = super().shortened(steps)
        return replace(shorter, softened=replace(self.softened, steps=shorter.taught.steps))

    @property
    def networks(self) -> int:
        kinds = len(self.correlations) + len(self.widths) + len(self.courses)
        if self.study == "teachers":
            return self.students * (1 + sum(members + 1 for _, members in self.kinds))
        return self.teachers + self.students * kinds

    def lesson_of(self) -> Lesson:
        data = self.data
        return Lesson(
            classes=data.classes, views=data.views, power=self.power, strength=data.strength,
            distractors=data.distractors, distraction=self.distraction,
            level=self.final_strength(), weight=self.weight,
        )  # fmt: skip

    def alone_at_finite_size(self) -> float:
        return self.after(self.alone.time)

    def after(self, time: float) -> float:
        """Coverage of a network by itself, with what samples that show one view alone add in so
        long a time: there is little to memorise them by."""
        return self.known(self.neurons, self.data.single_view_fraction / self.data.views * time)

    def foretold(
        self, strengths: NDArray[np.float64], growths: tuple[float, ...]
    ) -> NDArray[np.float64]:
        """Coverage of networks whose initial strengths, shape (networks, classes, views), are
        known: one for each, of which `taught_coverage` is the mean.

        Views are learned one after the other. `growths` are those in the whole time of teaching,
        were 1, 2, ... views known in all of it; each view takes its part of the time.
        """
        exponent = self.power - 2
        w = np.sort(np.maximum(strengths, FAINTEST * self.deviation) ** -exponent, axis=2)
        first = w[:, :, 0]
        after = np.maximum(first[:, None] - first[:, :, None], 0).sum(axis=2)
        after *= self.waiting / max(self.data.classes - 1, 1)
        reached, left = first + exponent * self.late + after, np.ones_like(first)
        learned = np.ones_like(first)
        for growth, waiting in zip(growths, np.moveaxis(w, 2, 0)[1:], strict=True):
            whole = exponent * growth
            needed = np.maximum(waiting - reached, 0)
            in_time = needed <= left * whole
            learned += in_time
            # What is still unknown after one that is not learned is weaker, and not learned either.
            left = np.where(in_time, left - (needed / whole if whole else 0.0), 0.0)
            reached = np.where(in_time, reached + needed, reached)
        return np.asarray(learned.mean(axis=1) / self.data.views)

    def taught_coverage(self, neurons: int, growths: tuple[float, ...]) -> float:
        """Coverage of a network of so many neurons that was taught so much, by the growth law."""
        if len(growths) == 1:
            return self.known(neurons, growths[0])
        return _mean_foretold(self, neurons, growths)

    @property
    def untaught(self) -> tuple[float, ...]:
        """The growths of a student that is taught nothing."""
        return (0.0,) * (self.data.views - 1)

    def taught_at(self, temperature: float) -> tuple[float, ...]:
        """Growths of unknown views by teaching at one temperature, with the factor T^2."""
        return tuple(
            dark_drive(self.lesson_of(), temperature, known) * self.softened.time
            for known in range(1, self.data.views)
        )

    def course(self, first: float, last: float) -> list[float]:
        """T at each step."""
        steps = self.softened.steps
        return [first + (last - first) * n / max(steps - 1, 1) for n in range(steps)]

    def taught_by(self, first: float, last: float, parts: int = 6) -> tuple[float, ...]:
        """Growths of unknown views in a course, by the drive at the middle of so many parts."""
        parts = 1 if first == last else parts
        middles = [first + (last - first) * (n + 0.5) / parts for n in range(parts)]
        if self.factored:
            found = np.mean([self.taught_at(temperature) for temperature in middles], axis=0)
            return tuple(found.tolist())
        step = self.softened.time / parts
        return tuple(
            _growth(self.lesson_of(), tuple(middles), step, known)
            for known in range(1, self.data.views)
        )

    def gain_of(self, correlation: float) -> float:
        """What a student gains from a network to whose start its own is correlated."""
        views = self.data.views
        return (1 - agreement(views, self.neurons, correlation)) / views

    def gain_here(self, correlation: float) -> float:
        """The same with near-ties and classes that wait: a start of its own gains C_2 - C_1."""
        of_own = self.finite(2) - self.finite(1)
        return of_own * self.gain_of(correlation) / self.gain_of(0.0)

    def assembled(self, kind: str, members: int, tied: bool = False) -> float:
        """Coverage of an ensemble of this kind, with near-ties where these are to count."""
        data, views = self.data, self.data.views
        one = self.alone_at_finite_size() if tied else 1 / views
        if kind == OWN:
            return 1 - (1 - one) ** members
        singles = data.single_view_fraction * self.training_samples / data.classes
        if kind == RESAMPLED:
            variance = data.mean_power(2 * self.power) / data.mean_power(self.power) ** 2 - 1
            count = self.training_samples / data.classes - singles
            spread = math.sqrt(variance / count) / (self.power - 2)
            drawn = resampled_coverage(views, self.neurons, members, spread)
            return drawn + one - 1 / views
        drive = (1 - 1 / data.classes) / (views - 1) * self.boosting.time
        found = unrivalled_coverage(self.neurons, self.power, self.deviation, drive)
        if tied:  # a view is not asked for again where all its samples are put right unknown
            found *= 1 - (1 - one) ** (singles / views * data.distractors)
        return one + (1 - one) * found

    def of_assembled(self, kind: str, members: int, tied: bool = False) -> float:
        """Coverage of the student of such an ensemble."""
        one = self.after(self.alone.time + self.taught.time) if tied else 1 / self.data.views
        return 1 - (1 - self.assembled(kind, members, tied)) * (1 - one)

    def spread_of(self, coverage: float) -> float:
        """Deviation of a replicate's coverage, if each view but the first is known by itself."""
        views = self.data.views
        other = min(max((views * coverage - 1) / (views - 1), 0.05), 0.95)
        own = (views - 1) * other * (1 - other) / views**2
        return math.sqrt(own / (self.data.classes * self.students))

    def called_spread(self) -> float:
        """Deviation of a replicate's mean coverage, less what is foretold from initial weights.

        Of the views that lost so many are called wrongly: those near the limit, in a law that is
        said of mean coefficients and of whole ensembles.
        """
        views = self.data.views
        wrong = 2 * CALLED_WRONGLY
        own = (views - 1) * wrong * (1 - wrong) / views**2
        return math.sqrt(own / (self.data.classes * self.students))


@lru_cache(maxsize=256)
def _growth(lesson: Lesson, temperatures: tuple[float, ...], step: float, known: int) -> float:
    return course_growth(lesson, temperatures, step, known)


@lru_cache(maxsize=256)
def _mean_foretold(setting: PupilSetting, neurons: int, growths: tuple[float, ...]) -> float:
    shape = (neurons, DRAWS, setting.data.classes, setting.data.views)
    drawn = np.random.default_rng(0).standard_normal(shape, dtype=np.float32).max(axis=0)
    return float(setting.foretold(setting.deviation * drawn, growths).mean())


def settings(preset: str, study: Study, **changes: Any) -> tuple[PupilSetting, ...]:
    """Settings of a preset, on the data of the lessons."""
    every: list[PupilSetting] = []
    for plain in settings_of(preset, at_three_views=STRONG, students=6):
        softened = study in ("widths", "temperatures", "courses")
        data = replace(plain.data, feature_noise=0.0) if softened else plain.data
        if study == "teachers":  # two samples of each view alone, for boosting
            data = replace(data, single_view_fraction=2 * data.views / 36)
        samples = 24 if softened else 36
        asked = DROWNED / plain.deviation if softened else plain.test_noise
        pupil = PupilSetting(
            data=data, training_samples=samples * data.classes, taught=plain.taught,
            study=study, test_noise=asked, **({"alone": LONGER} | changes),
        )  # fmt: skip
        every.append(pupil.shortened(60) if preset == "smoke" else pupil)
    return tuple(every)


def require(setting: PupilSetting) -> list[Expectation]:
    # Single views that are not known are not fitted: there is little to memorise them by.
    late = setting.data.views * setting.margin() / 2 + setting.data.single_view_fraction
    return [fits(setting, 1 - late, late / 3, who) for who in ("teachers", "students")]


def check(measured: Measured) -> list[Sample]:
    table = measured.tables["networks"]
    teachers = table["role"] == TEACHER
    return [fitted(measured, table[chosen]) for chosen in (teachers, ~teachers)]


def after(what: Any) -> str:
    """Role of students of a kind, after they are taught."""
    return f"taught, {what}"


def before(what: Any) -> str:
    """The same students before."""
    return f"before, {what}"
