"""The experiment on weak teachers: random ReLU features on a sphere, and students of their labels.

Everything is fitted on all inputs, whose moments are known in closed form: the features alone are
drawn. Teachers have few of them; students have many times more, or the kernel itself.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from mvtheory.features import LinearModel, fit_ridge, relu_spectrum, stopped_descent
from validation.experiments.description import Described
from validation.trial.claim import Expectation, Measured, Sample

DEGREE = 10
"""Of the harmonics that are told apart: what is above counts as of this degree."""
ENDLESS = 10**12
"""Inputs that are as good as all."""
SLIGHT = 1e-4
"""Of the teacher's ridge, relative to what its features leave: as good as none."""
STOPPED, RIDGE, WIDE = STUDENTS = (
    "the kernel, stopped early", "the kernel, with a ridge", "wide, with a ridge",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WeakTeacherSetting(Described):
    """A replicate is `draws` teachers of each width, with students of three kinds.

    The target is a direction of the inputs, on the unit sphere of `dimension`; its mean square is
    1. Wide students have `wider` times the features of their teachers.
    """

    experiment = "weak teachers"
    trainer = "validation.experiments.weak_teachers.training"
    kind_of_model = "random-feature model"

    dimension: int
    widths: tuple[int, ...]
    wider: int
    draws: int

    steps = 1

    @property
    def label(self) -> str:
        return f"weak teachers, {self.dimension} dimensions"

    @property
    def networks(self) -> int:
        return (1 + len(STUDENTS)) * len(self.widths) * self.draws

    @property
    def work(self) -> float:
        """Elements of the kernels of the widest students."""
        return float(self.draws * sum((self.wider * width) ** 2 for width in self.widths))

    def shortened(self, steps: int) -> "WeakTeacherSetting":
        return replace(self, draws=1)  # there are no steps

    def teacher(self, width: int) -> float:
        """Its error as a share of the target's square."""
        return _taught(self, width)[0].risk(_target(self.dimension))

    def tuned(self, width: int, student: str) -> float:
        """The time or ridge of least error, by the theory: nothing is tuned on what is drawn."""
        return _best(self, width, student)[0]

    def student(self, width: int, student: str) -> float:
        """Its error."""
        return _best(self, width, student)[1]

    def exponent(self, width: int, student: str) -> float:
        """The power of the teacher's error that it is."""
        return math.log(self.student(width, student)) / math.log(self.teacher(width))

    def spread(self, width: int | None = None) -> float:
        """Deviation of the logarithm of a teacher's error, or of an exponent, in a replicate.

        Errors of teachers vary by an eighth between draws, sums over the noise in a few tens of
        directions, and those of students by half as much again.
        """
        own = 0.125 if width is None else 0.2 / abs(math.log(self.teacher(width)))
        return own / math.sqrt(self.draws)


@lru_cache(maxsize=8)
def _target(dimension: int) -> LinearModel:
    """In the eigenbasis of the kernel; what is above `DEGREE` counts as of it, by its trace."""
    values, counts = relu_spectrum(dimension, DEGREE)
    counts[-1] += (1 / (2 * dimension) - values @ counts) / values[-1]
    spectrum = np.repeat(values, np.round(counts).astype(int))
    coefficients = np.zeros(spectrum.size)
    coefficients[1] = 1 / math.sqrt(spectrum[1])
    return LinearModel.of(spectrum, coefficients)


@lru_cache(maxsize=64)
def _taught(setting: WeakTeacherSetting, width: int) -> tuple[LinearModel, float]:
    """The teacher, and its ridge."""
    from mvtheory.laws import MarchenkoPastur

    target = _target(setting.dimension)
    ridge = SLIGHT * float(np.sort(target.eigenvalues)[:-width].sum()) / width
    law = MarchenkoPastur(aspect_ratio=target.eigenvalues.size / width)
    return fit_ridge(target, ENDLESS, ridge, sketch=law), ridge


@lru_cache(maxsize=256)
def _best(setting: WeakTeacherSetting, width: int, student: str) -> tuple[float, float]:
    """The time or ridge of least error, and that error."""
    from scipy import optimize

    from mvtheory.laws import MarchenkoPastur

    target, (teacher, _) = _target(setting.dimension), _taught(setting, width)
    size, own = target.eigenvalues.size, float(target.eigenvalues[1])

    def pupil(logarithm: float) -> LinearModel:
        number = math.exp(logarithm)
        if student == STOPPED:
            return stopped_descent(teacher, number)
        if student == RIDGE:
            kept = target.eigenvalues / (target.eigenvalues + number)
            return LinearModel.of(
                target.eigenvalues, kept * teacher.mean, kept**2 * teacher.variance
            )
        law = MarchenkoPastur(aspect_ratio=size / (setting.wider * width))
        return fit_ridge(teacher, ENDLESS, number, sketch=law)

    # A time from 1 to 100 of the target's, a ridge from 10^-6 of its eigenvalue to itself.
    low, high = (math.log(1 / own), math.log(100 / own)) if student == STOPPED else (
        math.log(1e-6 * own), math.log(own)
    )  # fmt: skip
    found = optimize.minimize_scalar(
        lambda x: math.log(pupil(x).risk(target)), bounds=(low, high), method="bounded",
        options={"xatol": 1e-3},
    )  # fmt: skip
    return math.exp(found.x), math.exp(found.fun)


def settings(preset: str) -> tuple[WeakTeacherSetting, ...]:
    """Teachers that know all harmonics of degree 2, and few above; smoke is for the machinery."""
    if preset == "smoke":
        return (WeakTeacherSetting(dimension=6, widths=(48, 96), wider=2, draws=1),)
    draws = {"quick": 1, "standard": 2, "full": 6}[preset]
    return (WeakTeacherSetting(dimension=8, widths=(112, 160, 224, 304), wider=3, draws=draws),)


def require(setting: WeakTeacherSetting) -> list[Expectation]:
    """Teachers span the target but for a hundredth: powers of their errors say something."""
    return [
        Expectation("teacher's error", "all widths", setting.label, 0.002, None, 0.02, 0.0005)
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("teachers", "teacher"))]
