"""Claim: of networks for images too, a distilled student is a mixture of students."""

from collections.abc import Sequence

from mvtheory.references import Credit, Source
from validation.experiments.image_students.setting import (
    ImageStudentSetting,
    check,
    require,
    settings,
)
from validation.experiments.students.errors import errors_in_words
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

PANEL = "predicted accuracy of distilled students"
MARGIN = 0.01
"""Of accuracies: what somebody choosing a temperature would act on."""
SEEN = {"balanced": "soft students at every T", "one": "one student at T = 4, a_H = .1"}
"""What is known of the distilled students, by the column of predictions from it."""


def expect(setting: ImageStudentSetting, bias: float = 0.0) -> list[Expectation]:
    """Observed less predicted accuracy, over the grid; `bias` makes the predictions wrong."""
    return [
        Expectation.around(PANEL, words, setting.label, bias, MARGIN, setting.spread())
        for words in SEEN.values()
    ]


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["students"]
    table = table[table["hard_weight"] > 0]
    return [
        Sample.of((table["accuracy"] - table[name]).groupby(table["replicate"]).mean().to_numpy())
        for name in SEEN
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        table = study.tables["students"]
        problem = study.tables["problem"]
        best = table.groupby(["temperature", "hard_weight"])["accuracy"].mean()
        lines.append(
            f"{study.setting.label}: teacher {problem['teacher_accuracy'].mean():.4f}, student of "
            f"hard labels {problem['student_accuracy'].mean():.4f}, best distilled "
            f"{best.max():.4f} at T, a_H = {', '.join(f'{value:g}' for value in best.idxmax())}; "
            f"{errors_in_words(study)}."
        )
    return lines


IMAGE_DISTILLED_ACCURACY = Claim(
    name="image-distilled-accuracy",
    place=(9, 10),
    title="On images a distilled student is a mixture of students of hard and of soft labels",
    statement=(
        "Over temperatures and weights, the test accuracy of students distilled from a larger "
        "network is on average what students of hard and of soft labels foretell, by blends of the "
        "balanced mixture of their logits with the average of their dual outputs, and what one "
        "usual distilled student foretells: for convolutional students and for "
        "perceptrons on whitened images."
    ),
    sources=(
        Credit(
            'ours, from Lemma 2 of {0.entry[author]} ({0.entry[year]}), "{0.entry[title]}"; after '
            "its figure 2",
            Source("darkknowledge2021", "Lemma 2"),
        ),
    ),
    formulas=("estimate_test", "soft_weight"),
    assumptions=(
        "students differ in their labels alone: one start, one order of batches and mirrorings",
        "each minimises its loss over a_H + (1 - a_H) T",
        "teacher and students see the same training images",
    ),
    margin=(
        "One percent of the test images either way in the mean over the grid, the error at which "
        "somebody would choose another setting. Errors at single settings are in the remarks."
    ),
    change=(
        "A rate that is not divided by the scale of the loss: students of high temperatures then "
        "train with steps several times as long. Students of other starts."
    ),
    does_not_show=(
        "the accuracy at single temperatures and weights: the mean over the grid is judged, in "
        "which errors cancel",
        "that the students answer alike, image by image",
        "students of other starts, or of teachers with wrong labels",
    ),
    panels={PANEL: ("students", "accuracy, observed - predicted\n(share of test images)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(Wrong("predictions two percent too low", lambda setting: expect(setting, bias=0.02)),),
    remarks=remarks,
)
