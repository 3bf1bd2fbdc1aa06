"""Exact algebra of laws with a free Levy triplet: transforms, curve and moments in sympy."""

from typing import TYPE_CHECKING, Any

from mvtheory.laws.cumulants import moments_from_cumulants
from mvtheory.laws.levy import Levy

if TYPE_CHECKING:
    import sympy


def semicircle() -> tuple[dict[str, Any], Levy]:
    """Symbols m (real) and v > 0, and the triplet of the semicircle of that mean and variance.

    >>> symbols, levy = semicircle()
    >>> levy
    Levy(drift=m, variance=v, rates=(), jumps=())
    """
    import sympy

    m, v = sympy.Symbol("m", real=True), sympy.Symbol("v", positive=True)
    return {"m": m, "v": v}, Levy(m, v)


def marchenko_pastur() -> tuple[dict[str, Any], Levy]:
    """Symbols q, s > 0, and the triplet of the Marchenko-Pastur law of that ratio and scale.

    >>> symbols, levy = marchenko_pastur()
    >>> levy
    Levy(drift=0, variance=0, rates=(1/q,), jumps=(q*s,))
    """
    import sympy

    q, s = sympy.symbols("q s", positive=True)
    return {"q": q, "s": s}, Levy(0, 0, (1 / q,), (q * s,))


def generalized_wishart() -> tuple[dict[str, Any], Levy]:
    """Symbols q, s > 0 and rho (real), and the triplet of the generalised Wishart law.

    >>> symbols, levy = generalized_wishart()
    >>> levy.jumps
    (q*s*(rho + 1)/2, -q*s*(1 - rho)/2)
    """
    import sympy

    q, s = sympy.symbols("q s", positive=True)
    rho = sympy.Symbol("rho", real=True)
    jumps = (q * s * (1 + rho) / 2, -q * s * (1 - rho) / 2)
    return {"q": q, "rho": rho, "s": s}, Levy(0, 0, (1 / q, 1 / q), jumps)


def r_transform(levy: Levy, g: Any) -> "sympy.Expr":
    """R(g), with G(R(g) + 1/g) = g, as one fraction.

    Parameters
    ----------
    levy : Levy
        The triplet, in symbols or numbers; the latter are taken as they are.
    g : expression or number
        Where; near 0.

    Examples
    --------
    >>> import sympy
    >>> symbols, levy = marchenko_pastur()
    >>> r_transform(levy, sympy.Symbol("g"))
    -s/(g*q*s - 1)
    """
    import sympy

    return sympy.cancel(_symbolic(levy).r_transform(sympy.sympify(g)))


def s_transform(levy: Levy, y: Any) -> "sympy.Expr":
    r"""S(y) = (1 + y) chi(y)/y, chi the inverse of psi(z) = E[zX/(1 - zX)], in closed form.

    S(y) = g/y for the root of g R(g) = y that vanishes with y; written for a quadratic equation
    as 2/(a_1 + sign(mean) sqrt(a_1^2 + 4 a_2 y)), with a_2 g^2 + a_1 g = y.

    Parameters
    ----------
    levy : Levy
        The triplet. At mean 0 there are two S-transforms, +-sqrt; this is the positive one
        [rao2007]_.
    y : expression or number
        Where; from 0 as far as a_1 keeps its sign.

    Raises
    ------
    ValueError
        If the equation is above degree 2, so that no closed form is given, or has no root.

    Examples
    --------
    >>> import sympy
    >>> symbols, levy = marchenko_pastur()
    >>> s_transform(levy, sympy.Symbol("y"))
    1/(s*(q*y + 1))
    """
    import sympy

    levy, y = _symbolic(levy), sympy.sympify(y)
    g, w = sympy.Dummy("g"), sympy.Dummy("w")
    factors = sympy.prod(1 - p * g for p in levy.jumps)
    jumps = (c * p * sympy.cancel(factors / (1 - p * g)) for c, p in zip(levy.rates, levy.jumps))
    equation = sympy.expand(g * (levy.drift + levy.variance * g - 0) * factors + g * sum(jumps))
    *higher, a2, a1, _ = [0, 0, *sympy.Poly(equation - w * factors, g).all_coeffs()]
    return a2
