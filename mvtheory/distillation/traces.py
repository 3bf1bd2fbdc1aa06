"""The traces of H: accuracies above chance, of hard and soft labels, and what they make up."""

from dataclasses import dataclass, replace

import numpy as np

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.labels import Labels, check_labels
from mvtheory.distillation.matrices import COLD, Rows, largest, mean_overlap, side
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    Logits,
    check_logits,
    check_outputs,
    check_rows,
    without_absent,
)
from mvtheory.shapes import ArrayLike

NOISE = 2.0
"""Standard errors by which a student must be better than chance for ratios to its accuracy."""


def accuracy(labels: ArrayLike, logits: ArrayLike) -> float:
    """Share of the samples whose largest output is at the label: 1/K + Tr H of one-hot outputs.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    logits : array, shape (N, K)
        Logits, -inf for masked classes, or probabilities; of several largest the first counts.

    References
    ----------
    [darkknowledge2021]_, equation (2); exact.

    Examples
    --------
    >>> accuracy([0, 1, 2, 1], [[2, 1, 0], [0, 3, 1], [1, 0, 2], [4, 1, 1]])
    0.75
    """
    y, rows = _answered(labels, logits)
    return float(np.mean(largest(rows) == y))


def _answered(labels: ArrayLike, logits: ArrayLike) -> tuple[Labels, Logits]:
    """Labels and logits or probabilities, without absent classes."""
    rows = check_rows("logits", logits, masks=True)
    y = check_labels(labels, rows.shape[1], len(rows))
    y, (kept,) = without_absent(y, {"logits": rows}, 1)
    return y, kept


def h(labels: ArrayLike, logits: ArrayLike) -> float:
    """Accuracy above chance, Tr H = accuracy - 1/K.

    K is the number of classes that are not masked in every row.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    logits : array, shape (N, K)
        As of `accuracy`.

    References
    ----------
    [darkknowledge2021]_, equation (2); exact.

    Examples
    --------
    >>> print(f"{h([0, 1, 2, 1], [[2, 1, 0], [0, 3, 1], [1, 0, 2], [4, 1, 1]]):.6f}")
    0.416667
    """
    y, rows = _answered(labels, logits)
    return _above(y, rows)


def _above(labels: Labels, logits: Logits) -> float:
    chance: float = 1 / logits.shape[1]
    return float(np.mean(largest(logits) == labels)) - chance


def h_hat(student: ArrayLike, teacher: ArrayLike, temperature: float) -> float:
    """Tr H^ = E[P^_T at the student's largest logit] - 1/K.

    K counts no class that both mask in every row.

    Parameters
    ----------
    student, teacher : array, shape (N, K)
        Logits; -inf for masked classes.
    temperature : float
        T in [1e-3, 1e6].

    References
    ----------
    [darkknowledge2021]_, equation (6); exact.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5], [1.5, 1.0, -1.0]], [[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]]
    >>> print(f"{h_hat(student, teacher, temperature=2.5):.6f}")
    0.006309
    """
    given = check_logits("student", student)
    taught = check_logits("teacher", teacher, like=given.shape)
    t, networks = TEMPERATURE.number(temperature), {"student": given, "teacher": taught}
    _, (answers, soft) = without_absent(largest(given), networks, max(1, t))
    return _soft_above(answers, soft, t)


def _soft_above(student: Logits, teacher: Logits, temperature: float) -> float:
    chance: float = 1 / teacher.shape[1]
    return mean_overlap(largest(student), Rows(teacher, temperature)) - chance


def dual_accuracy(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    *,
    temperature: float,
    soft_weight: float,
) -> float:
    """Accuracy of the dual model, 1/K + (1-w) h + w h^: not that of the student.

    Share of the dual labels (1-w) Y + w P^_T at the student's largest logits.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    teacher, student : array, shape (N, K)
        Logits; -inf for masked classes.
    temperature : float
        T in [1e-3, 1e6].
    soft_weight : float
        w in [0, 1].

    References
    ----------
    [darkknowledge2021]_, Proposition 3, with predictions at temperature gamma -> 0; exact. The
    source reads it as the student's accuracy, which is h + 1/K.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5], [1.5, 1.0, -1.0]], [[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]]
    >>> print(f"{dual_accuracy([0, 1], student, teacher, temperature=2.5, soft_weight=0.8):.6f}")
    0.371714
    """
    t, w = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(soft_weight)
    given = {"student": student, "teacher": teacher}
    y, (own, taught) = check_outputs(labels, given, max(1, t))
    hard, soft = _above(y, own), _soft_above(own, taught, t)
    return float((1 - w) * hard + w * soft + 1 / own.shape[1])


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """The four traces of equation (11), each with its weight; see `decomposition`.

    The first word names the labels, Y or P^_T, the second the predictions, at the temperature
    gamma or gamma T.
    """

    hard_cold: float
    hard_warm: float
    soft_cold: float
    soft_warm: float

    @property
    def terms(self) -> tuple[float, float, float, float]:
        """T^2 H_g, alpha T H_gT, alpha T H^_g and alpha^2 H^_gT over (T + alpha)^2."""
        return self.hard_cold, self.hard_warm, self.soft_cold, self.soft_warm

    @property
    def total(self) -> float:
        """Their sum: the trace of H of the dual labels and the dual outputs."""
        return sum(self.terms)


