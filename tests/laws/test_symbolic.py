"""Symbolic forms agree with the numbers of the laws."""

import numpy as np
import pytest
import sympy

from mvtheory.laws import GeneralizedWishart, MarchenkoPastur, Semicircle, symbolic

LAW = GeneralizedWishart(aspect_ratio=0.3, correlation=0.6, scale=1.7)
VALUES = {"q": sympy.Rational(3, 10), "rho": sympy.Rational(3, 5), "s": sympy.Rational(17, 10)}


def substituted(expression, symbols):
    return sympy.sympify(expression).subs({symbols[name]: VALUES[name] for name in symbols})


def test_the_cubic_is_the_one_of_the_theory():
    symbols, levy = symbolic.generalized_wishart()
    q, rho, s = (symbols[name] for name in ("q", "rho", "s"))
    h, z = sympy.symbols("h z")
    k = s**2 * (1 - rho**2) / 4
    cubic = h**3 + (s * rho * (1 - q) - z) * h**2 + (q * s * rho * z + q * (2 - q) * k) * h
    assert sympy.expand(symbolic.polynomial(levy, h, z) - cubic - q**2 * k * z) == 0


def test_the_cubic_vanishes_at_the_cauchy_transform():
    symbols, levy = symbolic.generalized_wishart()
    h, z = sympy.symbols("h z")
    cubic = sympy.lambdify((h, z), substituted(symbolic.polynomial(levy, h, z), symbols))
    points = np.array([0.2 + 0.1j, -0.4 + 1e-3j, 3.0 + 0.5j])
    roots = 1 / LAW.cauchy(points)
    # Three terms of order |h|^3: rounding.
    assert (np.abs(cubic(roots, points)) < 1e-13 * (1 + np.abs(roots)) ** 3).all()


def test_the_discriminant_vanishes_at_the_edges():
    symbols, levy = symbolic.generalized_wishart()
    z = sympy.Symbol("z")
    found = sympy.Poly(substituted(symbolic.discriminant(levy, z), symbols), z)
    real = sorted(float(r) for r in found.real_roots())
    for edge in np.ravel(LAW.support):
        assert min(abs(edge - r) for r in real) < 1e-12


def test_transforms_and_moments():
    symbols, levy = symbolic.generalized_wishart()
    assert float(substituted(symbolic.r_transform(levy, sympy.Rational(1, 5)), symbols)) == (
        pytest.approx(LAW.r_transform(0.2), rel=1e-15)
    )
    exact = substituted(symbolic.s_transform(levy, sympy.Rational(1, 4)), symbols)
    assert float(exact) == pytest.approx(LAW.s_transform(0.25), rel=1e-13)
    for n, moment in enumerate(symbolic.moments(levy, 8), start=1):
        polynomial = sympy.Poly(moment, *symbols.values())
        assert float(substituted(polynomial.as_expr(), symbols)) == (
            pytest.approx(LAW.moment(n), rel=1e-13)
        )


@pytest.mark.parametrize(
    ("form", "values", "law"),
    [
        (symbolic.semicircle, {"m": 2, "v": 3}, Semicircle(mean=2, variance=3)),
        (symbolic.marchenko_pastur, {"q": 2, "s": 3}, MarchenkoPastur(aspect_ratio=2, variance=3)),
    ],
)
def test_the_other_forms(form, values, law):
    symbols, levy = form()
    at = {symbols[name]: value for name, value in values.items()}
    for n, moment in enumerate(symbolic.moments(levy, 6), start=1):
        assert float(moment.subs(at)) == pytest.approx(law.moment(n), rel=1e-14)
