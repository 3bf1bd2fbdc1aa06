"""Tables of Markdown, and text in their cells."""

import re
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; cells are Markdown already.

    >>> print(table(("a", "b"), [("1", "2")]), end="")
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    return "".join(
        f"| {' | '.join(cells)} |\n" for cells in (columns, ["---"] * len(columns), *rows)
    )


def escaped(text: str) -> str:
    """Text as Markdown shows it letter by letter in a table's cell.

    >>> escaped("S_l | a*b\\nc")
    'S\\\\_l \\\\| a\\\\*b c'
    """
    return re.sub(r"([\\`*_{}\[\]<>|~$])", r"\\\1", " ".join(text.split()))
