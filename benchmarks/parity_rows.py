"""What `parity.py` asks of four packages: one declaration a row.

An expression is Python in the package's own process, where `x` holds the points and the names of
`SETUP` are known; it builds its law anew each time. `exact` is a function of one point, for mpmath.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import parity_exact as exact
from mpmath import mpf

PACKAGES = {"rmtool": "1.0.0", "freealg": "0.12.2", "scikit-rmt": "2.1.1"}
SETUP = {
    "mvtheory": """
from mvtheory.laws import *
def mp(q): return MarchenkoPastur(aspect_ratio=q)
def points(atoms, weights): return Discrete(atoms=atoms, weights=weights)
two, three = points([1, 3], [0.5, 0.5]), points([0.5, 2, 3], [0.2, 0.5, 0.3])
""",
    "rmtool": """
import sympy as sp
from rmtool import *
two, three = atomLmz([1, 3], [0.5, 0.5]), atomLmz([0.5, 2, 3], [0.2, 0.5, 0.3])
def density(polynomial): return Lmz2pdf(polynomial, x).best_density()
""",
    "freealg": """
import freealg
from freealg.distributions import *
""",
    "scikit-rmt": """
from skrmt.ensemble.spectral_law import *
from skrmt.ensemble.gaussian_ensemble import GaussianEnsemble
from skrmt.ensemble.wishart_ensemble import WishartEnsemble
from skrmt.ensemble.manova_ensemble import ManovaEnsemble
""",
}


@dataclass(frozen=True)
class Row:
    """A quantity: expressions by package, points, and what it is at one of them."""

    what: str
    points: Any
    exact: Callable[[Any], Any]
    asked: dict[str, str] = field(default_factory=dict)


def _row(what: str, points: Any, known: Callable[[Any], Any], **asked: str) -> Row:
    """`skrmt` for the package whose name is no word of Python."""
    names = {"skrmt": "scikit-rmt"}
    return Row(what, np.asarray(points, dtype=float), known,
               {names.get(name, name): text for name, text in asked.items()})  # fmt: skip


def inside(low: float, high: float, count: int = 9) -> Any:
    """Points of an interval, away from its ends."""
    return low + (high - low) * (np.arange(count) + 0.5) / count


mp, mp_4 = exact.marchenko_pastur, partial(exact.marchenko_pastur, ratio="0.25")
TWO, THREE = ([1, 3], ["0.5", "0.5"]), (["0.5", 2, 3], ["0.2", "0.5", "0.3"])
g_two, g_three = exact.points(*TWO), exact.points(*THREE)


def moebius(x: Any) -> Any:
    """Of (X + 2)/(X + 1), X Marchenko-Pastur of ratio 0.5."""
    x = mpf(x)
    return mp((2 - x) / (x - 1)) / (x - 1) ** 2


def chiral(x: Any) -> Any:
    """Of [[0, X], [X^T, 0]], ratio 0.25: 2 q/(1 + q) |x| times the density at x^2."""
    return mpf("0.4") * abs(mpf(x)) * mp_4(mpf(x) ** 2)


def meixner(x: Any) -> Any:
    """Of variance 1.6: Jacobi parameters 0, 1, 1, ... and 1.6, 2, 2, ..."""
    root = mpf("1.6") ** mpf("0.5")
    return exact.meixner(mpf(x) / root, 1 / root, "0.25") / root


def product_of_points(x: Any) -> Any:
    """Of free variables of two and of three atoms, by both points of subordination."""
    from pathlib import Path
    from sys import path

    path.append(str(Path(__file__).parents[1] / "tests" / "laws"))
    import reference

    return reference.discrete_product(x, *TWO, *THREE)[0]


def sum_of_points(x: Any) -> Any:
    """Of free variables of two and of three atoms."""
    from pathlib import Path
    from sys import path

    path.append(str(Path(__file__).parents[1] / "tests" / "laws"))
    import reference

    return reference.discrete_sum(x, *TWO, *THREE)[0]


MP_05 = (0.0858, 2.9142)
ROWS = [
    _row("semicircle: density", inside(-2, 2), exact.semicircle,
         mvtheory="Semicircle().pdf(x)", rmtool="density(wignerpol())",
         freealg="Wigner(2).density(x)", skrmt="WignerSemicircleDistribution().pdf(x)"),
    _row("Marchenko-Pastur: density", inside(*MP_05), mp,
         mvtheory="mp(0.5).pdf(x)", rmtool="density(wishartpol(0.5))",
         freealg="MarchenkoPastur(0.5).density(x)",
         skrmt="MarchenkoPasturDistribution(ratio=0.5).pdf(x)"),
    _row("Marchenko-Pastur: distribution", inside(*MP_05, 5), exact.marchenko_pastur_cdf,
         mvtheory="mp(0.5).cdf(x)", skrmt="MarchenkoPasturDistribution(ratio=0.5).cdf(x)"),
    _row("inverse", inside(0.3432, 11.656), partial(exact.inverse, mp),
         mvtheory="reciprocal(mp(0.5)).pdf(x)", rmtool="density(invA(wishartpol(0.5)))"),
    _row("Moebius image (X + 2)/(X + 1)", inside(1.2555, 1.9209), moebius,
         mvtheory="moebius_image(mp(0.5), 1, 2, 1, 1).pdf(x)",
         rmtool="density(mobiusA(wishartpol(0.5), 1, 2, 1, 1))"),
    _row("polynomial image X^3 - X", inside(-5.9, 5.9, 8), partial(exact.cubic, exact.semicircle),
         mvtheory="polynomial_image(Semicircle(), [0, -1, 0, 1]).pdf(x)"),
    _row("square", inside(0, 8, 8),
         partial(exact.square, lambda x: exact.semicircle(x - mpf("0.8"))),
         mvtheory="square(Semicircle(mean=0.8)).pdf(x)",
         rmtool="density(squareA(shiftA(wignerpol(), sp.Rational(4, 5))))"),
    _row("square root", inside(0.293, 1.707), partial(exact.squared_root, mp),
         mvtheory="square_root(mp(0.5)).pdf(x)"),
    _row("information plus noise", inside(0.5, 7, 6), exact.of_noise(g_two, "0.5", "0.5"),
         mvtheory="information_plus_noise(two, 0.5, 0.5).pdf(x)",
         rmtool="density(AgramWish(two, 0.5, 0.5))"),
    _row("separable covariance", inside(0.2, 8, 6), exact.separable(*TWO, *THREE, "0.5"),
         mvtheory="separable_covariance(two, three, 0.5).pdf(x)",
         rmtool="density(corrWish(two, three, 0.5))"),
    _row("sample covariance of two atoms", inside(0.3, 6, 6),
         lambda x: exact.continued(_covariance, x) / mpf("0.5"),
         mvtheory="GeneralizedCovariance(population=two, aspect_ratio=0.5).pdf(x)",
         rmtool="density(AtimesWish(two, 0.5))",
         freealg="DeformedMarchenkoPastur([1, 3], [0.5, 0.5], 0.5).density(x, eta=1e-12)"),
    _row("diagonal blocks", inside(0.1, 2, 7),
         lambda x: mpf("0.3") * mp(x) + mpf("0.7") * exact.semicircle(x),
         mvtheory="mixture([mp(0.5), Semicircle()], [0.3, 0.7]).pdf(x)",
         rmtool="density(AblockB(wishartpol(0.5), wignerpol(), 0.3))"),
    _row("equilibrium measure of x^4", inside(-1.07, 1.07), exact.quartic_equilibrium,
         mvtheory="EquilibriumMeasure(coefficients=[0, 0, 0, 0, 1]).pdf(x)",
         rmtool="density(equiLmz(1, 2))"),
    _row("free power 2.5 of two atoms", inside(3, 7, 6),
         lambda x: exact.continued(_power, x),
         mvtheory="free_power(two, 2.5).pdf(x)",
         rmtool="density(addAdtimes(two, sp.Rational(5, 2)))"),
    _row("corner of two atoms", inside(1.15, 2.85, 6),
         lambda x: exact.continued(_corner, x),
         mvtheory="free_compress(two, 0.4).pdf(x)",
         rmtool="density(compressA(two, sp.Rational(2, 5)))"),
    _row("free sum: Marchenko-Pastur, semicircle", inside(-1.5, 3.5, 7),
         lambda x: exact.continued(exact.by_r(lambda g: 1 / (1 - g / 2) + g), x),
         mvtheory="free_add(mp(0.5), Semicircle()).pdf(x)",
         rmtool="density(AplusB(wishartpol(0.5), wignerpol()))",
         freealg="FreeLevy([0.5], [1.0], 2.0, 0.0, 1.0).density(x, eta=1e-12)"),
    _row("free sum: two and three atoms", inside(1.6, 5.9, 6), sum_of_points,
         mvtheory="free_add(two, three).pdf(x)", rmtool="density(AplusB(two, three))"),
    _row("free product: two and three atoms", inside(0.7, 8, 6), product_of_points,
         mvtheory="free_multiply(two, three).pdf(x)", rmtool="density(AtimesB(two, three))"),
    _row("semicircle and atoms", inside(-0.5, 4.5, 6),
         lambda x: exact.continued(lambda g, z: g - g_two(z - g), x),
         mvtheory="free_add(two, Semicircle()).pdf(x)",
         rmtool="density(AplusB(two, wignerpol()))",
         freealg="DeformedWigner([1, 3], [0.5, 0.5], 1.0).density(x, eta=1e-12)"),
    _row("Fuss-Catalan", inside(0.05, 6.75, 7), lambda x: exact.continued(_fuss, x),
         mvtheory="FreeBessel(power=2).pdf(x)", rmtool="density(AtimesB(wishartpol(1), "
         "wishartpol(1)))", freealg="FussCatalan(2).density(x, eta=1e-12)"),
    _row("Wachter (MANOVA)", inside(0.09, 0.89), lambda x: exact.wachter(x, 2, 3),
         mvtheory="Wachter(aspect_ratio=0.5, other_aspect_ratio=1/3).pdf(x)",
         freealg="Wachter(2, 3).density(x)", skrmt="ManovaSpectrumDistribution(2, 3).pdf(x)"),
    _row("Kesten-McKay", inside(-2.8284, 2.8284), exact.kesten_mckay,
         mvtheory="KestenMcKay(degree=3).pdf(x)", freealg="KestenMcKay(3).density(x)"),
    _row("free Meixner", inside(-1.8, 3.8), meixner,
         mvtheory="FreeMeixner(mean=0, variance=1.6, skewness=1.6**-0.5, shape=0.25).pdf(x)",
         freealg="Meixner(1, 2, 0.8).density(x)"),
    _row("chiral block", inside(0.5, 1.5), chiral,
         mvtheory="chiral(mp(0.25), 0.25).pdf(x)",
         freealg="ChiralBlock(0, 0, 0.25).density(x, eta=1e-12)[0]"),
    _row("compound free Poisson", inside(0.3, 8, 7),
         lambda x: exact.continued(exact.by_r(_compound), x),
         mvtheory="compound_free_poisson(2.0, two).pdf(x)",
         freealg="CompoundFreePoisson([1, 3], [0.5, 0.5], 2.0).density(x, eta=1e-6)"),
    _row("decompression of Marchenko-Pastur by 2", inside(*MP_05, 6), mp,
         mvtheory="free_decompress(mp(0.25), 0.5).pdf(x)", freealg="decompressed()"),
]  # fmt: skip


def _covariance(g: Any, z: Any) -> Any:
    """Of the companion X^T T X/m: z = 1/g + q E[t/(1 - t g)]."""
    return 1 / g + sum(mpf("0.25") * t / (1 - t * g) for t in (1, 3)) - z


def _power(g: Any, z: Any) -> Any:
    """z = n w - (n - 1)/g at G(w) = g, for atoms 1 and 3: the branch of w that is 1/g + mean."""
    return 1 / g + mpf("2.5") * _r_two(g) - z


def _corner(g: Any, z: Any) -> Any:
    """R(t g) of two atoms, t = 0.4."""
    return 1 / g + _r_two(mpf("0.4") * g) - z


def _r_two(g: Any) -> Any:
    """Of atoms 1 and 3 of equal weight: 2 + (root(1 + 4 g^2) - 1)/(2 g)."""
    return 2 + ((1 + 4 * g * g) ** mpf("0.5") - 1) / (2 * g)


def _fuss(g: Any, z: Any) -> Any:
    """With w = z g: w = 1 + w^3/z."""
    w = z * g
    return w - 1 - w**3 / z


def _compound(g: Any) -> Any:
    return sum(t / (1 - t * g) for t in (1, 3))


SETUP["freealg"] += """
def decompressed():
    sample = MarchenkoPastur(0.25).sample(1000, seed=0)
    form = freealg.AlgebraicForm(sample, support=[(0.25, 2.25)])
    form.fit(deg_m=2, deg_z=1)
    return form.decompress(2000, x)
