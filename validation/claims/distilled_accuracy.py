"""Claim: a distilled student is what the students of hard and of soft labels foretell."""

from collections.abc import Sequence

import numpy as np

from mvtheory.references import Credit, Source
from validation.experiments.students.setting import (
    PROBLEMS,
    StudentSetting,
    check,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

MARGIN = 0.01
"""Of accuracies: what somebody choosing a temperature would act on."""


def expect(setting: StudentSetting, bias: float = 0.0) -> list[Expectation]:
    """Observed less predicted accuracy of every setting; `bias` makes the predictions wrong."""
    return [
        Expectation.around(setting.problem, "at T, a_H of", place, bias, MARGIN, setting.spread())
        for place in (f"{t:g}, {a:g}".replace("0.", ".") for t, a in setting.mixed)
    ]


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["students"]
    off = (table["accuracy"] - table["balanced"]).groupby(
        [table["temperature"], table["hard_weight"]], sort=False
    )
    return [Sample.of(off.get_group(place).to_numpy()) for place in measured.setting.mixed]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["students"]
        table = table[table["hard_weight"] > 0]
        truth = table.groupby(["temperature", "hard_weight"])["accuracy"].mean()
        hard = study.by_replicate("problem", "student_accuracy").mean()
        errors = {"no change": float(np.sqrt(((hard - truth) ** 2).mean()))}
        for words, name in (
            ("the estimator (12) in its test form", "test_form"),
            ("the linear mixture", "linear"),
            ("the blend", "balanced"),
        ):
            predicted = table.groupby(["temperature", "hard_weight"])[name].mean()
            errors[words] = float(np.sqrt(((predicted - truth) ** 2).mean()))
        lines.append(
            f"{study.setting.label}: root-mean-square error over {len(truth)} settings: "
            + ", ".join(f"{words} {error:.4f}" for words, error in errors.items())
            + f". Accuracy from {truth.min():.3f} to {truth.max():.3f}, of hard labels {hard:.3f}."
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
        "dual model on the training samples, and for a sixth the average of their dual outputs."
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
        "before the soft labels are fitted. It fails in the preset standard: with 60 classes "
        "mixtures of mostly hard labels (a_H = .75) promise .011 to .024 too much."
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
