"""Do the hypotheses of the random-matrix theory of distillation hold for these outputs?"""

from collections.abc import Callable, Sequence

import numpy as np

from mvtheory.distillation.association import Baselines, baselines
from mvtheory.distillation.class_means import (
    GROUPED,
    Measured,
    entries,
    frequencies,
    grouped,
    measure,
    spread,
)
from mvtheory.distillation.hypothesis import Diagnostic, judged
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.outputs import TEMPERATURE, Logits, check_outputs
from mvtheory.laws import PoissonDirichlet
from mvtheory.shapes import ArrayLike, Float, Floats, Int, Integers

CHANCE = 3.0
"""Standard errors by which an accuracy must differ to count as another."""
UNIFORM = 1e-20
"""Mean square norm of centred rows below which they are rounding."""
ONE_HOT = 1e-9
"""Discounts below which rows are one-hot."""
ROTATION = "rows are rotation invariant with Gaussian entries (Propositions 7, 8)"
RANKED = "ranked rows are Poisson-Dirichlet (Proposition 5)"


def diagnose(
    labels: ArrayLike,
    student: ArrayLike,
    teacher: ArrayLike,
    temperature: float | Sequence[float] = 1.0,
) -> list[Diagnostic]:
    r"""Measure each hypothesis of the theory on outputs: what holds, what does not, by how much.

    A hypothesis holds if the observed value is within 4 standard errors of the expected one, or
    within 2 percent. In this order, for student and teacher at each temperature:

    - the data: samples, classes, a teacher that is better than the most frequent class and than the
      student;
    - classes are alike: class frequencies, accuracy and P(label) by class, and the entries off
      the diagonal of the mean P by label differ no more than samples of one class do (an F ratio
      of expectation 1; equations (7), (8)), and the mean P by label has the participation number
      of a multiple of the identity;
    - rows are rotation invariant (Propositions 7, 8): |P - 1/K|^2 varies no more than
      sqrt(2/(K-1)) of its mean, and entries have kurtosis 3;
    - ranked rows are Poisson-Dirichlet (Proposition 5): with m from E[sum P_c^2] = 1 - m, the
      means of the largest and of sum P_c^3, and of sum P_c(T) P_c(1) for T != 1;
    - student and teacher are free given the labels: the gain
      g = (E[P^_T at the student's answer] - 1/K)/(accuracy - 1/K) is
      (K E[P^_T at the label] - 1)/(K - 1).

    What cannot be measured is left out: differences of classes with no class of 2 samples, rows
    that are uniform, the gain of a student at chance. So are the entries off the diagonal where
    the mean P by label would have more than GROUPED numbers (1 GiB for each network), and the
    diagnostic "mean P by label" then says so. Memory is at most a few times that of N/2 rows.

    Parameters
    ----------
    labels : array_like of int, shape (N,)
    student, teacher : array_like, shape (N, K)
        Logits on the same samples, -inf for masked classes; read in blocks of rows. K counts the
        classes that are not masked in every row of both.
    temperature : float or sequence of float
        T in [1e-3, 1e6].

    References
    ----------
    The hypotheses are those of [darkknowledge2021]_; the Poisson-Dirichlet values of
    [pitman1997]_; standard errors are asymptotic in N (our extension).

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> labels = rng.integers(10, size=4000)
    >>> right = 3 * np.eye(10)[labels]
    >>> student, teacher = right + rng.normal(size=(2, 4000, 10))
    >>> for found in diagnose(labels, student, teacher, temperature=2)[-2:]:
    ...     print(found.name, "holds" if found.holds else "does not hold")
    teacher's overlap of T = 2 and 1 does not hold
    gain at T = 2 holds
    """
    temperatures = _temperatures(temperature)
    y, (one, two) = check_outputs(
        labels, {"student": student, "teacher": teacher}, max(1.0, *temperatures)
    )
    return diagnostics_of(y, one, two, temperatures)