"""


def _tracy_widom() -> list[Row]:
    points = [-3.0, -2.0, -0.5]
    found = []
    # scikit-rmt's law for beta 4 is that of 2^(1/6) X, as in the papers.
    for beta in (1, 2, 4):
        factor = mpf(2) ** (mpf(2) / 3) if beta == 4 else mpf(1)
        scale = "2**(1/6)" if beta == 4 else "1.0"
        ours, theirs = f"TracyWidom(beta={beta})", f"TracyWidomDistribution(beta={beta})"
        found += [
            _row(f"Tracy-Widom, beta {beta}: density", points,
                 lambda s, b=beta, k=factor: k * exact.tracy_widom_pdf(b, k * mpf(s)),
                 mvtheory=f"{ours}.pdf(x)", skrmt=f"{scale} * {theirs}.pdf({scale} * x)"),
            _row(f"Tracy-Widom, beta {beta}: distribution", points,
                 lambda s, b=beta, k=factor: exact.tracy_widom_cdf(b, k * mpf(s)),
                 mvtheory=f"{ours}.cdf(x)", skrmt=f"{theirs}.cdf({scale} * x)"),
            _row(f"Tracy-Widom, beta {beta}: quantiles", [0.05, 0.5],
                 lambda p, b=beta, k=factor: exact.tracy_widom_ppf(b, p, _start(b, p) * k) / k,
                 mvtheory=f"{ours}.ppf(x)", skrmt=f"{theirs}.ppf(x) / {scale}"),
        ]  # fmt: skip
    return found


def _start(beta: int, p: float) -> float:
    """Where a quantile is, to a digit or two."""
    table = {1: (-3.2, -1.3), 2: (-3.2, -1.8), 4: (-3.0, -2.1)}
    return table[beta][0 if p < 0.1 else 1]


ROWS += _tracy_widom()
SIZE = 400
"""Of sampled matrices; a sample's distance from its law is of order 1/SIZE."""
LIMITS = {
    "semicircle": "Semicircle(variance={beta})",
    "mp": "mp(0.5)",
    "wachter": "Wachter(aspect_ratio=0.5, other_aspect_ratio=1/3)",
}
"""Laws of samples as scikit-rmt scales them."""
ENSEMBLES = {
    f"{name}, beta {beta}": (
        ours.format(beta=beta), theirs.format(beta=beta), LIMITS[law].format(beta=beta)
    )
    for name, ours, theirs, law in (
        ("Gaussian", f"gaussian_eigenvalues({SIZE}, beta={{beta}}, variance={{beta}}, rng=rng)",
         f"GaussianEnsemble({{beta}}, {SIZE}, random_state=0).eigvals(normalize=True)",
         "semicircle"),
        ("Wishart", f"laguerre_eigenvalues({SIZE}, {2 * SIZE}, beta={{beta}}, rng=rng)",
         f"WishartEnsemble({{beta}}, {SIZE}, {2 * SIZE}, random_state=0).eigvals(normalize=True)"
         " / {beta}", "mp"),
        ("MANOVA", f"jacobi_eigenvalues({SIZE}, {2 * SIZE}, {3 * SIZE}, beta={{beta}}, rng=rng)",
         f"ManovaEnsemble({{beta}}, {SIZE}, {2 * SIZE}, {3 * SIZE}, random_state=0).eigvals()",
         "wachter"),
    )
    for beta in (1, 2, 4)
}  # fmt: skip
