"""Two free laws of two atoms: the closed law against blocks, many digits and generic routes."""

from functools import cache

import numpy as np
import pytest
import reference
from closeness import agree, inner
from scipy.optimize import minimize_scalar

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    anticommutator,
    commutator,
    free_add,
    free_multiply,
)
from mvtheory.laws.free.free_commutator import FreeCommutator
from mvtheory.laws.free.two_atoms import TwoAtoms

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])


def root(y):
    values, vectors = np.linalg.eigh(y)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


OPERATIONS = {
    free_add: lambda x, y: x + y,
    free_multiply: lambda x, y: root(y) @ x @ root(y),
    anticommutator: lambda x, y: x @ y + y @ x,
    commutator: lambda x, y: 1j * (x @ y - y @ x),
}
# Lower atom, upper atom, weight of the upper one; of both laws. Equal weights make hard edges.
SETTINGS = [
    (free_add, (-1, 1.5, 0.3), (0.25, 3, 0.4)),
    (free_add, (0, 1, 0.5), (-1, 0, 0.5)),
    (free_add, (1e5, 1e5 + 1, 0.25), (-1e5, 2 - 1e5, 0.375)),
    (free_multiply, (-1, 1, 0.3), (1, 2, 0.4)),
    (free_multiply, (0.5, 2, 0.7), (1, 3, 0.7)),
    (free_multiply, (-1, 2, 0.6), (0, 1.5, 0.75)),
    (free_multiply, (-2, -1, 0.2), (0.5, 1, 0.1)),
    (anticommutator, (1, 2, 0.25), (-2, -1, 0.15)),
    (anticommutator, (-1, 2, 0.4), (-0.5, 1, 0.4)),
    (anticommutator, (-1, 1, 0.3), (-2, 2, 0.6)),
    (anticommutator, (0, 1, 0.5), (0, 1, 0.5)),
    (anticommutator, (-1, 1, 0.3), (1, 2, 0.8)),
    (commutator, (0, 1, 0.3), (1, 3, 0.8)),
    (commutator, (-1, 1, 0.5), (0, 2, 0.5)),
]
NAMES = [f"{s[0].__name__}{s[1:]}" for s in SETTINGS]
each = pytest.mark.parametrize("setting", SETTINGS, ids=NAMES)


def two(low, high, weight):
    return Discrete(atoms=[low, high], weights=[1 - weight, weight])


@cache
def law_of(setting):
    operation, a, b = setting
    law = operation(two(*a), two(*b))
    assert isinstance(law, TwoAtoms)
    return law


def atoms_of(one):
    low, high, weight = one
    return (low, high), (1 - weight, weight)


def eigenvalues(setting, c):
    """Of the 2 x 2 block at cos^2 = c."""
    operation, (x, u, _), (y, v, _) = setting
    s = np.sqrt(max(c * (1 - c), 0))
    q = np.array([[c, s], [s, 1 - c]])
    one = np.eye(2)
    return np.linalg.eigvalsh(
        OPERATIONS[operation](x * one + (u - x) * np.diag([1, 0]), y * one + (v - y) * q)
    )


def ends_of_c(setting):
    a, b = setting[1][2], setting[2][2]
    half = 2 * np.sqrt(a * b * (1 - a) * (1 - b))
    return a + b - 2 * a * b - half, a + b - 2 * a * b + half


@cache
def angles(setting, count=3000):
    """c, its masses and the eigenvalues at equal steps of the angle, where the density of
    free projections, sqrt((c - low)(high - c))/(2 pi c (1-c)), is smooth: [speicher2006]_."""
    low, high = ends_of_c(setting)
    psi = (np.arange(count) + 0.5) * np.pi / count
    c = (low + high) / 2 - (high - low) / 2 * np.cos(psi)
    mass = ((high - low) / 2 * np.sin(psi)) ** 2 / (c * (1 - c)) / (2 * count)
    return mass, np.array([eigenvalues(setting, point) for point in c])


def common(setting):
    """Values and masses of common eigenvectors."""
    operation, (x, u, a), (y, v, b) = setting
    value = {
        free_add: lambda s, t: s + t,
        free_multiply: lambda s, t: s * t,
        anticommutator: lambda s, t: 2 * s * t,
        commutator: lambda s, t: 0.0,
    }[operation]
    pairs = [(u, v, a + b - 1), (u, y, a - b), (x, v, b - a), (x, y, 1 - a - b)]
    return [(value(s, t), m) for s, t, m in pairs if m > 1e-15]


