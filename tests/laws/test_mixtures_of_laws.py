"""Mixtures of laws: weighted sums of everything."""

import numpy as np
import pytest

from mvtheory.laws import Discrete, FreeMeixner, MarchenkoPastur, Semicircle, mixture
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
