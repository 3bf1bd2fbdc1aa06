"""The members of an ensemble: labels and the logits of several networks on the same samples.

They may be memory maps of gigabytes: all that is to be known of them is read in one pass, `read`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from mvtheory.distillation.labels import Labels
from mvtheory.distillation.outputs import UNDERFLOW, Logits, check_answers, check_outputs
from mvtheory.ensembles.averages import contributions
from mvtheory.rows import Stored, stored
from mvtheory.shapes import ArrayLike, Float, Floats

LARGEST = 1e15
"""Of logits; beyond it sums of squares lose their digits."""
BLOCK = 2**19
"""Numbers of all members in a block of samples: 4 MiB in float64, for the cache."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some samples: which, their labels, and the members' logits, the largest of each sample at 0.

    Samples run fastest: maxima and sums over few classes are then sums of long rows. A masked class
    lies so low that its probability is exactly 0.
    """

    rows: slice
    labels: Labels
    logits: Float[Floats, "networks classes samples"]
    _given: dict[str, Floats] = field(default_factory=dict)

    def given(self, average: str) -> Float[Floats, "networks classes samples"]:
        """What of each member is averaged."""
        if average not in self._given:
            self._given[average] = contributions(self.logits, average)
        return self._given[average]


class Reader(Protocol):
    """Adds up what it wants to know, block after block."""

    def add(self, block: Block) -> None: ...


@dataclass(frozen=True, eq=False)
class Members:
    """Checked labels, shape (N,), and the logits of n >= 2 members, shape (N, K) each."""

    labels: Labels
    outputs: tuple[Logits, ...]

    def __len__(self) -> int:
        return len(self.outputs)

    @property
    def samples(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        return int(self.outputs[0].shape[1])

    def blocks(self) -> Iterator[Block]:
        step = max(1, BLOCK // (len(self) * self.classes))
        for start in range(0, self.samples, step):
            rows = slice(start, min(start + step, self.samples))
            logits = np.empty((len(self), self.classes, rows.stop - rows.start))
            for member, own in zip(logits, self.outputs, strict=True):
                member[:] = np.asarray(own[rows]).T
            logits -= logits.max(axis=1, keepdims=True)
            yield Block(rows, self.labels[rows], np.maximum(logits, -UNDERFLOW, out=logits))


def read(members: Members, *readers: Reader) -> None:
    """Let every reader see every block."""
    for block in members.blocks():
        for reader in readers:
            reader.add(block)


def check_members(labels: ArrayLike, members: ArrayLike | Sequence[ArrayLike]) -> Members:
    """Labels and members that belong together, without the classes that all of them mask.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    members : array, shape (n, N, K), or sequence of n arrays, shape (N, K)
        Logits of n >= 2 networks; -inf for masked classes.
    """
    given = _apart(members)
    if len(given) < 2:
        raise ValueError(f"members holds {len(given)} (n >= 2 networks, shape (N, K) each); train "
                         "a second one from another start")  # fmt: skip
    named = {f"members[{i}]": value for i, value in enumerate(given)}
    y, outputs = check_outputs(labels, named, 1.0, LARGEST)
    check_answers(y, dict(zip(named, outputs, strict=True)), named)
    return Members(y, tuple(outputs))


def _apart(members: ArrayLike | Sequence[ArrayLike]) -> list[Any]:
    """One array of each member, without a copy."""
    if isinstance(members, list | tuple):
        return list(members)
    array = stored(members, "members")
    if array.ndim != 3:
        raise ValueError(f"members of shape {array.shape} is not allowed (n >= 2 networks, shape "
                         "(n, N, K)); give a list of one array (N, K) a network, or "
                         "np.stack of them")  # fmt: skip
    return array.apart() if isinstance(array, Stored) else list(array)