@each
def test_transforms_are_means_over_the_angle(setting):
    law, (mass, values) = law_of(setting), angles(setting)
    low, high = law.support[0][0], law.support[-1][1]
    width = high - low
    # A tenth of the width away the mean is good to exp(-count/10).
    shares = np.array([-0.4, -0.05, 0, 0.2, 0.5, 0.77, 1.05, 1.4])
    z = low + width * (shares + 1j * np.array([0.1, 0.15, 0.3, 0.1, 1, 0.12, 0.2, 3]))
    g = (mass[:, None, None] / (z - values[:, :, None])).sum(axis=(0, 1))
    u = (mass[:, None, None] * np.log(z - values[:, :, None])).sum(axis=(0, 1))
    for at, m in common(setting):
        g, u = g + m / (z - at), u + m * np.log(z - at)
    # Of atoms at 1e5 a distance of 1 has 11 digits; those of the eigenvalues are rounded too.
    size = max(abs(low), abs(high), *map(abs, setting[1][:2])) / width
    np.testing.assert_allclose(law.cauchy(z), g, rtol=1e-13 * (1 + size) * 10)
    np.testing.assert_allclose(law.potential(z), u, atol=1e-13 * (1 + size) * 10)


def is_singular(setting):
    """Whether one eigenvalue of every block is 0."""
    return setting[0] is free_multiply and 0 in (*setting[1][:2], *setting[2][:2])


@each
def test_edges_are_extreme_eigenvalues(setting):
    law, (low, high) = law_of(setting), ends_of_c(setting)
    ends = max(low, 0), min(high, 1)
    branches = [lambda c, k=k: eigenvalues(setting, c)[k] for k in (0, 1)]
    if is_singular(setting):
        branches = [lambda c: eigenvalues(setting, c).sum()]
    bands = []
    for branch in branches:
        found = [branch(c) for c in ends]
        for sign in (1, -1):
            best = minimize_scalar(
                lambda c, sign=sign, branch=branch: sign * branch(c),
                bounds=ends, method="bounded", options={"xatol": 1e-10},
            )  # fmt: skip
            found.append(sign * best.fun)
        bands.append((min(found), max(found)))
    size = max(1.0, *map(abs, setting[1][:2]))
    # Where two eigenvalues meet half of their digits are left.
    close = 3e-8 * size
    if len(bands) == 2 and bands[1][0] - bands[0][1] < close:
        bands = [(bands[0][0], bands[1][1])]
    np.testing.assert_allclose(law.support, bands, rtol=0, atol=close)


@each
def test_atoms_are_common_eigenvectors(setting):
    law, expected = law_of(setting), {}
    for at, mass in common(setting):
        expected[at] = expected.get(at, 0.0) + mass
    if is_singular(setting):
        # The rank is that of the factor with the larger kernel.
        zeros = [w[0] for atoms, w in map(atoms_of, setting[1:]) if atoms[0] == 0]
        expected[0.0] = max(zeros)
    np.testing.assert_allclose(law.atoms, sorted(expected), rtol=1e-15)
    np.testing.assert_allclose(law.weights, [expected[at] for at in sorted(expected)], atol=1e-15)


@each
def test_masses_and_moments_follow_from_the_density(setting):
    law = law_of(setting)
    total = float(law.weights.sum())
    assert law._plateaus[-1] == pytest.approx(1 - total, abs=1e-15)
    mass, values = angles(setting)
    # The mean over the angle is exact for polynomials, unless two eigenvectors nearly agree.
    for n in (1, 2, 3, 4):
        mean = (mass[:, None] * values**n).sum() + sum(m * at**n for at, m in common(setting))
        size = max(abs(values).max(), *(abs(at) for at, _ in common(setting)), 0)
        assert law.moment(n) == pytest.approx(mean, abs=1e-11 * max(size, 1) ** n)
    # Outside of infinite densities: 40 Gauss points on a tenth of a band.
    nodes, shares = np.polynomial.legendre.leggauss(40)
    for low, high in law.support:
        for start in (0.11, 0.66):
            a, b = low + start * (high - low), low + (start + 0.1) * (high - low)
            if any(a < e < b for piece in law._pieces for e in piece.ends):
                continue
            drawn = shares @ law.pdf((a + b) / 2 + (b - a) / 2 * nodes) * (b - a) / 2
            assert drawn == pytest.approx(law.cdf(b) - law.cdf(a), abs=1e-14)


def test_values_of_the_issue():
    law = anticommutator(two(1, 2, 0.25), two(-2, -1, 0.15))
    np.testing.assert_allclose(law.support[0][1], -6.180127, atol=5e-7)
    np.testing.assert_allclose(law.support[1][0], -2.551407, atol=5e-7)
    assert len(free_multiply(two(-1, 1, 0.3), two(1, 2, 0.4)).support) == 2


