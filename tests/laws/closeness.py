"""Points inside bands, and differences from many digits."""

import numpy as np
from mpmath import mp, mpf


def inner(law, count=9):
    """Points inside every band, closer together near its edges, none of them an edge."""
    angle = np.pi * (np.arange(count) + 0.5) / count
    bands = [low + (high - low) * np.sin(angle / 2) ** 2 for low, high in law.support]
    return np.concatenate(bands)


def relative(values, expected):
    """Largest relative error."""
    return max(_relative(v, e) for v, e in zip(np.atleast_1d(values), expected, strict=True))


def _relative(value, expected):
    if mp.isinf(expected):
        return 0.0 if np.isinf(value) else np.inf
    with mp.workdps(40):
        return float(abs(mpf(float(value)) - expected) / abs(expected))


def absolute(values, expected):
    """Largest absolute error."""
    with mp.workdps(40):
        return max(
            float(abs(mpf(float(v)) - e))
            for v, e in zip(np.atleast_1d(values), expected, strict=True)
        )


def columns(reference, points):
    """Densities, distribution and potential of a reference at many points."""
    return zip(*(reference(x) for x in points), strict=True)


def agree(law, reference, points, density=1e-13, mass=1e-13, potential=None):
    """Compare a law with (pdf, cdf, potential) of its reference."""
    densities, masses, potentials = columns(reference, points)
    found = relative(law.pdf(points), densities), absolute(law.cdf(points), masses)
    assert found[0] <= density, f"pdf of {law}: relative error {found[0]:.1e} > {density:.1e}"
    assert found[1] <= mass, f"cdf of {law}: error {found[1]:.1e} > {mass:.1e}"
    if potential is not None:
        error = absolute(law.log_potential(points), potentials)
        assert error <= potential, f"log potential of {law}: error {error:.1e} > {potential:.1e}"
