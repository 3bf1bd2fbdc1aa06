"""Everything that has a name: found through the packages, so that adding one is one file."""

import ast
import difflib
import inspect
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mvtheory import (
    coverage,
    distillation,
    ensembles,
    features,
    race,
    self_distillation,
    theorems,
)
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.theorems import Theorem

# Formulas are loaded with their package; what else it offers may wait until it is asked for.
PACKAGES: tuple[ModuleType, ...] = (
    coverage,
    race,
    self_distillation,
    features,
    distillation,
    ensembles,
)
ROOMS = (*(package.__name__.rpartition(".")[2] for package in PACKAGES), "laws", "theorems")
"""What is listed, room by room. That of the laws is not loaded for it."""
DEFINED = ast.FunctionDef | ast.ClassDef
PARAMETERS = re.compile(r"^Parameters\n-", flags=re.MULTILINE)


def formulas() -> dict[str, Formula | Theorem]:
    """Every formula by its name, and every theorem as ``theorems.NAME``."""
    found: dict[str, Formula | Theorem] = {
        name: item
        for package in PACKAGES
        for name in package.__all__
        if isinstance(item := vars(package).get(name), Formula)
    }
    for name in theorems.__all__:
        if isinstance(item := getattr(theorems, name), Theorem):
            found[f"theorems.{name}"] = item
    return found


def lookup(name: str) -> Formula | Theorem:
    """The formula or theorem of that name, or of its name in Python, such as coverage.ensemble.

    Raises ValueError with a suggestion for anything else.
    """
    found = find(name)
    if isinstance(found, Formula | Theorem):
        return found
    place = place_of(name)
    raise ValueError(
        f"NAME={name!r} is no closed form: use mvtheory.{place} from Python ('mvtheory show "
        f"{place}' says how); 'mvtheory list' shows which are formulas"
    )


def find(name: str) -> Any:
    """What the packages offer under that name, or its name in Python, such as race.descend.

    Raises ValueError with a suggestion for anything else.
    """
    known = name.removeprefix("mvtheory.")
    closed = formulas()
    if known in closed:
        return closed[known]
    names = known_names()
    if known in names:
        room, own = names[known].split(".")
        return getattr(import_module(f"mvtheory.{room}"), own)
    close = difflib.get_close_matches(known, [*names, *closed], n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"NAME={name!r} is not known; {hint}'mvtheory list' shows all names")


@dataclass(frozen=True)
class Entry:
    """A line of the list: a name, what it is, and its status or what else it is."""

    name: str
    summary: str
    kind: str


def entries(room: str) -> list[Entry]:
    """What a room offers: formulas and theorems, functions, laws, and classes that users make.

    Classes that only hold results are shown with the functions that return them. Docstrings are
    read from the files, so that nothing is loaded for them.
    """
    found = []
    for name, place in _homes(room).items():
        item = vars(sys.modules.get(f"mvtheory.{room}", object)).get(name)
        kind, text = _definitions(place).get(name, ("", ""))
        if isinstance(item, Theorem):
            found.append(Entry(f"{room}.{name}", item.summary, item.status_text))
        elif isinstance(item, Formula):
            found.append(Entry(name, item.summary, item.status_text))
        elif kind:
            what = "law" if (room, kind) == ("laws", "class") else kind
            found.append(Entry(name, text.partition("\n\n")[0].replace("\n", " "), what))
    return found


def room_summary(room: str) -> str:
    """The first sentence of a room's docstring."""
    tree = ast.parse(_text(f"mvtheory.{room}"))
    return (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ")


def known_names() -> dict[str, str]:
    """Where everything that is offered stands, as room.name, by that and by its name alone.

    A name that two rooms offer stands for the first of them, in the order of `ROOMS`.
    """
    names: dict[str, str] = {}
    for room in ROOMS:
        for name in _homes(room):
            place = f"{room}.{name}"
            if room != "theorems":  # whose names are those of formulas
                names.setdefault(name, place)
            names[place] = place
    return names


def place_of(name: str) -> str:
    """Where what has that name stands below mvtheory, such as race.descend."""
    return known_names()[name.removeprefix("mvtheory.")]


def signature(item: Any) -> str:
    """The arguments of a function, or of a class, with their defaults; types are in the text."""
    arguments = inspect.signature(item)
    plain = [own.replace(annotation=own.empty) for own in arguments.parameters.values()]
    return str(inspect.Signature(plain))


def documented(item: Any) -> str:
    """The docstring of what is no formula, with sources in words."""
    text = inspect.getdoc(item) or ""
    return re.sub(r"\[(\w+)\]_", lambda key: str(Source(key[1])), text)


@cache
def _homes(room: str) -> dict[str, str]:
    """The modules of the names that a package offers, as its __init__ imports them."""
    tree = ast.parse(_text(f"mvtheory.{room}"))
    homes = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    offered = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    return {name: homes[name] for name in offered}


@cache
def _definitions(module: str) -> dict[str, tuple[str, str]]:
    """Kind and docstring of what a module defines for users, by name: functions and classes."""
    found = {}
    for node in ast.parse(_text(module)).body:
        text = ast.get_docstring(node) or "" if isinstance(node, DEFINED) else ""
        if isinstance(node, ast.FunctionDef):
            found[node.name] = "function", text
        elif isinstance(node, ast.ClassDef) and (PARAMETERS.search(text) or _made_by_method(node)):
            found[node.name] = "class", text
    return found


def _made_by_method(node: ast.ClassDef) -> bool:
    decorators = [
        ast.unparse(own)
        for part in node.body
        if isinstance(part, ast.FunctionDef)
        for own in part.decorator_list
    ]
    return "classmethod" in decorators


def _text(module: str) -> str:
    """The source of a module of ours: importing it would load what nobody asked for."""
    _, *inner = module.split(".")
    place = Path(__file__).parent.joinpath(*inner)
    file = place / "__init__.py" if place.is_dir() else place.parent / f"{place.name}.py"
    return file.read_text(encoding="utf-8")
