"""Claim: a student of an ensemble knows what the ensemble knows, and what it won itself."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.teaching.setting import (
    SIZES,
    TEACHER,
    TeachingSetting,
    settings,
    student_of,
)
from validation.experiments.teaching.tables import (
    check,
    coverage_by_replicate,
    coverage_of,
    ensemble_by_replicate,
    require,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL, GAIN = "coverage of the student", "student less teacher"
LARGE = max(SIZES)


def distilled(views: int, networks: int) -> float:
    return float(theory.distilled(views=views, networks=networks, student_win=1))


def expect(
    setting: TeachingSetting, student: Callable[[int, int], float] = distilled
) -> list[Expectation]:
    """Predictions; another formula for the student's coverage serves the calibration."""
    views, margin, pupils = setting.data.views, setting.margin(), setting.students
    expectations = []
    for size in SIZES:
        value = student(views, size)
        finite = value + setting.finite(size + 1) - distilled(views, size)
        expectations.append(
            Expectation.around(
                PANEL, setting.label, size, value, margin, setting.spread(size + 1, pupils),
                finite_size=finite,
            )
        )  # fmt: skip
    # The theorem itself: of a large ensemble the student has all that it has, and little more.
    gain = student(views, LARGE) - float(theory.ensemble(views=views, networks=LARGE))
    spread = setting.spread(LARGE + 1, pupils)
    expectations.append(Expectation.around(GAIN, setting.label, LARGE, gain, margin, spread))
    return expectations


def observe(measured: Measured) -> list[Sample]:
    return [*(coverage_of(measured, student_of(size)) for size in SIZES), learned(measured, LARGE)]


def learned(measured: Measured, size: int) -> Sample:
    """What students know less what their teacher knows, a value a replicate.

    As measured: the lottery's part is common to both, and goes out with the difference.
    """
    students = coverage_by_replicate(measured, student_of(size)).values
    return Sample.of(students - ensemble_by_replicate(measured, TEACHER, size).values)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        for size in SIZES:
            more = learned(study, size)
            error = more.deviation / math.sqrt(more.values.size)
            lines.append(
                f"{study.setting.label}: a student of {size} networks knows "
                f"{more.mean:+.3f} ± {error:.3f} more than they do; the view that it "
                f"won itself would add {own_view(study.setting.data.views, size):+.3f}."
            )
    return lines


def own_view(views: int, size: int) -> float:
    """What the student's own view adds to the coverage of its teacher."""
    return distilled(views, size) - float(theory.ensemble(views=views, networks=size))


_wrong = wrong_by(expect)


ENSEMBLE_DISTILLATION = Claim(
    name="ensemble-distillation",
    place=(2, 1),
    title="A student learns the views of the ensemble that teaches it, and keeps its own",
    statement=(
        "A network distilled from an ensemble of N networks covers what the ensemble covers "
        "(Theorem 3, where N is large), and the view that it wins itself besides: "
        "1 - (1 - 1/M)^(N+1)."
    ),
    sources=(Credit("{}; the student's own win: ours", Source("allenzhu2023", "Theorem 3")),),
    formulas=("distilled", "mistaken_drive"),
    assumptions=(
        "those of the claim single-view for teachers and student",
        "the student learns from labels first, then from them and from the teacher's outputs, "
        "both cut off at one height (as in the paper, here in the limit of a high temperature)",
        "distractors of different classes, strong enough to teach in the time there is: they "
        "carry the dark knowledge; at three views so strong that their own views drive a student "
        "more than the label's do (mistaken_drive)",
        "little background noise to memorise what is not explained yet",
    ),
    margin=(
        "The range runs from the formula to the same formula with the coverage that the growth "
        "law gives a single network here (near-ties, and classes that wait for each other while "
        "strong distractors hold them back), widened on both sides by (1 - 1/M)/(5M), a fifth of "
        "what a second network adds. The formula without the student's own view leaves it at N = 2."
    ),
    change=(
        "Weak distractors (the time needed goes with the inverse q-th power of their coefficient), "
        "distractors that show all views of a class together, strong background noise, outputs "
        "matched without a cut, or a larger initialisation of the student. At three views, "
        "distractors that the label's views answer sooner than their own do (mistaken_drive above "
        "1): with coefficients from .8 to 1.0, 2.9, students memorise noise meanwhile, and in the "
        "preset standard noise at the test, three times that of the training, left them "
        ".043 +- .007 below their ten teachers and three of them .047 +- .007 above one: the "
        "ranges end at .039 and .054, and neither was decided."
    ),
    does_not_show=(
        "that any distillation loss does so: outputs are matched with a cut, at a high "
        "temperature; the claim temperature is of Hinton's loss",
        "that the student takes the views from soft labels alone: it has hard labels too, and its "
        "own win is counted by a formula and not told from a view that it was taught",
        "students larger or smaller than their teachers, or that see other samples",
    ),
    panels={PANEL: ("networks in the teacher N", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("the student has no view of its own", lambda m, n: 1 - (1 - 1 / m) ** n),
        _wrong("the student learns nothing from its teacher", lambda m, n: 1 / m),
        _wrong("M and N swapped", lambda m, n: 1 - (1 - 1 / (n + 1)) ** m),
        _wrong("everything is covered", lambda m, n: 1.0),
    ),
    remarks=remarks,
)
