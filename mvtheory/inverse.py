"""Inverses of closed forms: the argument at which a formula takes a value."""

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mvtheory.arguments import Argument, meant
from mvtheory.shapes import Float, Floats

GRID = 512
"""Points between which a formula that may turn is taken to turn at most once."""
ROUNDING = 1e-14
"""Accuracy of a formula's doubles, relative."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A formula as a function of one argument, the others being given.

    Parameters
    ----------
    name : str
        Of the formula.
    argument : Argument
        With its range.
    at : callable
        From the argument to the formula's value, nan where it has no real one.
    landmarks : tuple of float, optional
        Points between which it turns once at most, none of them if it never turns.
    start : float
        Where the real continuation of a whole number begins.
    """

    name: str
    argument: Argument
    at: Callable[[float], float]
    landmarks: tuple[float, ...] | None
    start: float


def obstacle(argument: Argument, symbol: Any, expression: Any) -> str | None:
    """Why a formula cannot be solved for the argument, and what to do; None if it can."""
    import sympy

    if argument.vector:
        return "is a vector: solve for a number, or evaluate the formula"
    if argument.is_flag:
        return "is 0 or 1: evaluate the formula at both"
    for part in expression.atoms(sympy.Sum, sympy.Product):
        if any(symbol in sympy.sympify(bound).free_symbols for bound in part.limits[0][1:]):
            return (
                "counts the terms of a sum, which has no real continuation: evaluate the formula "
                "on an array of whole numbers instead"
            )
    return None


def asked(
    formula: Any, name: str, value: float, values: dict[str, Any]
) -> tuple[Argument, dict[str, Any]]:
    """The argument to be found, and the others as Fractions; ValueError unless it can be."""
    if name not in formula.domain:
        raise ValueError(
            f"name={name!r} is not an argument of {formula.name}; "
            f"{meant(name, formula.arguments)}solve for one of {', '.join(formula.solvable)}"
        )
    if reason := formula.obstacle(name):
        known = ", ".join(formula.solvable) or "none"
        raise ValueError(f"{formula.name} cannot be solved for name={name!r} (it can for: {known})"
                         f": {name} {reason}")  # fmt: skip
    if name in values:
        given = values[name]
        raise ValueError(f"{name}={given!r} is given, but it is what is solved for: drop it")
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError(f"value={value!r} is not allowed (a finite number); give one number "
                         f"that {formula.name} can take")  # fmt: skip
    argument = formula.domain[name]
    given = dict(formula.defaults) | values
    formula.complete(given | {name: argument.low})
    others = (a for a in formula.arguments if a is not argument)
    return argument, {other.name: other.exact(given[other.name]) for other in others}


def curve_of(formula: Any, argument: Argument, others: dict[str, Any]) -> Curve:
    """A formula as a function of one argument; nan where it has no real value.

    Its `stable` form is right for every real argument in range, but for whole numbers only
    where whole numbers are asked for: between them it is the expression that is continued.
    """
    name = argument.name
    floats = {
        n: np.array([float(i) for i in v]) if isinstance(v, tuple) else np.float64(v)
        for n, v in others.items()
    }

    def at(x: float) -> float:
        if formula.stable is not None and (not argument.integer or float(x).is_integer()):
            with np.errstate(all="ignore"):
                return float(formula.stable(**floats, **{name: np.float64(x)}))
        point = others | {name: Fraction(float(x))}
        try:
            return float(formula.guarded({n: point[n] for n in formula.domain}, 17))
        except (TypeError, ZeroDivisionError, OverflowError):  # a complex number, or a pole
            return math.nan

    near: tuple[float, ...] | None = () if name in formula.monotone else None
    if near is None and formula.landmarks is not None:
        plain = {n: float(v) for n, v in others.items() if not isinstance(v, tuple)}
        near = formula.landmarks(name, **plain)
    start = dict(formula.continued_from).get(name, -math.inf)
    return Curve(name=formula.name, argument=argument, at=at, landmarks=near, start=start)


def solve(curve: Curve, value: float) -> float:
    """The smallest real argument in its range at which the curve is `value`; `Formula.solve`."""
    wanted = float(value)
    argument, at = curve.argument, curve.at

    def difference(x: float) -> float:
        return at(x) - wanted

    points = _points(curve)
    heights = np.array([difference(x) for x in points])
    for i in range(len(points)):
        if heights[i] == 0:
            return float(points[i])
        before, end = points[max(i - 1, 0)], points[i]
        if before < curve.start:
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
        f"value={value!r} is not reached by {curve.name} for {argument.range_text}: its values "
        f"run from {known.min(initial=math.inf):.6g} to {known.max(initial=-math.inf):.6g}; choose "
        "a value between, or change the other arguments"
    )


def _points(curve: Curve) -> Float[Floats, " points"]:
    """Points of the range, the curve monotone or turning once between neighbours."""
    argument = curve.argument
    low = np.nextafter(argument.low, math.inf) if argument.low_open else float(argument.low)
    high = np.nextafter(argument.high, -math.inf) if argument.high_open else float(argument.high)
    if curve.landmarks is not None:
        points = np.array([low, *(x for x in curve.landmarks if low < x < high), high])
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
    points: Float[Floats, " points"],
    heights: Float[Floats, " points"],
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
