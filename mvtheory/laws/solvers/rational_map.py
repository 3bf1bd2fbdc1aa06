r"""The rational map z(h) = shift + h + sum r_j/(h - p_j), r_j > 0, and its inverse.

For Im z > 0 exactly one root has Im h >= Im z; over the support it is the one root in the upper
half plane. So a small residual with Im h > 0 proves the branch. The roots over a horizontal line
make a curve v(u) on which Re z grows with u [biane1997]_: bisection along it cannot fail, Newton's
method is fast.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import pole_sums
from mvtheory.multiprecision import NoConvergence

CHUNK = 2**19


@dataclass(frozen=True, eq=False)
class RationalMap:
    """z(h) by its poles, shape (d,), ascending, their strengths and the shift."""

    poles: Floats
    strengths: Floats
    shift: float

    def height(self, u: Floats, y: Floats) -> Floats:
        """v >= 0 with v (1 - sum r/((u - p)^2 + v^2)) = y, the largest; 0 off the curve if y = 0.

        1/(sum r/(a + s) + y/sqrt s) is concave in s = v^2: Newton from the left is monotone.
        """
        poles, strengths = self.poles, self.strengths
        v = np.empty(u.shape)
        for part in chunks(u.size, poles.size):
            square = (u[part] - poles[:, None]) ** 2
            s = np.maximum(np.max(strengths[:, None] - square, axis=0), y[part] ** 2)
            s = np.maximum(s, 0)
            if not y[part].any():
                with np.errstate(over="ignore"):
                    on = strengths @ (1 / np.maximum(square, 1e-300)) > 1
                s = np.where(on, np.maximum(s, 0), np.nan)
            for _ in range(60):
                inverse = 1 / (square + s)
                root = np.sqrt(s)
                lift = np.divide(y[part], root, out=np.zeros_like(s), where=y[part] > 0)
                k = strengths @ inverse + lift
                slope = strengths @ (inverse * inverse) + np.divide(
                    lift, 2 * s, out=np.zeros_like(s), where=lift > 0
                )
                step = np.maximum((k - 1) * k / slope, 0)
                s = s + step
                if not (step > 1e-15 * s).any():
                    break
            v[part] = np.sqrt(np.where(np.isnan(s), 0, s))
        return v

    def image(self, h: Complexes) -> Complexes:
        """z(h)."""
        poles, strengths = self.poles, self.strengths
        return h + self.shift + pole_sums(strengths, poles, h)[0]

    def bisect(self, x: Floats, y: Floats, low: Floats, high: Floats, steps: int) -> Complexes:
        """h on the curve of height y with low <= Re h <= high and Re z(h) = x."""
        for _ in range(steps):
            u = (low + high) / 2
            h = u + 1j * self.height(u, y)
            with np.errstate(divide="ignore", invalid="ignore"):
                below = self.image(h).real < x
            low, high = np.where(below, u, low), np.where(below, high, u)
        u = (low + high) / 2
        return u + 1j * self.height(u, y)

    def inverse(self, z: Complexes) -> Complexes:
        """h at points above the real line, and on it off the support."""
        spread = float(np.sqrt(np.sum(self.strengths)))
        middle = z.real - self.shift
        x, y = z.real, z.imag
        low, high = middle - spread, middle + spread
        h = np.empty(z.shape, dtype=complex)
        todo = np.arange(z.size)
        if self.poles.size == 1:
            h, good = self._polish(self._of_one_pole(z), z)
            todo = todo[~good]
            if not todo.size:
                return h
        for steps in (16, 40, 80):
            start = self.bisect(x[todo], y[todo], low[todo], high[todo], steps)
            found, good = self._polish(start, z[todo])
            h[todo[good]] = found[good]
            todo = todo[~good]
            if not todo.size:
                return h
        # Next to an edge, in a gap, Newton has little to gain: the curve itself is exact.
        start = self.bisect(x[todo], y[todo], low[todo], high[todo], 100)
        residual = np.abs(self.image(start) - z[todo]) / (spread + np.abs(z[todo]))
        if residual.max() > 1e-12:
            raise NoConvergence(
                "cauchy: no root of the rational map was found", float(residual.max())
            )
        h[todo] = start
        return h

    def _of_one_pole(self, z: Complexes) -> Complexes:
        """h with (h - p)^2 - (z - shift - p) (h - p) + r = 0: of two roots the larger."""
        away, width = z - self.shift - self.poles[0], 2 * np.sqrt(self.strengths[0])
        return self.poles[0] + (away + np.sqrt(away - width) * np.sqrt(away + width)) / 2

    def _polish(self, h: Complexes, z: Complexes) -> tuple[Complexes, Any]:
        """Newton in the plane; True where the root is the physical one."""
        poles, strengths = self.poles, self.strengths
        real = z.imag == 0
        with np.errstate(all="ignore"):
            for _ in range(6):
                first, second = pole_sums(strengths, poles, h)
                step = (h + self.shift - z + first) / (1 - second)
                h = h - step
            # |z'| = 1 - K on the real line; above it Im z = Im h (1 - K).
            k = np.where(real, second.real, 1 - z.imag / h.imag)
            settled = np.abs(step) <= 1e-13 * np.abs(h)
            # Im z = Im h (1 - K): off the real line the root with Im h > 0 and K < 1 is unique,
            # on the real line outside the support the real one with K < 1.
            branch = np.where(real, (np.abs(h.imag) < 1e-14 * np.abs(h)) & (k < 1),
                              (h.imag > 0) & (k < 1))  # fmt: skip
        return np.where(real, h.real, h), settled & branch


def chunks(size: int, width: int) -> list[slice]:
    """Slices of a long axis, such that `width` rows of one fit into the cache."""
    step = max(64, CHUNK // max(width, 1))
    return [slice(start, start + step) for start in range(0, size, step)]
