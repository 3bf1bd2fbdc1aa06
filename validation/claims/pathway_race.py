"""Claim: pathways of gated deep linear networks race by the growth law, with depth for power."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from mvtheory.race import win_probabilities
from mvtheory.references import Credit, Source
from validation.experiments.pathways.setting import PathwaySetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

SHARE, CALLED, ODDS, INVADED = "share", "called", "odds", "invasion"
MARGIN = 0.05


def learned(setting: PathwaySetting, strengths: np.ndarray) -> np.ndarray:
    """Which pathways have at least half of what all of them have in the end, side by side."""
    together = 1 / (1 + (setting.views - 1) * setting.presence)
    return np.asarray(strengths > together / 2)


def expect(setting: PathwaySetting, deeper: int = 0) -> list[Expectation]:
    """Predictions; those of so much deeper networks serve the calibration."""
    depth = max(setting.depth + deeper, 2)
    ends, races = setting.foreseen(depth), setting.races
    x, views = float(setting.depth), f"M = {setting.views}"
    if not setting.redundant:
        known = learned(setting, ends).mean(axis=1)
        spread = float(known.std()) / math.sqrt(races)
        return [Expectation.around(INVADED, views, x, float(known.mean()), MARGIN, spread)]
    if len(set(setting.strengths)) > 1:
        odds = win_probabilities(setting.correlations, max(depth, 2.001), setting.neurons)
        won = float(odds[0] / odds.sum())
        spread = math.sqrt(won * (1 - won) / races)
        return [Expectation.around(ODDS, views, x, won, MARGIN, spread, races)]
    share = (setting.turned(depth) if depth > 2 else ends).max(axis=1)
    mean, spread = float(share.mean()), float(share.std()) / math.sqrt(races)
    alone = 1.0 if depth > 2 else mean
    found = [Expectation.around(SHARE, views, x, alone, MARGIN, spread, finite_size=mean, most=1.0)]
    if setting.depth > 2:
        called = 1 - setting.upset() - setting.taken()
        spread = math.sqrt(called * (1 - called) / races)
        low = called - MARGIN
        found.append(Expectation(CALLED, views, x, 1.0, low, None, spread, races, called))
    return found


def observe(measured: Measured) -> list[Sample]:
    setting: PathwaySetting = measured.setting
    initial, ends, number = measured.numbers("networks", "initial", "strength", "replicate")

    def by_replicate(values: np.ndarray) -> np.ndarray:
        return np.array([values[number == n].mean() for n in np.unique(number)])

    if not setting.redundant:
        return [Sample.of(by_replicate(learned(setting, ends)))]
    trials = setting.races * measured.replicates
    # Who supplies most of the output: a weak view needs a stronger pathway for as much.
    winner = (ends * setting.strengths).argmax(axis=-1)
    if len(set(setting.strengths)) > 1:
        return [Sample.of(by_replicate(winner == 0), trials)]
    # Classes that are still waiting for their race count as not shared.
    share = np.maximum(ends.max(axis=-1), 0) / np.maximum(ends.sum(axis=-1), 0.5)
    found = [Sample.of(by_replicate(share))]
    if setting.depth > 2:
        found.append(Sample.of(by_replicate(winner == setting.first(initial)), trials))
    return found


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    said = {
        SHARE: "the strongest pathway supplies {0:.3f} of a class's output ({1:.3f} foreseen)",
        CALLED: "{0:.3f} of the races go to the pathway that its start foretells",
        ODDS: "the stronger view wins {0:.3f} of the races ({1:.3f} foreseen)",
        INVADED: "{0:.3f} of the pathways have been learned ({1:.3f} foreseen)",
    }
    return [
        f"L = {c.expectation.x:g}, {c.expectation.series}: "
        + said[c.expectation.panel].format(c.observed, c.expectation.expected)
        + "."
        for c in comparisons
    ]


def instead(values: dict[str, float], e: Expectation, views: int) -> float:
    """The truth by a wrong rule, for the panels of which it says something."""
    return values.get(e.panel, e.expected)


PATHWAY_RACE = Claim(
    name="pathway-race",
    place=(3, 21),
    title="Pathways of gated deep linear networks race, with depth in the place of the power",
    statement=(
        "In a gated deep linear network of L layers the pathways from the views to a class obey "
        "the growth law with q = L, and compete: db_p/dt = b_p^(L-1) (S_p - sum_j D_pj b_j^L), at "
        "L = 2 the Lotka-Volterra equations. Of views that always occur together one pathway wins "
        "the class if L > 2, the one with the largest S_p b_p(0)^(L-2), and at L = 2 they share "
        "it. Where views are shown by chance the others invade, the later the deeper the network."
    ),
    sources=(
        Credit(
            "{} for the reduction and the race; the end, the odds and the invasion: ours",
            Source("saxe2022", "section 4"),
        ),
    ),
    formulas=("loser_strength", "escape_time"),
    assumptions=(
        "squared error, full batches, small steps",
        "balanced starts: the layers of a pathway share a singular value, up to 2 %",
        "features of different classes and views are orthogonal",
    ),
    margin=(
        "Shares and odds within .05 of what the reduced race makes of starts drawn as those of the "
        "networks; at L > 2 the range of the winner's share reaches to 1. Races called right: up "
        "to .05 besides those that the unbalanced part of the start turns round, at once or by "
        "turning a losing pathway of a learned class to one that waits (`turned_shares`)."
    ),
    change=(
        "Starts that are not balanced: with weights all Gaussian and independent, as large as the "
        "balanced part, about three in four races only go as foretold, and winners share more. "
        "Many classes: the last to be learned loses its race to pathways that have turned."
    ),
    does_not_show=(
        "that networks with ReLUs race so: gates are given here and do not depend on weights",
        "starts that are not balanced, which change who wins",
        "depths other than those trained, at which the reduced race itself is only asymptotic",
    ),
    panels={
        SHARE: ("layers L", "output of the strongest pathway\n(share of a class's)"),
        CALLED: ("layers L", "share of races called right"),
        ODDS: ("layers L", "races won by the view\nof strength 1 against .6"),
        INVADED: ("layers L", "pathways learned,\nviews shown by chance (share)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        Wrong("depth L + 1 in place of L", partial(expect, deeper=1)),
        Wrong("depth L - 1 in place of L", partial(expect, deeper=-1)),
        Wrong("one pathway wins at every depth", truth=partial(instead, {SHARE: 1.0})),
        Wrong("a pathway drawn at random wins", truth=partial(instead, {CALLED: 0.5, ODDS: 0.5})),
        Wrong(
            "without competition every pathway is learned", truth=partial(instead, {INVADED: 1.0})
        ),
        Wrong("who has lost stays out", truth=partial(instead, {INVADED: 0.5})),
        Wrong("the stronger view always wins", truth=partial(instead, {ODDS: 1.0})),
    ),
    remarks=remarks,
)
