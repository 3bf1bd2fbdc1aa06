"""Points at which a law has no value: an error that names them, or NaN."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mvtheory.multiprecision import NoConvergence

NAMED = 3
"""Points that an error names."""


@dataclass
class Failures:
    """Points without a value, as the law was asked, and the relative residuals there."""

    points: list[Any] = field(default_factory=list)
    residuals: list[float] = field(default_factory=list)


_COLLECTED: ContextVar[Failures | None] = ContextVar("failures", default=None)


@contextmanager
def on_failure(way: str) -> Iterator[Failures]:
    """What laws do where the accuracy asked for is not reached: an error for all, or NaN there.

    Parameters
    ----------
    way : {"raise", "nan"}
        "raise", as outside of any such block: `NoConvergence`, which says at which points. "nan":
        those points are NaN, all others have their values. A law whose support is not found
        raises either way.

    Yields
    ------
    Failures
        `points` and `residuals` of what became NaN in the block; points below the real line
        appear as their conjugates, from which they are computed.

    References
    ----------
    Ours, in the manner of numpy's `errstate`.

    Examples
    --------
    >>> from mvtheory.laws import Semicircle, on_failure
    >>> with on_failure("nan") as failed:
    ...     values = Semicircle(variance=2).pdf([-1, 0, 1])
    >>> values.round(4), failed.points
    (array([0.2105, 0.2251, 0.2105]), [])
    """
    if way not in ("raise", "nan"):
        raise ValueError(
            f"way={way!r} is not allowed (points without a value: 'raise' or 'nan'); choose one"
        )
    failures = Failures()
    token = _COLLECTED.set(failures if way == "nan" else None)
    try:
        yield failures
    finally:
        _COLLECTED.reset(token)


def separated(function: Callable[[Any], Any], points: Any) -> Any:
    """A function of a one-dimensional array, points that fail told from the others by halving."""
    try:
        return function(points)
    except NoConvergence as error:
        if error.everywhere:
            raise
        found = Failures()
        values = _halved(function, points, error, found)
        if not found.points:
            # They failed only beside each other.
            return values
        collected = _COLLECTED.get()
        if collected is None:
            if points.size == 1:
                raise
            raise error_of(found, points.size, error) from error
    collected.points += found.points
    collected.residuals += found.residuals
    return values


def _halved(
    function: Callable[[Any], Any], points: Any, error: NoConvergence, found: Failures
) -> Any:
    """Values of points that are known to fail together; NaN where one fails alone."""
    if points.size == 1:
        found.points.append(points[0].item())
        found.residuals.append(error.residual)
        return np.full(1, complex(np.nan, np.nan) if np.iscomplexobj(points) else np.nan)
    values = []
    for half in np.array_split(points, 2):
        try:
            values.append(function(half))
        except NoConvergence as smaller:
            values.append(_halved(function, half, smaller, found))
    return np.concatenate(values)


def error_of(found: Failures, asked: int, error: NoConvergence) -> NoConvergence:
    shown = ", ".join(f"{point!r}" for point in found.points[:NAMED])
    more = len(found.points) - NAMED
    return NoConvergence(
        f"no value at {len(found.points)} of {asked} points, {shown}"
        + (f" and {more} more" if more > 0 else "")
        + f'; the others are known: take them in a block of on_failure("nan"). {error.message}',
        max(found.residuals),
    )
