"""Laws at real points where formulas divide 0 by 0: atoms, edges, gaps, the origin, infinity."""

import numpy as np
import pytest
from scipy import special

from mvtheory.laws import (
    ConfusionLaw,
    DeformedSemicircle,
    Discrete,
    Empirical,
    FreeBessel,
    FreeLevy,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    free_add,
    free_compress,
    free_multiply,
)

BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])
COIN = Discrete(atoms=[-1, 2], weights=[0.5, 0.5])
ONES = Discrete(atoms=[1, 2], weights=[0.25, 0.75])
LAWS = {
    "semicircle": Semicircle(mean=1, variance=2),
    "MP below 1": MarchenkoPastur(aspect_ratio=0.3, variance=1.7),
    "MP at 1": MarchenkoPastur(aspect_ratio=1, variance=1.7),
    "MP at 2": MarchenkoPastur(aspect_ratio=2, variance=1.7),
    "MP at 4": MarchenkoPastur(aspect_ratio=4),
    "Poisson with atom": FreePoisson(rate=0.5, jump=-2),
    "Poisson, critical": FreePoisson(rate=1, jump=-2),
    "Levy with atom": FreeLevy(drift=1, rates=(0.2, 0.3), jumps=(1, -0.5)),
    "Levy, critical": FreeLevy(drift=1, rates=(0.5, 0.5), jumps=(1, -0.5)),
    "Wishart": GeneralizedWishart(aspect_ratio=0.3, correlation=0.6, scale=1.7),
    "Wishart, critical": GeneralizedWishart(aspect_ratio=2, correlation=0.6, scale=1.7),
    "Wishart, cusp": GeneralizedWishart(aspect_ratio=2, correlation=0, scale=1.7),
    "Wishart with atom": GeneralizedWishart(aspect_ratio=5, correlation=0.6),
    "covariance": GeneralizedCovariance(population=ONES, aspect_ratio=0.5),
    "covariance, singular": GeneralizedCovariance(population={0: 0.25, 2: 0.75}, aspect_ratio=0.5),
    "covariance, critical": GeneralizedCovariance(population={0: 0.5, 2: 0.5}, aspect_ratio=2),
    "covariance at 1": GeneralizedCovariance(population=ONES, aspect_ratio=1),
    "covariance above 1": GeneralizedCovariance(population=ONES, aspect_ratio=3),
    "covariance, signed": GeneralizedCovariance(population=COIN, aspect_ratio=0.3),
    "product": WishartProduct(aspect_ratios=(0.5, 0.7), scale=1.7),
    "product at 1": WishartProduct(aspect_ratios=(0.5, 1), scale=1.7),
    "product with atom": WishartProduct(aspect_ratios=(0.5, 2), scale=1.7),
    "product, critical": WishartProduct(aspect_ratios=(2, 2)),
    "Bessel": FreeBessel(power=2, rate=0.5),
    "Bessel of power 50": FreeBessel(power=50, rate=2),
    "discrete": COIN,
    "empirical": Empirical(eigenvalues=[3, 0, 2, 2]),
    "deformed": DeformedSemicircle(diagonal=COIN, variance=0.5),
    "confusion": ConfusionLaw(accuracy=0.6, samples_per_class=2),
    "corner": free_compress(COIN, 0.3),
    "corner, arcsine": free_compress(BIT, 0.5),
    "corner with atom": free_compress(Discrete(atoms=[0, 1, 3], weights=[0.7, 0.2, 0.1]), 0.5),
    "sum": free_add(COIN, Discrete(atoms=[0, 1, 3], weights=[0.4, 0.35, 0.25])),
    "sum with atoms": free_add(
        Discrete(atoms=[0, 1], weights=[0.8, 0.2]), Discrete(atoms=[0, 1], weights=[0.7, 0.3])
    ),
    "projections": free_multiply(BIT, Discrete(atoms=[0, 1], weights=[0.3, 0.7])),
}
INFINITE = {
    "MP at 1": [0],
    "Poisson, critical": [0],
    "Levy, critical": [1],
    "Wishart, critical": [0],
    "Wishart, cusp": [0],
    "covariance, critical": [0],
    "covariance at 1": [0],
    "product at 1": [0],
    "product, critical": [0],
    "Bessel of power 50": [0],
    "corner, arcsine": [0, 1],
}
"""Where densities diverge, from their expansions: a band that ends at h = 0, at w = 0, ..."""
MAPS = {"x": (1, 0), "2x+1": (2, 1), "1-3x": (-3, 1)}
cases = pytest.mark.parametrize(
    ("name", "scale", "shift"),
    [pytest.param(n, a, b, id=f"{n} {m}") for n in LAWS for m, (a, b) in MAPS.items()],
)


