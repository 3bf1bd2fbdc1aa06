"""The dual model: distillation as the plain training of other outputs on other labels.

Its labels mix hard and soft labels, its outputs the student's at temperatures 1 and T, both with
the soft weight w = alpha/(T + alpha); the logit gradient of the loss is their difference.
"""

import numpy as np

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.divergence import cross_entropy, divergence
from mvtheory.distillation.labels import Labels, check_labels
from mvtheory.distillation.outputs import (
    TEMPERATURE,
    Logits,
    blocks,
    check_answers,
    check_logits,
    softened,
    softmax,
)
from mvtheory.shapes import ArrayLike, Float, Floats


def loss(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    *,
    temperature: float,
    soft_weight: float,
) -> float:
    r"""Mean over the samples of (1-w) CE(Y, P_1) + w T KL(P^_T || P_T).

    That is T [CE(Y, P_1) + alpha KL(P^_T || P_T)]/(T + alpha): P_T = softmax(student/T),
    P^_T = softmax(teacher/T), Y the one-hot labels. Hinton's loss a_H CE + (1-a_H) T^2 KL is
    a_H + (1-a_H) T times as large, at w = `soft_weight(hard_weight=a_H, temperature=T)`.

    The relative error is below 1e-12 over the whole range of temperatures, for losses above 1e-290
    and gaps between logits whose quotients by T are numbers: both parts are sums of terms >= 0
    without cancellation, although KL is of order 1/T^2.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    student, teacher : array, shape (N, K)
        Logits: numpy arrays, memory maps or torch tensors; -inf for masked classes.
    temperature : float
        T in [1e-3, 1e6].
    soft_weight : float
        w in [0, 1].

    Raises
    ------
    ValueError
        For labels, logits or numbers outside these ranges, for shapes that do not match, and for
        classes masked in the student whose loss is infinite.

    References
    ----------
    [darkknowledge2021]_, equation (1), with the divergence turned round: as printed it is
    KL(P_T || P^_T), for which Lemma 2 is false.

    Examples
    --------
    >>> teacher, student = [[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]], [[1.0, 0.0, 0.5], [1.0, 1.5, -1.0]]
    >>> print(f"{loss([0, 1], student, teacher, temperature=2.5, soft_weight=0.8):.12f}")
    0.302459148032
    """
    given, taught, y, t, w = _checked(labels, student, teacher, temperature, soft_weight)
    if w < 1:
        check_answers(y, {"student": given})
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for rows in blocks(*given.shape):
            own = np.asarray(given[rows], dtype=float)
            if w < 1:
                total += (1 - w) * float(cross_entropy(own, y[rows]).sum())
            if w > 0:
                other = np.asarray(taught[rows], dtype=float)
                total += w * t * float(divergence(other, own, t, rows.start).sum())
    if not np.isfinite(total):
        raise ValueError("student, teacher hold logits too large for this temperature (gaps up to "
                         "1e300 times it); mend the network that has diverged")  # fmt: skip
    return total / len(y)


def dual_labels(
    labels: ArrayLike, teacher: ArrayLike, *, temperature: float, soft_weight: float
) -> Float[Floats, "samples classes"]:
    """Labels of the dual model, (1-w) Y + w P^_T, shape (N, K), float64.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    teacher : array, shape (N, K)
        Logits; -inf for masked classes.
    temperature : float
        T in [1e-3, 1e6].
    soft_weight : float
        w in [0, 1].

    References
    ----------
    [darkknowledge2021]_, equation (3), with the teacher's softmax in place of the printed
    student's, for which Lemma 2 is false.

    Examples
    --------
    >>> print(dual_labels([1], [[0.0, 3.0, 1.0]], temperature=2.5, soft_weight=0.8).round(4))
    [[0.1376 0.657  0.2053]]
    """
    taught = check_logits("teacher", teacher)
    y = check_labels(labels, taught.shape[1], len(taught))
    t, w = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(soft_weight)
    mixed = np.empty(taught.shape)
    for rows in blocks(*taught.shape):
        mixed[rows] = w * softmax(taught[rows], t)
    mixed[np.arange(len(y)), y] += 1 - w
    return mixed


def dual_outputs(
    student: ArrayLike, *, temperature: float, soft_weight: float
) -> Float[Floats, "samples classes"]:
    """Outputs of the dual model, (1-w) P_1 + w P_T, shape (N, K), float64.

    Parameters
    ----------
    student : array, shape (N, K)
        Logits; -inf for masked classes.
    temperature : float
        T in [1e-3, 1e6].
    soft_weight : float
        w in [0, 1].

    References
    ----------
    [darkknowledge2021]_, equation (4).

    Examples
    --------
    >>> print(dual_outputs([[1.0, 1.5, -1.0]], temperature=2.5, soft_weight=0.8).round(4))
    [[0.3714 0.4843 0.1443]]
    """
    given = check_logits("student", student)
    t, w = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(soft_weight)
    mixed = np.empty(given.shape)
    for rows in blocks(*given.shape):
        mixed[rows] = softened(given[rows], t, w)
    return mixed


def logit_gradient(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    *,
    temperature: float,
    soft_weight: float,
) -> Float[Floats, "samples classes"]:
    """Gradient of N times the loss in the student's logits, shape (N, K), float64.

    It is `dual_outputs` - `dual_labels`, as for a cross-entropy.

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
    [darkknowledge2021]_, Lemma 2; proved (the loss and the labels being as above).

    Examples
    --------
    >>> teacher, student = [[0.0, 3.0, 1.0]], [[1.0, 1.5, -1.0]]
    >>> print(logit_gradient([1], student, teacher, temperature=2.5, soft_weight=0.8).round(4))
    [[ 0.2337 -0.1727 -0.061 ]]
    """
    given, taught, *_ = _checked(labels, student, teacher, temperature, soft_weight)
    weights = {"temperature": temperature, "soft_weight": soft_weight}
    gradient = dual_outputs(given, **weights)
    gradient -= dual_labels(labels, taught, **weights)
    return gradient


def _checked(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    temperature: float,
    soft_weight: float,
) -> tuple[Logits, Logits, Labels, float, float]:
    """Student, teacher, labels, T and w, as arrays that belong together."""
    given = check_logits("student", student)
    taught = check_logits("teacher", teacher, like=given.shape)
    y = check_labels(labels, given.shape[1], len(given))
    return given, taught, y, TEMPERATURE.number(temperature), SOFT_WEIGHT.number(soft_weight)
