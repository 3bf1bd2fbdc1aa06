"""The bounds against the recursion on random spectra, and against the source's printed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.self_distillation import (
    collapse_time,
    distill,
    norm_at_least,
    norm_at_most,
    norm_bound,
    rounds_at_least,
    rounds_at_most,
    rounds_before_collapse,
    sparsity_growth,
)

ROUNDING = 1e-9
"""Some hundred rounds of rounding, of c above all."""


@st.composite
def problems(draw):
    """Eigenvalues over up to six orders, any targets, and a tolerance that they exceed."""
    size = draw(st.integers(2, 12))
    orders = st.floats(0, draw(st.sampled_from([0.1, 1.0, 3.0, 6.0])))
    d = 10.0 ** np.array(draw(st.lists(orders, min_size=size, max_size=size)))
    entries = st.floats(-1, 1).map(lambda x: x + np.sign(x) * 1e-3 + (x == 0) * 1e-3)
    z = np.array(draw(st.lists(entries, min_size=size, max_size=size)))
    ratio = draw(st.floats(1.01, 30))
    return d, z, float(np.mean(z**2)) / ratio**2


@given(problems())
def test_every_bound_holds_for_the_recursion(problem):
    d, z, tolerance = problem
    run = distill(d, z, tolerance, rounds=40_000)
    r, kappa = run.relative_norms, d.max() / d.min()
    assert run.collapsed
    time = collapse_time(r)
    # A norm of 1 up to rounding may take a round more.
    assert time <= run.rounds < time + 1 + ROUNDING
    most = rounds_at_most(relative_norm=r[0], condition=kappa)
    least = rounds_at_least(relative_norm=r[0])
    source = rounds_before_collapse(relative_norm=r[0], condition=kappa)
    slack = ROUNDING * (1 + most)
    assert source <= least * (1 + 1e-12)
    assert least - slack <= time <= most + slack

    q = 2 * np.sqrt(kappa) / (1 + kappa)
    falls = -np.diff(r)
    assert falls.max() <= 1 + ROUNDING
    assert falls.min() >= q * (1 - ROUNDING) - ROUNDING
    for t in range(1, min(run.rounds, 30) + 1):
        assert norm_at_least(relative_norm=r[0], rounds=t) <= r[t] + ROUNDING
        assert norm_at_most(relative_norm=r[0], condition=kappa, rounds=t) >= r[t] - ROUNDING
        if kappa > 1 + 1e-9:
            bound = norm_bound(relative_norm=r[0], condition=kappa, rounds=t)
            assert bound <= max(1, norm_at_least(relative_norm=r[0], rounds=t)) + ROUNDING
            assert bound <= r[t] + ROUNDING


@given(problems())
def test_the_filter_gets_sparser_as_fast_as_stated(problem):
    d, z, tolerance = problem
    run = distill(d, z, tolerance, rounds=60)
    # Penalties grow, so ratios of the filter grow by more in every round.
    assert np.all(np.diff(run.penalties) >= -ROUNDING * run.penalties[:-1])
    assert np.all(np.diff(run.effective_functions) <= ROUNDING)
    order = np.argsort(d)
    for t in range(1, run.rounds + 1):
        logs = np.log(np.maximum(run.filters[t - 1][order], 1e-300))
        if logs.min() < -600:
            break
        for j, k in ((0, -1), (0, len(d) // 2), (len(d) // 2, -1)):
            bound = sparsity_growth(
                relative_norm=run.relative_norms[0], rounds=t,
                smaller_eigenvalue=d[order[j]] / d.min(), larger_eigenvalue=d[order[k]] / d.min(),
            )  # fmt: skip
            assert logs[k] - logs[j] >= bound - ROUNDING * (1 + abs(bound))


@pytest.mark.parametrize("norm", [1.0001, 1.5, 12.0, 4000.0])
@pytest.mark.parametrize("kappa", [1.001, 3.0, 5000.0])
def test_the_norm_bound_is_the_one_that_the_source_prints(norm, kappa):
    a = ((norm - 1) ** 2 + kappa * (2 * norm - 1)) / (norm - 1 + kappa) ** 2
    b = norm**2 * kappa / (norm - 1 + kappa) ** 2
    for t in (0, 1, 2, 7, 40):
        printed = a**t * norm - b * (a**t - 1) / (a - 1)
        # The printed form divides by 1 - a, which cancels for kappa near 1.
        size = norm + abs(printed)
        assert norm_bound(relative_norm=norm, condition=kappa, rounds=t) == pytest.approx(
            printed, abs=1e-14 * size / (1 - a)
        )


def test_the_source_loses_a_factor_and_a_flat_spectrum_reaches_both_bounds():
    # One eigenvalue: r falls by exactly 1 in a round.
    run = distill([3.0, 3.0], [0.8, -0.6], tolerance=0.5 / 9.5**2, rounds=99)
    assert run.relative_norms[0] == pytest.approx(9.5)
    np.testing.assert_allclose(np.diff(run.relative_norms), -1, rtol=1e-12)
    assert collapse_time(run.relative_norms) == pytest.approx(8.5)
    assert rounds_at_most(relative_norm=9.5, condition=1) == rounds_at_least(relative_norm=9.5)
    for kappa in (2.0, 1e3):
        source = rounds_before_collapse(relative_norm=9.5, condition=kappa)
        assert source * kappa == pytest.approx(rounds_at_least(relative_norm=9.5))


def test_the_upper_bound_is_approached():
    """Two eigenvalues; the residual's angle is Kantorovich's when p_j is 1/sqrt(d_j)."""
    kappa = 100.0
    d = np.array([1.0, kappa])
    q = 2 * np.sqrt(kappa) / (1 + kappa)
    # p = c (D + c)^-1 z is to be proportional to d^(-1/2): choose z at a small c.
    c = 1e-3
    z = (d + c) / np.sqrt(d)
    tolerance = float(np.mean((c / (d + c) * z) ** 2))
    r = distill(d, z, tolerance, rounds=1).relative_norms
    assert r[0] - r[1] == pytest.approx(q, rel=1e-3)


def test_wrong_bounds_are_refuted_by_some_spectrum():
    rng = np.random.default_rng(4)
    d, z = 1 + 0.2 * rng.random(40), rng.standard_normal(40)
    tolerance = float(np.mean(z**2)) / 10**2
    r = distill(d, z, tolerance, rounds=99).relative_norms
    kappa = d.max() / d.min()
    time = collapse_time(r)
    assert time < r[0]  # r_0 in place of r_0 - 1
    assert time < kappa * (r[0] - 1)  # kappa inverted
    a = 1 - kappa * (kappa - 1) / (r[0] - 1 + kappa) ** 2
    assert r[3] < a**3 * r[0]  # the part with sqrt(n eps) missing
