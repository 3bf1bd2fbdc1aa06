"""Everything that has a name: found through the packages, so that adding one is one file."""

import difflib
from types import ModuleType

from mvtheory import coverage, distillation, race, self_distillation, theorems
from mvtheory.formula import Formula
from mvtheory.theorems import Theorem

PACKAGES: tuple[ModuleType, ...] = (coverage, race, self_distillation, distillation)


def formulas() -> dict[str, Formula | Theorem]:
    """Every formula by its name, and every theorem as ``theorems.NAME``."""
    found: dict[str, Formula | Theorem] = {
        name: item
        for package in PACKAGES
        for name in package.__all__
        if isinstance(item := getattr(package, name), Formula)
    }
    for name in theorems.__all__:
        if isinstance(item := getattr(theorems, name), Theorem):
            found[f"theorems.{name}"] = item
    return found


def lookup(name: str) -> Formula | Theorem:
    """The formula or theorem of that name; ValueError with a suggestion otherwise."""
    found = formulas()
    if name in found:
        return found[name]
    close = difflib.get_close_matches(name, found, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"NAME={name!r} is not known; {hint}'mvtheory list' shows all names")