def decomposition(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    *,
    temperature: float,
    soft_weight: float,
    prediction_temperature: float,
) -> Decomposition:
    r"""Tr H of the dual model by labels and predictions: the four terms of equation (11).

    [T^2 H_g + alpha T (H_gT + H^_g) + alpha^2 H^_gT]/(T + alpha)^2 under the trace, with the
    predictions P_g = softmax(student/gamma) and P_gT = softmax(student/(gamma T)). Its total is
    the trace for labels (1-w) Y + w P^_T and outputs (1-w) P_g + w P_gT, and tends to
    `dual_accuracy` - 1/K as gamma -> 0.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    student, teacher : array, shape (N, K)
        Logits.
    temperature, soft_weight : float
        T in [1e-3, 1e6] and w = alpha/(T + alpha) in [0, 1].
    prediction_temperature : float
        gamma in [0, 1e6]; 0 puts all predictions on the largest logit.

    Raises
    ------
    ValueError
        For arrays and numbers outside these ranges, and for shapes that do not match.

    References
    ----------
    [darkknowledge2021]_, equation (11), which lacks the trace and the second cross term; exact.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5], [1.5, 1.0, -1.0]], [[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]]
    >>> parts = decomposition([0, 1], student, teacher, temperature=2.5, soft_weight=0.8,
    ...                       prediction_temperature=0.5)
    >>> print(*(f"{term:.6f}" for term in parts.terms), f"{parts.total:.6f}")
    0.005324 0.014107 0.001445 0.006277 0.027154
    """
    t, w = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(soft_weight)
    gamma = replace(COLD, name="prediction_temperature").number(prediction_temperature)
    used = max(1, t, gamma, gamma * t)
    y, (own, taught) = check_outputs(labels, {"student": student, "teacher": teacher}, used)
    soft, chance = Rows(taught, t), 1 / taught.shape[1]
    cold, warm = side(own, gamma), side(own, gamma * t)
    return Decomposition(
        hard_cold=(1 - w) ** 2 * (mean_overlap(y, cold) - chance),
        hard_warm=(1 - w) * w * (mean_overlap(y, warm) - chance),
        soft_cold=w * (1 - w) * (mean_overlap(cold, soft) - chance),
        soft_warm=w**2 * (mean_overlap(warm, soft) - chance),
    )


def gain_measured(
    labels: ArrayLike, student: ArrayLike, teacher: ArrayLike, temperature: float
) -> float:
    """g = h^/h: what the soft labels give at the student's answers, over its accuracy above 1/K.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    student, teacher : array, shape (N, K)
        Logits; the student is the one trained on hard labels.
    temperature : float
        T in [1e-3, 1e6].

    Raises
    ------
    ValueError
        Also for a student within two standard errors of chance, whose ratio means nothing.

    References
    ----------
    [darkknowledge2021]_, equation (12), whose definition of g is not public: our reading.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.arange(12) % 3
    >>> logits = 2.0 * np.eye(3)[labels]
    >>> print(f"{gain_measured(labels, logits, logits, temperature=2.5):.6f}")
    0.290032
    """
    t = TEMPERATURE.number(temperature)
    given = {"student": student, "teacher": teacher}
    y, (own, taught) = check_outputs(labels, given, max(1, t))
    above, (samples, classes) = _above(y, own), own.shape
    error = np.sqrt((1 - 1 / classes) / (classes * samples))
    if above <= NOISE * error:
        raise ValueError(
            f"student is right in {above + 1 / classes:.4g} of {samples} samples, not {NOISE:g} "
            f"standard errors ({NOISE * error:.2g}) above chance, 1/{classes} (wanted: h > 0, for "
            "g = h^/h); give a student that has learned something, or more samples"
        )
    return _soft_above(own, taught, t) / above
