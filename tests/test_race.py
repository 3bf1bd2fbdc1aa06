"""Who wins the race: against enumeration of cases, simulation, and the growth law itself."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from mvtheory.race import escape_time, expected_coverage, predict_winner, upset_probability


def test_the_winner_is_the_first_to_escape():
    rng = np.random.default_rng(2)
    weights = 0.02 * rng.standard_normal((50, 5, 8))
    features = np.eye(3, 8)
    drives = rng.uniform(4, 9, size=(50, 3))
    winners = predict_winner(weights, features, drives, power=4)
    initial = np.maximum((weights @ features.T).max(axis=1), 1e-9)
    first = escape_time(strength=initial, drive=drives, power=4).argmin(axis=1)
    np.testing.assert_array_equal(winners, first)
    # Drives matter: the strongest response alone gives other winners in some races.
    assert (winners != initial.argmax(axis=1)).any()


@pytest.mark.parametrize("power", [2.5, 3, 4, 6])
def test_escape_time_is_where_the_growth_law_diverges(power):
    strength, drive = 0.3, 1.7
    time = escape_time(strength=strength, drive=drive, power=power)
    path = solve_ivp(
        lambda t, x: drive * x ** (power - 1), (0, 0.99 * time), [strength], rtol=1e-10, atol=1e-12
    )
    # Lambda^-(q-2) falls linearly to 0 at the escape time, so at 99 % of it 1 % is left.
    left = path.y[0, -1] ** (2 - power) / strength ** (2 - power)
    assert left == pytest.approx(0.01, rel=1e-5)


@pytest.mark.parametrize(("views", "neurons", "power"), [(2, 5, 4), (3, 5, 4), (4, 2, 3)])
def test_expected_coverage_against_simulated_races(views, neurons, power):
    deviation, late_growth = 0.05, 20.0
    rng = np.random.default_rng(1)
    x = deviation * rng.standard_normal((200_000, views, neurons)).max(axis=2)
    with np.errstate(divide="ignore"):
        remaining = np.where(x > 0, np.maximum(x, 0.0) ** (2.0 - power), np.inf)
    first = remaining.min(axis=1, keepdims=True)
    learned = (remaining <= first + (power - 2) * late_growth) & (x > 0)
    simulated = np.maximum(learned.sum(axis=1), 1) / views
    # Five standard errors of the simulation.
    error = simulated.std() / len(x) ** 0.5
    expected = expected_coverage(views, neurons, power, deviation, late_growth)
    assert expected == pytest.approx(simulated.mean(), abs=5 * error + 2**-neurons * 0.002)
    assert expected > 1 / views


def test_expected_coverage_at_its_limits():
    assert expected_coverage(1, 5, 4, 0.1, 10) == 1
    assert expected_coverage(3, 5, 4, 0.1, 0) == pytest.approx(1 / 3, abs=1e-12)
    assert expected_coverage(3, 5, 4, 1e-6, 50) == pytest.approx(1 / 3, abs=1e-6)
    values = [expected_coverage(2, 5, 4, d, 50) for d in (0.01, 0.03, 0.1, 1.0)]
    assert values == sorted(values)
    # All views alive are learned in the end: a dead one has 5 responses below 0.
    assert expected_coverage(2, 5, 4, 1.0, 1e12) == pytest.approx(1 - 2**-5 + 2**-11, abs=2**-9)


@pytest.mark.parametrize(("views", "spread"), [(2, 0.02), (2, 0.1), (3, 0.02)])
def test_upset_probability_against_simulation(views, spread):
    rng = np.random.default_rng(3)
    x = np.maximum(rng.standard_normal((400_000, views, 5)).max(axis=2), 0)
    noisy = x * np.exp(spread * rng.standard_normal(x.shape))
    upset = (x.argmax(axis=1) != noisy.argmax(axis=1)).mean()
    expected = upset_probability(views, 5, spread)
    error = (upset / 400_000) ** 0.5
    # For more than two views every overtaking counts, so the value may exceed the share.
    assert upset - 5 * error <= expected <= (upset + 5 * error) * (1 if views == 2 else 1.1)


def test_upset_probability_at_its_limits():
    assert upset_probability(2, 5, 0) == 0
    assert upset_probability(1, 5, 0.5) == 0
    assert upset_probability(3, 4, 50) <= 1 - 1 / 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: predict_winner([[1.0, 0]], np.eye(2), [1, 1], 2), "power=2 is outside"),
        (lambda: predict_winner([[1.0, 0]], np.eye(2), [1, 0], 4), "strengths="),
        (lambda: predict_winner([[np.nan, 0]], np.eye(2), [1, 1], 4), "must be finite"),
        (lambda: expected_coverage(0, 5, 4, 0.1, 1), "views=0"),
        (lambda: expected_coverage(2, 1.5, 4, 0.1, 1), "neurons=1.5"),
        (lambda: expected_coverage(2, 5, 1.9, 0.1, 1), "power=1.9"),
        (lambda: expected_coverage(2, 5, 4, 0, 1), "deviation=0"),
        (lambda: expected_coverage(2, 5, 4, 0.1, float("nan")), "late_growth=nan"),
        (lambda: upset_probability(2, 5, -1), "spread=-1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
