"""The Python examples of pages, run as doctests before the pages are read."""

import doctest
import os
from pathlib import Path

from sphinx.errors import ExtensionError

from making.shell import scratch


def run(source: Path, page: Path) -> None:
    """Run the examples of a page in its folder; ExtensionError with what differs."""
    here = Path.cwd()
    os.chdir(scratch(source, page.relative_to(source).with_suffix("").as_posix()))
    said: list[str] = []
    text = page.read_text(encoding="utf-8")
    try:
        test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
        result = doctest.DocTestRunner().run(test, out=said.append)
    finally:
        os.chdir(here)
    if result.failed:
        raise ExtensionError(f"examples of {page} fail:\n{''.join(said)}")
