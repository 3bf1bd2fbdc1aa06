"""The classes of a sample that matter: those that the members rank highest, and the label.

Further members are simulated in these alone. A class far below the top of a sample changes nothing
but the sum of its probabilities, which is kept.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.ensembles.members import Members
from mvtheory.shapes import Int, Integers, Numbers, Real

KEPT = 12
"""Classes of a sample: more change no prediction by a fifth of its error on the development
problems (`benchmarks/ensembles.py`), and cost time."""


@dataclass(frozen=True, eq=False)
class Reduced:
    """Logits in the order of their means over the members, the highest first.

    Attributes
    ----------
    logits : float32 array, shape (members, kept, samples)
    rest : float32 array, shape (members, samples)
        log of the sum of exp over the classes left out; -inf if there are none.
    place : int array, shape (samples,)
        Of the label among the kept; the last if it is not one of the highest.
    """

    logits: Real[Numbers, "networks kept samples"]
    rest: Real[Numbers, "networks samples"]
    place: Int[Integers, " samples"]


def reduce(members: Members) -> Reduced:
    count, kept = len(members), min(KEPT, members.classes)
    logits = np.empty((count, kept, members.samples), dtype=np.float32)
    rest = np.full((count, members.samples), -np.inf, dtype=np.float32)
    place = np.empty(members.samples, dtype=np.int64)
    for rows, block in members.blocks():
        labels, mean = members.labels[rows], block.mean(axis=0)
        chosen = np.argpartition(-mean, kept - 1, axis=0)[:kept]
        order = np.argsort(-np.take_along_axis(mean, chosen, axis=0), axis=0, kind="stable")
        chosen = np.take_along_axis(chosen, order, axis=0)
        missing = ~(chosen == labels).any(axis=0)
        chosen[-1, missing] = labels[missing]
        place[rows] = (chosen == labels).argmax(axis=0)
        logits[:, :, rows] = np.take_along_axis(block, chosen[None], axis=1)
        if kept < members.classes:
            left = np.exp(block)
            np.put_along_axis(left, np.broadcast_to(chosen, (count, *chosen.shape)), 0, axis=1)
            with np.errstate(divide="ignore"):
                rest[:, rows] = np.log(left.sum(axis=1))
    return Reduced(logits, rest, place)
