"""Figures: each panel after its kind, and what is drawn is what the comparisons say."""

import io
import math

import matplotlib
import numpy as np
import pytest
from matplotlib.collections import QuadMesh

from validation.report.figures import draw
from validation.report.maps import is_logarithmic
from validation.report.svg import svg
from validation.trial.claim import Comparison, Expectation, Verdict

CURVES, FRAME = ("temperature T", "accuracy\n(share of samples)"), ("setting", "share")
MAP = ("fraction of single-view samples", "initial deviation", "coverage")
X, Y = (0.0, 0.1, 0.4), (0.005, 0.03, 0.3)


def row(
    panel, series, x, predicted, observed, finite=None, low=-0.1, high=0.1, trials=None, bound=None
):
    expected = Expectation(
        panel, series, x, predicted,
        low=None if low is None else predicted + low,
        high=None if high is None else predicted + high,
        spread=0.03, trials=trials, finite_size=finite, bound=bound,
    )  # fmt: skip
    interval = (observed - 0.02, observed + 0.02)
    return Comparison(expected, observed, 0.01, interval, 8, Verdict.HOLDS, exact=False)


def cells(panel="map"):
    """Predictions 0 to 1 over a grid; the observation agrees except in the last cell."""
    return [
        row(panel, str(y), x, (i + 3 * j) / 8, 0.7 if (i, j) == (2, 2) else (i + 3 * j) / 8)
        for j, y in enumerate(Y)
        for i, x in enumerate(X)
    ]


def curves(panel, series, x=(0.1, 0.3, 1, 3.5), **more):
    return [row(panel, series, at, 0.5 / at, 0.52 / at, **more) for at in x]


def legend(drawn):
    return [text.get_text() for text in drawn.legends[0].get_texts()]


def test_one_panel_of_curves_has_its_differences_beside_it():
    rows = curves("a", "one", finite=0.4) + curves("a", "two", high=None, trials=40, bound=False)
    drawn = draw({"a": CURVES}, rows)
    main, *differences = drawn.axes
    assert main.get_xscale() == "log"
    assert (main.get_xlabel(), main.get_ylabel()) == CURVES
    assert [ax.get_title(loc="left") for ax in differences] == ["one", "two"]
    assert [ax.get_xlabel() for ax in differences] == ["", CURVES[0]]
    means = [ax.containers[0].lines[0].get_ydata().astype(float) for ax in differences]
    np.testing.assert_allclose(means[0], [0.02 / x for x in (0.1, 0.3, 1, 3.5)])
    assert "range fixed beforehand" in legend(drawn)


def test_bounds_are_drawn_as_bounds():
    """Dotted where they are, and no line of a theory that says no more."""
    drawn = draw({"a": CURVES}, curves("a", "one", high=None))
    (ax,) = drawn.axes
    (bound,) = [line for line in ax.lines if line.get_linestyle() == ":" and len(line.get_xdata())]
    np.testing.assert_allclose(bound.get_ydata(), [0.5 / x - 0.1 for x in (0.1, 0.3, 1, 3.5)])
    assert "theory, asymptotic" not in legend(drawn)
    assert "bound fixed beforehand" in legend(drawn)
    # Both ends of an interval are drawn, whichever the bound is.
    (bar,) = ax.containers[0].lines[2]
    np.testing.assert_allclose(np.ptp(np.array(bar.get_segments())[..., 1], axis=1), 0.04)
    frame = draw({"a": FRAME}, [row("a", "one", "M = 2", 0.5, 0.7, low=None)])
    assert "bound fixed beforehand" in legend(frame)
    assert "theory, asymptotic" not in legend(frame)


def test_many_series_or_panels_share_one_legend():
    several = draw({"a": CURVES}, [r for name in "abcdef" for r in curves("a", name)])
    assert len(several.axes) == 1
    two = {"a": CURVES, "b": CURVES, "nothing of it": CURVES}
    rows = curves("a", "one", finite=0.4) + curves("b", "two") + curves("b", "one")
    drawn = draw(two, rows)
    assert [ax.get_title(loc="left") for ax in drawn.axes] == ["a", "b"]
    assert sorted(legend(drawn)) == [
        "one: observed, mean and interval",
        "range fixed beforehand",
        "theory, asymptotic",
        "theory, finite size",
        "two: observed, mean and interval",
    ]
    # A series looks the same in every panel.
    colours = [c.lines[0].get_color() for ax in drawn.axes for c in ax.containers]
    assert colours[0] == colours[2] != colours[1]


