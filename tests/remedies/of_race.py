"""Errors of the race, and of networks with correlated starts."""

from dataclasses import replace

import numpy as np
from remedy import Remedy

from mvtheory.coverage import (
    agreement,
    concentration,
    correlated_coverage,
    ensemble,
    sure_coverage,
    union_variance,
)
from mvtheory.race import (
    Lesson,
    Setting,
    WeakLabels,
    augmented_coverage,
    best_temperature,
    correct_labels,
    course_growth,
    dark_drive,
    descend,
    descend_pathways,
    expected_coverage,
    grow,
    grow_pathways,
    pathway_shares,
    predict_winner,
    turned_shares,
    waiting_drive,
    win_probabilities,
)

PLACES = (
    "mvtheory/race",
    "mvtheory/coverage/correlated_starts.py",
    "mvtheory/coverage/soups.py",
    "mvtheory/coverage/two_starts.py",
    "mvtheory/coverage/unions.py",
)
SETTING = Setting(
    views=2, classes=5, neurons=3, power=4, deviation=0.02, samples=20, stages=((5, 3.0),)
)
LESSON = Lesson(
    classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2, distraction=0.9, level=7.0
)
WAITING = {"classes": 6, "views": 2, "power": 4, "coefficient": 1.75}
WEAK = WeakLabels(
    easy_only=2, both=4, hard_only=4, easy=0.7, hard=2, noise=3, noise_dimensions=200, neurons=2,
    power=2, deviation=0.01, rate=2, steps=5,
)  # fmt: skip
WEIGHTS = np.array([[0.02, 0.018, 0.3], [-0.5, 0.001, 0.1]])


def dying(time, strengths):
    """Of a view that is learned."""
    return np.maximum(1 - strengths, 0)


