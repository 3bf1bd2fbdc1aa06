"""Figures of the ensemble advisor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mvtheory.ensembles import EnsembleAdvice, Kind
from mvtheory.ensembles.geometric import Geometric
from mvtheory.ensembles.subsets import Subsets
from mvtheory.plotting.style import BAND, COLOURS, GREY, plain, several_or_new, styled
from mvtheory.shapes import Float, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 64
"""Networks up to which curves are drawn; infinitely many stand at twice as many."""
INFINITY = 2 * LARGEST
MARKS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64)
"""Sizes at which ensembles trained afterwards are marked."""
ACCURACY, BRIER, RESCUE = range(3)
"""The panels."""
QUANTILE = 1.645
"""Of the normal law, on both sides of 90 %."""


@styled
def plot_ensemble(
    advice: EnsembleAdvice,
    ax: "Sequence[Axes] | None" = None,
    reached: Subsets | None = None,
) -> "Sequence[Axes]":
    """Draw accuracy and Brier score against the number of networks, and how the kind was told.

    Parameters
    ----------
    advice : EnsembleAdvice
        From `mvtheory.ensembles.advise_ensemble`; its `sizes` do not matter.
    ax : sequence of three matplotlib Axes, optional
        Drawn into if given; otherwise a new figure is made.
    reached : Subsets, optional
        Scores of ensembles that were trained afterwards, drawn as crosses: the attribute `subsets`
        of the advice from all of them.

    Returns
    -------
    sequence of three matplotlib Axes
        Accuracy and Brier score on a logarithmic axis of networks, with bands for the intervals,
        points for the subsets of the members, and the limit of infinitely many at the right end.
        Two thin lines continue the subsets by the law of a lottery, whose error falls by the same
        factor with every network, and by a + b/N. The third panel shows how often the surer of two
        members is right between what noise and a lottery predict, with a 90 % interval.

    Examples
    --------
    >>> from mvtheory.ensembles import advise_ensemble
    >>> labels, rng = np.arange(300) % 3, np.random.default_rng(1)
    >>> members = rng.normal(size=(3, 300, 3)) + 2 * np.eye(3)[labels]
    >>> len(plot_ensemble(advise_ensemble(labels, members)))
    3
    """
    axes = several_or_new(ax, 3, (7.2, 3.8), width_ratios=(3, 3, 1.2))
    for place, name in ((ACCURACY, "accuracy"), (BRIER, "brier")):
        _curve(axes[place], advice, name, reached)
    axes[ACCURACY].set_ylabel("accuracy, share of samples put right")
    axes[BRIER].set_ylabel("Brier score, 0 to 2 (lower is better)")
    _laws(axes[ACCURACY], advice)
    at = advice.at([advice.size])
    _recommended(axes[ACCURACY], advice.size, at.accuracy[0])
    _recommended(axes[BRIER], advice.size, at.brier[0])
    _evidence(axes[RESCUE], advice.kind)
    handles, names = axes[ACCURACY].get_legend_handles_labels()
    figure = axes[ACCURACY].get_figure(root=True)
    assert figure is not None
    figure.legend(handles, names, loc="outside lower center", ncols=4)
    return axes


def _curve(ax: "Axes", advice: EnsembleAdvice, name: str, reached: Subsets | None) -> None:
    """A score with its interval, up to the largest size and for infinitely many."""
    grid = advice.at(np.arange(1.0, LARGEST + 1))
    middle, (low, high) = getattr(grid, name), grid.intervals[name]
    interval = f"{100 * advice.confidence:g} % interval"
    interval += " on new samples" if advice.new_samples else ""
    beyond = grid.sizes > advice.members
    ax.fill_between(grid.sizes[beyond], low[beyond], high[beyond], color=BAND, linewidth=0,
                    label=interval)  # fmt: skip
    # The law that continues the accuracy, where it is known too: members may be better than most.
    law = advice.curve.accuracy(grid.sizes) if name == "accuracy" else middle
    ax.plot(grid.sizes, law, color=COLOURS[0], linewidth=1.6, label="predicted", zorder=3)
    limit = advice.at([np.inf])
    (value,), (bottom,), (top,) = getattr(limit, name), *limit.intervals[name]
    ax.axhline(value, color="0.35", linestyle="-", linewidth=0.8, zorder=1)
    ax.errorbar(INFINITY, value, yerr=[[value - bottom], [top - value]], fmt="D", markersize=5,
                color=COLOURS[0], capsize=3, label="infinitely many", zorder=3)  # fmt: skip
    sizes = np.arange(1, advice.members + 1)
    seen = getattr(advice.subsets, name)
    known_to = np.stack([seen - low[sizes - 1], high[sizes - 1] - seen])
    ax.errorbar(sizes, seen, yerr=known_to, fmt="o", color="k", markersize=5, capsize=2,
                elinewidth=0.8, label=f"subsets of the {advice.members} members",
                zorder=4)  # fmt: skip
    shown = [low, high, [bottom, top], seen]
    if reached is not None:
        known = getattr(reached, name)
        marks = np.array([mark for mark in MARKS if mark <= len(known)])
        ax.plot(marks, known[marks - 1], "x", color="k", markersize=6, markeredgewidth=1.3,
                label="reached by networks trained afterwards", zorder=5)  # fmt: skip
        shown.append(known[marks - 1])
    ends = np.concatenate(shown)
    pad = 0.06 * float(np.ptp(ends)) or 0.01
    ax.set_ylim(ends.min() - pad, ends.max() + pad)
    ax.set_xscale("log")
    ticks = [2**k for k in range(LARGEST.bit_length())]
    ax.set_xticks([*ticks, INFINITY], [*map(str, ticks), "∞"])
    ax.set_xticks([], minor=True)
    ax.set_xlim(0.88, 1.2 * INFINITY)
    ax.set_xlabel("networks N in the ensemble")
    plain(ax)


def _laws(ax: "Axes", advice: EnsembleAdvice) -> None:
    """Thin lines that continue the accuracies of one member and of all by either law."""
    sizes, count = np.arange(1.0, LARGEST + 1), advice.members
    one, every = advice.subsets.accuracy[[0, -1]]
    lottery = Geometric(count, 1 - np.array([[one, every]]), np.ones(1)).accuracy(sizes)
    slope = (one - every) / (1 - 1 / count)
    for law, name, dash in (
        (lottery, "geometric law of a lottery", "--"),
        (one + slope * (1 / sizes - 1), "a + b/N, as of noise", ":"),
    ):
        ax.plot(sizes, law, color=GREY, linestyle=dash, linewidth=1, label=name)


def _recommended(ax: "Axes", size: int, value: float) -> None:
    """A ring about the size recommended, if it is in the figure."""
    seen = size <= LARGEST
    ax.plot(
        size if seen else np.nan,
        value,
        "ok",
        markersize=13,
        markerfacecolor="none",
        markeredgewidth=1.4,
        label=f"recommended: {size}{'' if seen else ', beyond the figure'}",
    )


def _evidence(ax: "Axes", kind: Kind) -> None:
    """How often the surer of two members is right, and what either kind predicts."""
    ax.set_title(f"kind:\n{kind.name}")
    ax.set_xticks([])
    ax.set_xlim(0, 1)
    ax.set_ylabel("surer of two is right, where one is (share)")
    plain(ax, "y")
    if kind.rescue is None or kind.rescue_of_noise is None or kind.rescue_of_lottery is None:
        ax.set_ylim(0, 1)
        return
    predictions: Float[Floats, " 2"] = np.array([kind.rescue_of_noise, kind.rescue_of_lottery])
    reach = QUANTILE * (kind.rescue_error or 0.0)
    for value, name, dash in zip(predictions, ("noise", "lottery"), (":", "--"), strict=True):
        ax.axhline(value, color=GREY, linestyle=dash, linewidth=1)
        ax.text(0.97, value, f"{name} {value:.2f}", ha="right", va="bottom")
    ax.errorbar(0.3, kind.rescue, yerr=reach, fmt="o", color="k", markersize=5, capsize=3)
    ends = [*predictions, kind.rescue - reach, kind.rescue + reach]
    ax.set_ylim(min(*ends, 0.45) - 0.03, max(*ends, 0.97) + 0.05)
