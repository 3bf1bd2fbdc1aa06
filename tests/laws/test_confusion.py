"""The confusion law: deformed semicircle and population dynamics."""

import numpy as np
import pytest
from scipy import stats

from mvtheory.laws import ConfusionLaw, DeformedSemicircle, Discrete, Semicircle, free_add
from mvtheory.laws.solvers.free_sum import FreeSum


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize(("accuracy", "samples"), [(0.6, 10), (0.9, 50), (0.01, 3), (0.35, 1)])
def test_mean_and_variance(accuracy, samples, balanced):
    """(1 - a)(1 + 2a)/(2n) and (1 + a)/(2n): counted from the matrix entries."""
    law = ConfusionLaw(accuracy=accuracy, samples_per_class=samples, balanced=balanced)
    a, n = accuracy, samples
    expected = (1 - a) * (1 + 2 * a) / (2 * n) if balanced else (1 + a) / (2 * n)
    assert law.moment(1) == pytest.approx(a, rel=1e-12)
    assert law.free_cumulant(2) == pytest.approx(expected, rel=1e-9)
    assert law.moment(2) == pytest.approx(expected + a * a, rel=1e-9)


def test_golden_variances():
    """n = 10, a = 0.6: .044 and .08."""
    assert ConfusionLaw(accuracy=0.6, samples_per_class=10).free_cumulant(2) == pytest.approx(0.044)
    law = ConfusionLaw(accuracy=0.6, samples_per_class=10, balanced=False)
    assert law.free_cumulant(2) == pytest.approx(0.08)


def test_ends_of_the_accuracy():
    none = ConfusionLaw(accuracy=0, samples_per_class=4)
    circle = Semicircle(variance=1 / 8)
    x = np.linspace(-0.7, 0.7, 11)
    assert none.pdf(x) == pytest.approx(circle.pdf(x), rel=1e-12)
    assert ConfusionLaw(accuracy=1, samples_per_class=4).atoms.tolist() == [1]
    poisson = ConfusionLaw(accuracy=1, samples_per_class=4, balanced=False)
    assert poisson.cdf(1.0) == pytest.approx(stats.poisson(4).cdf(4), rel=1e-12)


def test_the_deformed_semicircle_by_another_route():
    diagonal = Discrete(atoms=[-1, 0, 2], weights=[0.2, 0.5, 0.3])
    law = free_add(diagonal, Semicircle(variance=0.3))
    assert isinstance(law, DeformedSemicircle)
    other = FreeSum(terms=((diagonal, 1.0), (Semicircle(variance=0.3), 1.0)))
    edges, others = np.ravel(law.support), np.ravel(other.support)
    assert edges == pytest.approx(others, rel=1e-10)
    x = np.linspace(edges[0] + 0.01, edges[-1] - 0.01, 101)
    assert law.pdf(x) == pytest.approx(other.pdf(x), abs=1e-10)
    assert law.cdf(x) == pytest.approx(other.cdf(x), abs=1e-10)
    z = x + 0.2j
    assert law.cauchy(z) == pytest.approx(other.cauchy(z), rel=1e-11)
    assert law.potential(z) == pytest.approx(other.potential(z), rel=1e-11)


@pytest.mark.parametrize("balanced", [True, False])
def test_population_dynamics_meets_the_matrices(balanced):
    """Few samples, where the deformed semicircle is off: the tree is right at n = 4."""
    law = ConfusionLaw(accuracy=0.5, samples_per_class=4, balanced=balanced)
    rng = np.random.default_rng(3)
    z = np.array([0.1, 0.5, 1.1]) + 0.15j
    estimate, error = law.population_dynamics(z, rng, pool=4096, sweeps=40)
    matrices = [np.linalg.eigvalsh(law.matrix(500, rng))[:-1] for _ in range(8)]
    seen = np.array([np.mean(1 / (z[:, None] - values), axis=1) for values in matrices])
    spread = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    # Four deviations of both, and classes that are finite in number: of order 1/500.
    allowed = 4 * np.hypot(error, spread) + 2 / 500 * np.abs(estimate)
    assert (np.abs(estimate - seen.mean(axis=0)) < allowed).all()
    # A test that could fail tells the semicircle apart; with random labels they are too close.
    if balanced:
        assert (np.abs(law.cauchy(z) - estimate) > allowed).any()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"accuracy": 1.2, "samples_per_class": 3}, "accuracy"),
        ({"accuracy": 0.5, "samples_per_class": 0}, "samples_per_class"),
        ({"accuracy": 0.5, "samples_per_class": 2.5}, "samples_per_class"),
        ({"accuracy": 0.5, "samples_per_class": 2, "balanced": 3}, "balanced"),
    ],
)
def test_bad_parameters(fields, name):
    with pytest.raises(ValueError, match=name):
        ConfusionLaw(**fields)


def test_population_dynamics_needs_a_height():
    with pytest.raises(ValueError, match="Im z > 0"):
        ConfusionLaw(accuracy=0.5, samples_per_class=3).population_dynamics(0.5)
