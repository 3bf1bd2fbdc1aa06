"""Claim: on graphs, too, networks are a lottery of views, whose odds message passing changes."""

from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.race import win_probabilities
from mvtheory.references import Credit, Source
from validation.experiments.graphs.setting import (
    JOINED,
    GraphSetting,
    check,
    require,
    settings,
)
from validation.experiments.shown_alike import Law, lottery
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong, wrong_by

LOTTERY, ODDS = "views shown alike", "odds of winning"
MARGIN = 0.05


def expect(
    setting: GraphSetting, law: Law = lottery, odds: Callable[[GraphSetting], float] | None = None
) -> list[Expectation]:
    """Predictions; another law of coverage and other odds serve the calibration."""
    series = f"M = {setting.views}"
    if not setting.even:
        won = float(setting.odds()[0] if odds is None else odds(setting))
        place = ODDS, series, setting.within[0]
        return [Expectation.around(*place, won, MARGIN, setting.odds_spread())]
    return setting.covered(LOTTERY, series, law)


def observe(measured: Measured) -> list[Sample]:
    setting: GraphSetting = measured.setting
    if not setting.even:
        won, foretold, odds = (
            measured.by_replicate("networks", name) for name in ("first", "foretold", "odds")
        )
        return [Sample.of(won - foretold + odds)]  # without the luck of the starts
    table = measured.tables["ensembles"]
    by_size = table.pivot(index="replicate", columns="size", values="coverage")
    return [Sample.of(by_size[size].to_numpy()) for size in setting.sizes]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        shown = ", ".join(f"{s:.2f}" for s in study.setting.strengths(study.setting.power))
        found = study.tables["ensembles"].groupby("size")["coverage"].mean()
        lines.append(
            f"{study.setting.label}: E of the sum of c^q over nodes is {shown}; the first view "
            f"wins {study.tables['networks']['first'].mean():.3f} of the classes; ensembles cover "
            + ", ".join(f"{value:.3f} (N = {size})" for size, value in found.items())
            + "."
        )
    return lines


def added_up(setting: GraphSetting) -> float:
    """Odds of the first view if neighbours were added up, not averaged: at least what its carriers
    would have, whose neighbours are in the mean so many."""
    others = setting.carriers - 1
    kept = (1 + others * np.array(setting.within)) ** setting.power
    chances = win_probabilities(kept, setting.power, setting.neurons)
    return float(chances[0] / chances.sum())


def of_totals(setting: GraphSetting) -> float:
    """Odds by how much of each view there is in a graph, and not by its q-th power."""
    chances = win_probabilities(setting.strengths(1), setting.power, setting.neurons)
    return float(chances[0] / chances.sum())


_wrong = wrong_by(expect)
GRAPH_VIEWS = Claim(
    name="graph-views",
    place=(3, 23),
    title="Networks on graphs learn one view of each class; message passing changes which",
    statement=(
        "Where several parts of a graph tell its class, a network with a layer of message passing "
        "whose neurons compete (power 4) learns one of the M views of each class, and N networks "
        "cover 1 - (1 - 1/M)^N of them. Averaging over neighbours dilutes a view to the share c "
        "of them that carry it: its strength is the mean of the sum of c^q over nodes, and views "
        "whose carriers are joined to each other win more often, by the odds of those strengths."
    ),
    sources=(
        Credit("{} for views in patches; graphs: ours", Source("allenzhu2023", "Theorems 1 and 2")),
    ),
    formulas=("ensemble", "single_network"),
    assumptions=(
        "orthonormal features; each view in a part of the graph of its own: no node hears two",
        "one layer that averages each node and its neighbours, without weights; sums over nodes",
        "small starts; every training graph shows every view of its class",
    ),
    margin=(
        "Coverage within (1 - 1/M)/(5M) of the law and of its value at the coverage that the "
        "growth law gives one network here; odds within .05, as in the claim unequal-views."
    ),
    change=(
        "Nodes that hear two views: neurons that have learned one of them are then open to the "
        "other. In pilots with plain nodes that both views shared one network covered .89."
    ),
    does_not_show=(
        "layers with weights, several of them, attention over neighbours or other ways to read a "
        "graph than a sum",
        "real graphs, in which views overlap and degrees vary widely",
        "that the graph matters beyond the shares c: patches with these coefficients would do the "
        "same",
    ),
    panels={
        LOTTERY: ("number of networks N", "coverage C\n(share of views)"),
        ODDS: (
            f"carriers of the first view joined\n(share; of the second: {JOINED})",
            "classes that the first view wins\n(share)",
        ),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("every network learns every view", lambda m, n: 1.0),
        _wrong("more networks cover no more", lambda m, n: 1 / m),
        _wrong("N + 1 in place of N", lambda m, n: lottery(m, n + 1)),
        Wrong("messages do not matter", lambda s: expect(s, odds=lambda setting: 0.5)),
        Wrong("neighbours are added up", lambda s: expect(s, odds=added_up)),
        Wrong("totals decide, not powers", lambda s: expect(s, odds=of_totals)),
    ),
    remarks=remarks,
)