def hull(law):
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return ends.min(), ends.max()


def outside(law):
    """Beyond the spectrum, just beyond its edges, in its gaps, and 0 where that is off it."""
    edges = np.array(law.support).ravel()
    low, high = hull(law)
    gaps = [(a[1] + b[0]) / 2 for a, b in zip(law.support, law.support[1:], strict=False)]
    beside = [np.nextafter(e, (-1) ** (k + 1) * np.inf) for k, e in enumerate(edges)]
    points = np.array([*gaps, *beside, low - 1, high + 1, low - 1e-3, high + 1e3, 0.0])
    inside = [((lo <= points) & (points <= hi)) for lo, hi in law.support]
    return points[~np.any([*inside, np.isin(points, law.atoms)], axis=0)]


def image(name, scale, shift):
    return scale * LAWS[name] + shift if (scale, shift) != (1, 0) else LAWS[name]


@cases
def test_density(name, scale, shift):
    law = image(name, scale, shift)
    off = np.concatenate([outside(law), [np.inf, -np.inf]])
    assert (law.pdf(off) == 0).all()
    infinite = scale * np.array(INFINITE.get(name, []), dtype=float) + shift
    assert np.isposinf(law.pdf(infinite)).all()
    rest = np.setdiff1d(np.concatenate([np.array(law.support).ravel(), law.atoms]), infinite)
    assert np.isfinite(law.pdf(rest)).all()
    assert (law.pdf(rest) >= 0).all()


@cases
def test_cauchy_transform(name, scale, shift):
    law = image(name, scale, shift)
    low, high = hull(law)
    points = outside(law)
    g = law.cauchy(points)
    assert (g.imag == 0).all()
    assert (g.real[points < low] < 0).all()
    assert (g.real[points > high] > 0).all()
    infinite = [*law.atoms, *(scale * np.array(INFINITE.get(name, []), dtype=float) + shift)]
    for at in infinite:
        assert law.cauchy(at).imag == -np.inf
        assert np.isinf(law.cauchy(at))
    assert law.cauchy([np.inf, -np.inf, complex(0, np.inf)]).tolist() == [0, 0, 0]


@cases
def test_potential(name, scale, shift):
    law = image(name, scale, shift)
    assert np.isneginf(law.log_potential(law.atoms)).all()
    edges = np.array(law.support).ravel()
    off = np.concatenate([outside(law), edges[~np.isin(edges, law.atoms)]])
    assert np.isfinite(law.log_potential(off)).all()
    points = np.concatenate([off, law.atoms])
    u = law.potential(points)
    # 1 - Im U/pi is the distribution function, on all of the real line.
    np.testing.assert_allclose(1 - u.imag / np.pi, law.cdf(points), atol=1e-15)
    np.testing.assert_array_equal(u.real, law.log_potential(points))
    assert law.log_potential([np.inf, -np.inf]).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("name", LAWS)
def test_potential_by_quadrature(name):
    law = LAWS[name]
    low, high = hull(law)
    points = outside(law)
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    points = points[np.abs(points[:, None] - ends).min(axis=1) > 1e-2 * (high - low)]
    angle = np.pi * (np.arange(2000) + 0.5) / 2000
    total = np.log(np.abs(points[:, None] - law.atoms)) @ law.weights
    for start, end in law.support:
        x = start + (end - start) * np.sin(angle / 2) ** 2
        cells = start + (end - start) * np.sin(np.pi * np.arange(2001) / 4000) ** 2
        mass = np.diff(law.cdf(cells))
        total += np.log(np.abs(points[:, None] - x)) @ mass
    # Masses of 2000 cells at their middle: the error is the second derivative of the logarithm,
    # at most 1/distance^2, times the squared width of a cell over 8.
    bound = np.max([(np.pi / 4000 * (b[1] - b[0])) ** 2 for b in law.support], initial=0) / 8
    assert (
        np.abs(total - law.log_potential(points)).max() <= 1e-12 + bound * 1e4 / (high - low) ** 2
    )


