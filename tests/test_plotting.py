"""Figures of formulas: what is drawn is what the formula says, told apart without colour."""

import dataclasses

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

from mvtheory.coverage import ensemble, ensemble_unequal
from mvtheory.distillation import Anchor, advise
from mvtheory.distillation.comparison import kolmogorov_distance
from mvtheory.distillation.spectra import h_spectrum
from mvtheory.ensembles import advise_ensemble
from mvtheory.plotting import plot_advice, plot_ensemble, plot_formula, plot_h_spectrum
from mvtheory.self_distillation import norm_bound


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


def test_a_bound_that_says_nothing_is_not_drawn():
    rounds = np.arange(21)
    ax = plot_formula(norm_bound, relative_norm=20, condition=[1.5, 10, 1e9], rounds=rounds)
    for line, condition in zip(ax.lines, (1.5, 10, 1e9), strict=True):
        bound = norm_bound(relative_norm=20, condition=condition, rounds=rounds)
        np.testing.assert_array_equal(line.get_ydata(), np.where(bound > 0, bound, np.nan))
    assert np.nanmin([line.get_ydata() for line in ax.lines]) > 0
    with pytest.raises(ValueError, match="nothing to draw: proved; says nothing at or below 0"):
        plot_formula(norm_bound, relative_norm=20, condition=10, rounds=np.arange(4, 9))


def test_the_title_says_where_it_is_proved():
    title = plot_formula(ensemble, views=[2, 3], networks=[1, 2]).get_title()
    assert "our extension; proved asymptotically at M = 2" in title


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


def advice(scale=2.0):
    rng = np.random.default_rng(1)
    labels = rng.integers(6, size=800)
    right, noise = 2 * np.eye(6)[labels], rng.normal(size=(800, 6))
    anchor = Anchor(logits=right + noise, temperature=4)
    return advise(labels, right + 1.5 * noise, scale * right + noise, anchors=[anchor],
                  temperatures=[8, 1, 4, 5], hard_weights=[0.5, 0, 0.25, 0.1, 0.9, 0.75, 0.8]
                  )  # fmt: skip


def test_advice_is_drawn_with_intervals_in_lines_told_apart_without_colour():
    found = advice()
    ax = plot_advice(found)
    assert len(ax.containers) == 7
    looks, shades = set(), []
    rows, columns = [1, 2, 3, 0], [1, 3, 2, 0, 5, 6, 4]
    for bars, column in zip(ax.containers, columns, strict=True):
        line, _, (segments,) = bars
        assert bars.get_label() == f"a_H = {found.hard_weights[column]:g}"
        x, y = line.get_data()
        # Temperatures in rising order, however near, and no line beyond its own third of a unit.
        assert np.abs(x - np.arange(4)).max() < 0.5
        np.testing.assert_array_equal(y, found.predicted[rows, column])
        ends = np.array(segments.get_segments())
        np.testing.assert_array_equal(ends[:, :, 0], np.stack([x, x], axis=1))
        np.testing.assert_allclose(ends[:, 0, 1], found.low[rows, column], atol=1e-15)
        np.testing.assert_allclose(ends[:, 1, 1], found.high[rows, column], atol=1e-15)
        looks.add((line.get_linestyle(), line.get_marker()))
        shades.append(np.dot(mpl.colors.to_rgb(line.get_color()), (0.299, 0.587, 0.114)))
    assert len(looks) == 7
    # Luminances: lighter from line to line, and never white.
    assert (np.diff(shades) > 0.03).all()
    assert shades[-1] < 0.75
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "4", "5", "8"]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[7] == f"recommended: T = {found.temperature:g}, a_H = {found.hard_weight:g}"
    assert texts[8] == f"student, hard labels alone: {found.student_accuracy:.3f}"
    assert texts[9] in (f"teacher: {found.teacher_accuracy:.3f}",
                        f"teacher, beyond the figure: {found.teacher_accuracy:.3f}")  # fmt: skip
    ring = next(line for line in ax.lines if line.get_label() == texts[7])
    ((x, y),) = ring.get_xydata()
    assert y == found.predicted[found.best]
    line = ax.containers[columns.index(found.best[1])][0]
    assert x == line.get_xdata()[rows.index(found.best[0])]
    assert "no unit" in ax.get_xlabel()
    assert "90 % interval" in ax.get_ylabel()
    assert "linear mixture" in ax.get_title()


