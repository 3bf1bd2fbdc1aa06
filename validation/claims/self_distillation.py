"""Claim: a network distilled from one of its kind knows two networks' views."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    TEACHER,
    TeachingSetting,
    self_distilled,
    settings,
)
from validation.experiments.teaching.tables import check, coverage_of, error_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

COVERAGE, ERROR = "coverage", "error on single-view samples"
SLACK = 0.01
"""What Theorem 4 leaves, over (1 - 1/M)^2 mu, for what vanishes as the network grows."""


def one_round(views: int) -> float:
    return float(theory.self_distilled(views=views, rounds=1))


def expect(
    setting: TeachingSetting, student: Callable[[int], float] = one_round
) -> list[Expectation]:
    """Predictions; another formula for the student's coverage serves the calibration."""
    margin, independent = setting.margin(), setting.teachers
    value = student(setting.data.views)
    finite = value + setting.finite(2) - one_round(setting.data.views)
    spread = setting.spread(2, independent)
    return [
        Expectation.around(
            COVERAGE, "one round", setting.label, value, margin, spread, finite_size=finite
        ),
        Expectation(
            ERROR, "one round", setting.label, 1 - value, None, 1 - value + SLACK, spread, None,
            1 - finite,
        ),
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    role = self_distilled(1)
    return [coverage_of(measured, role), error_of(measured, role)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    return [
        f"{study.setting.label}: before distillation networks cover "
        f"{coverage_of(study, TEACHER).values.mean():.3f} of the views and err on "
        f"{error_of(study, TEACHER).values.mean():.3f} of the single-view samples; after it, on "
        f"{error_of(study, self_distilled(1)).values.mean():.3f}."
        for study in measured
    ]


_wrong = wrong_by(expect)


SELF_DISTILLATION = Claim(
    name="self-distillation",
    place=(2, 2),
    title="Self-distillation is an ensemble of two",
    statement=(
        "A network distilled from one other network of the same kind learns that network's views "
        "and keeps its own: it covers 1 - (1 - 1/M)^2, 3/4 at M = 2, and errs on at most .26 of "
        "the single-view samples at M = 2 (test error at most .26 mu)."
    ),
    sources=(Credit("{}; for M > 2: ours", Source("allenzhu2023", "Theorem 4")),),
    formulas=("self_distilled",),
    assumptions=("those of the claim ensemble-distillation, with one network as the teacher",),
    margin=(
        "The coverage as in ensemble-distillation. The error is a bound: (1 - 1/M)^2 + .01, at "
        "M = 2 the .26 of the theorem; an unknown view counts as wrong, because distractors of "
        "known views answer in its place."
    ),
    change=(
        "Two-sided matching without a cut makes the student a copy of its teacher (1/M); so does "
        "distillation before the student has a view of its own. Weak distractors leave it alone "
        "with its own view (1/M)."
    ),
    does_not_show=(
        "that the gain comes from two wins and not from longer training: no student of as many "
        "steps without a teacher is compared here",
        "the theorem's .26 as a sharp bound: anything below it passes",
        "self-distillation with a decaying or high rate of labels, or of deeper networks",
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
        _wrong("a copy of its teacher: 1/M", lambda m: 1 / m),
        _wrong("an ensemble of three", lambda m: 1 - (1 - 1 / m) ** 3),
        _wrong("two different views: 2/M", lambda m: min(1.0, 2 / m)),
    ),
    remarks=remarks,
)
