"""The commands ``mvtheory list``, ``show`` and ``search``: what there is, and what it says."""

from typing import Annotated, Any

import typer
from rich.table import Table

from mvtheory import catalogue, completing
from mvtheory.console import Csv, Json, console, in_rows, one_format, print_csv, print_json, say
from mvtheory.finding import Found, cut, search
from mvtheory.formula import Formula
from mvtheory.theorems import Theorem


def list_names(
    room: Annotated[
        str | None,
        typer.Argument(
            metavar="ROOM",
            help="One of them, such as race, laws, theorems or claims; all but claims if none.",
            autocompletion=completing.rooms,
        ),
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List what can be asked: formulas, theorems, functions, laws and claims, room by room."""
    one_format(as_json, as_csv)
    every = (*catalogue.ROOMS, catalogue.CLAIMS)
    own = None if room is None else room.replace("-", "_").lower()
    if own is not None and own not in every:
        close = catalogue.nearest(own, every)
        hint = f"did you mean {close!r}? " if close else ""
        raise ValueError(
            f"ROOM={room!r} is not known; {hint}choose from {', '.join(every)}, or name none"
        )
    chosen = [own] if own else list(catalogue.ROOMS)
    found = {name: catalogue.entries(name) for name in chosen}
    if as_json or as_csv:
        rows = [
            {"room": name, "name": entry.name, "summary": entry.summary, "status": entry.kind}
            for name, entries in found.items()
            for entry in entries
        ]
        print_json(rows) if as_json else print_csv(rows)
        return
    for name, entries in found.items():
        line(f"{name}: {catalogue.room_summary(name)}")
        width = max(len(entry.name) for entry in entries)
        for heading in dict.fromkeys(entry.group for entry in entries):
            line(f" {heading}")
            for entry in entries:
                if entry.group == heading:
                    line(f"  {entry.name:{width}}  {entry.summary}")
        console.print()
    if own is None:
        line(f"{catalogue.CLAIMS}: 'mvtheory list {catalogue.CLAIMS}' lists what networks are put "
             "on trial for")  # fmt: skip


def line(text: str) -> None:
    """One line of the list, cut off at the edge of the terminal."""
    say(cut(text, console.width))


def search_names(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="All must be found.")],
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Search names, summaries, docstrings and sources of all that is listed, and of claims."""
    one_format(as_json, as_csv)
    found: Found = search(" ".join(words))
    if as_json or as_csv:
        rows = [
            {"name": hit.name, "summary": hit.summary, "status": hit.kind, "score": hit.score,
             "found_in": hit.found_in}
            for hit in found
        ]  # fmt: skip
        print_json(rows) if as_json else print_csv(rows)
        return
    width = max((len(hit.name) for hit in found), default=0)
    for hit in found:
        line(f"{hit.name:{width}}  {hit.summary}")
    if not found:
        say(repr(found))
    elif found.said:
        say(found.said)


def show(
    name: Annotated[str, typer.Argument(autocompletion=completing.names)],
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show a formula's equation, arguments, source and status; a docstring; what a claim says."""
    one_format(as_json, as_csv)
    item = catalogue.find(name)
    if as_json:
        print_json(described(name, item))
    elif as_csv:
        print_csv(in_rows(described(name, item)))
    elif catalogue.is_claim(item):
        _show_claim(item)
    elif isinstance(item, Theorem):
        _show_theorem(name, item)
    elif isinstance(item, Formula):
        _show_formula(name, item)
    else:
        print(f"mvtheory.{catalogue.place_of(name)}{catalogue.signature(item)}\n")
        print(catalogue.documented(item))


def described(name: str, item: Any) -> dict[str, Any]:
    """What `show` says, as plain data."""
    if catalogue.is_claim(item):
        return {"kind": "claim"} | {key: _plain(getattr(item, key)) for key in CLAIM}
    if not isinstance(item, Formula | Theorem):
        return {
            "kind": "class" if isinstance(item, type) else "function",
            "name": catalogue.place_of(name),
            "signature": catalogue.signature(item),
            "documentation": catalogue.documented(item),
        }
    about = {
        "kind": type(item).__name__.lower(),
        "name": item.name,
        "summary": item.summary,
        "arguments": [
            {"name": a.name, "symbol": a.symbol, "meaning": a.meaning, "range": a.range_text}
            for a in item.domain.values()
        ],
        "source": str(item.source),
        "status": item.status_text,
    }
    if isinstance(item, Theorem):
        return about | {
            "statement": item.statement,
            "hypotheses": item.hypotheses,
            "bounds": item.bounds,
            "coverage_formula": item.coverage_formula.name,
        }
    return about | {
        "quantity": item.quantity,
        "equation": item.equation(),
        "expression": str(item.symbolic),
        "solvable": item.solvable,
        "notes": item.notes,
    }


CLAIM = ("name", "title", "statement", "sources", "formulas", "assumptions", "margin", "change",
         "does_not_show", "refuted", "recorded", "module")  # fmt: skip
"""What is said of a claim."""


def _plain(value: Any) -> Any:
    return [str(part) for part in value] if isinstance(value, tuple | list) else str(value)


def _show_claim(item: Any) -> None:
    console.print(f"{item.name}: {item.title}\n\n{item.statement}\n")
    for heading, lines in (
        ("Formulas", item.formulas),
        ("Assumptions", item.assumptions),
        ("It does not show", item.does_not_show),
    ):
        if lines:
            console.print(f"{heading}:")
            for own in lines:
                console.print(f"  - {own}")
    console.print(f"\nMargin: {item.margin}")
    if item.refuted:
        console.print(f"Refuted: {item.refuted}")
    console.print(f"Source: {'; '.join(map(str, item.sources))}\nExpected verdict: {item.recorded}")
    say(f"Try it: python -m validation run {item.name}"
        + (f" --claims {item.module}" if item.module else ""))  # fmt: skip


def _show_theorem(name: str, item: Theorem) -> None:
    console.print(f"{name}: {item.summary}\n")
    console.print(f"{item.statement}\n\nHypotheses:")
    for hypothesis in item.hypotheses:
        console.print(f"  - {hypothesis}")
    low, high = item.bounds
    console.print(f"\nTest error: {low:g} mu to {high:g} mu")
    console.print(f"Coverage: the formula {item.coverage_formula.name} at two views\n")
    _arguments(item)


def _show_formula(name: str, item: Formula) -> None:
    import sympy

    console.print(f"{name}: {item.summary}\n")
    console.print(f"{item.symbol}: {item.quantity}\n")
    console.print(sympy.pretty(item.symbolic, use_unicode=True, wrap_line=False))
    console.print(f"\nLaTeX: {item.equation()}\n", soft_wrap=True)
    _arguments(item)
    console.print(f"Solve for: {', '.join(item.solvable) or 'none, it is a step function'}")
    console.print(f"Notes: {item.notes}")


def _arguments(item: Formula | Theorem) -> None:
    table = Table("argument", "symbol", "meaning", "range")
    for argument in item.domain.values():
        table.add_row(argument.name, argument.symbol, argument.meaning, argument.range_text)
    console.print(table)
    console.print(f"Source: {item.source}\nStatus: {item.status_text}")
