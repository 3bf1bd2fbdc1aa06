"""Shrinkage and cleaning against the truth, which simulations know."""

import numpy as np
import pytest

from mvtheory.measured import (
    clean,
    cleaned_covariance,
    denoised,
    shrink_singular_values,
    spectrum_of_covariance,
    spectrum_of_data,
)
from mvtheory.measured.cleaning import WAYS, _transformed


def losses(population, samples, count=8):
    """Squared distance to the truth of each way, and of the best possible, over the sample's."""
    n, total = population.size, dict.fromkeys([*WAYS, "oracle"], 0.0)
    for seed in range(count):
        data = np.random.default_rng([seed, n]).normal(size=(samples, n)) * np.sqrt(population)
        spectrum = spectrum_of_data(data, centre=False)
        _, vectors = np.linalg.eigh(spectrum.covariance())
        squares = vectors[:, ::-1] ** 2
        best = squares.T @ population
        for way, values in {**clean(spectrum, compare=False).eigenvalues, "oracle": best}.items():
            total[way] += np.sum(values**2) - 2 * values @ best + np.sum(population**2)
    return {way: loss / total["sample"] for way, loss in total.items()}


@pytest.mark.parametrize("samples", [200, 50])
def test_non_linear_ways_come_near_the_best_possible(samples):
    found = losses(np.repeat([1.0, 3.0, 10.0], [20, 40, 40]), samples)
    for way in ("non-linear", "rotationally invariant"):
        # Of what there is to gain 90 % at a hundred variables.
        assert 1 - found[way] > 0.9 * (1 - found["oracle"])


def test_few_spikes_are_best_shrunk_as_such():
    found = losses(np.append([30.0, 15.0, 8.0], np.ones(77)), 240)
    assert found["spiked"] < found["clipped"] < 1
    assert found["oracle"] < found["spiked"] == min(found[way] for way in WAYS)


def test_held_out_samples_choose_what_the_truth_would():
    data = np.random.default_rng(1).normal(size=(300, 80)) * np.repeat([1, 2], 40)
    found = clean(spectrum_of_data(data))
    truth = losses(np.repeat([1.0, 4.0], 40), 300, 4)
    assert found.best in ("non-linear", "rotationally invariant")
    for way in ("linear", "non-linear"):
        assert found.losses[way] < -3 * found.errors[way]
        assert truth[way] < 1


def test_the_kernel_is_continued_by_its_moments():
    x = np.array([99.9, 100.1])
    near, far = _transformed(x)
    assert near * x[0] == pytest.approx(far * x[1], rel=1e-5)
    node, weight = np.polynomial.legendre.leggauss(50)
    t = np.sqrt(5) * node
    kernel = 3 / (4 * np.sqrt(5)) * (1 - t**2 / 5)
    for place in (3.0, 30.0, 300.0):
        expected = np.sqrt(5) * weight @ (kernel / (t - place))
        assert _transformed(np.array([place]))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [(200, 80), (80, 200)])
def test_shrinkage_loses_what_it_expects_and_least_in_its_own_norm(shape):
    rng = np.random.default_rng(2)
    left, right = (np.linalg.qr(rng.normal(size=(k, 3)))[0] for k in shape)
    strengths = np.array([4.0, 3.0, 2.0]) * np.sqrt(max(shape))
    signal = left * strengths @ right.T
    errors = {loss: [] for loss in ("frobenius", "operator", "nuclear")}
    for _ in range(10):
        spectrum = spectrum_of_data(signal + rng.normal(size=shape), centre=False)
        for loss, found in errors.items():
            shrunk = shrink_singular_values(spectrum, 1.0, loss)
            assert shrunk.rank == 3
            assert shrunk.threshold < shrunk.hard_threshold < spectrum.eigenvalues[2] * max(shape)
            rest = np.linalg.svd(denoised(spectrum, shrunk) - signal, compute_uv=False)
            noise = spectrum.size * max(shape)
            found.append([np.sum(rest**2) / noise, rest.max(), rest.sum(), shrunk.expected_loss])
    means = {loss: np.mean(found, axis=0) for loss, found in errors.items()}
    for place, loss in enumerate(errors):
        assert means[loss][place] == min(mean[place] for mean in means.values())
    assert means["frobenius"][0] == pytest.approx(means["frobenius"][3], rel=0.1)


def test_what_does_not_vary_stays_0_and_a_matrix_is_enough():
    data = np.random.default_rng(3).normal(size=(100, 30))
    data[:, 5] = 2.0
    found = clean(spectrum_of_data(data))
    assert all(values.shape == (30,) and values[-1] == 0 for values in found.eigenvalues.values())
    spectrum = spectrum_of_covariance(np.cov(data.T), samples=100)
    matrix = cleaned_covariance(spectrum, "linear")
    assert matrix.shape == (30, 30)
    np.testing.assert_allclose(np.trace(matrix), np.trace(np.cov(data.T)))
    assert clean(spectrum).losses == {}