def test_accuracies_reached_stand_on_their_settings():
    found = advice()
    reached = np.full_like(found.predicted, np.nan)
    reached[1, 3] = 0.05
    ax = plot_advice(found, reached=reached)
    crosses = [line for line in ax.get_lines() if line.get_marker() == "x"]
    points = np.concatenate([np.array(line.get_data()).T for line in crosses])
    (point,) = points[np.isfinite(points[:, 1])]
    # Row 1 holds the lowest temperature, column 3 the second hard weight: beside its interval.
    line, _, _ = ax.containers[1]
    assert point.tolist() == [line.get_xdata()[0], 0.05]
    assert ax.get_ylim()[0] < 0.05
    assert "reached by trained students" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_a_teacher_far_off_does_not_flatten_the_advice():
    found = advice()
    for accuracy, seen in ((found.high.max() + 0.01, True), (2.0, False)):
        moved = dataclasses.replace(
            found, sought=dataclasses.replace(found.sought, teacher=accuracy)
        )
        ax = mpl.figure.Figure().subplots()
        assert plot_advice(moved, ax=ax) is ax
        low, high = ax.get_ylim()
        assert low < min(found.low.min(), found.student_accuracy)
        assert high > max(found.high.max(), found.student_accuracy)
        assert (low < accuracy < high) == seen
        words = ax.get_legend().get_texts()[-1].get_text()
        assert words.startswith("teacher, beyond the figure") != seen
    single = advise([0, 1], np.eye(2) + 1, np.eye(2) - 1, temperatures=[2], hard_weights=[0])
    low, high = plot_advice(single).get_ylim()
    assert low < single.student_accuracy < high


