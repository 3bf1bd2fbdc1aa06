r"""What becomes logits: probabilities, several teachers, the largest k numbers of a teacher.

Only what moves no softmax is free in logits: a number added to a row. So log-probabilities are
logits already, and probabilities have them up to what was rounded away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mvtheory.arrays import as_array, rounding, unit_of
from mvtheory.distillation.outputs import SUM_TOLERANCE, blocks, check_logits, check_probabilities
from mvtheory.rows import LazyRows, Part, Stored, stored
from mvtheory.shapes import ArrayLike, Booleans, Float, Floats, Int, Integers, Numbers, Real

FLOOR = 1e-30
"""What a probability of 0 counts as."""
HALF_FLOOR = 2.0**-24
"""The smallest number > 0 in half precision."""
RESTS = ("spread", "class")


@dataclass(frozen=True, eq=False)
class Probabilities(LazyRows):
    """Rows of probabilities as logits: their logarithms, a block at a time.

    The size of the logits is lost, which no softmax, mixture or loss needs. So is what was rounded
    to 0: it counts as 1e-30, in half precision as 2^-24 = 6e-8, so that the classes that have 0
    are all alike; at high temperatures they then have too much, or too little. `note` says how many
    there are.

    Parameters
    ----------
    rows : array_like, shape (N, K)
        Numbers >= 0 of sum 1, within 1e-3 or the rounding of their type.

    Raises
    ------
    ValueError
        Where it is used, for rows that are no probabilities.

    Examples
    --------
    >>> Probabilities([[0.5, 0.25, 0.25]])[:].round(4)
    array([[-0.6931, -1.3863, -1.3863]])
    """

    rows: Any
    zeros: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", stored(self.rows, "rows"))

    @property
    def shape(self) -> tuple[int, int]:
        return tuple(self.rows.shape)

    @property
    def floor(self) -> float:
        return HALF_FLOOR if unit_of(self.rows) == 2.0**-11 else FLOOR

    @property
    def note(self) -> str:
        share = f"{100 * self.zeros:.2g} % of the probabilities are 0 and count as {self.floor:.2g}"
        return share + ": how they differ is lost" if self.zeros else ""

    def checked(self, name: str) -> "Probabilities":
        rows = check_probabilities(name, self.rows)
        nonzero = sum(np.count_nonzero(rows[part]) for part in blocks(*rows.shape))
        return replace(self, rows=rows, zeros=1 - nonzero / (rows.shape[0] * rows.shape[1]))

    def on(self, samples: Int[Integers, " chosen"]) -> "Probabilities":
        return replace(self, rows=Part(self.rows, samples=samples))

    def __getitem__(self, rows: slice | Integers | Booleans) -> Float[Floats, "samples classes"]:
        return np.asarray(np.log(np.maximum(np.asarray(self.rows[rows], dtype=float), self.floor)))


@dataclass(frozen=True, eq=False)
class Mean(LazyRows):
    """Several teachers as one: the mean of their logits.

    At every temperature the softmax of the mean logits is the geometric mean of their softmax rows,
    up to its sum: a teacher with logits of its own, which a mean of probabilities at T is not, for
    it would be another one at each T. A class that a member masks is masked.

    Parameters
    ----------
    members : sequence of array_like, shape (N, K) each, or array, shape (n, N, K)

    Raises
    ------
    ValueError
        For none, and where it is used, for members of other shapes or with wrong logits.

    References
    ----------
    The ensemble whose logits are averaged is that of [allenzhu2023]_, section 2.

    Examples
    --------
    >>> Mean([[[2.0, 0.0]], [[1.0, 3.0]]])[:]
    array([[1.5, 1.5]])
    """

    members: Any

    def __post_init__(self) -> None:
        given = self.members
        if not isinstance(given, list | tuple):
            whole = stored(given, "members")
            given = whole.apart() if isinstance(whole, Stored) else list(whole)
        found = tuple(stored(one, f"members[{i}]") for i, one in enumerate(given))
        if not found or any(len(one.shape) != 2 for one in found):
            raise ValueError(f"members of shapes {[one.shape for one in found]} are not allowed "
                             "(n >= 1 arrays, shape (N, K) each); give a list of them")  # fmt: skip
        object.__setattr__(self, "members", found)

    @property
    def shape(self) -> tuple[int, int]:
        return tuple(self.members[0].shape)

    @property
    def note(self) -> str:
        notes = [getattr(one, "note", "") for one in self.members]
        return "; ".join(f"[{i}] {note}" for i, note in enumerate(notes) if note)

    def checked(self, name: str) -> "Mean":
        like, found = self.shape, []
        for place, one in enumerate(self.members):
            found.append(check_logits(f"{name}[{place}]", one, like if place else None))
        return replace(self, members=found)

    def on(self, samples: Int[Integers, " chosen"]) -> "Mean":
        return replace(self, members=[some_rows(one, samples) for one in self.members])

    def __getitem__(self, rows: slice | Integers | Booleans) -> Float[Floats, "samples classes"]:
        total = np.asarray(self.members[0][rows], dtype=float)
        for one in self.members[1:]:
            total = total + one[rows]
        return np.asarray(total / len(self.members))


@dataclass(frozen=True, eq=False)
class TopK(LazyRows):
    r"""The k largest probabilities of a teacher as its logits, without the others ever being made.

    What is not among the k is known by its sum r = 1 - p_1 - ... - p_k alone.

    - rest="spread": each of the K - k others has r/(K - k). The mass of the others is right at
      T = 1 and too large above: at T it is as if they had (r/(K-k))^(1/T) each, and the sum of such
      powers is largest for equal ones. Soft labels are then too flat, the more so the larger T and
      K, and students learn less from this teacher than from the whole one: of 12 to 25 classes
      their accuracy is .05 to .08 lower with k = 1, .01 to .04 with 2, .002 to .02 with 5, the
      more the larger T (`benchmarks/topk.py`).
    - rest="class": the rest is one class more, which the students mask: the teacher teaches the
      k classes, in the right proportions, and nothing about the others, which are masked. Their
      mass at T is then too small, r^(1/T) instead of a sum of smaller terms; soft labels are too
      sure. Shape (N, K + 1).

    By "spread" the teacher's accuracy is right, and a label that is not among the k keeps a share
    of the rest. By "class" it keeps none, and a row whose rest outweighs the largest probability is
    answered by the rest, wrongly.

    Parameters
    ----------
    indices : array of int, shape (N, k)
        Classes from 0 to K-1, each once a row.
    values : array, shape (N, k)
        Their probabilities, or logarithms of these if any is below 0; of sums up to 1.
    classes : int
        K > k.
    rest : {"spread", "class"}

    Raises
    ------
    ValueError
        For arrays that are not so; logits whose sum over all classes is not known are refused.

    Examples
    --------
    >>> teacher = TopK([[2, 0]], [[0.6, 0.3]], classes=4)
    >>> np.exp(teacher[:]).round(4)
    array([[0.3 , 0.05, 0.6 , 0.05]])
    >>> np.exp(TopK([[2, 0]], [[0.6, 0.3]], classes=4, rest="class")[:]).round(4)
    array([[0.3, 0. , 0.6, 0. , 0.1]])
    """

    indices: Any
    values: Any
    classes: int = field(kw_only=True)
    rest: str = field(default="spread", kw_only=True)

    def __post_init__(self) -> None:
        indices, values = as_array(self.indices, "indices"), as_array(self.values, "values")
        if self.rest not in RESTS:
            raise ValueError(f"rest={self.rest!r} is not allowed ('spread' or 'class'); choose one")
        if indices.ndim != 2 or indices.shape != values.shape or indices.shape[1] >= self.classes:
            raise ValueError(
                f"indices of shape {indices.shape} and values of shape {values.shape} are not "
                f"allowed (both (N, k), with k < classes={self.classes}); give both of the same k "
                "classes, or all probabilities as Probabilities"
            )
        if indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= self.classes:
            raise ValueError(f"indices hold {indices.min()} to {indices.max()}, not allowed (whole "
                             f"numbers from 0 to {self.classes - 1}); count classes from 0, and "
                             "give classes=K")  # fmt: skip
        if (np.diff(np.sort(indices, axis=1), axis=1) == 0).any():
            raise ValueError("indices name a class twice in a row (each once); drop what is double")
        tolerance = max(SUM_TOLERANCE, rounding(self.values, terms=indices.shape[1]))
        known = np.asarray(values, dtype=float)
        sums = (np.exp(known) if (known < 0).any() else known).sum(axis=1)
        if not (np.isfinite(known) | np.isneginf(known)).all() or not (
            sums.min() > 0 and sums.max() <= 1 + tolerance
        ):
            raise ValueError(
                f"values have sums of probabilities from {sums.min():.4g} to {sums.max():.4g}, not "
                "allowed (above 0, up to 1); give probabilities, or their logarithms: logits less "
                "the logarithm of the sum of exp over all classes"
            )
        object.__setattr__(self, "indices", indices)
        object.__setattr__(self, "values", known if (known < 0).any() else
                           np.log(np.maximum(known, FLOOR)))  # fmt: skip

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.indices), self.classes + (self.rest == "class")

    @property
    def note(self) -> str:
        left = float(np.mean(self._rest(self.values)))
        how = ("the others have equal shares, which makes soft labels too flat above T = 1"
               if self.rest == "spread" else
               "the others are one class that students mask, which makes soft labels too sure"
               )  # fmt: skip
        return (f"{self.indices.shape[1]} of {self.classes} classes are known, the others' mass is "
                f"{left:.2g}; {how}")  # fmt: skip

    def on(self, samples: Int[Integers, " chosen"]) -> "TopK":
        return replace(self, indices=self.indices[samples], values=self.values[samples])

    def _rest(self, values: Float[Floats, "samples kept"]) -> Float[Floats, " samples"]:
        return np.asarray(np.maximum(1 - np.exp(values).sum(axis=1), FLOOR))

    def __getitem__(self, rows: slice | Integers | Booleans) -> Float[Floats, "samples classes"]:
        indices, values = self.indices[rows], self.values[rows]
        rest = np.log(self._rest(values))
        found = np.full((len(indices), self.shape[1]), -np.inf)
        if self.rest == "spread":
            found[:] = (rest - np.log(self.classes - indices.shape[1]))[:, None]
        else:
            found[:, -1] = rest
        np.put_along_axis(found, indices, values, axis=1)
        return found


@dataclass(frozen=True, eq=False)
class WithRest(LazyRows):
    """Logits with one class more, masked: the students of a teacher of whom a rest is one class."""

    rows: Any

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), self.rows.shape[1] + 1

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.result_type(self.rows.dtype, np.float32))

    @property
    def note(self) -> str:
        return str(getattr(self.rows, "note", ""))

    def checked(self, name: str) -> "WithRest":
        return replace(self, rows=check_logits(name, self.rows))

    def on(self, samples: Int[Integers, " chosen"]) -> "WithRest":
        return replace(self, rows=some_rows(self.rows, samples))

    def __getitem__(self, rows: slice | Integers | Booleans) -> Real[Numbers, "samples classes"]:
        block = self.rows[rows]
        found = np.full((len(block), self.shape[1]), -np.inf, self.dtype)
        found[:, :-1] = block
        return found


def some_rows(value: Any, samples: Int[Integers, " chosen"], name: str = "array") -> Any:
    """Some of the samples of outputs, not read yet."""
    rows = stored(value, name)
    return rows.on(samples) if isinstance(rows, LazyRows) else Part(rows, samples=samples)


def as_teacher(value: ArrayLike | LazyRows | Sequence[ArrayLike | LazyRows]) -> Any:
    """A teacher as it was given, or the `Mean` of several."""
    several = isinstance(value, list | tuple) and all(
        isinstance(one, LazyRows) or getattr(one, "ndim", 0) == 2 for one in value
    )
    return Mean(value) if several and value else value
