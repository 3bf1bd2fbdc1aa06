"""Fields of classes that hold results, with the words below each in the source."""

import ast
import inspect
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

from making.docstrings import prose

TOLD = "Parameters\n---", "Attributes\n---"
"""Sections of a docstring that say what the fields are."""


def shown(item: Any, room: str) -> str:
    """The fields of a dataclass or a named tuple whose docstring leaves them out."""
    names = getattr(item, "_fields", ())
    if is_dataclass(item):
        names = [field.name for field in fields(item)]
    names = [name for name in names if not name.startswith("_")]
    if not names or any(section in (inspect.getdoc(item) or "") for section in TOLD):
        return ""
    words = _words(item.__module__)
    lines = []
    for name in names:
        said = words.get((item.__qualname__, name), "")
        lines.append(f"- `{name}`" + (f": {prose(said, room)}" if said else ""))
    return "**Fields**\n\n" + "\n".join(lines)


@cache
def _words(module: str) -> dict[tuple[str, str], str]:
    """What stands below a field in the source, by class and field."""
    found = {}
    for node in ast.parse(inspect.getsource(import_module(module))).body:
        for field, below in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
            text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if isinstance(field, ast.AnnAssign) and text:
                found[node.name, ast.unparse(field.target)] = str(below.value.value)
    return found