def members(count, knows=True, seed=0, samples=1500, classes=6):
    """Networks that know all and are noisy, or each one of two views of every class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    right, noise = np.eye(classes)[labels], rng.normal(size=(samples, classes))
    mine = rng.normal(size=(count, samples, classes))
    if knows:
        return labels, 2 * right + noise + mine
    known = rng.integers(2, size=(count, classes))[:, labels] == rng.integers(2, size=samples)
    return labels, 8 * right * known[..., None] + mine


def lines_of(ax):
    return {line.get_label(): line for line in ax.lines}


@pytest.mark.parametrize(("knows", "kind"), [(True, "variance reduction"), (False, "lottery")])
def test_an_ensemble_is_drawn_with_intervals_subsets_limit_and_laws(knows, kind):
    labels, logits = members(3, knows)
    found = advise_ensemble(labels, logits)
    assert found.kind.name == kind
    axes = plot_ensemble(found)
    whole = found.at(np.arange(1, 65))
    limit = found.at([np.inf])
    for ax, name in zip(axes[:2], ("accuracy", "brier"), strict=True):
        assert ax.get_xscale() == "log"
        assert "networks" in ax.get_xlabel()
        lines = lines_of(ax)
        x, y = lines["predicted"].get_data()
        np.testing.assert_array_equal(x, np.arange(1, 65))
        law = found.curve.accuracy(x) if name == "accuracy" else getattr(whole, name)
        np.testing.assert_array_equal(y, law)
        (known,) = (c for c in ax.containers if c.get_label() == "subsets of the 3 members")
        x, y = known[0].get_data()
        np.testing.assert_array_equal(x, [1, 2, 3])
        np.testing.assert_array_equal(y, getattr(found.subsets, name))
        ends = np.array(known[2][0].get_segments())[:, :, 1]
        np.testing.assert_allclose(ends[:, 0], whole.intervals[name][0][:3])
        np.testing.assert_allclose(ends[:, 1], whole.intervals[name][1][:3])
        (band,) = (c for c in ax.collections if c.get_label() == "90 % interval")
        low, high = whole.intervals[name]
        corners = band.get_paths()[0].vertices
        for size in (4, 8, 64):
            heights = corners[corners[:, 0] == size, 1]
            assert heights.min() == pytest.approx(low[size - 1])
            assert heights.max() == pytest.approx(high[size - 1])
        (bars,) = (c for c in ax.containers if c.get_label() == "infinitely many")
        assert bars[0].get_data()[1] == getattr(limit, name)
        assert ax.get_xticklabels()[-1].get_text() == "∞"
        assert ax.get_xlim()[1] > bars[0].get_data()[0][0]
        bottom, top = ax.get_ylim()
        assert bottom < low.min() < high.max() < top
        (ring,) = (line for line in ax.lines if line.get_label().startswith("recommended"))
        if found.size <= 64:
            assert ring.get_data() == ([found.size], getattr(found.at([found.size]), name))
    lines = lines_of(axes[0])
    sizes = np.arange(1, 65)
    one, _, every = found.subsets.accuracy
    lottery = 1 - (1 - one) * ((1 - every) / (1 - one)) ** ((sizes - 1) / 2)
    np.testing.assert_allclose(lines["geometric law of a lottery"].get_ydata(), lottery)
    noise = lines["a + b/N, as of noise"].get_ydata()
    assert noise[0] == pytest.approx(one)
    assert noise[2] == pytest.approx(every)
    assert np.ptp((noise[1:] - noise[0]) / (1 / sizes[1:] - 1)) < 1e-9
    texts = [text.get_text() for text in axes[0].get_figure().legends[0].get_texts()]
    assert (f"recommended: {found.size}" in texts) == (found.size <= 64)
    assert (f"recommended: {found.size}, beyond the figure" in texts) == (found.size > 64)
    # The legend stands below all axes.
    figure = axes[0].get_figure()
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert all(box.y1 <= ax.get_window_extent().y0 for ax in axes)


def test_the_kind_is_drawn_between_its_two_predictions():
    labels, logits = members(2, knows=False)
    found = advise_ensemble(labels, logits)
    _, _, ax = plot_ensemble(found)
    kind = found.kind
    assert "lottery" in ax.get_title()
    heights = [line.get_ydata()[0] for line in ax.lines if len(set(line.get_ydata())) == 1]
    assert {kind.rescue_of_noise, kind.rescue_of_lottery} <= set(heights)
    (bars,) = ax.containers
    (segment,) = bars[2][0].get_segments()
    reach = 1.645 * kind.rescue_error
    np.testing.assert_allclose(segment[:, 1], [kind.rescue - reach, kind.rescue + reach])
    assert {f"noise {kind.rescue_of_noise:.2f}", f"lottery {kind.rescue_of_lottery:.2f}"} == {
        text.get_text() for text in ax.texts
    }


def test_ensembles_trained_afterwards_stand_on_their_sizes_and_axes_given_are_used():
    labels, logits = members(9)
    found = advise_ensemble(labels, logits[:2], new_samples=True)
    later = advise_ensemble(labels, logits[2:]).subsets
    axes = mpl.figure.Figure().subplots(1, 3)
    assert plot_ensemble(found, ax=axes, reached=later) is axes
    for ax, name in zip(axes[:2], ("accuracy", "brier"), strict=True):
        x, y = lines_of(ax)["reached by networks trained afterwards"].get_data()
        assert x.tolist() == [1, 2, 3, 4, 5, 6]
        np.testing.assert_array_equal(y, getattr(later, name)[:6])
        assert "90 % interval on new samples" in [c.get_label() for c in ax.collections]


def test_members_that_do_not_differ_are_drawn_too():
    labels, logits = members(1)
    found = advise_ensemble(labels, np.repeat(logits, 2, axis=0))
    axes = plot_ensemble(found)
    assert "undecided" in axes[2].get_title()
    assert not axes[2].containers
    axes[0].get_figure().canvas.draw()


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
