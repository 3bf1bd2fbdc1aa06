"""The claims with their figures, from the table that `python -m validation claims` writes."""

import re
from pathlib import Path

from making.markdown import page, table

CELLS = re.compile(r"(?<!\\)\|")
BOLD = re.compile(r"\*\*(?P<title>.+?)\*\* (?P<text>.*)", flags=re.DOTALL)
FIGURE = re.compile(r"\((?P<path>[^)]+\.svg)\)")
INTRODUCTION = """\
The first table of [every claim on trial](../claims.md), claim by claim, with the figure of each:
predictions, the ranges fixed before training, and what trained networks did.
"""


def rows(text: str) -> list[list[str]]:
    """Cells of the rows of the first table, as Markdown."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("| "):
            found.append([cell.strip() for cell in CELLS.split(line)[1:-1]])
        elif found:
            break
    return found[2:]


def figures_page(claims: Path) -> str:
    return page(
        "Claims and their figures",
        INTRODUCTION,
        *(_claim(cells) for cells in rows(claims.read_text(encoding="utf-8"))),
    )


def _claim(cells: list[str]) -> str:
    name, statement, source, predicted, observed, verdict, figure = cells
    found, drawn = BOLD.match(statement), FIGURE.search(figure)
    assert found is not None, name
    title = found["title"].rstrip(".")
    facts = table(("verdict", "predicted", "observed"), [(verdict, predicted, observed)])
    shown = f"![Predicted and observed: {title}](../{drawn['path']})" if drawn else ""
    return f"## {title}\n\n{name} · {source}\n\n{found['text']}\n\n{facts}\n\n{shown}"
