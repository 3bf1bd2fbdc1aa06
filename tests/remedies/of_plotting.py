"""Errors of figures."""

import matplotlib as mpl
import matplotlib.figure
import numpy as np
from remedy import Remedy

mpl.use("agg")

from mvtheory.coverage import ensemble
from mvtheory.plotting import plot_formula
from mvtheory.self_distillation import norm_bound

PLACES = ("mvtheory/plotting",)


def bound(rounds):
    axes = mpl.figure.Figure().subplots()
    return plot_formula(norm_bound, ax=axes, relative_norm=20, condition=10, rounds=rounds)


def curve(networks):
    return plot_formula(ensemble, ax=mpl.figure.Figure().subplots(), views=3, networks=networks)


REMEDIES = [
    Remedy(lambda: curve(4), "give one of them several values", lambda: curve(range(1, 21))),
    Remedy(
        lambda: bound(np.arange(5, 9)),
        "choose arguments for which norm_bound says something",
        lambda: bound(np.arange(9)),
    ),
]
