"""Ridge on random inputs, its sketches, ensembles, students and self-distillation, against draws.

Means over draws are held to four of their standard errors and, of a risk that is an equivalent at
n and p, to the part 4 / n of it that is beyond the equivalent.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from mvtheory.features import (
    LinearModel,
    degrees_of_freedom,
    distilled_risk,
    effective_ridge,
    fit_ridge,
    sketched_ridge,
)
from mvtheory.features.sketches import steepness
from mvtheory.laws import Discrete, FreeBessel, MarchenkoPastur
from mvtheory.self_distillation import mixed_filter

P, N, Q, NOISE, RIDGE = 60, 50, 24, 0.7, 0.03
SPECTRUM = 1 / np.arange(1, P + 1)
TARGET = LinearModel.of(SPECTRUM, np.random.default_rng(4).standard_normal(P))
GAUSSIAN = MarchenkoPastur(aspect_ratio=P / Q)
ORTHOGONAL = Discrete(atoms=[0, P / Q], weights=[1 - Q / P, Q / P])


def inputs(rng, count=N):
    return rng.standard_normal((count, P)) * np.sqrt(SPECTRUM)


def regression(x, y, ridge=RIDGE, sketch=None):
    t = np.eye(P) if sketch is None else sketch
    z = x @ t
    return t @ np.linalg.solve(z.T @ z / len(x) + ridge * np.eye(t.shape[1]), z.T @ y / len(x))


def drawn(rng, law):
    whole = rng.standard_normal((P, Q))
    return whole / math.sqrt(Q) if law is GAUSSIAN else np.linalg.qr(whole)[0] * math.sqrt(P / Q)


def hold(values, predicted, samples=N):
    error = 4 * np.std(values) / math.sqrt(len(values)) + 4 / samples * predicted
    assert np.mean(values) == pytest.approx(predicted, abs=error)


def missed(fit):
    return float(SPECTRUM @ (fit - TARGET.mean) ** 2)


def test_fits_sketches_averages_and_students_have_the_risk_of_the_law():
    rng, found = np.random.default_rng(1), {}
    for _ in range(400):
        x = inputs(rng)
        y = x @ TARGET.mean + NOISE * rng.standard_normal(N)
        for law in (None, GAUSSIAN, ORTHOGONAL):
            three = [regression(x, y, sketch=law and drawn(rng, law)) for _ in range(3)]
            new = inputs(rng, 80)
            taught = regression(new, new @ three[0], ridge=0.1)
            for kind, own in (("one", three[0]), ("average", np.mean(three, 0)), ("pupil", taught)):
                found.setdefault((law, kind), []).append(missed(own))
    for law in (None, GAUSSIAN, ORTHOGONAL):
        teacher = fit_ridge(TARGET, N, RIDGE, NOISE, law)
        hold(found[law, "one"], teacher.risk(TARGET))
        hold(found[law, "average"], fit_ridge(TARGET, N, RIDGE, NOISE, law, 3).risk(TARGET))
        hold(found[law, "pupil"], fit_ridge(teacher, 80, 0.1).risk(TARGET))


def test_each_coefficient_has_the_mean_and_the_variance_of_the_law():
    """The first ones by themselves, the others summed: four standard errors, and 4 / n."""
    rng = np.random.default_rng(2)
    fits = []
    for _ in range(1000):
        x = inputs(rng)
        fits.append(regression(x, x @ TARGET.mean + NOISE * rng.standard_normal(N)))
    law, fits = fit_ridge(TARGET, N, RIDGE, NOISE), np.array(fits)
    deviation = fits.std(axis=0)
    beyond = 4 / N * np.abs(TARGET.mean)
    assert (np.abs(fits.mean(axis=0) - law.mean) < 4 * deviation / math.sqrt(1000) + beyond).all()
    relative = 4 * math.sqrt(2 / 1000) + 8 / N
    np.testing.assert_allclose(deviation[:5] ** 2, law.variance[:5], rtol=relative)
    assert law.variance[5:].sum() == pytest.approx((deviation[5:] ** 2).sum(), rel=relative)


def test_one_fit_is_the_known_law():
    """(sigma^2 + k^2 sum b^2 s/(s + k)^2)/(1 - df2/n) - sigma^2, written by itself."""
    k = effective_ridge(SPECTRUM, RIDGE, N)
    _, second = degrees_of_freedom(SPECTRUM, k)
    lost = k**2 * np.sum(TARGET.mean**2 * SPECTRUM / (SPECTRUM + k) ** 2)
    fit = fit_ridge(TARGET, N, RIDGE, NOISE)
    assert fit.bias(TARGET) == pytest.approx(lost, rel=1e-12)
    whole = (lost + NOISE**2) / (1 - second / N) - NOISE**2
    assert fit.risk(TARGET) == pytest.approx(whole, rel=1e-12)


def test_next_to_no_ridge_at_as_many_samples_as_inputs():
    """n - df2 has no digits left there as a difference of doubles: all in 60 digits."""
    count, ridge = P, 1e-20
    with mp.workdps(60):
        s = [mpf(float(x)) for x in SPECTRUM]
        k = mpf(effective_ridge(SPECTRUM, ridge, count))
        for _ in range(20):
            first, second = (sum((x / (x + k)) ** n for x in s) for n in (1, 2))
            k -= (k * (count - first) - mpf(ridge) * count) / (count - second)
        terms = zip(s, map(float, TARGET.mean), strict=True)
        lost = sum(x * (k * mpf(b) / (x + k)) ** 2 for x, b in terms)
        exact = float((mpf(NOISE) ** 2 + lost) / (1 - second / count) - mpf(NOISE) ** 2)
    assert fit_ridge(TARGET, count, ridge, NOISE).risk(TARGET) == pytest.approx(exact, rel=1e-12)
    assert distilled_risk(TARGET, count, ridge, NOISE).teacher == pytest.approx(exact, rel=1e-12)


def test_a_gaussian_sketch_is_the_law_of_few_features():
    """Of a matrix, k (1 - df1/q) = ridge; q = 24 features of 60, which S must give back."""
    found = sketched_ridge(SPECTRUM, RIDGE, GAUSSIAN)
    assert found == pytest.approx(effective_ridge(SPECTRUM, RIDGE, Q), rel=1e-12)


def test_an_orthogonal_sketch_in_closed_form():
    """There S(y) = a (1 + y)/(a + y), a = q/p: k (1 - df1/q) = ridge (1 - df1/p)."""
    k = sketched_ridge(SPECTRUM, RIDGE, ORTHOGONAL)
    first, _ = degrees_of_freedom(SPECTRUM, k)
    assert k * (1 - first / Q) == pytest.approx(RIDGE * (1 - first / P), rel=1e-11)
    share = 0.2
    stated = (Q / P) * (1 - Q / P) / (Q / P - share) ** 2
    # The symmetric difference's own error.
    assert steepness(ORTHOGONAL, share) == pytest.approx(stated, rel=1e-8)


def test_no_sketch_is_a_sketch_by_the_unit():
    unit = Discrete(atoms=[1], weights=[1])
    plain, same = fit_ridge(TARGET, N, RIDGE, NOISE), fit_ridge(TARGET, N, RIDGE, NOISE, unit)
    np.testing.assert_allclose(same.mean, plain.mean, rtol=1e-12)
    # Its S is 1 throughout, a difference of which is rounding over the step.
    np.testing.assert_allclose(same.variance, plain.variance, rtol=1e-6)


@given(st.integers(2, 30), st.floats(1e-4, 10), st.integers(1, 60), st.integers(0, 10**6))
@settings(max_examples=25)
def test_the_ridge_of_a_sketch_solves_its_equation(size, ridge, samples, seed):
    rng = np.random.default_rng(seed)
    s = 10 ** rng.uniform(-2, 1, size)
    for law in (MarchenkoPastur(aspect_ratio=1.7), FreeBessel(power=2, rate=0.6)):
        k = sketched_ridge(s, ridge, law, samples)
        first, _ = degrees_of_freedom(s, k)
        left = k * (1 - first / samples)
        assert left == pytest.approx(ridge * law.s_transform(-first / size), abs=1e-8 * k)


def test_one_wide_model_and_many_narrow_ones():
    """Infinitely many are a kernel regression of a larger ridge; at the best ridge of either,
    one model of all the features is not worse (Ruben et al.), to the grid of ridges."""
    ridges = np.geomspace(1e-3, 3, 25)
    wide = MarchenkoPastur(aspect_ratio=P / (4 * Q))
    joint = min(fit_ridge(TARGET, N, r, NOISE, wide).risk(TARGET) for r in ridges)
    average = min(fit_ridge(TARGET, N, r, NOISE, GAUSSIAN, 4).risk(TARGET) for r in ridges)
    assert joint < average
    many = fit_ridge(TARGET, N, RIDGE, NOISE, GAUSSIAN, 10**6)
    k = sketched_ridge(SPECTRUM, RIDGE, GAUSSIAN, N)
    first, _ = degrees_of_freedom(SPECTRUM, k)
    kernel = fit_ridge(TARGET, N, k * (1 - first / N), NOISE)
    assert many.risk(TARGET) == pytest.approx(kernel.risk(TARGET), rel=1e-5)


@pytest.mark.parametrize("factor", [1 / 30, 1, 30])
def test_self_distillation_is_a_step_along_the_path(factor):
    """Slope and curvature, by differences of the law and by students that are trained."""
    ridge, step = RIDGE * factor, 1e-4
    law = distilled_risk(TARGET, N, ridge, NOISE)
    ends = [fit_ridge(TARGET, N, ridge * (1 + t), NOISE).risk(TARGET) for t in (-step, step)]
    scale = math.sqrt(law.curvature * law.teacher)
    assert law.teacher == pytest.approx(fit_ridge(TARGET, N, ridge, NOISE).risk(TARGET), rel=1e-12)
    assert law.slope == pytest.approx((ends[1] - ends[0]) / (4 * step), abs=1e-6 * scale)
    assert math.copysign(1, law.mixing) == -math.copysign(1, law.slope)
    rng, risks = np.random.default_rng(3), []
    for _ in range(200):
        x = inputs(rng)
        y = x @ TARGET.mean + NOISE * rng.standard_normal(N)
        teacher = regression(x, y, ridge)
        student = regression(x, (1 - law.mixing) * y + law.mixing * (x @ teacher), ridge)
        risks.append((missed(teacher), missed(student)))
    for found, mixing in zip(np.transpose(risks), (0.0, law.mixing), strict=True):
        hold(found, law.risk(mixing), N / 2)
    assert law.risk(law.mixing) == pytest.approx(law.teacher - law.gain, rel=1e-10)


def test_a_student_of_the_path_is_the_mixed_filter():
    """f + xi lambda df/dlambda, in the eigenbasis of a fixed design."""
    s, penalty, mixing, step = np.array([9.0, 2.0, 0.1]), 0.8, -1.7, 1e-5
    moved = [mixed_filter(s, penalty * (1 + t), []) for t in (-step, step)]
    stepped = mixed_filter(s, penalty, []) + mixing * (moved[1] - moved[0]) / (2 * step)
    np.testing.assert_allclose(mixed_filter(s, penalty, mixing), stepped, rtol=1e-9)
