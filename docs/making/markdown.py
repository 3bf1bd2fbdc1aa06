"""Markdown from plain text: nothing in a docstring or a record is markup by chance."""

import re
from collections.abc import Iterable, Sequence

MARKUP = re.compile(r"([\\`*_\[\]<>#$|{}~&!^@])")
ITEM = re.compile(r"^(\d+)([.)])|^([-+=:])")
"""What would begin a list, a heading or a definition at the start of a paragraph."""


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return ITEM.sub(shielded, MARKUP.sub(r"\\\1", " ".join(text.split())))


def shielded(item: re.Match[str]) -> str:
    """What `ITEM` has found, as text."""
    return rf"{item[1] or ''}\{item[2] or item[3]}"


def directive(name: str, argument: str = "", body: str = "", **options: str) -> str:
    """A directive of MyST, fenced by more backticks than any fence in its body."""
    longest = max((len(run) for run in re.findall(r"^`+", body, flags=re.MULTILINE)), default=2)
    fence = "`" * max(3, longest + 1)
    lines = [f":{key}: {value}".rstrip() for key, value in options.items()]
    head = "\n".join([f"{fence}{{{name}}} {argument}".rstrip(), *lines])
    return f"{head}\n\n{body.strip()}\n{fence}"


def code(lines: Iterable[str], language: str) -> str:
    return "\n".join([f"```{language}", *lines, "```"])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(title: str, *blocks: str) -> str:
    return "\n\n".join([f"# {title}", *(block for block in blocks if block)]) + "\n"


def toctree(names: Iterable[str], depth: int = 1) -> str:
    return directive("toctree", "", "\n".join(names), maxdepth=str(depth), hidden="")
