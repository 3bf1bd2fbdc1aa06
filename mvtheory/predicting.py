"""The commands ``mvtheory predict`` and ``plot``: formulas on every combination of values."""

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from mvtheory import catalogue, completing
from mvtheory.arguments import Argument, meant
from mvtheory.console import Csv, Json, console, one_format, print_csv, print_json
from mvtheory.figures import Width, check_figure, save_figure, without_window
from mvtheory.formula import NOTHING, Formula
from mvtheory.ranges import expand
from mvtheory.reading import read_columns
from mvtheory.theorems import Theorem

MAX_ROWS = 100_000
Settings = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARG=VALUES",
        help="views=3 networks=1,3,5 or 1:20, rate=.2:.9:.1",
        autocompletion=completing.settings,
    ),
]


def predict(
    name: Annotated[str, typer.Argument(autocompletion=completing.formulas)],
    settings: Settings = None,
    as_json: Json = False,
    as_csv: Csv = False,
    digits: Annotated[str | None, typer.Option(help="Digits, in place of floats.")] = None,
) -> None:
    """Evaluate a formula or a theorem's bounds on every combination of the values."""
    one_format(as_json, as_csv)
    item = catalogue.lookup(name)
    columns = parse(item, settings or [])
    wanted: Any = int(digits) if digits and digits.isdecimal() else digits
    rows = []
    for choice in itertools.product(*columns.values()):
        given = dict(zip(columns, choice, strict=True))
        rows.append((given, evaluate(item, given, wanted)))
    if as_json or as_csv:
        # What was typed stays as it is where digits were asked for.
        shown = _numbers if digits is None else dict
        plain = [shown(given) | found for given, found in rows]
        print_json(plain) if as_json else print_csv(plain)
        return
    table = Table(*rows[0][0], *rows[0][1], box=None)
    for given, found in rows:
        table.add_row(*(_text(value) for value in (given | found).values()))
    console.print(table)
    console.print(f"{item.source}; {item.status_text}")


def plot(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME... ARG=VALUES...",
            help="One formula or several, and the values of their arguments.",
            autocompletion=completing.words,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="PNG, PDF or SVG file.")] = Path(
        "plot.png"
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            help="Measured points: a .csv file with a column of the horizontal argument, others of "
            "points, and NAME_error, or NAME_low and NAME_high, for the errors of NAME."
        ),
    ] = None,
    residuals: Annotated[
        bool, typer.Option("--residuals", help="Add what was measured less the formula.")
    ] = False,
    width: Width = None,
) -> None:
    """Draw formulas against the argument that has most values, with measured points on top."""
    without_window()
    from mvtheory.plotting import plot_formulas

    names = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    if not names:
        raise ValueError(f"NAME is missing before {settings[0]!r}: name a formula, such as "
                         "ensemble")  # fmt: skip
    items = [catalogue.lookup(name) for name in names]
    formulas = [item for item in items if isinstance(item, Formula)]
    for name, item in zip(names, items, strict=True):
        if not isinstance(item, Formula):
            raise ValueError(f"NAME={name!r} is a theorem: plot a formula, such as ensemble")
    if residuals and data is None:
        raise ValueError("--residuals needs --data: name a .csv file of measured points")
    check_figure(out)
    columns: dict[str, Any] = {
        n: [float(v) for v in c[0]] if argument.vector else [_number(v) for v in c]
        for n, c, argument in _values(formulas, settings)
    }
    measured = None if data is None else read_columns("--data", data)
    ax = plot_formulas(formulas, data=measured, residuals=residuals, **columns)
    save_figure(ax, out, width=width, titles=width is None)


def _values(formulas: list[Formula], settings: list[str]) -> Any:
    """Names, texts and arguments of the settings, each for whichever formulas have it."""
    every = {name: argument for f in formulas for name, argument in f.domain.items()}
    for name, values in parse(formulas[0], settings, every).items():
        yield name, values, every[name]


def parse(
    item: Formula | Theorem, settings: list[str], domain: dict[str, Argument] | None = None
) -> dict[str, list[Any]]:
    """Values of each argument, as the exact texts that were typed; a vector is one value.

    The arguments are those of the item, or of the domain given. Hyphens are underscores.
    """
    known = item.domain if domain is None else domain
    columns: dict[str, list[Any]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.replace("-", "_")
        words = ", ".join(known)
        if not equals or not text:
            raise ValueError(
                f"ARG={setting!r} is not of the form name=values, such as views=3; the names for "
                f"{item.name} are {words}"
            )
        if name not in known:
            hint = meant(name, known.values())
            raise ValueError(f"argument {name!r} is unknown: {hint}choose from {words}")
        if name in columns:
            raise ValueError(
                f"argument {name!r} is given twice: write {name}=1,2 for several values"
            )
        values = [word for part in text.split(",") for word in expand(known[name], part)]
        columns[name] = [tuple(values)] if known[name].vector else values
    if np.prod([len(c) for c in columns.values()], dtype=float) > MAX_ROWS:
        raise ValueError(f"the values make more than {MAX_ROWS} combinations: give fewer of them")
    return columns


def _numbers(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [_number(word) for word in value] if isinstance(value, tuple) else _number(value)
        for name, value in given.items()
    }


def _number(text: str) -> int | float:
    value = Fraction(text)
    return int(value) if value.denominator == 1 else float(value)


def evaluate(item: Formula | Theorem, given: dict[str, Any], digits: int | None) -> dict[str, Any]:
    """One row of results: floats, or strings of `digits` digits; None where a bound is vacuous."""
    numbers = _numbers(given)
    if isinstance(item, Formula):
        if digits is not None:
            return _digits(item, given, digits)
        value, status = item(**numbers), item.status_at(**numbers)
        return {item.name: None if status == NOTHING else value, "status": status}
    if digits is not None:
        raise ValueError("--digits is for formulas: a theorem's bounds are two decimals times mu")
    if not numbers:
        raise ValueError(f"argument 'single_view_fraction' is missing: {item.name} needs it")
    low, high = item.error_bounds(**numbers)
    return {"low": low, "high": high, "status": item.status}


def _digits(item: Formula, given: dict[str, Any], digits: int) -> dict[str, Any]:
    import mpmath

    value = item.high_precision(digits=digits, **given)
    # As given, for a number next to the end of its range may round onto it.
    exact = {n: item.domain[n].exact(v) for n, v in (dict(item.defaults) | given).items()}
    floats = {n: np.array(v, dtype=float) for n, v in exact.items()}
    status = item.status_of(float(value), floats)
    return {item.name: None if status == NOTHING else mpmath.nstr(value, digits), "status": status}


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is None:
        return "-"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
