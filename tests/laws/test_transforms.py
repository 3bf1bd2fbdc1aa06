"""R- and S-transforms by their definitions, on the branch that is joined to 0."""

import numpy as np
import pytest
from mpmath import mp, mpf

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
ONES = Discrete(atoms=[1, 2], weights=[0.5, 0.5])
LAWS = {
    "two signs": COIN,
    "negative": Discrete(atoms=[-3, -1, 0], weights=[0.2, 0.5, 0.3]),
    "empirical": Empirical(eigenvalues=[-2, -1, 0.5, 1, 7]),
    "semicircle": Semicircle(mean=0.3, variance=2),
    "Marchenko-Pastur": MarchenkoPastur(aspect_ratio=2, variance=1.7),
    "negative Poisson": FreePoisson(rate=0.5, jump=-2),
    "Levy of two signs": FreeLevy(drift=0.3, variance=1, rates=(0.5, 0.2), jumps=(-1, 2)),
    "Wishart of two signs": GeneralizedWishart(aspect_ratio=0.7, correlation=-0.4, scale=1.3),
    "covariance": GeneralizedCovariance(population={0: 0.25, 2: 0.75}, aspect_ratio=0.5),
    "covariance above 1": GeneralizedCovariance(population=ONES, aspect_ratio=3),
    "covariance off 0": GeneralizedCovariance(population=ONES, aspect_ratio=0.1),
    "negative covariance off 0": -0.5 * GeneralizedCovariance(population=ONES, aspect_ratio=0.1),
    "covariance of two signs": GeneralizedCovariance(population=COIN, aspect_ratio=0.3),
    "product of hard edges": WishartProduct(aspect_ratios=(2, 2), scale=1.5),
    "Bessel with atom": FreeBessel(power=2, rate=0.5),
    "Bessel of power 20": FreeBessel(power=20, rate=2),
    "Bessel of power 50": FreeBessel(power=50, rate=0.5),
    "deformed": DeformedSemicircle(diagonal=COIN, variance=0.5),
    "confusion": ConfusionLaw(accuracy=0.6, samples_per_class=4),
    "sum": free_add(BIT, COIN),
    "corner": free_compress(COIN, 0.4),
    "free product": free_multiply(BIT, ONES),
    "free product of two signs": free_multiply(COIN, ONES),
    "affine": 2 * free_multiply(BIT, ONES) - 0.7,
    "affine, reflected": 3 - 2 * COIN,
}
CHEAP = [name for name in LAWS if "affine" not in name and "free product" not in name]


def hull(law):
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return ends.min(), ends.max()


def psi_root(atoms, weights, y):
    """z with E[zX/(1 - zX)] = y joined to 0: among the real roots of a polynomial those in the
    interval of 0, where psi is convex, and on the side to which psi goes towards y from 0 on; of
    two there the one closer to 0."""
    with mp.workdps(40):
        a, w = [mpf(float(x)) for x in atoms], [mpf(float(x)) for x in weights]
        total = np.array([mpf(y)], dtype=object)
        for x in a:
            total = np.convolve(total, [-x, mpf(1)])
        for k, (x, c) in enumerate(zip(a, w, strict=True)):
            term = np.array([-c * x, mpf(0)], dtype=object)
            for j, other in enumerate(a):
                if j != k:
                    term = np.convolve(term, [-other, mpf(1)])
            total = total + np.concatenate([np.zeros(len(total) - len(term), dtype=object), term])
        total = np.trim_zeros(total, "f")
        roots = mp.polyroots(list(total), maxsteps=500, extraprec=200)
        low = 1 / min(a) if min(a) < 0 else -mp.inf
        high = 1 / max(a) if max(a) > 0 else mp.inf
        real = [r.real for r in map(mp.mpc, roots) if abs(r.imag) < mpf(10) ** -30 * (1 + abs(r))]
        side = mp.sign(y * sum(c * x for x, c in zip(a, w, strict=True)))
        return min((r for r in real if low < r < high and r * side > 0), key=abs, default=None)


def test_the_published_cases():
    assert COIN.s_transform(-0.02) == pytest.approx(2.6088, abs=5e-5)
    with pytest.raises(ValueError, match=r"y=-0\.1 .* closer to 0"):
        COIN.s_transform(-0.1)


@pytest.mark.parametrize("seed", range(12))
def test_discrete_laws_of_both_signs(seed):
    rng = np.random.default_rng(seed)
    count = 2 + seed % 4
    atoms = np.concatenate([-rng.uniform(0.1, 3, 1), rng.uniform(-2, 4, count - 2), [4.5]])
    weights = rng.dirichlet(np.ones(count))
    law = Discrete(atoms=atoms, weights=weights)
    mean = law.moment(1)
    for y in (-2, -0.5, -0.1, -1e-2, -1e-4, -1e-9, 1e-9, 1e-4, 1e-2, 0.1, 0.5, 2):
        z = psi_root(law.atoms, law.weights, y)
        if z is None:
            with pytest.raises(ValueError, match="S-transform"):
                law.s_transform(y)
            continue
        exact = float((1 + mpf(y)) * z / mpf(y))
        # At the least y the root is double: half of the digits are lost there.
        slope = float(sum(w * a / (1 - z * a) ** 2 for a, w in zip(atoms, weights, strict=True)))
        lost = abs(mean) / abs(slope)
        assert law.s_transform(y) == pytest.approx(exact, rel=1e-14 * (1 + lost / abs(y) ** 0.5))
        assert (-law).s_transform(y) == -law.s_transform(y)
        assert (2.5 * law).s_transform(y) == law.s_transform(y) / 2.5


