"""What members answer to labelled samples: sums in one pass, and how certain ratios of them are."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from mvtheory.distillation.outputs import Labels, Logits, blocks, softmax
from mvtheory.shapes import Float, Floats, Numbers, Real

Outputs = Real[Numbers, "networks samples classes"] | Sequence[Logits]
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

    def __init__(self, labels: Labels, members: Outputs) -> None:
        self.members, self.samples = len(members), len(labels)
        self.classes = members[0].shape[1]
        self.sums = np.zeros((self.classes, AVERAGE + 1))
        self.counts = np.zeros((self.classes, self.members + 1))
        self.products = np.zeros((AVERAGE + 1, AVERAGE + 1))
        for rows in blocks(self.samples, self.members * self.classes):
            own = labels[rows]
            right, columns = _columns(own, [member[rows] for member in members])
            np.add.at(self.sums, own, columns)
            np.add.at(self.counts, (own, right), 1)
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


def _columns(
    labels: Labels, outputs: Sequence[Real[Numbers, "rows classes"]]
) -> tuple[Labels, Float[Floats, "rows columns"]]:
    """How many members are right on each of some samples, and the columns."""
    n, place, classes = len(outputs), np.arange(len(labels)), int(outputs[0].shape[-1])
    votes, mean = np.zeros((2, len(labels), classes))
    answer = np.empty((n, len(labels)), dtype=np.int64)
    top, margin, lead = np.empty((3, n, len(labels)))
    for member, logits in enumerate(outputs):
        rows = np.array(logits, dtype=float)
        answer[member] = rows.argmax(axis=1)
        votes[place, answer[member]] += 1
        mean += softmax(rows, 1.0)
        top[member], own = rows[place, answer[member]], rows[place, labels]
        rows[place, labels] = -np.inf
        margin[member] = own - rows.max(axis=1)
        rows[place, labels] = own
        rows[place, answer[member]] = -np.inf
        lead[member] = top[member] - rows.max(axis=1)
    right = answer == labels
    surer, lucky = np.zeros((2, len(labels)))
    for one, other in combinations(range(n), 2):
        surer += (right[one] != right[other]) & (margin[one] + margin[other] > 0)
        guessed = ~right[one] & ~right[other] & (answer[one] != answer[other])
        for sure, against in ((one, other), (other, one)):
            named = outputs[against][place, answer[sure]].astype(float)
            lucky += guessed & (lead[sure] + named - top[against] <= 0)
    # With two classes nobody gives two wrong answers.
    lucky /= max(classes - 2, 1)
    count, pairs = right.sum(axis=0), n * (n - 1) / 2
    of_label = count * (count - 1) / 2
    same = (votes * (votes - 1) / 2).sum(axis=1)
    most = votes.max(axis=1, keepdims=True)
    share = (votes[place, labels] == most[:, 0]) / np.count_nonzero(votes == most, axis=1)
    columns = [
        count / n, count * (n - count) / pairs, surer / pairs, 1 - same / pairs,
        (same - of_label) / pairs, lucky / pairs, share, mean.argmax(axis=1) == labels,
    ]  # fmt: skip
    return count, np.stack(columns, axis=1).astype(float)
