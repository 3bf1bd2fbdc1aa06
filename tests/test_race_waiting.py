"""Classes that wait for each other: laws against sampled networks."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from mvtheory.race import (
    expected_coverage,
    expected_coverage_waiting,
    waiting_drive,
)
from mvtheory.race.lesson import chances_of_known
from mvtheory.race.waiting import FAINTEST

DATA = {"classes": 6, "views": 2, "power": 4, "distractors": 2, "coefficient": 1.75}
RACE = {"views": 3, "neurons": 4, "power": 4, "deviation": 0.05, "late_growth": 30}


def strongest(rng, draws, neurons, views):
    """Initial strengths in deviations, ascending: each the largest of as many responses."""
    largest = rng.standard_normal((draws, views, neurons)).max(axis=2)
    return np.sort(np.maximum(largest, 0), axis=1)


# Classes that wait for each other.


@pytest.mark.parametrize(("views", "power"), [(2, 2.5), (2, 4), (3, 3), (4, 6)])
def test_nobody_waits_without_a_drive(views, power):
    arguments = (views, 6, power, 0.05, 40.0)
    # The same integral of two forms of reach, each to 1e-13 absolutely.
    alone = expected_coverage(*arguments)
    assert expected_coverage_waiting(*arguments, waiting=0) == pytest.approx(alone, abs=1e-11)


@given(
    views=st.integers(1, 5), neurons=st.integers(1, 30), power=st.floats(2.05, 8),
    deviation=st.floats(1e-3, 0.5), late=st.floats(0, 100), waiting=st.floats(0, 5),
    more=st.floats(1.0, 10),
)  # fmt: skip
def test_waiting_adds_views(views, neurons, power, deviation, late, waiting, more):
    arguments = (views, neurons, power, deviation, late)
    few, many = (expected_coverage_waiting(*arguments, w) for w in (waiting, waiting + more))
    alone = expected_coverage(*arguments)
    assert 1 / views - 1e-9 <= alone <= few + 1e-9
    assert few <= many + 1e-9
    assert many <= 1 + 1e-9
    if views > 1 and neurons > 2:
        assert many > few


@pytest.mark.parametrize(
    ("changes", "waiting"),
    [({}, 0.4), ({"views": 2, "neurons": 10, "late_growth": 0}, 1.0), ({"power": 3}, 1.5)],
)
def test_coverage_is_that_of_the_sampled_criterion(changes, waiting):
    race = RACE | changes
    views, neurons, exponent = race["views"], race["neurons"], race["power"] - 2
    draws = 200_000
    strengths = strongest(np.random.default_rng(1), draws, neurons, views)
    with np.errstate(divide="ignore"):
        needed = strengths**-exponent  # w in units of the deviation's
    winners, losers = needed[:, -1], needed[:, :-1]
    # Of other classes, by quantiles of the largest of all M m responses: their mean is known to
    # the range of w over twice their number.
    quantiles = (np.arange(10**6) + 0.5) / 10**6
    others = special.ndtri(quantiles ** (1 / (neurons * views)))
    others = np.maximum(others, FAINTEST) ** -exponent  # descending
    above = np.concatenate([[0], np.cumsum(others)])
    later = np.searchsorted(-others, -winners)
    finite = np.where(np.isfinite(winners), winners, 0)
    waited = (above[later] - later * finite) / len(others)
    extra = exponent * race["late_growth"] * race["deviation"] ** exponent + waiting * waited
    known = 1 + (losers < (winners + extra)[:, None]).sum(axis=1)
    error = known.std() / math.sqrt(draws) / views
    expected = expected_coverage_waiting(**race, waiting=waiting)
    assert known.mean() / views == pytest.approx(expected, abs=5 * error)
    # It tells waiting from not waiting.
    assert expected - expected_coverage(**race) > 15 * error


def enumerated_forces(strength, data, distraction):
    """Forces on class 1's winner, its view 0, by every sample that there is.

    Of each class view 0 is known. Of the samples of class 1 all others are; of those of class 0
    class 0 itself is not. A sample is a set of classes and a view of each.
    """
    classes, views, count = data["classes"], data["views"], data["distractors"]
    bend = 1 - 1 / data["power"]

    def samples(label):
        others = [c for c in range(classes) if c != label]
        for chosen in itertools.combinations(others, count):
            for shown in itertools.product(range(views), repeat=count):
                outputs = np.zeros(classes)
                for c, view in zip(chosen, shown, strict=True):
                    outputs[c] = (distraction * strength - bend) * (view == 0)
                yield outputs, (1, 0) in zip(chosen, shown, strict=True)

    raised, lowered = [], []
    for outputs, _ in samples(1):
        outputs[1] = data["coefficient"] * strength - bend
        raised.append(1 - special.softmax(outputs)[1])
    for outputs, shows in samples(0):
        lowered.append(special.softmax(outputs)[1] * shows)
    return np.mean(raised), np.mean(lowered)


@pytest.mark.parametrize(
    ("changes", "distraction"),
    [
        ({}, 0.9),
        ({"views": 3}, 0.9),
        ({"classes": 3, "distractors": 2}, 0.5),
        ({"coefficient": 2.5, "power": 3}, 1.6),
    ],
)
def test_forces_balance_over_all_samples(changes, distraction):
    data = DATA | changes

    def force(strength):
        raised, lowered = enumerated_forces(strength, data, distraction)
        return data["coefficient"] * raised - distraction * lowered

    balanced = optimize.bisect(force, 0.1, 60, xtol=1e-11)
    raised, lowered = enumerated_forces(balanced, data, distraction)
    drive = waiting_drive(**data, distraction=distraction)
    # Strengths to 1e-11, in exponents times the coefficient.
    assert drive == pytest.approx((data["classes"] - 1) * raised, rel=1e-9)
    ratio = distraction / data["coefficient"]
    assert drive == pytest.approx((data["classes"] - 1) * ratio * lowered, rel=1e-9)


def test_the_drive_of_waiting_rises_with_distraction():
    assert waiting_drive(**DATA, distraction=0) == 0
    assert waiting_drive(**DATA | {"distractors": 0}, distraction=0.9) == 0
    drives = [waiting_drive(**DATA, distraction=g) for g in (1e-300, 0.1, 0.3, 0.6, 0.9, 1.2, 1.7)]
    assert drives == sorted(set(drives))
    # Where exponents leave the doubles it vanishes too.
    assert 0 <= waiting_drive(**DATA, distraction=1e-310) < 1e-290
    # The number of classes cancels but for the chance to be believed, which is at most 1.
    assert drives[-1] < 2 * 1.7 / (2 * 1.75)
    assert waiting_drive(**DATA | {"distractors": 2.0}, distraction=0.3) == drives[2]


def test_many_distractors_take_no_longer():
    """The number that is known is binomial, close to its mean."""
    drive = waiting_drive(10**6, 2, 4, 10**6 - 1, 2.0, 1.0)
    assert drive == pytest.approx(waiting_drive(10**4, 2, 4, 10**4 - 1, 2.0, 1.0), rel=1e-3)


@pytest.mark.parametrize("changes", [{}, {"views": 2, "neurons": 1, "power": 2.3}, {"power": 9}])
def test_coverage_of_waiting_classes_by_nested_quadrature(changes):
    race, waiting = RACE | changes, 0.7
    views, neurons, e = race["views"], race["neurons"], race["power"] - 2
    late = e * race["late_growth"] * race["deviation"] ** e

    def waited(x):
        def slope(y):
            return special.ndtr(y) ** (views * neurons) * e * y ** (-e - 1)

        return integrate.quad(slope, FAINTEST, x, epsrel=1e-12)[0] if x > FAINTEST else 0.0

    def rivals(x):
        reach = x * (1 + (late + waiting * waited(x)) * x**e) ** (-1 / e)
        density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * special.ndtr(x) ** (neurons - 1)
        below = special.ndtr(x) ** neurons - special.ndtr(reach) ** neurons
        return neurons * density * special.ndtr(x) ** (neurons * (views - 2)) * below

    value = integrate.quad(rivals, 0, 12, points=[0.01, FAINTEST, 0.2, 1, 2, 4], epsabs=1e-12,
                           limit=300)[0]  # fmt: skip
    expected = (1 + views * (views - 1) * value) / views
    assert expected_coverage_waiting(**race, waiting=waiting) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: waiting_drive(**DATA | {"classes": 1}, distraction=0.9), "classes=1"),
        (lambda: waiting_drive(**DATA | {"views": 0}, distraction=0.9), "views=0"),
        (lambda: waiting_drive(**DATA | {"power": 2}, distraction=0.9), "power=2"),
        (lambda: waiting_drive(**DATA | {"distractors": -1}, distraction=0.9), "distractors=-1"),
        (lambda: waiting_drive(**DATA | {"distractors": 6}, distraction=0.9), "distractors=6"),
        (lambda: waiting_drive(**DATA | {"distractors": 1.5}, distraction=0.9), "distractors=1.5"),
        (lambda: waiting_drive(**DATA | {"coefficient": 0}, distraction=0), "coefficient=0"),
        (lambda: waiting_drive(**DATA, distraction=-0.1), "distraction=-0.1"),
        (lambda: waiting_drive(**DATA, distraction=1.75), "distraction=1.75 .*less than coeffic"),
        (lambda: expected_coverage_waiting(**RACE, waiting=-1), "waiting=-1"),
        (lambda: expected_coverage_waiting(**RACE | {"power": 2}, waiting=1), "power=2"),
        (lambda: expected_coverage_waiting(**RACE | {"views": 0}, waiting=1), "views=0"),
        (lambda: expected_coverage_waiting(**RACE | {"neurons": 0}, waiting=1), "neurons=0"),
        (lambda: expected_coverage_waiting(**RACE | {"deviation": 0}, waiting=1), "deviation=0"),
        (lambda: expected_coverage_waiting(**RACE | {"late_growth": -1}, waiting=1), "late_growth"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_chances_of_known_distractors_are_binomial():
    for distractors, views in ((0, 2), (1, 1), (5, 2), (40, 3)):
        chances = chances_of_known(distractors, views)
        exact = stats.binom.pmf(np.arange(distractors + 1), distractors, 1 / views)
        np.testing.assert_allclose(chances, exact, rtol=1e-12)
