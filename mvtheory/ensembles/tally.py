"""What members answer to labelled samples: sums in one pass, and how certain ratios of them are."""

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np

from mvtheory.distillation.labels import Labels
from mvtheory.ensembles.averages import vote_right
from mvtheory.ensembles.members import Block, Members, read
from mvtheory.scores import of_label, share_right
from mvtheory.shapes import Float, Floats

Means = Float[Floats, " columns"]

RIGHT, ONE, RESCUED, APART, ALIKE, LUCKY, VOTE, AVERAGE = range(8)
"""The columns. Of a sample, the share of the members that are right; of pairs of members, the share
of which exactly one is right, of which it is surer too than the other of its error, that answer
differently, that give the same wrong answer, and that would be right by luck without being sure
were another class the label (`Tally`); whether the members' vote puts it right, ties shared, and
whether the mean of their probabilities does."""


class Tally:
    """Sums over samples of these columns, and numbers of samples by how many members are right.

    A member is as sure as its margin is wide, the gap between the label's logit and the largest
    other. Margins, and not mean outputs, are compared: between many classes the mean of two outputs
    gains besides, because their errors fall on different classes.

    A guess may be right by luck without being sure. How often shows in guesses that are wrong: if
    members guess among all classes alike, any other class could have been the label. Two members
    that give two wrong answers are two such cases, one for either answer, shared out among the
    K - 2 classes that could have been the label with neither of them on the right one.

    Attributes
    ----------
    members, samples, classes : int
        n, N, K.
    sums : array, shape (K, columns)
        By class.
    counts : array, shape (K, n + 1)
        How many samples of the class so many members put right.
    """

    def __init__(self, members: int, classes: int) -> None:
        self.members, self.samples, self.classes = members, 0, classes
        self.sums = np.zeros((classes, AVERAGE + 1))
        self.counts = np.zeros((classes, members + 1))
        self.products = np.zeros((AVERAGE + 1, AVERAGE + 1))

    @classmethod
    def of(cls, members: Members) -> "Tally":
        tally = cls(len(members), members.classes)
        read(members, tally)
        return tally

    def add(self, block: Block) -> None:
        right, columns = _columns(block)
        self.samples += len(block.labels)
        np.add.at(self.sums, block.labels, columns)
        np.add.at(self.counts, (block.labels, right), 1)
        self.products += columns.T @ columns

    @property
    def split(self) -> int:
        """Samples that some members put right and others wrong."""
        return int(self.counts[:, 1:-1].sum())

    @property
    def means(self) -> Means:
        return np.asarray(self.sums.sum(axis=0) / self.samples)

    def error(self, ratio: Callable[[Means], float | None]) -> float | None:
        """Standard error over samples of a function of the means, by its slopes (delta method).

        None where it has no value.
        """
        means = self.means
        if ratio(means) is None or self.samples < 2:
            return None
        covariance = (self.products / self.samples - np.outer(means, means)) / (self.samples - 1)
        slopes = np.zeros(len(means))
        # Differences across a tenth of a standard error of each mean.
        for column, step in enumerate(np.sqrt(np.maximum(covariance.diagonal(), 0)) / 10):
            if step > 0:
                moved = step * (np.arange(len(means)) == column)
                up, down = ratio(means + moved), ratio(means - moved)
                slopes[column] = 0.0 if up is None or down is None else (up - down) / (2 * step)
        return math.sqrt(max(float(slopes @ covariance @ slopes), 0.0))


def _columns(block: Block) -> tuple[Labels, Float[Floats, "rows columns"]]:
    """How many members are right on each of some samples, and the columns."""
    labels, place = block.labels, np.arange(len(block.labels))
    n, classes, _ = block.logits.shape
    answer = block.logits.argmax(axis=1)
    right = answer == labels
    lead = np.empty(answer.shape)
    for logits, named, ahead in zip(block.logits, answer, lead, strict=True):
        rows = logits.copy()
        rows[named, place] = -np.inf
        ahead[:] = -rows.max(axis=0)  # the largest are 0
    margin = np.where(right, lead, of_label(block.logits, labels))
    surer, lucky, same, alike = np.zeros((4, len(labels)))
    for one, other in combinations(range(n), 2):
        agree, wrong = answer[one] == answer[other], ~right[one] & ~right[other]
        same += agree
        alike += agree & wrong
        surer += (right[one] != right[other]) & (margin[one] + margin[other] > 0)
        for sure, against in ((one, other), (other, one)):
            named = block.logits[against][answer[sure], place]
            lucky += wrong & ~agree & (lead[sure] + named <= 0)
    # With two classes nobody gives two wrong answers.
    lucky /= max(classes - 2, 1)
    count, pairs = right.sum(axis=0), n * (n - 1) / 2
    columns = [
        count / n, count * (n - count) / pairs, surer / pairs, 1 - same / pairs, alike / pairs,
        lucky / pairs, vote_right(answer, right),
        share_right(block.given("probabilities").mean(axis=0), labels),
    ]  # fmt: skip
    return count, np.stack(columns, axis=1).astype(float)
