"""A law from outside: put through the contract, used beside ours, and refused where it is wrong."""

import functools
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mvtheory.laws import (
    AbstractLaw,
    Affine,
    Discrete,
    MarchenkoPastur,
    Semicircle,
    free_add,
    free_multiply,
    mixture,
)
from mvtheory.laws.contract.levy import Levy
from mvtheory.testing import check_law


@dataclass(frozen=True, kw_only=True)
class KestenMcKay(AbstractLaw):
    """Spectrum of random regular graphs; also of a sum of `degree` free coins.

    z = s + (degree - 1)/s, |s|^2 >= degree - 1, in which G and its primitive U are closed.
    """

    degree: int

    @property
    def edge(self):
        return 2 * np.sqrt(self.degree - 1)

    @property
    def support(self):
        return ((-self.edge, self.edge),)

    def _root(self, z):
        # Two roots, so that the cut is the support and the limit at real z that from above.
        return np.sqrt(z - self.edge) * np.sqrt(z + self.edge)

    def _cauchy(self, z):
        d = self.degree
        return ((d - 2) * z - d * self._root(z)) / (2 * (d**2 - z**2))

    def _potential(self, z):
        s = (z + self._root(z)) / 2
        return np.log(s) - (self.degree - 2) / 2 * np.log(1 - 1 / s**2)


COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
GRAPH = KestenMcKay(degree=3)


def test_a_law_from_outside_keeps_the_contract():
    check_law(GRAPH, samples=100_000, matrix=400)
    check_law(KestenMcKay(degree=7))


def test_it_goes_into_arithmetic_and_transforms():
    law = 1 + GRAPH / 2
    assert law.moment(2) == pytest.approx(1 + 3 / 4, rel=1e-13)
    assert law.support[0] == pytest.approx((1 - 2**0.5, 1 + 2**0.5), rel=1e-15)
    check_law(law)
    # R of d free coins is d times that of one: (sqrt(1 + 4 g^2) - 1)/(2 g).
    g = np.array([-0.2, 0.1, 0.3])
    expected = 3 * (np.sqrt(1 + 4 * g**2) - 1) / (2 * g)
    np.testing.assert_allclose(GRAPH.r_transform(g), expected, rtol=1e-12)


def test_it_goes_into_free_sums():
    law, graph = free_add(GRAPH, COIN), KestenMcKay(degree=4)
    x = np.linspace(-3.3, 3.3, 12)
    # Of an outside law only values are known, so Newton's slopes are differences: 1e-10.
    np.testing.assert_allclose(law.cdf(x), graph.cdf(x), atol=1e-10)
    np.testing.assert_allclose(law.support, graph.support, atol=1e-7)
    assert law.moment(4) == pytest.approx(graph.moment(4), rel=1e-12)


def test_it_goes_into_free_products():
    law = free_multiply(4 + GRAPH, MarchenkoPastur(aspect_ratio=0.5))
    # S-transforms multiply: variances over the square of the mean add up.
    assert law.moment(1) == pytest.approx(4, rel=1e-12)
    assert law.free_cumulant(2) == pytest.approx(16 * (3 / 16 + 0.5), rel=1e-9)
    y = np.array([-0.1, 0.2])
    np.testing.assert_allclose(
        law.s_transform(y), (4 + GRAPH).s_transform(y) / (1 + 0.5 * y), rtol=1e-12
    )
    check_law(law, samples=2_000, matrix=100)


def broken(base, **wrong):
    """The law with some of its methods replaced by functions of it and of what they returned."""

    def replacement(name):
        if isinstance(getattr(base, name), (property, functools.cached_property)):
            return property(lambda self: wrong[name](self, getattr(super(kind, self), name)))
        return lambda self, *given: wrong[name](
            self, getattr(super(kind, self), name)(*given), *given
        )

    kind = type(f"Broken{base.__name__}", (base,), {name: replacement(name) for name in wrong})
    return kind


def shifted(part):
    return lambda law, value, *given: value + part


def scaled(part):
    return lambda law, value, *given: value * part


def sharply_wrong(law, triplet, number=float):
    return triplet if number is float else replace(triplet, drift=number(1e-9))


def one_larger(law, moments, n):
    return [*moments[:2], *(1.001 * m for m in moments[2:])]


ALWAYS = {"degree": 3}
WIDE = {"aspect_ratio": 2.0}