def diagnostics_of(
    y: Labels,
    student: Logits,
    teacher: Logits,
    temperatures: Sequence[float],
    labels: Int[Integers, " members"] | None = None,
) -> list[Diagnostic]:
    """`diagnose` of checked outputs; `labels` are all, if the outputs are of some samples."""
    every = y if labels is None else labels
    found: list[Diagnostic] = []
    for place, t in enumerate(temperatures):
        one = measure("student", student, y, t)
        two = measure("teacher", teacher, y, t, one.chosen)
        at = f" at T = {t:g}"
        if place == 0:
            found += [
                *_data(one, two, every),
                frequencies(every, one.classes),
                _label_kurtosis(one.classes),
                *_left_out(y, one.classes),
            ]
            for output in (one, two):
                right = (output.chosen == y).astype(float)
                found += spread(f"{output.name}'s accuracy by class", right, y, one.classes)
        for output in (one, two):
            found += entries(output, at)
            if output.second.mean() > UNIFORM:
                found += [*_rotation(output, at), *_ranked(output, at)]
        found += _gain(one, two, at)
    return found


def _temperatures(temperature: float | Sequence[float]) -> list[float]:
    if np.ndim(temperature) == 0:
        return [TEMPERATURE.number(temperature)]
    return list(dict.fromkeys(TEMPERATURE.check(temperature).ravel().tolist()))


def _data(
    student: Measured, teacher: Measured, every: Int[Integers, " members"]
) -> list[Diagnostic]:
    """What makes every other number doubtful."""
    y, classes = student.labels, student.classes
    empty = int(np.sum(np.bincount(every, minlength=classes) == 0))
    low, high = ((output.chosen == y).astype(float) for output in (student, teacher))
    paired = float((high - low).std() / np.sqrt(y.size))
    a, b = float(high.mean()), float(low.mean())
    return [
        Diagnostic(
            name="samples",
            hypothesis="at least as many samples as classes",
            observed=every.size,
            expected=classes,
            standard_error=0.0,
            holds=every.size >= classes,
            size=f"{every.size} samples of {classes} classes",
            of_data=True,
        ),
        Diagnostic(
            name="classes present",
            hypothesis="every class has a sample",
            observed=empty,
            expected=0,
            standard_error=0.0,
            holds=empty == 0,
            size=f"{empty} of {classes} classes without a sample",
            of_data=True,
        ),
        above_chance("teacher", baselines(y, teacher.chosen, classes)),
        Diagnostic(
            name="teacher above student",
            hypothesis="the teacher is not below the student",
            observed=a,
            expected=b,
            standard_error=paired,
            holds=a >= b - CHANCE * paired,
            size=f"accuracy {a:.4g} against {b:.4g}, standard error of the difference {paired:.2g}",
            of_data=True,
        ),
    ]


def above_chance(name: str, found: Baselines) -> Diagnostic:
    """Of a network: no better than one answer for all samples, it has learned little or nothing."""
    return Diagnostic(
        name=f"{name} above chance",
        hypothesis=f"the {name} is better than the most frequent class for all samples",
        observed=found.accuracy,
        expected=found.majority,
        standard_error=found.majority_error,
        holds=found.accuracy > found.majority + CHANCE * found.majority_error,
        size=f"accuracy {found.accuracy:.4g}, most frequent class {found.majority:.4g} with "
        f"standard error {found.majority_error:.2g}, independence of the labels "
        f"{found.independence:.4g}",
        of_data=True,
    )


def _left_out(y: Labels, classes: int) -> list[Diagnostic]:
    """What would take too much memory."""
    groups = len(grouped(y, classes)[0])
    if groups * classes <= GROUPED:
        return []
    return [
        Diagnostic(
            name="mean P by label",
            hypothesis=f"the mean P by label has at most {GROUPED} numbers",
            observed=groups * classes,
            expected=GROUPED,
            standard_error=0.0,
            holds=False,
            size=f"{groups} x {classes} numbers would take {8 * groups * classes / 2**30:.3g} GiB "
            "for each network: wrong classes and participation numbers are left out",
        )
    ]


def _label_kurtosis(classes: int) -> Diagnostic:
    """Of one-hot rows it is (K^2 - 3K + 3)/(K - 1), whatever the labels."""
    kurtosis = (classes * (classes - 3) + 3) / (classes - 1)
    return judged("labels' kurtosis", ROTATION, kurtosis, 3.0, 0.0)


