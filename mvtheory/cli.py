"""The command ``mvtheory``: list, show, predict, plot, spectrum, advise, ensemble."""

import io
import itertools
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

import mvtheory
from mvtheory import catalogue
from mvtheory.advise import advise
from mvtheory.arguments import meant
from mvtheory.console import console
from mvtheory.ensemble import ensemble
from mvtheory.explore.command import explore
from mvtheory.figures import check_figure, save_figure, without_window
from mvtheory.formula import NOTHING, Formula
from mvtheory.multiprecision import NoConvergence
from mvtheory.ranges import expand
from mvtheory.spectrum import spectrum
from mvtheory.theorems import Theorem

app = typer.Typer(
    name="mvtheory",
    help="Predict what ensembles and distilled networks reach.",
    add_completion=False,
    rich_markup_mode=None,
)
MAX_ROWS = 100_000

Settings = Annotated[
    list[str] | None, typer.Argument(metavar="ARG=VALUES", help="views=3 networks=1,3,5 or 1:20")
]


@app.command("list")
def list_names(
    room: Annotated[
        str | None, typer.Argument(metavar="ROOM", help="One of them, such as race; all if none.")
    ] = None,
) -> None:
    """List what can be asked: formulas, theorems, functions and laws, room by room."""
    if room is not None and room not in catalogue.ROOMS:
        raise ValueError(
            f"ROOM={room!r} is not known; choose from {', '.join(catalogue.ROOMS)}, or name none"
        )
    for own in [room] if room else catalogue.ROOMS:
        console.print(f"{own}: {catalogue.room_summary(own)}", soft_wrap=True)
        table = Table(box=None)
        table.add_column("name", no_wrap=True)
        table.add_column("what it is")
        table.add_column("status")
        for entry in catalogue.entries(own):
            table.add_row(entry.name, entry.summary, entry.kind)
        console.print(table)
        console.print()


@app.command()
def show(name: str) -> None:
    """Show a formula's equation, arguments, source and status; a function's docstring."""
    item = catalogue.find(name)
    if not isinstance(item, Formula | Theorem):
        print(f"mvtheory.{catalogue.place_of(name)}{catalogue.signature(item)}\n")
        print(catalogue.documented(item))
        return
    console.print(f"{name}: {item.summary}\n")
    if isinstance(item, Theorem):
        console.print(f"{item.statement}\n\nHypotheses:")
        for hypothesis in item.hypotheses:
            console.print(f"  - {hypothesis}")
        low, high = item.bounds
        console.print(f"\nTest error: {low:g} mu to {high:g} mu")
        console.print(f"Coverage: the formula {item.coverage_formula.name} at two views\n")
    else:
        import sympy

        console.print(f"{item.symbol}: {item.quantity}\n")
        console.print(sympy.pretty(item.symbolic, use_unicode=True, wrap_line=False))
        console.print(f"\nLaTeX: {item.equation()}\n", soft_wrap=True)
    table = Table("argument", "symbol", "meaning", "range")
    for argument in item.domain.values():
        table.add_row(argument.name, argument.symbol, argument.meaning, argument.range_text)
    console.print(table)
    console.print(f"Source: {item.source}\nStatus: {item.status_text}")
    if isinstance(item, Formula):
        console.print(f"Solve for: {', '.join(item.solvable) or 'none, it is a step function'}")
        console.print(f"Notes: {item.notes}")


@app.command()
def predict(
    name: str,
    settings: Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    digits: Annotated[str | None, typer.Option(help="Digits, in place of floats.")] = None,
) -> None:
    """Evaluate a formula or a theorem's bounds on every combination of the values."""
    item = mvtheory.lookup(name)
    columns = parse(item, settings or [])
    wanted: Any = int(digits) if digits and digits.isdecimal() else digits
    rows = []
    for choice in itertools.product(*columns.values()):
        given = dict(zip(columns, choice, strict=True))
        rows.append((given, evaluate(item, given, wanted)))
    if as_json:
        # What was typed stays as it is where digits were asked for.
        shown = _numbers if digits is None else dict
        print(json.dumps([shown(given) | found for given, found in rows], indent=1))
        return
    table = Table(*rows[0][0], *rows[0][1], box=None)
    for given, found in rows:
        table.add_row(*(_text(value) for value in (given | found).values()))
    console.print(table)
    console.print(f"{item.source}; {item.status_text}")


@app.command()
def plot(
    name: str,
    settings: Settings = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="PNG, PDF or SVG file.")] = Path(
        "plot.png"
    ),
) -> None:
    """Draw a formula against the argument that has most values."""
    without_window()
    from mvtheory.plotting import plot_formula

    item = mvtheory.lookup(name)
    if not isinstance(item, Formula):
        raise ValueError(f"NAME={name!r} is a theorem: plot a formula, such as ensemble")
    check_figure(out)
    columns: dict[str, Any] = {
        n: [float(v) for v in c[0]] if item.domain[n].vector else [_number(v) for v in c]
        for n, c in parse(item, settings or []).items()
    }
    save_figure(plot_formula(item, **columns), out)


app.command()(spectrum)
app.command()(advise)
app.command()(ensemble)
app.command()(explore)


def parse(item: Formula | Theorem, settings: list[str]) -> dict[str, list[Any]]:
    """Values of each argument, as the exact texts that were typed; a vector is one value."""
    columns: dict[str, list[Any]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        words = ", ".join(item.domain)
        if not equals or not text:
            raise ValueError(
                f"ARG={setting!r} is not of the form name=values, such as views=3; the names for "
                f"{item.name} are {words}"
            )
        if name not in item.domain:
            hint = meant(name, item.domain.values())
            raise ValueError(f"argument {name!r} is unknown: {hint}choose from {words}")
        if name in columns:
            raise ValueError(
                f"argument {name!r} is given twice: write {name}=1,2 for several values"
            )
        values = [word for part in text.split(",") for word in expand(item.domain[name], part)]
        columns[name] = [tuple(values)] if item.domain[name].vector else values
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


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        console.print(mvtheory.__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        console.print(context.get_help())


def run_app(application: typer.Typer, name: str, arguments: list[str] | None) -> int:
    """Run a command; every error is one line on stderr and exit code 2."""
    # A file's name need not be text, nor the terminal know every letter.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = application(args=arguments, standalone_mode=False, prog_name=name)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (ValueError, OSError, NoConvergence) as error:
        message = str(error)
    except MemoryError as error:
        message = f"more memory is wanted than there is ({error}); ask for less at once"
    except Exception as error:
        # Usage errors of the command line library know their own text.
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()
    else:
        return code if isinstance(code, int) else 0
    print(f"{name}: {' '.join(message.splitlines())}", file=sys.stderr)
    return 2


def main(arguments: list[str] | None = None) -> int:
    """Entry of the command; returns the exit code."""
    return run_app(app, "mvtheory", arguments)
