"""Claim: every round of self-distillation adds a network's views."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    TeachingSetting,
    self_distilled,
    settings,
)
from validation.experiments.teaching.tables import check, coverage_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "rounds of self-distillation"


def after(views: int, rounds: int) -> float:
    return float(theory.self_distilled(views=views, rounds=rounds))


def expect(
    setting: TeachingSetting, student: Callable[[int, int], float] = after
) -> list[Expectation]:
    """Predictions; another formula for the coverage serves the calibration."""
    views, margin = setting.data.views, setting.margin()
    expectations = []
    for rounds in range(1, setting.rounds + 1):
        value = student(views, rounds)
        finite = value + setting.finite(rounds + 1) - after(views, rounds)
        independent = setting.independent_chains(rounds)
        expectations.append(
            Expectation.around(
                PANEL, setting.label, rounds, value, margin,
                setting.spread(rounds + 1, independent), finite_size=finite,
            )
        )  # fmt: skip
    return expectations


def observe(measured: Measured) -> list[Sample]:
    return [
        coverage_of(measured, self_distilled(rounds))
        for rounds in range(1, measured.setting.rounds + 1)
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        own = [c for c in comparisons if c.expectation.series == study.setting.label]
        worst = max(own, key=lambda c: abs(c.difference))
        lines.append(
            f"{study.setting.label}: the largest difference from the formula is "
            f"{worst.difference:+.3f} ± {worst.standard_error:.3f}, after {worst.expectation.x:g} "
            f"rounds; what a single network knows here accounts for "
            f"{worst.expectation.expected - worst.expectation.predicted:+.3f}."
        )
    return lines


_wrong = wrong_by(expect)


REPEATED_SELF_DISTILLATION = Claim(
    name="repeated-self-distillation",
    place=(2, 3),
    title="R rounds of self-distillation are worth an ensemble of R + 1",
    statement=(
        "Each student of a chain starts afresh, wins a view of its own and learns those of the "
        "student before it: after R rounds it covers 1 - (1 - 1/M)^(R+1)."
    ),
    sources=(Credit("ours, from {}", Source("allenzhu2023", "Theorem 4")),),
    formulas=("self_distilled",),
    assumptions=("those of the claim self-distillation, in every round",),
    margin=(
        "At every R the range runs from the formula to its value with the coverage that the growth "
        "law gives a single network here, widened on both sides by (1 - 1/M)/(5M), a fifth of what "
        "a second network adds."
    ),
    change="What changes self-distillation; students that start from their teacher's weights.",
    does_not_show=(
        "chains longer than those trained, in which errors of every round would add up",
        "which views a round adds: coverage alone is judged, and views that are lost and won "
        "again do not show in it",
        "rounds that start from the weights of the round before",
    ),
    panels={PANEL: ("rounds R", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("a round adds nothing after the first", lambda m, r: 1 - (1 - 1 / m) ** 2),
        _wrong("R in place of R + 1", lambda m, r: 1 - (1 - 1 / m) ** r),
        _wrong("one round teaches everything", lambda m, r: 1.0),
    ),
    remarks=remarks,
)
