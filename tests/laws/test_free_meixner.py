"""Free Meixner laws against many digits, and against the laws that they contain."""

import numpy as np
import pytest
from closeness import inner
from mpmath import mp, mpf

from mvtheory.laws import (
    Discrete,
    FreeMeixner,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    free_add,
    free_compress,
)
from mvtheory.testing import check_law

# (mean, variance, skewness, shape): each kind, infinite densities, no, one and two atoms, zeros
# of the denominator that meet, are small, conjugate, of both signs.
CASES = [
    (0, 1, 0, 0),
    (-3, 7, 0.5, 0),
    (1, 2, 1, 0),
    (0, 1, 3, 0),
    (2, 0.3, 0, -0.5),
    (0, 1, 0.3, -0.5),
    (-1, 4, -1.3, -0.8),
    (0, 3, 0, 3),
    (5, 0.2, 2, 1),
    (0, 1, -4, 3.9),
    (0, 1, 10, 24),
    (1, 1, 0.02, 1e-4),
    (0, 1, 1e-9, 1e-12),
    (0, 2, 0.2, 0.01),
    (0, 1, 20, 100.001),
]


def digits(case, z):
    """G at one complex point, in 50 digits."""
    mean, variance, skewness, shape = map(mpf, case)
    x = (mp.mpmathify(z) - mean) / mp.sqrt(variance)
    y, c = x - skewness, mp.sqrt(1 + shape)
    inside = (y - mp.sqrt(y - 2 * c) * mp.sqrt(y + 2 * c)) / (2 * c * c)
    return 1 / (x - inside) / mp.sqrt(variance)


def law_of(case):
    return FreeMeixner(**dict(zip(("mean", "variance", "skewness", "shape"), case, strict=True)))


@pytest.mark.parametrize("case", CASES)
def test_against_50_digits(case):
    law = law_of(case)
    low, high = law.support[0]
    with mp.workdps(50):
        points = np.concatenate([
            inner(law), [low - 0.2, high + 1e-3, high + 1e3], inner(law, 3) + 0.01j, [low + 3j],
        ])  # fmt: skip
        exact = [digits(case, mp.mpc(complex(z))) for z in points]
        # z - mean is rounded to eps of its size, G moves by its slope: bounded by 1/distance.
        away = np.min(np.abs(points[:, None] - [low, high, *law.atoms]), axis=1)
        size = max(abs(low), abs(high))
        found = law.cauchy(points)
        for z, g, e, d in zip(points, found, exact, away, strict=True):
            assert abs(g - complex(e)) <= 1e-14 * (1 + size / d) * abs(e), z
        # Mass up to the median, and U by the integral of G along a way to a point far off.
        middle = law.ppf(0.5)
        if low < middle < high:
            mass = sum(law.weights[law.atoms < low])
            # From the end in digits: its rounding moves mass by the square root of it.
            mean, variance, a, b = map(mpf, case)
            end = mean + mp.sqrt(variance) * (a - 2 * mp.sqrt(1 + b))
            root = mp.sqrt(middle - end)
            g = mp.quad(lambda t: 2 * t * digits(case, mp.mpc(end + t * t)), [0, root])
            mass += -mp.im(g) / mp.pi
            assert law.cdf(middle) == pytest.approx(float(mass), abs=2e-13)
        u = mp.quad(lambda t: digits(case, mp.mpc(low, 1 + t)) * 1j, [0, high - low])
        change = law.potential(low + 1j * (1 + high - low)) - law.potential(low + 1j)
        assert abs(change - complex(u)) <= 1e-13 * (1 + abs(law.potential(low + 1j)))


@pytest.mark.parametrize("case", CASES)
def test_contract(case):
    check_law(law_of(case), samples=2000, matrix=60)


@pytest.mark.parametrize("case", CASES)
def test_free_cumulants(case):
    law, (mean, variance, a, b) = law_of(case), case
    s = np.sqrt(variance)
    size = (abs(mean) + s * (2 + abs(a) + abs(b) ** 0.5)) * 4
    expected = [mean, variance, a * s**3, (a * a + b) * s**4, (a**3 + 3 * a * b) * s**5]
    for n, value in enumerate(expected, start=1):
        assert law.free_cumulant(n) == pytest.approx(value, abs=1e-14 * size**n)


def test_special_cases():
    pairs = [
        (law_of((1, 4, 0, 0)), Semicircle(mean=1, variance=4)),
        (law_of((1, 2.3, np.sqrt(2.3), 0)), MarchenkoPastur(aspect_ratio=2.3)),
        (law_of((0, 5, 0, -1 / 5)), KestenMcKay(degree=5)),
        # A corner of a coin: kappa_4 = -2 p^3 times t^3 for atoms at +-1.
        (
            law_of((0, 0.3, 0, -0.3)),
            free_compress(Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), 0.3),
        ),
    ]
    for law, known in pairs:
        np.testing.assert_allclose(law.support, known.support, rtol=1e-14)
        x = inner(known)
        np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-13)
        np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=1e-13)
        np.testing.assert_allclose(law.potential(x + 1j), known.potential(x + 1j), rtol=1e-13)
        np.testing.assert_allclose(law.weights, known.weights, rtol=1e-13)


def test_free_sums_take_it():
    law = free_add(law_of((0, 1, 1, 2)), law_of((1, 2, -1, 0.5)))
    expected = [1, 3, 1 - 2**1.5, 3 + 1.5 * 4]
    found = [law.free_cumulant(n) for n in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    x = law.support[0][1] + 0.5
    g = law.cauchy(x).real
    r = sum(part.r_transform(g) for part in (law_of((0, 1, 1, 2)), law_of((1, 2, -1, 0.5))))
    assert r + 1 / g == pytest.approx(x, rel=1e-10)


@pytest.mark.parametrize(
    ("name", "value"), [("shape", -1), ("shape", np.nan), ("variance", 0), ("skewness", 2e4)]
)
def test_bad_parameters(name, value):
    with pytest.raises(ValueError, match=rf"{name}=.* is not allowed .*{name}"):
        FreeMeixner(**{name: value})
