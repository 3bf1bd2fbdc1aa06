"""Densities at finite size by moment matrices in digits; sampled eigenvalues by exact means."""

import numpy as np
import pytest
from mpmath import mp, mpf

from mvtheory.laws import (
    FiniteGUE,
    FiniteJUE,
    FiniteLUE,
    MarchenkoPastur,
    Semicircle,
    TracyWidom,
    Wachter,
    circular_eigenvalues,
    gaussian_eigenvalues,
    jacobi_eigenvalues,
    laguerre_eigenvalues,
)

SEED = 20240501


def gaussian_moment(spread):
    return lambda k: mpf(0) if k % 2 else spread ** (k // 2) * mp.fac2(k - 1)


def laguerre_moment(power, scale):
    return lambda k: scale**k * mp.rf(power + 1, k)


def jacobi_moment(b, a):
    return lambda k: mp.beta(b + k + 1, a + 1) / mp.beta(b + 1, a + 1)


def laguerre_weight(power, scale):
    return lambda x: (x / scale) ** power * mp.exp(-x / scale) / mp.gamma(power + 1) / scale


def jacobi_weight(b, a):
    return lambda x: x**b * (1 - x) ** a / mp.beta(b + 1, a + 1)


# A law, the moments of its weight, the weight, and points.
CASES = [
    (
        FiniteGUE(size=6, variance=2),
        gaussian_moment(mpf(1) / 3),
        lambda x: mp.npdf(x, 0, mp.sqrt(mpf(1) / 3)),
        [-3.1, -1, 0, 0.4, 2.7, 6],
    ),
    (FiniteGUE(size=1), gaussian_moment(mpf(1)), mp.npdf, [-1, 3]),
    (
        FiniteLUE(size=5, samples=8, variance=2),
        laguerre_moment(3, mpf(1) / 4),
        laguerre_weight(3, mpf(1) / 4),
        [0.01, 0.3, 2, 5.5, 12],
    ),
    (
        FiniteLUE(size=4, samples=4),
        laguerre_moment(0, mpf(1) / 4),
        laguerre_weight(0, mpf(1) / 4),
        [0, 1e-3, 1, 3],
    ),
    (
        FiniteJUE(size=4, samples=7, other_samples=5),
        jacobi_moment(3, 1),
        jacobi_weight(3, 1),
        [1e-3, 0.2, 0.5, 0.99],
    ),
    (
        FiniteJUE(size=3, samples=3, other_samples=3),
        jacobi_moment(0, 0),
        jacobi_weight(0, 0),
        [0, 0.2, 0.5, 1],
    ),
]


@pytest.mark.parametrize(("law", "moment", "weight", "points"), CASES)
def test_against_50_digits(law, moment, weight, points):
    """w(x) (1, x, ...) M^(-1) (1, x, ...)^T/n, M the moment matrix: no recurrence."""
    n = law.size
    with mp.workdps(60):
        inverse = mp.matrix([[moment(i + j) for j in range(n)] for i in range(n)]) ** -1

        def density(x):
            row = mp.matrix([x**i for i in range(n)])
            return weight(x) * (row.T * inverse * row)[0] / n

        for x in points:
            assert law.pdf(x) == pytest.approx(float(density(mpf(x))), rel=1e-12)
        low = max(law._range[0], -20)
        middle = mpf(points[len(points) // 2])
        mass = mp.quad(density, np.linspace(low, float(middle), 6).tolist())
        assert law.cdf(float(middle)) == pytest.approx(float(mass), abs=1e-13)
        # E[tr M^k]/n by the same matrices: tr(M^(-1) M_k), M_k of moments moved by k.
        for k in (1, 2, 3, 6):
            moved = mp.matrix([[moment(i + j + k) for j in range(n)] for i in range(n)])
            product = inverse * moved
            exact = sum(product[i, i] for i in range(n)) / n
            assert law.moment(k) == pytest.approx(float(exact), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    ("law", "limit"),
    [
        (FiniteGUE(size=300, variance=2), Semicircle(variance=2)),
        (FiniteLUE(size=200, samples=500), MarchenkoPastur(aspect_ratio=0.4)),
        (
            FiniteJUE(size=200, samples=500, other_samples=250),
            Wachter(aspect_ratio=0.4, other_aspect_ratio=0.8),
        ),
    ],
)
def test_limits(law, limit):
    low, high = limit.support[0]
    x = low + (high - low) * np.array([0.1, 0.4, 0.5, 0.8])
    # In the bulk the mean count oscillates by less than an eigenvalue: terms of order 1/n^2.
    np.testing.assert_allclose(law.cdf(x), limit.cdf(x), atol=1 / law.size)
    assert law.cdf([low - 1, -np.inf, np.inf, high + 1]) == pytest.approx([0, 0, 1, 1], abs=1e-11)
    assert law.moment(1) == pytest.approx(limit.moment(1), rel=1e-12, abs=1e-14)


def mean_powers(draw, count, orders):
    values = [draw(np.random.default_rng((SEED, k))) for k in range(count)]
    rows = np.array([[np.mean(v**k) for k in orders] for v in values])
    return rows.mean(axis=0), rows.std(axis=0) / np.sqrt(count)


@pytest.mark.parametrize(
    ("draw", "law"),
    [
        (lambda r: gaussian_eigenvalues(4, 2, 2, r), FiniteGUE(size=4, variance=2)),
        (lambda r: laguerre_eigenvalues(3, 5, 2, 2, r), FiniteLUE(size=3, samples=5, variance=2)),
        (
            lambda r: jacobi_eigenvalues(3, 5, 4, 2, r),
            FiniteJUE(size=3, samples=5, other_samples=4),
        ),
    ],
)
def test_samples_have_the_moments_of_the_density(draw, law):
    orders = (1, 2, 3, 4)
    found, error = mean_powers(draw, 2000, orders)
    assert (np.abs(found - [law.moment(k) for k in orders]) <= 5 * error + 1e-12).all()


@pytest.mark.parametrize("beta", [1, 2, 4])
def test_exact_means_of_every_beta(beta):
    """E[tr H^2] and E[tr W^2] by entries; circular: E|tr U|^2 = (2/b) n/(n - 1 + 2/b)."""
    n, m, b = 5, 8, beta
    found, error = mean_powers(lambda r: gaussian_eigenvalues(n, b, 2, r), 2000, (2,))
    # Off the diagonal variance v/n, on it 2/b of that.
    assert abs(found[0] - 2 / n * (n - 1 + 2 / b)) <= 5 * error[0]
    found, error = mean_powers(lambda r: laguerre_eigenvalues(n, m, b, 2, r), 2000, (1, 2))
    expected = np.array([2, 4 / m * (n + m - 1 + 2 / b)])
    assert (np.abs(found - expected) <= 5 * error).all()
    found, error = mean_powers(lambda r: jacobi_eigenvalues(n, m, 7, b, r), 2000, (1,))
    assert abs(found[0] - m / (m + 7)) <= 5 * error[0]
    generator = np.random.default_rng(SEED)
    traces = [abs(circular_eigenvalues(n, b, generator).sum()) ** 2 for _ in range(2000)]
    error = np.std(traces) / np.sqrt(len(traces))
    assert abs(np.mean(traces) - 2 / b * n / (n - 1 + 2 / b)) <= 5 * error


def test_largest_eigenvalues():
    """Of real symmetric matrices: the law of Tracy and Widom, off by n^(-2/3) at most."""
    n = 300
    values = [gaussian_eigenvalues(n, 1, rng=(SEED, k))[-1] for k in range(300)]
    scaled = n ** (2 / 3) * (np.array(values) - 2)
    share = np.mean(scaled <= TracyWidom(beta=1).ppf(0.5))
    assert abs(share - 0.5) <= 5 * 0.5 / np.sqrt(300) + n ** (-2 / 3)


def test_zeros_and_ranges():
    values = laguerre_eigenvalues(7, 3, rng=1)
    assert np.sum(values == 0) == 4
    assert (np.diff(values) >= 0).all()
    assert jacobi_eigenvalues(1, 1, 1, rng=1).shape == (1,)
    np.testing.assert_allclose(np.abs(circular_eigenvalues(9, 1, rng=1)), 1, rtol=1e-12)
    assert circular_eigenvalues(1, rng=1).shape == (1,)
    assert FiniteGUE(size=2).pdf([np.inf, -np.inf]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: FiniteGUE(size=0), "size=0"),
        (lambda: FiniteGUE(size=2.5), "size=2.5"),
        (lambda: FiniteLUE(size=5, samples=4), r"samples=4 is not allowed .* size=5 at least"),
        (lambda: FiniteJUE(size=5, samples=5, other_samples=4), "other_samples=4"),
        (lambda: FiniteGUE(size=2).moment(201), "n=201"),
        (lambda: gaussian_eigenvalues(5, beta=0), "beta=0"),
        (lambda: laguerre_eigenvalues(5, 0), "samples=0"),
        (lambda: jacobi_eigenvalues(5, 4, 5), "samples=4"),
        (lambda: circular_eigenvalues(0), "size=0"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
