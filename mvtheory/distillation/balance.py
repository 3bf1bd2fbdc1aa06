r"""The balanced mixture: weights of students from their residuals on training samples.

A student trained for a finite time, or with decay, keeps on every training sample a residual,
the slope of its loss there, G = dual outputs - dual labels (Lemma 2), and its logits are the kernel
of training applied to the residuals (the representer theorem). So the residual of a mixture is the
mixture of the residuals, G(f) = sum_j c_j G_j, which fixes the weights when it is asked of the
projections on the students' own logits, as many equations as weights. At every student given it is
exact, whatever its setting. What is left of G(f) - sum_j c_j G_j, the `misfit`, says how far from a
mixture the student must be.

Where there are several anchors the equations are nearly dependent; the linear mixture then decides
what they leave open. Hinton's loss as printed is the one here times a_H + (1 - a_H) T. To Adam that
makes no difference; trained by gradient descent, with momentum or without, a student of the printed
loss was trained for so much longer, and its residuals count so much more: `scaled`.

Students of another divergence, all of one, are mixed by the residuals of the forward one. Their own
would be exact for fixed kernels, but foretold trained networks no better: errors of .0186 and .0120
from one and two students of the reverse divergence, against .0194 and .0108 (means of 12 problems).

Exact for fixed kernels, all this is a heuristic for networks, whose kernel moves as they learn;
`interval` has its error, measured on trained ones.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from functools import cached_property

import numpy as np

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.hypothesis import Diagnostic, judged
from mvtheory.distillation.mixture import LARGEST, Anchor, Coefficients, check_anchors, line
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    Logits,
    blocks,
    check_answers,
    check_outputs,
    masked,
    softened,
    softmax,
)
from mvtheory.shapes import Bool, Booleans, Float, Floats, Int, Integers, Numbers

Rows = Float[Floats, "rows classes"]
Weights = Float[Floats, " students"]
ONE, SEVERAL = ((-0.1, 1.5), 1e-5), ((-1.0, 2.0), 0.1)
"""Least and largest weight of an anchor where there is one, or are several, and how strongly the
linear mixture is held to, relative to the steepest of the equations; chosen on the development
problems. With one it only decides where the teacher teaches nothing."""
HARD = (-0.5, 1.5)
"""The same of the student of hard labels: mixtures lie between their parts, or little beyond."""
DEPENDENT = 1e-12
"""Share of the largest eigenvalue of the students' products below which they are dependent."""
ROWS = 1000
NUMBERS = 4 * 10**5
"""Training samples, and logits, by which the weights are found: few numbers need no more."""
TRAINED = "larger logits would not raise the loss on samples trained on, <f, G> <= 0"
ROUNDED = float(np.log(np.finfo(float).eps))
"""Logarithm of probabilities that are lost beside 1."""


