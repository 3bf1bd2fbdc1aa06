"""Regression on random features: their mean kernel, the effective ridge, the law of the outputs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from mvtheory import features
from mvtheory.features import (
    FeatureRegression,
    Outputs,
    arc_cosine_diagonal,
    arc_cosine_kernel,
    degrees_of_freedom,
    effective_ridge,
)
from mvtheory.features.ridge import spare
from mvtheory.references import Source

SOURCES = {
    "arc_cosine_kernel": ["cho2009"],
    "effective_ridge": ["jacot2020"],
    "degrees_of_freedom": ["bach2024"],
    "FeatureRegression.outputs": ["jacot2020", "bach2024"],
}


@pytest.mark.parametrize("name", SOURCES)
def test_results_name_sources_of_the_bibliography(name):
    found = features
    for part in name.split("."):
        found = getattr(found, part)
    for key in SOURCES[name]:
        assert str(Source(key)) in found.__doc__


def samples(count, seed=0, patches=3, dimension=6):
    """Patches of which one in four is absent."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((count, patches, dimension))
    return drawn * (rng.random((count, patches, 1)) < 0.75)


def test_the_kernel_is_the_mean_over_random_features():
    """Against drawn features; a product of responses has a deviation of the kernel's own size."""
    x, count = samples(12), 40_000
    weights = np.random.default_rng(1).standard_normal((6, count))
    drawn = np.maximum(x @ weights, 0).sum(axis=1)
    products = drawn[:, None] * drawn[None]
    error = products.std(axis=2) / np.sqrt(count)
    assert (np.abs(products.mean(axis=2) - arc_cosine_kernel(x, x)) < 5 * error).all()


def test_the_kernel_bears_absent_patches():
    x = np.zeros((1, 2, 3))
    x[0, 0] = (0, 2, 0)
    # E ReLU(<w, x>)^2 = |x|^2 / 2.
    assert arc_cosine_kernel(x, x) == pytest.approx(2.0, rel=1e-14)


