"""How far scores of the members' average are from those of other members, the samples given.

The score of a sample is a function of the average; by its slope there (delta method) its error is
that of the mean of n numbers, one from each member. Were errors of different samples independent,
their squares would add up. But a network that is better is better on many samples: what they have
in common shows in the n sums over all samples, with n - 1 degrees of freedom only. Both squares are
added: by few members what is common is told too small more often than too large.
"""

from typing import NamedTuple

import numpy as np

from mvtheory.distillation.outputs import Labels
from mvtheory.ensembles.averages import contributions, of_label, probabilities, share_right
from mvtheory.ensembles.members import Members
from mvtheory.shapes import Float, Floats

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


def score_errors(members: Members, average: str) -> Errors:
    """Of the scores of the average of all members."""
    of_members, sums, squares = np.zeros((3, 2))
    totals, right, apart = np.zeros((2, len(members))), np.zeros(len(members)), 0.0
    for rows, logits in members.blocks():
        labels, given = members.labels[rows], contributions(logits, average)
        said = probabilities(given.mean(axis=0), average)
        own, each = of_label(said, labels), share_right(given, labels)
        right += each.sum(axis=1)
        apart += float(each.var(axis=0, ddof=1).sum())
        scores = -np.log(np.maximum(own, LEAST)), (said**2).sum(axis=0) - 2 * own + 1
        for place, slope in enumerate(_slopes(said, labels, average)):
            parts = np.einsum("ks,nks->ns", slope, given)
            of_members[place] += parts.var(axis=0, ddof=1).sum() / len(members)
            totals[place] += parts.sum(axis=1)
            sums[place] += scores[place].sum()
            squares[place] += (scores[place] ** 2).sum()
    of_members += totals.var(axis=1, ddof=1) / len(members)
    count = members.samples
    spread = np.maximum(squares / count - (sums / count) ** 2, 0)
    names = "log_loss", "brier"
    return Errors(
        dict(zip(names, (np.sqrt(of_members) / count).tolist(), strict=True)),
        dict(zip(names, np.sqrt(spread / count).tolist(), strict=True)),
        float(right.var(ddof=1)) / apart if apart else 1.0,
    )


def _slopes(said: Floats, labels: Labels, average: str) -> list[Float[Floats, "classes samples"]]:
    """Of log loss and Brier score of each sample on what is averaged."""
    target = np.zeros_like(said)
    target[labels, np.arange(len(labels))] = 1
    if average != "logits":
        return [-target / np.maximum(of_label(said, labels), LEAST), 2 * (said - target)]
    inward = 2 * (said - target)
    return [said - target, said * (inward - (said * inward).sum(axis=0))]