@pytest.mark.parametrize("q", [1e-9, 0.2, 0.5, 0.9, 1 - 1e-9, 1])
@pytest.mark.parametrize("population", [{1.7: 1}, {0.5: 0.25, 2: 0.75}, [1, 2, 3, 4.5]])
def test_log_determinant_of_sample_covariance(q, population):
    law = GeneralizedCovariance(population=population, aspect_ratio=q)
    values = np.array(list(population), dtype=float)
    weights = list(population.values()) if isinstance(population, dict) else [0.25] * 4
    # det(T^1/2 W T^1/2) = det T det W, and log det W/n of a Wishart matrix is known.
    white = -1 - ((1 - q) / q * np.log1p(-q) if q < 1 else 0)
    assert law.log_potential(0) == pytest.approx(weights @ np.log(values) + white, abs=1e-14)


def test_log_determinant_of_wishart_matrices():
    n, m = 3000, 7500
    # E[log det] of a Wishart matrix is a sum of digammas; per dimension it tends to the law's
    # like log(1 - q)/(2 n).
    i = np.arange(n)
    exact = np.mean(special.digamma((m - i) / 2) + np.log(2 / m))
    law = MarchenkoPastur(aspect_ratio=n / m)
    assert law.log_potential(0) == pytest.approx(exact, abs=1 / n)
    assert law.potential(0) == law.log_potential(0) + 1j * np.pi
    for scaled in (2 * law + 1, 1 - 2 * law):
        assert scaled.log_potential(1) == pytest.approx(law.log_potential(0) + np.log(2), abs=1e-14)


@pytest.mark.parametrize("q", [0.3, 1, 2.5])
@pytest.mark.parametrize(
    "make",
    [
        lambda q: MarchenkoPastur(aspect_ratio=q, variance=1.7),
        lambda q: GeneralizedCovariance(population=ONES, aspect_ratio=q),
        lambda q: WishartProduct(aspect_ratios=(q, 0.1)),
    ],
)
def test_grids_that_hold_0(make, q):
    law = make(q)
    grid = np.linspace(-1, law.support[0][1] + 1, 200_001)
    density = law.pdf(grid)
    assert density[grid < 0].max() == 0
    whole = np.isfinite(density)
    # Of square-root edges, or of x^(-1/2) at 0, the cells of width d hold at most sqrt(d).
    step = grid[1] - grid[0]
    mass = float(np.sum(density[whole]) * step + np.sum(law.weights))
    assert mass == pytest.approx(1, abs=2 * np.sqrt(step) if q == 1 else 20 * step**1.5)
    assert law.cdf(-1e-300) == 0
    assert np.isfinite(law.cauchy(-1e-3))


@pytest.mark.parametrize(
    "name", [n for n in LAWS if LAWS[n].atoms.size and LAWS[n].support and "sum" not in n]
)
def test_beside_an_atom(name):
    law = LAWS[name]
    if name == "projections":
        pytest.skip("continued from above, to 1e-9 of the width")
    for atom, weight in zip(law.atoms, law.weights, strict=True):
        if atom in np.array(law.support):
            continue
        # G = weight/d + O(1), and doubles about an atom that is not 0 are 1e-16 apart.
        x = atom + (1e-9 if atom else 1e-200) * np.array([-1, 1])
        np.testing.assert_allclose(law.cauchy(x).real * (x - atom), weight, rtol=1e-6)
        below, above = law.log_potential(x) - weight * np.log(np.abs(x - atom))
        assert below == pytest.approx(above, abs=1e-6)


@pytest.mark.parametrize("x", [-1e-300, -1e-20, -1e-9, -1e-3, 1e-20j, -1e-10 + 1e-9j])
def test_beside_a_hard_edge(x):
    # G = (1 - sqrt(1 - 4 v/z))/(2 v), v = 1.7.
    exact = (1 - np.sqrt(1 - 4 * 1.7 / complex(x))) / (2 * 1.7)
    for law in (
        MarchenkoPastur(aspect_ratio=1, variance=1.7),
        FreePoisson(rate=1, jump=1.7),
        GeneralizedCovariance(population={1.7: 1}, aspect_ratio=1),
        -FreePoisson(rate=1, jump=-1.7),
    ):
        assert law.cauchy(x) == pytest.approx(exact, rel=1e-13)
