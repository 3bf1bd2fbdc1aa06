"""What an ensemble puts out: the mean of its members' probabilities, of their logits, or votes.

Arrays have shape (classes, samples), members and the like before them.
"""

import numpy as np

from mvtheory.shapes import Bool, Booleans, Float, Floats, Int, Integers

AVERAGES = ("probabilities", "logits", "vote")


def check_average(average: str) -> str:
    if average not in AVERAGES:
        raise ValueError(f"average={average!r} is not allowed ({', '.join(AVERAGES)}); choose one: "
                         "most libraries average probabilities")  # fmt: skip
    return average


def contributions(logits: Floats, average: str) -> Float[Floats, "*further classes samples"]:
    """What of each member is averaged: probabilities, logits as they are, or votes.

    A vote is shared evenly by the classes that tie.
    """
    if average == "logits":
        return logits
    top = logits.max(axis=-2, keepdims=True)
    shares = np.exp(logits - top) if average == "probabilities" else (logits == top)
    return np.asarray(shares / shares.sum(axis=-2, keepdims=True, dtype=logits.dtype))


def probabilities(mean: Floats, average: str) -> Float[Floats, "*further classes samples"]:
    """What the mean says of each class; of votes it is the share of them."""
    return contributions(mean, "probabilities") if average == "logits" else mean


def vote_right(
    answers: Int[Integers, "networks samples"], right: Bool[Booleans, "networks samples"]
) -> Float[Floats, " samples"]:
    """1 where most networks name the label, 1/c where c classes tie, 0 elsewhere.

    Only the classes that are named count, so that many cost no more than few.
    """
    votes = (answers[:, None] == answers).sum(axis=0)
    # Answers that tie at the top stand there equally often, once for each vote.
    top = votes == votes.max(axis=0)
    return np.asarray((top & right).sum(axis=0) / top.sum(axis=0))
