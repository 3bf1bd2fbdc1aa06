r"""Free products of Marchenko-Pastur laws: solved in the plane of y = z G(z) - 1.

z(y) = scale (1 + y)/y prod_i (1 + q_i y)^(m_i): S-transforms multiply. On the support, taking
Im y > 0, the arguments of the factors add up to that of y; along a ray arg y = theta that sum grows
with |y|, so each ray meets the curve once and theta runs through the band [banica2011]_.

With Q the largest q (1 included, for the factor 1 + y) the variable is w = 1 + Q y: every factor is
b_i + c_i w, exact at w = 0, where the spectrum meets 0.
"""

import functools
import math
from abc import abstractmethod
from typing import Any

import numpy as np

from mvtheory.laws.elementary import excess
from mvtheory.laws.law import AbstractLaw, Complexes, Floats
from mvtheory.multiprecision import NoConvergence

NODES = 256
FIRST = 4
DIGITS = 60


class MultiplicativeLaw(AbstractLaw):
    """A law on [0, infinity) from its scale and its factors (q_i, m_i), m_i > 0, sum m_i > 0."""

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
    def atoms(self) -> Floats:
        return np.zeros(1) if self._all[0] > 1 else np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        largest = self._all[0]
        return np.full(self.atoms.size, (largest - 1) / largest)

    @functools.cached_property
    def _edges(self) -> list[tuple[float, float, float]]:
        """(w, position, what the double lacks) at the soft edges: high, then low if soft."""
        import mpmath

        largest, q, m, _, _ = self._all
        with mpmath.workdps(DIGITS):
            mq, mm = [mpmath.mpf(v) for v in q], [mpmath.mpf(v) for v in m]
            top = mpmath.mpf(largest)

            def position(w: Any) -> Any:
                product = mpmath.mpf(self._scale) * top / (w - 1)
                for qi, mi in zip(mq, mm, strict=True):
                    product *= ((top - qi + qi * w) / top) ** mi
                return abs(product)

            def balance(w: Any) -> Any:
                # d log z/dw = 0, times w - 1: sum m q (w - 1)/(Q - q + q w) = 1.
                terms = zip(mq, mm, strict=True)
                return sum(m_ * q_ * (w - 1) / (top - q_ + q_ * w) for q_, m_ in terms) - 1

            ends = [mpmath.mpf(1)]
            while balance(ends[-1]) < 0:
                ends.append(1 + 2 * (ends[-1] - 1) + mpmath.mpf(1) / 8)
            roots = [_root(balance, ends[-2], ends[-1])]
            if not self._hard:
                second = max(v for v in mq if v < top)
                roots.append(_root(balance, 1 - top / second, mpmath.mpf(0)))
            return [(float(w), *_split(position(w))) for w in roots]

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        low = 0.0 if self._hard else self._edges[1][1]
        return ((low, self._edges[0][1]),)

    @functools.cached_property
    def _plateaus(self) -> Floats:
        return np.array([0.0, min(1.0, 1 / self._all[0])])

    # The curve.

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

    @functools.cached_property
    def _table(self) -> tuple[Floats, Complexes]:
        """Angles psi, x = low + width sin^2(psi/2), and w at nodes along the band."""
        theta = np.pi * (1 - np.cos(np.linspace(0, np.pi, 2 * NODES + 1)[1:-1])) / 2
        w = self._on_rays(theta)[::-1]
        low, high = self.support[0]
        x = np.exp(self._log_image(w)[0].real)
        psi = 2 * np.arcsin(np.sqrt(np.clip((x - low) / (high - low), 0, 1)))
        keep = np.append(True, np.diff(np.maximum.accumulate(psi)) > 0) & (psi < np.pi - 1e-6)
        keep &= psi > 1e-6
        ends = np.array([0.0 if self._hard else self._edges[1][0], self._edges[0][0]])
        coarse = np.concatenate([[0.0], psi[keep], [np.pi]])
        guess = np.concatenate([ends[:1], w[keep], ends[1:]])
        nodes = np.linspace(0, np.pi, NODES + 1)
        start = np.interp(nodes, coarse, guess.real) + 1j * np.interp(nodes, coarse, guess.imag)
        rise = (high - low) * np.sin(nodes / 2) ** 2
        fall = (high - low) * np.cos(nodes / 2) ** 2
        fine = start.copy()
        fine[1:-1] = self._newton(start[1:-1], (low + rise)[1:-1], rise[1:-1], fall[1:-1])
        fine[0], fine[-1] = ends
        return nodes, fine

    @functools.cached_property
    def _rates(self) -> Complexes:
        """dw/dpsi at the nodes: smooth at soft edges, not used beside a hard one."""
        nodes, w = self._table
        low, high = self.support[0]
        rates = np.zeros(w.shape, dtype=complex)
        x = low + (high - low) * np.sin(nodes / 2) ** 2
        inner = slice(1, -1)
        slope = x[inner] * self._log_image(w[inner])[1]
        rates[inner] = (high - low) * np.sin(nodes[inner]) / 2 / slope
        for index, (edge, position, _) in zip((-1, 0), self._edges, strict=False):
            # log(z/z_e) = curvature delta^2/2 with delta = dw/dpsi times the angle.
            reach = self._reach(edge)
            curvature = float(reach[-1] ** 2 - self._all[2] @ reach[:-1] ** 2)
            rate = math.sqrt((high - low) / (2 * position * abs(curvature)))
            rates[index] = (1j if index == 0 else -1j) * rate
        return rates

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
                better = now * (1 - _capped(step, 0.5))
            # The curve lies above the real line.
            better = np.where(better.imag > 0, better, better.real + 0.5j * now.imag)
            done = np.abs(step) < 1e-9
            if done.all():
                delta[todo] = better
                return delta
            delta[todo[done]] = better[done]
            todo, now, goal = todo[~done], better[~done], goal[~done]
        raise NoConvergence(f"pdf of {self}: no root was found", float(np.abs(step).max()))

    def _on_band(self, x: Floats) -> Complexes:
        """w at points of the support."""
        low, high = self.support[0]
        rise = x - low - (0.0 if self._hard else self._edges[1][2])
        fall = high - x + self._edges[0][2]
        return self._at(x, np.maximum(rise, 0), np.maximum(fall, 0))

    def _at(self, x: Floats, rise: Floats, fall: Floats) -> Complexes:
        low, high = self.support[0]
        _, w = self._table
        lower = rise < fall
        half = np.arcsin(np.sqrt(np.minimum(np.where(lower, rise, fall) / (high - low), 0.5)))
        psi = np.where(lower, 2 * half, np.pi - 2 * half)
        step = np.pi / NODES
        cell = np.minimum((psi / step).astype(np.intp), NODES - 1)
        t = psi / step - cell
        a, b = w[cell], w[cell + 1]
        rate = self._rates * step
        start = a + t * ((b - a) + (1 - t) * ((1 - t) * (rate[cell] - (b - a))
                                              - t * (rate[cell + 1] - (b - a))))  # fmt: skip
        first = cell < FIRST
        if first.any() and self._steep:
            start[first] = self._towards_zero(x[first], rise[first])
        return self._certified(self._newton(start, x, rise, fall), x)

    def _certified(self, w: Complexes, x: Floats) -> Complexes:
        """The branch is proved by its arguments: they add up to 0 without a turn."""
        _, _, m, b, c = self._all
        total = -np.angle(w - 1)
        for mi, bi, ci in zip(m, b, c, strict=True):
            total += mi * np.angle(bi + ci * w)
        # At the ends of the band w is real.
        wrong = (np.abs(total) > 1) & (w.imag != 0)
        if wrong.any():
            raise NoConvergence(f"pdf of {self}: wrong branch at x={x[wrong][0]}", 1.0)
        return w

    @property
    def _steep(self) -> bool:
        """Whether x runs through several orders of magnitude in the first cells of the table."""
        low, high = self.support[0]
        return low < 1e-3 * high

    @functools.cached_property
    def _tail(self) -> tuple[Floats, Complexes]:
        """(log x, log w), ascending, from the table down to the law of a power, or to the edge."""
        _, _, _, b, c = self._all
        low, high = self.support[0]
        nodes, w = self._table
        x, now = low + (high - low) * np.sin(nodes[FIRST] / 2) ** 2, w[FIRST]
        least = min((bi / ci for bi, ci in zip(b, c, strict=True) if bi > 0), default=1.0)
        found = [(math.log(x), np.log(now))]
        while x > 8 * low and (x > 4 * low if low else abs(now) > 1e-4 * least):
            x = max(x / 4, 2 * low)
            guess = np.array([now * 4.0 ** (-1 / max(self._hard, 2.0))])
            now = self._certified(self._settle(guess, np.array([x]), None), np.array([x]))[0]
            found.append((math.log(x), np.log(now)))
        logs, points = zip(*found[::-1], strict=True)
        return np.array(logs), np.array(points)

    def _towards_zero(self, x: Floats, rise: Floats) -> Complexes:
        """Starts below the table: by the tail, then by a power of x or the root at a soft edge."""
        logs, points = self._tail
        with np.errstate(divide="ignore"):
            log = np.log(x)
        start = np.exp(np.interp(log, logs, points.real) + 1j * np.interp(log, logs, points.imag))
        below = log < logs[0]
        if self._hard:
            shift = (log[below] - logs[0]) / self._hard
            start[below] = np.exp(np.maximum(shift + points[0].real, -700) + 1j * points[0].imag)
        elif below.any():
            edge, position, _ = self._edges[1]
            reach = self._reach(edge)
            curvature = abs(self._all[2] @ reach[:-1] ** 2 - reach[-1] ** 2)
            ratio = np.log1p(rise[below] / position)
            start[below] = edge + 1j * np.sqrt(2 * ratio / curvature)
        return start

    # Off the support.

    def _y(self, z: Complexes) -> Complexes:
        """y = z G - 1, Im y <= 0, at points on and above the real line."""
        largest = self._all[0]
        band = np.where(z.imag == 0, self._band(z.real), -1)
        y = np.empty(z.shape, dtype=complex)
        inside = band >= 0
        y[inside] = ((self._on_band(z.real[inside]) - 1) / largest).conj()
        # At 0 itself: y = -1/Q, the share of its atom less 1.
        y[z == 0] = -1 / largest
        outside = np.flatnonzero(~inside & (z != 0))
        if outside.size:
            found = self._descended(z[outside])
            # A real y comes from below, as on the support: its imaginary part is -0.
            y[outside] = np.where(z[outside].imag == 0, found.real, found.conj()).conj()
        return y

    def _descended(self, z: Complexes) -> Complexes:
        """Newton in log y while z comes down from far above."""
        _, q, m, _, _ = self._all
        height = 64 * self.support[0][1] + 4 * np.abs(z)
        mean = self._scale
        u = np.log(mean / (z + 1j * height))
        shrink = 0.6
        for level in range(140):
            last = level == 139
            point = z if last else z + 1j * height * shrink**level
            for _ in range(8 if last else 3):
                y = np.exp(u)
                value = np.log(1 + y) - u + math.log(self._scale) - np.log(point)
                slope = y / (1 + y) - 1
                for qi, mi in zip(q, m, strict=True):
                    power = mi - (qi == 1)
                    value = value + power * np.log(1 + qi * y)
                    slope = slope + power * qi * y / (1 + qi * y)
                value = value - 2j * np.pi * np.round(value.imag / (2 * np.pi))
                with np.errstate(all="ignore"):
                    step = _capped(value / slope, 0.5)
                u = u - np.where(np.isfinite(step), step, 0)
        worst = float(np.max(np.abs(value)))
        if worst > 1e-7:
            raise NoConvergence(f"cauchy of {self}: no root was found", worst)
        return np.exp(u)

    # What follows from y.

    def _cauchy(self, z: Complexes) -> Complexes:
        y = self._y(z)
        with np.errstate(divide="ignore", invalid="ignore"):
            g = (1 + y) / z
            zero = np.flatnonzero(z == 0)
            if zero.size:
                # (1 + y)/z = y/(scale prod (1 + q y)^m), without the factor 1 + y.
                _, q, m, _, _ = self._all
                factors = [(1 + v * y[zero]) ** (p - (v == 1)) for v, p in zip(q, m, strict=True)]
                g[zero] = y[zero] / (self._scale * np.prod(factors, axis=0))
        return g

    def _potential(self, z: Complexes) -> Complexes:
        return self._potential_at(self._y(z))

    def _potential_at(self, y: Complexes) -> Complexes:
        """U = log(scale/y) + sum m (log(1 + q y) + (q y - log(1 + q y))/q), without 1 + y."""
        _, q, m, _, _ = self._all
        value = math.log(self._scale) - np.log(y)
        for qi, mi in zip(q, m, strict=True):
            power = mi - (qi == 1)
            if qi == 1:
                value = value + power * y
            elif power:
                with np.errstate(divide="ignore", invalid="ignore"):
                    logarithm = np.log(1 + qi * y)
                    value = value + power * (logarithm + excess(qi * y, logarithm) / qi)
        return value

    def _pdf(self, x: Floats) -> Floats:
        inside = self._band(x) >= 0
        density = np.zeros(x.shape)
        density[inside] = self._density(x[inside], self._on_band(x[inside]))
        return density

    def _density(self, x: Floats, w: Complexes) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x == 0, np.inf, w.imag / (np.pi * self._all[0] * x))

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        low, high = self.support[0]
        inside = offset < high - low
        near = offset[inside]
        far = (high - low) - near
        x, rise, fall = (high - near, far, near) if edge else (low + near, near, far)
        density = np.zeros(offset.shape)
        density[inside] = self._density(x, self._at(x, rise, fall))
        return density

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        w = self._on_band(x)
        return self._density(x, w), self._mass(w)

    def _continuous_cdf(self, x: Floats) -> Floats:
        low, high = self.support[0]
        mass = np.where(x >= high, self._plateaus[1], 0.0)
        inside = (x > low) & (x < high)
        mass[inside] = self._mass(self._on_band(x[inside]))
        return mass

    def _mass(self, w: Complexes) -> Floats:
        _, _, m, b, c = self._all
        largest, q = self._all[0], self._all[1]
        total = np.angle(w - 1)
        for qi, mi, bi, ci in zip(q, m, b, c, strict=True):
            power = mi - (qi == 1)
            if qi == 1:
                total = total - power * w.imag / largest
            elif power:
                with np.errstate(divide="ignore", invalid="ignore"):
                    logarithm = np.log(bi + ci * w)
                rest = excess(qi / largest * (w - 1), logarithm)
                total = total - power * (logarithm + rest / qi).imag
        full = self._plateaus[1]
        mass = np.clip(1 - total / np.pi - float(np.sum(self.weights)), 0, full)
        return np.where(w.imag == 0, np.where(w.real > 1, full, 0.0), mass)

    def _moments(self, n: int) -> list[float]:
        """Lagrange inversion: y = sum m_k z^-k inverts 1/z = y/(scale (1 + y) prod ...)."""
        _, q, m, _, _ = self._all
        moments = []
        for k in range(1, n + 1):
            series = np.zeros(k)
            series[0] = 1.0
            for qi, mi in zip(q, m, strict=True):
                # (1 + q y)^(k m) up to y^(k-1).
                j = np.arange(1, k)
                factor = np.cumprod(np.append(1.0, (k * mi - j + 1) / j * qi))
                series = np.convolve(series, factor)[:k]
            moments.append(float(self._scale**k * series[-1] / k))
        return moments


def _root(function: Any, low: Any, high: Any) -> Any:
    """Root in (low, high) of a function that rises through 0 there."""
    import mpmath

    # Near a pole or a root close to 0 only bisection is safe; secant steps then square the error.
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return mpmath.findroot(function, (low, high), solver="anderson", tol=1e-90, verify=False)


def _split(value: Any) -> tuple[float, float]:
    return float(value), float(value - float(value))


def _capped(step: Complexes, most: float) -> Complexes:
    size = np.abs(step)
    return step * np.minimum(1, most / np.maximum(size, 1e-300))
