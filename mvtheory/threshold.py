"""The smallest whole number for which a formula reaches a level."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from mvtheory.formula import NOTHING, Case, Formula
from mvtheory.multiprecision import context


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Threshold(Formula):
    """The smallest whole number at which an increasing formula reaches a level.

    In floats the formula's own double decides, so that the level ``ensemble(views=3, networks=7)``
    gives back 7, unless the threshold has a `stable` form of its own; `exact` compares exactly.

    Parameters
    ----------
    of : Formula
        Increasing in the argument `counted`.
    counted, level : str
        The argument of `of` that is counted up; the argument that holds the level.
    Its status is that of the formula that it inverts.
    """

    of: Formula
    counted: str
    level: str
    status: str = field(init=False)
    cases: tuple[Case, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Where the formula says nothing it has no level to reach.
        told = tuple(case for case in self.of.cases if case.status != NOTHING)
        object.__setattr__(self, "status", self.of.status)
        object.__setattr__(self, "cases", told)
        super().__post_init__()

    def status_of(self, value: Any, arguments: dict[str, Any]) -> Any:
        others = {name: given for name, given in arguments.items() if name != self.level}
        return super().status_of(value, others | {self.counted: np.asarray(value, float)})

    @property
    def solvable(self) -> tuple[str, ...]:
        """None of the arguments: a step function takes whole numbers only."""
        return ()

    def latex(self) -> str:
        """The closed form as LaTeX if there is one, else the definition."""
        import sympy

        if not isinstance(self.symbolic, sympy.core.relational.Relational):
            return super().latex()
        symbol = sympy.latex(self.of.symbols[self.counted])
        level = sympy.latex(self.symbols[self.level])
        return f"\\min \\left\\{{ {symbol} : {self.of.latex()} \\geq {level} \\right\\}}"

    def __call__(self, *unnamed: Any, **values: Any) -> Any:
        """The number as int; an int64 array for array arguments."""
        if self.stable is not None:
            return super().__call__(*unnamed, **values)
        checked = {a.name: a.check(values[a.name]) for a in self.complete(values, unnamed)}
        arrays = np.broadcast_arrays(*checked.values())
        result = np.empty(arrays[0].shape, dtype=np.int64)
        stable = self.of.stable
        assert stable is not None
        for index in np.ndindex(result.shape):
            floats = {n: np.float64(a[index]) for n, a in zip(checked, arrays, strict=True)}
            level = floats.pop(self.level)

            def reached(n: int, given: Any = floats, level: Any = level) -> bool:
                with np.errstate(all="ignore"):
                    return bool(stable(**given, **{self.counted: np.float64(n)}) >= level)

            result[index] = self._least(reached)
        return result.item() if result.ndim == 0 else result

    def exact(self, *unnamed: Any, **values: Any) -> Any:
        """The number for exact arguments, as a sympy Integer; inputs as in `Formula.exact`."""
        import sympy

        rationals = {a.name: a.exact(values[a.name]) for a in self.complete(values, unnamed)}
        level = rationals.pop(self.level)
        # Agreement to 40 digits more than the level is written with is taken for equality.
        agreed = 40 + len(str(level.denominator))

        def reached(n: int) -> bool:
            arguments = {
                a.name: Fraction(n) if a.name == self.counted else rationals[a.name]
                for a in self.of.arguments
            }
            value = self.of.guarded(arguments, agreed + 10)
            with context(digits=agreed + 20) as mp:
                wanted = mp.mpf(level.numerator) / level.denominator
                return bool(value >= wanted * (1 - mp.mpf(10) ** -agreed))

        return sympy.Integer(self._least(reached))

    def high_precision(self, digits: int = 50, *unnamed: Any, **values: Any) -> Any:
        """The same whole number as `exact`, as an mpmath number."""
        import mpmath

        self._check_digits(digits, unnamed, values)
        # mpmath.mpf(int) would round to the precision of the process.
        return mpmath.mp.make_mpf(mpmath.libmp.from_int(int(self.exact(**values))))

    def solve(self, name: str, value: float, **values: Any) -> float:
        raise ValueError(
            f"{self.name} takes whole numbers only and has no inverse; solve {self.of.name} for "
            f"{' or '.join(self.of.solvable)}, its value being the {self.level}"
        )

    def _least(self, reached: Any) -> int:
        high = 1
        while not reached(high):
            high *= 2
            if high > 2**60:
                raise ValueError(
                    f"{self.level} is not reached by any number of {self.counted} up to 2^60: "
                    "choose a lower level"
                )
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return high
