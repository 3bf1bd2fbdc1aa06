"""What decides a number besides settings and seeds: the code, by content.

A module's code is its text and that of all it imports, by name, of the packages that belong to it:
ours and, of a module from outside, its own. Nothing is imported to find this out, so that a driver
without torch knows what its workers are to compute with. Of other packages their versions count,
which the provenance of a shard names.
"""

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec, resolve_name
from pathlib import Path
from typing import Any

OURS = ("mvtheory", "validation")


@dataclass(frozen=True)
class Text:
    """The text of a module."""

    digest: str
    imports: tuple[tuple[str, str], ...]
    """Modules and what is taken of each; nothing where a module is imported as it is."""
    homes: dict[str, str]
    """By name, the module that it is imported from."""


@cache
def code(module: str) -> str:
    """Hash of the text of a module and of all it imports; empty if it has no file.

    Parameters
    ----------
    module : str
        Its dotted name.

    Examples
    --------
    >>> len(code("validation.code")), code("nobody.home")
    (16, '')
    """
    if text(module) is None:
        return ""
    parts = sorted((name, own.digest) for name in _reached(module) if (own := text(name)))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def modules_of(functions: Iterable[Callable[..., Any]]) -> list[str]:
    """Where functions are defined, each module once, in order.

    >>> modules_of([partial(code, "x"), modules_of])
    ['validation.code']
    """
    found = set()
    for function in functions:
        while isinstance(function, partial):
            function = function.func
        found.add(getattr(function, "__module__", None) or type(function).__module__)
    return sorted(found)


def _reached(module: str) -> set[str]:
    """The module and what it imports, directly or not."""
    own = frozenset({*OURS, _top(module)})
    found: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        if name not in found and text(name) is not None:
            found.add(name)
            left += _imported(name, own)
    return found


@cache
def _imported(module: str, own: frozenset[str]) -> tuple[str, ...]:
    """Where what a module imports is defined, of the packages that belong to it."""
    known = text(module)
    pairs = known.imports if known else ()
    homes = dict.fromkeys(_home(*pair, own) for pair in pairs)
    return tuple(home for home in homes if _top(home) in own)


def _top(module: str) -> str:
    return module.partition(".")[0]


def _home(module: str, name: str, own: frozenset[str]) -> str:
    """The module that a name is defined in; packages pass on names of their modules."""
    while True:
        if _top(module) not in own:
            return module
        if name and text(f"{module}.{name}"):
            return f"{module}.{name}"
        known = text(module)
        further = known.homes.get(name, module) if known else module
        if further == module:
            return module
        module = further


@cache
def text(module: str) -> Text | None:
    """The text of a module; None if it has no file."""
    path = _path(module)
    if path is None:
        return None
    content = path.read_bytes().replace(b"\r\n", b"\n")
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imports: list[tuple[str, str]] = []
    homes: dict[str, str] = {}
    for node in _statements(ast.parse(content)):
        if isinstance(node, ast.Import):
            imports += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            home = resolve_name("." * node.level + (node.module or ""), package)
            imports += [(home, alias.name) for alias in node.names]
            homes |= {alias.asname or alias.name: home for alias in node.names}
    return Text(hashlib.sha256(content).hexdigest(), tuple(dict.fromkeys(imports)), homes)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Statements within a node: of all there is in a module they are a tenth."""
    for part in ("body", "handlers", "orelse", "finalbody", "cases"):
        for own in getattr(node, part, ()):
            yield own
            yield from _statements(own)


def _path(module: str) -> Path | None:
    top, *names = module.split(".")
    loaded = sys.modules.get(top)
    try:
        spec = find_spec(top) if loaded is None else loaded.__spec__
    except (ImportError, ValueError):
        spec = None
    file = spec.origin if spec else getattr(loaded, "__file__", None)
    if not names:
        found = [Path(file)] if file and file.endswith(".py") else []
    else:
        folders = (spec.submodule_search_locations if spec else None) or []
        places = [Path(folder, *names) for folder in folders]
        found = [p for own in places for p in (own.with_suffix(".py"), own / "__init__.py")]
    return next((path for path in found if path.is_file()), None)
