"""The spectrum of H against the laws it has if the outputs are as the theory takes them."""

from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.comparison import Comparison, compare, h_eigenvalues
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.low_rank import low_rank_eigenvalues
from mvtheory.distillation.matrices import COLD, Rows, Side, h_of_sides, largest, mean_overlap, side
from mvtheory.distillation.outputs import Logits, blocks, check_outputs
from mvtheory.distillation.wishart import (
    UNIFORM,
    fit_generalized_wishart,
    gram_of_rows,
    wishart_of_gram,
    wishart_of_sides,
)
from mvtheory.laws import AbstractLaw, ConfusionLaw, free_add
from mvtheory.shapes import ArrayLike, Float, Floats

Laws = dict[str, AbstractLaw]
Shares = list[tuple[float, Side]]
WIDE = 1.5
"""Eigenvalues that vary this many times as much as a law allows are said not to be sampling."""
WHOLE = 0.05
"""Relative rounding of N/K that a confusion law stands."""


@dataclass(frozen=True, kw_only=True)
class HSpectrum:
    """The K - 1 eigenvalues of K H orthogonal to the all-ones vector, beside their laws.

    `soft_weight` is None for the H of labels and student, else w of the dual model. `notes` say
    what stands against reading the comparison.
    """

    samples: int
    classes: int
    temperature: float
    soft_weight: float | None
    eigenvalues: Float[Floats, " eigenvalues"]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...]

    @property
    def aspect_ratio(self) -> float:
        """q = (K - 1)/N."""
        return (self.classes - 1) / self.samples

    @property
    def laws(self) -> dict[str, AbstractLaw]:
        """The laws by their names."""
        return {comparison.name: comparison.law for comparison in self.comparisons}


def h_spectrum(
    labels: ArrayLike,
    student_logits: ArrayLike,
    teacher_logits: ArrayLike | None = None,
    temperature: float = 1.0,
    soft_weight: float = 0.5,
    draws: int = 3,
    rng: np.random.Generator | int | None = 0,
) -> HSpectrum:
    r"""The spectrum of H of a student, or of the dual model, beside its laws.

    Without a teacher, H is that of the labels Y and P_T, and its laws are the generalised Wishart
    law of the rows, the one fitted to the eigenvalues and, at temperature 0, the confusion law
    (at few samples a class its `population_dynamics` is closer). The laws are those of samples
    from a population without structure: for N >> K, where the population's own confusion matrix
    dominates, none applies, and a note says so.

    With a teacher, H is that of Y_dual = (1-w) Y + w P^_T and P_dual = (1-w) P_1 + w P_T, that is
    (1-w) H(Y, P_dual) + w H(P^_T, P_dual). If all rows are Gaussian so are their sums, and K H
    has the one generalised Wishart law of the dual rows. If instead the two parts are free, K H
    has the free sum of their laws; its mean is the same, but its variance lacks
    q w (1-w) [c(Y, P^_T) v(P_dual) + c(Y, P_dual) c(P^_T, P_dual)], so freeness of the parts
    contradicts a teacher that knows the labels. Both laws are shown.

    Parameters
    ----------
    labels : array_like of int, shape (N,)
    student_logits, teacher_logits : array_like, shape (N, K)
        Logits, -inf for masked classes; no teacher for the H of the student. Where 2N < K - 1 no
        K x K matrix is made.
    temperature : float
        T: 0 (the largest output alone) or 1e-3 <= T <= 10^6.
    soft_weight : float
        w = alpha/(T + alpha) in [0, 1]; used with a teacher only.
    draws, rng
        As in `compare`.

    References
    ----------
    [darkknowledge2021]_, figure 1 and equation (11); the confusion law and the two readings: ours.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> labels = rng.integers(20, size=300)
    >>> logits = rng.normal(size=(300, 20)) + 2 * (np.arange(20) == labels[:, None])
    >>> result = h_spectrum(labels, logits, temperature=0.5)
    >>> print(result.eigenvalues.shape, *result.laws, sep=", ")
    (19,), generalised Wishart, generalised Wishart fitted
    """
    temperature = COLD.number(temperature)
    given = {"student_logits": student_logits}
    given |= {} if teacher_logits is None else {"teacher_logits": teacher_logits}
    y, (student, *others) = check_outputs(labels, given, max(1.0, temperature))
    shape = samples, classes = student.shape
    notes: list[str] = []
    laws: dict[str, AbstractLaw] = {}
    if not others:
        weight, p = None, side(student, temperature)
        targets: Shares = [(1.0, y)]
        predictions: Shares = [(1.0, p)]
        laws["generalised Wishart"] = wishart_of_sides(y, p, shape)
        if temperature == 0:
            laws |= _confusion(y, student, notes)
    else:
        weight, teacher = SOFT_WEIGHT.number(soft_weight), others[0]
        targets = [(1 - weight, y), (weight, side(teacher, temperature))]
        predictions = [(1 - weight, side(student, 1.0)), (weight, side(student, temperature))]
        laws |= _dual_laws(y, student, teacher, temperature, weight)
    values = _eigenvalues(targets, predictions, shape)
    if np.ptp(values) > 0:
        laws["generalised Wishart fitted"] = fit_generalized_wishart(values, samples)
    comparisons = compare(values, laws, draws, rng)
    ratio = comparisons[0].variance_ratio
    if ratio > WIDE:
        notes.append(
            f"the eigenvalues vary {ratio:.3g} times as much as the law of Gaussian rows allows, "
            f"with N/K = {samples / classes:.3g} samples a class: the population's confusion "
            "matrix shows, which no law here describes, or the rows are far from Gaussian"
        )
    return HSpectrum(
        samples=samples,
        classes=classes,
        temperature=temperature,
        soft_weight=weight,
        eigenvalues=values,
        comparisons=comparisons,
        notes=tuple(notes),
    )


