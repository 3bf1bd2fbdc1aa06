"""What makes predictions doubtful: members that are no independent draws of one kind."""

from itertools import combinations

import numpy as np

from mvtheory.ensembles.members import Block, Members
from mvtheory.shapes import Bool, Booleans

CERTAIN = 4.0
"""Standard errors beyond which a difference is told: one sound member in 16,000 differs by more."""
SAME = 1e-5
"""Of the largest logit: outputs of two trainings differ by more, those of one in two batches by
less."""


class Doubts:
    """Reads which samples each member puts right, and which members put out the same."""

    def __init__(self, members: Members) -> None:
        self.members = members
        self.right = np.empty((len(members), members.samples), dtype=bool)
        self.same = list(combinations(range(len(members)), 2))

    def add(self, block: Block) -> None:
        logits = block.logits
        self.right[:, block.rows] = logits.argmax(axis=1) == block.labels
        if self.same:
            near = SAME * np.abs(logits).max()
            self.same = [
                (i, j) for i, j in self.same if np.abs(logits[i] - logits[j]).max() <= near
            ]

    def found(self) -> tuple[str, ...]:
        """A sentence, with a remedy, for everything that is wrong or likely to be."""
        members, right = self.members, self.right
        accuracy = right.mean(axis=1)
        if accuracy.min() == 1:
            return ("every member puts every sample right: were they trained on these samples? "
                    "Give samples that they have not seen",)  # fmt: skip
        told = [
            f"members[{i}] and members[{j}] put out the same: give networks of different starts"
            for i, j in self.same
        ]
        shares = np.bincount(members.labels) / members.samples
        chance = float(shares.max())
        beyond = CERTAIN * (chance * (1 - chance) / members.samples) ** 0.5
        guessing = accuracy <= chance + beyond
        if guessing.all():
            told.append(
                "no member is better than always naming the most frequent class: check that labels "
                "and members are of the same samples in the same order"
            )
            return tuple(told)
        told += [
            f"members[{i}] is no better than always naming the most frequent class and others are: "
            "are its rows in the same order as the labels?"
            for i in np.flatnonzero(guessing)
        ]
        told += [
            f"members[{i}] has accuracy {accuracy[i]:.4f}, the others {others:.4f} in the "
            "mean, which is more than chance: predictions are for networks of one kind; leave it "
            "out, or draw members of both kinds at random"
            for i, others in _other(right, np.flatnonzero(~guessing).tolist(), members)
        ]
        return tuple(told)


def _other(
    right: Bool[Booleans, "networks samples"],
    asked: list[int],
    members: Members,
) -> list[tuple[int, float]]:
    """The member whose accuracy differs most from the others' mean, given beside it, if it does.

    In a lottery all samples of a class share their luck, so that a difference is held against its
    spread over classes too.
    """
    found = []
    for i in asked if len(asked) > 1 else ():
        others = right[[j for j in asked if j != i]].mean(axis=0)
        away = right[i] - others
        spread = float(away.std()) / members.samples**0.5
        by_class = np.bincount(members.labels, away - away.mean(), minlength=members.classes)
        clustered = float((by_class**2).sum()) ** 0.5 / members.samples
        error = max(spread, clustered)
        if abs(away.mean()) > CERTAIN * error:
            found.append((abs(float(away.mean())) / error, i, float(others.mean())))
    return [max(found)[1:]] if found else []
