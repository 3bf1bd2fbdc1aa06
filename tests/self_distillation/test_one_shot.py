"""The mixing that is chosen from the labels alone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from mvtheory.features import LinearModel, distilled_risk
from mvtheory.self_distillation import one_shot_mixing


def problem(seed, count=40, size=15, noise=1.0):
    rng = np.random.default_rng(seed)
    s = 1 / np.arange(1, size + 1)
    target = LinearModel.of(s, rng.standard_normal(size))
    x = rng.standard_normal((count, size)) * np.sqrt(s)
    return target, x, x @ target.mean + noise * rng.standard_normal(count)


def in_eigenbasis(x, y):
    values, vectors = np.linalg.eigh(x @ x.T)
    return np.maximum(values, 0), vectors.T @ y


def student(x, y, penalty, mixing):
    normal = x.T @ x + penalty * np.eye(x.shape[1])
    teacher = np.linalg.solve(normal, x.T @ y)
    return np.linalg.solve(normal, x.T @ ((1 - mixing) * y + mixing * (x @ teacher)))


def cross_validation(values, targets, penalty, mixing):
    """Generalised cross-validation of the step along the path, the derivative by differences."""

    def missed(at):
        u = at / (values + at)
        return u * targets / u.mean()

    step = 1e-5
    slope = (missed(penalty * (1 + step)) - missed(penalty * (1 - step))) / (2 * step)
    return float(np.mean((missed(penalty) + mixing * slope) ** 2))


@given(st.integers(0, 10**6), st.floats(-2, 2))
def test_no_other_mixing_has_a_smaller_estimate(seed, logarithm):
    values, targets = in_eigenbasis(*problem(seed)[1:])
    penalty = 10**logarithm
    found = one_shot_mixing(values, targets, penalty)
    for mixing, stated in ((0.0, found.teacher_error), (found.mixing, found.error)):
        own = cross_validation(values, targets, penalty, mixing)
        assert own == pytest.approx(stated, rel=1e-7 * (1 + mixing**2))
    assert found.error <= found.teacher_error
    for other in (found.mixing - 0.1, found.mixing + 0.1):
        assert cross_validation(values, targets, penalty, other) >= found.error * (1 - 1e-7)


def test_of_residuals_left_out_it_is_leave_one_out_of_teacher_and_student():
    """Teachers and students that never saw the sample miss r + xi lambda dr/dlambda of it."""
    _, x, y = problem(3)
    penalty, mixing, step = 2.0, -1.3, 1e-5

    def residuals(at):
        hat = x @ np.linalg.solve(x.T @ x + at * np.eye(x.shape[1]), x.T)
        return (y - hat @ y) / (1 - np.diag(hat))

    slope = (residuals(penalty * (1 + step)) - residuals(penalty * (1 - step))) / (2 * step)
    for left in range(5):
        rest = np.arange(len(y)) != left
        fit = student(x[rest], y[rest], penalty, mixing)
        own = residuals(penalty)[left] + mixing * slope[left]
        assert y[left] - x[left] @ fit == pytest.approx(own, rel=1e-6)


@pytest.mark.parametrize("penalty", [0.5, 400.0])
def test_many_samples_choose_the_mixing_of_the_law(penalty):
    """Too little penalty and too much: the law's mixing, of either sign, and its two errors.

    Errors are means of squares: 4 sqrt(2/n). The mixing is a ratio of slopes, at 4 deviations of
    what resampled draws of the data choose.
    """
    count = 400
    target, x, y = problem(5, count, 200)
    law = distilled_risk(target, count, penalty / count, 1.0)
    found = one_shot_mixing(*in_eigenbasis(x, y), penalty)
    others = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        fresh = rng.standard_normal(x.shape) * np.sqrt(target.eigenvalues)
        labels = fresh @ target.mean + rng.standard_normal(count)
        others.append(one_shot_mixing(*in_eigenbasis(fresh, labels), penalty).mixing)
    assert found.mixing == pytest.approx(law.mixing, abs=4 * np.std(others))
    assert np.mean(others) == pytest.approx(law.mixing, abs=4 * np.std(others) / math.sqrt(8))
    assert (law.mixing > 0) == (penalty < 1)
    relative = 4 * math.sqrt(2 / count)
    assert found.teacher_error == pytest.approx(law.teacher + 1, rel=relative)
    assert found.error == pytest.approx(law.risk(law.mixing) + 1, rel=relative)


def test_by_brute_force():
    values, targets = in_eigenbasis(*problem(8)[1:])
    best = optimize.minimize_scalar(lambda m: cross_validation(values, targets, 0.3, m))
    found = one_shot_mixing(values, targets, 0.3)
    assert found.mixing == pytest.approx(best.x, rel=1e-5)
    # The labels' scale and the unit of the penalty do not matter.
    scaled = one_shot_mixing(4 * values, 3 * targets, 1.2)
    assert scaled.mixing == pytest.approx(found.mixing, rel=1e-12)
    assert scaled.error == pytest.approx(9 * found.error, rel=1e-12)
