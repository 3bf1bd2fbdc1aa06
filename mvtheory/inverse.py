"""Inverses of closed forms: the argument at which a formula takes a value."""

import math
import numbers
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import Argument, meant

if TYPE_CHECKING:
    from mvtheory.formula import Formula

GRID = 512
"""Points between which a formula that may turn is taken to turn at most once."""
ROUNDING = 1e-14
"""Accuracy of a formula's doubles, relative."""


def solve(formula: "Formula", name: str, value: float, values: dict[str, Any]) -> float:
    """The smallest real `name` in its range at which `formula` is `value`; `Formula.solve`."""
    argument, others = _checked(formula, name, value, values)
    wanted = float(value)
    at = _evaluation(formula, name, others)

    def difference(x: float) -> float:
        return at(x) - wanted

    points = _points(formula, argument, others)
    heights = np.array([difference(x) for x in points])
    start = dict(formula.continued_from).get(name, -math.inf)
    for i in range(len(points)):
        if heights[i] == 0:
            return float(points[i])
        before, end = points[max(i - 1, 0)], points[i]
        if before < start:
            continue
        if np.sign(heights[max(i - 1, 0)]) * np.sign(heights[i]) >= 0:
            turn = _turn(difference, points, heights, i)
            if turn is None:
                continue
            end = turn
        root = _root(argument, at, wanted, before, end)
        if root is not None:
            return root
    known = heights[np.isfinite(heights)] + wanted
    raise ValueError(
        f"value={value!r} is not reached by {formula.name} for {argument.range_text}: its values "
        f"run from {known.min(initial=math.inf):.6g} to {known.max(initial=-math.inf):.6g}; choose "
        "a value between, or change the other arguments"
    )


def obstacle(formula: "Formula", name: str) -> str | None:
    """Why the formula cannot be solved for the argument, and what to do; None if it can."""
    import sympy

    argument = formula.domain[name]
    if argument.vector:
        return "is a vector: solve for a number, or evaluate the formula"
    if argument.is_flag:
        return "is 0 or 1: evaluate the formula at both"
    symbol = formula.symbols[name]
    for part in formula.symbolic.atoms(sympy.Sum, sympy.Product):
        if any(symbol in sympy.sympify(bound).free_symbols for bound in part.limits[0][1:]):
            return (
                "counts the terms of a sum, which has no real continuation: evaluate the formula "
                "on an array of whole numbers instead"
            )
    return None


def _checked(
    formula: "Formula", name: str, value: float, values: dict[str, Any]
) -> tuple[Argument, dict[str, Any]]:
    """The argument to be found, and the others as Fractions."""
    if name not in formula.domain:
        raise ValueError(
            f"name={name!r} is not an argument of {formula.name}; "
            f"{meant(name, formula.arguments)}solve for one of {', '.join(formula.solvable)}"
        )
    reason = obstacle(formula, name)
    if reason:
        known = ", ".join(formula.solvable) or "none"
        raise ValueError(
            f"{formula.name} cannot be solved for name={name!r} (it can for: {known}): "
            f"{name} {reason}"
        )
    if name in values:
        raise ValueError(f"{name}={values[name]!r} is given, but it is what is solved for: drop it")
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"value={value!r} is not allowed (a finite number); give one number that "
                         f"{formula.name} can take")  # fmt: skip
    argument = formula.domain[name]
    given = dict(formula.defaults) | values
    formula.complete(given | {name: argument.low})
    others = [a for a in formula.arguments if a.name != name]
    return argument, {other.name: other.exact(given[other.name]) for other in others}


