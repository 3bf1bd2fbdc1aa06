r"""Free products of Marchenko-Pastur laws: solved in the plane of y = z G(z) - 1.

z(y) = scale (1 + y)/y prod_i (1 + q_i y)^(m_i): S-transforms multiply. On the support, taking
Im y > 0, the arguments of the factors add up to that of y; along a ray arg y = theta that sum grows
with |y|, so each ray meets the curve once and theta runs through the band [banica2011]_.

With Q the largest q (1 included, for the factor 1 + y) the variable is w = 1 + Q y: every factor is
b_i + c_i w, exact at w = 0, where the spectrum meets 0.
"""

import functools
import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import SERIES_BELOW, excess
from mvtheory.multiprecision import NoConvergence, context

DIGITS = 60
LOGIT = 744.0
"""Of the smallest share of a stretch that is a double."""
HALVINGS = 66


class MultiplicativeMap(ABC):
    """z in the variable w, its edges, and Newton's method along the curve over the support."""

    @abstractmethod
    def _factors(self) -> tuple[float, list[tuple[float, float]]]:
        """The scale and the pairs (q, m); equal q joined."""

    @functools.cached_property
    def _scale(self) -> float:
        return self._factors()[0]

    @functools.cached_property
    def _all(self) -> tuple[float, Floats, Floats, Floats, Floats]:
        """Q, then q, m, b = 1 - q/Q and c = q/Q of every factor, 1 + y among them."""
        merged = {1.0: 1.0}
        for q, m in self._factors()[1]:
            merged[q] = merged.get(q, 0.0) + m
        ratios, powers = np.array(list(merged)), np.array(list(merged.values()))
        largest = float(ratios.max())
        return largest, ratios, powers, (largest - ratios) / largest, ratios / largest

    @functools.cached_property
    def _hard(self) -> float:
        """Multiplicity at Q if the band begins at 0, else 0: a soft edge."""
        largest, q, m, _, _ = self._all
        power = float(m[q == largest][0])
        return power if power > 1 else 0.0

    @functools.cached_property
    def _edges(self) -> list[tuple[float, float, float]]:
        """(w, position, what the double lacks) at the soft edges: high, then low if soft."""
        largest, q, m, _, _ = self._all
        with context(digits=DIGITS) as mp:
            mq, mm = [mp.mpf(v) for v in q], [mp.mpf(v) for v in m]
            top = mp.mpf(largest)

            def position(w: Any) -> Any:
                product = mp.mpf(self._scale) * top / (w - 1)
                for qi, mi in zip(mq, mm, strict=True):
                    product *= ((top - qi + qi * w) / top) ** mi
                return abs(product)

            def balance(w: Any) -> Any:
                # d log z/dw = 0, times w - 1: sum m q (w - 1)/(Q - q + q w) = 1.
                terms = zip(mq, mm, strict=True)
                return sum(m_ * q_ * (w - 1) / (top - q_ + q_ * w) for q_, m_ in terms) - 1

            ends = [mp.mpf(1)]
            while balance(ends[-1]) < 0:
                ends.append(1 + 2 * (ends[-1] - 1) + mp.mpf(1) / 8)
            roots = [_root(mp, balance, ends[-2], ends[-1])]
            if not self._hard:
                second = max(v for v in mq if v < top)
                roots.append(_root(mp, balance, 1 - top / second, mp.mpf(0)))
            return [(float(w), *_split(position(w))) for w in roots]

    def _on_rays(self, theta: Floats) -> Complexes:
        """w on the curve at arg y = theta in (0, pi): bisection in log |y|."""
        largest, q, m, _, _ = self._all
        turn = np.exp(1j * theta)
        low, high = np.full(theta.shape, -80.0), np.full(theta.shape, 80.0)
        for _ in range(60):
            middle = (low + high) / 2
            y = np.exp(middle) * turn
            total = sum(mi * np.angle(1 + qi * y) for qi, mi in zip(q, m, strict=True))
            above = total > theta
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return 1 + largest * np.exp(low) * turn

    def _log_image(self, w: Complexes) -> tuple[Complexes, Complexes]:
        """log z and its derivative."""
        largest, _, m, b, c = self._all
        value = math.log(self._scale * largest) - np.log(w - 1)
        slope = -1 / (w - 1)
        for mi, bi, ci in zip(m, b, c, strict=True):
            factor = bi + ci * w
            value = value + mi * np.log(factor)
            slope = slope + mi * ci / factor
        return value, slope

    def _from_edge(self, delta: Complexes, edge: float) -> tuple[Complexes, Complexes]:
        """log(z/z_edge) and its derivative at w = edge + delta, without cancellation."""
        _, _, m, b, c = self._all
        beta = 1 / (edge - 1)
        value, slope = excess(beta * delta), beta * beta / (1 + beta * delta)
        for mi, bi, ci in zip(m, b, c, strict=True):
            alpha = ci / (bi + ci * edge)
            value = value - mi * excess(alpha * delta)
            slope = slope - mi * alpha * alpha / (1 + alpha * delta)
        return value, slope * delta

    def _beyond(self, x: Floats) -> tuple[Floats, Floats]:
        """y and w at real points off the support, where both are real.

        Below 0, in the gap above it and above the support w runs through (0, 1), from 0 to the low
        edge and from 1 to the high edge.
        """
        largest, high = self._all[0], self._edges[0]
        y, w = np.full(x.shape, -1 / largest), np.zeros(x.shape)
        above = x > high[1]
        for here, edge in (
            (x < 0, None),
            ((x > 0) & ~above, self._edges[-1]),
            (above, high),
        ):
            if here.any():
                y[here], w[here] = self._bisected(x[here], edge)
        return y, w

    def _bisected(self, x: Floats, edge: tuple[float, float, float] | None) -> Any:
        """y and w on one of the stretches, on which log|z| is monotone.

        The logit of the share of the way keeps the digits at both of its ends.
        """
        from scipy import special

        largest = self._all[0]
        end, position, lacking = edge or (1.0, 1.0, 0.0)
        goal = np.log(np.abs(x))
        beside = np.log1p(np.maximum(((x - position) - lacking) / position, -1 + 1e-16))

        def at(logit: Floats) -> tuple[Floats, Floats, Floats]:
            """y, w and w - end: from y = 0 above the support, else from w = 0."""
            share, rest = special.expit(logit), special.expit(-logit)
            if end > 1:
                return (end - 1) / largest * share, 1 + (end - 1) * share, (1 - end) * rest
            way = -rest if edge is None else end * share - 1
            return way / largest, end * share, -end * rest

        low, high = np.full(x.shape, -LOGIT), np.full(x.shape, LOGIT)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            y, w, delta = at(middle)
            less = self._log_size(y, w) < goal
            if edge is not None:
                near = np.abs(delta) * np.max(np.abs(self._reach(end))) < SERIES_BELOW
                closer = self._from_edge(delta[near].astype(complex), end)[0].real < beside[near]
                less[near] = closer
            forward = less ^ (end > 1)
            low, high = np.where(forward, middle, low), np.where(forward, high, middle)
        y, w, _ = at((low + high) / 2)
        # Beside an atom at 0 w may be too small for a double.
        return y, np.where(w == 0, np.copysign(5e-324, end), w)

    def _log_size(self, y: Floats, w: Floats) -> Floats:
        """log|z|."""
        _, _, m, b, c = self._all
        with np.errstate(divide="ignore"):
            total = math.log(self._scale) - np.log(np.abs(y))
            for mi, bi, ci in zip(m, b, c, strict=True):
                total = total + mi * np.log(np.abs(bi + ci * w))
        return total

    def _newton(self, w: Complexes, x: Floats, rise: Floats, fall: Floats) -> Complexes:
        """w at points of the band from starts near it; relative to an edge where it is near."""
        result = w.copy()
        rest = np.ones(w.shape, dtype=bool)
        for (edge, position, _), offset in zip(self._edges, (-fall, rise), strict=False):
            near = rest & (np.abs(w - edge) * np.max(np.abs(self._reach(edge))) < 0.7)
            rest &= ~near
            if near.any():
                ratio = offset[near] / position
                result[near] = edge + self._settle(w[near] - edge, ratio, edge)
        if rest.any():
            result[rest] = self._settle(w[rest], x[rest], None)
        return result

    def _reach(self, edge: float) -> Floats:
        """alpha_i: the factors at edge + delta are those at the edge times 1 + alpha_i delta."""
        _, _, _, b, c = self._all
        return np.append(c / (b + c * edge), 1 / (edge - 1))

    @functools.cached_property
    def _powers(self) -> list[int] | None:
        """The multiplicities, if they are few and whole: then no logarithm is needed."""
        m = self._all[2]
        return [int(v) for v in m] if (m == np.round(m)).all() and m.sum() <= 8 else None

    @functools.cached_property
    def _quotients(self) -> dict[float, Floats]:
        """For each edge the coefficients of (z/z_edge - 1)(1 + beta delta)/delta^2."""
        found = {}
        powers = self._powers
        for edge, _, _ in self._edges if powers is not None else ():
            product = np.ones(1)
            for alpha, m in zip(self._reach(edge), powers or (), strict=False):
                for _ in range(m):
                    product = np.convolve(product, [1.0, alpha])
            found[edge] = product[2:]
        return found

    def _mismatch(self, now: Complexes, goal: Floats, edge: float | None) -> tuple[Any, Any]:
        """log z minus its goal, or nearly so, and its derivative."""
        if edge is None:
            if self._powers is None:
                value, slope = self._log_image(now)
                return value - np.log(goal), slope
            largest, _, _, b, c = self._all
            image, slope = self._scale * largest / (now - 1), -1 / (now - 1)
            for mi, bi, ci in zip(self._powers, b, c, strict=True):
                factor = ci * now + bi if bi else ci * now
                for _ in range(mi):
                    image = image * factor
                slope = slope + mi * ci / factor
            return 1 - goal / image, slope
        if self._powers is None:
            value, slope = self._from_edge(now, edge)
            return value - np.log1p(goal), slope
        quotient = np.zeros_like(now)
        slope = np.zeros_like(now)
        for coefficient in self._quotients[edge][::-1]:
            slope = slope * now + quotient
            quotient = quotient * now + coefficient
        # z/z_edge = 1 + d^2 quotient/(1 + beta d).
        down = 1 / (1 + now / (edge - 1))
        excess_ = now * now * quotient * down
        rate = now * down * (2 * quotient + now * slope - now * quotient * down / (edge - 1))
        whole = 1 / (1 + excess_)
        return (excess_ - goal) * whole, rate * whole

    def _settle(self, delta: Complexes, goal: Floats, edge: float | None) -> Complexes:
        """Newton in delta = w - edge for z/z_edge - 1 = goal, or in w for z = goal."""
        fixed = goal == 0
        delta = np.where(fixed, 0, delta)
        todo = np.flatnonzero(~fixed)
        now, goal = delta[todo], goal[todo]
        for _ in range(60):
            with np.errstate(all="ignore"):
                value, slope = self._mismatch(now, goal, edge)
                step = value / (slope * now)
                better = now * (1 - capped(step, 0.5))
            # The curve lies above the real line.
            better = np.where(better.imag > 0, better, better.real + 0.5j * now.imag)
            done = np.abs(step) < 1e-9
            if done.all():
                delta[todo] = better
                return delta
            delta[todo[done]] = better[done]
            todo, now, goal = todo[~done], better[~done], goal[~done]
        raise NoConvergence(f"pdf of {self}: no root was found", float(np.abs(step).max()))


def _root(mp: Any, function: Any, low: Any, high: Any) -> Any:
    """Root in (low, high) of a function that rises through 0 there."""
    # Near a pole or a root close to 0 only bisection is safe; secant steps then square the error.
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return mp.findroot(function, (low, high), solver="anderson", tol=1e-90, verify=False)


def _split(value: Any) -> tuple[float, float]:
    return float(value), float(value - float(value))


def capped(step: Complexes, most: float) -> Complexes:
    size = np.abs(step)
    return step * np.minimum(1, most / np.maximum(size, 1e-300))
