r"""Students of imperfect labels: the best surrogate of a target, and labels of a noisy classifier.

A student on a teacher's labels is a fit of a fit (`fit_ridge`). Here is what labels it should best
be given, and what hard labels of a classifier, which are no linear function of the inputs, teach.
"""

import math

import numpy as np

from mvtheory.arguments import RIDGE, Argument
from mvtheory.features.random_design import LinearModel
from mvtheory.features.ridge import effective_ridge, spare
from mvtheory.self_distillation.checks import check_count, check_number

FLIPPED = Argument(
    "flipped", "f", "share of labels turned round; turn the labels round if most are", 0, 0.5,
    high_open=True,
)  # fmt: skip


def best_surrogate(target: LinearModel, samples: int, ridge: float) -> LinearModel:
    r"""The linear model on whose labels a student comes closest to the target.

    s (s + k)/(s^2 + c k^2) times the target, c = df2/(n - df2), k the student's effective ridge:
    directions with s > c k are amplified, against the student's shrinkage, the others are shrunk,
    as what a student does not learn of them is noise to it.

    Parameters
    ----------
    target : LinearModel
        Known: its variance is not looked at.
    samples : int, >= 1
        n, of the student.
    ridge : float, > 0
        The student's, added to X'X/n.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: [ildiz2025]_ for a student without a ridge; with one: ours, from `fit_ridge`, whose risk
    is a quadratic function of each coefficient of what is taught. Noise of the labels does not
    change it.

    Examples
    --------
    >>> from mvtheory.features import LinearModel, fit_ridge
    >>> target = LinearModel.of([4.0, 1.0, 0.1, 0.1], [1.0, 1.0, 1.0, 1.0])
    >>> taught = best_surrogate(target, samples=6, ridge=0.1)
    >>> taught.mean.round(2)
    array([1.04, 1.16, 1.14, 1.14])
    >>> [round(fit_ridge(labels, 6, 0.1).risk(target), 3) for labels in (target, taught)]
    [0.16, 0.134]
    """
    s = target.eigenvalues
    k, factor = _learned(target, samples, ridge)
    return LinearModel.of(s, s * (s + k) / (s**2 + factor * k**2) * target.mean)


def capacity_gap(target: LinearModel, samples: int, ridge: float) -> float:
    r"""Slope of a student's risk in the ridge of its teacher, at a teacher that is perfect.

    2 sum b^2 k/(s + k) (s/(s + k) - c k/(s + k)), c and k as of `best_surrogate`: of a teacher that
    has seen everything, ridge t, coefficients s/(s + t) b. Negative where students do better with
    a worse teacher, the capacity gap: where most of the target lies in directions with s < c k.

    Parameters
    ----------
    target, samples, ridge
        As for `best_surrogate`.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: ours, after the capacity gap of [busbridge2025]_, who show one for kernel regressions
    of bounded norm; asymptotic.

    Examples
    --------
    >>> import numpy as np
    >>> from mvtheory.features import LinearModel
    >>> s = 1 / np.arange(1, 201)
    >>> target = LinearModel.of(s, np.ones(200))
    >>> [round(capacity_gap(target, samples=50, ridge=t), 1) for t in (0.01, 1.0)]
    [-54.3, 3.5]
    """
    s, b = target.eigenvalues, target.mean
    k, factor = _learned(target, samples, ridge)
    return 2 * float(np.sum(b**2 * k * (s - factor * k) / (s + k) ** 2))


def flipped_classes(separation: float, dimension: int, flipped: float) -> tuple[LinearModel, float]:
    r"""Two Gaussian classes with noisy labels, as a regression: its target and its deviation.

    Inputs y m e + z, z standard normal, y = 1 or -1 alike often; labels are y, a share f of them
    turned round. The target is (1 - 2f) m/(1 + m^2) e; in its direction inputs have the second
    moment 1 + m^2, in the others 1.

    Parameters
    ----------
    separation : float, > 0
        m, half the distance of the means, in deviations.
    dimension : int, >= 2
    flipped : float, 0 <= f < 1/2

    Returns
    -------
    LinearModel, float
        The first direction is that of the means. With `fit_ridge` of them a fit is a classifier;
        the deviation is that of labels from the target.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: the setting, [takanami2025]_; as a regression, ours: equivalents of ridge regression do
    not ask what is beside a linear target to be independent of the inputs (tested).

    Examples
    --------
    >>> from mvtheory.features import fit_ridge
    >>> target, deviation = flipped_classes(separation=1.5, dimension=100, flipped=0.2)
    >>> teacher = fit_ridge(target, samples=200, ridge=0.5, deviation=deviation)
    >>> round(two_class_accuracy(teacher, separation=1.5), 3)
    0.773
    """
    m = check_number("separation", separation, "half the distance of the means")
    size, share = check_count("dimension", dimension, 2), FLIPPED.number(flipped)
    s, b = np.ones(size), np.zeros(size)
    s[0], b[0] = 1 + m**2, (1 - 2 * share) * m / (1 + m**2)
    return LinearModel.of(s, b), math.sqrt(1 - s[0] * b[0] ** 2)


