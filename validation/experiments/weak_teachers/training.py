"""Draws the features of `WeakTeacherSetting`, and fits teachers and students on all inputs."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from mvtheory.features import arc_cosine_kernel, relu_spectrum
from validation.experiments.streams import Streams
from validation.experiments.weak_teachers.setting import (
    DEGREE,
    RIDGE,
    STOPPED,
    STUDENTS,
    WIDE,
    WeakTeacherSetting,
)
from validation.trial.claim import Tables

Array = NDArray[np.float64]
EXPERIMENT = 29
"""Begins the keys of this experiment's random numbers."""


def measure(
    setting: WeakTeacherSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Draw features, and fit.

    Returns table `teachers`: a row for each width and draw with the errors of the teacher and of
    its students, as shares of the target's square.
    """
    streams = Streams(seed, (EXPERIMENT, setting.dimension, replicate))
    rows = []
    for width in setting.widths:
        for draw in range(setting.draws):
            features = directions(width, setting.dimension, streams.rng(width, draw, 0))
            teacher, error = taught(features)
            found = {"teacher": error}
            for student in (STOPPED, RIDGE):
                found[student] = filtered(
                    features, teacher, student, setting.tuned(width, student)
                )  # fmt: skip
            wide = directions(
                setting.wider * width, setting.dimension, streams.rng(width, draw, 1)
            )  # fmt: skip
            found[WIDE] = learned(wide, features, teacher, setting.tuned(width, WIDE))
            rows.append({"width": width, "draw": draw} | {
                name: found[name] for name in ("teacher", *STUDENTS)
            })  # fmt: skip
    return {"teachers": rows}


def directions(count: int, dimension: int, rng: np.random.Generator) -> Array:
    """Weights of features, even on the unit sphere."""
    drawn = rng.standard_normal((count, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1)[:, None])


def kernel(first: Array, second: Array) -> Array:
    """E ReLU(<w, x>) ReLU(<v, x>) over inputs on the unit sphere: for normal ones it is d times."""
    same = first is second
    rows = first[:, None]
    found = arc_cosine_kernel(rows, rows if same else second[:, None])
    return np.asarray(found / first.shape[1])


def on_target(features: Array) -> Array:
    """E ReLU(<w, x>) f(x), f(x) = sqrt(d) x_1 the target."""
    return np.asarray(features[:, 0] / (2 * math.sqrt(features.shape[1])))


def taught(features: Array) -> tuple[Array, float]:
    """Output weights of least squares on the target, and what it misses."""
    wanted = on_target(features)
    weights = linalg.solve(kernel(features, features), wanted, assume_a="pos")
    return np.asarray(weights), 1 - float(wanted @ weights)


def filtered(features: Array, teacher: Array, student: str, tuned: float) -> float:
    """Error of a student that filters the harmonics of its teacher's function.

    What it makes of those above `DEGREE` is left out: it learns them less than any other.
    """
    dimension = features.shape[1]
    values, counts = relu_spectrum(dimension, DEGREE)
    kept = -np.expm1(-values * tuned) if student == STOPPED else values / (values + tuned)
    cosine = features @ features.T
    error, place = 0.0, 0
    before, now = np.zeros_like(cosine), np.ones_like(cosine)
    for degree in range(DEGREE + 1):
        if degree == 1:
            # Along the target and across it, so that nothing cancels.
            linear = teacher @ features * math.sqrt(values[1] * dimension)
            linear[0] = kept[1] * linear[0] - 1
            linear[1:] *= kept[1]
            error += float(linear @ linear)
            place += 1
        elif degree % 2 == 0:
            square = values[place] * counts[place] * float(teacher @ now @ teacher)
            error += kept[place] ** 2 * square
            place += 1
        # Gegenbauer polynomials that are 1 at 1.
        next_one = ((2 * degree + dimension - 2) * cosine * now - degree * before) / (
            degree + dimension - 2
        )
        before, now = now, next_one
    return error


def learned(features: Array, others: Array, teacher: Array, ridge: float) -> float:
    """Error of a student with features of its own and a ridge, on its teacher's outputs."""
    own, count = kernel(features, features), len(features)
    weights = linalg.solve(
        own / count + ridge * np.eye(count), kernel(features, others) @ teacher / count,
        assume_a="pos",
    )  # fmt: skip
    return float(1 - 2 * weights @ on_target(features) + weights @ own @ weights)
