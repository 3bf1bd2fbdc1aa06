"""What ensembles and distilled students will reach, before anything is trained.

`coverage` holds the closed forms, `theorems` the theorems with their hypotheses, `race` which
view wins, `laws` spectral laws and free probability, `distillation` what distilled students
reach and an advisor, `ensembles` what more networks reach than are at hand, `self_distillation`
what rounds of it do to a regression, `measured` what is in the spectra of data, `features` what
regressions on random features and averages of them do, `plotting` figures of all of it. `formulas`
lists every formula and theorem by name, `lookup` finds one by its name, `search` whatever has a
word in it; `read_outputs` reads labels and outputs from files.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mvtheory import (
        coverage,
        distillation,
        ensembles,
        features,
        laws,
        measured,
        plotting,
        race,
        self_distillation,
        theorems,
    )
    from mvtheory.catalogue import formulas, lookup
    from mvtheory.finding import search
    from mvtheory.formula import Formula
    from mvtheory.multiprecision import NoConvergence
    from mvtheory.reading import read_outputs

__all__ = [
    "Formula",
    "NoConvergence",
    "coverage",
    "distillation",
    "ensembles",
    "features",
    "formulas",
    "laws",
    "lookup",
    "measured",
    "plotting",
    "race",
    "read_outputs",
    "search",
    "self_distillation",
    "theorems",
]
HOMES = {
    "Formula": "formula",
    "NoConvergence": "multiprecision",
    "formulas": "catalogue",
    "lookup": "catalogue",
    "read_outputs": "reading",
    "search": "finding",
}
"""Modules of what is no module itself."""


def __getattr__(name: str) -> Any:
    # Not before it is asked for: a command must answer Ctrl-C before what takes time to load.
    if name == "__version__":
        return _version()
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = import_module(f"{__name__}.{HOMES.get(name, name)}")
    return getattr(found, name) if name in HOMES else found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("mvtheory")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"