def two_class_accuracy(fit: LinearModel, separation: float) -> float:
    """Accuracy of the sign of a fit on two such classes: Phi(m w_1/|w|).

    Parameters
    ----------
    fit : LinearModel
        Of `flipped_classes`; in many dimensions, so that |w| varies little.
    separation : float, > 0
        m.

    Raises
    ------
    ValueError
        If `separation` is out of range.

    Notes
    -----
    Source: [takanami2025]_ for the setting; exact of given coefficients, asymptotic in the mean.

    Examples
    --------
    >>> from mvtheory.features import LinearModel
    >>> fit = LinearModel.of([2.0, 1.0], [0.8, 0.6])
    >>> round(two_class_accuracy(fit, separation=1.0), 4)  # Phi(0.8)
    0.7881
    """
    m = check_number("separation", separation, "half the distance of the means")
    return _phi(m * _cosine(fit)[0])


def hard_labels(teacher: LinearModel, separation: float) -> tuple[LinearModel, float]:
    r"""What a classifier's own hard labels of new inputs teach: target and deviation.

    With u = w/|w|, t = m u_1 and a = Phi(t) the teacher's accuracy, sign<w, x> has the linear part
    <b, x> with (1 + m^2) b_1 = m (2a - 1) + 2 phi(t) u_1 and b_j = 2 phi(t) u_j: as far as the
    teacher is right, phi(t) is small, and so is what it was wrong in.

    Parameters
    ----------
    teacher : LinearModel
        Of `flipped_classes`.
    separation : float, > 0
        m.

    Returns
    -------
    LinearModel, float
        For `fit_ridge`, as from `flipped_classes`; soft labels are `fit_ridge(teacher, ...)`.

    Raises
    ------
    ValueError
        If `separation` is out of range.

    Notes
    -----
    Source: that hard labels take noise off where soft ones do not, [takanami2025]_ by replicas, on
    the teacher's own inputs; this, for new ones: ours (Stein's lemma, asymptotic in the dimension).

    Examples
    --------
    A student of the hard labels, and one of the values themselves:

    >>> from mvtheory.features import fit_ridge
    >>> target, deviation = flipped_classes(separation=2.0, dimension=100, flipped=0.2)
    >>> teacher = fit_ridge(target, samples=200, ridge=0.5, deviation=deviation)
    >>> taught, beside = hard_labels(teacher, separation=2.0)
    >>> hard, soft = fit_ridge(taught, 2000, 0.1, beside), fit_ridge(teacher, 2000, 0.1)
    >>> [round(two_class_accuracy(fit, 2.0), 3) for fit in (teacher, hard, soft)]
    [0.831, 0.883, 0.846]
    """
    m = check_number("separation", separation, "half the distance of the means")
    along, length = _cosine(teacher)
    t = m * along
    density = 2 * math.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
    s = teacher.eigenvalues
    mean = density * teacher.mean / length / s
    mean[0] += m * (2 * _phi(t) - 1) / s[0]
    variance = (density / length / s) ** 2 * teacher.variance
    taught = LinearModel.of(s, mean, variance)
    return taught, math.sqrt(1 - float(s @ (mean**2 + variance)))


def _learned(target: LinearModel, samples: int, ridge: float) -> tuple[float, float]:
    """A student's effective ridge, and by what its noise counts of what it does not learn."""
    s, n = target.eigenvalues, check_count("samples", samples, 1)
    k = effective_ridge(s, RIDGE.number(ridge), n)
    return k, float(np.sum((s / (s + k)) ** 2)) / spare(s, k, n)[1]


def _cosine(fit: LinearModel) -> tuple[float, float]:
    """Of a fit with the direction of the means, and its length."""
    length = math.sqrt(float(np.sum(fit.mean**2 + fit.variance)))
    return float(fit.mean[0]) / length, length


def _phi(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2
