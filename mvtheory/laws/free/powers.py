"""Free convolution powers, and the larger matrix of which a law is a corner."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import ValuedChart
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.matrices import corner
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.contract.spectrum import hull, is_point
from mvtheory.laws.free.corners import free_compress
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.multiplicative import MultiplicativeLaw
from mvtheory.laws.solvers.product_power import ProductPower
from mvtheory.laws.solvers.rational import RationalLaw
from mvtheory.laws.solvers.sum_root import SumRoot
from mvtheory.multiprecision import NoConvergence

TIMES = Argument("times", "n", "free convolution power", 1e-6, 1e6)
PRODUCT_TIMES = Argument("times", "n", "free multiplicative power", 1, 100)
WORST = 1e-6
"""`error_estimate` above which a continuation below the real line is not believed."""


def free_power(law: AbstractLaw, times: float) -> AbstractLaw:
    """The law with free cumulants n kappa_k: a free sum of n copies, n any real number.

    From n = 1 on every law has one. Below 1 few have: laws of free Levy type, free Meixner laws as
    far as their shape allows, compound free Poisson laws, and free powers and sums of them; other
    laws are tried as `free_decompress` says.

    Parameters
    ----------
    law : AbstractLaw
    times : float
        n in [1e-6, 1e6]; from 1 on no larger than 1/t for a corner t.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        For n < 1 if no such law was found.

    References
    ----------
    [nica1996]_, [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, MarchenkoPastur, free_power
    >>> law = free_power(Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), 5)  # Kesten-McKay
    >>> print(law.support, law.moment(4))
    ((-4.0, 4.0),) 45.0
    >>> free_power(MarchenkoPastur(aspect_ratio=0.5), 0.25).weights
    array([0.5])
    """
    checked(law)
    n = TIMES.number(times)
    if n == 1:
        return law
    if is_point(law):
        return n * law
    if law.levy() is not None:
        return LevyPower(law=law, times=n)
    known = law._free_power(n)
    if known is not None:
        return known
    return n * free_compress(law, 1 / n) if n > 1 else _root(law, n)


def free_decompress(law: AbstractLaw, fraction: float) -> AbstractLaw:
    """The law of a rotated matrix of which the law is that of a corner: kappa_n t^(1-n).

    The inverse of `free_compress`. Most laws are corners of nothing much larger, and what is known
    to few digits is no corner at all: growing spectra is ill-posed. Exact where the law's family
    knows it; else G is continued through the real line below it, in the variable in which law and
    G are explicit, and what comes out is believed only if it is a law: `error_estimate` says how
    well.

    Parameters
    ----------
    law : AbstractLaw
        Of the corner.
    fraction : float
        t in [1e-6, 1]: the share of the rows of the larger matrix that the corner keeps.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If there is no such law, or none that could be told: measured eigenvalues among them.

    References
    ----------
    [nica1996]_; growing measured spectra: [ameli2025]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_decompress
    >>> law = free_decompress(MarchenkoPastur(aspect_ratio=0.125), fraction=0.25)
    >>> print([f"{x:.6f}" for x in law.support[0]])
    ['0.085786', '2.914214']
    """
    checked(law)
    t = parameters.CONTINUED_FRACTION.number(fraction)
    return law if t == 1 or is_point(law) else (1 / t) * free_power(law, t)


def _root(law: AbstractLaw, n: float) -> AbstractLaw:
    """The power n < 1 by continuation; ValueError unless it is a law."""
    inner, scale, shift = law._rescaled()
    if inner is not law:
        return scale * free_power(inner, n) + n * shift
    words = f"times={n!r} is not allowed for {law!r} (free power below 1, or corner of that share: "
    if not law.support:
        raise ValueError(f"{words}no law of finitely many atoms is one); fit a law to them first")
    if isinstance(law._chart(), ValuedChart):
        raise ValueError(
            f"{words}G known through the real line); fit a law that is, such as FreeMeixner, "
            "FreeLevy or GeneralizedCovariance"
        )
    found, doubt = SumRoot(law=law, times=n), np.inf
    with contextlib.suppress(NoConvergence):
        doubt = found.error_estimate if found.support else np.inf
    if not doubt <= WORST:
        raise ValueError(
            f"{words}its continuation is a law; error estimate {doubt:.2g}, at most {WORST:g}); "
            "there is none, or it is too far: choose a number closer to 1, or 1"
        )
    return found


def free_multiplicative_power(law: AbstractLaw, times: float) -> AbstractLaw:
    """The law with S-transform S^n: a free product of n copies, n >= 1 any real number.

    Parameters
    ----------
    law : AbstractLaw
        On [0, infinity), not only 0.
    times : float
        n in [1, 100].

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        For negative numbers in the support, and n < 1.

    Notes
    -----
    Where the law has an atom at 0 and its power a density that is infinite there, integrals up to
    0 are less exact: of points 0 and 2, weights .2 and .8, at n = 2.5 they miss 7e-5 of the mass.

    References
    ----------
    [belinschi2005]_; with S-transforms: [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_multiplicative_power
    >>> law = free_multiplicative_power(MarchenkoPastur(aspect_ratio=1), 2)
    >>> print([f"{x:.4f}" for x in law.support[0]], f"{law.moment(2):.4f}")
    ['0.0000', '6.7500'] 3.0000
    """
    low = hull(checked(law))[0]
    n = PRODUCT_TIMES.number(times)
    if low < 0 or (is_point(law) and low == 0):
        raise ValueError(
            f"law={law!r} with a spectrum from {low!r} is not allowed (free multiplicative power: "
            "a law on [0, infinity), not only 0); shift it, or take its square"
        )
    if n == 1:
        return law
    if is_point(law):
        return float(low ** (n - 1)) * law
    scale, ratios, parts = law._factors_of_product()
    if not parts:
        counts = tuple((q, n * ratios.count(q)) for q in sorted(set(ratios)))
        return WishartPower(scale=scale**n, powers=counts)
    return ProductPower(parts=(law,), times=n)


@dataclass(frozen=True, kw_only=True)
class LevyPower(RationalLaw):
    """The power of a law of free Levy type."""

    law: AbstractLaw
    times: float

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The triplet, drift, variance and rates n times."""
        triplet, n = self.law.levy(number), number(self.times)
        assert triplet is not None
        rates = tuple(n * c for c in triplet.rates)
        return Levy(n * triplet.drift, n * triplet.variance, rates, triplet.jumps)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """A scaled corner of a larger matrix, from a power of 1 on; else rotated quantiles."""
        if self.times < 1:
            return super().matrix(n, rng)
        return self.times * corner(self.law, 1 / self.times, n, rng)


@dataclass(frozen=True, kw_only=True)
class WishartPower(MultiplicativeLaw):
    """S(y) = 1/(scale prod (1 + q_i y)^(m_i)), m_i >= 1: powers of Marchenko-Pastur laws."""

    scale: float
    powers: tuple[tuple[float, float], ...]

    def _factors(self) -> tuple[float, list[tuple[float, float]]]:
        return self.scale, list(self.powers)
