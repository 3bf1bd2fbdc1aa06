"""Odds of unequal views: against adaptive quadrature, simulation and symmetry."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from mvtheory.race import win_probabilities

POWER = 5.0


def odds(scales, neurons):
    """By the scales s_l = S_l^(1/(q-2))."""
    return win_probabilities(np.asarray(scales, dtype=float) ** (POWER - 2), POWER, neurons)


def integrals(scales, neurons):
    """The defining integrals, each by adaptive quadrature on its own."""
    s = np.asarray(scales, dtype=float)
    scale = math.sqrt(2 * math.log(neurons + 1)) + 1

    def density(x, view):
        logs = special.log_ndtr(x / s)
        slope = stats.norm.logpdf(x / s[view]) - math.log(s[view]) - logs[view]
        return neurons * math.exp(neurons * logs.sum() + slope)

    points = sorted({c * k for c in s for k in (1, 3, 10, scale)})
    return [
        integrate.quad(density, 0, 40, (v,), points=points, epsabs=1e-13, limit=300)[0]
        for v in range(len(s))
    ]


def on_the_whole_line(scale, neurons):
    """For two views of scales 1 and `scale`, in 20 digits."""
    with mpmath.workdps(20):
        c = mpmath.mpf(scale)

        def density(x):
            both = mpmath.ncdf(x) ** (neurons - 1) * mpmath.ncdf(x / c) ** neurons
            return neurons * mpmath.npdf(x) * both

        return float(mpmath.quad(density, [-12, -3, 0, 1, 2, 4, 12]))


@pytest.mark.parametrize(
    ("scales", "neurons"),
    [
        ((1, 0.9), 10), ((1, 0.01), 1), ((1, 1e-5), 1), ((1, 0.99), 10**6),
        ((1, 0.2, 0.9), 2), ((1, 0.7, 0.99, 0.98), 1000),
    ],
)  # fmt: skip
def test_against_quadrature(scales, neurons):
    # Ten times the adaptive rule's own tolerance; 1e-10 is promised.
    np.testing.assert_allclose(odds(scales, neurons), integrals(scales, neurons), atol=1e-12)


def orthants(strengths, power):
    """One neuron, three views: s_l x_l is positive and the largest, the part of the sphere in an
    orthant of three correlated responses, 1/8 + (sum of asin rho)/(4 pi) (Sheppard)."""
    with mpmath.workdps(40):
        s = [mpmath.mpf(float(x)) ** (1 / (mpmath.mpf(power) - 2)) for x in strengths]
        found = []
        for view in range(3):
            first, second = (1 / mpmath.hypot(1, s[j] / s[view]) for j in range(3) if j != view)
            angles = mpmath.asin(first) + mpmath.asin(second) + mpmath.asin(first * second)
            found.append(float(mpmath.mpf(1) / 8 + angles / (4 * mpmath.pi)))
        return found


@pytest.mark.parametrize(
    ("strengths", "power"),
    [
        ((1, 0.06, 0.05), 2.1), ((1, 0.06, 0.05), 2.01), ((7, 7 * (1 - 1e-14), 3), 2 + 1e-14),
        ((1e300, 1e299, 1e-300), 2.3), ((5e-324, 1e-323, 1e-300), 9), ((1e-8, 1, 1e-8), 2.2),
        ((1, 2, 3), 16), ((2, 1e-200, 1e-200), 2.0000001),
    ],
)  # fmt: skip
def test_weak_views_of_one_neuron_by_orthants(strengths, power):
    found = win_probabilities(strengths, power, 1)
    np.testing.assert_allclose(found, orthants(strengths, power), atol=1e-12)


@given(
    logs=st.lists(st.floats(-690, 690), min_size=3, max_size=3), exponent=st.floats(-12, 1.1)
)  # fmt: skip
def test_orthants_over_the_declared_domain(logs, exponent):
    power = min(2 + 10**exponent, 16)
    strengths = np.exp(logs)
    found = win_probabilities(strengths, power, 1)
    np.testing.assert_allclose(found, orthants(strengths, power), atol=1e-12)


@pytest.mark.parametrize("neurons", [1, 2, 7, 40])
def test_views_far_apart_win_if_all_stronger_ones_are_dead(neurons):
    """s = 1, 1e-30, 1e-60, ...: P = 2^(-m l) (1 - 2^-m), to the quotient of scales."""
    found = win_probabilities(10.0 ** -np.arange(0, 150, 30), 3, neurons)
    expected = 2.0 ** (-neurons * np.arange(5)) * (1 - 2.0**-neurons)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    # Two groups of equal views.
    found = win_probabilities([1, 1, 1e-3, 1e-3], 2.01, neurons)
    group = (1 - 2.0 ** (-2 * neurons)) / 2
    np.testing.assert_allclose(found, [group, group, *2 * [2.0 ** (-2 * neurons) * group]],
                               rtol=1e-12)  # fmt: skip


@pytest.mark.parametrize(
    ("strengths", "power", "neurons"),
    [((1, 0.8, 0.5), 2.3, 3), ((1, 0.99), 2.05, 10**6), ((1, 1e-2, 0.9e-2), 2.5, 5)],
)
def test_against_many_digits(strengths, power, neurons):
    with mpmath.workdps(25):
        s = [mpmath.mpf(x) ** (1 / (mpmath.mpf(power) - 2)) for x in strengths]

        def below(x):
            return 1 - mpmath.erfc(x / mpmath.sqrt(2)) / 2

        def density(u, view):
            x = mpmath.exp(u)
            value = neurons * mpmath.npdf(x / s[view]) * x / s[view]
            value *= below(x / s[view]) ** (neurons - 1)
            for j, scale in enumerate(s):
                value *= below(x / scale) ** neurons if j != view else 1
            return value

        steps = [-45, -20, -8, -4, -2, -1, 0, 0.5, 1, 1.25, 1.5, 1.75, 2, 2.5]
        edges = sorted({mpmath.log(scale) + step for scale in s for step in steps})
        expected = [
            float(mpmath.quad(lambda u, v=view: density(u, v), edges, maxdegree=5))
            for view in range(len(s))
        ]
    np.testing.assert_allclose(win_probabilities(strengths, power, neurons), expected, atol=1e-12)


def test_every_sort_of_array_comes_in():
    expected = win_probabilities([1.0, 0.5], 4, 5)
    exact = np.float32([1, 0.5])
    np.testing.assert_array_equal(win_probabilities(exact, 4, 5), expected)
    np.testing.assert_array_equal(win_probabilities(exact + 0j, 4, 5), expected)
    np.testing.assert_array_equal(win_probabilities(np.ma.masked_array(exact), 4, 5), expected)
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.bfloat16):
        given_ = torch.tensor([1.0, 0.5], dtype=dtype, requires_grad=True)
        np.testing.assert_array_equal(win_probabilities(given_, 4, 5), expected)


def test_golden_values_integrate_over_negative_responses_too():
    """Of the integral over the whole line, to 14 digits: ours begins at 0, where growth does."""
    golden = (0.50560687390824, 0.318634016097128, 0.17575910999462)
    np.testing.assert_allclose(odds((1, 0.9, 0.8), 20), golden, atol=2e-14)
    whole = on_the_whole_line("0.9", 10)
    assert whole == pytest.approx(0.576063817379066, abs=2e-14)
    # The difference is view 1's part of the classes in which all 20 responses are negative.
    assert 0 < whole - odds((1, 0.9), 10)[0] < 2.0**-20


@pytest.mark.parametrize(("strengths", "neurons"), [((4.0, 9.0, 6.0), 5), ((1.0, 3.0), 1)])
def test_against_simulated_races(strengths, neurons):
    rng = np.random.default_rng(1)
    scales = np.array(strengths) ** (1 / (POWER - 2))
    draws = 400_000
    x = rng.standard_normal((draws, len(scales), neurons)).max(axis=2) * scales
    won = np.bincount(x.argmax(axis=1)[x.max(axis=1) > 0], minlength=len(scales)) / draws
    # Five standard errors of a share.
    probabilities = win_probabilities(strengths, POWER, neurons)
    assert np.abs(won - probabilities).max() < 5 * 0.5 / draws**0.5


@given(
    logs=st.lists(st.floats(-6, 0), min_size=1, max_size=5),
    neurons=st.integers(1, 10**6),
    factor=st.floats(1e-3, 1e3),
)
def test_probabilities_sum_permute_and_scale(logs, neurons, factor):
    scales = np.exp(np.array(logs))
    found = odds(scales, neurons)
    assert found.sum() == pytest.approx(1 - 2.0 ** -(neurons * scales.size), abs=1e-12)
    assert np.all(found >= 0)
    order = np.random.default_rng(0).permutation(scales.size)
    np.testing.assert_allclose(odds(scales[order], neurons), found[order], atol=1e-12)
    np.testing.assert_allclose(odds(factor * scales, neurons), found, atol=1e-10)
    # The stronger of two views wins more often.
    for i, j in itertools.combinations(range(scales.size), 2):
        assert (found[i] - found[j]) * (scales[i] - scales[j]) >= -1e-12


@pytest.mark.parametrize("neurons", [1, 6, 1000, 10**6])
def test_equal_views_share_the_races(neurons):
    for views in (1, 2, 7, 100):
        expected = (1 - 2.0 ** -(neurons * views)) / views
        np.testing.assert_allclose(odds(np.ones(views), neurons), expected, rtol=1e-12)


def test_leading_axes_and_powers_near_two():
    table = np.random.default_rng(0).uniform(1, 4, (3, 2, 4))
    rows = [[win_probabilities(s, POWER, 7) for s in block] for block in table]
    np.testing.assert_allclose(win_probabilities(table, POWER, 7), rows, atol=1e-12)
    # s_l = S_l^(1/(q-2)) leaves the doubles: the strongest view wins unless it is dead.
    found = win_probabilities([1.0, 2.0], 2.0001, 3)
    np.testing.assert_allclose(found, [2.0**-3 * (1 - 2.0**-3), 1 - 2.0**-3], atol=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 0.0], 4, 5), "strengths="), (([1.0, np.inf], 4, 5), "strengths="),
        ((2.0, 4, 5), "strengths="), (("a", 4, 5), "strengths of type <U1"),
        (([], 4, 5), "strengths="),
        (([1.0, 1.0], 2, 5), "power=2"), (([1.0, 1.0], 4, 0), "neurons=0"),
        (([1.0, 1.0j], 4, 5), "strengths of type complex"),
        ((np.ma.masked_array([1.0, 2.0], [True, False]), 4, 5), "strengths is a masked array"),
        (([1.0, 1.0], 4, [5, 6]), r"neurons=\[5, 6\].*one number"),
    ],
)  # fmt: skip
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        win_probabilities(*arguments)
