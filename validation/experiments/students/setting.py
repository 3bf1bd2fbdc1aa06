"""The distillation experiment: students of hard, mixed and soft labels on one draw of the data.

A `StudentSetting` holds every number of the experiment. The claims about it share the trained
students.
"""

from dataclasses import dataclass, replace

from mvtheory.distillation.interval import BALANCED
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

PROBLEMS = ("digits", "many classes")
TEMPERATURES = (1.0, 2.0, 4.0, 8.0)
MISSED = {"digits": 0.06, "many classes": 0.3}
"""Share of the test samples that a student misses, about; for the power analysis alone."""
ANCHOR = (4.0, 0.1)
"""Usual choice of T and a_H: the one distilled student that the advisor is given."""


class StudentGrid(Described):
    """A setting with a student for every temperature and hard weight, a_H = 0 among them."""

    temperatures: tuple[float, ...]
    hard_weights: tuple[float, ...]

    @property
    def grid(self) -> list[tuple[float, float]]:
        """(T, a_H) of the distilled students."""
        return [(t, a) for t in self.temperatures for a in self.hard_weights]

    @property
    def mixed(self) -> list[tuple[float, float]]:
        """Those of both labels: the ones to predict."""
        return [(t, a) for t, a in self.grid if a > 0]


@dataclass(frozen=True)
class StudentSetting(StudentGrid):
    """A replicate is a draw of the data, a teacher and one student for every setting of the grid.

    Students share initial weights and batches, so that their differences are paired. The grid has
    every temperature with every hard weight, soft labels alone (a_H = 0) included, and hard labels
    alone besides.
    """

    experiment = "students"
    trainer = "validation.experiments.students.training"

    problem: str
    classes: int
    training_samples: int
    teacher_samples: int
    test_samples: int
    hard_weights: tuple[float, ...]
    hidden: int
    steps: int
    temperatures: tuple[float, ...] = TEMPERATURES
    rate: float = 0.002
    batch: int = 50
    teacher_hidden: int = 128
    teacher_steps: int = 1000
    dimension: int = 0
    spectrum_classes: int = 0
    """Of the separate student whose confusions make a spectrum; 0 for none."""
    spectra: int = 4
    """Of that student, each on test samples of its own."""

    @property
    def label(self) -> str:
        return f"{self.problem}, K = {self.classes}"

    @property
    def networks(self) -> int:
        return len(self.grid) + 2 + (self.spectrum_classes > 0)

    def shortened(self, steps: int) -> "StudentSetting":
        # The teacher's in proportion, so that a step costs what it does in the whole training.
        teacher_steps = max(1, round(self.teacher_steps * steps / self.steps))
        return replace(self, steps=steps, teacher_steps=teacher_steps)

    def spread(self) -> float:
        """Deviation that a predicted accuracy is expected to have in one replicate.

        The noise of `mvtheory.distillation.interval`: two trainings that disagree on a share V
        of the n test samples differ by about sqrt(V/n). V is taken as the share that not both
        put right, if they err independently.
        """
        disagreement = 1 - (1 - MISSED[self.problem]) ** 2
        return BALANCED.noise * (disagreement / self.test_samples) ** 0.5


def settings(preset: str) -> tuple[StudentSetting, ...]:
    """Settings of a preset: the grid, and the many classes, grow with it; smoke is for tests."""
    hard_weights, classes, spectrum = {
        "smoke": ((0.0, 0.1), 6, 12),
        "quick": ((0.0, 0.1, 0.5), 30, 200),
        "standard": ((0.0, 0.1, 0.25, 0.5, 0.75), 60, 200),
        "full": ((0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9), 100, 400),
    }[preset]
    small = preset == "smoke"
    return (
        StudentSetting(
            problem="digits", classes=10, training_samples=300, teacher_samples=400,
            test_samples=1097, hard_weights=hard_weights, hidden=24, steps=60 if small else 800,
            teacher_steps=60 if small else 1000,
        ),
        StudentSetting(
            problem="many classes", classes=classes, training_samples=20 * classes,
            teacher_samples=200 * classes, test_samples=100 if small else 6000,
            hard_weights=hard_weights, hidden=48, steps=60 if small else 1000, dimension=30,
            teacher_steps=60 if small else 2000, spectrum_classes=spectrum,
        ),
    )  # fmt: skip


def require(setting: StudentSetting) -> list[Expectation]:
    """Students and teachers must have learned something before anything is said of them."""
    chance = 1 / setting.classes
    return [
        Expectation(
            f"accuracy of the {who} above chance", "one network", setting.label, 0.5, chance,
            None, 0.05,
        )
        for who in ("student", "teacher")
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [
        Sample.of(measured.by_replicate("problem", name) - 1 / measured.setting.classes)
        for name in ("student_accuracy", "teacher_accuracy")
    ]
