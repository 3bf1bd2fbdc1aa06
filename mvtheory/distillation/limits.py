r"""Where the divergences of `losses` go at very large and very small temperatures.

With d = student - teacher, d~ = d less its mean over the K classes that are not masked:

- T -> infinity. p and q are 1/K + O(1/T), x = log(p/q) = d~/T + O(1/T^2), and every f-divergence
  is f''(1)/2 sum q x^2 to leading order. So T^2 D -> f''(1)/(2K) sum d~^2: half the mean squared
  error of centred logits, for forward and reverse (f'' = 1) alike, and beta (1 - beta) of it for
  jsd. The gradient of T^2 D goes to f''(1) d~/K. Without T^2 all of it vanishes as 1/T^2.
- T -> 0. q goes to the uniform distribution on the teacher's largest logits A, and
  -T log p_k = max(student) - student_k + O(T). So T KL(q || p) -> max(student) - mean of the
  student over A: forward alone is infinite like 1/T where the student's first choice is another,
  with T^2 it vanishes like T. Reverse is the same with the sides exchanged. jsd goes to that of
  the uniform distributions on both sides' largest logits: 0 where they agree, `exclusive_jsd`
  where they have none in common.
- T^2 mse is sum d^2 at every T, not centred: it sees what a softmax does not.
"""

from typing import Any

import numpy as np

from mvtheory.arguments import MIXING
from mvtheory.distillation.divergence import Rows, apart, jensen_shannon, log_ratio
from mvtheory.distillation.losses import Loss
from mvtheory.distillation.outputs import check_logits
from mvtheory.formula import Formula
from mvtheory.references import Source
from mvtheory.shapes import ArrayLike, Float, Floats


def _entropy(beta: Any) -> Any:
    import sympy

    return -beta * sympy.log(beta) - (1 - beta) * sympy.log(1 - beta)


GKD = Source("agarwal2024", "equation (1)")

jsd_curvature = Formula(
    name="jsd_curvature",
    summary="Weight of jsd(beta) near the teacher and at large temperatures, against KL.",
    symbol="f''(1)",
    quantity="second derivative of the divergence where student and teacher agree",
    arguments=(MIXING,),
    expression=lambda beta: beta * (1 - beta),
    well_conditioned=True,
    source=GKD,
    status="exact",
    notes=(
        "At most 1/4: at the same learning rate jsd trains at least four times as slowly as KL. "
        "Divided by it, jsd goes to the forward divergence for beta -> 0 and to the reverse one "
        "for beta -> 1."
    ),
)

exclusive_jsd = Formula(
    name="exclusive_jsd",
    summary="Largest jsd(beta): of a student and a teacher that exclude each other's answers.",
    symbol="D",
    quantity="divergence in nats",
    arguments=(MIXING,),
    expression=_entropy,
    stable=lambda beta: -beta * np.log(beta) - (1 - beta) * np.log1p(-beta),
    source=GKD,
    status="exact",
    notes="The entropy of beta; also the limit for T -> 0 where the first choices differ.",
)


def hot_divergence(
    student: ArrayLike, teacher: ArrayLike, divergence: str = "forward", beta: float | None = None
) -> Float[Floats, " samples"]:
    """Limit of T^2 D for T -> infinity on both sides, of each sample; see the module.

    Parameters
    ----------
    student, teacher : array, shape (N, K)
        Logits; -inf for masked classes, the same for both.
    divergence : str
        As of `Loss`.
    beta : float, optional
        In [1e-12, 1), for jsd.

    Raises
    ------
    ValueError
        As of `Loss`, and for classes that are masked on one side only, where it is infinite.

    References
    ----------
    [hinton2015]_, section 2.1, for forward, where logits are matched; the others: ours. Exact.

    Examples
    --------
    >>> print(hot_divergence([[1.0, 0.0, 0.5]], [[2.0, 1.0, -1.0]]).round(6))
    [0.694444]
    """
    own, other = _checked(student, teacher, divergence, beta)
    gaps, hidden = apart(own, other), np.isneginf(own)
    if divergence == "mse":
        return np.asarray((gaps**2).sum(axis=1))
    size = (~hidden).sum(axis=1)
    centred = np.where(hidden, 0.0, gaps - (gaps.sum(axis=1) / size)[:, None])
    curvature = 1.0 if beta is None else jsd_curvature(beta=beta)
    return np.asarray(curvature * (centred**2).sum(axis=1) / (2 * size))


def cold_divergence(
    student: ArrayLike, teacher: ArrayLike, divergence: str = "forward", beta: float | None = None
) -> Float[Floats, " samples"]:
    """Limit for T -> 0 of T D (forward, reverse), D (jsd) or T^2 D (mse), of each sample.

    Parameters
    ----------
    student, teacher, divergence, beta
        As of `hot_divergence`.

    Notes
    -----
    Ours; the jsd is that of [agarwal2024]_, equation (1). Exact.

    Examples
    --------
    >>> student, teacher = [[1.0, 0.0, 0.5]], [[0.0, 3.0, 1.0]]
    >>> print(cold_divergence(student, teacher), cold_divergence(student, teacher, "reverse"))
    [1.] [3.]
    >>> print(cold_divergence(student, teacher, "jsd", beta=0.5).round(6))
    [0.693147]
    """
    own, other = _checked(student, teacher, divergence, beta)
    if divergence == "mse":
        return hot_divergence(own, other, divergence)
    first, taught = (rows == rows.max(axis=1, keepdims=True) for rows in (own, other))
    if divergence == "jsd":
        even, own_even = (np.where(chosen, 0.0, -np.inf) for chosen in (taught, first))
        with np.errstate(invalid="ignore"):  # as everywhere where rows are masked
            return jensen_shannon(*log_ratio(even, own_even, 1.0), MIXING.number(beta))
    asked, answers = (taught, own) if divergence == "forward" else (first, other)
    hidden = (asked & np.isneginf(answers)).any(axis=1)
    if hidden.any():
        one, two = ("teacher", "student") if divergence == "forward" else ("student", "teacher")
        raise ValueError(f"{two}[{int(np.argmax(hidden))}] masks the first choice of the {one} by "
                         "-inf (T D is infinite); give it a finite logit")  # fmt: skip
    lost = np.where(asked, answers.max(axis=1, keepdims=True) - answers, 0.0)
    return np.asarray(lost.sum(axis=1) / asked.sum(axis=1))


def _checked(
    student: ArrayLike, teacher: ArrayLike, divergence: str, beta: float | None
) -> tuple[Rows, Rows]:
    """Student and teacher in float64, for a divergence that there is."""
    Loss(temperature=1, divergence=divergence, beta=beta)
    own = check_logits("student", student)
    other = check_logits("teacher", teacher, like=own.shape)
    return np.asarray(own, dtype=float), np.asarray(other, dtype=float)
