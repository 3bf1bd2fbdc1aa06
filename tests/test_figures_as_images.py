"""Figures as images: to the last pixel what is drawn by hand, by matplotlib alone."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from mvtheory.coverage import ensemble
from mvtheory.laws import Semicircle
from mvtheory.plotting import STYLE, Points, plot_comparison, plot_formula, plot_spectrum

BLUE, ORANGE, BAND = "#004488", "#d1600f", "#c9d3e2"
NETWORKS = np.arange(1, 7)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def image(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


def formulas_by_hand(ax, marker="s"):
    for views, colour, dash, mark in ((2, BLUE, "-", "o"), (3, ORANGE, "--", marker)):
        ax.plot(NETWORKS, 1 - (1 - 1 / views) ** NETWORKS, color=colour, linestyle=dash,
                marker=mark, label=f"M = {views}")  # fmt: skip
    ax.set_xlabel("N, networks in the ensemble")
    ax.set_ylabel("C, coverage, share of class-view pairs")
    ax.set_title(f"{ensemble.summary}\n{ensemble.source} ({ensemble.status_text})", wrap=True)
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.legend()


def comparison_by_hand(ax, width=0.05):
    theory = 1 - 0.5**NETWORKS
    ax.fill_between(NETWORKS, theory - width, theory + width, color=BAND, linewidth=0, zorder=1,
                    label="range of the theory")  # fmt: skip
    ax.plot(NETWORKS, theory, color=BLUE, label="theory", zorder=2)
    ax.errorbar([2, 4], [0.74, 0.95], yerr=[[0.02, 0.01], [0.02, 0.01]], fmt="s", color=ORANGE,
                markerfacecolor="white", linewidth=1, label="run", zorder=4)  # fmt: skip
    ax.set(xlabel="N", ylabel="C")
    ax.legend()


def spectrum_by_hand(ax, variance=1):
    radius = 2 * variance**0.5
    # The ends, where the density is 0, are left out.
    x = radius * -np.cos(np.linspace(0, np.pi, 402)[1:-1])
    y = np.sqrt(radius**2 - x * x) / (2 * np.pi * variance)
    ax.plot(x, y, color=BLUE, linewidth=1.6, label="law")
    ax.set_ylim(0, (1.1 + 0.09) * y.max())  # room for a legend of one line
    ax.set_xlabel("eigenvalue")
    ax.set_ylabel("density, mass per unit of eigenvalue")
    ax.legend()


def formulas_of_ours(ax):
    plot_formula(ensemble, ax=ax, views=[2, 3], networks=NETWORKS)


def comparison_of_ours(ax):
    theory = ensemble(views=2, networks=NETWORKS)
    run = Points(name="run", x=[2, 4], y=[0.74, 0.95], below=[0.02, 0.01], above=[0.02, 0.01])
    plot_comparison(NETWORKS, theory, run, band=(theory - 0.05, theory + 0.05), ax=ax,
                    labels=("N", "C"))  # fmt: skip


def spectrum_of_ours(ax):
    plot_spectrum(Semicircle(), ax=ax)


@pytest.mark.parametrize(
    ("ours", "by_hand", "wrong"),
    [
        (formulas_of_ours, formulas_by_hand, {"marker": "^"}),
        (comparison_of_ours, comparison_by_hand, {"width": 0.06}),
        (spectrum_of_ours, spectrum_by_hand, {"variance": 1.1}),
    ],
)
def test_a_figure_is_the_image_that_is_drawn_by_hand(ours, by_hand, wrong):
    def drawn(draw, **more):
        with plt.style.context(STYLE):
            figure, ax = plt.subplots()
            draw(ax, **more)
        return image(figure)

    found = drawn(ours)
    np.testing.assert_array_equal(found, drawn(by_hand))
    assert (found != drawn(by_hand, **wrong)).any()
