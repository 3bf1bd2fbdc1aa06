"""Mixtures of laws: weighted sums of everything."""

import numpy as np
import pytest

from mvtheory.laws import (
    Discrete,
    FreeMeixner,
    MarchenkoPastur,
    Semicircle,
    mixture,
    moebius_image,
    polynomial_image,
    reciprocal,
    square,
    square_root,
)
from mvtheory.testing import check_law

WISHART = MarchenkoPastur(aspect_ratio=2)
PARTS = {
    "apart": ([FreeMeixner(mean=-3), WISHART], [0.25, 0.75]),
    "over each other": (
        [FreeMeixner(mean=1), WISHART, Discrete(atoms=[0, 5], weights=[0.5, 0.5])],
        [0.25, 0.5, 0.25],
    ),
    "an atom on a quantile of a band": (
        [Semicircle(variance=0.25), Discrete(atoms=[0, 0.25], weights=[0.5, 0.5])],
        [0.5, 0.5],
    ),
    "infinite density inside": (
        [MarchenkoPastur(aspect_ratio=1), FreeMeixner(shape=-0.25)],
        [0.5, 0.5],
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_contract(name):
    check_law(mixture(*PARTS[name]), samples=2000, matrix=90)


@pytest.mark.parametrize("name", PARTS)
def test_sums(name):
    laws, weights = PARTS[name]
    law = mixture(laws, weights)
    x, pairs = np.linspace(-5.1, 6.2, 23), list(zip(laws, weights, strict=True))
    for function in ("pdf", "cdf", "log_potential"):
        expected = sum(w * getattr(part, function)(x) for part, w in pairs)
        np.testing.assert_allclose(getattr(law, function)(x), expected, rtol=1e-13)
    expected = sum(w * part.cauchy(x + 0.1j) for part, w in pairs)
    np.testing.assert_allclose(law.cauchy(x + 0.1j), expected, rtol=1e-13)
    for n in (1, 2, 5):
        expected = sum(w * part.moment(n) for part, w in pairs)
        assert law.moment(n) == pytest.approx(expected, rel=1e-13)


def test_simple_cases():
    assert mixture([WISHART, Semicircle()], [1, 0]) is WISHART
    law = mixture([Discrete(atoms=[1], weights=[1]), Discrete(atoms=[1, 2], weights=[0.5, 0.5])],
                  [0.5, 0.5])  # fmt: skip
    assert isinstance(law, Discrete)
    np.testing.assert_allclose(law.weights, [0.75, 0.25])


@pytest.mark.parametrize(
    ("laws", "weights", "words"),
    [
        ([WISHART], [0.5, 0.5], r"shapes \(1,\), \(2,\)"),
        ([WISHART, WISHART], [0.5, 0.6], "sum 1.1"),
        ([WISHART, WISHART], [1.5, -0.5], "-0.5 is not allowed"),
        ([], [], "lists of one length >= 1"),
        ([WISHART, 1.0], [0.5, 0.5], "law=1.0 is not allowed"),
    ],
)
def test_what_is_refused(laws, weights, words):
    with pytest.raises(ValueError, match=words):
        mixture(laws, weights)


@pytest.mark.parametrize(
    "law",
    [
        mixture([Semicircle(mean=0.5), MarchenkoPastur(aspect_ratio=0.4)], [0.3, 0.7]),
        reciprocal(MarchenkoPastur(aspect_ratio=0.5)),
        square_root(MarchenkoPastur(aspect_ratio=0.5)),
        moebius_image(MarchenkoPastur(aspect_ratio=0.5), 1, 2, 1, 1),
        square(Semicircle(mean=0.5)),
        polynomial_image(Semicircle(mean=0.5), [0, -1, 0, 1]),
    ],
    ids=["mixture", "reciprocal", "square root", "Moebius", "square", "polynomial"],
)
def test_what_operations_use_of_it_is_its_transforms(law):
    chart = law._chart()
    low, high = law.support[0][0], law.support[-1][1]
    x = low + (high - low) * np.array([-0.5, 0.1, 0.4, 0.85, 1.3])
    z = np.concatenate([x + 1e-3j, x + 0.7j])
    w = chart.start(z)
    point, _, g, slope = chart.at(w)
    assert point == pytest.approx(z)
    assert g == pytest.approx(law.cauchy(z), rel=1e-11)
    h = 1e-4 * (high - low)
    around = [law.cauchy(z + k * h) for k in (-2, -1, 1, 2)]
    along = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * h)
    assert slope[5:] == pytest.approx(along[5:], rel=1e-8)
    moved = chart.potential(w) - law.potential(z)
    assert np.exp(moved) == pytest.approx(1, abs=1e-11)
