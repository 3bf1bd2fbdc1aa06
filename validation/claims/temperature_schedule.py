"""Claim: of all courses of the temperature the best is one temperature held, told by the drive."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.race import best_temperature
from mvtheory.references import Credit, Source
from validation.claims.student_width import adjusted
from validation.experiments.pupils.setting import PupilSetting, after, check, require
from validation.experiments.pupils.setting import settings as settings_of
from validation.training.schedule import Schedule
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL, REGRET = "coverage by course of T", "best course found less that predicted"
BEST = 5.0
"""Near `best_temperature` of all settings, as remarks say."""
WEIGHT = 40.0
Course = tuple[float, float]
Law = Callable[[PupilSetting, Course], float]


def settings(preset: str) -> tuple[PupilSetting, ...]:
    if preset == "quick":  # more replicates than that has time for
        return ()
    every: tuple[Course, ...] = ((2.0, 2.0), (BEST, BEST), (16.0, 2.0), (2.0, 16.0))
    if preset != "smoke":
        every += ((12.0, 12.0), (3.0, 3.0), (8.0, 8.0), (8.0, 3.0), (3.0, 8.0))
    return settings_of(
        preset, "courses", courses=every, students=3, weight=WEIGHT,
        softened=Schedule(300, 0.5, 300, 0.5, momentum=0.9),
    )  # fmt: skip


def law(setting: PupilSetting, course: Course) -> float:
    return setting.taught_coverage(setting.neurons, setting.taught_by(*course))


def words(course: Course) -> str:
    first, last = course
    return f"{first:g}" if first == last else f"{first:g} to {last:g}"


def expect(setting: PupilSetting, law: Law = law) -> list[Expectation]:
    """Coverage of students taught in each course; another law serves the calibration."""
    margin, spread = setting.rise(), setting.called_spread()
    expectations = [
        Expectation.around(
            PANEL, setting.label, words(course), law(setting, course), margin, spread, most=1.0
        )
        for course in setting.courses
    ]
    # What the course that a search finds has over the one predicted to be the best.
    most = max(law(setting, course) for course in setting.courses)
    regret = most - law(setting, (BEST, BEST))
    place = REGRET, "searched", setting.label
    expectations.append(
        Expectation(*place, regret, None, regret + margin, spread)
    )  # fmt: skip
    return expectations


def observe(measured: Measured) -> list[Sample]:
    setting = measured.setting
    taught = [adjusted(measured, after(c), law(setting, c)) for c in setting.courses]
    return [*taught, Sample.of(searched(measured))]


def searched(measured: Measured) -> NDArray[np.float64]:
    """What a search for the best course gains on the predicted one, a value a replicate.

    Each student's course is chosen by the others, so that the choice does not flatter itself.
    """
    setting, table = measured.setting, measured.tables["networks"]
    found = []
    for _, rows in table.groupby("replicate", sort=True):
        coverage = np.stack(
            [
                rows[rows["role"] == after(course)].sort_values("network")["coverage"].to_numpy()
                for course in setting.courses
            ]
        )
        others = coverage.sum(axis=1, keepdims=True) - coverage
        chosen = np.take_along_axis(coverage, others.argmax(axis=0)[None], axis=0)
        found.append(float((chosen - coverage[setting.courses.index((BEST, BEST))]).mean()))
    return np.array(found)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        mean = study.tables["networks"].groupby("role")["coverage"].mean()
        found = max(study.setting.courses, key=lambda course: mean[after(course)])
        lines.append(
            f"{study.setting.label}: the drive is largest at T = "
            f"{best_temperature(study.setting.lesson_of()):.2f}; of the courses trained T = "
            f"{words(found)} covers most, {mean[after(found)]:.3f}."
        )
    return lines


_wrong = wrong_by(expect)


TEMPERATURE_SCHEDULE = Claim(
    name="temperature-schedule",
    place=(2, 12),
    title="The best course of the temperature is one temperature, where the drive is largest",
    statement=(
        "What a student learns of its teacher's views goes by the integral of the drive over the "
        "course of the temperature, and by nothing else. With a loss that has no factor T^2 the "
        "drive of unknown views is largest at one temperature, here about 5: held, it transfers "
        "more than higher and lower ones and than any course through them, and courses transfer "
        "the same forwards and backwards."
    ),
    sources=(
        Credit("{}, for the loss; the law of the drive: ours", Source("hinton2015", "section 2")),
    ),
    formulas=("distilled",),
    assumptions=(
        "those of the claim temperature, and no noise in the patches of views",
        "cross-entropy of the labels plus w times the divergence, without T^2; with it the drive "
        "rises to a plateau, and every high temperature is as good",
        "so short a teaching that not everything is learned",
    ),
    margin=(
        "A fifth of the whole rise from 1/M to 1, on either side of the law, whose numbers are "
        "all taken from the setting: that of correlated-views. The course that a search among "
        "those trained finds, by the other students of a replicate, covers no more than that above "
        "the predicted one."
    ),
    change="Long teaching, after which every course has transferred all.",
    does_not_show=(
        "the best temperature of another problem: it moves with how sure the teacher is and "
        "with the time",
        "courses other than those trained: the search is among them",
        "schedules with the factor T^2, for which every high temperature is as good",
    ),
    panels={
        PANEL: ("temperature T, first to last", "coverage C of the student"),
        REGRET: ("setting (M views, K classes)", "coverage, best found - predicted"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the temperature does not matter", lambda s, c: law(s, (BEST, BEST))),
        _wrong(
            "the highest temperature is best",
            lambda s, c: law(s, (BEST, BEST)) * (c[0] + c[1]) / 24,
        ),
        _wrong("the last temperature decides", lambda s, c: law(s, (c[1], c[1]))),
        _wrong("the first temperature decides", lambda s, c: law(s, (c[0], c[0]))),
    ),
    remarks=remarks,
)
