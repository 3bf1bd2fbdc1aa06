"""Claim: votes lose what averages keep, where networks that do not know a view answer alike."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import (
    LotterySetting,
    check,
    guess_spread,
    require,
    settings,
)
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

VOTE, AVERAGE, RATIO = "votes", "averages", "disagreement over error"
WITH, WITHOUT = "with a decoy", "free guesses"
SIZES = (2, 3, 5, 10)
DRAWS = 4000
"""Lotteries drawn for the spread of a replicate: it is then known to one per cent."""
Floats = NDArray[np.float64]
Law = Callable[[float, int], float]
"""Share that N votes put right, from the share p that a network knows, 1/M or more."""


def majority(known: float, networks: int) -> float:
    """The formula `majority_vote` with p in place of 1/M: I_p(h, h) with h = ceil(N/2)."""
    from scipy import special

    half = (networks + 1) // 2
    return float(special.betainc(half, half, known))


def averaged(known: float, networks: int) -> float:
    """The formula `ensemble` with p in place of 1/M."""
    return 1 - (1 - known) ** networks


def expect(
    setting: LotterySetting, vote: Law = majority, common: float = 1.0, free: float = 0.0
) -> list[Expectation]:
    """Votes and averages with a decoy, and disagreement over error with it and without.

    `common` and `free` are the shares of guesses that two networks have in common, with a decoy and
    without; other numbers and laws in place of the theory's serve the calibration.
    """
    data, margin = setting.data, setting.margin()
    alone, finite = 1 / data.views, min(setting.finite_size_coverage(), 1.0)
    low, high = alone - margin, min(finite + margin, 1.0)
    spreads = _spreads(data.views, data.classes, setting.networks, finite)
    expectations = []
    for size in SIZES:
        # The coverage's range, carried through the law.
        ends = sorted((vote(low, size), vote(high, size)))
        expectations.append(
            Expectation(
                VOTE, setting.label, size, vote(alone, size), ends[0], ends[1], spreads[VOTE, size],
                None, vote(finite, size),
            )
        )  # fmt: skip
    expectations += [
        Expectation.around(
            AVERAGE, setting.label, size, averaged(alone, size), margin, spreads[AVERAGE, size],
            None, averaged(finite, size), most=1.0,
        )
        for size in SIZES
    ]  # fmt: skip
    # A quarter of what free guesses have more than common ones.
    room = (1 - alone) / 4
    # Networks that know the same view of a class have memorised the same samples, and guess alike
    # at most: c = 1/(M - 1).
    alike = max(free, 1 / (data.views - 1))
    guesses = guess_spread(setting) / math.sqrt(max(1 - finite, 1e-9))
    for words, guessed, most_guessed, noise in (
        (WITH, common, common, 0.0),
        (WITHOUT, free, alike, guesses),
    ):
        predicted, at_finite, least = (
            apart(p, c) for p, c in ((alone, guessed), (finite, guessed), (alone, most_guessed))
        )
        expectations.append(
            Expectation(
                RATIO, setting.label, words, predicted, least - room, at_finite + room,
                math.hypot(spreads[words, 0], noise), None, at_finite,
            )
        )  # fmt: skip
    return expectations


def apart(known: float, common: float) -> float:
    """The formula `disagreement_over_error` with p in place of 1/M: 2 p + (1 - c)(1 - p)."""
    return 2 * known + (1 - common) * (1 - known)


@lru_cache(maxsize=64)
def _spreads(views: int, classes: int, networks: int, known: float) -> dict[tuple[str, int], float]:
    """Deviations of a replicate's numbers over lotteries that are drawn.

    Every network wins one view of a class, and learns each other by a near-tie with the chance that
    makes its coverage `known`; answers follow from how many know a view.
    """
    rng = np.random.default_rng(0)
    shape = DRAWS, networks, classes
    won = rng.integers(views, size=shape)[..., None] == np.arange(views)
    tied = rng.random((*shape, views)) < (views * known - 1) / (views - 1)
    counts = (won | tied).sum(axis=1)
    spreads = {}
    for size in SIZES:
        for panel, of_subsets in ((VOTE, _vote_of), (AVERAGE, _average_of)):
            right = [of_subsets(knowing, networks, size) for knowing in range(networks + 1)]
            spreads[panel, size] = float(np.array(right)[counts].mean(axis=(1, 2)).std())
    pairs = networks * (networks - 1)
    differ, wrong = 2 * counts * (networks - counts) / pairs, 1 - counts / networks
    neither = (networks - counts) * (networks - counts - 1) / pairs
    for words, disagreement in ((WITH, differ), (WITHOUT, differ + neither)):
        # Where a replicate knows everything nothing is left to disagree on.
        ratio = disagreement.mean(axis=(1, 2)) / np.maximum(wrong.mean(axis=(1, 2)), 1e-9)
        spreads[words, 0] = float(ratio.std())
    return spreads


def _vote_of(knowing: int, networks: int, size: int) -> float:
    """Share of the subsets of which most know it, if so many of the networks do; ties one half."""
    right = 0.0
    for inside in range(size + 1):
        ways = math.comb(knowing, inside) * math.comb(networks - knowing, size - inside)
        right += ways * ((2 * inside > size) + (2 * inside == size) / 2)
    return right / math.comb(networks, size)


def _average_of(knowing: int, networks: int, size: int) -> float:
    return 1 - math.comb(networks - knowing, size) / math.comb(networks, size)


def observe(measured: Measured) -> list[Sample]:
    votes, pairs = measured.tables["votes"], measured.tables["pairs"]
    by_size = votes[votes["decoy"] > 0].pivot(index="replicate", columns="size")
    samples = [
        Sample.of(by_size[way][size].to_numpy()) for way in ("vote", "average") for size in SIZES
    ]
    for decoyed in (True, False):
        own = pairs[(pairs["decoy"] > 0) == decoyed].set_index("replicate").sort_index()
        # Where nothing is wrong nothing is disagreed on either.
        ratio = own["disagreement"] / own["error"].clip(lower=1e-9)
        samples.append(Sample.of(ratio.to_numpy()))
    return samples


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        most, classes = max(SIZES), study.setting.data.classes
        table = study.tables["votes"]
        largest = table[table["size"] == most]
        decoyed, free = (
            largest[(largest["decoy"] > 0) == decoy][["vote", "average"]].mean()
            for decoy in (True, False)
        )
        pairs = study.tables["pairs"].groupby(study.tables["pairs"]["decoy"] > 0).mean()
        known = 1 - pairs["error"][True]
        of_guessers = 1 - pairs["error"][False] * classes / (classes - 1)
        ratio = pairs["disagreement"][False] / pairs["error"][False]
        common = 1 - (ratio - 2 * of_guessers) / max(1 - of_guessers, 1e-9)
        lines.append(
            f"{study.setting.label}: with a decoy one network puts {known:.3f} right, so that "
            f"{most} should put {majority(known, most):.3f} right by votes and "
            f"{averaged(known, most):.3f} by their average: it is {decoyed['vote']:.3f} and "
            f"{decoyed['average']:.3f}. Without a decoy guesses scatter over {classes} classes: "
            f"votes put {free['vote']:.3f} right, averages {free['average']:.3f}. Two networks "
            f"have a share {common:.2f} of their guesses in common; if all that know the same view "
            f"of the class guessed alike it would be {1 / (study.setting.data.views - 1):.2f}."
        )
    return lines


def _vote(words: str, law: Law) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, vote=law))


def _ties_win(known: float, networks: int) -> float:
    half = networks // 2
    tie = math.comb(networks, half) * (known * (1 - known)) ** half if networks % 2 == 0 else 0.0
    return majority(known, networks) + tie / 2


VOTES = Claim(
    name="votes",
    place=(1, 4),
    title="Votes lose what averages keep",
    statement=(
        "A network that knows a view is sure of it, and overrules those that do not when outputs "
        "are averaged; in a vote it counts as one. Where networks that do not know the view name "
        "one and the same wrong class, N votes put I_(1/M)(h, h) of the pairs right, h = "
        "ceil(N/2), the average 1 - (1 - 1/M)^N: at M = 3 more votes do harm. Two networks "
        "disagree as often as one errs times 2/M there, and times 1 + 1/M where they guess freely."
    ),
    sources=(
        Credit(
            "{} for averages; votes and disagreement: ours", Source("allenzhu2023", "Theorem 2")
        ),
    ),
    formulas=("majority_vote", "ensemble", "disagreement_over_error"),
    assumptions=(
        "those of the claim ensemble-coverage",
        "a common wrong answer: test samples show, beside one view, all views of another class "
        "faintly, of which every network knows one",
        "without it guesses are free, or at most those of networks that know the same view of the "
        "class are alike",
    ),
    margin=(
        "The range of the coverage of one network, from 1/M to that of the growth law at this "
        "initialisation and (1 - 1/M)/(5M) more on both sides, as of the claim single-view, "
        "carried through the formula of votes; for averages that of the claim ensemble-coverage. "
        "Disagreement over error is to tell free guesses from common ones, between which there is "
        "1 - 1/M: a quarter of that on both sides. Without a decoy it may lie anywhere from where "
        "networks that know the same view guess alike, c = 1/(M - 1), to free guesses."
    ),
    change=(
        "A decoy so strong that many networks together outvote the one that knows, in the average "
        "too; guesses that scatter over many classes, of which no one gets a majority: votes then "
        "do nearly as well as averages."
    ),
    does_not_show=(
        "that votes lose where wrong answers scatter over many classes: there is one decoy, and "
        "the same for all networks",
        "votes of networks that are unsure, or weighted by how sure they are",
        "that real data have such decoys: they are drawn here, and their strength is not varied",
    ),
    panels={
        VOTE: ("number of networks N", "share right by votes"),
        AVERAGE: ("number of networks N", "share right by averages"),
        RATIO: ("samples", "disagreement over error"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _vote("votes do as well as averages", averaged),
        _vote("votes are worth one network", lambda p, n: p),
        _vote("more votes do better: 1 - I_p(h, h)", lambda p, n: 1 - majority(p, n)),
        _vote("a tie is right", _ties_win),
        _vote("all must know the view", lambda p, n: p**n),
        Wrong("free guesses with a decoy", lambda setting: expect(setting, common=0.0)),
        Wrong("common guesses without a decoy", lambda setting: expect(setting, free=1.0)),
    ),
    remarks=remarks,
)
