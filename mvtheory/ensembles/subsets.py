"""Scores of the ensembles that can be made of the members at hand: U-statistics, no model.

The mean of a score over all subsets of k members is an unbiased estimate of what an ensemble of k
networks reaches on these samples, for every k up to their number n, if the members are exchangeable
(Hoeffding, 1948).
"""

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np

from mvtheory.ensembles.averages import contributions, of_label, probabilities, share_right
from mvtheory.ensembles.members import Members
from mvtheory.shapes import Float, Floats, Integers

MOST = 40
"""Subsets of one size that are looked at: of more, at random, every member equally often."""
BINS = 15
"""Of confidence, equally wide, in the expected calibration error (Guo et al., 2017)."""
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
        brier = np.einsum("ks,ks->s", said, said) - 2 * own + 1
        self.weight[row] += weight.sum()
        self.sums[:, row] += [weight @ right, weight @ losses, weight @ brier]
        sure = said.max(axis=0)
        places = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
        self.bins[row] += np.bincount(places, weight * (right - sure), minlength=BINS)

    def means(self) -> Float[Floats, "scores ensembles"]:
        """In the order of SCORES."""
        return np.stack([*(self.sums / self.weight), np.abs(self.bins).sum(axis=1) / self.weight])


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


def score_subsets(members: Members, average: str) -> Subsets:
    """Scores of every size that can be made of the members."""
    count = len(members)
    chosen = [subsets_of(count, size) for size in range(1, count + 1)]
    added = Scores(sum(map(len, chosen)))
    for rows, logits in members.blocks():
        given, labels = contributions(logits, average), members.labels[rows]
        weight = np.ones(len(labels))
        for row, subset in enumerate(subset for group in chosen for subset in group):
            mean = given[list(subset)].mean(axis=0)
            added.add(row, mean, probabilities(mean, average), labels, weight)
    bounds = np.cumsum([0, *map(len, chosen)])
    every = added.means()
    sizes = [every[:, a:b].mean(axis=1) for a, b in pairwise(bounds)]
    return Subsets(*np.stack(sizes, axis=1))


def votes_right(members: Members) -> Float[Floats, " sizes"]:
    """Accuracy of the majority's vote in subsets of 1 to n members; ties share.

    A member votes for the first of its largest logits. Only the classes that are named count, which
    of many classes takes less time than the scores of `average="vote"`.
    """
    count = len(members)
    chosen = [subsets_of(count, size) for size in range(1, count + 1)]
    right = np.zeros(count)
    for rows, logits in members.blocks():
        named = logits.argmax(axis=1)
        alike, correct = named[:, None] == named, named == members.labels[rows]
        for place, group in enumerate(chosen):
            for subset in map(list, group):
                votes = alike[np.ix_(subset, subset)].sum(axis=0)
                # Answers that tie at the top stand there equally often, once for each vote.
                top = votes == votes.max(axis=0)
                share = (top & correct[subset]).sum(axis=0) / top.sum(axis=0)
                right[place] += share.sum() / len(group)
    return right / members.samples


def wrong_by_class(
    members: Members, average: str
) -> tuple[Float[Floats, "classes 2"], Float[Floats, " classes"]]:
    """Samples put wrong by one member, in the mean, and by all together; and all samples."""
    wrong, samples = np.zeros((members.classes, 2)), np.zeros(members.classes)
    for rows, logits in members.blocks():
        labels, given = members.labels[rows], contributions(logits, average)
        alone = share_right(given, labels).mean(axis=0)
        together = share_right(given.mean(axis=0), labels)
        np.add.at(wrong, labels, np.stack([1 - alone, 1 - together], axis=1))
        np.add.at(samples, labels, 1)
    return wrong, samples