def rows_used(samples: int, classes: int) -> Int[Integers, " rows"]:
    """Training samples used: evenly spread, so that no class or epoch is preferred by chance."""
    count = min(samples, ROWS, max(ROWS // 4, NUMBERS // classes))
    return np.unique(np.linspace(0, samples - 1, count).round().astype(np.int64))


def loss_scale(temperature: float, weight: float) -> float:
    """Hinton's loss as printed over the one here, a_H + (1 - a_H) T, by T and w.

    >>> loss_scale(4.0, 1.0), loss_scale(4.0, 0.0)
    (4.0, 1.0)
    """
    return 1 / (1 - weight + weight / temperature)


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
    scaled : bool
        Whether Hinton's loss was trained as printed, by gradient descent; see the module.

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
    scaled: bool = False
    checked: InitVar[bool] = False
    """Whether the outputs are a part of checked ones: few rows of logits may look like others."""

    def __post_init__(self, checked: bool) -> None:
        anchors = check_anchors(self.anchors)
        if checked:
            return
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

    def coefficients(self, temperature: float, weight: float) -> Coefficients:
        """The balanced mixture at temperature T and soft weight w."""
        from scipy import optimize

        temperature, weight = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(weight)
        if weight == 0:  # the student itself, without the rounding of a solution
            return Coefficients(hard=1.0, anchors=(0.0,) * len(self.anchors))
        own, held = SEVERAL if len(self.anchors) > 1 else ONE
        low, high = np.transpose([own] * len(self.anchors) + [HARD])
        plain = line(self.anchors, temperature, weight)
        prior = np.clip([*plain, 1 - plain.sum()], low + 1e-6, high - 1e-6)
        labels = self._dual_labels(temperature, weight)
        # With many classes or at high T the equations are flat: without this they would count less.
        steepest = float(np.linalg.norm(self._slopes(prior, temperature, weight), 2)) or 1.0

        def unbalanced(c: Weights) -> Floats:
            found = self._unbalanced(c, labels, temperature, weight) / steepest
            return np.concatenate([found, held * (c - prior)])

        def slopes(c: Weights) -> Floats:
            found = self._slopes(c, temperature, weight) / steepest
            return np.concatenate([found, held * np.eye(len(c))])

        c: Weights = optimize.least_squares(
            unbalanced, prior, slopes, bounds=(low, high), xtol=1e-8, ftol=1e-12, gtol=1e-12,
            max_nfev=50,
        ).x  # fmt: skip
        left = 0.0
        for part, mixed in self._mix(c):
            gap = self._scale(temperature, weight) * (
                softened(mixed, temperature, weight) - labels[part]
            )
            gap -= np.tensordot(c, self._residuals[:, part], 1)
            left += float(np.vdot(gap, gap))
        return Coefficients(
            hard=float(c[-1]), anchors=tuple(c[:-1].tolist()),
            misfit=float(np.sqrt(left / len(self.rows))),
        )  # fmt: skip

    def diagnose(self) -> list[Diagnostic]:
        """Whether student and anchors were trained on these samples, as mixtures assume.

        <f, G> is the slope of the loss in the logarithm of the logits' size. Training from small
        logits leaves it below 0; on samples not trained on, a student is too sure of itself. Where
        it is above 0 the equations for the weights may have their solution on the wrong side.
        """
        names = [*(f"anchors[{j}]" for j in range(len(self.anchors))), "student"]
        found = []
        for name, logits, residual in zip(names, self._students, self._residuals, strict=True):
            slopes = np.sum(_centred(logits, 1.0)[0] * residual, axis=1)
            mean, error = float(slopes.mean()), float(slopes.std() / np.sqrt(slopes.size))
            size = f"<f, G> = {mean:.3g} with standard error {error:.2g}"
            found.append(judged(f"{name} trained on split", TRAINED, mean, 0.0, error, size,
                                mean, at_most=True, of_data=True))  # fmt: skip
        return [found[-1], *found[:-1]]

    def residual(self, logits: Rows, temperature: float, weight: float) -> Rows:
        """Slope of the trained loss on logits, on the samples used."""
        found = np.empty_like(logits)
        for part in blocks(*found.shape):
            found[part] = softened(logits[part], temperature, weight)
        found -= self._dual_labels(temperature, weight)
        found *= self._scale(temperature, weight)
        return found

    @cached_property
    def rows(self) -> Int[Integers, " rows"]:
        """Samples used."""
        return rows_used(*self.student.shape)

    @cached_property
    def _labels(self) -> Int[Integers, " rows"]:
        return self.labels[self.rows]

    @cached_property
    def _students(self) -> list[Rows]:
        """Logits of the anchors, then of the student of hard labels."""
        return [self._rows(logits) for logits in (*(a.logits for a in self.anchors), self.student)]

    @cached_property
    def _residuals(self) -> Float[Floats, "students rows classes"]:
        settings = [*((a.temperature, a.soft_weight) for a in self.anchors), (1.0, 0.0)]
        found = np.empty((len(settings), *self._students[0].shape))
        for place, (logits, (t, w)) in enumerate(zip(self._students, settings, strict=True)):
            found[place] = self.residual(logits, t, w)
        return found

    @cached_property
    def _hidden(self) -> Bool[Booleans, "rows classes"]:
        """Where mixtures are masked: where a part is for all mixtures, or all up to their T."""
        found = np.all([masked(f, self._largest) for f in self._students], axis=0)
        found[np.arange(len(found)), self._labels] = False
        return np.asarray(found | np.any([np.isneginf(f) for f in self._students], axis=0))

    @cached_property
    def _directions(self) -> tuple[Float[Floats, "students rows classes"], Floats]:
        """Logits, centred, and what makes orthonormal directions of them, (directions, students).

        Students that are the same, or dependent, have fewer directions than there are students.
        """
        directions, size = np.empty_like(self._residuals), np.empty(len(self._students))
        for place, logits in enumerate(self._students):
            directions[place], size[place] = _centred(logits, self._largest)
        directions[:, self._hidden] = 0
        products = _products(directions, directions) / len(self.rows)
        values, vectors = np.linalg.eigh(products / size / size[:, None])
        # A row of 0 is an equation that says nothing.
        kept = values > DEPENDENT * max(values[-1], 0)
        basis = np.where(kept, vectors, 0) / np.sqrt(np.where(kept, values, 1))
        return directions, (basis / size[:, None]).T

    @cached_property
    def _known(self) -> Floats:
        """Projections of the students' residuals, (directions, students)."""
        directions, basis = self._directions
        products = _products(directions, self._residuals) / len(self.rows)
        return np.asarray(basis @ products)

    @cached_property
    def _largest(self) -> float:
        return max(1.0, *(anchor.temperature for anchor in self.anchors))

    def _scale(self, temperature: float, weight: float) -> float:
        return loss_scale(temperature, weight) if self.scaled else 1.0

    def _rows(self, logits: Logits) -> Rows:
        """Logits less the largest, -inf where masked; a label's own is a number, however low."""
        rows: Floats = np.asarray(logits[self.rows], dtype=float)
        hidden = masked(rows)
        hidden[np.arange(len(rows)), self._labels] = False
        rows = rows - rows.max(axis=1, keepdims=True)
        rows[hidden] = -np.inf
        return rows

    def _dual_labels(self, temperature: float, weight: float) -> Rows:
        found = np.empty((len(self.rows), self.student.shape[1]))
        for part in blocks(*found.shape):
            found[part] = weight * softmax(self.teacher[self.rows[part]], temperature)
        found[np.arange(len(found)), self._labels] += 1 - weight
        return found

    def _mix(self, c: Weights):  # type: ignore[no-untyped-def]
        """Blocks of samples with the logits of the mixture."""
        directions, _ = self._directions
        for part in blocks(*self._hidden.shape):
            mixed = np.tensordot(c, directions[:, part], 1)
            mixed[self._hidden[part]] = -np.inf
            yield part, mixed

    def _unbalanced(self, c: Weights, labels: Rows, temperature: float, weight: float) -> Floats:
        """Projections of G(f) - sum_j c_j G_j on the directions."""
        directions, basis = self._directions
        found = np.zeros(len(c))
        for part, mixed in self._mix(c):
            gap = softened(mixed, temperature, weight) - labels[part]
            found += np.tensordot(directions[:, part], gap, 2)
        found *= self._scale(temperature, weight) / len(self.rows)
        return np.asarray(basis @ found - self._known @ c)

    def _slopes(self, c: Weights, temperature: float, weight: float) -> Floats:
        """Of the projections in the weights."""
        directions, basis = self._directions
        found = np.zeros((len(c), len(c)))
        for part, mixed in self._mix(c):
            for share, t in ((1 - weight, 1.0), (weight, temperature)):
                weighted = directions[:, part] * softmax(mixed, t)
                means = weighted.sum(axis=2)
                second = np.tensordot(weighted, directions[:, part], ([1, 2], [1, 2]))
                found += share / t * (second - means @ means.T)
        found *= self._scale(temperature, weight) / len(self.rows)
        return np.asarray(basis @ found - self._known)


def _products(ones: Floats, others: Floats) -> Floats:
    """Of every one with every other, (students, students)."""
    return np.array([[np.vdot(one, other) for other in others] for one in ones])


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