@pytest.mark.parametrize(
    ("law", "says"),
    [
        (broken(KestenMcKay, _pdf=scaled(1.0001))(**ALWAYS), "part of a band, by the density"),
        (broken(KestenMcKay, _pdf=scaled(-1))(**ALWAYS), "density in every part"),
        (broken(KestenMcKay, _cauchy=scaled(1.001))(**ALWAYS), "part of a band, by the density"),
        (broken(KestenMcKay, _cauchy=scaled(-1))(**ALWAYS), "expected"),
        (broken(KestenMcKay, _potential=shifted(1e-3))(**ALWAYS), "U far from the spectrum"),
        (broken(KestenMcKay, _potential=scaled(1.001))(**ALWAYS), "expected"),
        (
            broken(KestenMcKay, support=lambda law, s: ((1.1 * s[0][0], s[0][1]),))(**ALWAYS),
            "density in every part of a band",
        ),
        *(
            (
                broken(KestenMcKay, support=lambda law, s, f=f, g=g: ((f * s[0][0], g * s[0][1]),))(
                    **ALWAYS
                ),
                "density up to each end of a band",
            )
            for f, g in ((1.00002, 1), (1.02, 1), (1, 1.05))
        ),
        (
            broken(KestenMcKay, support=lambda law, s: ((0.9 * s[0][0], s[0][1]),))(**ALWAYS),
            "expected",
        ),
        (broken(KestenMcKay, support=lambda law, s: (s[0][::-1],))(**ALWAYS), "low < high"),
        (broken(KestenMcKay, atoms=lambda law, a: np.array([1.0]))(**ALWAYS), "a mass for each"),
        (broken(MarchenkoPastur, weights=shifted(-0.01))(**WIDE), "expected"),
        (broken(MarchenkoPastur, weights=shifted(0.6))(**WIDE), "masses of sum 1 at most"),
        (broken(MarchenkoPastur, atoms=shifted(0.01))(**WIDE), "mass of an atom by G beside it"),
        (
            broken(MarchenkoPastur, atoms=lambda law, a: a[:0], weights=lambda law, w: w[:0])(
                **WIDE
            ),
            "expected",
        ),
        (
            broken(KestenMcKay, levy=lambda law, none, number=float: Levy(0, number(3)))(**ALWAYS),
            "moment 4 over the size, by the density",
        ),
        (broken(Affine, levy=sharply_wrong)(law=Semicircle()), "drift of levy in 30 digits"),
        (broken(KestenMcKay, _moments=one_larger)(**ALWAYS), "moment 4 over the size"),
        (broken(MarchenkoPastur, _cumulants=one_larger)(**WIDE), "moment 3 over the size"),
        (broken(KestenMcKay, _ppf=shifted(1e-6))(**ALWAYS), "at a quantile|below a quantile"),
        (broken(KestenMcKay, _continuous_cdf=lambda law, f, x: f**1.01)(**ALWAYS), "expected"),
        (broken(KestenMcKay, _r=shifted(1e-6))(**ALWAYS), r"R at G\(x\)"),
        (broken(MarchenkoPastur, _s=scaled(1 + 1e-8))(**WIDE), r"S at x G\(x\) - 1"),
        (broken(KestenMcKay, rvs=shifted(0.1))(**ALWAYS), "Kolmogorov distance of samples"),
        (
            broken(MarchenkoPastur, rvs=lambda law, x, *given: np.where(x == 0, 1, x))(
                aspect_ratio=1 / 0.99
            ),
            "share of samples at an atom",
        ),
        (broken(KestenMcKay, matrix=scaled(1.3))(**ALWAYS), "Kolmogorov distance of a matrix"),
        (broken(KestenMcKay, matrix=lambda law, m, *g: np.triu(m))(**ALWAYS), "the adjoint matrix"),
        (broken(KestenMcKay, matrix=lambda law, m, *g: m[1:])(**ALWAYS), "a matrix 200 x 200"),
    ],
)
def test_a_broken_law_is_refused(law, says):
    with pytest.raises(AssertionError, match=says) as refusal:
        check_law(law)
    assert "Broken" in str(refusal.value)
    assert "found" in str(refusal.value)


def test_what_a_refusal_says():
    law = broken(KestenMcKay, _moments=lambda law, m, n: [1.5 * v for v in m])(degree=3)
    with pytest.raises(
        AssertionError, match=r"expected 0\.5\d*, found 0\.375, tolerance 1\.\d*e-12"
    ):
        check_law(law)


def test_an_atom_that_is_hardly_ever_drawn():
    """Once in a thousand: a mass of 1e-7 may be, one of a twentieth not."""

    @dataclass(frozen=True, kw_only=True, eq=False)
    class Once(Discrete):
        def rvs(self, size=None, rng=None):
            return np.array([0.0] * (size // 2 - 1) + [1.0] * (size // 2) + [2.0])

    rare = [0.5 - 5e-8, 0.5 - 5e-8, 1e-7]
    check_law(Once(atoms=[0, 1, 2], weights=rare), samples=1000, matrix=0)
    with pytest.raises(AssertionError, match="share of samples at an atom"):
        check_law(Once(atoms=[0, 1, 2], weights=[0.475, 0.475, 0.05]), samples=1000, matrix=0)


def test_an_atom_whose_image_is_rounded_otherwise_is_no_fault():
    # 2 X + (s - 6) of the law and -2 x + s of a point, where 0.7 of it is at the atom x.
    part = MarchenkoPastur(aspect_ratio=2, variance=0.5)
    check_law(3 - mixture([part, Discrete(atoms=[2], weights=[1])], [0.75, 0.25]), matrix=0)


@pytest.mark.parametrize("mean", [0.33, 0.7, 1.21])
def test_a_peak_between_the_points_of_a_rule_is_seen_by_its_mass(mean):
    peak = Semicircle(mean=mean, variance=1e-6)
    check_law(mixture([Semicircle(), peak], [0.97, 0.03]), samples=0, matrix=0)


def test_a_peak_of_another_mass_is_refused():
    @dataclass(frozen=True, kw_only=True)
    class Thinner(type(mixture([Semicircle(), MarchenkoPastur(aspect_ratio=0.5)], [0.5, 0.5]))):
        def _pdf(self, x):
            return super()._pdf(x) * np.where(np.abs(x - 1.21) < 0.002, 0.9, 1)

    peak = Semicircle(mean=1.21, variance=1e-6)
    law = Thinner(parts=((Semicircle(), 0.97), (peak, 0.03)))
    with pytest.raises(AssertionError, match="by the density"):
        check_law(law, samples=0, matrix=0)
