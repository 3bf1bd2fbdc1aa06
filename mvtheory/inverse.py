"""Inverses of closed forms: the argument at which a formula takes a value."""

import math
import numbers
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mvtheory.formula import Formula

GRID = 512
"""Points on which a sign change is looked for: formulas here turn at most once."""


def solve(formula: "Formula", name: str, value: float, values: dict[str, Any]) -> float:
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
        other: formula.domain[other].exact(given)
        for other, given in (dict(formula.defaults) | values).items()
        if other != name
    }
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


def _refuse_limits(formula: "Formula", name: str) -> None:
    """A sum's number of terms has no real continuation."""
    import sympy

    symbol = formula.symbols[name]
    for part in formula.symbolic.atoms(sympy.Sum, sympy.Product):
        if any(symbol in sympy.sympify(bound).free_symbols for bound in part.limits[0][1:]):
            raise ValueError(
                f"name={name!r} counts the terms of a sum in {formula.name}, which has no real "
                "continuation: evaluate the formula on an array of whole numbers instead"
            )
