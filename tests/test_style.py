"""The one style of all figures: told apart in grey and by the colour-blind, with text as text."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from mvtheory.coverage import distilled, ensemble
from mvtheory.laws import FiniteGUE, MarchenkoPastur, PoissonDirichlet, Semicircle, TracyWidom
from mvtheory.measured import spectrum_of_data, study
from mvtheory.plotting import (
    COLOURS,
    DASHES,
    MARKERS,
    STYLE,
    WIDTHS,
    Points,
    plot_comparison,
    plot_finite,
    plot_formula,
    plot_formulas,
    plot_largest,
    plot_spectrum,
    plot_study,
    plot_weights,
    save,
)

# Machado, Oliveira & Fernandes (2009), table 1, of severity 1, for linear light.
EYES = {
    "all cones": np.eye(3),
    "no long ones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                     [-0.003882, -0.048116, 1.051998]],
    "no middle ones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                       [-0.011820, 0.042940, 0.968881]],
    "no short ones": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                      [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
NOTICED = 2.3
"""Of CIE76: a difference that is just noticed side by side (Mahy, Van Eycken & Oosterlinck 1994).
Of two lines apart from each other it must be several times as large."""


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def light(colour):
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(linear):
    """CIE L*a*b* of linear sRGB, white of D65."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    x, y, z = (
        np.cbrt(v) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29
        for v in to_xyz @ np.clip(linear, 0, 1) / [0.95047, 1, 1.08883]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
def test_colours_are_told_apart_by_all_eyes(eyes):
    seen = [lab(np.array(EYES[eyes]) @ light(colour)) for colour in COLOURS]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 5 * NOTICED


def test_colours_are_told_apart_in_grey_and_from_paper():
    lightness = sorted(lab(light(colour))[0] for colour in COLOURS)
    assert min(np.diff(lightness)) > 3 * NOTICED
    # WCAG 2.2: graphics want a contrast of 3 to their surroundings; the lightest has markers.
    luminance = [np.dot([0.2126, 0.7152, 0.0722], light(colour)) for colour in COLOURS]
    contrast = sorted(1.05 / (y + 0.05) for y in luminance)
    assert contrast[1] > 3 > contrast[0] > 2.5


def test_the_style_sheet_is_for_others_too_and_has_the_same_colours():
    with plt.style.context(STYLE):
        cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
        assert [mpl.colors.to_hex(colour) for colour in cycle] == list(COLOURS)
        assert plt.rcParams["pdf.fonttype"] == 42


def test_drawing_leaves_the_settings_of_others_alone():
    before = dict(plt.rcParams)
    ax = plot_formula(ensemble, views=[2, 3], networks=range(1, 5))
    assert dict(plt.rcParams) == before
    # Its own it keeps: text is as large as the style sheet says.
    assert ax.xaxis.label.get_size() == 8


@pytest.mark.parametrize("width", [*WIDTHS, 4.25])
def test_figures_are_as_wide_as_a_column_and_their_text_is_text(width, tmp_path):
    ax = plot_formula(ensemble, views=[2, 3], networks=range(1, 9))
    wanted = WIDTHS.get(width, width)
    text = save(ax, tmp_path / "figure.svg", width=width, ratio=0.7).read_text()
    head = text[text.index("<svg") : text.index(">", text.index("<svg"))]
    across, high = (re.search(rf' {name}="([\d.]+)pt"', head)[1] for name in ("width", "height"))
    assert float(across) == pytest.approx(72 * wanted)
    assert float(high) == pytest.approx(72 * wanted * 0.7)
    assert re.search(r"<text[^>]*>[^<]*N, networks in the ensemble", text)
    pdf = save(ax, tmp_path / "figure.pdf", width=width).read_bytes()
    assert b"/Type0" in pdf  # fonts of type 42
    assert b"/Type3" not in pdf


def test_what_is_too_wide_for_a_column_is_broken_or_goes_below(tmp_path):
    law = MarchenkoPastur(aspect_ratio=2)
    values = np.linalg.eigvalsh(law.matrix(40, 1))
    ax = plot_spectrum(law, matrices=[values], eigenvalues=values)
    ax.set_title("a title")
    save(ax, tmp_path / "figure.pdf", width="single", titles=False)
    assert ax.get_title() == ""
    assert "\n" in ax.get_ylabel()
    figure = ax.get_figure()
    figure.draw_without_rendering()
    legend, room = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.y1 < ax.xaxis.get_tightbbox().y0 < room.y0
    assert legend.y0 >= 0
    tall = ax.yaxis.label.get_window_extent()
    assert 0 <= tall.y0 < tall.y1 <= figure.bbox.height


