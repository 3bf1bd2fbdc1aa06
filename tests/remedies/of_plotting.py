"""Errors of figures."""

import tempfile
from pathlib import Path

import matplotlib as mpl
import matplotlib.figure
import numpy as np
from remedy import Remedy

mpl.use("agg")

from mvtheory.coverage import distilled, ensemble, test_error
from mvtheory.plotting import Points, plot_comparison, plot_formula, plot_formulas, save
from mvtheory.self_distillation import norm_bound

PLACES = ("mvtheory/plotting",)


def bound(rounds):
    axes = mpl.figure.Figure().subplots()
    return plot_formula(norm_bound, ax=axes, relative_norm=20, condition=10, rounds=rounds)


def curve(networks):
    return plot_formula(ensemble, ax=mpl.figure.Figure().subplots(), views=3, networks=networks)


def several(formulas=(ensemble, distilled), data=None, residuals=True, **values):
    axes = mpl.figure.Figure().subplots(2)
    given = {"views": 2, "networks": range(1, 6)} | values
    return plot_formulas(formulas, ax=axes, data=data, residuals=residuals, **given)


def compared(x=(1, 2, 3), theory=(0.5, 0.7, 0.8), points=(), count=2):
    return plot_comparison(x, theory, points, ax=mpl.figure.Figure().subplots(1, count))


SEEN = {"networks": [1, 2], "ensemble": [0.5, 0.8]}

REMEDIES = [
    Remedy(
        lambda: several(data={"N": [1, 2], "run": [0.5, 0.8]}),
        "of no one line.*a column that has the name of one formula: distilled, ensemble.*rename it",
        lambda: several(data=SEEN),
    ),
    Remedy(
        lambda: several(data={"n": [1], "size": [2]}, networks=3, views=range(2, 6)),
        "hold no 'views' or 'M'.*name one of them so",
        lambda: several(data={"views": [2, 3], "distilled": [1, 1]}, networks=3, views=range(2, 6)),
    ),
    Remedy(
        lambda: several(data={"networks": [1, 2]}),
        "hold nothing beside 'networks'.*add one",
        lambda: several(data=SEEN),
    ),
    Remedy(
        lambda: several([ensemble, test_error], coverage=0.5, single_view_fraction=0.1, classes=3),
        "test_error has no argument 'networks'.*draw it by itself",
        lambda: plot_formula(
            test_error,
            ax=mpl.figure.Figure().subplots(),
            coverage=[0.5, 0.9],
            single_view_fraction=0.1,
            classes=3,
        ),
    ),
    Remedy(
        lambda: Points(name="run", x=[1, 2], y=[0.5]),
        "shapes .1,., .2,. are not allowed.*give one of each for every point",
        lambda: Points(name="run", x=[1, 2], y=[0.5, 0.7]),
    ),
    Remedy(
        lambda: Points(name="run", x=[1], y=[0.5], below=[-0.1], above=[0.1]),
        "errors below 0.*give lengths",
        lambda: Points(name="run", x=[1], y=[0.5], below=[0.1], above=[0.1]),
    ),
    Remedy(lambda: compared(theory=[1]), "evaluate the theory at every x", compared),
    Remedy(lambda: compared(x=[3, 2, 1]), "does not ascend.*sort it", compared),
    Remedy(
        lambda: compared(points=Points(name="run", x=[4], y=[0.9])),
        "within x of the theory: 1 to 3.; evaluate it there too",
        lambda: compared([1, 2, 4], points=Points(name="run", x=[4], y=[0.9])),
    ),
    Remedy(lambda: compared(count=3), "ax holds 3 axes .this figure has 2.*give 2", compared),
    Remedy(
        lambda: save(curve([1, 2]), "figure.pdf", width="triple"),
        "single, double, or inches.*choose one of them",
        lambda: save(curve([1, 2]), Path(tempfile.mkdtemp()) / "figure.pdf", width="double"),
    ),
    Remedy(lambda: curve(4), "give one of them several values", lambda: curve(range(1, 21))),
    Remedy(
        lambda: bound(np.arange(5, 9)),
        "choose arguments for which norm_bound says something",
        lambda: bound(np.arange(9)),
    ),
]
