"""Quantiles: Newton steps on the distribution function inside shrinking brackets."""

from typing import Any, Protocol

import numpy as np

from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.contract.spectrum import Spectrum
from mvtheory.multiprecision import NoConvergence

NODES = 257
STEPS = 480
TOLERANCE = 4e-15


class Distributed(Spectrum, Protocol):
    """A law with its distribution function and density, and a place for tables."""

    @property
    def _plateaus(self) -> Floats: ...

    @property
    def _quantile_nodes(self) -> dict[int, tuple[Floats, Floats]]: ...

    def _continuous_cdf(self, x: Floats) -> Floats: ...

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]: ...


def quantile(law: Distributed, p: Floats) -> Floats:
    """Smallest x with F(x) >= p for p in [0, 1], atoms and gaps included."""
    continuous = law._continuous_cdf(law.atoms) if law.atoms.size else np.empty(0)
    jumps = np.cumsum(law.weights)
    right = continuous + jumps
    left = right - law.weights
    place = np.searchsorted(right, p, side="left")  # first atom with p <= F(atom)
    at_atom = place < law.atoms.size
    at_atom[at_atom] = p[at_atom] > left[place[at_atom]]
    x = np.empty(p.shape)
    x[at_atom] = law.atoms[place[at_atom]]
    before = np.concatenate([[0.0], jumps])[place]
    rest = ~at_atom
    target = (p - before)[rest]
    x[rest] = _continuous(law, target) if law.support else law.atoms[-1]
    # Rounding of a quantile inside of a band does not carry it past an atom.
    fences = np.concatenate([[-np.inf], law.atoms, [np.inf]])
    x = np.clip(x, fences[place], fences[place + 1])
    # The least number with F(x) >= 0 is taken as the lower end of the spectrum.
    ends = [low for low, _ in law.support[:1]] + list(law.atoms[:1])
    x[p == 0] = min(ends)
    highest = [high for _, high in law.support[-1:]] + list(law.atoms[-1:])
    x[p == 1] = max(highest)
    return x


def _continuous(law: Distributed, target: Floats) -> Floats:
    """x with continuous mass `target` up to it."""
    # The mass below a gap is known to its rounding: what is within it lies below the gap.
    band = np.searchsorted(law._plateaus, target - TOLERANCE, side="left") - 1
    band = np.clip(band, 0, len(law.support) - 1)
    x = np.empty(target.shape)
    for index in np.unique(band):
        here = band == index
        x[here] = _in_band(law, int(index), target[here])
    return x


def _nodes(law: Distributed, band: int) -> tuple[Floats, Floats]:
    if band in law._quantile_nodes:
        return law._quantile_nodes[band]
    low, high = law.support[band]
    angle = np.linspace(0, np.pi, NODES)
    mass = law._continuous_cdf(_position(low, high, angle))
    mass[0], mass[-1] = law._plateaus[band], law._plateaus[band + 1]
    law._quantile_nodes[band] = angle, np.maximum.accumulate(mass)
    return law._quantile_nodes[band]


def _position(low: float, high: float, angle: Floats) -> Floats:
    """x = low + width sin^2(angle/2): edges of square-root kind become smooth."""
    return np.where(
        angle < np.pi / 2,
        low + (high - low) * np.sin(angle / 2) ** 2,
        high - (high - low) * np.cos(angle / 2) ** 2,
    )


def _in_band(law: Distributed, band: int, target: Floats) -> Floats:
    low, high = law.support[band]
    nodes, mass = _nodes(law, band)
    cell = np.clip(np.searchsorted(mass, target, side="left") - 1, 0, NODES - 2)
    below, above = nodes[cell], nodes[cell + 1]
    share = (target - mass[cell]) / np.maximum(mass[cell + 1] - mass[cell], 1e-300)
    angle = below + np.clip(share, 0, 1) * (above - below)
    result = angle.copy()
    active: Any = np.arange(target.size)
    for turn in range(STEPS):
        x = _position(low, high, angle)
        density, reached = law._pdf_and_cdf(x)
        error = reached - target[active]
        result[active] = angle
        below = np.where(error < 0, angle, below)
        above = np.where(error > 0, angle, above)
        # A bracket of two neighbouring doubles x cannot be improved.
        open_ = (np.abs(error) > TOLERANCE) & (above - below > 4e-16 * above)
        if not open_.any():
            return _position(low, high, result)
        # An infinite density makes no slope: then the bracket is halved.
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = density * (high - low) * np.sin(angle) / 2
            newton = angle - error / slope
        middle = (below + above) / 2
        # Newton's step must stay inside, and settle: rounding of F ends in a small bracket.
        angle = np.where((newton > below) & (newton < above), newton, middle)
        angle, below, above = angle[open_], below[open_], above[open_]
        active = active[open_]
        if turn > 8:
            angle = (below + above) / 2
    residual = float(np.max(np.abs(error)))
    if residual > 1e-12:
        raise NoConvergence(f"ppf of {law}: quantiles were not reached", residual)
    return _position(low, high, result)
