"""Networks with correlated starts: against simulation, closed forms and the race without them."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory import coverage as theory
from mvtheory.coverage import agreement, concentration, correlated_coverage
from mvtheory.coverage.two_starts import _match
from mvtheory.race import expected_coverage

DRAWS = 20_000
SIZES = (1, 2, 3, 5, 10)


def simulated(views, neurons, correlation, seed=4):
    """Winners of ten networks with one common part, in many draws: shape (draws, 10)."""
    rng = np.random.default_rng(seed)
    shape = (views, neurons)
    common = rng.standard_normal((DRAWS, 1, *shape))
    own = rng.standard_normal((DRAWS, 10, *shape))
    start = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    return start.max(axis=-1).argmax(axis=-1)


@pytest.mark.parametrize(
    ("views", "neurons", "correlation"), [(2, 6, 0.7), (3, 4, 0.5), (4, 1, 0.9)]
)
def test_agreement_and_coverage_of_simulated_starts(views, neurons, correlation):
    winners = simulated(views, neurons, correlation)
    agree = (winners[:, 0] == winners[:, 1]).mean()
    expected = agreement(views, neurons, correlation)
    assert agree == pytest.approx(expected, abs=4.5 * math.sqrt(0.25 / DRAWS))
    for size in SIZES:
        knows = np.stack([(winners[:, :size] == view).any(axis=1) for view in range(views)])
        covered = knows.mean(axis=0)
        # Four and a half standard errors of the simulation, and 1e-3 of the lattice.
        error = 4.5 * covered.std() / math.sqrt(DRAWS) + 1e-3
        raced = correlated_coverage(views, neurons, correlation, size)
        assert raced == pytest.approx(covered.mean(), abs=error)


@pytest.mark.parametrize("correlation", [0.1, 0.5, 0.9, 0.999])
def test_two_responses_agree_by_the_arc_sine(correlation):
    """One neuron, two views: the sign of a difference, P = 1/2 + asin(rho)/pi (Sheppard)."""
    expected = 0.5 + math.asin(correlation) / math.pi
    assert agreement(2, 1, correlation) == pytest.approx(expected, abs=1e-12)


CORRELATIONS = (1e-300, 1e-15, 1e-12, 1e-3, 0.0999, 0.1001, 0.5, 0.99, 1 - 1e-8, 1 - 2.0**-53)
PAIRS = (2, 3, 7, 60, 1000, 10**6, 10**12, 10**18)


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_what_two_responses_share_keeps_its_digits(correlation):
    """Sheppard again, where P - 1/M and 1 - P are small: by them goes the concentration."""
    with mpmath.workdps(60):
        rho = mpmath.mpf(correlation)
        same, different = mpmath.asin(rho) * 2 / mpmath.pi, mpmath.acos(rho) / mpmath.pi
    match = _match(2, correlation)
    assert match.excess == pytest.approx(float(same), rel=1e-12)
    assert match.different == pytest.approx(float(different), rel=1e-12)
    expected = float(different / same)
    assert concentration(2, 1, correlation) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("pairs", PAIRS)
@pytest.mark.parametrize("correlation", [0.1001, 0.3, 0.8, 0.97, 0.9999])
def test_the_same_pair_wins_or_another(pairs, correlation):
    """Two integrals over different events add up to 1: 1e-12 of both is promised."""
    match = _match(pairs, correlation)
    # Past 1/2 they are two integrals; before it the smaller one is A, held below.
    assert match.same + match.different == pytest.approx(1, abs=1e-12)
    assert match.same * pairs == pytest.approx(1 + match.excess, rel=1e-12)
    # J A - 1 through the integral for small correlations.
    below, above = _match(pairs, 0.1), _match(pairs, np.nextafter(0.1, 1))
    assert below.excess == pytest.approx(above.excess, rel=1e-11)
    assert below.different == pytest.approx(above.different, rel=1e-12)


def integral(integrand):
    """Over the Gaussian scale by the trapezoid rule, whose error for these entire functions is
    exp(-2 pi b/h), b the strip in which they stay small: .1 for 10^18 responses, h = 1/40."""
    return mpmath.fsum(integrand(mpmath.mpf(k) / 40) for k in range(-12 * 40, 16 * 40 + 1)) / 40


@pytest.mark.parametrize("pairs", PAIRS)
def test_agreement_of_nearly_independent_starts(pairs):
    """J A - 1 = rho mu^2 J/(J-1) + O(rho^2): the linear part of an indicator in Gaussians."""
    with mpmath.workdps(60):
        count = mpmath.mpf(pairs)

        def density(x):
            return count * mpmath.npdf(x) * (mpmath.erfc(-x / mpmath.sqrt(2)) / 2) ** (count - 1)

        mean = integral(lambda x: x * density(x))
        slope = float(mean**2 * count / (count - 1))
    for correlation in (1e-100, 1e-15, 1e-13):
        excess = _match(pairs, correlation).excess
        # The next term is below rho mu^2 of the first.
        assert excess == pytest.approx(correlation * slope, rel=1e-12 + 100 * correlation)


@pytest.mark.parametrize("pairs", PAIRS)
def test_agreement_of_nearly_equal_starts(pairs):
    """1 - A = acos(rho) times the Gaussian surface between cells, over sqrt(pi/2)."""
    with mpmath.workdps(60):
        count = mpmath.mpf(pairs)

        def tie(x):  # of two responses, at x; the others below
            below = mpmath.erfc(-x / mpmath.sqrt(2)) / 2
            return mpmath.exp(-(x**2)) / mpmath.sqrt(mpmath.pi) * below ** (count - 2)

        surface = count * (count - 1) * integral(tie)
        for exponent in (-53, -45):
            correlation = 1 - 2.0**exponent
            angle = mpmath.acos(mpmath.mpf(correlation))
            expected = float(angle * surface / (2 * mpmath.pi))
            found = _match(pairs, correlation).different
            # The next term is of relative order (angle x)^2, x < 12.
            assert found == pytest.approx(expected, rel=1e-12 + 150 * float(angle) ** 2)


def test_agreement_over_the_declared_domain():
    for views in (2, 10**6, 10**12):
        for neurons in (1, 10**6):
            values = [agreement(views, neurons, rho) for rho in CORRELATIONS]
            assert values == sorted(values)
            assert 1 / views <= values[0]
            assert values[-1] < 1
            shapes = [concentration(views, neurons, rho) for rho in CORRELATIONS]
            assert all(shape > 0 for shape in shapes)
            assert shapes == sorted(shapes, reverse=True)


@pytest.mark.parametrize(
    ("views", "neurons", "correlation", "networks", "draws"),
    [
        (5, 100, 0.95, 5, 20_000), (10, 20, 0.9, 10, 20_000), (2, 6, 0.7, 5, 200_000),
        (2, 1, 0.999, 100, 100_000), (30, 2, 0.9, 10, 20_000), (3, 400, 0.5, 4, 8_000),
        (5, 100, 0.999, 30, 5_000), (4, 3, 0.2, 6, 100_000),
    ],
)  # fmt: skip
def test_coverage_of_many_simulated_ensembles(views, neurons, correlation, networks, draws):
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(10):
        shape = (draws // 10, views, neurons)
        common = math.sqrt(correlation) * rng.standard_normal(shape, dtype=np.float32)
        known = np.zeros(shape[:2], dtype=bool)
        for _ in range(networks):
            own = rng.standard_normal(shape, dtype=np.float32)
            own *= math.sqrt(1 - correlation)
            own += common
            np.put_along_axis(known, own.max(axis=2).argmax(axis=1)[:, None], True, axis=1)
        covered.append(known.mean(axis=1))
    covered = np.concatenate(covered)
    error = covered.std() / math.sqrt(draws)
    # Four and a half standard errors of the simulation, and the 1e-3 that are promised.
    found = correlated_coverage(views, neurons, correlation, networks)
    assert found == pytest.approx(covered.mean(), abs=4.5 * error + 1e-3)


@pytest.mark.parametrize(("views", "neurons", "networks"), [(2, 1, 5), (3, 7, 30), (20, 50, 8)])
def test_nearly_equal_and_nearly_independent_starts(views, neurons, networks):
    apart = correlated_coverage(views, neurons, 1e-9, networks)
    assert apart == pytest.approx(theory.ensemble(views=views, networks=networks), abs=1e-6)
    # All networks are one but for ties, of a chance that goes with sqrt(1 - rho).
    together = correlated_coverage(views, neurons, 1 - 1e-12, networks)
    assert together == pytest.approx(1 / views, abs=1e-4)


def test_one_network_and_two_are_exact():
    for views, neurons, correlation in ((2, 1, 0.3), (7, 3, 0.8), (3, 400, 0.5)):
        for networks, exact in ((1, 1 / views), (2, (2 - agreement(views, neurons, correlation))
                                                 / views)):  # fmt: skip
            found = correlated_coverage(views, neurons, correlation, networks)
            assert found == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(("views", "neurons"), [(2, 6), (3, 1), (5, 3)])
def test_agreement_at_its_limits(views, neurons):
    assert agreement(views, neurons, 0) == 1 / views
    assert agreement(views, neurons, 1) == agreement(1, neurons, 0.4) == 1
    assert agreement(views, neurons, 1e-10) == pytest.approx(1 / views, abs=1e-9)
    # At rho = 1 - e the networks differ where two responses lie within sqrt(e) of each other.
    assert 1 - agreement(views, neurons, 1 - 1e-10) < 1e-4
    with pytest.raises(ValueError, match=r"no finite concentration.*formula ensemble"):
        concentration(views, neurons, 0)
    with pytest.raises(ValueError, match=r"correlation=1 makes all networks the same one"):
        correlated_coverage(views, neurons, 1, 3)


@given(
    views=st.integers(2, 6), neurons=st.integers(1, 30),
    correlation=st.floats(0.01, 0.98), more=st.floats(0.001, 0.01),
)  # fmt: skip
def test_agreement_grows_with_the_correlation(views, neurons, correlation, more):
    value = agreement(views, neurons, correlation)
    assert 1 / views < value < agreement(views, neurons, correlation + more) < 1
    # Another neuron for each view, in whose places winners may change: networks agree less.
    assert agreement(views, neurons + 1, correlation) < value


@given(views=st.integers(2, 6), neurons=st.integers(1, 30), correlation=st.floats(0.05, 0.95))
def test_the_concentration_gives_back_the_agreement(views, neurons, correlation):
    """Two networks cover 1/M when they agree and 2/M when they do not, under either law."""
    shape = concentration(views, neurons, correlation)
    covered = (2 - agreement(views, neurons, correlation)) / views
    assert theory.shared_bias(views=views, networks=2, concentration=shape) == pytest.approx(
        covered, rel=1e-9
    )


@pytest.mark.parametrize(("views", "neurons", "correlation"), [(2, 6, 0.7), (3, 4, 0.5)])
def test_the_race_runs_between_one_network_and_independent_ones(views, neurons, correlation):
    covered = [correlated_coverage(views, neurons, correlation, size) for size in SIZES]
    assert covered[0] == pytest.approx(1 / views, abs=1e-6)
    assert covered[1] == pytest.approx(
        (2 - agreement(views, neurons, correlation)) / views, abs=1e-3
    )
    assert covered == sorted(covered)
    for size, value in zip(SIZES[1:], covered[1:], strict=True):
        assert 1 / views < value < theory.ensemble(views=views, networks=size)
        independent = correlated_coverage(views, neurons, 0, size)
        assert independent == pytest.approx(theory.ensemble(views=views, networks=size), abs=1e-12)


def test_the_dirichlet_law_is_close_to_the_race():
    """Seen by simulation too: within 0.001 at two views, 0.01 at three."""
    for views, room in ((2, 0.002), (3, 0.011)):
        shape = concentration(views, 6, 0.7)
        for size in SIZES:
            law = theory.shared_bias(views=views, networks=size, concentration=shape)
            assert correlated_coverage(views, 6, 0.7, size) == pytest.approx(law, abs=room)


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_near_ties_of_one_network_do_not_depend_on_the_others(correlation):
    words = {"power": 4, "deviation": 0.02, "late_growth": 60}
    alone = expected_coverage(2, 5, **words)
    value = correlated_coverage(2, 5, correlation, 1, **words)
    # The trapezoid rule meets the kink of reach(x) at 0, and the Sobol average its 1e-3.
    assert value == pytest.approx(alone, abs=1e-3 if correlation else 1e-5)
    assert value > 0.51


@pytest.mark.parametrize(
    ("views", "neurons", "correlation", "power", "late"),
    [(3, 1, 0.6, 4, 0.7), (2, 5, 0.8, 3, 0.4), (5, 100, 0.95, 4, 0.02)],
)
def test_views_learned_late_in_simulated_ensembles(views, neurons, correlation, power, late):
    rng, draws, networks = np.random.default_rng(9), 20_000, 4
    common = math.sqrt(correlation) * rng.standard_normal((draws, views, neurons))
    known = np.zeros((draws, views), dtype=bool)
    for _ in range(networks):
        own = math.sqrt(1 - correlation) * rng.standard_normal(common.shape)
        x = (common + own).max(axis=2)
        with np.errstate(divide="ignore"):
            needed = np.where(x > 0, np.abs(x) ** (2.0 - power), np.inf)
        known |= (needed <= needed.min(axis=1, keepdims=True) + (power - 2) * late) & (x > 0)
        known[np.arange(draws), x.argmax(axis=1)] = True
    covered = known.mean(axis=1)
    error = covered.std() / math.sqrt(draws)
    found = correlated_coverage(
        views, neurons, correlation, networks, power=power, late_growth=late
    )
    assert found == pytest.approx(covered.mean(), abs=4.5 * error + 1e-3)
    # It tells late views from none.
    assert found > correlated_coverage(views, neurons, correlation, networks) + 9 * error


def test_arguments_are_checked():
    for call in (agreement, concentration):
        with pytest.raises(ValueError, match=r"correlation=1\.5 "):
            call(2, 3, 1.5)
        with pytest.raises(ValueError, match=r"neurons=0\.0 is not allowed"):
            call(2, 0, 0.5)
    with pytest.raises(ValueError, match=r"views=65\.0 is not allowed"):
        correlated_coverage(65, 3, 0.5, 2)
