"""Figures of formulas: what is drawn is what the formula says, told apart without colour."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

from mvtheory.coverage import ensemble, ensemble_unequal
from mvtheory.plotting import plot_formula


def test_lines_carry_the_formula():
    ax = plot_formula(ensemble, views=[2, 3], networks=range(1, 8))
    assert len(ax.lines) == 2
    for line, views in zip(ax.lines, (2, 3), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 8))
        expected = ensemble(views=views, networks=np.arange(1, 8))
        np.testing.assert_array_equal(line.get_ydata(), expected)
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert len({line.get_marker() for line in ax.lines}) == 2
    assert "N" in ax.get_xlabel()
    assert "coverage" in ax.get_ylabel()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["M = 2", "M = 3"]
    assert "Theorem 2" in ax.get_title()


def test_it_draws_into_the_axes_given_and_takes_vectors():
    figure = mpl.figure.Figure()
    ax = figure.subplots()
    chances = [0.5, 0.3, 0.2]
    assert plot_formula(ensemble_unequal, ax=ax, probabilities=chances, networks=[1, 4, 9]) is ax
    expected = ensemble_unequal(probabilities=chances, networks=[1, 4, 9])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), expected)


def test_bad_input_names_the_argument():
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_formula(ensemble, views=3, networks=4)
    with pytest.raises(ValueError, match="networks=0"):
        plot_formula(ensemble, views=3, networks=[0, 1])
    with pytest.raises(ValueError, match="views="):
        plot_formula(ensemble, views=["a", "b"], networks=[1, 2, 3])
    with pytest.raises(ValueError, match="'colour' is unknown"):
        plot_formula(ensemble, views=3, networks=[1, 2], colour=1)
    mpl.pyplot.close("all")
