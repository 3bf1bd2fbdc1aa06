"""Claim: a distilled student is what the students of hard and of soft labels foretell."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.students.errors import errors_in_words
from validation.experiments.students.setting import (
    PROBLEMS,
    StudentSetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

SETTING = "at T, a_H of"
BLEND, LINE = f"below the blend, {SETTING}", f"above the line in w, {SETTING}"
MARGIN = 0.01
"""Of accuracies: what somebody choosing a temperature would act on."""
EVEN = 0.5
"""Weight a_H of the hard labels above which two bounds are predicted, not a number."""


def expect(setting: StudentSetting, bias: float = 0.0) -> list[Expectation]:
    """Observed less predicted accuracy of every setting; `bias` makes the predictions wrong."""
    panel, spread = setting.problem, setting.spread()
    found = []
    for t, a in setting.mixed:
        place = f"{t:g}, {a:g}".replace("0.", ".")
        if a <= EVEN:
            found.append(Expectation.around(panel, SETTING, place, bias, MARGIN, spread))
        else:
            ends = (BLEND, None, bias + MARGIN), (LINE, bias - MARGIN, None)
            found += [Expectation(panel, series, place, bias, low, high, spread)
                      for series, low, high in ends]  # fmt: skip
    return found


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["students"]
    by_place = table.groupby(["temperature", "hard_weight"], sort=False)
    found = []
    for t, a in measured.setting.mixed:
        rows = by_place.get_group((t, a))
        for name in ("balanced",) if a <= EVEN else ("balanced", "test_form"):
            found.append(Sample.of((rows["accuracy"] - rows[name]).to_numpy()))
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["students"]
        table = table[table["hard_weight"] > 0]
        truth = table.groupby(["temperature", "hard_weight"])["accuracy"].mean()
        hard = study.by_replicate("problem", "student_accuracy").mean()
        lines.append(
            f"{study.setting.label}: {errors_in_words(study)}. Accuracy from {truth.min():.3f} to "
            f"{truth.max():.3f}, of hard labels {hard:.3f}."
        )
    return lines


DISTILLED_ACCURACY = Claim(
    name="distilled-accuracy",
    place=(6, 3),
    title="A distilled student is a mixture of the students of hard and of soft labels",
    statement=(
        "The test accuracy of a student distilled at temperature T with Hinton's weight a_H is "
        "that of a blend of students of the same start, trained on hard labels and on soft labels "
        "alone at every T: mostly the mixture of their logits that balances the residuals of the "
        "dual model on the training samples, and for a sixth the average of their dual outputs. "
        "Where hard labels weigh more than half it lies between that and the line in w through "
        "the accuracies of the two students: an average of networks that differ is right more "
        "often than either, and one student is no average."
    ),
    sources=(
        Credit(
            'ours, from Lemma 2 of {0.entry[author]} ({0.entry[year]}), "{0.entry[title]}"',
            Source("darkknowledge2021", "Lemma 2"),
        ),
    ),
    formulas=("estimate_test", "soft_weight"),
    assumptions=(
        "students differ in their labels alone: one start, one order of batches",
        "outputs on training samples of the two students and of the teacher are known",
        "teacher and labels do not contradict each other on many training samples",
    ),
    margin=(
        "One percent of the test samples either way: the error at which two settings could no "
        "longer be told apart by those who choose between them."
    ),
    change=(
        "Students of other initial weights (mixing them averages away errors that one student "
        "keeps), many wrong labels, a teacher that permutes the classes, or training stopped long "
        "before the soft labels are fitted. With 60 classes and a_H = .75 blends promise up to "
        ".016 too much (mixtures of logits alone .024); that they promise no more than .01 too "
        "much there was this claim's statement once, and was refuted in the preset standard."
    ),
    does_not_show=(
        "that the student is the mixture: accuracies are compared, and two models with one "
        "accuracy may err on other samples",
        "single settings of T and a_H at the margin's precision: it is the mean over replicates "
        "that is judged",
        "students of other starts than those mixed, of networks larger than perceptrons, or of "
        "wrong teachers",
    ),
    panels={
        name: (f"{name}: setting (T, a_H)", "accuracy, observed - predicted\n(share of samples)")
        for name in PROBLEMS
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("predictions two percent too low", lambda setting: expect(setting, bias=0.02)),),
    remarks=remarks,
)
