"""Figures of formulas, spectra and advice; the one room that imports matplotlib."""

from mvtheory.plotting.advice import plot_advice
from mvtheory.plotting.ensembles import plot_ensemble
from mvtheory.plotting.formulas import plot_formula
from mvtheory.plotting.measured import plot_study
from mvtheory.plotting.spectra import plot_h_spectrum, plot_spectrum
from mvtheory.plotting.style import COLOURS, DASHES, MARKERS

__all__ = [
    "COLOURS",
    "DASHES",
    "MARKERS",
    "plot_advice",
    "plot_ensemble",
    "plot_formula",
    "plot_h_spectrum",
    "plot_spectrum",
    "plot_study",
]
