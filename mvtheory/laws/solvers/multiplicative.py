"""Laws whose S-transform is a product of 1/(1 + q y)^m: tables along the band, and what follows."""

import functools
import math

import numpy as np

from mvtheory.laws.contract import transforms
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.explicit_r import positive
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import excess
from mvtheory.laws.solvers.multiplicative_map import MultiplicativeMap, capped
from mvtheory.multiprecision import NoConvergence

NODES = 256
FIRST = 4


class MultiplicativeLaw(MultiplicativeMap, AbstractLaw):
    """A law on [0, infinity) from its scale and its factors (q_i, m_i), m_i > 0, sum m_i > 0."""

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.zeros(1) if self._all[0] > 1 else np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        largest = self._all[0]
        return np.full(self.atoms.size, (largest - 1) / largest)

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        low = 0.0 if self._hard else self._edges[1][1]
        return ((low, self._edges[0][1]),)

    @functools.cached_property
    def _divergences(self) -> Floats:
        return np.zeros(1) if self._hard else np.empty(0)

    @functools.cached_property
    def _plateaus(self) -> Floats:
        return np.array([0.0, min(1.0, 1 / self._all[0])])

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
        while x > max(8 * low, 1e-290) and (x > 4 * low if low else abs(now) > 1e-4 * least):
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

    def _y(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """y = z G - 1, Im y <= 0, and w = 1 + Q y, at points on and above the real line."""
        largest = self._all[0]
        y, w = np.empty((2, *z.shape), dtype=complex)
        real = z.imag == 0
        inside = real & (self._band(z.real) >= 0)
        w[inside] = self._on_band(z.real[inside]).conj()
        y[inside] = (w[inside] - 1) / largest
        beyond, above = real & ~inside, ~real
        y[beyond], w[beyond] = self._beyond(z.real[beyond])
        if above.any():
            y[above] = self._descended(z[above])
            w[above] = 1 + largest * y[above]
        return y, w

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
                    step = capped(value / slope, 0.5)
                u = u - np.where(np.isfinite(step), step, 0)
        worst = float(np.max(np.abs(value)))
        if worst > 1e-7:
            raise NoConvergence(f"cauchy of {self}: no root was found", worst)
        return np.exp(u)

    # What follows from y.

    def _cauchy(self, z: Complexes) -> Complexes:
        y, w = self._y(z)
        _, q, m, b, c = self._all
        g = np.empty(z.shape, dtype=complex)
        # Without an atom at 0 G is regular there, and constant so close by.
        zero = np.abs(z) <= (0 if self.atoms.size else 1e-17 * self.support[0][0])
        unit = list(q).index(1)
        with np.errstate(over="ignore", invalid="ignore"):  # beside an atom
            g[~zero] = (b[unit] + c[unit] * w[~zero]) / z[~zero]
        if zero.any():
            # (1 + y)/z = y/(scale prod (1 + q y)^m), without the factor 1 + y.
            factors = [(1 + v * y[zero]) ** (p - (v == 1)) for v, p in zip(q, m, strict=True)]
            g[zero] = y[zero] / (self._scale * np.prod(factors, axis=0))
        return g

    def _potential(self, z: Complexes) -> Complexes:
        return self._potential_at(*self._y(z))

    def _potential_at(self, y: Complexes, w: Complexes) -> Complexes:
        """U = log(scale/y) + sum m (log(1 + q y) + (q y - log(1 + q y))/q), without 1 + y."""
        _, q, m, b, c = self._all
        value = math.log(self._scale) - np.log(y)
        for qi, mi, bi, ci in zip(q, m, b, c, strict=True):
            power = mi - (qi == 1)
            if qi == 1:
                value = value + power * y
            elif power:
                logarithm = np.log(bi + ci * w)
                value = value + power * (logarithm + excess(qi * y, logarithm) / qi)
        return value

    def _pdf(self, x: Floats) -> Floats:
        return self._density(x, self._on_band(x))

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
                with np.errstate(divide="ignore", invalid="ignore"):  # at the ends w is real
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

    def _r(self, g: Floats) -> Floats:
        return transforms.r_of_s(self, g)

    def _s(self, y: Floats) -> Floats:
        scale, factors = self._factors()
        product = np.full(y.shape, 1 / scale)
        for q, m in factors:
            product = product * positive(1 + q * y) ** -m
        return product

    def _chart(self) -> Chart:
        return _MultiplicativeChart(self)


class _MultiplicativeChart(Chart):
    """w = y = z G - 1."""

    def at(self, w: Complexes) -> Four:
        largest = self.law._all[0]
        log, slope = self.law._log_image(1 + largest * w)
        z = np.exp(log)
        dz = z * slope * largest
        g = (1 + w) / z
        return z, dz, g, (1 - g * dz) / z

    def start(self, z: Complexes) -> Complexes:
        return self.law._y(z)[0]

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w, 1 + self.law._all[0] * w)
