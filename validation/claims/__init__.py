"""The claims on trial, one a file of this folder, and those that are given from outside.

`CLAIMS` is the one list of them. Ours are found in their files, by type, and stand in the order of
their places: the number of a chapter of `CHAPTERS`, and a number in it.

Claims from outside come after ours: those of a module, by `register`; those of installed packages
with entry points of the group `mvtheory.claims`, by `installed`.
"""

import importlib
import math
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType
from typing import NamedTuple

from validation.trial.claim import Claim

__all__ = [
    "CHAPTERS", "CLAIMS", "GROUP", "chapter_of", "expanded", "installed", "known", "of_preset",
    "register",
]  # fmt: skip

GROUP = "mvtheory.claims"
"""The group of entry points by which an installed package offers claims."""


class Chapter(NamedTuple):
    """Claims that belong together, and are run by one name."""

    number: int
    title: str


CHAPTERS = {
    "ensembles": Chapter(1, "What one network learns and what an ensemble of them knows"),
    "distillation": Chapter(2, "Networks that learn from one another"),
    "races": Chapter(3, "The lottery of the views in many small networks"),
    "several-views": Chapter(4, "Where networks learn more than one view"),
    "features": Chapter(5, "Features that are not learned, and data without views"),
    "outputs": Chapter(6, "Distillation as a mixture of outputs"),
    "kernels": Chapter(7, "Self-distillation of kernels"),
    "sizes": Chapter(8, "How many networks an ensemble needs"),
    "images": Chapter(9, "Images, and networks for them"),
}
"""By the name by which its claims are run."""


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """The modules of a package, then itself: a claim's own file comes before who passes it on."""
    for own in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if own.name != "__main__":
            yield from _modules(importlib.import_module(f"{module.__name__}.{own.name}"))
    yield module


def _found(module: ModuleType) -> list[tuple[str, Claim]]:
    """The claims of a module or package, each after the module it is in, by their places."""
    every: dict[int, tuple[str, Claim]] = {}
    for own in _modules(module):
        for value in list(vars(own).values()):
            if isinstance(value, Claim):
                every.setdefault(id(value), (own.__name__, value))
    return sorted(every.values(), key=lambda pair: pair[1].place or (math.inf,))


CLAIMS: dict[str, Claim] = {claim.name: claim for _, claim in _found(sys.modules[__name__])}
"""Every claim by its name: ours, then those from outside that were given so far."""


def register(module: str) -> list[str]:
    """Put the claims of a module, or of a package and its modules, on the list; their names.

    Parameters
    ----------
    module : str
        Its dotted name, such as "package.module"; one that cannot be imported, that holds no
        claim, or with a claim whose name another one has, raises ValueError.
    """
    try:
        found = _found(importlib.import_module(module))
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"claims={module!r} cannot be imported ({type(error).__name__}: {error}); allowed is "
            "the dotted name of a module or package, such as package.module: run where it lies, "
            "or install it"
        ) from error
    _take(module, found)
    return [claim.name for _, claim in found]


def _take(source: str, found: Iterable[tuple[str, Claim]]) -> None:
    """Put claims on the list, all of them or, if one cannot be taken, none."""
    more: dict[str, Claim] = {}
    for module, claim in found:
        other = CLAIMS.get(claim.name) or more.get(claim.name)
        if other is None:
            more[claim.name] = replace(claim, module=module)
        elif replace(other, module="") != claim:
            raise ValueError(
                f"claims={source!r} has a claim {claim.name!r}, a name that one of "
                f"{other.module or __name__} has already; allowed is a name of its own: give it one"
            )
    if not found:
        raise ValueError(
            f"claims={source!r} holds no claim; allowed is a module or package with a "
            "validation.trial.claim.Claim at the top of a module: name the one that defines it"
        )
    CLAIMS.update(more)


@cache
def installed() -> tuple[str, ...]:
    """Put the claims of installed packages on the list, once; a line on each that is broken.

    An entry point of the group names a module, a package or a claim: `own = "package.module"` or
    `own = "package.module:CLAIM"`.
    """
    broken = []
    for point in entry_points(group=GROUP):
        try:
            given = point.load()
            if isinstance(given, Claim):
                _take(point.value, [(point.module, given)])
            else:
                _take(point.value, _found(given) if isinstance(given, ModuleType) else [])
        except (Exception, SystemExit) as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            broken.append(f"entry point {point.name!r} of {GROUP} is left out ({said})")
    return tuple(broken)


def of_preset(preset: str) -> list[Claim]:
    """Those of a run of all: with something to train at a preset, and not too costly there."""
    return [claim for claim in _trained(preset) if preset not in claim.costly]


def _trained(preset: str) -> list[Claim]:
    """Those that have something to train: some need files, which quick never reads."""
    return [claim for claim in CLAIMS.values() if claim.settings(preset)]


def chapter_of(claim: Claim) -> str:
    """The name of its chapter; empty for a claim from outside, or without a place."""
    if claim.module:
        return ""
    return next((n for n, own in CHAPTERS.items() if claim.place[:1] == (own.number,)), "")


def expanded(names: Iterable[str], preset: str) -> list[str]:
    """These names, each once, with what a chapter has at the preset in the place of its name."""
    every, found = _trained(preset), list[str]()
    for name in names:
        own = [claim.name for claim in every if chapter_of(claim) == name]
        found += own or [name]
    return list(dict.fromkeys(found))


def known(name: str, module: str = "") -> Claim:
    """The claim that a plan calls so, and has from this module if it is not ours.

    ValueError if it is not on the list, nor in an installed package.
    """
    if name not in CLAIMS:
        installed()
    claim = CLAIMS.get(name)
    if claim is not None and claim.module == module:
        return claim
    if module:
        raise ValueError(
            f"claim {name!r} of the plan is of the module {module!r}, which was not given: add "
            f"`--claims {module}` to the command, or `from validation.claims import register; "
            f"register({module!r})`"
        )
    raise ValueError(
        f"claim {name!r} of the plan is not known to this version, which has "
        f"{', '.join(CLAIMS)}: use the version that made the run"
    )
