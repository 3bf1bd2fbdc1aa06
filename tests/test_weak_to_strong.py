"""Strong students of weak teachers: spectra on spheres, early stopping, and the exponents."""

import math

import numpy as np
import pytest
from scipy import integrate, linalg, optimize, special

from mvtheory.features import (
    LinearModel,
    arc_cosine_kernel,
    fit_ridge,
    relu_spectrum,
    ridge_student_exponent,
    stopped_descent,
)
from mvtheory.laws import MarchenkoPastur

DIRECTION = np.array([1.0, *np.zeros(3999)])


def harmonic(degree, dimension, cosine):
    """The Gegenbauer polynomial that is 1 at 1."""
    index = (dimension - 2) / 2
    ends = special.eval_gegenbauer(degree, index, [1.0])[0]
    return special.eval_gegenbauer(degree, index, cosine) / ends


@pytest.mark.parametrize("dimension", [3, 4, 9])
def test_eigenvalues_on_the_sphere_are_those_of_the_relu(dimension):
    """By Funk and Hecke: squares of the ReLU's mean with each harmonic."""
    degrees = [0, 1, 2, 4, 6, 8]
    values, counts = relu_spectrum(dimension, 8)

    def weight(t):
        return (1 - t * t) ** ((dimension - 3) / 2)

    whole = integrate.quad(weight, -1, 1)[0]
    for degree, value in zip(degrees, values, strict=True):
        found = integrate.quad(lambda t, n=degree: t * harmonic(n, dimension, t) * weight(t), 0, 1)
        assert value == pytest.approx((found[0] / whole) ** 2, rel=1e-7)
    odd = integrate.quad(lambda t: t * harmonic(3, dimension, t) * weight(t), 0, 1)[0]
    assert odd == pytest.approx(0, abs=1e-9)
    assert counts[1:3].tolist() == [dimension, (dimension + 2) * (dimension - 1) / 2]


def test_harmonics_add_up_to_the_kernel():
    """What degrees above 60 have left is below 60^-4 of each of them, summed, 1e-6."""
    dimension, most = 6, 60
    values, counts = relu_spectrum(dimension, most)
    rng = np.random.default_rng(0)
    points = rng.standard_normal((5, 1, dimension))
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    cosine = points[:, 0] @ points[:, 0].T
    degrees = [0, 1, *range(2, most + 1, 2)]
    summed = sum(
        value * count * harmonic(degree, dimension, cosine)
        for degree, value, count in zip(degrees, values, counts, strict=True)
    )
    # Normal inputs have d times the mean square of those on the unit sphere.
    assert summed == pytest.approx(arc_cosine_kernel(points, points) / dimension, abs=1e-6)
    # They fall as the degree to the power -(d + 2), counted from -(d - 2)/2; the next order is
    # the square of 1/degree.
    slope = math.log(values[-1] / values[-2]) / math.log(62 / 60)
    assert slope == pytest.approx(-(dimension + 2), rel=0.01)


def test_stopped_descent_is_gradient_flow_on_the_labels():
    """In features that are turned: the flow of weights, by a matrix exponential."""
    rng = np.random.default_rng(1)
    s, mean = np.array([3.0, 1.0, 0.2]), rng.standard_normal(3)
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    covariance = axes @ np.diag(s) @ axes.T
    weights = (np.eye(3) - linalg.expm(-0.7 * covariance)) @ axes @ mean
    found = stopped_descent(LinearModel.of(s, mean, [0.1, 0.2, 0.3]), time=0.7)
    assert axes.T @ weights == pytest.approx(found.mean, rel=1e-12)
    assert found.variance / [0.1, 0.2, 0.3] == pytest.approx((found.mean / mean) ** 2, rel=1e-12)


def students(spectrum, features):
    """Errors of a teacher, and of students stopped or regularised at their best."""
    target = LinearModel.of(spectrum, DIRECTION[: spectrum.size] / math.sqrt(spectrum[0]))
    law = MarchenkoPastur(aspect_ratio=spectrum.size / features)
    slight = 1e-4 * float(spectrum[features:].sum()) / features
    teacher = fit_ridge(target, 10**12, slight, sketch=law)

    def ridge(number):
        kept = spectrum / (spectrum + number)
        return LinearModel.of(spectrum, kept * teacher.mean, kept**2 * teacher.variance)

    def best(student, low, high):
        return optimize.minimize_scalar(
            lambda x: math.log(student(math.exp(x)).risk(target)),
            bounds=(math.log(low), math.log(high)), method="bounded",
        ).fun  # fmt: skip

    logarithm = best(lambda time: stopped_descent(teacher, time), 1, 100), best(ridge, 1e-7, 1)
    error = teacher.risk(target)
    # Its function has as much of the target as it does not miss: it is a projection.
    assert teacher.mean[0] * math.sqrt(spectrum[0]) == pytest.approx(1 - error, rel=1e-3)
    return math.log(error), *logarithm


def test_no_filter_of_a_teacher_does_better_than_its_square_and_stopping_comes_near():
    spectrum = 1 / np.arange(1.0, 4001) ** 1.5
    apart = []
    for features in (30, 100, 300):
        error, stopped, ridge = students(spectrum, features)
        assert 2 * error < stopped < ridge < error
        apart.append(stopped - 2 * error)
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < math.log(1.5)


@pytest.mark.parametrize(("decay", "features"), [(1.5, 1e12), (2.5, 1e6), (4.0, 1e4)])
def test_students_with_a_ridge_have_the_exponent_of_the_spectrum(decay, features):
    """Of equivalents in the continuum of directions, between so many features and four times more.

    What is left is k^((alpha - 1)/(3 alpha + 1)), which falls slowly: .01 of the slope here.
    """
    logarithms = np.linspace(0, 160, 40001)
    count = np.exp(logarithms) * logarithms[1]
    s = np.exp(-decay * logarithms)

    def errors(wanted):
        def excess(logarithm):
            return float(count @ (s / (s + math.exp(logarithm)))) - wanted

        k = math.exp(optimize.brentq(excess, -200, 3))
        missed, kept = k / (1 + k), s / (s + k)
        noise = count * kept * (1 - kept)
        noise *= missed * (1 - missed) / noise.sum()

        def student(logarithm):
            r = math.exp(logarithm)
            return math.log(((r + missed) / (1 + r)) ** 2 + float(noise @ (s / (s + r)) ** 2))

        best = optimize.minimize_scalar(
            student, bounds=(math.log(k), 0), method="bounded", options={"xatol": 1e-6}
        )
        return np.array([math.log(missed), best.fun])

    teacher, pupil = errors(4 * features) - errors(features)
    assert pupil / teacher == pytest.approx(ridge_student_exponent(decay=decay), abs=0.01)


def test_relu_features_of_many_dimensions_have_nearly_three_halves():
    by_dimension = {
        d: ridge_student_exponent.exact(decay=f"{d + 2}/{d - 1}") for d in (4, 8, 36, 37, 400)
    }
    for d, power in by_dimension.items():
        assert float(power) == pytest.approx(6 * (d + 1) / (4 * d + 5), rel=1e-15)
    assert by_dimension[36] < 1.49 < by_dimension[37] < by_dimension[400] < 1.5
