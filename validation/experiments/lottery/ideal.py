"""The lottery without networks: replicates as the theory says they are, drawn by the thousand.

Every class of every network wins one of its views, learns another by a near-tie, and answers what
it does not know by a guess. So comparisons of a claim vary together as on trained networks, which
all learn from the same samples and are asked the same questions.
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from mvtheory import coverage as theory
from mvtheory.race import win_probabilities
from validation.experiments.lottery.setting import LotterySetting
from validation.trial.claim import Measured

Floats = NDArray[np.float64]


def ideal(setting: LotterySetting, replicates: int, rng: np.random.Generator) -> Measured:
    """Replicates with the tables `networks`, `ensembles`, `votes` and `pairs`.

    They have the columns that follow from who knows what: coverage, test error, the winners and
    whether they were called, votes and averages.
    """
    data, networks = setting.data, setting.networks
    won = _winners(setting, replicates, rng)
    wins = won[..., None] == np.arange(data.views)
    excess = max(data.views * min(setting.finite_size_coverage(), 1.0) - 1, 0.0)
    tied = ~wins & (rng.random(wins.shape) < excess / (data.views - 1))
    known = wins | tied
    # A tie is called by chance; noise upsets some of the rest.
    ties, upset = tied.any(axis=-1), rng.random(won.shape) < setting.upset()
    called = ~np.where(ties, rng.random(won.shape) < 0.5, upset)
    single_views = data.single_view_fraction * setting.test_samples / data.features
    shares, errors = (_right(known, won, items, rng) for items in (setting.repeats, single_views))
    rows = {"replicate": np.repeat(np.arange(replicates), networks)}
    table = pd.DataFrame(
        rows
        | {
            "coverage": _coverage(shares, data.classes).mean(axis=(2, 3)).ravel(),
            "test_error": data.single_view_fraction * (1 - errors.mean(axis=(2, 3))).ravel(),
            "winner_right": called.mean(axis=2).ravel(),
            "learned_winner": list(won.reshape(-1, data.classes)),
        }
    )
    ensembles, votes = [], []
    for size in setting.ensemble_sizes:
        right, wrong, vote = np.zeros((3, replicates, data.classes, data.views))
        for own in np.split(np.arange(networks), setting.families):
            knowing = known[:, own].sum(axis=1)
            somebody = _somebody(knowing, setting.family, size)
            guess, other = (_guesses(part[:, own], known[:, own]) for part in (shares, errors))
            right += (somebody + (1 - somebody) * guess) / setting.families
            wrong += (1 - somebody) * (1 - other) / setting.families
            vote += _most(knowing, setting.family, size) / setting.families
        ensembles.append(
            {
                "replicate": np.arange(replicates),
                "size": size,
                "coverage": _coverage(right, data.classes).mean(axis=(1, 2)),
                "test_error": data.single_view_fraction * wrong.mean(axis=(1, 2)),
            }
        )
        votes.append(
            {
                "replicate": np.arange(replicates),
                "size": size,
                "decoy": setting.decoy,
                "vote": vote.mean(axis=(1, 2)),
                "average": _somebody(known.sum(axis=1), networks, size).mean(axis=(1, 2)),
            }
        )
    tables = {
        "networks": table,
        "ensembles": pd.concat(map(pd.DataFrame, ensembles)),
        "votes": pd.concat(map(pd.DataFrame, votes)),
        "pairs": _pairs(setting, known.sum(axis=1)),
    }
    return Measured(setting, replicates, tables)


def _winners(
    setting: LotterySetting, replicates: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The view that each class of each network learns, shape (replicates, networks, classes)."""
    data, scales = setting.data, np.broadcast_to(setting.data.scales or 1.0, setting.data.views)
    odds = win_probabilities(scales**setting.power, setting.power, setting.neurons)
    shape = replicates, setting.families, data.classes, data.views
    odds = np.broadcast_to(odds / odds.sum(), shape)
    if setting.shared:
        each = theory.concentration(data.views, setting.neurons, setting.shared)
        odds = rng.dirichlet(np.full(data.views, float(each)), shape[:-1])
    heights = np.repeat(odds.cumsum(axis=-1), setting.family, axis=1)
    drawn = rng.random(heights.shape[:-1])[..., None] * heights[..., -1:]
    return np.asarray((drawn > heights).sum(axis=-1).clip(max=data.views - 1))


def _right(
    known: NDArray[np.bool_], won: NDArray[np.int64], items: float, rng: np.random.Generator
) -> Floats:
    """Share of so many items of each view that each network puts right, shape of `known`.

    Networks that won the same view of the class have memorised the same samples, and guess alike.
    """
    replicates, _, classes, views = known.shape
    asked = max(1, round(items))
    guesses = rng.binomial(asked, 1 / classes, (replicates, classes, views, views)) / asked
    alike = np.take_along_axis(guesses[:, None], won[..., None, None], axis=-1)[..., 0]
    return np.where(known, 1.0, alike)


def _guesses(shares: Floats, known: NDArray[np.bool_]) -> Floats:
    """Share that those who do not know a view put right of its items, 0 where all do."""
    others = (~known).sum(axis=1)
    return np.asarray((shares * ~known).sum(axis=1) / np.maximum(others, 1))


def _coverage(right: Floats, classes: int) -> Floats:
    return np.asarray((right - 1 / classes) / (1 - 1 / classes))


def _somebody(knowing: NDArray[np.int64], networks: int, size: int) -> Floats:
    """Share of the ensembles in which somebody knows, by how many of the networks do."""
    none = [math.comb(networks - count, size) for count in range(networks + 1)]
    return np.asarray(1 - np.array(none, dtype=float) / math.comb(networks, size))[knowing]


def _most(knowing: NDArray[np.int64], networks: int, size: int) -> Floats:
    """Share of the ensembles in which most know; a tie counts one half."""
    inside = np.arange(size + 1)
    counts = np.arange(networks + 1)[:, None]
    ways = special.binom(counts, inside) * special.binom(networks - counts, size - inside)
    worth = (2 * inside > size) + (2 * inside == size) / 2
    return np.asarray((ways @ worth) / special.binom(networks, size))[knowing]


def _pairs(setting: LotterySetting, knowing: NDArray[np.int64]) -> pd.DataFrame:
    """Disagreement and error of two networks, whose guesses are common with a decoy, else free."""
    networks = setting.networks
    pairs = networks * (networks - 1)
    differ = 2 * knowing * (networks - knowing) / pairs
    neither = (networks - knowing) * (networks - knowing - 1) / pairs
    error = (1 - knowing / networks).mean(axis=(1, 2))
    replicate = np.arange(len(knowing))
    rows = [
        {"replicate": replicate, "decoy": decoy, "disagreement": apart, "error": error}
        for decoy, apart in (
            (0.0, (differ + neither).mean(axis=(1, 2))),
            (setting.decoy or 1.0, differ.mean(axis=(1, 2))),
        )
    ]  # fmt: skip
    return pd.concat(map(pd.DataFrame, rows))
