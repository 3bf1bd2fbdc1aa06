"""Accuracies of distilled students as predicted from some of them."""

from collections.abc import Callable
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
    ends = [(t, ANCHOR[1]) for t in (min(setting.temperatures), max(setting.temperatures))]
    both = [(setting.grid.index(place), place) for place in ends if place in setting.grid]
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
    hard = accuracies[-1]
    forms = {
        t: _forms(test, students.test[0, -1], teacher[1], hard, t) for t in setting.temperatures
    }
    rows = []
    for index, (t, a) in enumerate(setting.grid):
        alone = accuracies[setting.grid.index((t, 0.0))]
        # `estimate_test` with the measured chi is this line, but for students at chance, who have
        # no chi: they miss a precondition, which the report must be able to say.
        w = float(soft_weight(hard_weight=a, temperature=t))
        line = (1 - w) * hard + w * alone
        rows.append(
            {
                "temperature": t,
                "hard_weight": a,
                "accuracy": accuracies[index],
                "balanced": found["balanced"].get((t, a), alone),
                "linear": found["linear"].get((t, a), alone),
                "one": found["one"].get((t, a), alone),
                "two": found["two"].get((t, a), alone),
                "test_form": line,
                "dual": forms[t]("dual", w, alone, line),
                "printed": forms[t]("printed", w, alone, line) if a else line,
            }
        )
    return rows


def _forms(
    test: Labelled,
    student: NDArray[np.float32],
    teacher: NDArray[np.float32],
    hard: float,
    temperature: float,
) -> Callable[[str, float, float, float], float]:
    """The estimator in another form than the test's, with the gain measured at one temperature."""
    classes = student.shape[1]
    try:
        gain = gain_measured(test.labels, student, teacher, temperature)
    except ValueError:  # at chance, where no form says anything: as the test form
        return lambda form, w, alone, line: line

    def accuracy(form: str, w: float, alone: float, line: float) -> float:
        chi = chi_measured(alone, hard, classes)
        return estimate(
            classes=classes, student_accuracy=hard, soft_weight=w, chi=chi, form=form, gain=gain,
            temperature=temperature,
        ).accuracy  # fmt: skip

    return accuracy
