"""Bring the table of docs/conventions.md up to date with `mvtheory.distillation.libraries`.

Usage: python docs/conventions.py (a second)
"""

from pathlib import Path

from mvtheory.distillation.libraries import LIBRARIES

PAGE = Path(__file__).with_suffix(".md")
START, END = "<!-- table -->\n", "<!-- end -->\n"
COLUMNS = ("`Convention`", "read at", "loss", "arguments", "beware")


def table() -> str:
    """The libraries as a table in Markdown."""
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for name, found in LIBRARIES.items():
        arguments = "; ".join(f"`{word}`: {meaning}" for word, meaning in found.arguments.items())
        rows.append((f"`{name}`", f"{found.version}: {found.file}", found.says, arguments,
                     found.remark))  # fmt: skip
    return "".join(f"| {' | '.join(cell.replace('||', '‖') for cell in row)} |\n" for row in rows)


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    PAGE.write_text(before + START + table() + END + rest.split(END)[1], encoding="utf-8")
