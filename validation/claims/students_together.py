"""Claim: students of the same teachers are above them by the views that they won themselves."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    SIZES,
    TEACHER,
    TeachingSetting,
    student_of,
)
from validation.experiments.teaching.setting import settings as settings_of
from validation.experiments.teaching.tables import check, coverage_of, ensemble_of, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "students less teachers"
STUDENTS = 3

Law = Callable[[int, int, int], float]
"""Gain of s students on their N teachers, by the views M, N and s."""


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    if preset == "quick":  # students of every two teachers take longer than that has time for
        return ()
    return settings_of(preset, lesson="together", students=STUDENTS, chains=(), cohort=STUDENTS)


def gain_of(views: int, networks: int, students: int) -> float:
    """s students of the same N networks know the views of N + s."""
    both = theory.ensemble(views=views, networks=[networks + students, networks])
    return float(both[0] - both[1])


def expect(setting: TeachingSetting, law: Law = gain_of) -> list[Expectation]:
    views, students = setting.data.views, setting.students
    rows = []
    for size in SIZES:
        predicted = law(views, size, students)
        finite = predicted + setting.finite(size + students) - setting.finite(size)
        finite -= gain_of(views, size, students)
        groups = setting.teachers // size
        both = math.hypot(setting.spread(size, groups), setting.spread(size + students, groups))
        # No more than if what the teachers do not know were learned or not by chance.
        unknown = (1 - 1 / views) ** size / (setting.data.classes * views * groups)
        spread = min(both, unknown**0.5)
        place = PANEL, setting.label, size
        rows.append(
            Expectation.around(*place, predicted, setting.margin(), spread, finite_size=finite)
        )
    return rows


def observe(measured: Measured) -> list[Sample]:
    students = measured.setting.students
    return [
        Sample.of(
            ensemble_of(measured, student_of(size), students).values
            - ensemble_of(measured, TEACHER, size).values
        )
        for size in SIZES
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        for size in SIZES:
            role, students = student_of(size), study.setting.students
            lines.append(
                f"{study.setting.label}, N = {size}: teachers together "
                f"{ensemble_of(study, TEACHER, size).mean:.3f}, one student "
                f"{coverage_of(study, role).mean:.3f}, {students} students together "
                f"{ensemble_of(study, role, students).mean:.3f}."
            )
    return lines


_wrong = wrong_by(expect)
STUDENTS_TOGETHER = Claim(
    name="students-together",
    place=(2, 21),
    title="An ensemble of students is above its teachers only by what the students won themselves",
    statement=(
        "An ensemble of students is not above the ensemble that taught them: of s students of the "
        "same N networks each knows their views and one of its own, so that all of them cover "
        "(1-1/M)^N - (1-1/M)^(N+s) more than their teachers, nothing for large N. Of two teachers "
        "it is much, and the statement of the source does not hold."
    ),
    sources=(
        Credit(
            "{} for many teachers; the law for few: ours",
            Source("allenzhu2023", "section 1, messages 4 to 7"),
        ),
    ),
    formulas=("ensemble", "distilled", "mistaken_drive"),
    assumptions=("those of the claim ensemble-distillation", "students share all their teachers"),
    margin=(
        "Within (1 - 1/M)/(5M), a fifth of what a second network adds to one, of the law and of "
        "its value at the coverage that one network has at this initialisation."
    ),
    change=(
        "Students without starts of their own, or who do not learn all that they are told. Of one "
        "teacher, in trials, four students were .37 above it, where the law says .47 and at finite "
        "size .43. With distractors of .8 to 1.0, to which the label's views respond first "
        "(mistaken_drive 2.9), students of two teachers were .246 +- .005 above them in the preset "
        "standard, where at least .252 was asked: undecided. By their strengths they were .29, as "
        "the law says, in which there are no tests: noisy ones name .014 more views of the "
        "teachers, which are half learned, and .03 fewer of the students, views that no teacher "
        "knows, because a student answers to the noise that it memorised while it took distractors "
        "for the label. Of the distractors here (1.0 to 1.4, mistaken_drive .9) tests still miss "
        "some: on seed 0 .251 +- .007, in a run of seven claims in which all teachers had the same "
        "three students: undecided. With students of their own for every group of teachers, whose "
        "mean varies less, .250 +- .006 on seed 0, in a run of this claim, where at least .232 is "
        "asked: HOLDS at the third look; and .255 +- .006 on seed 1: HOLDS at the first."
    ),
    does_not_show=(
        "that students differ in the views alone that they won",
        "the law for students who do not learn all that they are told",
        "where the gain over few teachers ends: the numbers of teachers and students trained "
        "are few",
    ),
    panels={PANEL: ("teachers N", "coverage, all students - teachers\n(share)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("never above the teachers", lambda m, n, s: 0.0),
        _wrong("students and teachers swapped", lambda m, n, s: gain_of(m, s, n)),
        _wrong(
            "students are above by their own coverage", lambda m, n, s: float(1 - (1 - 1 / m) ** s)
        ),
    ),
    remarks=remarks,
)