def test_frames_have_a_column_for_every_x_and_room_for_several_series():
    rows = [row("f", s, x, 0.5, 0.51) for s in ("one", "two") for x in ("M = 2, K = 4", "M = 3")]
    (ax,) = draw({"f": FRAME}, rows).axes
    assert [text.get_text() for text in ax.get_xticklabels()] == ["M = 2\nK = 4", "M = 3"]
    places = [float(c.lines[0].get_xdata()[0]) for c in ax.containers]
    assert len(set(places)) == 4
    assert [round(place) for place in places] == [0, 1, 0, 1]


def test_a_map_shows_means_in_cells_and_the_predicted_contour():
    drawn = draw({"map": MAP}, cells())
    ax, bar = drawn.axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert (ax.get_xlabel(), ax.get_ylabel(), bar.get_ylabel()) == MAP
    (mesh,) = [c for c in ax.collections if isinstance(c, QuadMesh)]
    assert mesh.get_array().shape == (3, 3)
    assert mesh.get_array()[2, 2] == 0.7
    written = {
        (round(t.get_position()[0], 3), round(t.get_position()[1], 3)): t.get_text()
        for t in ax.texts
    }
    assert written[0.4, 0.3].startswith("0.70\n(")
    assert written[0.1, 0.005].startswith("0.12\n(")
    assert len(ax.patches) == 1  # the one cell outside its range
    (contours,) = [c for c in ax.collections if hasattr(c, "levels")]
    assert list(contours.levels) == [0.25, 0.5, 0.75]
    # Along the column x = .1 the prediction is (1 + 3j) / 8: .5 in the middle cell.
    x, y = contours.get_paths()[1].vertices.T
    crossing = np.exp(np.interp(0.1, *zip(*sorted(zip(x, np.log(y), strict=True)), strict=True)))
    # The grid of the contour has 120 steps over a factor 60 in y: 3.5 % each.
    assert crossing == pytest.approx(0.03, rel=0.035)


def test_a_map_with_a_cell_missing_or_flat_predictions_has_no_contour():
    flat = [row("map", str(y), x, 0.5, 0.5 + x) for y in Y for x in X]
    for rows in (cells()[:-1], flat, cells()[:3]):
        ax, _ = draw({"map": MAP}, rows).axes
        assert not any(hasattr(c, "levels") for c in ax.collections)


def test_panels_of_all_kinds_in_one_figure():
    rows = cells() + curves("a", "one") + [row("f", "one", "M = 2", 0.5, 0.51)]
    drawn = draw({"map": MAP, "a": CURVES, "f": FRAME}, rows)
    assert len(drawn.axes) == 3 + 1  # and a colour bar
    assert not draw({"a": CURVES}, []).axes


def test_axes_are_logarithmic_beyond_a_factor_thirty():
    assert is_logarithmic([0.01, 0.31])
    assert not is_logarithmic([0.01, 0.3])
    assert not is_logarithmic([0.0, 1.0])
    assert not is_logarithmic([-1.0, math.pi])


def test_a_figure_is_drawn_once_and_as_matplotlib_saves_it(monkeypatch):
    """Maps, their colours' bar, titles, an axis with a factor, a legend outside."""
    labels = {"map": MAP, "one": CURVES, "two": FRAME}
    few = [row("two", name, "x", 1e-7, 1.1e-7, low=-1e-7, high=1e-7) for name in ("a", "b")]
    rows = [*cells(), *curves("one", "a"), *few]
    saved, figure = io.StringIO(), draw(labels, rows)
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "mvtheory"}):
        draw(labels, rows).savefig(saved, format="svg", metadata={"Date": None})
    drawn = []
    for ax in figure.axes:
        monkeypatch.setattr(ax.patch, "draw", lambda renderer, ax=ax: drawn.append(ax))
    svg(figure)
    assert drawn == figure.axes
    assert saved.getvalue().endswith(svg(draw(labels, rows)))