def test_a_width_that_is_none_is_refused():
    ax = plot_formula(ensemble, views=3, networks=[1, 2])
    for width in ("triple", 0, -1.0):
        with pytest.raises(ValueError, match="single, double, or inches"):
            save(ax, "figure.pdf", width=width)


def test_theory_band_data_and_residuals_in_one_call():
    x = np.arange(1.0, 9)
    y = ensemble(views=3, networks=x)
    run = Points(name="run", x=[2, 4], y=[0.5, 0.85], below=[0.02, 0.02], above=[0.06, 0.04])
    bare = Points(name="bare", x=[3, 2.5], y=[0.7, 0.6])
    above, below = plot_comparison(x, y, run, band=(y - 0.04, y + 0.04), labels=("N", "C"))
    (line,) = (own for own in above.lines if own.get_label() == "theory")
    np.testing.assert_array_equal(line.get_xydata(), np.column_stack([x, y]))
    (band,) = above.collections[:1]
    corners = band.get_paths()[0].vertices
    assert {corners[:, 1].min(), corners[:, 1].max()} == {(y - 0.04).min(), (y + 0.04).max()}
    bars = above.containers[0]
    np.testing.assert_allclose(
        np.array(bars[2][0].get_segments())[:, :, 1], [[0.48, 0.56], [0.83, 0.89]]
    )
    assert [text.get_text() for text in above.get_legend().get_texts()] == [
        "range of the theory", "theory", "run",
    ]  # fmt: skip
    # 1 - (2/3)^2 and 1 - (2/3)^4; half of what the bars span is .04 and .03.
    residuals = below.containers[0][0].get_ydata()
    np.testing.assert_allclose(residuals, [(0.5 - 5 / 9) / 0.04, (0.85 - 65 / 81) / 0.03])
    assert (below.get_ylabel(), below.get_xlabel()) == ("residual (errors)", "N")
    assert below.get_ylim()[0] == -below.get_ylim()[1]
    # Without errors they are in the unit of the values; between points the theory is linear.
    _, below = plot_comparison(x, y, bare)
    np.testing.assert_allclose(
        below.containers[0][0].get_ydata(), [0.7 - 19 / 27, 0.6 - (5 / 9 + 19 / 27) / 2]
    )
    assert below.get_ylabel() == "residual"
    only = mpl.figure.Figure().subplots()
    assert plot_comparison(x, y, run, ax=only) is only
    axes = mpl.figure.Figure().subplots(2)
    assert plot_comparison(x, y, run, ax=axes)[1] is axes[1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"theory": [1.0]}, "one shape"),
        ({"x": [2.0, 1.0]}, "does not ascend"),
        ({"points": Points(name="run", x=[5], y=[1])}, "from 5 to 5 are not allowed"),
        ({"ax": ["one"]}, "ax holds 1 axes"),
    ],
)
def test_what_cannot_be_compared_is_told(change, says):
    given = {"x": [1.0, 2.0], "theory": [0.5, 0.7]} | change
    with pytest.raises(ValueError, match=says):
        plot_comparison(given.pop("x"), given.pop("theory"), **given)


