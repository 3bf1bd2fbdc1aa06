"""Who wins the race: against enumeration of cases, simulation, and the growth law itself."""

import numpy as np
import pytest
from scipy import integrate, special
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


def rivals(views, neurons, reach, points):
    """E[other views within reach of the largest strength] by adaptive quadrature."""

    def integrand(x):
        logs = (views * neurons - 1) * special.log_ndtr(x)
        density = views * neurons * np.exp(logs - x * x / 2) / np.sqrt(2 * np.pi)
        gap = neurons * (special.log_ndtr(reach(x)) - special.log_ndtr(x))
        return density * -np.expm1(gap) * (views - 1)

    return integrate.quad(integrand, 0, 14, points=points, epsabs=1e-13, limit=400)[0]


@pytest.mark.parametrize(
    ("views", "neurons", "power", "deviation", "late"),
    [
        (2, 1, 16, 0.9, 3.0), (10**6, 10, 4, 0.02, 50), (10**12, 10**6, 4, 0.02, 50),
        (10**12, 10**6, 2, 0.02, 3), (64, 10**6, 2.5, 1e-3, 100), (3, 2, 2.2, 1e3, 1e15),
    ],
)  # fmt: skip
def test_expected_coverage_over_the_declared_domain(views, neurons, power, deviation, late):
    e = power - 2

    def reach(x):
        gained = late * (deviation * x) ** e
        return x * np.exp(-np.log1p(e * gained) / e if e else -gained)

    points = [*np.geomspace(1e-6, 0.5, 12), *np.arange(1, 11, 0.25)]
    expected = (1 + rivals(views, neurons, reach, points)) / views
    found = expected_coverage(views, neurons, power, deviation, late)
    assert found == pytest.approx(expected, abs=1e-11)
    assert 1 / views <= found <= 1


@pytest.mark.parametrize("spread", [1e-6, 0.3, 10, 1000])
@pytest.mark.parametrize(("views", "neurons"), [(2, 1), (2, 10**6)])
def test_upset_probability_by_adaptive_quadrature(views, neurons, spread):
    """Wide factors: rivals within a gap appear long before one deviation of it."""

    def overtaken(log):
        gap = np.exp(log)
        density = np.exp(-(gap**2) / 2 + log) / np.sqrt(2 * np.pi)
        shrink = np.exp(-np.sqrt(2) * spread * gap)
        return density * rivals(views, neurons, lambda x: x * shrink, [0.5, 1, 2, 4, 5, 6, 8])

    expected = integrate.quad(overtaken, -35, np.log(9), epsabs=1e-10, limit=200)[0]
    assert upset_probability(views, neurons, spread) == pytest.approx(expected, abs=1e-8)


def test_the_winner_near_power_two():
    """s_l = S_l^(1/(q-2)) leaves the doubles; the view shown more strongly wins unless dead."""
    weights = [[1e-9, 1.0, -1.0]]
    for power in (2 + 1e-3, 2 + 1e-12, np.nextafter(2, 3)):
        assert predict_winner(weights, np.eye(3), [8.1, 6.2, 9.0], power) == 0
        assert predict_winner(weights, np.eye(3), [6.2, 8.1, 9.0], power) == 1


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
        (lambda: expected_coverage([2, 3], 5, 4, 0.1, 1), r"views=\[2, 3\].*one number"),
        (lambda: predict_winner([[1.0, 0]], np.eye(3), [1, 1], 4), "do not fit"),
        (lambda: predict_winner([[1.0, 0]], np.eye(2) * 1j, [1, 1], 4), "features of type"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
