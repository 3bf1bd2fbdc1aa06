"""What ensembles and distilled students will reach, before anything is trained.

`coverage` holds the closed forms, `theorems` the theorems with their hypotheses, `race` which view
wins, `laws` spectral laws and free probability, `distillation` what distilled students reach and an
advisor, `self_distillation` what rounds of it do to a regression. `formulas` lists every formula
and theorem by name, `lookup` finds one.
"""

from importlib.metadata import PackageNotFoundError, version

from mvtheory import coverage, distillation, laws, race, self_distillation, theorems
from mvtheory.catalogue import formulas, lookup
from mvtheory.formula import Formula
from mvtheory.multiprecision import NoConvergence

try:
    __version__ = version("mvtheory")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "unknown"

__all__ = [
    "Formula",
    "NoConvergence",
    "coverage",
    "distillation",
    "formulas",
    "laws",
    "lookup",
    "race",
    "self_distillation",
    "theorems",
]
