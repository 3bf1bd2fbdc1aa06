"""Claim: an ensemble of distilled students gains nothing over one of them."""

from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Source
from validation.experiments.teaching.setting import (
    SIZES,
    TEACHER,
    TeachingSetting,
    settings,
    student_of,
)
from validation.experiments.teaching.tables import check, coverage_of, ensemble_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "gain"
TAUGHT_BY = max(SIZES)


def gain_of(views: int, networks: int, students: int) -> float:
    """One student knows the views of N + 1 networks, `students` of them those of N + students."""
    one = theory.distilled(views=views, networks=networks, student_win=1)
    return float(theory.ensemble(views=views, networks=networks + students) - one)


def expect(
    setting: TeachingSetting, gain: Callable[[int, int, int], float] = gain_of
) -> list[Expectation]:
    """Predictions; another formula for the gain serves the calibration."""
    value = gain(setting.data.views, TAUGHT_BY, setting.students)
    spread = setting.spread(TAUGHT_BY + 1, setting.students)
    place = PANEL, "ensemble of students less one", setting.label
    return [Expectation.around(*place, value, setting.margin(), spread)]


def observe(measured: Measured) -> list[Sample]:
    role = student_of(TAUGHT_BY)
    together = ensemble_of(measured, role, measured.setting.students).values
    return [Sample.of(together - coverage_of(measured, role).values)]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        pair = ensemble_of(study, TEACHER, 2).values - coverage_of(study, TEACHER).values
        lines.append(
            f"{study.setting.label}: of networks that were not distilled, a second one adds "
            f"{pair.mean():.3f}."
        )
    return lines


ENSEMBLE_OF_STUDENTS = Claim(
    name="ensemble-of-students",
    place=(2, 4),
    title="An ensemble of distilled students gains nothing over one",
    statement=(
        "Students of one large ensemble all know its views, so that averaging their outputs covers "
        "no more than one of them does."
    ),
    sources=(Source("allenzhu2023", "section 4 and Theorem 3"),),
    formulas=("distilled", "ensemble"),
    assumptions=("those of the claim ensemble-distillation", "students share their teacher"),
    margin=(
        "The gain of s students over one is within (1 - 1/M)/(5M) of what the views that they won "
        "themselves can add, 1 - (1 - 1/M)^(N+s) less 1 - (1 - 1/M)^(N+1): a fifth of what a "
        "second network adds to one that was not distilled."
    ),
    change="A small teacher, or students who do not learn all of it: their own views differ.",
    does_not_show=(
        "that the students are alike: those that know the same views may still differ in "
        "everything else",
        "students of a small ensemble, whose own wins add something, or students of different "
        "teachers",
        "the same on images: there it fails where teachers are few (claim image-students)",
    ),
    panels={PANEL: ("setting (M views, K classes)", "coverage, all students - one\n(share)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong(
            "students are as different as their teachers",
            lambda setting: expect(setting, lambda m, n, s: (1 - 1 / m) - (1 - 1 / m) ** s),
        ),
    ),
    remarks=remarks,
)
