"""Pages made of other files of the project: findings, figures of claims, contributing, changes."""

import re
from pathlib import Path

from making.claims import figures_page
from making.docstrings import prose
from making.markdown import code, escaped, page
from making.written import write

FINDINGS = """\
What was met in other packages on the way, each with a script that shows it. A script makes an
environment of its own with the release that it names, prints what it sees, and ends with 1 when
it sees something else: so it says, too, when a later release has changed it. The texts are those
at the head of the scripts; the scripts are run by hand, for they install packages, and not when
these pages are made.
"""


def make(root: Path, folder: Path) -> None:
    """Write the pages into a folder, from the root of the checkout."""
    pages = {
        "findings.md": _findings(sorted((root / "findings").glob("*.sh"))),
        "claims_figures.md": figures_page(root / "docs" / "claims.md"),
    }
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (root / name).read_text(encoding="utf-8")
        pages[name.lower()] = text.replace("](docs/", "](../")
    write(folder, pages)


def _findings(scripts: list[Path]) -> str:
    return page("Findings", FINDINGS, *(_finding(path) for path in scripts))


def _finding(path: Path) -> str:
    head: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        head.append(line[2:])
    first, _, rest = "\n".join(head).partition(":")
    command = code([f"bash findings/{path.name}"], "sh")
    return f"## {escaped(first)}\n\n{_told(rest)}\n\n{command}"


def _told(text: str) -> str:
    """Paragraphs, and items where a line is set off by two blanks; what was seen stands apart."""
    blocks: list[list[str]] = []
    for line in text.strip("\n").splitlines():
        begins = re.match(r"  \S|Seen\b", line) is not None
        after_item = bool(blocks) and blocks[-1][0].startswith("  ") and not line.startswith("  ")
        if begins or after_item or not blocks:
            blocks.append([])
        blocks[-1].append(line)
    shown = []
    for block in blocks:
        words = " ".join(" ".join(block).split())
        plain = prose(words[0].upper() + words[1:])
        shown.append(f"- {prose(words)}" if block[0].startswith("  ") else plain)
    return "\n\n".join(shown)
