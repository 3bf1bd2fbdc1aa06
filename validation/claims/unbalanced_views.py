"""Claim: without Assumption 4.1 the bound of Theorem 4 fails, by the odds of the views."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mvtheory import coverage as theory
from mvtheory import theorems
from mvtheory.race import win_probabilities
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    TEACHER,
    TeachingSetting,
    of_few_classes,
    self_distilled,
)
from validation.experiments.teaching.setting import settings as settings_of
from validation.experiments.teaching.tables import check, coverage_of, error_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

COVERAGE, ERROR = "coverage", "error on single-view samples"
SCALES = (1.5, 1.0)
"""Of the coefficients of the two views: by the integral the first one wins 11 races of 12."""
NETWORKS = 14
"""Teachers, each with a student of its own."""
BOUND = theorems.self_distillation.bounds[1]
"""Of the error in units of mu, in Theorem 4."""
Law = Callable[[NDArray[np.float64]], float]
"""Odds of the views to the coverage of a self-distilled network."""


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    if preset == "quick":  # more replicates than that has time for: three looks left it open
        return ()
    every = settings_of(
        preset, name="unbalanced", sizes=(), chains=(), teachers=NETWORKS, cohort=NETWORKS
    )
    classes = 3 if preset == "smoke" else 5
    few = of_few_classes(every[0], classes)
    return (replace(few, data=replace(few.data, scales=SCALES)),)


def odds(setting: TeachingSetting) -> NDArray[np.float64]:
    """Chance of each view to win, by the integral over initial weights."""
    drives = np.array(setting.data.scales) ** setting.power
    chances = win_probabilities(drives, setting.power, setting.neurons)
    return np.asarray(chances / chances.sum())


def union(chances: NDArray[np.float64]) -> float:
    """Of the wins of teacher and student: 1 - (1/M) sum_l (1 - P_l)^2."""
    return float(theory.ensemble_unequal(probabilities=chances, networks=2))


def expect(setting: TeachingSetting, law: Law = union) -> list[Expectation]:
    """Predictions; another law for the student's coverage serves the calibration."""
    balanced = float(theory.self_distilled(views=setting.data.views, rounds=1))
    value = law(odds(setting))
    # Close races are as many as among equal views, at most.
    finite = value + setting.finite(2) - balanced
    spread = setting.spread(2, setting.teachers)
    # Above the bound of the theorem or, where a law keeps it, not.
    low, high = (BOUND, None) if 1 - value > BOUND else (None, BOUND)
    return [
        Expectation.around(
            COVERAGE, "one round", setting.label, value, setting.margin(), spread,
            finite_size=finite,
        ),
        Expectation(
            ERROR, "one round", setting.label, 1 - value, low, high, spread
        ),
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    role = self_distilled(1)
    return [coverage_of(measured, role), error_of(measured, role)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        said = " : ".join(f"{share:.3f}" for share in odds(study.setting))
        lines.append(
            f"{study.setting.label}: by the integral views win {said}. Before distillation "
            f"networks cover {coverage_of(study, TEACHER).values.mean():.3f} of the views, after "
            f"it {coverage_of(study, self_distilled(1)).values.mean():.3f}; of views that are "
            f"equally strong it would be {theory.self_distilled(views=2, rounds=1):.3f}."
        )
    return lines


_wrong = wrong_by(expect)


UNBALANCED_VIEWS = Claim(
    name="unbalanced-views",
    place=(2, 16),
    title="Where one view is stronger, self-distillation gains less than Theorem 4 says",
    statement=(
        "If Assumption 4.1 is broken, one view's coefficients being half as large again as the "
        "other's, teacher and student win the same view in most classes: the student covers "
        "1 - (1/2) sum_l (1 - P_l)^2, P_l the chance of view l to win, and its test error is above "
        "the .26 mu of Theorem 4."
    ),
    sources=(
        Credit(
            "{}, for the assumption; what becomes of the theorem without it: ours",
            Source("allenzhu2023", "Assumption 4.1 and Theorem 4"),
        ),
    ),
    formulas=("ensemble_unequal", "self_distilled"),
    assumptions=("those of the claim self-distillation, but for the balance of the views",),
    margin=(
        "The coverage from the formula to the formula with as many close races as among equal "
        "views, which is more than there are, widened by (1 - 1/M)/(5M). The error is above the "
        "bound of the theorem."
    ),
    change="Views of one law, as in the claim self-distillation.",
    does_not_show=(
        "how far coefficients may differ before the bound breaks: one ratio is trained",
        "views that differ in how often they appear, or in their noise",
        "that the theorem is wrong: an assumption of it is broken on purpose",
    ),
    panels={
        COVERAGE: ("setting (M views, K classes)", "coverage C (share of class-view pairs)"),
        ERROR: ("setting (M views, K classes)", "error on single-view samples (share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("as if views were balanced: 3/4", lambda chances: 0.75),
        _wrong("the student has its own win and a random view", lambda chances: 5 / 6),
    ),
    remarks=remarks,
)
