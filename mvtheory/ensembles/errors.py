"""How far scores of the members' average are from those of other members, the samples given.

The score of a sample is a function of the average; by its slope there (delta method) its error is
that of the mean of n numbers, one from each member. Were errors of different samples independent,
their squares would add up. But a network that is better is better on many samples: what they have
in common shows in the n sums over all samples, with n - 1 degrees of freedom only. Both squares are
added: by few members what is common is told too small more often than too large.
"""

from typing import NamedTuple

import numpy as np

from mvtheory.distillation.labels import Labels
from mvtheory.ensembles.averages import probabilities
from mvtheory.ensembles.members import Block
from mvtheory.scores import of_label, share_right, squared_error
from mvtheory.shapes import Float, Floats

NAMES = "log_loss", "brier"
LEAST = 1e-300
"""Below it a probability counts as it, so that quotients stay finite."""


class Errors(NamedTuple):
    """Standard errors of log loss and Brier score: for knowing no more members, the samples given,
    and for knowing no more samples.

    `common` is the variance of the members' accuracies over what it would be if their errors on
    different samples were independent; 1 if members do not differ.
    """

    members: dict[str, float]
    samples: dict[str, float]
    common: float


class ScoreErrors:
    """Reads them off the scores of the average of all members."""

    def __init__(self, networks: int, average: str) -> None:
        self.average, self.networks, self.samples = average, networks, 0
        self.of_members, self.sums, self.squares = np.zeros((3, 2))
        self.totals, self.right, self.apart = np.zeros((2, networks)), np.zeros(networks), 0.0

    def add(self, block: Block) -> None:
        labels, given = block.labels, block.given(self.average)
        said = probabilities(given.mean(axis=0), self.average)
        each = share_right(given, labels)
        self.samples += len(labels)
        self.right += each.sum(axis=1)
        self.apart += float(each.var(axis=0, ddof=1).sum())
        scores = (
            -np.log(np.maximum(of_label(said, labels), LEAST)),
            squared_error(said, labels),
        )
        for place, slope in enumerate(_slopes(said, labels, self.average)):
            parts = np.einsum("ks,nks->ns", slope, given)
            self.of_members[place] += parts.var(axis=0, ddof=1).sum() / self.networks
            self.totals[place] += parts.sum(axis=1)
            self.sums[place] += scores[place].sum()
            self.squares[place] += (scores[place] ** 2).sum()

    def found(self) -> Errors:
        count = self.samples
        common = self.totals.var(axis=1, ddof=1) / self.networks
        of_members = np.sqrt(self.of_members + common) / count
        spread = np.maximum(self.squares / count - (self.sums / count) ** 2, 0)
        return Errors(
            dict(zip(NAMES, of_members.tolist(), strict=True)),
            dict(zip(NAMES, np.sqrt(spread / count).tolist(), strict=True)),
            float(self.right.var(ddof=1)) / self.apart if self.apart else 1.0,
        )


def _slopes(said: Floats, labels: Labels, average: str) -> list[Float[Floats, "classes samples"]]:
    """Of log loss and Brier score of each sample on what is averaged."""
    target = np.zeros_like(said)
    target[labels, np.arange(len(labels))] = 1
    if average != "logits":
        return [-target / np.maximum(of_label(said, labels), LEAST), 2 * (said - target)]
    inward = 2 * (said - target)
    return [said - target, said * (inward - (said * inward).sum(axis=0))]
