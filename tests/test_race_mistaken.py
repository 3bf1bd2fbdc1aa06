"""The label's views against a distractor's: the ratio against descent on samples of features."""

import numpy as np
import pytest

from mvtheory.race import escape_time, mistaken_drive
from mvtheory.race.recognition import smoothed_relu

START, SHARE, TOLD = 0.02, 0.1, 1.5


def first_to_escape(classes, coefficient, distraction):
    """Whether a class first answers a distractor by its own view or by labels' views, and when.

    One neuron a view, all of one start, q = 4; of the samples of each other class SHARE show the
    distractor, which the teacher answers by TOLD. Their label is shown by all of its samples.
    """
    own, label, steps = START, START, 0
    drives = SHARE * TOLD * distraction**4 * (classes - 1), SHARE * TOLD * coefficient**4
    step = 1 / (10_000 * max(drives) * START**2)
    while True:
        (of_own, of_label), (own_slope, label_slope) = smoothed_relu(
            np.array([distraction * own, coefficient * label]), 4
        )
        shown, hidden = TOLD - of_own - of_label, -of_label
        by_label = SHARE * shown + (1 - SHARE) * hidden
        own += step * (classes - 1) * SHARE * shown * distraction * own_slope
        label += step * by_label * coefficient * label_slope
        steps += 1
        if own > 0.5:
            return "own", steps * step
        # It is held at the mean of what its samples are told, a small output.
        if of_label > 0.9 * SHARE * TOLD:
            return "label", steps * step


@pytest.mark.parametrize(
    ("classes", "distraction", "first"),
    [(6, 0.9, "label"), (6, 1.3, "own"), (20, 0.9, "own"), (3, 1.3, "label")],
)
def test_the_view_of_the_larger_drive_escapes_first(classes, distraction, first):
    ratio = mistaken_drive(classes=classes, power=4, coefficient=1.75, distraction=distraction)
    assert (ratio > 1) == (first == "label")
    # Until something is learned both follow the growth law, each with its drive.
    drives = {"own": distraction**4 * (classes - 1), "label": 1.75**4}
    assert drives["label"] / drives["own"] == pytest.approx(ratio, rel=1e-13)
    found, time = first_to_escape(classes, 1.75, distraction)
    assert found == first
    # The last of the growth is slowed from a tenth of the mean on: at a response of .28, with
    # (START / .28)^2 = .005 of the time to go, of which it may take several times as long.
    by_law = escape_time(strength=START, drive=SHARE * TOLD * drives[first], power=4)
    assert time == pytest.approx(by_law, rel=0.02)


def test_many_classes_or_near_distractors_leave_the_label_behind():
    assert mistaken_drive(classes=2, power=3, coefficient=0.7, distraction=0.7) == 1
    assert mistaken_drive.solve(
        "classes", value=1, power=4, coefficient=3, distraction=1.5
    ) == pytest.approx(17)
    balanced = mistaken_drive.solve("distraction", value=1, classes=6, power=4, coefficient=1.75)
    assert balanced == pytest.approx(1.75 / 5**0.25)
