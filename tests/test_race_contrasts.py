"""Laws of what is varied: resampled data, views without rivals, courses of T, squared errors."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from mvtheory.coverage import (
    ensemble,
    neurons_apart,
    opposite_starts,
    shown_coverage,
    taught,
    views_apart,
)
from mvtheory.race import (
    Lesson,
    Setting,
    best_temperature,
    course_growth,
    dark_drive,
    descend,
    plain_drive,
    resampled_coverage,
    unrivalled_coverage,
    upset_probability,
)

LESSON = Lesson(
    classes=5, views=2, power=4, strength=(1.5, 2.0), distractors=2, distraction=0.9, level=7.0,
    weight=6.0,
)  # fmt: skip
DRAWS = 40_000


@pytest.mark.parametrize(("views", "neurons"), [(2, 1), (3, 2), (2, 4)])
def test_networks_whose_neurons_or_views_race_apart(views, neurons):
    drawn = np.random.default_rng(views).standard_normal((DRAWS, views, neurons))
    own = (np.arange(views)[:, None] == drawn.argmax(axis=1)[:, None]) & (drawn > 0)
    error = 4 / DRAWS**0.5 / 2  # four standard errors at most
    apart = own.any(axis=2).mean()
    assert neurons_apart(views=views, neurons=neurons) == pytest.approx(apart, abs=error)
    known = (drawn > 0).any(axis=2).mean()
    assert views_apart(neurons=neurons) == pytest.approx(known, abs=error)


@pytest.mark.parametrize(("views", "neurons"), [(2, 1), (3, 1), (2, 3), (3, 5)])
def test_opposite_starts_win_the_ends_of_their_responses(views, neurons):
    drawn = np.random.default_rng(neurons).standard_normal((DRAWS, views, neurons))
    known = np.zeros((DRAWS, views), dtype=bool)
    for largest in (drawn.max(axis=2), -drawn.min(axis=2)):
        winner = largest.argmax(axis=1)
        known[np.arange(DRAWS), winner] |= largest.max(axis=1) > 0
    value = opposite_starts(views=views, neurons=neurons)
    assert value == pytest.approx(known.mean(), abs=4 / DRAWS**0.5 / 2)


def test_coverage_of_what_is_shown_counts_every_choice():
    shown = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]])
    choices = list(itertools.product(*(np.flatnonzero(row) for row in shown)))
    mean = np.mean([len(set(choice)) / 3 for choice in choices])
    assert shown_coverage(shown) == pytest.approx(mean, rel=1e-14)
    assert shown_coverage(np.ones((4, 3))) == pytest.approx(ensemble(views=3, networks=4))


def test_a_student_of_any_teacher_is_one_network_more():
    for networks in (1, 2, 5):
        teacher = ensemble(views=3, networks=networks)
        student = taught(views=3, coverage=teacher)
        assert student == pytest.approx(ensemble(views=3, networks=networks + 1), rel=1e-14)


def test_resampled_networks_lie_between_one_and_independent_ones():
    assert resampled_coverage(3, 6, 4, spread=0.0) == pytest.approx(1 / 3)
    error = 4 * 0.5 / 20000**0.5
    far = resampled_coverage(3, 6, 4, spread=500.0)
    assert far == pytest.approx(ensemble(views=3, networks=4), abs=error)
    # Two networks of near ties: both are upset against the start, each with half of that.
    pair = 2 * resampled_coverage(2, 6, 2, spread=0.01, draws=200_000) - 1
    upset = upset_probability(2, 6, 0.01 * 2**0.5)
    assert pair == pytest.approx(upset, abs=4 * (upset / 200_000) ** 0.5)


def test_views_without_rivals_escape_in_time():
    drawn = np.random.default_rng(1).standard_normal((DRAWS, 5)).max(axis=1)
    strength = 0.02 * drawn.clip(0)
    with np.errstate(divide="ignore"):
        learned = (strength**-2.0 < 2 * 900).mean()
    value = unrivalled_coverage(5, 4, deviation=0.02, growth=900)
    assert value == pytest.approx(learned, abs=4 / DRAWS**0.5 / 2)
    assert unrivalled_coverage(5, 4, 0.02, 0.0) == 0
    assert unrivalled_coverage(5, 4, 0.02, 1e15) == pytest.approx(1 - 2.0**-5, abs=1e-6)


def test_a_plain_divergence_weighs_less_the_hotter_it_is():
    assert plain_drive(LESSON, 3.0) == dark_drive(replace(LESSON, weight=6.0 / 9.0), 3.0)
    best = best_temperature(LESSON, low=2.0, high=5.0)
    top = plain_drive(LESSON, best)
    assert 2.5 < best < 3.5
    for other in (0.95 * best, 1.05 * best):
        assert plain_drive(LESSON, other) < top
    course = [2.0, 4.0, 4.0]
    parts = plain_drive(LESSON, 2.0) + 2 * plain_drive(LESSON, 4.0)
    assert course_growth(LESSON, course, step=1.5) == pytest.approx(1.5 * parts, rel=1e-14)
    assert course_growth(LESSON, course[::-1], step=1.5) == pytest.approx(1.5 * parts, rel=1e-14)


def test_a_squared_error_ends_at_least_squares_and_drives_losers_on():
    setting = Setting(
        views=1, classes=3, neurons=1, power=4, deviation=0.3, samples=10,
        stages=((600, 0.1),), strength=(1.0, 2.0), background_noise=0.0,
    )  # fmt: skip
    (end,) = descend(setting, 40, loss="squared error").strengths
    # One neuron beyond the threshold in all samples: a with E[z (z a - 3/4 - 1)] = 0.
    known = end[end > 0.5]
    assert known.size > 5
    best = 1.75 * setting.mean_power(1) / setting.mean_power(2)
    # All but those that take off late.
    assert np.median(known) == pytest.approx(best, rel=1e-9)
    two = replace(setting, views=2, neurons=6, deviation=0.03, stages=((60, 0.25, 0.9),))
    long = replace(two, stages=((500, 0.25, 0.9),))
    short, later, cross = (
        descend(of, 150, loss=loss).coverage
        for of, loss in (
            (two, "squared error"), (long, "squared error"), (long, "cross-entropy"),
        )
    )  # fmt: skip
    assert later > short + 0.05
    assert later > cross + 0.05
