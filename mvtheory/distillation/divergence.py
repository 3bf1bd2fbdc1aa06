"""Cross-entropy and divergences of rows of logits, without cancellation at any temperature."""

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
    teacher: Rows,
    student: Rows,
    temperature: float,
    first: int = 0,
    names: tuple[str, str] = ("teacher", "student"),
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
    names : pair of str
        What the two are called, for the error: turned round for the reverse divergence.

    Raises
    ------
    ValueError
        Where the first gives a probability to a class that the second masks by -inf.
    """
    q, x, _, power = _centred(teacher, student, temperature)
    bad = (np.isneginf(student) & (q > 0)).any(axis=1)
    if bad.any():
        one, other = names
        raise ValueError(
            f"{other}[{first + int(np.argmax(bad))}] masks a class by -inf to which the {one} "
            f"gives a probability (the divergence is infinite); mask it in the {one} too, or give "
            f"it a finite logit in the {other}"
        )
    return _normaliser(q, x, power)


def log_ratio(teacher: Rows, student: Rows, temperature: float) -> tuple[Rows, Rows, Rows]:
    """q = softmax(teacher/T), p = softmax(student/T) and x = log(p/q), shapes (N, K).

    x keeps its digits where p and q are nearly alike; it is 0 where both are masked, and infinite
    where one is.
    """
    q, x, log_q, power = _centred(teacher, student, temperature)
    normaliser = _normaliser(q, x, power)[:, None]
    log_p = power - normaliser
    near = (q > 0) & np.isfinite(log_p)
    apart = ~near & (log_p != log_q)  # where both are masked x stays 0
    x = np.where(near, x - normaliser, 0.0)
    x[apart] = log_p[apart] - log_q[apart]
    return q, np.exp(log_p), x


def log_mixture(rest: float, weight: float, x: Rows) -> Rows:
    """log(v + w e^x) for v + w = 1, both > 0, good to its last digits also near x = 0.

    With x = log(p/q) it is log(m/q), m = v q + w p. Both weights are given, since 1 - w may have
    lost its digits.
    """
    with np.errstate(over="ignore"):
        change = weight * np.expm1(np.minimum(x, LARGE))
        near = np.log1p(np.maximum(change, -0.5))
        found = np.logaddexp(np.log(rest), np.log(weight) + x)
    return np.asarray(np.where(np.abs(change) < 0.5, near, found))


def jensen_shannon(q: Rows, p: Rows, x: Rows, beta: float) -> Float[Floats, " samples"]:
    """beta KL(q || m) + (1 - beta) KL(p || m) of each row, m = beta q + (1 - beta) p, shape (N,).

    q, p and x are those of `log_ratio`. The term of each class is beta q s((1 - beta) (p/q - 1)) +
    (1 - beta) p s(beta (q/p - 1)) with s(t) = t - log(1 + t) >= 0: what s adds to the definition
    cancels within the class.
    """
    near = np.abs(x) <= 1
    close = np.where(near, x, 0.0)
    terms = beta * q * _surplus((1 - beta) * np.expm1(close))
    terms += (1 - beta) * p * _surplus(beta * np.expm1(-close))
    with np.errstate(invalid="ignore"):  # 0 times an infinite logarithm is 0 here
        far = -beta * np.where(q > 0, q * log_mixture(beta, 1 - beta, x), 0.0)
        far -= (1 - beta) * np.where(p > 0, p * log_mixture(1 - beta, beta, -x), 0.0)
    return np.asarray(np.where(near, terms, far).sum(axis=1))


def apart(student: Rows, teacher: Rows, first: int = 0) -> Rows:
    """Student less teacher, shape (N, K), 0 where both are masked.

    Raises
    ------
    ValueError
        For classes that one of them masks and the other does not.
    """
    hidden = np.isneginf(student)
    bad = (hidden != np.isneginf(teacher)).any(axis=1)
    if bad.any():
        raise ValueError(f"student[{first + int(np.argmax(bad))}] and the teacher mask different "
                         "classes by -inf (their distance is infinite); mask the same, or give "
                         "finite logits")  # fmt: skip
    return np.where(hidden, 0.0, student - np.where(hidden, 0.0, teacher))


def _centred(teacher: Rows, student: Rows, temperature: float) -> tuple[Rows, Rows, Rows, Rows]:
    """q = softmax(teacher/T), x = (student - teacher)/T less its mean under q, log q, log(q e^x).

    Of a class that either of them masks x says nothing; log(q e^x) is right there too.
    """
    place = np.arange(len(teacher)), teacher.argmax(axis=1)
    # A student that masks the teacher's first choice is measured from its own.
    own = np.where(np.isneginf(student[place]), student.max(axis=1), student[place])
    a, a_error = _less(teacher, teacher[place][:, None])
    b, b_error = _less(student, own[:, None])
    q = np.exp(a / temperature)
    size = q.sum(axis=1, keepdims=True)
    q /= size
    known = (q > 0) & ~np.isneginf(b)
    # Where both are nearly alike, their difference has its digits in the errors of the gaps.
    x = np.where(known, (b - a) + (b_error - a_error), 0.0) / temperature
    centre = (q * x).sum(axis=1, keepdims=True)
    log_q = a / temperature - np.log(size)
    return q, x - centre, log_q, b / temperature - np.log(size) - centre


def _normaliser(q: Rows, x: Rows, power: Rows) -> Float[Floats, " samples"]:
    """log sum q e^x of rows centred so that sum q x = 0, shape (N,)."""
    large = (q == 0) | np.isneginf(power) | (np.abs(x) > 1)
    terms = q * _second(np.where(large, 0, x))
    terms[large] = np.exp(power[large]) - q[large] * (1 + x[large])
    total = terms.sum(axis=1)
    far = (power.max(axis=1) > LARGE) | (total < -0.5)
    found = np.log1p(np.where(far, 0, total))
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


def _surplus(t: Rows) -> Rows:
    """t - log(1 + t), t > -0.7."""
    found = t * t * (1 / 2 - t * (1 / 3 - t * (1 / 4 - t * (1 / 5 - t * (1 / 6 - t / 7)))))
    large = np.abs(t) > SERIES
    found[large] = t[large] - np.log1p(t[large])
    return np.asarray(found)
