r"""A distilled student as a mixture of students that were trained already: our estimator.

Networks trained alike on different labels answer alike to what the labels add: to first order in
the labels, the logits are linear in them. Training with the dual labels (1-w) Y + w P^_T then
gives

    f = u f_soft + v f_hard,

with f_hard of the student trained on hard labels and f_soft of one or more anchors, students of
the same start and order of batches trained with soft labels. Two ways to the coefficients:

- linear: u = w/w_a and v = 1 - u for an anchor of soft weight w_a. Exact for the square loss; it
  needs outputs on test samples only.
- balanced: a student trained for a finite time, or with decay, keeps on every training sample a
  residual G = dual outputs - dual labels (Lemma 2), and its logits are the kernel of training
  applied to the residuals (the representer theorem). So the residual of a mixture is the mixture
  of the residuals, which fixes u and v when it is asked of their projections,
  <f_i, G(f)> = u <f_i, G_soft> + v <f_i, G_hard>. It needs outputs on training samples; at every
  anchor it is exact, whatever the anchor's setting. What is left of G(f) - u G_soft - v G_hard,
  the `misfit`, says how far from a mixture the student must be.

A class that a part of the mixture masks (`mvtheory.distillation.outputs`) is masked in the mixture,
whatever the sign of its weight. What is masked, or has probability 0 in all parts, is in no
product and no norm: u and v are those without it.

Between anchors of several temperatures, f_soft is interpolated linearly in log T. Exact for fixed
kernels, all this is a heuristic for networks, whose kernel moves as they learn; `interval` has its
error, measured on trained ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mvtheory.arguments import HARD_WEIGHT, SOFT_WEIGHT
from mvtheory.distillation.hypothesis import Diagnostic, judged
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    Logits,
    blocks,
    check_answers,
    check_outputs,
    masked,
    softmax,
)
from mvtheory.distillation.weighting import soft_weight
from mvtheory.shapes import Bool, Booleans, Float, Floats, Int, Integers, Numbers, Real

BOUNDS = np.array([[-0.1, -0.5], [1.5, 1.5]])
"""Of (u, v): mixtures lie between their parts, or little beyond; where the teacher teaches
nothing, f_soft is about 0 and u is free."""
Rows = Float[Floats, "rows classes"]
ROWS = 1000
NUMBERS = 4 * 10**5
"""Training samples, and logits, by which u and v are found: two numbers need no more."""
TRAINED = "larger logits would not raise the loss on samples trained on, <f, G> <= 0"
ROUNDED = float(np.log(np.finfo(float).eps))
"""Logarithm of probabilities that are lost beside 1."""
LARGEST = 1e15
"""Of logits that are mixed: their squares, and u = w/w_a times them in single precision, are
numbers still."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchor:
    """A distilled student that was trained, with the setting of its training.

    Parameters
    ----------
    logits : array, shape (N, K)
        On the same samples as the other outputs: a numpy array, memory map or torch tensor; -inf
        for masked classes.
    temperature : float
        T in [1e-3, 1e6].
    hard_weight : float
        Hinton's a_H in [0, 1): 0 for a student of soft labels alone.

    Examples
    --------
    >>> Anchor(logits=[[1.0, 0.0]], temperature=4, hard_weight=0.1).soft_weight.__round__(6)
    0.972973
    """

    logits: Any
    temperature: float
    hard_weight: float = 0.0

    def __post_init__(self) -> None:
        for argument in (TEMPERATURE, HARD_WEIGHT):
            given = float(argument.number(getattr(self, argument.name)))
            object.__setattr__(self, argument.name, given)
        if self.hard_weight == 1:
            below = replace(HARD_WEIGHT, high_open=True)
            raise below.error(1, "a student of hard labels alone is the argument student")

    @property
    def soft_weight(self) -> float:
        """w of its training."""
        return float(soft_weight(hard_weight=self.hard_weight, temperature=self.temperature))

    def holding(self, logits: Logits) -> "Anchor":
        """The same setting with other logits."""
        return replace(self, logits=logits)

    def on(self, samples: Int[Integers, " samples"]) -> "Anchor":
        """The same on some of the samples."""
        return self.holding(self.logits[samples])


