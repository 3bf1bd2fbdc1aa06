"""Everything that has a name: found through the packages, so that adding one is one file."""

import ast
import difflib
import inspect
import re
import sys
from collections.abc import Iterable
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
    extras,
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
CLAIMS = "claims"
"""The room of another package, which is asked only if somebody asks for it."""
DEFINED = ast.FunctionDef | ast.ClassDef
PARAMETERS = re.compile(r"^Parameters\n-", flags=re.MULTILINE)


def formulas() -> dict[str, Formula | Theorem]:
    """Every formula by its name, and every theorem as ``theorems.NAME``.

    Examples
    --------
    >>> formulas()["ensemble"](views=2, networks=3)
    0.875
    """
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

    Examples
    --------
    >>> lookup("networks-for-coverage")(views=3, coverage=0.95)
    8
    """
    found = find(name)
    if isinstance(found, Formula | Theorem):
        return found
    if is_claim(found):
        raise ValueError(f"NAME={name!r} is a claim, no closed form: 'mvtheory show {name}' says "
                         "what it predicts, python -m validation tries it")  # fmt: skip
    place = place_of(name)
    raise ValueError(
        f"NAME={name!r} is no closed form: use mvtheory.{place} from Python ('mvtheory show "
        f"{place}' says how); 'mvtheory list' shows which are formulas"
    )


def find(name: str) -> Any:
    """What the packages offer under that name, or its name in Python, such as race.descend.

    Hyphens and capitals do not matter: marchenko-pastur is laws.MarchenkoPastur. Claims of
    `validation` are found too, as single-view or claims.single-view.

    Raises ValueError with a suggestion for anything else.
    """
    known = name.removeprefix("mvtheory.")
    closed, names = formulas(), known_names()
    for own in (known, spelled_as(known, [*closed, *names])):
        if own in closed:
            return closed[own]
        if own in names:
            room, own = names[own].split(".")
            return getattr(import_module(f"mvtheory.{room}"), own)
    try:
        tried = claims()
    except ValueError:
        tried = {}
    own = known.removeprefix(f"{CLAIMS}.")
    if found := tried.get(own) or tried.get(spelled_as(own, tried)):
        return found
    choices = [*names, *closed, *tried, *(f"{CLAIMS}.{claim}" for claim in tried)]
    close = nearest(known, choices, cutoff=0.4)
    hint = f"did you mean {close!r}? " if close else ""
    raise ValueError(f"NAME={name!r} is not known; {hint}'mvtheory list' shows all names")


def claims() -> dict[str, Any]:
    """The claims that the installed `validation` can try, by name; ValueError without it."""
    try:
        package = import_module("validation.claims")
    except ModuleNotFoundError as error:
        line = extras.remedy(error.name) or f"{error.name} is not installed: reinstall mvtheory"
        raise ValueError(f"claims cannot be listed: {line}") from None
    package.installed()
    found: dict[str, Any] = package.CLAIMS
    return found


def is_claim(item: Any) -> bool:
    """Whether it is a claim of `validation`, which is not imported for this."""
    return type(item).__module__.startswith("validation.")


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str:
    """The choice that is spelled most like a word, hyphens as underscores; empty if none is near.

    `cutoff` is the least likeness, from 0 to 1.

    >>> nearest("networks-for-covrage", ["coverage", "networks_for_coverage"])
    'networks_for_coverage'
    """
    by_key = {choice.replace("-", "_"): choice for choice in reversed(list(choices))}
    close = difflib.get_close_matches(word.replace("-", "_"), by_key, n=1, cutoff=cutoff)
    return by_key[close[0]] if close else ""


def law_names() -> dict[str, str]:
    """The classes of laws by their names on the command line; nothing is loaded for it.

    >>> law_names()["marchenko-pastur"], law_names()["kesten-mckay"], law_names()["finite-gue"]
    ('MarchenkoPastur', 'KestenMcKay', 'FiniteGUE')
    """
    return {
        re.sub("(?<=[a-z])(?<!Mc)(?=[A-Z])", "-", name).lower(): name
        for name in _homes("laws")
        if name[0].isupper() and name != "AbstractLaw"
    }


def spelled_as(word: str, choices: Iterable[str]) -> str:
    """The first choice that differs from a word in hyphens, underscores and capitals alone."""
    key = _key(word)
    return next((choice for choice in choices if _key(choice) == key), "")


def _key(word: str) -> str:
    return re.sub("[-_]", "", word).lower()


@dataclass(frozen=True)
class Entry:
    """A line of the list: a name, what it is, and its status or what else it is."""

    name: str
    summary: str
    kind: str
    group: str
    """The heading that it stands under."""


def entries(room: str) -> list[Entry]:
    """What a room offers: formulas and theorems, functions, laws, and classes that users make.

    Classes that only hold results are shown with the functions that return them. Docstrings are
    read from the files, so that nothing is loaded for them. Claims stand by chapter.
    """
    if room == CLAIMS:
        return [
            Entry(name, claim.title, f"expected: {claim.recorded}", _chapter(claim.place))
            for name, claim in claims().items()
        ]
    found = []
    for name, place in _homes(room).items():
        item = vars(sys.modules.get(f"mvtheory.{room}", object)).get(name)
        kind, text = _definitions(place).get(name, ("", ""))
        if isinstance(item, Theorem):
            found.append(Entry(f"{room}.{name}", item.summary, item.status_text, "theorems"))
        elif isinstance(item, Formula):
            heading = f"formulas: {item.status}"
            found.append(Entry(name, item.summary, item.status_text, heading))
        elif kind:
            what = "law" if (room, kind) == ("laws", "class") else kind
            heading = {"class": "classes"}.get(what, f"{what}s")
            found.append(Entry(name, _sentence(text), what, heading))
    return sorted(found, key=lambda entry: _ORDER.index(entry.group.partition(":")[0]))


_ORDER = ("formulas", "theorems", "laws", "functions", "classes")


def _chapter(place: tuple[int, ...]) -> str:
    """The title of a chapter of claims, and the name by which its claims are run."""
    chapters = import_module("validation.claims").CHAPTERS.items()
    titles = {own.number: f"{own.title}: `{name}`" for name, own in chapters}
    return titles.get(place[0], f"chapter {place[0]}") if place else "of other packages"


def docstring(room: str, name: str) -> str:
    """The docstring of a function or class that a room offers, read from its file."""
    return _definitions(_homes(room)[name]).get(name, ("", ""))[1]


def room_summary(room: str) -> str:
    """The first sentence of a room's docstring."""
    if room == CLAIMS:
        return _sentence(import_module("validation.claims").__doc__ or "")
    return _sentence(ast.get_docstring(ast.parse(_text(f"mvtheory.{room}"))) or "")


def _sentence(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")


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
    own, names = name.removeprefix("mvtheory."), known_names()
    return names.get(own) or names[spelled_as(own, names)]


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
