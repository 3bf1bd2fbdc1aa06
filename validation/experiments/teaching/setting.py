"""The teaching experiment: patch networks that learn from one another and from ensembles.

`TeachingSetting` holds every number of the experiment and what the theory expects of it before
training; the claims about it share the trained networks.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from mvtheory.race import expected_coverage_waiting, final_strength, waiting_drive
from validation.data import MultiViewData
from validation.experiments.lottery.setting import CALLED_WRONGLY
from validation.experiments.patches import PatchSetting
from validation.training.schedule import Schedule

TEACHER = "teacher"
Lesson = Literal["generations", "followed", "curriculum", "together"]
ALONE = Schedule(185, 4.0, 110, 4.0, late_momentum=0.8)
LONGER = Schedule(250, 4.0, 110, 4.0, late_momentum=0.8)
"""Learning alone where races that go on after it would be taken for what comes next: views learned
from a teacher's soft outputs, or from the next view of a curriculum against strong distractors."""
STEPS_EACH = 24
"""Of teaching, for each view of each class: each is a distractor in 2/(KM) of the samples."""
STRONG, STRONGER = (0.8, 1.0), (1.0, 1.4)
"""Coefficients of distractors."""
CHAINS = (7, 6, 6, 5)
SIZES = (2, 10)
"""Networks in the ensembles that have students of their own."""


def student_of(size: int) -> str:
    """Role of the students of an ensemble of `size` networks."""
    return f"student of {size}"


def self_distilled(rounds: int) -> str:
    return f"self-distilled, R = {rounds}"


def generations_to(rounds: int) -> str:
    """Role of the networks of a chain together, from its teacher to the student of this round."""
    return f"generations 0 to {rounds}"


def after_views(views: int) -> str:
    """Role of networks that were shown so many views one after the other."""
    return f"shown {views} views"


