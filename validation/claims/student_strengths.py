"""Claim: in a student of an ensemble every view of its teachers is strong."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import SIZES, TeachingSetting, settings, student_of
from validation.experiments.teaching.tables import check, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong, means

LEARNED, WEAKEST = "views past the threshold", "the weakest view of a class"
LARGE = max(SIZES)


def distilled(views: int, networks: int) -> float:
    return float(theory.distilled(views=views, networks=networks, student_win=1))


def asked(setting: TeachingSetting, knowing: int, distraction: float) -> float:
    """Strength at which a student answers a distractor as its teachers do, after the cut.

    `knowing` of the teachers know the view, each at the strength a: on average they answer a
    distractor of this coefficient gamma by their share of gamma a - (1 - 1/q), cut off at the cap.
    """
    bend = 1 - 1 / setting.power
    answer = knowing / LARGE * (distraction * setting.final_strength() - bend)
    return (min(max(answer, 0.0), setting.cap) + bend) / distraction if knowing else 0.0


def weakest(setting: TeachingSetting, distraction: float) -> float:
    """Mean strength of the weakest view of a class that a student was taught, by how many of its
    teachers know it: all views but the one that it won."""
    views, mean = setting.data.views, 0.0
    for counts in product(range(LARGE + 1), repeat=views - 1):
        others = LARGE - sum(counts)
        if others >= 0:
            ways = math.factorial(LARGE) / math.prod(map(math.factorial, (*counts, others)))
            mean += ways / views**LARGE * asked(setting, min(counts), distraction)
    return mean


@dataclass(frozen=True)
class Law:
    """What of its teachers' views a student has, and how strongly."""

    learned: Callable[[int, int], float] = distilled
    height: float = 1.0
    """Of the weakest view, in units of what the cut asks."""


RIGHT = Law()


def expect(setting: TeachingSetting, law: Law = RIGHT) -> list[Expectation]:
    """Predictions; another law in the place of the theorem's serves the calibration."""
    views, margin, pupils = setting.data.views, setting.margin(), setting.students
    expectations = []
    for size in SIZES:
        value = law.learned(views, size)
        finite = value + setting.finite(size + 1) - distilled(views, size)
        expectations.append(
            Expectation.around(
                LEARNED, setting.label, size, value, margin, setting.spread(size + 1, pupils),
                finite_size=finite, most=1.0,
            )
        )  # fmt: skip
    least, most = (
        law.height * weakest(setting, gamma) for gamma in setting.data.distractor_strength[::-1]
    )
    classes = setting.data.classes * pupils
    expectations.append(
        Expectation(
            WEAKEST, setting.label, LARGE, most, least, None if law is RIGHT else most,
            # A class of which a view is unknown to all has nothing; others differ by a tenth.
            most * math.hypot(0.1, math.sqrt(unknown(views))) / math.sqrt(classes),
        )
    )  # fmt: skip
    return expectations


def unknown(views: int) -> float:
    """Share of the classes of which a view is unknown to all teachers and to the student."""
    return views * (1 - 1 / views) ** (LARGE + 1)


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["networks"]
    samples = []
    for size in SIZES:
        rows = table[table["role"] == student_of(size)]
        # What is due to which views won goes out, as in `tables.adjusted`.
        due = rows["in_the_mean"] - rows["by_starts"]
        samples.append(Sample.of(means(rows.assign(v=rows["coverage_by_weights"] + due), "v")))
    rows = table[table["role"] == student_of(LARGE)]
    return [*samples, Sample.of(means(rows, "weakest_strength"))]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting, table = study.setting, study.tables["networks"]
        rows = table[table["role"] == student_of(LARGE)]
        seen = np.mean(rows["coverage"])
        lines.append(
            f"{setting.label}: of the views of students of {LARGE} networks "
            f"{np.mean(rows['coverage_by_weights']):.3f} are past the threshold, and {seen:.3f} "
            f"are recognised alone. A view that is learned from labels gets "
            f"{setting.final_strength():.1f} strong; the cut asks for "
            f"{asked(setting, LARGE, setting.distraction):.1f}, and the weakest view of a class "
            f"has {np.mean(rows['weakest_strength']):.1f}."
        )
    return lines


def _wrong(words: str, law: Law) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, law))


STUDENT_STRENGTHS = Claim(
    name="student-strengths",
    place=(2, 14),
    title="In a student of an ensemble every view of its teachers is strong",
    statement=(
        "A student of N networks has each view that one of them or itself has won, 1 - "
        "(1 - 1/M)^(N+1) of them, with a strength beyond the threshold of the ReLU, where it "
        "answers to single-view samples. Those that it was taught are at least as strong as the "
        "cut of the outputs asks, (c + 1 - 1/q) / gamma, c the cap and gamma the coefficient of "
        "distractors: beyond the cut nothing holds them."
    ),
    sources=(
        Credit(
            "{}, by whose proof all views of a student are strong; how strong: ours",
            Source("allenzhu2023", "Theorem 3"),
        ),
    ),
    formulas=("distilled",),
    assumptions=("those of the claim ensemble-distillation",),
    margin=(
        "The share as the coverage in ensemble-distillation. The strength is a bound: where the "
        "strongest distractors, of the largest gamma, are answered as the cut asks, a view is "
        "(c + 1 - 1/q) / gamma strong, by a fifth less than where all are. Above it is open: "
        "beyond the cut a teacher neither raises nor lowers, and momentum carries views far."
    ),
    change=(
        "Weak distractors, or a shorter teaching: views then stay below the threshold, where they "
        "answer to nothing."
    ),
    does_not_show=(
        "how strong a view is above the bound",
        "that strengths decide what a deeper student answers",
        "strengths with Hinton's loss, which has no cut",
    ),
    panels={
        LEARNED: ("networks in the teacher N", "views past the threshold (share)"),
        WEAKEST: ("networks in the teacher N", "strength of the weakest view of a class"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the student learns nothing", Law(learned=lambda m, n: 1 / m)),
        _wrong(
            "the student has no view of its own", Law(learned=lambda m, n: 1 - (1 - 1 / m) ** n)
        ),
        _wrong("every view of every student", Law(learned=lambda m, n: 1.0)),
        _wrong("half of the height that the cut asks", Law(height=0.5)),
    ),
    remarks=remarks,
)