DIGITS = {
    "sum": (
        free_add, reference.discrete_sum,
        ([0, 1], ["0.25", "0.75"]), ([-1, 2], ["0.625", "0.375"]),
    ),
    "product": (
        free_multiply, reference.discrete_product,
        ([1, 3], ["0.25", "0.75"]), ([0.5, 2], ["0.375", "0.625"]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIGITS)
def test_many_digits(name):
    operation, values, a, b = DIGITS[name]
    law = operation(*(Discrete(atoms=x, weights=[float(m) for m in w]) for x, w in (a, b)))
    # Three points a band; the density loses what the rounding of x over its distance from an
    # edge, a tenth of a band, takes: 1e-15.
    agree(
        law,
        lambda x: values(x, *a, *b, digits=18),
        inner(law, 3),
        density=2e-14,
        mass=1e-15,
        potential=1e-14,
    )


def test_free_projections():
    # [speicher2006]_: traces a, b; atoms max(0, a + b - 1) at 1 and 1 - min(a, b) at 0.
    a, b = 0.3, 0.8
    law = free_multiply(two(0, 1, a), two(0, 1, b))
    half = 2 * np.sqrt(a * b * (1 - a) * (1 - b))
    low, high = a + b - 2 * a * b - half, a + b - 2 * a * b + half
    np.testing.assert_allclose(law.support, [(low, high)], rtol=1e-14)
    np.testing.assert_allclose(law.atoms, [0, 1])
    np.testing.assert_allclose(law.weights, [1 - min(a, b), a + b - 1], rtol=1e-14)
    x = low + (high - low) * np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    expected = np.sqrt((x - low) * (high - x)) / (2 * np.pi * x * (1 - x))
    np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-9)
    offset = (high - low) * np.array([1e-14, 1e-9, 1e-3])
    near = np.sqrt(offset * (high - low - offset)) / (
        2 * np.pi * (low + offset) * (1 - low - offset)
    )
    np.testing.assert_allclose(law.pdf_from_edge(offset, 0), near, rtol=1e-13)


ARCSINES = {
    "coins, sum": (free_add, COIN, COIN, 2.0, 0.0),
    "bits, difference": (free_add, BIT, BIT - 1, 1.0, 0.0),
    "bits, product": (free_multiply, BIT, BIT, 0.5, 0.5),
    "coins, anticommutator": (anticommutator, COIN, COIN, 2.0, 0.0),
    "bits, commutator": (commutator, BIT, BIT, 0.5, 0.0),
}


@pytest.mark.parametrize("name", ARCSINES)
def test_arcsine_laws(name):
    operation, a, b, radius, centre = ARCSINES[name]
    law = operation(a, b)
    np.testing.assert_allclose(law.support, [(centre - radius, centre + radius)], atol=1e-15)
    full = 1 - law.weights.sum()
    x = radius * np.linspace(-0.96, 0.96, 25)
    np.testing.assert_allclose(
        law.pdf(centre + x), full / (np.pi * np.sqrt(radius**2 - x * x)), rtol=1e-12
    )
    mass = (1 - full) + full * (0.5 + np.arcsin(x / radius) / np.pi)
    np.testing.assert_allclose(law.cdf(centre + x), mass, atol=4e-16)
    assert np.isinf(law.pdf([centre - radius, centre + radius])).all()
    distance = radius * np.array([1e-18, 1e-9])
    np.testing.assert_allclose(
        law.pdf_from_edge(distance, -1),
        full / (np.pi * np.sqrt(distance * (2 * radius - distance))),
        rtol=1e-12,
    )
    p = np.array([0.6, 0.75, 0.99])
    quantile = centre + radius * np.sin(np.pi * ((p - 1 + full) / full - 0.5))
    np.testing.assert_allclose(law.ppf(p), quantile, atol=1e-14)


@pytest.mark.parametrize("setting", SETTINGS[:1] + SETTINGS[3:4], ids=NAMES[:1] + NAMES[3:4])
def test_generic_routes(setting):
    law = law_of(setting)
    np.testing.assert_allclose(law.generic.support, law.support, atol=1e-7)
    x = inner(law, 9)
    np.testing.assert_allclose(law.generic.cdf(x), law.cdf(x), atol=1e-8)
    np.testing.assert_allclose(law.generic.pdf(x), law.pdf(x), rtol=1e-7)


@pytest.mark.parametrize("name", [f for f in NAMES if "anti" in f][:2])
def test_matrices_have_the_law(name):
    setting = SETTINGS[NAMES.index(name)]
    law, n = law_of(setting), 500
    values = np.linalg.eigvalsh(law.matrix(n, np.random.default_rng(3)))
    for low, high in law.support:
        # Between bands there is nothing but what fluctuates by n^(-2/3) at their ends.
        count = np.sum((values > low - 0.05) & (values < high + 0.05))
        at = law.atoms[(law.atoms > low - 0.05) & (law.atoms < high + 0.05)]
        mass = law.cdf(high + 0.05) - law.cdf(low - 0.05)
        assert abs(count - n * mass) <= 2 + at.size


@pytest.mark.parametrize("weight", [1e-12, 1 - 1e-12, 1e-40])
def test_a_rare_atom(weight):
    law = free_add(two(0, 1, weight), two(0, 3, 0.5))
    p = np.array([0.2, 0.8])
    np.testing.assert_allclose(law.ppf(p), (0 if weight < 0.5 else 1) + np.array([0, 3]), atol=1e-5)
    assert law.cdf(5) == 1
    # Two bands of mass min(weights), if a double shows them.
    np.testing.assert_allclose(law._plateaus[-1], 2 * min(weight, 1 - weight), atol=1e-15)


def test_edges_near_0_keep_their_digits():
    law = free_multiply(two(1e-12, 1, 0.5), two(1e-12, 1, 0.5))
    # Equal weights: blocks reach both diagonal forms, so the edges are products of atoms.
    np.testing.assert_allclose(law.support, [(1e-24, 1)], rtol=1e-12)


def test_affine_images_and_more_parts():
    image = free_add(2 * COIN + 1, 1 - 3 * BIT)
    plain = free_add(two(-1, 3, 0.5), two(-2, 1, 0.5))
    assert image.support == plain.support
    three = free_add(free_add(COIN, BIT), BIT)
    other = free_add(COIN, BIT, BIT)
    assert three.support == other.support
    products = free_multiply(free_multiply(COIN, BIT + 1), 2 * BIT + 1)
    assert len(products.law.parts) == 3 if hasattr(products, "law") else len(products.parts) == 3
    shifted = free_add(COIN, BIT, Discrete(atoms=[2.5], weights=[1]))
    np.testing.assert_allclose(shifted.support, np.array(free_add(COIN, BIT).support) + 2.5)


def test_a_closed_law_as_a_part():
    part, wishart = commutator(BIT, BIT), MarchenkoPastur(aspect_ratio=0.4)
    law = free_add(part, wishart)
    assert law.moment(2) == pytest.approx(1.4 + 0.125, abs=1e-12)
    n = 300
    values = np.linalg.eigvalsh(law.matrix(n, np.random.default_rng(1)))
    # Eigenvalues repel: each is log(n)/n = 6/300 or less from its quantile.
    assert np.abs(law.cdf(values) - (np.arange(n) + 0.5) / n).max() <= 12 / n


@pytest.mark.parametrize("setting", [SETTINGS[7], SETTINGS[12]], ids=[NAMES[7], NAMES[12]])
def test_the_generic_commutator(setting):
    law, bands = law_of(setting), np.array(law_of(setting).support)
    generic, width = law.generic, np.ptp(law_of(setting).support)
    assert isinstance(generic, FreeCommutator)
    z = np.array([0.3 + 0.5j, -2 + 1j, 4 + 0.7j])
    np.testing.assert_allclose(generic._g(generic._descend(z), z), law.cauchy(z), rtol=1e-9)
    # Beside every edge there is density inside and none outside; where no solution is found
    # it is unknown. Once that was counted as none, and bands ended early.
    ends, way = bands.ravel(), np.tile([-1.0, 1.0], len(bands))
    for distance in width * np.array([1e-2, 1e-3, 1e-4]):
        inside, _, _ = generic._evaluate(ends - way * distance)
        outside, _, _ = generic._evaluate(ends + way * distance)
        np.testing.assert_allclose(inside, law.pdf(ends - way * distance), rtol=1e-6)
        assert (outside == 0).all()


def test_infinite_densities_are_infinite_on_the_whole_real_line():
    """Of two coins a + b, and i(ab - ba) of two projections: arcsine laws."""
    coin, half = (Discrete(atoms=[low, 1], weights=[0.5, 0.5]) for low in (-1, 0))
    for law, end in ((free_add(coin, coin), 2.0), (commutator(half, half), 0.5)):
        ends = np.array([-end, end])
        np.testing.assert_array_equal(law.pdf(ends), np.inf)
        np.testing.assert_array_equal(law.cauchy(ends), complex(0, -np.inf))
        # E log|x - X| of the arcsine law on [-r, r] is log(r/2) at every point of it.
        np.testing.assert_allclose(law.log_potential(ends), np.log(end / 2), atol=1e-14)
