"""Networks with correlated starts: against simulation, closed forms and the race without them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mvtheory import coverage as theory
from mvtheory.coverage import agreement, concentration, correlated_coverage
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
        # Four and a half standard errors of the simulation, and 1e-3 of the Sobol average.
        error = 4.5 * covered.std() / math.sqrt(DRAWS) + 1e-3
        raced = correlated_coverage(views, neurons, correlation, size)
        assert raced == pytest.approx(covered.mean(), abs=error)


@pytest.mark.parametrize("correlation", [0.1, 0.5, 0.9, 0.999])
def test_two_responses_agree_by_the_arc_sine(correlation):
    """One neuron, two views: the sign of a difference, P = 1/2 + asin(rho)/pi (Sheppard)."""
    expected = 0.5 + math.asin(correlation) / math.pi
    assert agreement(2, 1, correlation) == pytest.approx(expected, abs=1e-12)


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


@settings(max_examples=12, deadline=None)
@given(
    views=st.integers(2, 6), neurons=st.integers(1, 30),
    correlation=st.floats(0.01, 0.98), more=st.floats(0.001, 0.01),
)  # fmt: skip
def test_agreement_grows_with_the_correlation(views, neurons, correlation, more):
    value = agreement(views, neurons, correlation)
    assert 1 / views < value < agreement(views, neurons, correlation + more) < 1
    # Another neuron for each view, in whose places winners may change: networks agree less.
    assert agreement(views, neurons + 1, correlation) < value


@settings(max_examples=12, deadline=None)
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
        assert independent == pytest.approx(theory.ensemble(views=views, networks=size), abs=1e-9)


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


def test_arguments_are_checked():
    for call in (agreement, concentration):
        with pytest.raises(ValueError, match=r"correlation=1\.5 "):
            call(2, 3, 1.5)
        with pytest.raises(ValueError, match=r"neurons=0\.0 is not allowed"):
            call(2, 0, 0.5)
    with pytest.raises(ValueError, match=r"views=65\.0 is not allowed"):
        correlated_coverage(65, 3, 0.5, 2)