def _eigenvalues(
    targets: Shares, predictions: Shares, shape: tuple[int, int]
) -> Float[Floats, " eigenvalues"]:
    """Eigenvalues of K H of mixed rows, orthogonal to the all-ones vector; sides by their shares.

    H has rank 2N at most, and is not needed where K is larger.
    """
    samples, classes = shape
    if 2 * samples < classes - 1:
        mixed = np.concatenate([_mixed(sides, shape) for sides in (targets, predictions)])
        half = np.eye(samples) * classes / (2 * samples)
        form = np.block([[0 * half, half], [half, 0 * half]])
        return low_rank_eigenvalues(mixed, form, size=classes - 1)
    matrix = np.zeros((classes, classes))
    for share, y in targets:
        for part, p in predictions:
            if share * part:
                matrix += share * part * h_of_sides(y, p, shape)
    return h_eigenvalues(matrix)


def _mixed(sides: Shares, shape: tuple[int, int]) -> Float[Floats, "samples classes"]:
    """Rows of the mixture, less 1/K."""
    found = np.full(shape, -1 / shape[1])
    for share, one in sides:
        if isinstance(one, Rows):
            for rows in blocks(*shape):
                found[rows] += share * one[rows]
        else:
            found[np.arange(len(one)), one] += share
    return found


def _confusion(y: Labels, student: Logits, notes: list[str]) -> Laws:
    """The law of one-hot predictions against one-hot labels, if N/K is nearly whole."""
    samples, classes = student.shape
    each = round(samples / classes)
    if abs(each - samples / classes) > WHOLE * samples / classes:
        notes.append(f"no confusion law: N/K = {samples / classes:.3g} is no whole number")
        return {}
    counts = np.bincount(y, minlength=classes)
    balanced = bool((counts == counts[0]).all())
    return {
        "confusion": ConfusionLaw(
            accuracy=mean_overlap(y, largest(student)), samples_per_class=each, balanced=balanced
        )
    }


def _dual_laws(y: Labels, student: Logits, teacher: Logits, t: float, w: float) -> Laws:
    """Both laws of the dual model: of Gaussian dual rows, and of free parts."""
    sides = [y, side(teacher, t), side(student, 1.0), side(student, t)]
    # Rows Y, P^_T, P_dual and Y_dual of those four.
    mix = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1 - w, w], [1 - w, w, 0, 0]])
    gram = mix @ gram_of_rows(sides, *student.shape) @ mix.T
    found: Laws = {"generalised Wishart": wishart_of_gram(gram, 3, 2, student.shape)}
    if 0 < w < 1 and gram[1, 1] > UNIFORM:
        parts = [wishart_of_gram(gram, row, 2, student.shape, f) for row, f in ((0, 1 - w), (1, w))]
        found["free sum of hard and soft part"] = free_add(*parts)
    return found