REMEDIES = [
    # Averages of weights, and samples that are made of others.
    Remedy(
        lambda: sure_coverage(2, 2, 3, 4.0, 4, 1.0, "logits"),
        "averaged='logits'.*choose one of these",
        lambda: sure_coverage(2, 2, 3, 4.0, 4, 1.0, "outputs"),
    ),
    Remedy(
        lambda: augmented_coverage(SETTING, "mixed", 0.1),
        "made='mixed'.*choose one of these",
        lambda: augmented_coverage(SETTING, "midpoints", 0.1),
    ),
    # Weak labels.
    Remedy(
        lambda: replace(WEAK, easy_only=0, both=0, hard_only=0),
        "easy_only=0, both=0, hard_only=0.*give samples to learn from",
        lambda: replace(WEAK, easy_only=0, both=0, hard_only=1),
    ),
    Remedy(
        lambda: replace(WEAK, power=1),
        "power=1.*choose a value in this range",
        lambda: replace(WEAK, power=2),
    ),
    Remedy(
        lambda: correct_labels(WEAK, (5,)),
        "watched=.5,.*leave out the end, which is always kept",
        lambda: correct_labels(WEAK, (4,)),
    ),
    # Unions.
    Remedy(
        lambda: union_variance(3, 10, 11),
        "size=11.*choose smaller ensembles",
        lambda: union_variance(3, 10, 10),
    ),
    Remedy(
        lambda: union_variance(3, 10, 11), "give more networks", lambda: union_variance(3, 11, 11)
    ),
    Remedy(
        lambda: union_variance(9, 40, 2),
        "views=9 .* networks=40 .*give fewer networks or views",
        lambda: (union_variance(9, 10, 2), union_variance(4, 40, 2)),
    ),
    # One call, one number.
    Remedy(
        lambda: expected_coverage([2, 3], 5, 4, 0.1, 1),
        "views=.2, 3.*call once for each value",
        lambda: [expected_coverage(views, 5, 4, 0.1, 1) for views in (2, 3)],
    ),
    Remedy(
        lambda: win_probabilities([1, 2], 4, [5, 6]),
        "neurons=.5, 6.*call once for each value",
        lambda: [win_probabilities([1, 2], 4, neurons) for neurons in (5, 6)],
    ),
    Remedy(
        lambda: dark_drive(LESSON, 1e7),
        "temperature=.*choose a value in this range",
        lambda: dark_drive(LESSON, 1e6),
    ),
    # Odds and winners.
    Remedy(
        lambda: win_probabilities([1, 0], 4, 5),
        "strengths=.*leave out views that are never shown",
        lambda: win_probabilities([1], 4, 5),
    ),
    Remedy(
        lambda: win_probabilities(np.ma.masked_array([1, 2, 3], [False, True, False]), 4, 5),
        "strengths is a masked array.*compressed",
        lambda: win_probabilities(
            np.ma.masked_array([1, 2, 3], [False, True, False]).compressed(), 4, 5
        ),
    ),
    Remedy(
        lambda: predict_winner(WEIGHTS, np.eye(3)[:2], [1, 1], 2),
        "power=2.*use an activation of higher power",
        lambda: predict_winner(WEIGHTS, np.eye(3)[:2], [1, 1], 3),
    ),
    Remedy(
        lambda: predict_winner(WEIGHTS, np.eye(3), [1, 1, 0], 4),
        "strengths=.*leave out views that are never shown",
        lambda: predict_winner(WEIGHTS, np.eye(3)[:2], [1, 1], 4),
    ),
    Remedy(
        lambda: predict_winner([[np.nan, 1], [0, 1]], np.eye(2), [1, 1], 4),
        "must be finite: remove NaN and infinite entries",
        lambda: predict_winner([[0, 1]], np.eye(2), [1, 1], 4),
    ),
    Remedy(
        lambda: predict_winner(WEIGHTS, np.eye(2), [1, 1], 4),
        r"do not fit; give \(..., neurons, dimension\)",
        lambda: predict_winner(WEIGHTS, np.eye(2, 3), [1, 1], 4),
    ),
    # Growth.
    Remedy(
        lambda: grow([0.1, -0.2], 1, 4, [1]),
        r"initial=.*take \[<w, v>\]\^\+ for them",
        lambda: grow(np.maximum([0.1, -0.2], 0), 1, 4, [1]),
    ),
    Remedy(
        lambda: grow([0.1], 1, 4, [2, 1]),
        "times=.*give them in order",
        lambda: grow([0.1], 1, 4, sorted([2, 1])),
    ),
    Remedy(
        lambda: grow([0.1, 0.2], [1, np.nan], 4, [1]),
        "drive=.*use 0 for views that are never shown",
        lambda: grow([0.1, 0.2], [1, 0], 4, [1]),
    ),
    Remedy(
        lambda: grow([0.1, 0.2], [1, 2, 3], 4, [1]),
        "drive of shape.*give one number, or one for each view",
        lambda: (grow([0.1, 0.2], 1, 4, [1]), grow([0.1, 0.2], [1, 2], 4, [1])),
    ),
    Remedy(
        lambda: grow([0.1], lambda time, strengths: -strengths, 4, [1]),
        r"drive at time.*let it return S_l = E\[z_l\^q\]",
        lambda: grow([0.1], lambda time, strengths: 2.0, 4, [1]),
    ),
    Remedy(
        lambda: grow([0.1], lambda time, strengths: 1.0, 4, [51.0]),
        "diverges.*end before the escape, or give a drive that dies",
        lambda: (
            grow([0.1], lambda time, strengths: 1.0, 4, [49.0]),
            grow([0.1], dying, 4, [51.0]),
        ),
    ),
    # Pathways.
    Remedy(
        lambda: pathway_shares([0.99, 0.9], 1.0, 2),
        "initial=.*choose smaller starts",
        lambda: pathway_shares([0.099, 0.09], 1.0, 2),
    ),
    Remedy(
        lambda: pathway_shares([0.1, 0.1], [1, 0], 3),
        "strengths=.*leave out pathways whose feature is never shown",
        lambda: pathway_shares([0.1], [1], 3),
    ),
    Remedy(
        lambda: grow_pathways([0.1, 0.1], [1, 1], [[1, 2], [0, 1]], 3, [1]),
        "overlaps=.*give the mean products of two coefficients",
        lambda: grow_pathways([0.1, 0.1], [1, 1], [[1, 0.5], [0.5, 1]], 3, [1]),
    ),
    Remedy(
        lambda: turned_shares([[1.1, 0.9]], 3, 0.01),
        "initial=.*give the starts of every class, scaled down if they are larger",
        lambda: turned_shares([[0.11, 0.09]], 3, 0.01),
    ),
    Remedy(
        lambda: descend_pathways([0.5, 0.4], 1, 3, 4, 30),
        "rate=4.*descent diverges; choose one below the critical_rate",
        lambda: descend_pathways([0.5, 0.4], 1, 3, 0.8, 30),
    ),
    # Settings and lessons.
    Remedy(
        lambda: replace(SETTING, samples=0),
        "samples=0.*choose a value in this range",
        lambda: replace(SETTING, samples=1),
    ),
    Remedy(
        lambda: replace(SETTING, strength=(2.0, 1.5)),
        "strength=.*give the range of the coefficients",
        lambda: replace(SETTING, strength=(1.5, 2.0)),
    ),
    Remedy(
        lambda: replace(SETTING, stages=(0, 1.0)),
        "stages=.*give .steps >= 1, rate > 0. or .steps >= 1, rate > 0, 0 <= momentum < 1.",
        lambda: replace(SETTING, stages=((1, 1.0), (1, 1.0, 0.5))),
    ),
    Remedy(
        lambda: replace(SETTING, scales=(1.0,)),
        "scales=.*give one for each view, or none",
        lambda: (replace(SETTING, scales=(1.0, 0.5)), replace(SETTING, scales=())),
    ),
    Remedy(
        lambda: replace(LESSON, strength=(1.5, 1.5)),
        "strength=.*give a narrow range around it",
        lambda: dark_drive(replace(LESSON, strength=(1.5, 1.5 + 1e-9)), 4),
    ),
    Remedy(
        lambda: descend(SETTING, 5, watched=(5,)),
        "watched=.*leave out the end, which is always kept",
        lambda: descend(SETTING, 5, watched=(4,)),
    ),
    # Classes that wait.
    Remedy(
        lambda: waiting_drive(**WAITING, distractors=6, distraction=0.9),
        "distractors=6.*use fewer than classes",
        lambda: waiting_drive(**WAITING, distractors=5, distraction=0.9),
    ),
    Remedy(
        lambda: waiting_drive(**WAITING, distractors=2, distraction=1.75),
        "distraction=1.75.*use less than coefficient = 1.75",
        lambda: waiting_drive(**WAITING, distractors=2, distraction=1.7),
    ),
    # Courses of the temperature, and losses.
    Remedy(
        lambda: course_growth(LESSON, [], step=1.0),
        "temperatures=.*give T for every step",
        lambda: course_growth(LESSON, [4.0], step=1.0),
    ),
    Remedy(
        lambda: best_temperature(LESSON, low=3.0, high=2.0),
        "low=3.*give them in order",
        lambda: best_temperature(LESSON, low=2.0, high=3.0),
    ),
    Remedy(
        lambda: descend(SETTING, 2, loss="hinge"),
        "loss='hinge'.*choose one of these",
        lambda: descend(SETTING, 2, loss="squared error"),
    ),
    # Correlated starts.
    Remedy(
        lambda: concentration(2, 3, 0),
        "correlation=0 .*use the formula ensemble at 0, and a coverage of 1/M at 1",
        lambda: ensemble(views=2, networks=5),
    ),
    Remedy(
        lambda: correlated_coverage(2, 3, 1, 5, deviation=0.02, late_growth=60),
        "correlation=1 .*use mvtheory.race.expected_coverage",
        lambda: expected_coverage(2, 3, 4, 0.02, 60),
    ),
    Remedy(
        lambda: correlated_coverage(65, 3, 0.5, 2),
        "views=65.*choose a value in this range",
        lambda: correlated_coverage(64, 1, 0.5, 2),
    ),
    Remedy(
        lambda: agreement(2, 2.5, 0.5),
        "neurons=2.5.*round it to a whole number",
        lambda: agreement(2, round(2.5), 0.5),
    ),
]