@pytest.mark.parametrize("name", LAWS)
def test_s_transform_inverts_psi(name):
    law = LAWS[name]
    low, high = hull(law)
    mean, spread = law.moment(1), law.free_cumulant(2)
    # The least y of a law of both signs is about -mean^2/(4 variance).
    y = np.array([-0.15, -0.05, -1e-3, 1e-3, 0.05, 0.2]) * min(1, mean**2 / spread)
    s = np.asarray(law.s_transform(y))
    z = y * s / (1 + y)
    inside = (z * low < 1) & (z * high < 1)  # further on S is an analytic continuation
    x = 1 / z[inside]
    assert x.size >= 3
    g = law.cauchy(x).real
    scale = 1e-13 * np.abs(x * g) if name in CHEAP else 1e-10 * np.abs(x * g)
    np.testing.assert_array_less(np.abs(x * g - 1 - y[inside]), scale + 1e-9 * np.abs(y[inside]))
    assert np.sign(s).tolist() == [np.sign(mean)] * y.size
    assert law.s_transform(0) == pytest.approx(1 / mean, rel=1e-12)


@pytest.mark.parametrize("name", ["two signs", "empirical", "deformed", "sum", "corner", "affine"])
def test_no_s_transform_below_the_least_y(name):
    law = LAWS[name]
    low, high = hull(law)
    mean = law.moment(1)
    # psi on the other side of 0 from where it grows, sampled: its least value, to the spacing.
    z = np.linspace(0, 1 / low if mean > 0 else 1 / high, 4003)[1:-1]
    psi = law.cauchy(1 / z).real / z - 1
    least = psi.min()
    with pytest.raises(ValueError, match=r"S-transform of .*closer to 0"):
        law.s_transform(least * (1 + 1e-4))
    # At a least value psi is a parabola: a step of 1/4000 of the way lacks 1e-6 of it.
    s = law.s_transform(least * (1 - 1e-4))
    assert least * s / (1 + least) == pytest.approx(z[np.argmin(psi)], rel=0.1)


@pytest.mark.parametrize("name", LAWS)
def test_r_transform_inverts_g(name):
    law = LAWS[name]
    low, high = hull(law)
    size = high - low
    for d in (2e-3, 0.1, 1, 30, 1e5) if name in CHEAP else (2e-3, 1, 1e5):
        for x in (high + d * size, low - d * size):
            g = law.cauchy(x).real
            # x - 1/g is rounded like x, and g like the distance from the spectrum.
            assert law.r_transform(g) == pytest.approx(x - 1 / g, abs=1e-9 * size + 1e-14 * abs(x))
    assert law.r_transform(0) == pytest.approx(law.moment(1), rel=1e-10)


@pytest.mark.parametrize("name", ["product of hard edges", "Bessel with atom", "free product"])
@pytest.mark.parametrize("g", [-1e-6, -0.1, -0.5, -3, -1e3])
def test_r_transform_of_laws_with_an_atom_at_0(name, g):
    law = LAWS[name]
    r = law.r_transform(g)
    # R = 1/S(g R).
    assert r * law.s_transform(g * r) == pytest.approx(1, rel=1e-9)
    assert -1 < g * r < 0


@pytest.mark.parametrize("power", [20, 50, 100])
def test_r_transform_of_high_powers(power):
    law = FreeBessel(power=power, rate=2)
    for g in (-1.0, -1e-2, -1e-4, 1e-5, 1e-4):
        with mp.workdps(60):
            # y/(2 (1 + y)^(s-1) (1 + y/2)) = g, R = y/g.
            def equation(y, g=g):
                return y / (2 * (1 + y) ** (power - 1) * (1 + y / 2)) - mpf(g)

            # It rises on (-1, top), top where 1 = (s - 1) y/(1 + y) + y/(2 + y).
            low, high = mpf(-1), mpf(1) / (power + 1)
            if g > equation(high, 0):
                continue
            for _ in range(200):
                y = (low + high) / 2
                low, high = (y, high) if equation(y) < 0 else (low, y)
            exact = float(y / mpf(g))
        assert law.r_transform(g) == pytest.approx(exact, rel=1e-12)


def test_r_transforms_of_sums_add():
    parts = (BIT, COIN, MarchenkoPastur(aspect_ratio=0.5), Semicircle(variance=0.3))
    law = free_add(*parts)
    g = np.array([-0.7, -1e-9, 0, 1e-12, 0.3])
    total = sum(part.r_transform(g) for part in parts)
    np.testing.assert_allclose(law.r_transform(g), total, rtol=1e-13)


@pytest.mark.parametrize("toward", [0, 1])
def test_a_first_step_to_the_end_of_the_interval(toward):
    """psi of a third at b is z b/3/(1 - z b): 1/3 at z = 1/(2 b), and the tangent at 0 is 1/3
    at the pole 1/b, but for a rounding."""
    law = Empirical(eigenvalues=[0, 0, 0.125])
    y = np.nextafter(1 / 3, toward)
    assert law.s_transform(y) == pytest.approx(16, rel=1e-14)


def test_mean_0_has_no_s_transform():
    for law in (Semicircle(), Discrete(atoms=[-1, 1], weights=[0.5, 0.5])):
        with pytest.raises(ValueError, match="mean"):
            law.s_transform(0.1)
        assert np.isfinite((law + 0.5).s_transform(0.1))


def test_r_between_zero_and_a_spectrum_away_from_it():
    """There y = z G - 1 is below -1: R was taken at -1."""
    law, poisson = FreeBessel(power=1, rate=10), FreePoisson(rate=10)
    x = np.array([0.1, 1.0, 3.0])
    g = poisson.cauchy(x).real
    np.testing.assert_allclose(law.r_transform(g), 10 / (1 - g), rtol=1e-10)
