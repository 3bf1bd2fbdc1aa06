"""Mixed targets in ridge regression: against brute force, against training, at the known limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from mvtheory.self_distillation import estimated_mixing, mixed_filter, mixed_risk, optimal_mixing


@st.composite
def ridges(draw):
    """Eigenvalues, signal, penalty, deviation of noise."""
    size = draw(st.integers(2, 8))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    s = 10 ** rng.uniform(-2, 2, size)
    m = rng.standard_normal(size) * np.sqrt(s)
    return s, m, 10 ** draw(st.floats(-2, 2)), 10 ** draw(st.floats(-2, 1))


@given(ridges(), st.integers(1, 3))
def test_no_other_mixing_is_better(ridge, steps):
    s, m, penalty, deviation = ridge
    best = optimal_mixing(s, m, penalty, deviation, steps)
    teacher = mixed_risk(s, m, penalty, deviation, [])
    assert best.teacher_risk == pytest.approx(teacher, rel=1e-12)
    assert best.least_risk * (1 - 1e-12) <= best.risk <= teacher * (1 + 1e-12)
    # The risk from tau and from the students one by one; xi is a ratio of tau's.
    assert mixed_risk(s, m, penalty, deviation, best.mixings) == pytest.approx(best.risk, rel=1e-6)
    rng = np.random.default_rng(0)
    for size in (1e-3, 0.1, 1.0):
        for _ in range(5):
            other = best.mixings + size * rng.standard_normal(steps)
            assert mixed_risk(s, m, penalty, deviation, other) >= best.risk * (1 - 1e-6)
    if steps > 1:
        assert best.risk <= optimal_mixing(s, m, penalty, deviation, steps - 1).risk * (1 + 1e-9)


@given(ridges())
def test_one_step_in_closed_form(ridge):
    s, m, penalty, deviation = ridge
    h, u = s / (s + penalty), penalty / (s + penalty)
    above = np.sum(h * u * (deviation**2 * h - u * m**2))
    below = np.sum((h * u) ** 2 * (m**2 + deviation**2))
    best = optimal_mixing(s, m, penalty, deviation)
    scale = np.sum(h * u * (deviation**2 * h + u * m**2)) / below
    assert best.mixings[0] == pytest.approx(above / below, abs=1e-10 * scale)
    gain = above**2 / below / len(s)
    assert best.teacher_risk - best.risk == pytest.approx(gain, abs=1e-12 * best.teacher_risk)
    # Sign and size by the derivative of the teacher's risk in the penalty.
    step = 1e-5 * penalty
    slope = (mixed_risk(s, m, penalty + step, deviation, [])
             - mixed_risk(s, m, penalty - step, deviation, [])) / (2 * step)  # fmt: skip
    assert -len(s) * penalty / 2 * slope == pytest.approx(above, abs=1e-6 * scale * below)


def test_one_step_by_brute_force():
    s, m = np.array([9.0, 3.0, 0.4, 0.0]), np.array([2.0, -1.0, 0.3, 0.2])
    for penalty, deviation in ((0.1, 2.0), (1.0, 0.5), (30.0, 0.1)):
        found = optimize.minimize_scalar(
            lambda x, p=penalty, d=deviation: mixed_risk(s, m, p, d, x), tol=1e-12
        )
        best = optimal_mixing(s, m, penalty, deviation)
        assert best.mixings[0] == pytest.approx(found.x, rel=1e-5)
        assert best.risk == pytest.approx(found.fun, rel=1e-12)


def test_mixings_leave_the_unit_interval():
    s, m = np.array([9.0, 3.0, 0.4]), np.array([2.0, -1.0, 0.3])
    assert optimal_mixing(s, m, penalty=0.1, deviation=2.0).mixings[0] > 1
    assert optimal_mixing(s, m, penalty=30.0, deviation=0.1).mixings[0] < 0


def test_as_many_steps_as_eigenvalues_reach_the_wiener_filter():
    s, m = np.array([9.0, 3.0, 0.4, 0.4]), np.array([2.0, -1.0, 0.3, 0.3])
    two, three = (optimal_mixing(s, m, 0.7, 1.5, k) for k in (2, 3))
    assert three.risk == pytest.approx(three.least_risk, rel=1e-10)
    assert two.risk > two.least_risk * (1 + 1e-9)
    wiener = m**2 / (m**2 + 1.5**2)
    np.testing.assert_allclose(mixed_filter(s, 0.7, three.mixings), wiener, rtol=1e-7)


def test_training_students_gives_the_filter_and_the_risk():
    """Students fitted one after another by normal equations, over draws of the noise."""
    rng = np.random.default_rng(11)
    x, theta = rng.standard_normal((25, 6)) * [3, 2, 1, 1, 0.5, 0.1], rng.standard_normal(6)
    penalty, deviation, draws = 4.0, 2.0, 4000
    clean = x @ theta
    gram, vectors = np.linalg.eigh(x @ x.T)
    gram, signal = np.maximum(gram, 0), vectors.T @ clean
    inverse = np.linalg.inv(x.T @ x + penalty * np.eye(6))
    best = optimal_mixing(gram, signal, penalty, deviation, steps=2)
    y = clean[:, None] + deviation * rng.standard_normal((25, draws))
    fitted = x @ (inverse @ (x.T @ y))
    for number, mixings in ((0, best.mixings[:0]), (1, best.mixings[:1]), (2, best.mixings)):
        if number:
            mixed = (1 - mixings[-1]) * y + mixings[-1] * fitted
            fitted = x @ (inverse @ (x.T @ mixed))
        kept = mixed_filter(gram, penalty, mixings)
        np.testing.assert_allclose(fitted, vectors @ (kept[:, None] * (vectors.T @ y)), atol=1e-9)
        risks = np.mean((fitted - clean[:, None]) ** 2, axis=0)
        # Four standard errors of the mean over draws.
        assert mixed_risk(gram, signal, penalty, deviation, mixings) == pytest.approx(
            risks.mean(), abs=4 * risks.std() / draws**0.5
        )


def test_the_estimated_mixing_is_right_for_many_eigenvalues():
    rng = np.random.default_rng(5)
    s = rng.exponential(2.0, 20_000)
    m = np.sqrt(s) * rng.standard_normal(s.size)
    z = m + 1.3 * rng.standard_normal(s.size)
    exact = optimal_mixing(s, m, 1.0, 1.3).mixings[0]
    # Numerator and denominator are means of 20 000 terms, known to a percent or so.
    assert estimated_mixing(s, z, 1.0, 1.3) == pytest.approx(exact, abs=0.05)


def test_limits():
    s = [4.0, 1.0]
    np.testing.assert_allclose(mixed_filter(s, 1.0, []), [0.8, 0.5])
    np.testing.assert_allclose(mixed_filter(s, 1.0, [0.0]), [0.8, 0.5])
    np.testing.assert_allclose(mixed_filter(s, 1.0, [1.0]), [0.64, 0.25])
    np.testing.assert_allclose(mixed_filter(s, 1.0, 1.0), mixed_filter(s, 1.0, [1.0]))
    # Without signal or noise there is nothing to gain.
    nothing = optimal_mixing(s, [0.0, 0.0], 1.0, 0.0)
    assert (nothing.risk, nothing.mixings[0]) == (0.0, 0.0)
    with pytest.raises(ValueError, match="need an infinite mixing"):
        _ = type(nothing)(
            weights=np.array([0.0, 1.0]), risk=0.0, teacher_risk=0.0, least_risk=0.0
        ).mixings


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mixed_filter([-1.0], 1.0, 0.5), "eigenvalues of shape"),
        (lambda: mixed_filter([1.0], 0.0, 0.5), "penalty=0.0 is not allowed"),
        (lambda: mixed_filter([1.0], 1.0, np.nan), "mixings=nan is not allowed"),
        (lambda: mixed_filter([1.0], 1.0, [[0.5]]), "mixings="),
        (lambda: mixed_risk([1.0], [1.0, 2.0], 1.0, 1.0, 0.5), "signal of shape"),
        (lambda: mixed_risk([1.0], [1.0], 1.0, -1.0, 0.5), "deviation=-1.0 is not allowed"),
        (lambda: optimal_mixing([1.0], [1.0], 1.0, 1.0, steps=0), "steps=0 is not allowed"),
        (lambda: estimated_mixing([1.0], [np.nan], 1.0, 1.0), "targets of shape"),
        (lambda: estimated_mixing([0.0], [1.0], 1.0, 1.0), "targets are 0 wherever"),
    ],
)
def test_bad_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
