"""The law of 1/X, and of all fractions of linear functions."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.discrete import simplest
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.elementary import turned
from mvtheory.laws.solvers.image import ImageLaw, Piece

SMALL = 1e-2
"""Of (a - c z)/(a d - b c) times the size of c X + d: below it G and U are summed in its powers."""
TERMS = 14

COEFFICIENTS = {
    name: Argument(name, name, f"coefficient {name} of (a x + b)/(c x + d)", -1e150, 1e150)
    for name in "abcd"
}


def reciprocal(law: AbstractLaw) -> AbstractLaw:
    """The law of 1/X: of inverse matrices.

    Parameters
    ----------
    law : AbstractLaw
        Of X, 0 neither in a band nor at the end of one nor an atom.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If 0 is in the spectrum.

    Notes
    -----
    G(z) = 1/z - G_X(1/z)/z^2.

    References
    ----------
    [rao2008]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, reciprocal
    >>> law = reciprocal(MarchenkoPastur(aspect_ratio=0.25, variance=2))
    >>> print([f"{x:.4f}" for x in law.support[0]], f"{law.moment(1):.6f}")
    ['0.2222', '2.0000'] 0.666667
    """
    return moebius_image(law, 0, 1, 1, 0)


def moebius_image(law: AbstractLaw, a: float, b: float, c: float, d: float) -> AbstractLaw:
    """The law of (a X + b)/(c X + d).

    Parameters
    ----------
    law : AbstractLaw
        Of X; its spectrum does not hold the zero of c x + d.
    a, b, c, d : float
        With a d - b c not 0.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If a d = b c, or if c x + d vanishes in the spectrum.

    Notes
    -----
    At x = (d z - b)/(a - c z), G(z) = (a d - b c) G_X(x)/(a - c z)^2 + c/(c z - a).

    References
    ----------
    [rao2008]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, moebius_image
    >>> law = moebius_image(MarchenkoPastur(aspect_ratio=1), a=1, b=0, c=1, d=1)
    >>> print([f"{x:.4f}" for x in law.support[0]], f"{law.moment(1):.6f}")
    ['0.0000', '0.8000'] 0.381966
    """
    given = zip("abcd", (a, b, c, d), strict=True)
    a, b, c, d = (float(COEFFICIENTS[name].number(value)) for name, value in given)
    if a * d == b * c:
        raise ValueError(
            f"a={a!r}, b={b!r}, c={c!r}, d={d!r} are not allowed (fraction (a x + b)/(c x + d): "
            "a d not b c); it is a constant: take Discrete(atoms=[value], weights=[1])"
        )
    if c == 0:
        return (a / d) * checked(law) + b / d
    pole = -d / c + 0.0
    bands = [band for band in checked(law).support if band[0] <= pole <= band[1]]
    if bands or np.any(law.atoms == pole):
        where = f"the band {bands[0]}" if bands else "an atom"
        raise ValueError(
            f"law={law!r} with {pole!r} in {where} is not allowed (fraction (a x + b)/(c x + d): "
            "c x + d not 0 in the spectrum); shift the law away from it, as ridge regression does"
        )
    return simplest(MoebiusImage(law=law, a=a, b=b, c=c, d=d))


@dataclass(frozen=True, kw_only=True)
class MoebiusImage(ImageLaw):
    """The law of (a X + b)/(c X + d), c not 0, the pole in a gap of X or beyond its ends."""

    law: AbstractLaw
    a: float
    b: float
    c: float
    d: float

    @functools.cached_property
    def _determinant(self) -> float:
        return self.a * self.d - self.b * self.c

    @functools.cached_property
    def _knots(self) -> Floats:
        return np.array(hull(self.law))

    def _map(self, x: Floats) -> Floats:
        return (self.a * x + self.b) / (self.c * x + self.d)

    def _slope(self, x: Floats) -> Floats:
        return self._determinant / (self.c * x + self.d) ** 2

    def _preimage(self, y: Floats, piece: Piece) -> Floats:
        x = (self.d * y - self.b) / (self.a - self.c * y)
        return np.clip(x, piece.low, piece.high)

    def _series(self, z: Complexes, factors: Floats) -> tuple[Complexes, Complexes]:
        """u = a - c z, and the sum of factors_k (u/det)^k E[(c X + d)^k] where it converges fast;
        NaN elsewhere."""
        u = self.a - self.c * z
        ratio = u / self._determinant
        below = np.array([1.0, *(self.c * self.law + self.d)._moments(TERMS)])
        small = np.abs(ratio) * max(map(abs, hull(self.c * self.law + self.d))) < SMALL
        value = np.polynomial.polynomial.polyval(np.where(small, ratio, 0), factors * below)
        return u, np.where(small, value, np.nan)

    @np.errstate(divide="ignore", invalid="ignore")
    def _cauchy(self, z: Complexes) -> Complexes:
        # Of powers from 1 on, over u.
        u, near = self._series(z, np.append(0, np.ones(TERMS)))
        near = np.where(u == 0, self.c * self.law.moment(1) + self.d, near / u * self._determinant)
        value, rest = near * self.c / self._determinant, np.isnan(near)
        x, u = (self.d * z[rest] - self.b) / u[rest], u[rest]
        slope = np.full(x.shape, self._determinant, dtype=complex)
        value[rest] = (self._determinant * self._inner_cauchy(x, slope) / u - self.c) / u
        return value

    @np.errstate(divide="ignore", invalid="ignore")
    def _potential(self, z: Complexes) -> Complexes:
        """log(-u/c) + U_X(x) - E[log|X - pole|], and a half turn at the X beyond the pole."""
        u, value = self._series(z, np.append(0, -1 / np.arange(1, TERMS + 1)))
        rest, (log, above) = np.isnan(value), self._beside_pole
        rises = self._determinant > 0
        turn = np.pi * (1 - above if rises else above)
        value += np.log(abs(self._determinant)) - 2 * np.log(abs(self.c)) + 1j * turn
        x, u = (self.d * z[rest] - self.b) / u[rest], u[rest]
        turn = np.pi * (-above if rises else above)
        value[rest] = turned(np.log(-u / self.c) + self._inner_potential(x) + 1j * turn)
        return value - log

    @functools.cached_property
    def _beside_pole(self) -> tuple[float, float]:
        """E[log|X - pole|] and P(X > pole)."""
        pole = np.array([-self.d / self.c]) + 0.0
        log = self._inner_potential(pole.astype(complex))[0].real
        return float(log), float(1 - self.law._cdf(pole)[0])

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The fraction of a matrix of the law."""
        x, one = self.law.matrix(n, rng), np.eye(n)
        value = np.linalg.solve(self.c * x + self.d * one, self.a * x + self.b * one)
        return (value + value.conj().T) / 2