def _rotation(output: Measured, at: str) -> list[Diagnostic]:
    """Square norms of the centred rows, and the kurtosis of their entries."""
    k, norm, fourth = output.classes, output.second, output.fourth
    level = float(norm.mean())
    unit = norm / level - 1
    variation = float(np.sqrt(np.mean(unit**2)))
    # The delta method: what one sample moves the ratio by.
    moved = unit**2 - variation**2 - 2 * variation**2 * unit
    error = _error(moved) / (2 * variation) if variation > 0 else 0.0
    kurtosis = float(k * fourth.mean() / level**2)
    return [
        judged(
            f"{output.name}'s norms{at}",
            "rows are concentrated: |P - 1/K|^2 varies by sqrt(2/(K-1)) of its mean or less",
            variation,
            np.sqrt(2 / (k - 1)),
            error,
            at_most=True,
        ),
        judged(
            f"{output.name}'s kurtosis{at}",
            ROTATION,
            kurtosis,
            3.0,
            _error(k * fourth / level**2 - 2 * kurtosis * norm / level),
        ),
    ]


def _ranked(output: Measured, at: str) -> list[Diagnostic]:
    """Functionals of the ranked rows where E[sum P^2] alone fixes the law."""
    k = output.classes
    squares = output.second + 1 / k
    discount = 1 - float(squares.mean())
    if discount < ONE_HOT:
        return [judged(f"{output.name}'s largest P{at}", RANKED, 1.0, 1.0, 0.0,
                       "rows are one-hot, the limit m = 0")]  # fmt: skip
    cubes = output.third + 3 * output.second / k + k**-2
    found = []
    functionals: tuple[tuple[str, Floats, Callable[[float], float]], ...] = (
        ("largest P", output.largest, lambda m: PoissonDirichlet(discount=m).largest_mean),
        ("sum P^3", cubes, lambda m: float(PoissonDirichlet(discount=m).power_sum(3))),
    )
    for name, seen, value in functionals:
        moved = seen + _slope(value, discount) * squares
        found.append(judged(f"{output.name}'s {name}{at}", f"{RANKED}, m = {discount:.4g}",
                            seen.mean(), value(discount), _error(moved)))  # fmt: skip
    if output.temperature != 1:
        found += _overlap(output, squares, discount)
    return found


def _overlap(output: Measured, squares: Float[Floats, " samples"], m: float) -> list[Diagnostic]:
    """E[sum P_T P_1], from the discounts at both temperatures."""
    other = 1 - float(output.plain.mean())
    if other < ONE_HOT:
        return []

    def value(a: float, b: float) -> float:
        return PoissonDirichlet(discount=a).overlap(PoissonDirichlet(discount=b))

    moved = output.overlap + _slope(lambda a: value(a, other), m) * squares
    moved += _slope(lambda b: value(m, b), other) * output.plain
    return [
        judged(
            f"{output.name}'s overlap of T = {output.temperature:g} and 1",
            f"{RANKED} at both temperatures, of the same points, m = {m:.4g} and {other:.4g}",
            output.overlap.mean(),
            value(m, other),
            _error(moved),
        )
    ]


def _gain(student: Measured, teacher: Measured, at: str) -> list[Diagnostic]:
    """The measured gain and the one of a teacher that is free of the student given the label."""
    chance = 1 / student.classes
    right = (student.chosen == student.labels) - chance
    soft, known = teacher.elsewhere - chance, (teacher.label - chance) / (1 - chance)
    base = float(right.mean())
    if base <= CHANCE * _error(right):
        return []
    gain, free = float(soft.mean()) / base, float(known.mean())
    ratio = f", {gain / free:.3g} times it" if free > CHANCE * _error(known) else ""
    error = _error((soft - gain * right) / base - known)
    return [judged(f"gain{at}", "student and teacher are free given the labels", gain, free, error,
                   f"g = {gain:.4g} against {free:.4g} for free ones{ratio}, standard error "
                   f"{error:.2g}")]  # fmt: skip


def _slope(function: Callable[[float], float], m: float) -> float:
    """The derivative at a discount, by central differences: good to 1e-6, for standard errors."""
    step = 1e-3 * min(m, 1 - m)
    return (function(m + step) - function(m - step)) / (2 * step)


def _error(values: Float[Floats, " samples"]) -> float:
    """Standard error of the mean."""
    return float(values.std() / np.sqrt(values.size))