def check_anchors(anchors: Any, at_least: int = 1) -> tuple[Anchor, ...]:
    """The anchors as a tuple; ValueError if they are something else, or too few."""
    given = tuple(anchors) if isinstance(anchors, Iterable) else (anchors,)
    kinds = ", ".join(sorted({type(anchor).__name__ for anchor in given})) or "no"
    listed = isinstance(anchors, Iterable) and all(isinstance(anchor, Anchor) for anchor in given)
    if not listed or len(given) < at_least:
        raise ValueError(
            f"anchors of type {type(anchors).__name__} with {kinds} elements are not allowed (a "
            f"sequence of {at_least} or more of Anchor); write "
            "[Anchor(logits=logits, temperature=4)]"
        )
    return given


def rows_used(samples: int, classes: int) -> Int[Integers, " rows"]:
    """Training samples used: evenly spread, so that no class or epoch is preferred by chance."""
    count = min(samples, ROWS, max(ROWS // 4, NUMBERS // classes))
    return np.unique(np.linspace(0, samples - 1, count).round().astype(np.int64))


def shares(
    anchors: Sequence[Anchor], temperature: float, weight: float
) -> Float[Floats, " anchors"]:
    """Weights, of sum 1, with which the anchors make f_soft at (T, w): linear in log T.

    Of several anchors of one temperature the one nearest in w counts; beyond the outermost
    temperature the outermost anchor does.
    """
    nodes = sorted({anchor.temperature for anchor in anchors})
    at = [
        min(
            (j for j, anchor in enumerate(anchors) if anchor.temperature == node),
            key=lambda j: abs(anchors[j].soft_weight - weight),
        )
        for node in nodes
    ]
    hats = np.eye(len(nodes))
    found = np.zeros(len(anchors))
    found[at] = [np.interp(np.log(temperature), np.log(nodes), hat) for hat in hats]
    return found


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """A mixture: weights of the student of hard labels and of every anchor.

    `misfit` is the root mean square of the residual that the mixture cannot explain, and 0 for a
    linear mixture, of which none is known.
    """

    hard: float
    anchors: tuple[float, ...]
    misfit: float = 0.0

    def of(
        self,
        student: Real[Numbers, "samples classes"],
        anchors: Sequence[Real[Numbers, "samples classes"]],
    ) -> Real[Numbers, "samples classes"]:
        """Logits of the mixture, from those of its parts, in their precision.

        Where a part with a weight is -inf, so is the mixture.
        """
        parts = zip((self.hard, *self.anchors), (student, *anchors), strict=True)
        used = [(weight, logits) for weight, logits in parts if weight]
        mixed = np.zeros(student.shape, np.result_type(student.dtype, np.float16))
        with np.errstate(invalid="ignore"):  # -inf - (-inf), mended below
            for weight, logits in used:
                mixed += weight * logits
        if any(weight < 0 for weight, _ in used):
            for _, logits in used:
                mixed[np.isneginf(logits)] = -np.inf
        return mixed


def linear(anchors: Sequence[Anchor], temperature: float, weight: float) -> Coefficients:
    """The linear mixture at temperature T and soft weight w.

    Examples
    --------
    >>> anchors = [Anchor(logits=None, temperature=t) for t in (1, 4)]
    >>> linear(anchors, temperature=2, weight=0.8)
    Coefficients(hard=0.2, anchors=(0.4, 0.4), misfit=0.0)
    """
    anchors = check_anchors(anchors)
    temperature, weight = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(weight)
    parts = shares(anchors, temperature, weight)
    u = weight / float(parts @ [anchor.soft_weight for anchor in anchors])
    return Coefficients(hard=round(1 - u, 15), anchors=tuple(float(u * part) for part in parts))


@dataclass(frozen=True, kw_only=True, eq=False)
class Balance:
    """The balanced mixture of students, from their outputs on training samples.

    Parameters
    ----------
    labels : int array, shape (N,)
    teacher, student : array, shape (N, K)
        Logits of the teacher and of the student of hard labels, on samples of its training set.
    anchors : sequence of Anchor
        At least one, with logits on the same samples.

    Raises
    ------
    ValueError
        Also for labels whose class the students mask, by -inf or all of them.

    Examples
    --------
    >>> v = -np.inf  # a masked class changes nothing
    >>> found = Balance(labels=[0, 1], student=[[1, 0, v], [0, 0.5, v]],
    ...                 teacher=[[2, 0, v], [-1, 1, v]],
    ...                 anchors=[Anchor(logits=[[0.5, 0, v], [0, 1, v]], temperature=4)])
    >>> mixture = found.coefficients(temperature=1, weight=0.5)
    >>> print(f"{mixture.hard:.4f} {mixture.anchors[0]:.4f}")
    0.8600 0.0330
    """

    labels: Integers
    teacher: Numbers
    student: Numbers
    anchors: Sequence[Anchor]

    def __post_init__(self) -> None:
        anchors = check_anchors(self.anchors)
        names = [f"anchors[{j}].logits" for j in range(len(anchors))]
        given = {"student": self.student, "teacher": self.teacher}
        given |= {name: anchor.logits for name, anchor in zip(names, anchors, strict=True)}
        labels, arrays = check_outputs(self.labels, given, TEMPERATURE.high, LARGEST)
        found = dict(zip(given, arrays, strict=True))
        check_answers(labels, {name: found[name] for name in ("student", *names)})
        anchors = tuple(a.holding(found[name]) for name, a in zip(names, anchors, strict=True))
        for name, value in (("labels", labels), ("student", found["student"]),
                            ("teacher", found["teacher"]), ("anchors", anchors)):  # fmt: skip
            object.__setattr__(self, name, value)

    @cached_property
    def rows(self) -> Int[Integers, " rows"]:
        """Samples used."""
        return rows_used(*self.student.shape)

    @cached_property
    def _labels(self) -> Int[Integers, " rows"]:
        return self.labels[self.rows]

    @cached_property
    def _students(self) -> list[tuple[Rows, Rows]]:
        """Logits and residuals of the student of hard labels, then of the anchors."""
        settings = [(self.student, 1.0, 0.0)]
        settings += [(a.logits, a.temperature, a.soft_weight) for a in self.anchors]
        rows = [self._rows(logits) for logits, _, _ in settings]
        return [(f, self.residual(f, t, w)) for f, (_, t, w) in zip(rows, settings, strict=True)]

    def _rows(self, logits: Logits) -> Rows:
        """Logits less the largest, -inf where masked; a label's own is a number, however low."""
        rows: Floats = np.asarray(logits[self.rows], dtype=float)
        hidden = masked(rows)
        hidden[np.arange(len(rows)), self._labels] = False
        rows = rows - rows.max(axis=1, keepdims=True)
        rows[hidden] = -np.inf
        return rows

    def _hidden(self, soft: Rows, hard: Rows, temperature: float) -> Bool[Booleans, "rows classes"]:
        """Where a mixture is masked: where a part is for all mixtures, or both up to T."""
        found = masked(soft, temperature) & masked(hard, temperature)
        found[np.arange(len(found)), self._labels] = False
        return np.asarray(found | np.isneginf(soft) | np.isneginf(hard))

    def residual(self, logits: Rows, temperature: float, weight: float) -> Rows:
        """Dual outputs less dual labels, of logits on the samples used."""
        found = np.empty_like(logits)
        for part in blocks(*found.shape):
            found[part] = _outputs(logits[part], temperature, weight)
        found -= self._dual_labels(temperature, weight)
        return found

    def _dual_labels(self, temperature: float, weight: float) -> Rows:
        found = np.empty((len(self.rows), self.student.shape[1]))
        for part in blocks(*found.shape):
            found[part] = weight * softmax(self.teacher[self.rows[part]], temperature)
        found[np.arange(len(found)), self._labels] += 1 - weight
        return found

    def diagnose(self) -> list[Diagnostic]:
        """Whether student and anchors were trained on these samples, as mixtures assume.

        <f, G> is the slope of the loss in the logarithm of the logits' size. Training from small
        logits leaves it below 0; on samples not trained on, a student is too sure of itself. Where
        it is above 0 the equations for u and v may have their solution on the wrong side.
        """
        names = ["student", *(f"anchors[{j}]" for j in range(len(self.anchors)))]
        found = []
        for name, (logits, residual) in zip(names, self._students, strict=True):
            slopes = np.sum(_centred(logits, 1.0)[0] * residual, axis=1)
            mean, error = float(slopes.mean()), float(slopes.std() / np.sqrt(slopes.size))
            size = f"<f, G> = {mean:.3g} with standard error {error:.2g}"
            found.append(judged(f"{name} trained on split", TRAINED, mean, 0.0, error, size,
                                mean, at_most=True, of_data=True))  # fmt: skip
        return found

    def coefficients(
        self, temperature: float, weight: float, start: tuple[float, float] | None = None
    ) -> Coefficients:
        """The balanced mixture at temperature T and soft weight w; `start` guesses (u, v)."""
        from scipy import optimize

        temperature, weight = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(weight)
        if weight == 0:  # the student itself, without the rounding of a solution
            return Coefficients(hard=1.0, anchors=(0.0,) * len(self.anchors))
        parts = shares(self.anchors, temperature, weight)
        used = [j for j in range(len(parts)) if parts[j]]
        soft = [sum(parts[j] * self._students[j + 1][side] for j in used) for side in (0, 1)]
        hard = self._students[0]
        largest = max(temperature, *(anchor.temperature for anchor in self.anchors))
        directions, size = np.empty((2, *hard[0].shape)), np.empty(2)
        for place, logits in enumerate((soft[0], hard[0])):
            directions[place], size[place] = _centred(logits, largest)
        hidden = self._hidden(soft[0], hard[0], largest)
        directions[:, hidden] = 0
        samples = len(hidden)
        kept = np.array([[np.vdot(f, g) for g in (soft[1], hard[1])] for f in directions]) / samples
        labels = self._dual_labels(temperature, weight)

        def mix(x: Floats) -> Iterator[tuple[slice, Floats]]:
            for part in blocks(*hidden.shape):
                mixed = np.tensordot(x, directions[:, part], 1)
                mixed[hidden[part]] = -np.inf
                yield part, mixed

        def unbalanced(x: Float[Floats, " 2"]) -> Float[Floats, " 2"]:
            """Projections of G(f) - u G_soft - v G_hard on the two directions."""
            found = -kept @ x
            for part, mixed in mix(x):
                gap = _outputs(mixed, temperature, weight) - labels[part]
                found += np.tensordot(directions[:, part], gap, 2) / samples
            return np.asarray(found / size)

        def slopes(x: Float[Floats, " 2"]) -> Float[Floats, "2 2"]:
            found = -kept
            for part, mixed in mix(x):
                for share, t in ((1 - weight, 1.0), (weight, temperature)):
                    weighted = directions[:, part] * softmax(mixed, t)
                    means = weighted.sum(axis=2)
                    second = np.tensordot(weighted, directions[:, part], ([1, 2], [1, 2]))
                    found += share / t * (second - means @ means.T) / samples
            return np.asarray(found / size[:, None])

        if start is None:
            first = linear(self.anchors, temperature, weight)
            start = sum(first.anchors), first.hard
        inside = np.clip(start, BOUNDS[0] + 1e-6, BOUNDS[1] - 1e-6)
        # With many classes or at high T the equations are flat, and gtol is absolute.
        size *= np.linalg.norm(slopes(inside)) or 1.0
        u, v = optimize.least_squares(
            unbalanced, inside, slopes, bounds=BOUNDS, xtol=1e-6, ftol=1e-9, gtol=1e-15, max_nfev=50
        ).x
        left = 0.0
        for part, mixed in mix(np.array([u, v])):
            gap = _outputs(mixed, temperature, weight) - labels[part]
            gap -= u * soft[1][part] + v * hard[1][part]
            left += float(np.vdot(gap, gap))
        misfit = float(np.sqrt(left / samples))
        return Coefficients(
            hard=float(v), anchors=tuple(float(u * part) for part in parts), misfit=misfit
        )


def _centred(logits: Rows, temperature: float) -> tuple[Rows, float]:
    """Logits less a number for each row, 0 where masked, and the root mean square of their norms.

    Residuals add up to 0, so that the number is free: the mean by probability keeps the digits of
    the probable classes. The norms are of the logits less their mean, over the classes whose
    probability at that temperature is not below rounding: others have no part in them.
    """
    found, total = np.empty_like(logits), 0.0
    for part in blocks(*logits.shape):
        rows = np.where(np.isneginf(logits[part]), 0, logits[part])
        live = logits[part] >= logits[part].max(axis=1, keepdims=True) + ROUNDED * temperature
        spread = rows - rows.mean(axis=1, where=live, keepdims=True)
        total += float(np.sum(spread**2, where=live))
        centre = np.einsum("ij,ij->i", softmax(logits[part], temperature), rows)
        found[part] = np.where(np.isneginf(logits[part]), 0, rows - centre[:, None])
    return found, float(np.sqrt(total / len(logits))) + 1e-12


def _outputs(logits: Rows, temperature: float, weight: float) -> Rows:
    return (1 - weight) * softmax(logits, 1.0) + weight * softmax(logits, temperature)