def _evaluation(formula: "Formula", name: str, others: dict[str, Any]) -> Callable[[float], float]:
    """The formula as a function of one argument; nan where it has no real value.

    Its `stable` form is right for every real argument in range, but for whole numbers only where
    whole numbers are asked for: between them it is the expression that is continued.
    """
    integer = formula.domain[name].integer
    floats = {
        n: np.array([float(i) for i in v]) if isinstance(v, tuple) else np.float64(v)
        for n, v in others.items()
    }

    def at(x: float) -> float:
        if formula.stable is not None and (not integer or float(x).is_integer()):
            with np.errstate(all="ignore"):
                return float(formula.stable(**floats, **{name: np.float64(x)}))
        point = others | {name: Fraction(float(x))}
        try:
            return float(formula.guarded({n: point[n] for n in formula.domain}, 17))
        except (TypeError, ZeroDivisionError, OverflowError):  # a complex number, or a pole
            return math.nan

    return at


def _points(formula: "Formula", argument: Argument, others: dict[str, Any]) -> NDArray[np.float64]:
    """Points of the range, the formula monotone or turning once between neighbours."""
    low = np.nextafter(argument.low, math.inf) if argument.low_open else float(argument.low)
    high = np.nextafter(argument.high, -math.inf) if argument.high_open else float(argument.high)
    if argument.name in formula.monotone:
        return np.array([low, high])
    if formula.landmarks is not None:
        floats = {n: float(v) for n, v in others.items() if not isinstance(v, tuple)}
        near = formula.landmarks(argument.name, **floats)
        points = np.array([low, *(x for x in near if low < x < high), high])
    elif low > 0 and high / low > 1e3:
        points = np.geomspace(low, high, GRID)
    elif high > 1e3:
        points = np.concatenate([[low], np.geomspace(max(low, 1e-3), high, GRID)])
    else:
        points = np.linspace(low, high, GRID)
    points[0], points[-1] = low, high
    return np.unique(np.rint(points) if argument.integer else points)


def _turn(
    difference: Callable[[float], float],
    points: NDArray[np.float64],
    heights: NDArray[np.float64],
    i: int,
) -> float | None:
    """A point next to points[i] beyond the value, if the formula turns there and reaches it."""
    from scipy.optimize import minimize_scalar

    if len(points) < 3 or not np.isfinite(heights[max(i - 1, 0) : i + 2]).all():
        return None
    sign = np.sign(heights[i])
    neighbours = heights[[j for j in (i - 1, i + 1) if 0 <= j < len(points)]]
    # Nearest to the value of its neighbours, all of them on one side of it.
    gaps = sign * neighbours - abs(heights[i])
    if not ((gaps >= 0).all() and (gaps > 0).any()):
        return None
    low, high = points[max(i - 1, 0)], points[min(i + 1, len(points) - 1)]
    found = minimize_scalar(
        lambda x: sign * difference(x), bounds=(low, high), method="bounded",
        options={"xatol": 1e-9 * max(abs(low), abs(high))},
    )  # fmt: skip
    return float(found.x) if sign * difference(float(found.x)) <= 0 else None


def _root(
    argument: Argument,
    at: Callable[[float], float],
    wanted: float,
    low: float,
    high: float,
) -> float | None:
    """The root between two points of different sign, whole where it can be; None at a jump."""
    from scipy.optimize import brentq

    if argument.integer:
        # Whole numbers are cheaper than the powers between them.
        side, left, right = np.sign(at(low) - wanted), math.ceil(low), math.floor(high)
        while left < right:
            middle = (left + right + 1) // 2
            kept = np.sign(at(middle) - wanted) == side
            left, right = (middle, right) if kept else (left, middle - 1)
        low, high = left, min(left + 1, high)
    unit = 4 * np.finfo(float).eps
    x = float(brentq(lambda t: at(t) - wanted, low, high, xtol=1e-300, rtol=unit))
    whole = float(round(x))
    if argument.integer and abs(at(whole) - wanted) <= ROUNDING * abs(wanted):
        return whole
    # At a jump the difference across is the same from however near it is looked at.
    near, far = (at(x * (1 + k * unit)) - at(x * (1 - k * unit)) for k in (1, 64))
    if abs(at(x) - wanted) > 1e-9 * abs(wanted) and not abs(near) <= abs(far) / 2:
        return None
    return x
