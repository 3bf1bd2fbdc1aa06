"""Accuracies of distilled students as predicted from some of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.distillation import Anchor, chi_measured, estimate, gain_measured, soft_weight
from mvtheory.distillation.prediction import Outputs, predict
from validation.data import Labelled
from validation.experiments.students.networks import Students
from validation.experiments.students.setting import ANCHOR, StudentGrid

Rows = list[dict[str, Any]]


def given_outputs(
    training: Labelled,
    test: Labelled,
    teacher: list[NDArray[np.float32]],
    students: Students,
    anchors: list[tuple[int, tuple[float, float]]],
) -> dict[str, Any]:
    """What the predictions are given: outputs on the training and then the test samples."""

    def both(index: int) -> NDArray[np.float32]:
        return np.concatenate([students.training[0, index], students.test[0, index]])

    return {
        "labels": np.concatenate([training.labels, test.labels]),
        "student": both(-1),
        "teacher": np.concatenate(teacher),
        "anchors": tuple(
            Anchor(logits=both(index), temperature=t, hard_weight=a) for index, (t, a) in anchors
        ),
    }


def predictions(
    setting: StudentGrid,
    training: Labelled,
    test: Labelled,
    teacher: list[NDArray[np.float32]],
    students: Students,
    accuracies: list[float],
) -> Rows:
    """Accuracies of every setting, and as predicted from some of the students.

    From those of soft labels alone, by the `balanced` mixture, the `linear` one and the estimator
    (12) in its `test_form`, for the `dual` model and as `printed`; and by the balanced mixture from
    `one` usual student and from `two`, of the lowest and the highest temperature.
    """
    soft = [(index, place) for index, place in enumerate(setting.grid) if place[1] == 0]
    usual = [(setting.grid.index(ANCHOR), ANCHOR)]
    ends = sorted({min(setting.temperatures), max(setting.temperatures)})
    both = [(setting.grid.index((t, ANCHOR[1])), (t, ANCHOR[1])) for t in ends]
    count, size = len(training.labels), len(test.labels)
    # Without a hard label a student is its own mixture.
    mixed = tuple(a for a in setting.hard_weights if a > 0)
    found = {}
    for name, anchors, seen in (
        ("balanced", soft, np.arange(count)),
        ("linear", soft, None),
        ("one", usual, np.arange(count)),
        ("two", both, np.arange(count)),
    ):
        outputs = Outputs(
            **given_outputs(training, test, teacher, students, anchors), training=seen,
            tested=np.arange(count, count + size), same_start=True,
        )  # fmt: skip
        predicted = predict(outputs, tuple(setting.temperatures), mixed).accuracy
        found[name] = dict(zip(setting.mixed, predicted.ravel().tolist(), strict=True))
    hard, classes = accuracies[-1], students.test.shape[-1]
    gains = {t: _gain(test, students.test[0, -1], teacher[1], t) for t in setting.temperatures}
    rows = []
    for index, (t, a) in enumerate(setting.grid):
        alone = accuracies[setting.grid.index((t, 0.0))]
        # `estimate_test` with the measured chi is this line, but for students at chance, who have
        # no chi: they miss a precondition, which the report must be able to say.
        w = float(soft_weight(hard_weight=a, temperature=t))
        line = (1 - w) * hard + w * alone
        forms = {"test_form": line, "dual": line, "printed": line}
        if (gain := gains[t]) is not None:
            chi = chi_measured(alone, hard, classes)
            for form in ("dual", "printed") if a > 0 else ("dual",):  # w < 1 in the printed one
                forms[form] = estimate(
                    classes=classes, student_accuracy=hard, soft_weight=w, chi=chi, form=form,
                    gain=gain, temperature=t,
                ).accuracy  # fmt: skip
        rows.append(
            {"temperature": t, "hard_weight": a, "accuracy": accuracies[index]}
            | {name: own.get((t, a), alone) for name, own in found.items()}
            | forms
        )
    return rows


def _gain(
    test: Labelled,
    student: NDArray[np.float32],
    teacher: NDArray[np.float32],
    temperature: float,
) -> float | None:
    """Measured; None of a student at chance, of whom no form says anything but the test's."""
    try:
        return gain_measured(test.labels, student, teacher, temperature)
    except ValueError:
        return None
