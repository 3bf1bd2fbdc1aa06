"""Everything that has a name: found through the packages, so that adding one is one file."""

import difflib
from types import ModuleType

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
    found = formulas()
    functions: dict[str, str] = {}
    for package in PACKAGES:
        place = package.__name__.rpartition(".")[2]
        for word in package.__all__:
            if isinstance(item := vars(package).get(word), Formula):
                found[f"{place}.{word}"] = item
            else:
                functions |= dict.fromkeys((word, f"{place}.{word}"), f"{place}.{word}")
    known = name.removeprefix("mvtheory.")
    if known in found:
        return found[known]
    if known in functions:
        raise ValueError(
            f"NAME={name!r} is no closed form: use mvtheory.{functions[known]} from Python; "
            "'mvtheory list' shows the formulas"
        )
    close = difflib.get_close_matches(known, found, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"NAME={name!r} is not known; {hint}'mvtheory list' shows all names")
