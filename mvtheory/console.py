"""The one console of the commands: names of files and errors are printed as they are."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from math import isfinite, isnan
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print a table with commas.")]


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


def print_csv(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows of named values as a table with commas, its header those of the first row."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})


def in_rows(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Nested dictionaries as rows of a table: what it is, by the names on the way, and its value.

    >>> in_rows({"law": "semicircle", "size": {"mean": 0, "std": 1}})[1]
    {'what': 'size mean', 'value': 0}
    """
    rows: list[dict[str, Any]] = []
    for name, part in value.items():
        if isinstance(part, list | tuple) and part and isinstance(part[0], Mapping):
            part = {own.get("name", str(place)): own for place, own in enumerate(part, 1)}
        if isinstance(part, Mapping):
            rows += [own | {"what": f"{name} {own['what']}"} for own in in_rows(part)]
        else:
            rows.append({"what": name, "value": part})
    return rows


def one_format(as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once."""
    if as_json and as_csv:
        raise ValueError("--json and --csv exclude each other: give one of them")


def _cell(value: Any) -> Any:
    """Vectors with spaces between their numbers; nothing for what is not known."""
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    return value.item() if isinstance(value, np.generic) else value


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
