"""What a panel shows: plots as plain numbers, which the page draws, and numbers by name."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis: its label with the unit, its ends if fixed, and whether it is logarithmic."""

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class Series:
    """Points of one name: a line, a histogram (`steps`, one edge more than heights) or points.

    `low` and `high` are an interval: a band about a line, bars at points.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    style: str = "line"


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A map: values of shape (y, x) at the middles of cells, with cells that are marked by name."""

    name: str
    x: ArrayLike
    y: ArrayLike
    values: ArrayLike
    marked: dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One diagram. `marks` are upright lines, `levels` level ones, by name."""

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...] = ()
    cells: Cells | None = None
    marks: dict[str, float] | None = None
    levels: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All that a panel shows at some values of its controls; the first number is the call's."""

    plots: tuple[Plot, ...]
    numbers: dict[str, float | str]
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON holds it; null for what is infinite or not known."""
        found: dict[str, Any] = _plain(asdict(self))
        # Pairs, so that JavaScript keeps their order whatever their names are.
        return found | {"numbers": [list(pair) for pair in found["numbers"].items()]}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple | range):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value
