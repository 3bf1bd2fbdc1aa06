"""The free Levy-Khintchine triplet of finitely many jumps: one body for floats, digits, symbols."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Levy:
    r"""R(g) = drift + variance g + sum_j rate_j jump_j / (1 - jump_j g).

    The entries may be floats, mpmath numbers, fractions or sympy expressions. A law with such an
    R-transform is freely infinitely divisible: a semicircle plus free Poisson laws of the given
    rates and jump sizes [speicher2006]_.
    """

    drift: Any = 0
    variance: Any = 0
    rates: tuple[Any, ...] = ()
    jumps: tuple[Any, ...] = ()

    def r_transform(self, g: Any) -> Any:
        """R(g), with G(R(g) + 1/g) = g."""
        jumps = (c * p / (1 - p * g) for c, p in zip(self.rates, self.jumps, strict=True))
        return self.drift + self.variance * g + sum(jumps)

    def cumulant(self, n: int) -> Any:
        """The n-th free cumulant, n >= 1."""
        jumps = sum(c * p**n for c, p in zip(self.rates, self.jumps, strict=True))
        return jumps + (self.drift if n == 1 else self.variance if n == 2 else 0)

    def plus(self, other: "Levy") -> "Levy":
        """The free additive convolution; equal jumps are one."""
        rates: dict[Any, Any] = {}
        for part in (self, other):
            for c, p in zip(part.rates, part.jumps, strict=True):
                rates[p] = rates.get(p, 0) + c
        return Levy(
            self.drift + other.drift,
            self.variance + other.variance,
            tuple(rates.values()),
            tuple(rates),
        )

    def scaled(self, scale: Any, shift: Any = 0) -> "Levy":
        """The law of scale X + shift."""
        return Levy(
            scale * self.drift + shift,
            scale * scale * self.variance,
            self.rates,
            tuple(scale * p for p in self.jumps),
        )

    def compressed(self, fraction: Any) -> "Levy":
        """The law of the corner p X p, p a free projection of trace `fraction`."""
        return Levy(
            self.drift,
            fraction * self.variance,
            tuple(c / fraction for c in self.rates),
            tuple(fraction * p for p in self.jumps),
        )
