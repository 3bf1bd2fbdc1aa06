"""The classes of a sample that matter: those that the members rank highest, and the label.

Further members are simulated in these alone. A class far below the top of a sample changes nothing
but the sum of its probabilities, which is kept.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.ensembles.members import Block
from mvtheory.shapes import Float, Floats, Int, Integers, Numbers, Real

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
    spread, noise : arrays, shape (samples,)
        Variance over all classes of the mean logits, and variance over the members of a logit, in
        the mean over all classes. Of the kept ones, which stand highest by their luck too, the
        first would be too small.
    """

    logits: Real[Numbers, "networks kept samples"]
    rest: Real[Numbers, "networks samples"]
    place: Int[Integers, " samples"]
    spread: Float[Floats, " samples"]
    noise: Float[Floats, " samples"]


class Reducer:
    """Reads the classes that matter."""

    def __init__(self, networks: int, samples: int, classes: int) -> None:
        kept = min(KEPT, classes)
        self.reduced = Reduced(
            np.empty((networks, kept, samples), dtype=np.float32),
            np.full((networks, samples), -np.inf, dtype=np.float32),
            np.empty(samples, dtype=np.int64),
            np.empty(samples),
            np.empty(samples),
        )

    def add(self, block: Block) -> None:
        into, rows, labels, logits = self.reduced, block.rows, block.labels, block.logits
        networks, classes, _ = logits.shape
        kept, mean = into.logits.shape[1], logits.mean(axis=0)
        chosen = np.argpartition(-mean, kept - 1, axis=0)[:kept]
        order = np.argsort(-np.take_along_axis(mean, chosen, axis=0), axis=0, kind="stable")
        chosen = np.take_along_axis(chosen, order, axis=0)
        missing = ~(chosen == labels).any(axis=0)
        chosen[-1, missing] = labels[missing]
        into.place[rows] = (chosen == labels).argmax(axis=0)
        into.logits[:, :, rows] = np.take_along_axis(logits, chosen[None], axis=1)
        centres = logits.mean(axis=1)
        into.spread[rows] = mean.var(axis=0)
        away = logits - mean
        away -= (centres - centres.mean(axis=0))[:, None]
        into.noise[rows] = np.einsum("nks,nks->s", away, away) / (networks - 1) / classes
        if kept < classes:
            left = np.exp(logits)
            np.put_along_axis(left, np.broadcast_to(chosen, (networks, *chosen.shape)), 0, axis=1)
            with np.errstate(divide="ignore"):
                into.rest[:, rows] = np.log(left.sum(axis=1))

    def found(self) -> Reduced:
        return self.reduced
