"""The page: one template with its style, its scripts and the panels, all in one text."""

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from mvtheory.explore.closed import Closed, javascript
from mvtheory.explore.panel import Panel
from mvtheory.explore.picture import Picture

SCRIPTS = ("draw.js", "answers.js", "controls.js", "page.js")
"""In the order of their use of each other."""
DIGITS = 8
"""Of the numbers that are computed beforehand."""


def served(panels: Sequence[Panel]) -> str:
    """The page that asks the server for its numbers."""
    return _page({"live": True, "panels": [panel.described(coarse=False) for panel in panels]}, "")


def exported(panels: Sequence[Panel]) -> str:
    """The page that needs no server: closed forms as JavaScript, all else on a coarse grid."""
    formulas = {
        name: formula
        for panel in panels
        if isinstance(panel.picture, Closed)
        for name, formula in panel.picture.formulas().items()
    }
    printed = ",\n".join(f"  {name}: {javascript(formula)}" for name, formula in formulas.items())
    table = {
        panel.name: {at: _rounded(panel.picture(**values)) for at, values in panel.beforehand()}
        for panel in panels
        if not isinstance(panel.picture, Closed)
    }
    described = [panel.described(coarse=True) for panel in panels]
    state = {"live": False, "panels": described, "pictures": table}
    return _page(state, f"const FORMULAS = {{\n{printed}\n}};\n")


def _rounded(picture: Picture) -> dict[str, Any]:
    def rounded(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: rounded(part) for name, part in value.items()}
        if isinstance(value, list):
            return [rounded(part) for part in value]
        return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value

    found: dict[str, Any] = rounded(picture.plain())
    return found


def _page(state: dict[str, Any], formulas: str) -> str:
    script = formulas + "".join(map(_part, SCRIPTS))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # A "</script>" within the data would end them.
    data = json.dumps(state, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    parts = {"STYLE": _part("page.css"), "HASH": digest, "STATE": data, "SCRIPT": script}
    page = _part("page.html")
    for name, text in parts.items():
        before, after = page.split(f"@@{name}@@")
        page = before + text + after
    return page


def _part(name: str) -> str:
    return files("mvtheory.explore").joinpath(name).read_text(encoding="utf-8")
