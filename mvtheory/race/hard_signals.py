r"""Signals that a linear teacher does not know: what they lead noise by, and what undoes them.

Two signs of a hard signal belong to one class, so that its mean vanishes and no linear model of the
patches learns it. Features that are learned do, from samples that show an easy signal besides, if
they grow before the noise of single samples is memorised: until a response reaches the threshold of
its ReLU, dx/dt = S x^(q-1). Labels of samples that show a hard signal alone are wrong by chance and
cancel at first. As the others are explained by easy signals, these labels are what is left.
"""

from typing import Any

import numpy as np

from mvtheory.arguments import CLASSES, GATED_POWER, Argument
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.shapes import Floats

SAMPLES = Argument("samples", "n", "training samples", 1, 1e12, integer=True)
BOTH = Argument("both", "p_b", "share of the samples that show an easy and a hard signal", 0, 1)
HARD = Argument("hard", "z_h", "coefficient of a hard signal", 1e-3, 1e3)
NOISE = Argument("noise", "xi", "norm of a sample's noise", 1e-3, 1e3)
BRIDGES = Argument("bridges", "c", "samples with both signals over those with a hard one alone",
                   1e-6, 1e6)  # fmt: skip
EASY_OUTPUT = Argument("easy_output", "F_e", "output of the easy signal", 0, 50)


def _lead(samples: Any, both: Any, hard: Any, noise: Any, classes: Any, power: Any) -> Any:
    return samples * both / (2 * classes) * (hard / noise) ** power


def _margin(bridges: Any, easy_output: Any) -> Any:
    import sympy

    easy = sympy.exp(easy_output)
    half = easy + 1 - 2 * bridges
    return sympy.log(1 + (sympy.sqrt(half**2 + 16 * bridges * easy) - half) / (2 * easy))


def _margin_of_floats(bridges: Floats, easy_output: Floats) -> Floats:
    easy = np.exp(easy_output)
    half = easy + 1 - 2 * bridges
    root = np.sqrt(half**2 + 16 * bridges * easy)
    # The root that does not cancel.
    gained = np.where(half > 0, 8 * bridges / (root + half), (root - half) / (2 * easy))
    return np.asarray(np.log1p(gained))


signal_lead = Formula(
    name="signal_lead",
    summary="Drive of a hard signal of either sign over that of one sample's own noise.",
    symbol="rho",
    quantity="ratio of drives",
    arguments=(SAMPLES, BOTH, HARD, NOISE, CLASSES, GATED_POWER),
    expression=_lead,
    well_conditioned=True,
    source=Source("oh2025"),
    status="our extension",
    monotone=("samples", "both", "hard", "noise", "classes", "power"),
    notes=(
        "Of smoothed ReLUs of power q; the source has ReLUs, n p_b^2 z_h^4 over xi^4 / d, and a "
        "boundary up to constants. Above 1 the hard signal is learned before noise is memorised, "
        "in the limit of small starts: at q = 2 times are log(1/start) over a drive, and starts "
        "count for nothing there; at q > 2 the ratio is to be multiplied by that of the largest "
        "starts, each in its own deviation, to the power q - 2. A sign is shown by half of the "
        "samples, and a class has n / K."
    ),
)

corrected_margin = Formula(
    name="corrected_margin",
    summary="Output of a hard signal at which labels that are wrong by chance balance the others.",
    symbol="F_h",
    quantity="output of the right class above that of the other one",
    arguments=(BRIDGES, EASY_OUTPUT),
    expression=_margin,
    stable=_margin_of_floats,
    source=Source("oh2025"),
    status="our extension",
    monotone=("bridges", "easy_output"),
    notes=(
        "Of two classes, where nothing is memorised and of the samples that show a hard signal "
        "alone half are labelled wrongly: c / (1 + e^(F_e + F_h)) = tanh(F_h / 2) / 2. That is "
        "log(1 + 2 c) before the easy signal is learned, and about 4 c e^-F_e after that: the more "
        "the easy signal explains, the more is forgotten. Labels of n samples that are not wrong "
        "in just one half of the cases move it by their log odds."
    ),
)
