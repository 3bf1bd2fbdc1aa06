"""Links of the pages as they were written: every file and every place in one is there."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

THEIRS = ("genindex.html", "search.html", "py-modindex.html")
"""Pages of Sphinx's own, whose links scripts fill in."""


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("href", "src") and tag != "link":
                self.links.add(value)
            elif value and name in ("id", "name"):
                self.places.add(value)


@cache
def _read(path: Path) -> _Page:
    found = _Page()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def broken(folder: Path) -> list[str]:
    """Links to what is not there, of all pages of a folder, with the page that has them."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        for link in sorted(_read(path).links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name in THEIRS:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f"{path.relative_to(folder)}: {link} is not there")
            elif target.suffix == ".html" and unquote(parts.fragment) not in _read(target).places:
                found.append(f"{path.relative_to(folder)}: {link} has no such place")
    return found
