"""Errors of self-distillation as regularisation."""

import numpy as np
from remedy import Remedy

from mvtheory.self_distillation import (
    OptimalMixing,
    collapse_time,
    distill,
    distill_kernel_regression,
    estimated_mixing,
    mixed_filter,
    mixed_risk,
    one_shot_mixing,
    optimal_mixing,
    optimal_mixing_variance,
)

PLACES = ("mvtheory/self_distillation",)
ROUNDED = np.array([4.0, 1.0, -1e-17])
INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.0]])
CLOSE = np.array([[1.0, 1.0 + 1e-9], [1.0 + 1e-9, 1.0]])
TARGETS = [1.0, -2.0, 0.5]


def regression(gram, cross=None, targets=(1.0, 2.0), tolerance=0.1):
    return distill_kernel_regression(gram, gram if cross is None else cross, targets, tolerance, 1)


def infinite(weights):
    return OptimalMixing(weights=np.array(weights), risk=1, teacher_risk=1, least_risk=0).mixings


REMEDIES = [
    # checks.py
    Remedy(lambda: distill(ROUNDED, TARGETS, 0.3, 1), "clip at 0 what rounding made negative",
           lambda: distill(np.clip(ROUNDED, 0, None), TARGETS, 0.3, 1)),
    Remedy(lambda: distill([4, 1, 1], [1, 2], 0.3, 1),
           "one finite number for each of the 3 eigenvalues",
           lambda: distill([4, 1, 1], TARGETS, 0.3, 1)),
    Remedy(lambda: distill([4, 1, 1], TARGETS, 0.0, 1), "choose a value in this range",
           lambda: distill([4, 1, 1], TARGETS, 1e-3, 1)),
    Remedy(lambda: mixed_risk([4, 1], [1, 2], 0.5, -1.0, 1), "deviation >= 0",
           lambda: mixed_risk([4, 1], [1, 2], 0.5, 0.0, 1)),
    Remedy(lambda: distill([4, 1, 1], TARGETS, 0.3, 1.5), "an integer, rounds >= 0; choose one",
           lambda: distill([4, 1, 1], TARGETS, 0.3, 1)),
    # kernel.py
    Remedy(lambda: regression(np.eye(2), cross=[1, 1]), r"\(m, 2\).*give a row for each new input",
           lambda: regression(np.eye(2), cross=[[1, 1]])),
    Remedy(lambda: regression(np.eye(2), targets=[1]), "give one for each input",
           lambda: regression(np.eye(2), targets=[1, 2])),
    Remedy(lambda: regression(INDEFINITE), r"with a nugget c above the lowest",
           lambda: regression(INDEFINITE + 1.5 * np.eye(2))),
    Remedy(lambda: regression(CLOSE), "or give gram",
           lambda: regression(CLOSE + 1e-8 * np.eye(2), tolerance=1.0)),
    # recursion.py
    Remedy(lambda: collapse_time([3.0, 2.0]), "let `distill` make more rounds",
           lambda: collapse_time(distill([4, 1, 1], TARGETS, 0.3, 99).relative_norms)),
    Remedy(lambda: distill([1.0, 1e-320], [0.0, 1.0], 1e-3, 1), "raise the tolerance",
           lambda: distill([1.0, 1e-320], [0.0, 1.0], 0.6, 1)),
    Remedy(lambda: distill([1.0, 1e-320], [0.0, 1.0], 1e-3, 1), "add a nugget to the kernel",
           lambda: distill([1.1, 0.1], [0.0, 1.0], 1e-3, 1)),
    Remedy(lambda: distill([1.0, 0.0], [1, 1], 0.1, 1), "choose a larger tolerance",
           lambda: distill([1.0, 0.0], [1, 1], 0.6, 1)),
    # mixing.py
    Remedy(lambda: infinite([0.0, 1.0]), "take a step more or less", lambda: infinite([0.5, 1.0])),
    Remedy(lambda: estimated_mixing([0.0, 2.0], [1.0, 0.0], 0.5, 1.0), "check their order",
           lambda: estimated_mixing([0.0, 2.0], [0.0, 1.0], 0.5, 1.0)),
    Remedy(lambda: mixed_filter([4, 1], 0.5, [[1.0]]), "give a vector",
           lambda: mixed_filter([4, 1], 0.5, [1.0])),
    Remedy(lambda: optimal_mixing([4, 1], [1, 2], 0.5, 1.0, steps=0), "steps >= 1; choose one",
           lambda: optimal_mixing([4, 1], [1, 2], 0.5, 1.0, steps=1)),
    # one_shot.py
    Remedy(lambda: one_shot_mixing([2.0, 2.0], [1.0, 0.5], 0.5), "eigenvalues that differ",
           lambda: one_shot_mixing([2.0, 1.0], [1.0, 0.5], 0.5)),
    Remedy(lambda: one_shot_mixing([2.0, 1.0], [0.0, 0.0], 0.5), "they are not 0",
           lambda: one_shot_mixing([2.0, 1.0], [1.0, 0.5], 0.5)),
    # fluctuation.py
    Remedy(lambda: optimal_mixing_variance([4, 0], [0, 1], 0.5, 0.0), "check their order",
           lambda: optimal_mixing_variance([4, 0], [1, 0], 0.5, 0.0)),
    Remedy(lambda: optimal_mixing_variance([0, 0], [0, 1], 0.5, 0.0), "and an eigenvalue > 0",
           lambda: optimal_mixing_variance([4, 0], [0, 1], 0.5, 0.1)),
]  # fmt: skip
