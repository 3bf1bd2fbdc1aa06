"""Figures of formulas: what is drawn is what the formula says, told apart without colour."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

from mvtheory.coverage import ensemble, ensemble_unequal
from mvtheory.distillation.comparison import kolmogorov_distance
from mvtheory.distillation.spectra import h_spectrum
from mvtheory.plotting import plot_formula, plot_h_spectrum


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


def test_a_spectrum_of_h_shows_eigenvalues_laws_and_distances():
    rng = np.random.default_rng(1)
    labels = rng.integers(40, size=18)
    logits = rng.normal(size=(18, 40)) + 2 * np.eye(40)[labels]
    record = h_spectrum(labels, logits, draws=1)
    ax = plot_h_spectrum(record)
    bars = next(p for p in ax.patches if isinstance(p, mpl.patches.StepPatch))
    heights, edges, _ = bars.get_data()
    # q = 39/18 > 2: what is not on the atom at 0 is in the bars.
    free = np.mean(np.abs(record.eigenvalues) > 1e-9)
    assert free < 1
    assert heights @ np.diff(edges) == pytest.approx(free)
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[0] == "39 eigenvalues of K H"
    for (name, law), text in zip(record.laws.items(), texts[1:], strict=False):
        assert text.startswith(f"{name}: D = {kolmogorov_distance(law, record.eigenvalues):.2g} (")
    # 1 - 2/q = 3/39; labels that occur twice lower the rank of the data further.
    assert f"atom at 0: mass 0.07692, data {1 - free:.4g}" in texts
    drawn = [line for line in ax.lines if line.get_label().startswith("generalised")]
    assert len({line.get_linestyle() for line in drawn}) == len(drawn) == 2
    law = record.laws["generalised Wishart"]
    x, y = drawn[0].get_data()
    np.testing.assert_array_equal(y, law.pdf(x))
    assert "no unit" in ax.get_xlabel()
    assert "per unit" in ax.get_ylabel()
    assert "K = 40, N = 18" in ax.get_title()


def test_a_spectrum_of_h_of_the_dual_model_is_drawn_into_the_axes_given():
    rng = np.random.default_rng(2)
    labels = rng.integers(8, size=40)
    logits, teacher = rng.normal(size=(2, 40, 8)) + 2 * np.eye(8)[labels]
    record = h_spectrum(labels, logits, teacher, temperature=2, soft_weight=0.25, draws=0)
    ax = mpl.figure.Figure().subplots()
    assert plot_h_spectrum(record, ax=ax) is ax
    assert "dual model" in ax.get_title()
    assert "w = 0.25" in ax.get_title()
    assert len(ax.get_legend().get_texts()) == 4


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
