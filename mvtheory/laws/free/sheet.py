r"""One of the two eigenvalues of 2 x 2 blocks, as a function of c = cos^2 of their angle.

    x = A(c) + sign sqrt(B(c)),  A = A_0 (1-c) + A_1 c,  B = B_0 (1-c) + B_1 c + K c (1-c)

It is inverted from the nearest of points where both x and c are known, so that the digits of a
distance from an edge are kept.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.free.free_angle import FreeAngle


@dataclass(frozen=True)
class Anchor:
    """A point of a sheet: c - low and high - c; x and x - A; and half of dB/dc + 2 (x - A) dA/dc,
    which is 0 where x turns back."""

    below: float
    above: float
    x: float
    signed: float
    turn: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The coefficients: A_0, A_1 and their difference, B_0, B_1 and theirs, K; `leading` is
    rise^2 + bend, and `product` that of both eigenvalues where it does not depend on c."""

    angle: FreeAngle
    sign: int
    levels: tuple[float, float]
    rise: float
    squares: tuple[float, float]
    tilt: float
    bend: float
    leading: float
    product: float | None = None

    @property
    def flat(self) -> bool:
        """Whether x = A(c)."""
        return not any(self.squares) and not self.bend

    def half_slope(self, below: Floats | float) -> Floats | float:
        """Half of dB/dc."""
        return (self.tilt + self.bend * (1 - 2 * (self.angle.low + below))) / 2

    def anchor(self, below: float, above: float) -> Anchor:
        c, rest = self.angle.low + below, self.angle.rest + above
        mean = self.levels[0] * rest + self.levels[1] * c
        square = self.squares[0] * rest + self.squares[1] * c + self.bend * c * rest
        signed = self.sign * max(square, 0.0) ** 0.5
        x = mean + signed
        if self.product is not None and mean * signed < 0:
            # The small eigenvalue keeps its digits.
            x = self.product / (mean - signed)
        return Anchor(below, above, x, signed, signed * self.rise + float(self.half_slope(below)))

    @functools.cached_property
    def pieces(self) -> "list[Piece]":
        """Between the ends of c and the point where x turns back, if there is one."""
        width = self.angle.width
        ends = [self.anchor(0.0, width), self.anchor(width, 0.0)]
        below = self._turning()
        if below is not None and 0 < below < width:
            fold = self.anchor(below, width - below)
            ends.insert(1, Anchor(fold.below, fold.above, fold.x, fold.signed, 0.0))
        return [Piece(self, a, b) for a, b in itertools.pairwise(ends) if a.x != b.x]

    def _turning(self) -> float | None:
        """c - low where dx/dc = 0."""
        if self.bend and not self.rise:
            return (1 + self.tilt / self.bend) / 2 - self.angle.low
        if self.bend or not self.rise or not self.tilt:
            return None
        signed = -self.tilt / (2 * self.rise)
        if signed * self.sign < 0:
            return None
        return (signed * signed - self.squares[0]) / self.tilt - self.angle.low


@dataclass(frozen=True)
class Piece:
    """A part of a sheet on which x is monotone in c."""

    sheet: Sheet
    start: Anchor
    end: Anchor

    @property
    def rising(self) -> bool:
        return self.end.x > self.start.x

    @property
    def ends(self) -> tuple[float, float]:
        low, high = sorted((self.start.x, self.end.x))
        return low, high

    @functools.cached_property
    def mass(self) -> float:
        return self._mass_at(self.end) - self._mass_at(self.start)

    def _mass_at(self, anchor: Anchor) -> float:
        ends = np.array([anchor.below]), np.array([anchor.above])
        return float(self.sheet.angle.mass_below(*ends)[0])

    def _solve(self, base: float, offset: Floats) -> tuple[Floats, Floats, Floats]:
        """c - low, high - c and |(x - A) dx/dc| at the points base + offset of the image."""
        sheet, width = self.sheet, self.sheet.angle.width
        from_start, from_end = ((base - a.x) + offset for a in (self.start, self.end))
        first = np.abs(from_start) <= np.abs(from_end)
        d = np.where(first, from_start, from_end)
        below, above, signed, turn = (
            np.where(first, getattr(self.start, name), getattr(self.end, name))
            for name in ("below", "above", "signed", "turn")
        )
        # Quadratic in the change of c; d^2 rise^2 has been taken out of its discriminant.
        slope = 2 * signed + d
        bent = 2 * sheet.rise * sheet.half_slope(below) - sheet.bend * slope
        root = np.sqrt(np.maximum(turn * turn + d * bent, 0))
        side = root if self.rising == (sheet.sign > 0) else -root
        half = turn + sheet.rise * d
        with np.errstate(divide="ignore", invalid="ignore"):
            move = slope * d / (half + side)
            if sheet.leading:
                move = np.where(half * side >= 0, move, (half - side) / sheet.leading)
        move = np.where(d == 0, 0, move)
        return np.clip(below + move, 0, width), np.clip(above - move, 0, width), root

    def density(self, base: float, offset: Floats) -> Floats:
        """sqrt((c - low)(high - c))/(2 pi c (1-c)) |dc/dx| at points base + offset of the image."""
        sheet, angle = self.sheet, self.sheet.angle
        below, above, root = self._solve(base, offset)
        c, rest = angle.low + below, angle.rest + above
        with np.errstate(divide="ignore", invalid="ignore"):
            # Where low = 0 or high = 1 one root of c or 1-c is left, which B may cancel.
            left = below / c if angle.low else 1.0
            right = above / rest if angle.rest else 1.0
            if sheet.flat:
                squared, over = left * right / (c * rest), np.abs(sheet.rise) + 0 * c
            else:
                first = sheet.squares[0] / c if sheet.squares[0] else 0.0
                second = sheet.squares[1] / rest if sheet.squares[1] else 0.0
                squared, over = left * right * np.maximum(first + second + sheet.bend, 0), root
            density = np.where(squared == 0, 0, np.sqrt(squared) / over) / (2 * np.pi)
        return np.asarray(density)

    def mass_below(self, x: Floats) -> Floats:
        """Mass of the image up to x."""
        low, high = self.ends
        below, above, _ = self._solve(0.0, np.clip(x, low, high))
        there = self.sheet.angle.mass_below(below, above)
        mass = there - self._mass_at(self.start) if self.rising else self._mass_at(self.end) - there
        mass = np.clip(mass, 0, self.mass)
        return np.where(x <= low, 0, np.where(x >= high, self.mass, mass))
