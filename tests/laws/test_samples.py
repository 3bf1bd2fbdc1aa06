"""Matrices and random numbers drawn from every law agree with it."""

from functools import cache

import numpy as np
import pytest

from mvtheory.distillation.comparison import kolmogorov_distance
from mvtheory.laws import (
    Discrete,
    FreeBessel,
    FreeLevy,
    FreeMeixner,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    Wachter,
    WishartProduct,
    anticommutator,
    free_add,
    free_compress,
    free_multiply,
    free_subtract,
)
from mvtheory.testing import check_law

SIZE = 400
SEED = 20240501
COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
LEVELS = Discrete(atoms=[0, 1, 3], weights=[0.25, 0.5, 0.25])
LAWS = {
    "semicircle": Semicircle(mean=1, variance=2),
    "Marchenko-Pastur": MarchenkoPastur(aspect_ratio=0.4, variance=1.7),
    "square": MarchenkoPastur(aspect_ratio=1),
    "wide": MarchenkoPastur(aspect_ratio=2),
    "free Poisson": FreePoisson(rate=0.5, jump=-2),
    "free Levy": FreeLevy(drift=1, variance=0.5, rates=(2, 3), jumps=(1, -0.5)),
    "generalised Wishart": GeneralizedWishart(aspect_ratio=0.4, correlation=0.5, scale=1.7),
    "two bands": GeneralizedWishart(aspect_ratio=4, correlation=0.2),
    "uncorrelated": GeneralizedWishart(aspect_ratio=2, correlation=0),
    "covariance": GeneralizedCovariance(population={1: 0.5, 10: 0.5}, aspect_ratio=0.1),
    "covariance with zeros": GeneralizedCovariance(population={0: 0.25, 2: 0.75}, aspect_ratio=0.5),
    "signed covariance": GeneralizedCovariance(population={-2: 0.25, 1: 0.75}, aspect_ratio=0.5),
    "product": WishartProduct(aspect_ratios=(0.5, 2), scale=1.7),
    "squares": WishartProduct(aspect_ratios=(1, 1)),
    "free Bessel": FreeBessel(power=2, rate=0.5),
    "free Bessel, real": FreeBessel(power=1.5, rate=2),
    "free Meixner": FreeMeixner(mean=1, variance=2, skewness=-1.3, shape=-0.8),
    "regular graph": KestenMcKay(degree=3),
    "Wachter": Wachter(aspect_ratio=0.5, other_aspect_ratio=0.8),
    "Wachter, both atoms": Wachter(aspect_ratio=1.6, other_aspect_ratio=1.8),
    "discrete": LEVELS,
    "reflected": 2 - 3 * MarchenkoPastur(aspect_ratio=2),
    "free sum": free_add(LEVELS, MarchenkoPastur(aspect_ratio=0.5)),
    "sum of discrete laws": free_add(COIN, Discrete(atoms=[0, 2], weights=[0.75, 0.25])),
    "difference": free_subtract(MarchenkoPastur(aspect_ratio=0.5), Semicircle()),
    "free product": free_multiply(Discrete(atoms=[1, 3], weights=[0.5, 0.5]), LEVELS),
    "corner": free_compress(COIN, fraction=0.8),
    "corner of a Levy law": free_compress(MarchenkoPastur(aspect_ratio=1), fraction=0.5),
}
each_law = pytest.mark.parametrize("name", LAWS)


@cache
def eigenvalues(name):
    matrix = LAWS[name].matrix(SIZE, np.random.default_rng(SEED))
    assert matrix.shape == (SIZE, SIZE)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12 * np.abs(matrix).max())
    return np.linalg.eigvalsh(matrix)


@each_law
def test_the_contract(name):
    check_law(LAWS[name], samples=100_000, matrix=SIZE, rng=SEED)


@each_law
def test_matrices_follow_the_seed(name):
    law = LAWS[name]
    first, again, other = (law.matrix(6, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert law.matrix(6).shape == (6, 6)
    assert law.matrix(1).shape == (1, 1)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("wide", SIZE // 2),  # rank m = n/2
        ("two bands", SIZE // 2),  # rank 2m, m = n/4
        ("covariance with zeros", SIZE // 4),
        ("product", SIZE // 2),
        ("free Bessel", SIZE // 2),
        ("free Poisson", SIZE // 2),
    ],
)
def test_zeros_are_counted_by_rank(name, count):
    law, values = LAWS[name], eigenvalues(name)
    assert np.sum(np.abs(values) <= 1e-9 * np.abs(values).max()) == count
    assert law.weights[law.atoms == 0].sum() * SIZE == pytest.approx(count, abs=1e-9)


def test_anticommutator_of_semicircles():
    """The law's own model has other matrices, whose spectrum is the same."""
    law = anticommutator(Semicircle(), Semicircle(variance=2))
    generator = np.random.default_rng(SEED)
    a, b = Semicircle().matrix(SIZE, generator), Semicircle(variance=2).matrix(SIZE, generator)
    # Eigenvalues repel, as in check_law.
    assert kolmogorov_distance(law, np.linalg.eigvalsh(a @ b + b @ a)) <= 12 / SIZE


@pytest.mark.parametrize("name", ["square", "product", "discrete", "reflected"])
def test_shapes_of_samples(name):
    law = LAWS[name]
    assert isinstance(law.rvs(), float)
    assert law.rvs(3).shape == (3,)
    assert law.rvs((2, 5)).shape == (2, 5)
    assert law.rvs(0).shape == (0,)
    first, again = (law.rvs(4, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
