"""Moments by a contour around the spectrum."""

import math
from typing import Protocol

import numpy as np

from mvtheory.laws.contract.shapes import Complexes
from mvtheory.laws.contract.spectrum import Spectrum


class OffTheSpectrum(Spectrum, Protocol):
    """A law with its G above the real line; the lower half circle follows by reflection."""

    def _cauchy(self, z: Complexes) -> Complexes: ...


def contour_moments(law: OffTheSpectrum, n: int) -> list[float]:
    """E[X^k] = (1/2 pi i) of the integral of z^k G(z) around the spectrum: exponentially
    exact on a circle, so 4 n + 128 points are enough."""
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    centre, radius = (ends.max() + ends.min()) / 2, float(np.ptp(ends)) / 2 or 1.0
    angle = (np.arange(2 * n + 64) + 0.5) * np.pi / (2 * n + 64)
    circle = 1.5 * radius * np.exp(1j * angle)
    values = law._cauchy(centre + circle) * circle
    central = [float(np.mean(values * circle**k).real) for k in range(n + 1)]
    # Powers about the centre keep their digits; the centre is added afterwards.
    return [
        math.fsum(math.comb(k, j) * central[j] * centre ** (k - j) for j in range(k + 1))
        for k in range(1, n + 1)
    ]