@dataclass(frozen=True)
class TeachingSetting(PatchSetting):
    """A replicate is a data set, teachers, and several kinds of students of them.

    A student has initial weights of its own and learns from labels first (`alone`), then from
    labels and from its teacher's outputs cut off at `cap` (`taught`); the order and the cut are
    those of Allen-Zhu & Li (2023), Theorem 4. Dark knowledge is in the distractors: views of other
    classes, one at a time, strong enough to be learned from in the time that there is. The drive
    of a distractor goes with the q-th power of its coefficient, and the view that lost the race
    waits with the inverse square of its strength: hence many neurons and momentum.

    The lessons: `generations` has students of ensembles of several `sizes` and chains of students;
    `followed` has students of all teachers together, who are asked at the steps `watched` of their
    teaching (table `course`); `curriculum` has networks that are shown one view after the other,
    and, if there are teachers, students of these; `together` has several students of the same
    teachers.

    Of the chains of students so many go on to rounds 2, 3 and so on: they differ ever less.
    Learning alone is the same whoever teaches later, so that the students of all kinds begin as
    copies of a `cohort` of networks, and only in a chain every student as another one.

    There are no single-view samples to train on: mu is small against the number of samples, as
    in the theorem; and little background noise, because a student would rather memorise what it
    cannot explain yet. Test samples have `test_noise` in place of it: so much that an unlearned
    view is put right by chance only, and no more, because a view that few of the teachers know
    is learned at a fifth of the others' strength.
    """

    experiment = "teaching"
    trainer = "validation.experiments.teaching.training"

    data: MultiViewData
    training_samples: int
    taught: Schedule
    teachers: int = 10
    students: int = 6
    chains: tuple[int, ...] = CHAINS
    sizes: tuple[int, ...] = SIZES
    watched: tuple[int, ...] = ()
    cohort: int = 20
    neurons: int = 10
    power: int = 4
    deviation: float = 0.008
    alone: Schedule = ALONE
    name: str = ""
    lesson: Lesson = "generations"
    cap: float = 1.5
    weight: float = 1.0
    test_noise: float = 1.5
    test_samples: int = 600
    repeats: int = 12

    def __post_init__(self) -> None:
        most = self.teachers + sum(self.chains)
        chains = [
            starts
            for rounds in range(1, self.rounds + 1)
            for starts in zip(*map(self.starts, range(1, rounds + 1)), strict=False)
        ]
        if self.cohort < self.students or any(len(set(chain)) < len(chain) for chain in chains):
            raise ValueError(
                f"cohort={self.cohort} is not allowed for {self.students} students and chains="
                f"{self.chains} (no chain may begin twice as the same network, nor an ensemble of "
                f"students); choose {max(most, self.students)}, which is enough"
            )

    @property
    def label(self) -> str:
        return f"{self.name or self.lesson}, M = {self.data.views}, K = {self.data.classes}"

    @property
    def steps(self) -> int:
        return self.alone.steps + self.second.steps

    @property
    def second(self) -> Schedule:
        """Of what comes after learning alone."""
        return self.taught

    @property
    def rounds(self) -> int:
        """Of self-distillation: one by every teacher, and those of the chains."""
        return 1 + len(self.chains)

    def chains_of(self, rounds: int) -> int:
        """Students in this round of self-distillation."""
        return (self.teachers, *self.chains)[rounds - 1]

    def starts(self, rounds: int) -> list[int]:
        """The networks of the cohort as which the students of a round begin."""
        first = sum(map(self.chains_of, range(1, rounds)))
        return [(first + chain) % self.cohort for chain in range(self.chains_of(rounds))]

    def independent_chains(self, rounds: int) -> float:
        """Chains without a network in common of which the mean would vary as much.

        If every network of a chain adds something of its own to what the last student knows; in
        truth a network counts for less where others know its view, so this errs on the side of
        more replicates.
        """
        chains = self.chains_of(rounds)
        shared = Counter(
            start for passed in range(1, rounds + 1) for start in self.starts(passed)[:chains]
        )
        squares = chains + sum(count**2 for count in shared.values())
        return chains**2 * (rounds + 1) / squares

    @property
    def networks(self) -> int:
        return (
            self.teachers
            + {
                "generations": self.students * len(self.sizes) + self.teachers + sum(self.chains),
                "followed": self.students,
                "curriculum": self.students * (2 if self.teachers else 1),
                "together": self.students * (self.teachers // 2 + 1),
            }[self.lesson]
        )

    def shortened(self, steps: int) -> Self:
        # Both phases in proportion, so that a step costs what it does in the whole training.
        later = max(1, round(self.second.steps * steps / self.steps))
        return replace(
            self,
            alone=replace(self.alone, steps=max(1, steps - later)),
            taught=replace(self.taught, steps=later),
        )

    def final_strength(self) -> float:
        """Strength a of a view that was learned from labels alone.

        Against strong distractors an output stands above the others by (z - gamma) a only.
        """
        above = self._above()
        return final_strength(self.data.classes, self.power, self.alone.time, above, above**2)

    def known(self, neurons: int, growth: float = 0.0) -> float:
        """Coverage of a network of so many neurons that was taught so much, by the growth law.

        Strong distractors make classes wait for each other. A view that lost its race goes on from
        where the race left it, the winner's lead behind.
        """
        return expected_coverage_waiting(
            self.data.views, neurons, self.power, self.deviation, self.late + growth, self.waiting
        )

    def alone_at_finite_size(self) -> float:
        """Coverage of a network that learned from labels alone."""
        return self.known(self.neurons)

    @property
    def late(self) -> float:
        """What losing views receive after the race, before anybody teaches them.

        E[z^q] (a - 1) / (E[z] - gamma), while the winner goes on to the strength a (see
        `mvtheory.race.late_growth`).
        """
        grown = self.data.mean_power(self.power) * max(0.0, self.final_strength() - 1)
        return grown / self._above()

    @property
    def waiting(self) -> float:
        """How much classes wait for each other, against strong distractors."""
        data = self.data
        return waiting_drive(
            data.classes, data.views, self.power, data.distractors,
            coefficient=data.mean_power(1), distraction=self.distraction,
        )  # fmt: skip

    @property
    def distraction(self) -> float:
        """Mean coefficient gamma of a distractor."""
        return sum(self.data.distractor_strength) / 2

    def _above(self) -> float:
        return self.data.mean_power(1) - self.distraction

    def finite(self, networks: int) -> float:
        """Coverage of the union of so many networks at this initialisation."""
        return 1 - (1 - self.alone_at_finite_size()) ** networks

    def spread(self, networks: int, independent: float) -> float:
        """Deviation of a replicate's mean coverage of `independent` unions of `networks` views.

        Which views win is taken out (see `adjusted`); what is left is a class with a view more
        than foreseen, by near-ties, or with another one, by races that are called wrongly.
        """
        views = self.data.views
        more = views * (self.finite(networks) - 1 + (1 - 1 / views) ** networks)
        other = min(more + CALLED_WRONGLY, 0.5)
        return math.sqrt(other * (1 - other) / (self.data.classes * independent)) / views


def taught(steps: int) -> Schedule:
    return Schedule(steps, 0.85, steps, 0.85, momentum=0.97)


def settings(
    preset: str,
    lesson: Lesson = "generations",
    at_three_views: tuple[float, float] = STRONGER,
    **changes: Any,
) -> tuple[TeachingSetting, ...]:
    """Settings of a preset: views and classes grow with it; smoke is for tests.

    At three views a student that answers distractors by its label's views loses more than the
    claims allow for, by the noise that it memorises meanwhile. There distractors are so strong that
    their own views drive it more (`mvtheory.race.mistaken_drive` below 1; 2.9 at `STRONG` and six
    classes, where two views can bear it).
    """
    views, classes, noise_dimensions = {
        "smoke": ((2,), 3, 10),
        "quick": ((2,), 5, 10),
        "standard": ((2, 3), 6, 18),
        "full": ((2, 3), 12, 18),
    }[preset]
    every = tuple(
        TeachingSetting(
            data=MultiViewData(
                classes=classes,
                views=count,
                dimension=(count + noise_dimensions) * classes,
                distractor_strength=STRONG if count < 3 else at_three_views,
                background_noise=0.5,
                single_view_fraction=0.0,
            ),
            training_samples=36 * classes,
            taught=taught(STEPS_EACH * classes * count),
            lesson=lesson,
        )
        for count in views
    )
    if preset == "smoke":
        changes = {"students": 2, "chains": (2, 2), "test_samples": 60} | changes
    every = tuple(replace(setting, **changes) for setting in every)
    return tuple(setting.shortened(60) for setting in every) if preset == "smoke" else every


def of_few_classes(setting: TeachingSetting, classes: int) -> TeachingSetting:
    """The same with fewer classes, at a price of about the cube of their number.

    With one distractor in the place of two, which of three classes would show all others in every
    sample and hold them back for good; so the teaching takes twice as long.
    """
    data = setting.data
    per_class = data.dimension // data.classes
    steps = 2 * STEPS_EACH * classes * data.views
    return replace(
        setting,
        data=replace(data, classes=classes, dimension=per_class * classes, distractors=1),
        training_samples=setting.training_samples // data.classes * classes,
        taught=setting.taught if setting.taught.steps < STEPS_EACH else taught(steps),
    )
