"""Figures of formulas, spectra and advice; the one room that imports matplotlib.

All are in one style, for print in grey too: `STYLE` is the name of its style sheet, `save` writes
a figure at the width of a column, with its text as text. What draws into axes takes them as `ax`:
one, or as many as it has panels.
"""

from mvtheory.plotting.advice import plot_advice
from mvtheory.plotting.comparison import plot_comparison
from mvtheory.plotting.ensembles import plot_ensemble
from mvtheory.plotting.formulas import plot_formula, plot_formulas
from mvtheory.plotting.largest import plot_finite, plot_largest, plot_weights
from mvtheory.plotting.measured import plot_study
from mvtheory.plotting.points import Points
from mvtheory.plotting.saving import save
from mvtheory.plotting.spectra import plot_h_spectrum, plot_spectrum
from mvtheory.plotting.style import COLOURS, DASHES, MARKERS, STYLE, WIDTHS

__all__ = [
    "COLOURS",
    "DASHES",
    "MARKERS",
    "STYLE",
    "WIDTHS",
    "Points",
    "plot_advice",
    "plot_comparison",
    "plot_ensemble",
    "plot_finite",
    "plot_formula",
    "plot_formulas",
    "plot_h_spectrum",
    "plot_largest",
    "plot_spectrum",
    "plot_study",
    "plot_weights",
    "save",
]


def __dir__() -> list[str]:
    return __all__
