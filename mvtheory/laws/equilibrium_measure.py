"""Equilibrium measures: the spectra of matrix models with a polynomial potential."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory import arrays
from mvtheory.laws.chiral import chiral
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.delegated import DelegatedLaw
from mvtheory.laws.solvers.one_cut import one_cut

HIGHEST = 12


@dataclass(frozen=True, kw_only=True)
class EquilibriumMeasure(DelegatedLaw):
    r"""Limit of Hermitian matrices of density exp(-n tr V(M)): the law of least energy.

    It minimises E[V(X)] - E[log|X - Y|]; on its support 2 U(x) - V(x) is constant, beyond it no
    larger. V = x^2/2 is the semicircle law of variance 1; beta 1 and 4 have
    exp(-n beta/2 tr V). On one interval, or on two if V is even: then the law of x^2 is that of
    twice the potential.

    Parameters
    ----------
    coefficients : sequence of float
        Of V, ascending from the constant: of even degree from 2 to 12, the highest
        positive.

    Raises
    ------
    ValueError
        For other polynomials, and where the support is of more intervals.

    References
    ----------
    [brezin1978]_, [saff1997]_.

    Examples
    --------
    >>> law = EquilibriumMeasure(coefficients=[0, 0, 0.5, 0, 0.25])
    >>> print([f"{x:.6f}" for x in law.support[0]], f"{law.pdf(0):.6f}")
    ['-1.317966', '1.317966'] 0.391942
    >>> EquilibriumMeasure(coefficients=[0, 0, -1.5, 0, 0.25]).support  # x^2 from 3 - 2 to 3 + 2
    ((-2.23606797749979, -1.0), (1.0, 2.23606797749979))
    """

    coefficients: tuple[float, ...]

    def __post_init__(self) -> None:
        given = arrays.real(self.coefficients, "coefficients")
        used = np.trim_zeros(given, "b") if given.ndim == 1 else given
        degree = used.size - 1
        allowed = given.ndim == 1 and np.isfinite(given).all() and 2 <= degree <= HIGHEST
        if not allowed or degree % 2 or used[-1] < 0:
            raise ValueError(
                f"coefficients={given.tolist()!r} is not allowed (of the potential V, ascending: "
                f"finite, of even degree 2 to {HIGHEST}, the highest positive); others hold no "
                "eigenvalues back"
            )
        object.__setattr__(self, "coefficients", tuple(used.tolist()))
        if self._found is None:
            raise ValueError(
                f"coefficients={given.tolist()!r} is not allowed (support: one interval, or "
                "two if V is even); it has more: make V more convex, or even"
            )

    @functools.cached_property
    def _found(self) -> AbstractLaw | None:
        c = np.array(self.coefficients)
        one = one_cut(c)
        if one is not None or c[1::2].any():
            return one
        squares = one_cut(2 * c[::2], lowest=0.0)
        return None if squares is None else chiral(squares)

    @property
    def _law(self) -> AbstractLaw:
        assert self._found is not None
        return self._found
