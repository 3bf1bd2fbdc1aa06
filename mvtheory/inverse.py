"""Inverses of closed forms: the argument at which a formula takes a value."""

import math
import numbers
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.formula import Formula, rational

GRID = 512
"""Points on which a sign change is looked for: formulas here turn at most once."""


def solve(formula: Formula, name: str, value: float, values: dict[str, Any]) -> float:
    """The smallest real `name` in its range at which `formula` is `value`; `Formula.solve`."""
    from scipy.optimize import brentq

    if name not in formula.domain or formula.domain[name].vector:
        known = ", ".join(a.name for a in formula.arguments if not a.vector)
        raise ValueError(f"name={name!r} is not an argument to solve {formula.name} for: {known}")
    if name in values:
        raise ValueError(f"{name}={values[name]!r} is given, but it is what is solved for: drop it")
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"value={value!r} is not allowed: a finite number the formula can take")
    argument = formula.domain[name]
    formula.complete(values | {name: argument.low})
    rationals = {
        other: rational(formula.domain[other], given)
        for other, given in (dict(formula.defaults) | values).items()
        if other != name
    }
    formula.check_rationals(rationals)
    _refuse_limits(formula, name)

    def difference(x: float) -> float:
        arguments = {
            a.name: Fraction(x) if a.name == name else rationals[a.name] for a in formula.arguments
        }
        if formula.stable is not None:
            floats = {
                n: np.array([float(i) for i in v]) if isinstance(v, tuple) else np.float64(v)
                for n, v in arguments.items()
            }
            with np.errstate(all="ignore"):
                return float(formula.stable(**floats)) - float(value)
        return float(formula.guarded(arguments, 17) - value)

    points = _grid(argument.low, argument.high)
    heights = [difference(x) for x in points]
    for i, height in enumerate(heights):
        if height == 0:
            return float(points[i])
        if i and (heights[i - 1] < 0) != (height < 0):
            return float(brentq(difference, points[i - 1], points[i], xtol=1e-300, rtol=1e-14))
    low, high = min(heights) + value, max(heights) + value
    raise ValueError(
        f"value={value!r} is not reached by {formula.name} for {argument.range_text}: its values "
        f"run from {low:.6g} to {high:.6g}; choose a value between, or change the other arguments"
    )


def _grid(low: float, high: float) -> NDArray[np.float64]:
    """Points over the range, evenly in the logarithm where it spans decades."""
    if low > 0 and high / low > 1e3:
        points = np.geomspace(low, high, GRID)
    elif high > 1e3:
        points = np.concatenate([[low], np.geomspace(max(low, 1e-3), high, GRID)])
    else:
        points = np.linspace(low, high, GRID)
    points[0], points[-1] = low, high
    return points


def _refuse_limits(formula: Formula, name: str) -> None:
    """A sum's number of terms has no real continuation."""
    import sympy

    symbol = formula.symbols[name]
    for part in formula.symbolic.atoms(sympy.Sum, sympy.Product):
        if any(symbol in sympy.sympify(bound).free_symbols for bound in part.limits[0][1:]):
            raise ValueError(
                f"name={name!r} counts the terms of a sum in {formula.name}, which has no real "
                "continuation: evaluate the formula on an array of whole numbers instead"
            )


@dataclass(frozen=True, eq=False)
class Threshold(Formula):
    """The smallest whole number at which an increasing formula reaches a level.

    In floats the formula's own double decides, so that the level ``ensemble(views=3, networks=7)``
    gives back 7; `exact` compares exactly.

    Parameters
    ----------
    of : Formula
        Increasing in the argument `counted`.
    counted, level : str
        The argument of `of` that is counted up; the argument that holds the level.
    """

    of: Formula = None  # type: ignore[assignment]
    counted: str = ""
    level: str = ""

    def latex(self) -> str:
        """The definition as LaTeX: the least number that reaches the level."""
        import sympy

        symbol = sympy.latex(self.of.symbols[self.counted])
        level = sympy.latex(self.symbols[self.level])
        return f"\\min \\left\\{{ {symbol} : {self.of.latex()} \\geq {level} \\right\\}}"

    def __call__(self, **values: Any) -> Any:
        """The number as int; an int64 array for array arguments."""
        checked = {a.name: a.check(values[a.name]) for a in self.complete(values)}
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

    def exact(self, **values: Any) -> Any:
        """The number for exact arguments, as a sympy Integer; inputs as in `Formula.exact`."""
        import mpmath
        import sympy

        rationals = {a.name: rational(a, values[a.name]) for a in self.complete(values)}
        self.check_rationals(rationals)
        level = rationals.pop(self.level)

        def reached(n: int) -> bool:
            arguments = {
                a.name: Fraction(n) if a.name == self.counted else rationals[a.name]
                for a in self.of.arguments
            }
            # Agreement to 40 digits is equality: the formula is rational with small terms.
            value = self.of.guarded(arguments, 50)
            with mpmath.workdps(60):
                wanted = mpmath.mpf(level.numerator) / level.denominator
                return bool(value >= wanted * (1 - mpmath.mpf(10) ** -40))

        return sympy.Integer(self._least(reached))

    def high_precision(self, digits: int = 50, **values: Any) -> Any:
        """The same whole number as `exact`, as an mpmath number."""
        import mpmath

        return mpmath.mpf(int(self.exact(**values)))

    def solve(self, name: str, value: float, **values: Any) -> float:
        raise ValueError(f"{self.name} takes whole numbers only: solve {self.of.name} instead")

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