def test_the_kernel_of_samples_with_themselves_is_its_diagonal():
    x = samples(7, seed=3).astype(np.float32)
    kernel = arc_cosine_kernel(x, x)
    np.testing.assert_allclose(arc_cosine_diagonal(x), np.diag(kernel), rtol=1e-13)
    assert (kernel == kernel.T).all()
    # Half of it computed, or all.
    np.testing.assert_allclose(arc_cosine_kernel(x, x.copy()), kernel, rtol=1e-12)


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=20),
    st.integers(1, 60),
    st.floats(1e-6, 1e2),
)
def test_the_effective_ridge_solves_its_equation(eigenvalues, count, ridge):
    d = np.array(eigenvalues)
    k = effective_ridge(d, ridge, count)
    first, second = degrees_of_freedom(d, k)
    assert ridge <= k <= (ridge + d.sum() / count) * (1 + 1e-15)
    # Rounding of the sum, magnified by the slope, which is >= 1 relative to ridge / k.
    assert k * (1 - first / count) == pytest.approx(ridge, abs=1e-9 * k)
    assert 0 < second < min(count, len(d))
    assert second <= first
    fewer = effective_ridge(d, ridge, max(1, count // 2))
    assert fewer >= k * (1 - 1e-9)


def problem(rng, training=90, tests=120, classes=3):
    """Classes with mean patches of their own; kernel, labels and targets."""
    means = rng.standard_normal((classes, 2, 6))
    labels = np.arange(training + tests) % classes
    x = means[labels] + 0.8 * rng.standard_normal((training + tests, 2, 6))
    kernel = arc_cosine_kernel(x, x)
    targets = np.eye(classes)[labels[:training]] - 1 / classes
    law = FeatureRegression.of(
        kernel[:training, :training], kernel[training:, :training],
        np.diag(kernel)[training:], targets,
    )  # fmt: skip
    return law, kernel, labels[training:], targets


@pytest.mark.parametrize(("count", "ridge"), [(40, 0.2), (100, 0.2), (40, 1e-6), (150, 1e-6)])
@pytest.mark.parametrize("models", [1, 5])
def test_the_law_is_that_of_gaussian_features(count, ridge, models):
    """Against drawn Gaussian features of the same covariance, for which it is meant.

    The tolerance is 4 deviations of the mean over draws, and 2 / P for what is beyond the
    deterministic equivalent.
    """
    rng = np.random.default_rng(6)
    law, kernel, labels, targets = problem(rng)
    training, penalty = len(targets), ridge * law.scale
    root = np.linalg.cholesky(kernel + 1e-9 * np.eye(len(kernel)))
    shares = []
    for _ in range(60):
        outputs = []
        for _ in range(models):
            drawn = root @ rng.standard_normal((len(kernel), count)) / np.sqrt(count)
            known, new = drawn[:training], drawn[training:]
            square = known @ known.T + penalty * np.eye(training)
            outputs.append(new @ known.T @ np.linalg.solve(square, targets))
        shares.append((np.mean(outputs, axis=0).argmax(1) == labels).mean())
    predicted = law.outputs(count, penalty, models).share_right(labels)
    error = 4 * np.std(shares) / np.sqrt(60) + 2 / count
    assert np.mean(shares) == pytest.approx(predicted, abs=error)


def test_of_one_sample_the_variance_is_that_of_chi_squared():
    """There an output is X / (X + ridge) with P X chi-squared of P: both pairings count alike."""
    count, ridge = 3000, 0.8
    law = FeatureRegression.of([[1.0]], [[1.0]], [1.0], [[1.0]]).outputs(count, ridge)
    x = stats.chi2.ppf((np.arange(20_000) + 0.5) / 20_000, count) / count
    found = law.variance[0] * law.between[0, 0] + law.along[0, 0] ** 2
    assert found == pytest.approx(np.var(x / (x + ridge)), rel=10 / count)


@pytest.mark.parametrize(("count", "ridge"), [(40, 5.0), (40, 50.0), (100, 0.2)])
def test_the_variance_is_that_of_gaussian_features(count, ridge):
    """Over all samples and classes, to four deviations of it and 2 / P beyond the equivalent."""
    rng = np.random.default_rng(9)
    law, kernel, _, targets = problem(rng)
    training, penalty, draws = len(targets), ridge * law.scale, 1000
    root = np.linalg.cholesky(kernel + 1e-9 * np.eye(len(kernel)))
    outputs = []
    for _ in range(draws):
        drawn = root @ rng.standard_normal((len(kernel), count)) / np.sqrt(count)
        known, new = drawn[:training], drawn[training:]
        square = known @ known.T + penalty * np.eye(training)
        outputs.append(new @ known.T @ np.linalg.solve(square, targets))
    found = law.outputs(count, penalty)
    squares = ((np.array(outputs) - np.mean(outputs, axis=0)) ** 2).sum(axis=(1, 2))
    expected = found.variance.sum() * np.trace(found.between) + (found.along**2).sum()
    error = 4 * squares.std() / math.sqrt(draws) + 2 / count * expected
    assert squares.sum() / (draws - 1) == pytest.approx(expected, abs=error)


@pytest.mark.parametrize("ridge", [1e-4, 1e-12, 1e-30])
def test_as_many_features_as_samples_keep_their_digits(ridge):
    """Of equal eigenvalues 1: k^2 = ridge (1 + k), and P - df1 = P k / (1 + k)."""
    k = effective_ridge(np.ones(4), ridge, 4)
    assert k == pytest.approx((ridge + math.sqrt(ridge**2 + 4 * ridge)) / 2, rel=1e-14)
    first, second = spare(np.ones(4), k, 4)
    assert first == pytest.approx(4 * k / (1 + k), rel=1e-14)
    assert second == pytest.approx(4 * (1 - 1 / (1 + k) ** 2) if k > 1e-3 else 8 * k, rel=2e-3)


def test_equal_outputs_are_guesses():
    """Of a sample on which no feature answers."""
    law = FeatureRegression.of([[1.0, 0], [0, 1]], [[0.0, 0]], [0.0], [[1.0, 0], [0, 1]])
    assert [law.outputs(5, 1.0).share_right([label]) for label in (0, 1)] == [0.5, 0.5]


def test_many_features_are_the_kernel_and_many_models_their_mean():
    rng = np.random.default_rng(8)
    law, kernel, _, targets = problem(rng)
    plain = kernel[90:, :90] @ np.linalg.solve(kernel[:90, :90] + 0.7 * np.eye(90), targets)
    found = law.outputs(10**9, 0.7)
    # The effective ridge differs by df1 / P of itself, and the variance falls as 1 / P.
    np.testing.assert_allclose(found.mean, plain, atol=1e-6)
    one, five = law.outputs(30, 0.7), law.outputs(30, 0.7, models=5)
    np.testing.assert_array_equal(one.mean, five.mean)
    np.testing.assert_allclose(one.between, 5 * five.between, rtol=1e-14)
    np.testing.assert_allclose(one.along, np.sqrt(5) * five.along, rtol=1e-14)


def test_a_student_of_the_kernel_itself_learns_the_regression_twice():
    law, *_ = problem(np.random.default_rng(7))
    d, ridge = law.eigenvalues[:, None], 0.7
    np.testing.assert_allclose(
        law.student(10**9, ridge).targets, d / (d + ridge) * law.targets, rtol=1e-6
    )


def test_of_two_classes_the_share_right_is_gaussian():
    """Phi(difference / deviation), to four standard errors of the draws."""
    apart, tests = np.linspace(-1, 1.5, 4000), 4000
    law = Outputs(
        mean=np.stack([apart, np.zeros(tests)], axis=1),
        variance=np.linspace(0.5, 3, tests),
        between=np.array([[0.7, 0.2], [0.2, 0.3]]),
        along=np.outer(np.linspace(0, 1, tests), [0.9, -0.1]),
    )
    deviation = np.sqrt(law.variance * (0.7 + 0.3 - 2 * 0.2) + np.linspace(0, 1, tests) ** 2)
    stated = special.ndtr(apart / deviation).mean()
    labels = np.zeros(tests, dtype=int)
    assert law.share_right(labels) == pytest.approx(stated, abs=4 / (16 * math.sqrt(tests)))
    assert law.share_right(1 - labels) == pytest.approx(1 - law.share_right(labels), abs=1e-12)
