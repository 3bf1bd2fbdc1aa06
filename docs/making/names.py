"""What is public, where it stands, and links to it."""

import inspect
from functools import cache
from importlib import import_module
from typing import Any

from making.markdown import escaped

ROOMS = {
    "mvtheory": "mvtheory: the ways in",
    "mvtheory.coverage": "coverage: the lottery of views",
    "mvtheory.race": "race: which view wins",
    "mvtheory.theorems": "theorems: Theorems 1 to 4",
    "mvtheory.distillation": "distillation: losses, estimators, the advisor",
    "mvtheory.ensembles": "ensembles: how many networks",
    "mvtheory.self_distillation": "self_distillation: rounds in Hilbert space",
    "mvtheory.features": "features: regressions on random features",
    "mvtheory.laws": "laws: spectra and free probability",
    "mvtheory.measured": "measured: spectra of data",
    "mvtheory.plotting": "plotting: figures",
    "mvtheory.explore": "explore: the examples of the page of sliders",
    "mvtheory.explore.panels": "explore.panels: what its panels show",
    "validation": "validation: runs as data, two models compared",
}
"""Packages with an `__all__`, in the order of the reference, and their titles."""
OTHERS = {
    "mvtheory.references": ("Source", "Credit"),
    "mvtheory.formula": ("Case",),
    "mvtheory.arguments": ("Argument",),
    "mvtheory.testing": ("check_law",),
    "validation.testing": ("check_claim",),
    "validation.trial.claim": ("Claim", "Expectation", "Sample", "Measured", "Wrong"),
}
"""Modules that who adds a formula, a law or a claim imports from."""


def offered(room: str) -> list[str]:
    """The public names of a module, without the packages among them."""
    if room in OTHERS:
        return list(OTHERS[room])
    module = import_module(room)
    return [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]


@cache
def public() -> dict[str, Any]:
    """Everything public, by the full name by which it is imported."""
    return {
        f"{room}.{name}": getattr(import_module(room), name)
        for room in (*ROOMS, *OTHERS)
        for name in offered(room)
    }


def linked(text: str, room: str = "") -> str:
    """Code, as a link where it names something public or a room."""
    plain = text.removesuffix("()")
    for name in (f"{room}.{plain}", f"mvtheory.{plain}", plain):
        if name in public():
            return f"{{py:obj}}`{text} <{name}>`"
    elsewhere = [name for name in public() if name.rpartition(".")[2] == plain]
    if len(elsewhere) == 1:
        return f"{{py:obj}}`{text} <{elsewhere[0]}>`"
    return f"`{text}`" if text.strip() == text else escaped(text)
