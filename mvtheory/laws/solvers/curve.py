"""Laws solved in the plane of a rational map: tables along the bands, Newton from the edges."""

import functools
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.anchor import (
    Anchor,
    is_linear,
    offset_and_slope,
    rate_at_end,
    start_at_cusp,
    start_beside,
)
from mvtheory.laws.solvers.edges import DIGITS, Band, bands, poles_of
from mvtheory.laws.solvers.rational_map import RationalMap
from mvtheory.multiprecision import NoConvergence, context

NODES = 256


class CurveLaw(AbstractLaw):
    """A law whose G and U are known in the variable h of a rational map z(h)."""

    @abstractmethod
    def _map(self, number: Callable[[Any], Any]) -> Levy:
        """z(h) = drift + mean jump + h + variance/h + sum c_j p_j^2/(h - p_j), as a triplet."""

    @abstractmethod
    def _density(self, h: Complexes) -> Floats:
        """The density at points of the curve."""

    @abstractmethod
    def _potential_at(self, h: Complexes) -> Complexes:
        """U = E[log(z - X)] at z(h)."""

    @functools.cached_property
    def _levy(self) -> Levy:
        return self._map(float)

    @functools.cached_property
    def _bands(self) -> list[Band]:
        with context(digits=DIGITS) as mp:
            return bands(self._levy, self._map, mp)

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        return tuple((band.low.position, band.high.position) for band in self._bands)

    @functools.cached_property
    def _rational(self) -> RationalMap:
        return RationalMap(*poles_of(self._levy), float(self._levy.cumulant(1)))

    @functools.cached_property
    def _anchors(self) -> list[Anchor]:
        """Low and high edge of each band in turn."""
        return [anchor for band in self._bands for anchor in (band.low, band.high)]

    @property
    def _outer_anchors(self) -> list[Anchor]:
        """Points that roots off the support are polished from."""
        return self._anchors

    def _solve(self, z: Complexes) -> Complexes:
        """h at points on or above the real line: on the support from the table, else by curve."""
        h = np.empty(z.shape, dtype=complex)
        band = np.where(z.imag == 0, self._band(z.real), -1)
        for index in np.unique(band[band >= 0]):
            here = band == index
            h[here] = self._on_band(z.real[here], int(index))
        rest = band < 0
        if rest.any():
            h[rest] = self._refined(self._rational.inverse(z[rest]), z[rest])
        return h

    def _refined(self, h: Complexes, z: Complexes) -> Complexes:
        """Newton relative to the nearest anchor: relative accuracy next to edges and the origin."""
        anchors = self._outer_anchors
        nearest = np.argmin([np.abs(h - anchor.h) for anchor in anchors], axis=0)
        for k, anchor in enumerate(anchors):
            if anchor.slope > 0:  # a regular point: however close an edge is
                nearest[is_linear(anchor, (z - anchor.position) - anchor.remainder)] = k
        for k in np.unique(nearest):
            anchor, here = anchors[k], np.flatnonzero(nearest == k)
            offset = (z[here] - anchor.position) - anchor.remainder
            delta = start_beside(anchor, offset, h[here] - anchor.h)
            for _ in range(12):
                value, slope = offset_and_slope(delta, anchor)
                with np.errstate(all="ignore"):
                    step = (value - offset) / slope
                # At a distance that was all rounding, Newton's step is half of it.
                good = np.abs(step) < 0.6 * np.abs(delta)
                delta = delta - np.where(good, step, 0)
                if not (good & (np.abs(step) > 1e-9 * np.abs(delta))).any():
                    break
            h[here] = anchor.h + delta
        return h

    @functools.cached_property
    def _tables(self) -> dict[int, tuple[Floats, Complexes, Complexes, Floats]]:
        return {}

    def _table(self, band: int) -> tuple[Floats, Complexes, Complexes, Floats]:
        """Angles, h, dh/dangle and Re h at nodes along a band."""
        if band not in self._tables:
            self._tables[band] = self._trace(self._bands[band])
        return self._tables[band]

    def _trace(self, band: Band) -> tuple[Floats, Complexes, Complexes, Floats]:
        low, high = band.low, band.high
        poles = self._rational.poles
        inner = poles[(poles > low.h) & (poles < high.h)]
        knots = np.concatenate([[low.h], inner, [high.h]])
        # Many bands have few points each: a coarser table and one Newton step more.
        share = max(4, NODES // (knots.size - 1 + len(self._bands) // 4))
        unit = (1 - np.cos(np.linspace(0, np.pi, share + 1)[:-1])) / 2
        u = (knots[:-1, None] + np.diff(knots)[:, None] * unit).ravel()[1:]
        h = u + 1j * self._rational.height(u, np.zeros(u.shape))
        h = h[h.imag > 0]
        width = high.position - low.position
        rise = offset_and_slope(h - low.h, low)[0].real
        fall = -offset_and_slope(h - high.h, high)[0].real
        angle = np.where(
            rise < fall,
            2 * np.arcsin(np.sqrt(np.clip(rise / width, 0, 1))),
            np.pi - 2 * np.arcsin(np.sqrt(np.clip(fall / width, 0, 1))),
        )
        keep = np.append(np.diff(angle) > 1e-9, True) & (angle > 0) & (angle < np.pi)
        keep &= np.append(True, np.diff(np.maximum.accumulate(angle)) > 0)
        angle, h = angle[keep], h[keep]
        slope = offset_and_slope(h - low.h, low)[1]
        rate = width * np.sin(angle) / 2 / slope
        ends = [rate_at_end(low, width), -rate_at_end(high, width)]
        angle = np.concatenate([[0.0], angle, [np.pi]])
        h = np.concatenate([[low.h], h, [high.h]])
        rate = np.concatenate([ends[:1], rate, ends[1:]])
        return angle, h, rate, np.maximum.accumulate(h.real)

    def _on_band(self, x: Floats, index: int) -> Complexes:
        band = self._bands[index]
        rise = (x - band.low.position) - band.low.remainder
        fall = (band.high.position - x) + band.high.remainder
        return self._at(x, rise, fall, index)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        index, side = divmod(edge, 2)
        band = self._bands[index]
        width = band.high.position - band.low.position
        inside = offset < width
        density = np.zeros(offset.shape)
        near, far = offset[inside], width - offset[inside]
        low, high = self.support[index]
        if side:
            h = self._at(high - near, far, near, index)
        else:
            h = self._at(low + near, near, far, index)
        density[inside] = self._density(h)
        return density

    def _at(self, x: Floats, rise: Floats, fall: Floats, index: int) -> Complexes:
        """h at points of a band, and their distances from its two edges."""
        band = self._bands[index]
        width = band.high.position - band.low.position
        rise, fall = np.maximum(rise, 0), np.maximum(fall, 0)
        lower = rise < fall
        half = np.arcsin(np.sqrt(np.minimum(np.where(lower, rise, fall) / width, 0.5)))
        angle = np.where(lower, 2 * half, np.pi - 2 * half)
        start = self._start(angle, x, rise, fall, index)
        anchors = [(band.low, rise), (band.high, -fall)]
        if len(self._anchors) % 2:
            origin = self._anchors[-1]
            # From an edge at the origin the offset is exact; from inside a band x itself is.
            x = x - origin.position
            x = rise if origin.position == band.low.position else x
            x = -fall if origin.position == band.high.position else x
            anchors.append((origin, x))
        distance = [np.abs(start - anchor.h) for anchor, _ in anchors]
        nearest = np.argmin(distance, axis=0)
        h = np.empty(start.shape, dtype=complex)
        for k, (anchor, offset) in enumerate(anchors):
            here = nearest == k
            if here.any():
                h[here] = anchor.h + self._newton(
                    start[here] - anchor.h, offset[here], anchor, index, angle[here]
                )
        return h

    def _start(self, angle: Floats, x: Floats, rise: Floats, fall: Floats, index: int) -> Complexes:
        """Cubic interpolation of h in the angle; next to a cusp, the local cubic's root."""
        nodes, h, rate, real = self._table(index)
        cell = np.clip(np.searchsorted(nodes, angle, side="right") - 1, 0, nodes.size - 2)
        left, step = nodes[cell], nodes[cell + 1] - nodes[cell]
        t = (angle - left) / step
        a, b = h[cell], h[cell + 1]
        start = a + t * (
            (b - a) + (1 - t) * ((1 - t) * (step * rate[cell] - (b - a))
                                 - t * (step * rate[cell + 1] - (b - a)))
        )  # fmt: skip
        band = self._bands[index]
        for anchor, at, offset in ((band.low, 0, rise), (band.high, nodes.size - 2, -fall)):
            if anchor.cancels:
                here = cell == at
                start[here] = anchor.h + start_at_cusp(anchor, offset[here])
        if len(self._anchors) % 2:
            origin = self._anchors[-1]
            here = (real[np.maximum(cell - 1, 0)] <= 0) & (
                real[np.minimum(cell + 2, nodes.size - 1)] >= 0
            )
            if origin.cancels and here.any():
                start[here] = start_at_cusp(origin, x[here] - origin.position)
        return start

    def _newton(
        self, delta: Complexes, offset: Floats, anchor: Anchor, index: int, angle: Floats
    ) -> Complexes:
        # On an edge d = 0; so at the origin if z is a cube there, else another root is meant.
        fixed = (offset == 0) & (anchor.slope == 0 or anchor in self._bands[index])
        delta = np.where(fixed, 0, delta)
        todo = np.flatnonzero(~fixed)
        now, goal = delta[todo], offset[todo]
        # So close to an edge that its angle is that of the edge: there d^2 = offset/curvature.
        lost = (now == 0) & (anchor.curvature != 0)
        now[lost] = 1j * np.sqrt(np.abs(goal[lost] / (anchor.curvature or 1.0)))
        for _ in range(8):
            value, slope = offset_and_slope(now, anchor)
            with np.errstate(all="ignore"):
                step = (value - goal) / slope
            now = now - step
            size = np.abs(step)
            # Newton converges quadratically: after a step of 1e-9 the rest is rounding.
            done = (size <= 1e-9 * np.abs(now)) & (now.imag > 0)
            if done.all():
                delta[todo] = now
                return delta
            delta[todo[done]] = now[done]
            todo, now, goal = todo[~done], now[~done], goal[~done]
        delta[todo] = self._stubborn(anchor, goal, index, angle[todo])
        return delta

    def _stubborn(self, anchor: Anchor, offset: Floats, index: int, angle: Floats) -> Complexes:
        """Where Newton wandered: bisection along the curve, then Newton."""
        nodes, _, _, real = self._table(index)
        cell = np.clip(np.searchsorted(nodes, angle, side="right") - 1, 0, nodes.size - 2)
        low, high = real[cell].copy(), real[cell + 1].copy()
        zero = np.zeros(offset.shape)
        for _ in range(100):
            u = (low + high) / 2
            delta = (u - anchor.h) + 1j * self._rational.height(u, zero)
            below = offset_and_slope(delta, anchor)[0].real < offset
            low, high = np.where(below, u, low), np.where(below, high, u)
        for _ in range(4):
            value, slope = offset_and_slope(delta, anchor)
            with np.errstate(all="ignore"):
                better = delta - (value - offset) / slope
            sane = np.isfinite(better) & (better.imag > 0)
            sane &= np.abs(better - delta) < 0.1 * np.abs(delta)
            delta = np.where(sane, better, delta)
        value, slope = offset_and_slope(delta, anchor)
        residual = np.abs(value - offset) / np.maximum(np.abs(slope * delta), np.abs(offset))
        if not (residual < 1e-10).all():
            raise NoConvergence(f"pdf of {self}: no root was found", float(np.max(residual)))
        return delta

    # What follows from h.

    def _potential(self, z: Complexes) -> Complexes:
        return self._potential_at(self._solve(z))

    def _pdf(self, x: Floats) -> Floats:
        return self._density(self._solve(x.astype(complex)))

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        h = self._solve(x.astype(complex))
        return self._density(h), self._mass(x, h)

    def _continuous_cdf(self, x: Floats) -> Floats:
        mass = np.empty(x.shape)
        band = self._band(x)
        inside = band >= 0
        edges = np.array(self.support).ravel()
        mass = self._plateaus[(np.searchsorted(edges, x, side="right") + 1) // 2]
        mass[inside] = self._mass(x[inside], self._solve(x[inside].astype(complex)))
        return mass

    def _mass(self, x: Floats, h: Complexes) -> Floats:
        """Continuous mass below points of the support."""
        jumps = np.concatenate([[0.0], np.cumsum(self.weights)])
        total = 1 - self._potential_at(h).imag / np.pi - jumps[np.searchsorted(self.atoms, x)]
        band = self._band(x)
        below, above = self._plateaus[band], self._plateaus[band + 1]
        # A real h is an edge, or the rounding of one.
        edge = (h.imag == 0) & (h != 0)
        ends = np.array(self.support)[band]
        total = np.where(edge | (x <= ends[:, 0]) | (x >= ends[:, 1]),
                         np.where(2 * x < ends.sum(axis=1), below, above), total)  # fmt: skip
        return np.clip(total, below, above)


class CurveChart(Chart):
    """w = h, the variable of the map."""

    def start(self, z: Complexes) -> Complexes:
        return self.law._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w)
