"""Claim: through nine tenths of a long teaching a student of an ensemble knows every view."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mvtheory import coverage as theory
from mvtheory.references import Source
from validation.experiments.teaching.setting import TeachingSetting, of_few_classes, taught
from validation.experiments.teaching.setting import settings as settings_of
from validation.experiments.teaching.tables import check, require
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

GRID = 2000
"""Shares of the time in a mean over it."""
PANEL = "iterations with a perfect student"
LEAST = 0.9
STEPS = 1000
ASKED = 100
"""Times that a student is asked on its way, evenly."""
CLASSES = {"smoke": 3, "quick": 3, "standard": 4, "full": 8}
"""Few: what is asked for is a long teaching."""
NEURONS, DEVIATION = 20, 0.03
"""More neurons than in other lessons and larger initial weights: then few views are so weak that
they take a tenth of the time. That more races are tied is not asked about here."""
Law = Callable[[TeachingSetting], float]


def settings(preset: str) -> tuple[TeachingSetting, ...]:
    (setting, *_) = settings_of(
        preset, "followed", students=3, neurons=NEURONS, deviation=DEVIATION
    )
    few = of_few_classes(setting, CLASSES[preset])
    steps = few.taught.steps if preset == "smoke" else STEPS
    watched = tuple(round(steps * (n + 0.5) / ASKED) for n in range(ASKED))
    return (replace(few, taught=taught(steps), watched=watched),)


def drive(setting: TeachingSetting) -> float:
    """S of a view that teachers know and the student does not, while it is taught.

    It is a distractor in D/(K M) of the samples, with E[gamma^q], and its class's output is short
    of its teachers' by the cap, which is below what half of them answer.
    """
    data = setting.data
    low, high = data.distractor_strength
    power = setting.power
    mean = (high ** (power + 1) - low ** (power + 1)) / ((power + 1) * (high - low))
    return setting.weight * setting.cap * mean * data.distractors / data.views


def in_time(setting: TeachingSetting) -> float:
    """Mean share of the teaching that is left once the last view of any class is learned.

    By the growth law a view of strength Lambda takes 1/((q-2) S Lambda^(q-2)). The time T(s) of
    which a share s has gone is enough if each of the K M views had the strength for it; and the
    mean of what is left is the integral of that chance over s.
    """
    from scipy import special

    shares = (np.arange(GRID) + 0.5) / GRID
    exponent = setting.power - 2
    time = shares * setting.taught.time
    least = (exponent * drive(setting) * time) ** (-1 / exponent) / setting.deviation
    weaker = np.exp(setting.neurons * special.log_ndtr(least))
    return float(np.mean((1 - weaker) ** setting.data.features))


def known(setting: TeachingSetting) -> float:
    """Chance that each view of each class is known to a teacher or to the student itself."""
    data = setting.data
    return float(
        theory.full_coverage(views=data.views, networks=setting.teachers + 1, classes=data.classes)
    )


def as_stated(setting: TeachingSetting) -> float:
    return known(setting) * in_time(setting)


def expect(setting: TeachingSetting, law: Law = as_stated) -> list[Expectation]:
    """Predictions; another law in the place of the theorem's serves the calibration."""
    value = law(setting)
    # Students that miss a view miss it to the end; of others the time varies by as much as it is.
    missed = known(setting) * (1 - known(setting))
    spread = math.sqrt((missed + (1 - in_time(setting)) ** 2) / setting.students)
    low, high = (LEAST, None) if value > LEAST else (None, LEAST)
    return [Expectation(PANEL, setting.label, setting.teachers, value, low, high, spread)]


def enough(setting: TeachingSetting) -> float:
    """Test error below which a student is taken to know every view: half of what one would cost."""
    return 1 / (2 * setting.data.features)


def observe(measured: Measured) -> list[Sample]:
    course, setting = measured.tables["course"], measured.setting
    perfect = (course["training_accuracy"] == 1) & (course["single_view_error"] < enough(setting))
    shares = perfect.groupby(course["replicate"], sort=True).mean()
    return [Sample.of(shares.to_numpy())]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting, course = study.setting, study.tables["course"]
        fitted = course["training_accuracy"] == 1
        knows = course["single_view_error"] < enough(setting)
        late = course[course["step"] >= (1 - LEAST) * setting.taught.steps]
        lines.append(
            f"{setting.label}: students have perfect training accuracy in {np.mean(fitted):.3f} of "
            f"the iterations and know every view in {np.mean(knows):.3f}. In the last nine tenths "
            f"their error on single-view test samples is {late['single_view_error'].mean():.4f}."
        )
    return lines


_wrong = wrong_by(expect)


MOST_ITERATIONS = Claim(
    name="most-iterations",
    place=(2, 15),
    title="Through nine tenths of a long teaching a student of an ensemble knows every view",
    statement=(
        "In at least 90 % of the iterations a student of ten networks puts every training sample "
        "right and knows every view of every class: once learned, views stay, though teaching "
        "goes on."
    ),
    sources=(Source("allenzhu2023", "Theorem 3"),),
    formulas=("full_coverage",),
    assumptions=(
        "those of the claim ensemble-distillation",
        "a teaching much longer than most views take to be learned; the source has poly(k) / "
        "(learning rate) iterations",
        "neurons enough for no view to start much weaker than others",
        "iterations are those of the teaching: what comes before is the same for every student",
    ),
    margin=(
        "The source's 90 %. A student knows every view while its error on single-view test samples "
        "is below half of what one unknown view costs; the source's .001 would be less than one "
        "test sample. Predicted: by the growth law, what is left of the time once the weakest of "
        "all views is learned, for students whose views are all known to somebody."
    ),
    change=(
        "A shorter teaching, or fewer neurons, with which some view starts next to nothing; or one "
        "in which views are lost again, by two-sided matching without a cut or by labels that pull "
        "against the teacher."
    ),
    does_not_show=(
        "the source's test error of .001, which is less than a test sample here",
        "students of few teachers, or teaching that ends soon after the last view",
        "that views stay under other losses than the one with a cut",
    ),
    panels={PANEL: ("networks in the teacher N", "iterations (share)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("a student never learns all views", lambda setting: 0.0),
        _wrong("views are learned halfway and lost again", lambda setting: 0.5),
    ),
    remarks=remarks,
)
