"""What a formula says of itself: in two lines, as documentation with an example, in notebooks."""

import itertools
import sys
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.html import card, curve

NOTHING = "says nothing"
"""The status of a value that is true of everything, such as a norm of at least -38."""
WHOLE = ((3, 5, 10, 4), (2, 4, 8, 3), (1, 1, 1, 1))
"""Whole numbers for examples, of arguments in their order: the first that are in range."""
REAL = ((0.5, 0.25, 0.2, 0.4), (2.0, 3.0, 4.0, 5.0), (20.0, 10.0, 30.0, 40.0))
CHANCES = (0.5, 0.3, 0.2)
POINTS = 60
"""Of the curve in a notebook."""


class Documented:
    """The docstring of a class and, of an instance, what `document` makes of it when asked."""

    def __init__(self, text: str | None):
        self.text = text

    def __get__(self, item: Any, owner: Any = None) -> str | None:
        return self.text if item is None else document(item)


def document(formula: Any) -> str:
    """The docstring of a formula, from its declaration."""
    parameters = [
        f"{a.name} : {a.range_text}\n    {a.symbol}: {a.meaning}." for a in formula.arguments
    ]
    blocks = [
        formula.summary,
        "Parameters\n----------\n" + "\n".join(parameters),
        f"Returns\n-------\n{formula.symbol}: {formula.quantity}; an array for array arguments.",
        "Raises\n------\nValueError\n    If an argument is missing, unknown or out of range.",
        f"Notes\n-----\n{formula.notes}\n\nSource: {formula.source}. "
        f"Status: {formula.status_text}.",
        f"Examples\n--------\n{example(formula)}",
    ]
    return "\n\n".join(blocks)


def example(formula: Any) -> str:
    """Lines of a shell that import the formula and call it, with what it gives.

    >>> from mvtheory.coverage import single_network
    >>> example(single_network).splitlines()[1:]
    ['>>> single_network(views=3)', '0.3333333333333333']
    """
    values = example_values(formula)
    given = ", ".join(
        f"{name}={list(value) if isinstance(value, tuple) else value!r}"
        for name, value in values.items()
    )
    lines = [f">>> {formula.name}({given})", repr(formula(**values))]
    return "\n".join([*([f">>> from {home} import {formula.name}"] if (home := _home(formula))
                        else []), *lines])  # fmt: skip


def example_values(formula: Any) -> dict[str, Any]:
    """Values in range for which the formula says something, if any of those tried does."""
    free = [a for a in formula.arguments if a.name not in dict(formula.defaults)]
    chosen: dict[str, Any] = {}
    for whole, real in itertools.product(range(len(WHOLE)), range(len(REAL))):
        found = {a.name: _value(a, k, whole, real) for k, a in enumerate(free)}
        chosen = chosen or found
        if formula.status_at(**found) != NOTHING:
            return found
    return chosen


def _value(argument: Argument, place: int, whole: int, real: int) -> Any:
    """One of the numbers for examples that is in range, else the middle of the range."""
    if argument.vector:
        return CHANCES
    rows: Any = WHOLE[whole:] + WHOLE[:whole] if argument.integer else REAL[real:] + REAL[:real]
    for row in rows:
        number = row[place % len(row)]
        if argument.low < number < argument.high:
            return number
    return argument.low if not argument.low_open else (argument.low + argument.high) / 2


def _home(formula: Any) -> str:
    """The shortest name of a package of ours that offers the formula, else of any module."""
    homes = [
        name
        for name, module in list(sys.modules.items())
        if getattr(module, "__dict__", {}).get(formula.name) is formula and name != "__main__"
    ]
    return min(homes, key=lambda n: (not n.startswith("mvtheory."), n.count("."), n), default="")


def in_two_lines(formula: Any) -> str:
    """What a shell shows: how it is called and what it is; how sure it is, and by whom."""
    return (
        f"<Formula {formula.signature}: {formula.summary}\n"
        f" {formula.symbol}, {formula.quantity}; {formula.status_text}; {formula.source}>"
    )


def html(formula: Any) -> str:
    """What a notebook shows: the equation, ranges, source and status, and a curve."""
    rows = [(f"{a.name} ({a.symbol})", f"{a.meaning}: {a.range_text}") for a in formula.arguments]
    rows += [("source", str(formula.source)), ("status", formula.status_text)]
    title = f"{formula.signature}: {formula.summary}"
    return card(title, [f"$\\displaystyle {formula.equation()}$"], rows, _curve(formula))


def _curve(formula: Any) -> str:
    """The formula along the first argument that is no vector, about the values of its example."""
    values = example_values(formula)
    along = next((a for a in formula.arguments if not a.vector and a.name in values), None)
    if along is None:
        return ""
    name = along.name
    low, high = max(along.low, values[name] / 4), min(along.high, values[name] * 4)
    x: Any = np.linspace(low, high, POINTS)
    if along.integer:
        x = np.arange(np.ceil(low), np.floor(high) + 1)
    inside = x[(x > along.low) & (x < along.high)]
    others = {n: v for n, v in values.items() if n != name}
    try:
        y = np.asarray(formula(**others, **{name: inside}), dtype=float)
    except ValueError:  # the other values were for the example's own
        return ""
    if not (np.isfinite(y) & (y >= 0)).all():
        return ""
    fixed = ", ".join(f"{formula.domain[n].symbol} = {v}" for n, v in others.items())
    caption = f"{formula.symbol} against {along.symbol}{' at ' if fixed else ''}{fixed}"
    return curve([(inside.tolist(), y.tolist())], caption) if inside.size > 1 else ""
