"""Scores of the ensembles that can be made of the members at hand: U-statistics, no model.

The mean of a score over all subsets of k members is an unbiased estimate of what an ensemble of k
networks reaches on these samples, for every k up to their number n, if the members are exchangeable
(Hoeffding, 1948).
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np

from mvtheory.ensembles.averages import probabilities, vote_right
from mvtheory.ensembles.members import Block
from mvtheory.scores import (
    BINS,
    calibration_error,
    gaps_by_confidence,
    of_label,
    share_right,
    squared_error,
)
from mvtheory.shapes import Float, Floats, Integers

MOST = 40
"""Subsets of one size that are looked at: of more, at random, every member equally often."""
SCORES = ("accuracy", "log_loss", "brier", "calibration_error")


@dataclass(frozen=True, eq=False)
class Subsets:
    """Mean scores over subsets of 1 to n members, shape (n,) each.

    Attributes
    ----------
    accuracy : in [0, 1]
    log_loss : >= 0, in nats; infinite where a label has the probability 0.
    brier : in [0, 2], sum over the classes of the squared error of its probability.
    calibration_error : in [0, 1]
    """

    accuracy: Float[Floats, " sizes"]
    log_loss: Float[Floats, " sizes"]
    brier: Float[Floats, " sizes"]
    calibration_error: Float[Floats, " sizes"]


class Scores:
    """Adds up the scores of several ensembles, a row each, over blocks of samples.

    A probability below `least` counts as it: in single precision 0 only means below 1e-38.
    """

    def __init__(self, ensembles: int, least: float = 0.0) -> None:
        self.least = least
        self.weight = np.zeros(ensembles)
        self.sums = np.zeros((3, ensembles))
        self.bins = np.zeros((ensembles, BINS))

    def add(self, row: int, mean: Floats, said: Floats, labels: Integers, weight: Floats) -> None:
        """The means of one ensemble, by which it decides, and its probabilities, shape (classes,
        samples) both, each sample with its weight."""
        right, own = share_right(mean, labels), of_label(said, labels)
        with np.errstate(divide="ignore"):
            losses = -np.log(np.maximum(own, self.least))
        losses[weight == 0] = 0
        self.weight[row] += weight.sum()
        # Wrong ones, so that where none is the accuracy is 1 to the last bit.
        self.sums[:, row] += [
            weight @ (1 - right),
            weight @ losses,
            weight @ squared_error(said, labels),
        ]
        sure = said.max(axis=0)
        self.bins[row] += gaps_by_confidence(sure, right, weight)

    def means(self) -> Float[Floats, "scores ensembles"]:
        """In the order of SCORES."""
        wrong, log_loss, brier = self.sums / self.weight
        return np.stack([1 - wrong, log_loss, brier, calibration_error(self.bins, self.weight)])


def subsets_of(count: int, size: int) -> list[tuple[int, ...]]:
    """All subsets, or MOST of them in which every member stands about equally often."""
    if comb(count, size) <= MOST:
        return list(combinations(range(count), size))
    rng = np.random.default_rng([count, size])
    chosen: list[tuple[int, ...]] = []
    while len(chosen) < MOST:
        order = rng.permutation(count)
        chosen += [tuple(np.roll(order, -i)[:size].tolist()) for i in range(count)]
    return chosen


class SubsetScores:
    """Reads the scores of all subsets."""

    def __init__(self, count: int, average: str) -> None:
        self.average = average
        self.groups = [subsets_of(count, size) for size in range(1, count + 1)]
        self.scores = Scores(sum(map(len, self.groups)))

    def add(self, block: Block) -> None:
        given, weight = block.given(self.average), np.ones(len(block.labels))
        totals: dict[tuple[int, ...], Floats] = {}
        row = 0
        for group in self.groups:
            # A subset is one of those before it and one member more, where all of them are looked
            # at.
            known, totals = totals, {}
            for subset in group:
                *first, last = subset
                rest = known.get(tuple(first))
                total = given[last] + (given[first].sum(axis=0) if rest is None else rest)
                totals[subset] = total
                mean = total / len(subset)
                said = probabilities(mean, self.average)
                self.scores.add(row, mean, said, block.labels, weight)
                row += 1

    def found(self) -> Subsets:
        """Mean scores of every size that can be made of the members."""
        bounds = np.cumsum([0, *map(len, self.groups)])
        every = self.scores.means()
        sizes = [every[:, a:b].mean(axis=1) for a, b in pairwise(bounds)]
        return Subsets(*np.stack(sizes, axis=1))


class SubsetVotes:
    """Reads the accuracy of the majority's vote in subsets of 1 to n members; ties share.

    A member votes for the first of its largest logits.
    """

    def __init__(self, count: int) -> None:
        self.groups = [subsets_of(count, size) for size in range(1, count + 1)]
        self.right, self.samples = np.zeros(count), 0

    def add(self, block: Block) -> None:
        named = block.logits.argmax(axis=1)
        correct = named == block.labels
        for place, group in enumerate(self.groups):
            for subset in map(list, group):
                votes = vote_right(named[subset], correct[subset])
                self.right[place] += votes.sum() / len(group)
        self.samples += len(block.labels)

    def found(self) -> Float[Floats, " sizes"]:
        return self.right / self.samples
