"""Very large and very small temperatures, against the losses at a thousand digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_losses import divergence_of

from mvtheory.distillation import (
    Loss,
    cold_divergence,
    exclusive_jsd,
    hot_divergence,
    jsd_curvature,
)
from mvtheory.multiprecision import context

KINDS = [("forward", None), ("reverse", None), ("jsd", 0.2), ("mse", None)]


def problem(seed=0):
    return 2 * np.random.default_rng(seed).standard_normal((2, 4, 5))


@pytest.mark.parametrize(("kind", "beta"), KINDS)
def test_hot_losses_by_mpmath(kind, beta):
    student, teacher = problem()
    found = hot_divergence(student, teacher, kind, beta)
    with context(digits=100) as mp:
        for i, (one, two) in enumerate(zip(student, teacher, strict=True)):
            t = mp.mpf(10) ** 20
            share = None if beta is None else mp.mpf(beta)
            expected = t**2 * divergence_of(mp, one, two, t, kind, share)
            # What is left is of order 1/T.
            assert found[i] == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize(("kind", "beta"), KINDS)
def test_cold_losses_by_mpmath(kind, beta):
    student, teacher = problem(1)
    student[0] = teacher[0][::-1]  # other first choices
    student[1] = teacher[1]
    student[2, 3:] = teacher[2, :2] = 9  # two of them each, none in common
    student[3, :2] = teacher[3, 1:4] = 9  # two and three, one in common
    found = cold_divergence(student, teacher, kind, beta)
    power = {"jsd": 0, "mse": 2}.get(kind, 1)
    with context(digits=1000) as mp:
        for i, (one, two) in enumerate(zip(student, teacher, strict=True)):
            t = mp.mpf(10) ** -20
            share = None if beta is None else mp.mpf(beta)
            # Logarithms of probabilities e^(-10^20) are exact in so many digits, not their sums.
            expected = float(t**power * divergence_of(mp, one, two, t, kind, share))
            assert found[i] == pytest.approx(expected, rel=1e-14, abs=1e-18)


@given(st.integers(0, 10**6))
def test_hot_gradients_are_centred_gaps_over_k(seed):
    student, teacher = problem(seed)
    gap = student - teacher
    centred = (gap - gap.mean(axis=1, keepdims=True)) / 5
    for kind, beta in KINDS[:3]:
        found = Loss(temperature=1e6, divergence=kind, beta=beta).gradient(None, student, teacher)
        weight = 1 if beta is None else jsd_curvature(beta=beta)
        # The next term is of order gap^2/T; rounding of p is magnified by T^2/T.
        np.testing.assert_allclose(found, weight * centred, rtol=0, atol=1e-4)


def test_masked_classes_are_as_if_they_were_not_there():
    student, teacher = problem()
    wide = [np.insert(rows, 2, -np.inf, axis=1) for rows in (student, teacher)]
    for kind, beta in KINDS:
        for limit in (hot_divergence, cold_divergence):
            np.testing.assert_array_equal(
                limit(*wide, kind, beta), limit(student, teacher, kind, beta)
            )


def test_moving_all_logits_moves_mse_alone():
    student, teacher = problem()
    for kind, beta in KINDS:
        gap = hot_divergence(student + 3, teacher, kind, beta) - hot_divergence(
            student, teacher, kind, beta
        )
        assert (np.abs(gap).max() > 1) == (kind == "mse")
        assert kind == "mse" or np.abs(gap).max() < 1e-13


@pytest.mark.parametrize("beta", [1e-6, 0.2, 0.5, 0.999])
def test_no_jsd_is_larger_than_of_networks_that_exclude_each_other(beta):
    largest = exclusive_jsd(beta=beta)
    apart = Loss(temperature=1e-3, divergence="jsd", beta=beta, squared=False)
    assert apart.value(None, [[9.0, 0.0]], [[0.0, 9.0]]) == pytest.approx(largest, rel=1e-12)
    student, teacher = problem()
    for t in (0.1, 1.0, 5.0):
        other = Loss(temperature=t, divergence="jsd", beta=beta, squared=False)
        assert other.value(None, student, teacher) < largest


def test_arguments_that_are_refused():
    student, teacher = problem()
    teacher[1, 2] = -np.inf
    with pytest.raises(ValueError, match=r"student\[1\] and the teacher mask different"):
        hot_divergence(student, teacher)
    student[2] = [-np.inf, 1, 2, 3, 4]
    teacher[2] = [9, 0, 0, 0, 0]
    with pytest.raises(ValueError, match=r"student\[2\] masks the first choice of the teacher"):
        cold_divergence(student, teacher)
    with pytest.raises(ValueError, match="beta=None is not allowed with divergence='jsd'"):
        cold_divergence(student, teacher, "jsd")
