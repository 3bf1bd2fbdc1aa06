"""Exact algebra of laws with a free Levy triplet: transforms, curve and moments in sympy."""

from typing import TYPE_CHECKING, Any

from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.levy import Levy

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
    """R(g), with G(R(g) + 1/g) = g.

    Parameters
    ----------
    levy : Levy
        The triplet, in sympy expressions or numbers; fractions stay exact.
    g : expression or number
        Where.

    Examples
    --------
    >>> import sympy
    >>> r_transform(marchenko_pastur()[1], sympy.Symbol("g"))
    s/(-g*q*s + 1)
    """
    import sympy

    return sympy.sympify(_symbolic(levy).r_transform(sympy.sympify(g)))


def s_transform(levy: Levy, y: Any) -> "sympy.Expr":
    """S(y) = (1 + y)/y times the inverse of psi(z) = E[z X/(1 - z X)] at y, in closed form.

    g = y S(y) is the root of g R(g) = y that vanishes with y. Of a quadratic equation
    a g^2 + b g = y it is 2 y/(b + sign(mean) sqrt(b^2 + 4 a y)). At mean 0 there are two
    S-transforms, +-sqrt; the positive one is taken, if the triplet is given with mean 0.

    Parameters
    ----------
    levy : Levy
        The triplet. The equation is quadratic for up to two jumps, one if there is drift too,
        none beside a variance.
    y : expression or number
        Where: around 0, as far as b (linear in y, the mean at 0) keeps its sign.

    Raises
    ------
    ValueError
        For an equation above degree 2, or without a root (a point mass at 0).

    Examples
    --------
    >>> import sympy
    >>> s_transform(marchenko_pastur()[1], sympy.Symbol("y"))
    1/(s*(q*y + 1))
    """
    import sympy

    levy, y = _symbolic(levy), sympy.sympify(y)
    g = sympy.Dummy("g")
    factors = [1 - p * g for p in levy.jumps]
    equation = (levy.drift * g + levy.variance * g**2 - y) * sympy.prod(factors) + sum(
        c * p * g * sympy.prod(factors[:i] + factors[i + 1 :])
        for i, (c, p) in enumerate(zip(levy.rates, levy.jumps, strict=True))
    )
    degree = sympy.degree(sympy.expand(equation), g)
    if not 1 <= degree <= 2:
        raise ValueError(
            f"levy={levy!r} has no closed S-transform: g R(g) = y is of degree {degree} in g, "
            "allowed 1 and 2; if above, solve it for g at given y and take g/y"
        )
    a, b = (sympy.factor(sympy.expand(equation).coeff(g, n)) for n in (2, 1))
    if a == 0:
        return 1 / b
    mean = sympy.factor(sympy.expand(levy.cumulant(1)))
    sign = sympy.sign(mean) if mean != 0 else 1
    return 2 / (b + sign * sympy.sqrt(b**2 + 4 * a * y))


def polynomial(levy: Levy, h: "sympy.Symbol", z: Any) -> "sympy.Expr":
    """P(h, z), monic in h, with P(1/G(z), z) = 0: the spectral curve.

    Parameters
    ----------
    levy : Levy
        The triplet.
    h : symbol
        1/G.
    z : expression or number
        Where.

    Examples
    --------
    >>> import sympy
    >>> polynomial(marchenko_pastur()[1], *sympy.symbols("h z"))
    h**2 + h*(-q*s + s - z) + q*s*z
    """
    import sympy

    levy = _symbolic(levy)
    # z = drift + h + variance/h + sum c p h/(h - p), times the denominators.
    low = sympy.Integer(1) if levy.variance == 0 else h
    factors = [h - p for p in levy.jumps]
    curve = ((h + levy.drift - sympy.sympify(z)) * low + levy.variance) * sympy.prod(factors) + sum(
        c * p * h * low * sympy.prod(factors[:i] + factors[i + 1 :])
        for i, (c, p) in enumerate(zip(levy.rates, levy.jumps, strict=True))
    )
    return sympy.collect(sympy.expand(curve), h, sympy.factor)


def discriminant(levy: Levy, z: Any) -> "sympy.Expr":
    """The discriminant of P(h, z) in h, factored; the edges of the support are among its roots.

    Parameters
    ----------
    levy : Levy
        The triplet.
    z : expression or number
        Where.

    Examples
    --------
    >>> import sympy
    >>> discriminant(semicircle()[1], sympy.Symbol("z"))
    m**2 - 2*m*z - 4*v + z**2
    """
    import sympy

    h = sympy.Dummy("h")
    return sympy.factor(sympy.discriminant(polynomial(levy, h, z), h))


def moments(levy: Levy, n: int) -> "list[sympy.Expr]":
    """m_1 ... m_n, expanded, from the free cumulants by non-crossing partitions [speicher2006]_.

    Parameters
    ----------
    levy : Levy
        The triplet.
    n : int
        How many, n >= 1.

    Raises
    ------
    ValueError
        For n under 1.

    Examples
    --------
    >>> moments(marchenko_pastur()[1], 3)
    [s, q*s**2 + s**2, q**2*s**3 + 3*q*s**3 + s**3]
    """
    import sympy

    if n < 1:
        raise ValueError(f"n={n!r} is not allowed (number of moments: integer, n >= 1); raise it")
    triplet = _symbolic(levy)
    cumulants = [sympy.expand(triplet.cumulant(i)) for i in range(1, n + 1)]
    _, elements = sympy.sfield(cumulants)  # its sums are kept expanded, so n = 12 takes no time
    return [sympy.expand(m.as_expr()) for m in moments_from_cumulants(elements)]


def _symbolic(levy: Levy) -> Levy:
    """The triplet in sympy numbers, one rate for each distinct jump, none of them 0."""
    import sympy

    drift, variance = sympy.sympify(levy.drift), sympy.sympify(levy.variance)
    rates: dict[Any, Any] = {}
    for rate, jump in zip(levy.rates, levy.jumps, strict=True):
        p = sympy.sympify(jump)
        if p != 0 and rate != 0:
            rates[p] = rates.get(p, 0) + sympy.sympify(rate)
    return Levy(drift, variance, tuple(rates.values()), tuple(rates))