def test_several_formulas_with_data_and_residuals_of_that_of_the_name():
    data = {
        "N": [2, 4, 3], "ensemble": [0.7, 0.95, np.nan], "ensemble_low": [0.6, 0.9, 0],
        "ensemble_high": [0.8, 0.97, 0], "distilled": [0.9, 0.97, 0.93], "word": ["a", "b", "c"],
    }  # fmt: skip
    above, below = plot_formulas([ensemble, distilled], data=data, residuals=True, views=2,
                                 networks=range(1, 7))  # fmt: skip
    texts = [text.get_text() for text in above.get_legend().get_texts()]
    assert texts == ["ensemble", "distilled", "ensemble, measured", "distilled, measured"]
    lines = {line.get_label(): line for line in above.lines}
    for formula in (ensemble, distilled):
        x, y = lines[formula.name].get_data()
        np.testing.assert_array_equal(y, formula(views=2, networks=x))
    first, second = (bars[0].get_ydata() for bars in below.containers)
    np.testing.assert_allclose(first, [0.7 - 0.75, 0.95 - 0.9375])
    np.testing.assert_allclose(second, np.array([0.9, 0.97, 0.93]) - distilled(
        views=2, networks=[2, 4, 3]))  # fmt: skip
    looks = {(own.get_linestyle(), own.get_color()) for own in above.lines[:2]}
    assert len(looks) == 2
    with pytest.raises(ValueError, match="of no one line"):
        plot_formulas([ensemble], data=data, residuals=True, views=[2, 3], networks=range(1, 7))
    with pytest.raises(ValueError, match="hold no 'networks' or 'N'"):
        plot_formulas([ensemble], data={"x": [1]}, views=2, networks=range(1, 7))
    with pytest.raises(ValueError, match="hold nothing beside 'N'"):
        plot_formulas([ensemble], data={"N": [1]}, views=2, networks=range(1, 7))
    with pytest.raises(ValueError, match="have errors below 0"):
        plot_formulas([ensemble], data=data | {"ensemble_low": [1, 1, 1]}, views=2,
                      networks=range(1, 7))  # fmt: skip


def test_a_largest_eigenvalue_and_weights_are_drawn():
    law = TracyWidom(beta=1)
    sample = law.rvs(50, np.random.default_rng(1))
    ax = plot_largest(law, eigenvalues=sample)
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, law.pdf(x))
    assert sum(bar.get_height() * bar.get_width() for bar in ax.patches) == pytest.approx(1)
    weights = PoissonDirichlet(discount=0.25)
    ax = plot_weights(weights, rng=1)
    mean = ax.lines[0].get_ydata()
    assert (np.diff(mean) < 0).all()
    assert ax.lines[1].get_ydata()[0] == weights.largest_mean


@pytest.mark.parametrize("size", [1, 40])
def test_a_mean_density_of_finite_matrices_is_drawn_with_all_its_oscillations(size):
    law = FiniteGUE(size=size)
    ax = plot_finite(law, eigenvalues=Semicircle().rvs(200, 1))
    x, y = ax.lines[0].get_data()
    np.testing.assert_array_equal(y, law.pdf(x))
    # The mean density of n eigenvalues that repel each other has n maxima.
    assert np.sum(np.diff(np.sign(np.diff(y))) < 0) == size
    assert sum(bar.get_height() * bar.get_width() for bar in ax.patches) == pytest.approx(1)


def structure(ax):
    """What a figure is made of, whatever the library's version makes of its pixels."""
    return {
        "lines": [(line.get_label(), line.get_linestyle(), line.get_marker(), len(line.get_xdata()))
                  for line in ax.lines],
        "labels": (ax.get_xlabel(), ax.get_ylabel()),
        "scales": (ax.get_xscale(), ax.get_yscale()),
        "frame": [side for side, spine in ax.spines.items() if spine.get_visible()],
        "legend": [text.get_text() for text in ax.get_legend().get_texts()],
    }  # fmt: skip


def test_figures_are_made_of_the_same_parts_in_one_style():
    assert structure(plot_formula(ensemble, views=[2, 3], networks=range(1, 9))) == {
        "lines": [("M = 2", DASHES[0], MARKERS[0], 8), ("M = 3", DASHES[1], MARKERS[1], 8)],
        "labels": ("N, networks in the ensemble", "C, coverage, share of class-view pairs"),
        "scales": ("linear", "linear"),
        "frame": ["left", "bottom"],
        "legend": ["M = 2", "M = 3"],
    }
    law = MarchenkoPastur(aspect_ratio=2)
    found = structure(plot_spectrum(law, eigenvalues=np.linalg.eigvalsh(law.matrix(40, 1))))
    assert found["lines"][0] == ("law", "-", "None", 400)
    assert found["labels"] == ("eigenvalue", "density, mass per unit of eigenvalue")
    assert found["frame"] == ["left", "bottom"]
    assert found["legend"][0] == "law"
    rng = np.random.default_rng(1)
    data = rng.normal(size=(120, 40)) + 2 * rng.normal(size=(120, 1))
    left, right = plot_study(study(spectrum_of_data(data)))
    assert structure(right)["scales"] == ("log", "log")
    assert structure(right)["lines"][0] == ("measured", "None", ".", 40)
    assert structure(left)["frame"] == structure(right)["frame"] == ["left", "bottom"]
