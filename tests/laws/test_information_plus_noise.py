"""Information plus noise against its equation, closed laws and the square case."""

import numpy as np
import pytest
from closeness import inner
from mpmath import mp, mpc

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    Semicircle,
    free_add,
    information_plus_noise,
    square,
)
from mvtheory.laws.information_plus_noise import InformationPlusNoise
from mvtheory.testing import check_law

SIGNAL = Discrete(atoms=[0, 9], weights=[0.75, 0.25])
CASES = {
    "two bands": (SIGNAL, 0.25, 0.5),
    "square": (SIGNAL, 1, 0.5),
    "tall": (SIGNAL, 2, 0.5),
    "continuous": (MarchenkoPastur(aspect_ratio=0.5), 0.5, 2),
}


@pytest.mark.parametrize("name", CASES)
def test_contract(name):
    check_law(information_plus_noise(*CASES[name]), samples=0, matrix=80)


@pytest.mark.parametrize("z", [0.5 + 0.1j, 10 + 1e-3j, -2 + 1j])
@pytest.mark.parametrize("q", [0.25, 2.0])
def test_the_equation_in_digits(q, z):
    """m = E[1/(t/(1 + v q m) - (1 + v q m) z + v (1 - q))] for m = -G, as in the paper."""
    v = 0.5
    law = information_plus_noise(SIGNAL, q, v)
    with mp.workdps(40):

        def gap(m):
            a = 1 + v * q * m
            terms = zip([0, 9], [0.75, 0.25], strict=True)
            return m - sum(w / (t / a - a * mpc(z) + v * (1 - q)) for t, w in terms)

        found = -law.cauchy(z)
        exact = mp.findroot(gap, mpc(found))
        assert abs(gap(mpc(found))) < 1e-9  # the root near by is this one
        assert abs(found - complex(exact)) <= 1e-13 * abs(complex(exact))


@pytest.mark.parametrize("q", [0.4, 2.5])
def test_no_information(q):
    zero = Discrete(atoms=[0], weights=[1])
    law = information_plus_noise(zero, q, 1.7)
    known = MarchenkoPastur(aspect_ratio=q, variance=1.7)
    np.testing.assert_allclose(law.support, known.support, rtol=1e-12)
    x = inner(known)
    np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-11)
    np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=1e-11)
    np.testing.assert_allclose(law.weights, known.weights, rtol=1e-15)
    np.testing.assert_allclose(law.potential(x + 1j), known.potential(x + 1j), atol=1e-13)


def test_square_case_by_a_free_sum():
    generic = InformationPlusNoise(information=SIGNAL, aspect_ratio=1.0, variance=0.5)
    signs = Discrete(atoms=[-3, 0, 3], weights=[0.125, 0.75, 0.125])
    known = square(free_add(signs, Semicircle(variance=0.5)))
    law = information_plus_noise(SIGNAL, 1, 0.5)
    np.testing.assert_allclose(law.support, known.support, rtol=1e-13, atol=1e-15)
    x = inner(known)
    np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-12)
    np.testing.assert_allclose(generic.pdf(x), known.pdf(x), rtol=1e-11)
    np.testing.assert_allclose(generic.cauchy(x + 0.1j), known.cauchy(x + 0.1j), rtol=1e-12)


def test_moments():
    """E[X] = E[H] + v, E[X^2] = E[H^2] + 2 v (1 + q) E[H] + v^2 (1 + q)."""
    for q in (0.25, 2.0):
        law, v = information_plus_noise(SIGNAL, q, 0.5), 0.5
        first, second = SIGNAL.moment(1), SIGNAL.moment(2)
        assert law.moment(1) == pytest.approx(first + v, rel=1e-12)
        expected = second + 2 * v * (1 + q) * first + v * v * (1 + q)
        assert law.moment(2) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((Semicircle(), 0.5), "no negative numbers"),
        ((MarchenkoPastur(aspect_ratio=0.5), 2), r"1 - 1/q = 0\.5"),
        ((SIGNAL, 0.5, 0), r"variance=0\.0 is not allowed"),
        ((SIGNAL, 0), r"aspect_ratio=0\.0 is not allowed"),
    ],
)
def test_what_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        information_plus_noise(*arguments)
