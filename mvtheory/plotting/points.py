"""What was measured, to be drawn upon the theory: points with errors, from columns of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.shapes import Float, Floats

ENDS = ("_error", "_low", "_high")
"""Of names of columns that belong to another one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Measured values of one name: positions, heights, and what their errors reach below and above.

    Parameters
    ----------
    name : str
    x, y : ndarray, shape (n,)
    below, above : ndarray, shape (n,), optional
        Lengths of the error bars, >= 0.

    Examples
    --------
    >>> points = Points(name="run", x=[1, 2], y=[0.3, 0.7], below=[0.1, 0.1], above=[0.1, 0.2])
    >>> points.error
    array([0.1 , 0.15])
    """

    name: str
    x: Floats
    y: Floats
    below: Floats | None = None
    above: Floats | None = None

    def __post_init__(self) -> None:
        for part in ("x", "y", "below", "above"):
            if (given := getattr(self, part)) is not None:
                object.__setattr__(self, part, np.asarray(given, dtype=float))
        shapes = {np.shape(v) for v in (self.x, self.y, self.below, self.above) if v is not None}
        if len(shapes) != 1 or self.x.ndim != 1:
            raise ValueError(
                f"points {self.name!r} of shapes {', '.join(map(str, sorted(shapes)))} are not "
                "allowed (x, y and errors of one shape (n,)); give one of each for every point"
            )
        if any(v is not None and (v < 0).any() for v in (self.below, self.above)):
            raise ValueError(
                f"points {self.name!r} have errors below 0 (lengths of bars: error >= 0, low <= y "
                "<= high); give lengths, or the ends in the right order"
            )

    @property
    def error(self) -> Floats | None:
        """Half of what the bars span; None without bars."""
        if self.below is None or self.above is None:
            return None
        return (self.below + self.above) / 2

    @property
    def bars(self) -> Float[Floats, "2 points"] | None:
        """Both lengths, as matplotlib takes them."""
        if self.below is None or self.above is None:
            return None
        return np.stack([self.below, self.above])


def points_from(columns: Mapping[str, Any], argument: Argument) -> list[Points]:
    """Points of every column that holds numbers, at the column of the argument.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        One by the argument's name or symbol; NAME_error, or NAME_low and NAME_high, are error bars
        of the column NAME; every other one is a series of points. nan is left out.
    argument : Argument
        Of the horizontal axis.

    Raises
    ------
    ValueError
        Without a column of the argument, or with no other of numbers.

    Examples
    --------
    >>> from mvtheory.arguments import NETWORKS
    >>> (found,) = points_from({"N": [1, 2], "run": [0.3, 0.6], "run_error": [0.1, 0.2]}, NETWORKS)
    >>> found.name, found.bars.tolist()
    ('run', [[0.1, 0.2], [0.1, 0.2]])
    """
    by_key = {name.replace("-", "_").lower(): name for name in columns}
    place = next((by_key[k] for k in (argument.name, argument.symbol.lower()) if k in by_key), None)
    if place is None:
        raise ValueError(
            f"columns {', '.join(columns)} hold no {argument.name!r} or {argument.symbol!r} (the "
            "argument of the horizontal axis); name one of them so"
        )
    numbers = {
        name: array
        for name, values in columns.items()
        if np.issubdtype((array := np.asarray(values)).dtype, np.number)
    }
    x = np.asarray(numbers.get(place, ()), dtype=float)
    found = []
    for name in numbers:
        if name == place or any(name.endswith(e) and name.removesuffix(e) in numbers for e in ENDS):
            continue
        y = np.asarray(numbers[name], dtype=float)
        error, low, high = (numbers.get(f"{name}{end}") for end in ENDS)
        below, above = (error, error)
        if error is None and low is not None and high is not None:
            below, above = y - low, high - y
        seen = np.isfinite(x) & np.isfinite(y)
        bars = [None if bar is None else np.asarray(bar, float)[seen] for bar in (below, above)]
        found.append(Points(name=name, x=x[seen], y=y[seen], below=bars[0], above=bars[1]))
    if not found:
        raise ValueError(
            f"columns {', '.join(columns)} hold nothing beside {place!r} (one column of numbers "
            "for each series of points); add one"
        )
    return found
