"""Cross-entropy and divergence of rows of logits, without cancellation at any temperature."""

import numpy as np

from mvtheory.shapes import Float, Floats, Int, Integers

Rows = Float[Floats, "samples classes"]
SERIES = 0.01
"""Below it exp(x) - 1 - x is summed as a series: five terms are good to 4e-14 of it."""
LARGE = 50.0
"""Logarithm of the largest term from which the sum over classes is taken relative to it."""


def cross_entropy(logits: Rows, labels: Int[Integers, " samples"]) -> Float[Floats, " samples"]:
    """-log of the softmax at the label, shape (N,): good to its last digits where it is tiny."""
    place = np.arange(len(logits))
    top = logits.argmax(axis=1)
    gaps = logits - logits[place, top][:, None]
    others = np.exp(gaps)
    others[place, top] = 0
    return np.asarray(np.log1p(others.sum(axis=1)) - gaps[place, labels])


def divergence(
    teacher: Rows, student: Rows, temperature: float, first: int = 0
) -> Float[Floats, " samples"]:
    """KL(softmax(teacher/T) || softmax(student/T)) of each row, shape (N,).

    With q = softmax(teacher/T) and x = (student - teacher)/T less its mean under q,
    KL = log sum q e^x = log(1 + sum q (e^x - 1 - x)), a sum of terms >= 0.

    Parameters
    ----------
    teacher, student : array, shape (N, K)
        Logits, finite or -inf, not all -inf in a row.
    temperature : float
        T > 0.
    first : int
        Number of the first row, for the error.

    Raises
    ------
    ValueError
        Where the teacher gives a probability to a class that the student masks by -inf.
    """
    place = np.arange(len(teacher)), teacher.argmax(axis=1)
    a, a_error = _less(teacher, teacher[place][:, None])
    b, b_error = _less(student, student[place][:, None])
    q = np.exp(a / temperature)
    size = q.sum(axis=1, keepdims=True)
    q /= size
    bad = (np.isneginf(student) & (q > 0)).any(axis=1)
    if bad.any():
        raise ValueError(
            f"student[{first + int(np.argmax(bad))}] masks a class by -inf to which the teacher "
            "gives a probability (the divergence is infinite); mask it in the teacher too, or give "
            "it a finite logit in the student"
        )
    known = q > 0
    # Where both are nearly alike, their difference has its digits in the errors of the gaps.
    x = np.where(known, (b - a) + (b_error - a_error), 0.0) / temperature
    centre = (q * x).sum(axis=1, keepdims=True)
    x -= centre
    # Logarithm of q e^x, also where q underflows or is 0.
    power = b / temperature - np.log(size) - centre
    large = ~known | (np.abs(x) > 1)
    terms = q * _second(np.where(large, 0, x))
    terms[large] = np.exp(power[large]) - q[large] * (1 + x[large])
    found = np.log1p(terms.sum(axis=1))
    far = power.max(axis=1) > LARGE
    most = power[far].max(axis=1, keepdims=True)
    found[far] = most[:, 0] + np.log(np.exp(power[far] - most).sum(axis=1))
    return np.asarray(found)


def _less(rows: Rows, one: Float[Floats, "samples 1"]) -> tuple[Rows, Rows]:
    """Rows - one, rounded, and what rounding left out (0 where a row is -inf)."""
    gap = rows - one
    back = gap - rows
    error = (rows - (gap - back)) - (one + back)
    return gap, np.where(np.isfinite(gap), error, 0)


def _second(x: Rows) -> Rows:
    """exp(x) - 1 - x, |x| <= 1."""
    found = x * x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x / 720))))
    large = np.abs(x) > SERIES
    found[large] = np.expm1(x[large]) - x[large]
    return np.asarray(found)
