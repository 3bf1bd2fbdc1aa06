"""The one console of the commands: names of files and errors are printed as they are."""

import json
from math import isfinite, isnan
from typing import Any

import numpy as np
from rich.console import Console


def plain_console(width: int | None = None) -> Console:
    """Square brackets and colons of a path are no markup and no emoji."""
    return Console(highlight=False, markup=False, emoji=False, width=width)


console = plain_console()


def say(text: str) -> None:
    """A line as it is, however long: what is broken at spaces is no path any more."""
    console.print(text, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print plain data, arrays and dataclasses' dictionaries as JSON, in full."""
    print(json.dumps(_finite(value), indent=1, allow_nan=False))


def _finite(value: Any) -> Any:
    """The same with lists for arrays, infinity as text, and null for what is not known."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _finite(value.tolist())
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else f"{value:g}"
    return value
