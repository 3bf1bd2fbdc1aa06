"""What a law is at the real line, where formulas divide 0 by 0: one rule for all laws.

Density: 0 off the support, infinite where it diverges. G: real off the support, the limit from
above on it, and -i times infinity at atoms and where the density diverges. U: E[log|x - X|], which
is minus infinity at atoms alone, plus i pi P(X > x).
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import Spectrum, hull
from mvtheory.multiprecision import NoConvergence


class Valued(Spectrum, Protocol):
    """A law with its values inside of bands and above the real line."""

    @property
    def _divergences(self) -> Floats: ...

    def _band(self, x: Floats) -> NDArray[np.intp]: ...

    def _pdf(self, x: Floats) -> Floats: ...

    def _cdf(self, x: Floats) -> Floats: ...

    def _cauchy(self, z: Complexes) -> Complexes: ...

    def _potential(self, z: Complexes) -> Complexes: ...

    def _finite(self, x: Floats) -> Floats: ...


def density(law: Valued, x: Floats) -> Floats:
    """The density of the continuous part."""
    values = np.zeros(x.shape)
    inside, infinite = law._band(x) >= 0, np.isin(x, law._divergences)
    finite = inside & ~infinite
    if finite.any():
        # Beside an edge rounding may fall below 0.
        values[finite] = np.maximum(law._pdf(x[finite]), 0)
    values[infinite] = np.inf
    return _known(law, "pdf", x, values)


def cauchy(law: Valued, z: Complexes) -> Complexes:
    """G on and above the real line."""
    values = np.zeros(z.shape, dtype=complex)  # what it is at infinity
    known, real = np.isfinite(z), z.imag == 0
    infinite = real & (np.isin(z.real, law.atoms) | np.isin(z.real, law._divergences))
    values[infinite] = complex(0, -np.inf)
    rest = known & ~infinite
    if rest.any():
        values[rest] = law._cauchy(z[rest])
    off = np.flatnonzero(rest & real)
    if off.size:
        off = off[law._band(z.real[off]) < 0]
        values[off] = values[off].real
        _signed(law, z.real[off], values.real[off])
    return _known(law, "cauchy", z, values)


def potential(law: Valued, z: Complexes) -> Complexes:
    """U on and above the real line."""
    values = log_potential(law, z)
    real = z.imag == 0
    if real.any():
        values[real] = values[real].real + 1j * np.pi * (1 - law._cdf(law._finite(z.real[real])))
    return _known(law, "potential", z, values)


def log_potential(law: Valued, z: Complexes) -> Complexes:
    """U off the real line; on it the real part alone is known to be right."""
    values = np.where(np.isinf(z), np.inf + 1j * np.angle(z), 0j)
    at_atom = (z.imag == 0) & np.isin(z.real, law.atoms)
    values[at_atom] = -np.inf
    rest = np.isfinite(z) & ~at_atom
    if rest.any():
        values[rest] = law._potential(z[rest])
    return _known(law, "log_potential", z, values)


def _signed(law: Valued, x: Floats, g: Floats) -> None:
    """Beyond the spectrum G has the sign of x, however close the end is."""
    if not x.size:
        return
    low, high = hull(law)
    wrong = ((x < low) & (g > 0)) | ((x > high) & (g < 0))
    if wrong.any():
        raise NoConvergence(
            f"cauchy of {law}: {float(x[wrong][0])!r} is too close to the end of the spectrum",
            1.0,
        )


def _known(law: Valued, name: str, points: Any, values: Any) -> Any:
    """The values, none of them NaN."""
    missing = np.isnan(values)
    if missing.any():
        raise NoConvergence(f"{name} of {law}: no value at {points[missing][0]}", np.inf)
    return values
