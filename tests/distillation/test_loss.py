"""The loss keeps its digits over the whole range of temperatures, against 700 of them."""

import numpy as np
import pytest

from mvtheory.distillation import loss
from mvtheory.multiprecision import context

TEMPERATURES = [1e-3, 0.05, 1.0, 4.0, 300.0, 1e6]
RELATIVE = 1e-12  # what the docstring says


def pairs(size, t, rng):
    """Teacher and student: apart, alike but for 1e-9, moved by a constant, sure, and masked."""
    one, two = size * rng.standard_normal((2, 2, 5))
    yield "apart", one, two
    yield "alike", one, one + 1e-9 * size * rng.standard_normal(one.shape)
    yield "moved", one, two + 1e4 * size
    yield "moved far and alike", one - 1e5 * size, one * (1 + 1e-7)
    down = np.arange(5) > 0
    yield "sure", one - 25 * t * down, two - (20 * t + 3) * down
    yield "of another opinion", one - 900 * t * down, two - 900 * t * ~down
    yield "masked", *(np.where([0, 0, 1, 0, 0], -np.inf, a) for a in (one, two))


def log_softmax(mp, row, t):
    given = [mp.mpf(float(x)) / t for x in row]
    top = max(given)
    total = top + mp.log(mp.fsum(mp.exp(x - top) for x in given))
    return [x - total for x in given]


def parts(mp, labels, teacher, student, t):
    """The means over the samples of the definition's two terms, on hard and on soft labels, where
    a class that the teacher excludes adds nothing."""
    hard, soft = mp.mpf(0), mp.mpf(0)
    for y, a, b in zip(labels, teacher, student, strict=True):
        q, p, plain = (log_softmax(mp, *given) for given in ((a, t), (b, t), (b, mp.mpf(1))))
        terms = [mp.exp(u) * (u - v) for u, v in zip(q, p, strict=True) if u > -mp.inf]
        hard, soft = hard - plain[y], soft + t * mp.fsum(terms)
    return hard / len(labels), soft / len(labels)


@pytest.mark.parametrize("size", [1e-5, 1.0, 50.0, 1e5])
@pytest.mark.parametrize("t", TEMPERATURES)
def test_the_loss_has_twelve_digits(t, size):
    rng = np.random.default_rng(0)
    with context(digits=700) as mp:
        for name, teacher, student in pairs(size, t, rng):
            hard, soft = parts(mp, [0, 1], teacher, student, mp.mpf(t))
            for w in (0.0, 0.3, 1.0):
                found = loss([0, 1], student, teacher, temperature=t, soft_weight=w)
                expected = (1 - mp.mpf(w)) * hard + mp.mpf(w) * soft
                if expected > mp.mpf(10) ** -290:
                    assert abs(found / expected - 1) < RELATIVE, (name, w)


def test_many_classes_keep_the_digits():
    rng = np.random.default_rng(1)
    teacher, student = rng.standard_normal((2, 1, 3000))
    with context(digits=60) as mp:
        _, expected = parts(mp, [7], teacher, student, mp.mpf(10) ** 6)
        found = loss([7], student, teacher, temperature=1e6, soft_weight=1.0)
        assert abs(found / expected - 1) < RELATIVE


def test_at_high_temperatures_the_loss_is_half_a_variance():
    """T KL = Var(student - teacher)/(2T) + O(1/T^2), under the uniform distribution."""
    rng = np.random.default_rng(2)
    teacher, student = rng.standard_normal((2, 20, 6))
    variance = (student - teacher).var(axis=1).mean()
    found = loss(np.zeros(20, int), student, teacher, temperature=1e6, soft_weight=1.0)
    # The third cumulant over 6 T^2: a few times 1e-6 of it.
    assert found == pytest.approx(variance / 2e6, rel=1e-5)
