"""The Poisson-Dirichlet law against many digits, other formulas and samples."""

import mpmath
import numpy as np
import pytest
from scipy import stats

from mvtheory.laws import poisson_dirichlet
from mvtheory.laws.poisson_dirichlet import PoissonDirichlet
from mvtheory.multiprecision import NoConvergence
from mvtheory.references import Source

DISCOUNTS = [1e-9, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1 - 1e-9]
# mpmath at 25 digits, from int exp(-l)/psi(l) dl with psi as an integral.
LARGEST = {0.25: 0.8212502196012875321738763, 0.5: 0.6265075987671754490806344}
# mpmath at 22 to 25 digits, from b int Psi/Phi ds with Phi and Psi as integrals over x; the
# integral of N/D in the docstring, at 25 digits, agrees to 20.
OVERLAPS = {
    (0.25, 0.5): 0.5947520466299241101497,
    (0.7, 0.8): 0.2426393847623101653541,
    (0.9, 0.95): 0.06926934589889240107186,
}
RNG_SEED = 20240501
# A right sampler fails one comparison in a million.
SIGMAS = 4.9


def close_to(expected: float, samples: np.ndarray, bias: float = 0.0) -> bool:
    """Whether the mean of the samples is within its standard error."""
    error = samples.std(ddof=1) / np.sqrt(samples.size)
    return abs(samples.mean() - expected) <= SIGMAS * error + bias


@pytest.mark.parametrize(("m", "value"), LARGEST.items())
def test_largest_mean_has_the_digits_of_mpmath(m, value):
    assert PoissonDirichlet(discount=m).largest_mean == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("m", DISCOUNTS)
def test_largest_mean_is_the_integral_of_an_inverse_hypergeometric_function(m):
    """exp(l) psi(l) = 1F1(1; 1-m; l)."""
    with mpmath.workdps(20):
        b = 1 - mpmath.mpf(m)
        cuts = [mpmath.log(b) - 50, -20, -8, -4, -2, 0, 1, 2, 3, 4, 5]
        expected = mpmath.quad(
            lambda u: mpmath.exp(u) / mpmath.hyp1f1(1, b, mpmath.exp(u)), sorted(cuts)
        )
    assert PoissonDirichlet(discount=m).largest_mean == pytest.approx(float(expected), rel=1e-14)


def test_largest_mean_at_its_limits():
    # psi = 1 + m int_0^1 (1 - exp(-l x)) dx/x + O(m^2), so E[w_1] = 1 - m log 2 + O(m^2).
    for m in (1e-6, 1e-8):
        deficit = 1 - PoissonDirichlet(discount=m).largest_mean
        assert deficit / m == pytest.approx(np.log(2), abs=m + 3e-16 / m)
    near_1 = [PoissonDirichlet(discount=1 - 10.0**-j).largest_mean for j in range(1, 16)]
    assert (np.diff(near_1) < 0).all()
    assert 0 < near_1[-1] < 1e-13


@pytest.mark.parametrize("m", DISCOUNTS)
def test_power_sum_has_the_digits_of_mpmath(m):
    k = np.array([m + 1e-4, 1, 1.5, 2, 3, 12.5, 19.99, 20, 20.01, 60, 170.5, 1e3, 1e6, 1e12, 1e15])
    with mpmath.workdps(60):
        expected = [
            float(mpmath.gammaprod([mpmath.mpf(x) - m], [x, 1 - mpmath.mpf(m)]))
            if x < 100
            else float(
                mpmath.exp(mpmath.loggamma(mpmath.mpf(x) - m) - mpmath.loggamma(x))
                / mpmath.gamma(1 - mpmath.mpf(m))
            )
            for x in map(float, k)
        ]
    # The gamma functions of scipy are good to a few units in the last place.
    np.testing.assert_allclose(PoissonDirichlet(discount=m).power_sum(k), expected, rtol=1e-14)


@pytest.mark.parametrize("m", DISCOUNTS)
def test_power_sum_of_one_and_two_weights(m):
    law = PoissonDirichlet(discount=m)
    assert law.power_sum(1) == pytest.approx(1, rel=1e-15)
    assert law.power_sum(2) == pytest.approx(1 - m, rel=2e-15)
    assert law.power_sum([[2, 3]]).shape == (1, 2)
    # sum w^2 <= w_1 <= (sum w^k)^(1/k)
    assert law.power_sum(2) <= law.largest_mean * (1 + 1e-14)
    assert law.largest_mean <= law.power_sum(200) ** (1 / 200)


@pytest.mark.parametrize("m", [0.3, 0.8])
def test_power_sum_is_a_moment_of_the_size_biased_pick(m):
    """A pick with the probabilities w is Beta(1-m, m), so the sum is its moment k-1."""
    for k in (1.2, 2, 5, 40):
        expected = stats.beta(1 - m, m).expect(lambda w, k=k: w ** (k - 1), epsabs=1e-12)
        # The quadrature meets an integrable singularity at both ends.
        assert PoissonDirichlet(discount=m).power_sum(k) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("pair", "value"), OVERLAPS.items())
def test_overlap_has_the_digits_of_mpmath(pair, value):
    one, two = (PoissonDirichlet(discount=m) for m in pair)
    assert one.overlap(two) == pytest.approx(value, rel=1e-13)
    assert one.overlap(two) == two.overlap(one)


@pytest.mark.parametrize("m", DISCOUNTS)
def test_overlap_at_its_limits(m):
    law = PoissonDirichlet(discount=m)
    # Equal temperatures: sum w^2.
    assert law.overlap(law) == pytest.approx(1 - m, rel=1e-13)
    # At temperature 0 all weight is on the largest.
    coldest = PoissonDirichlet(discount=1e-300)
    assert law.overlap(coldest) == pytest.approx(law.largest_mean, rel=1e-13)


def test_overlap_falls_with_either_discount():
    table = [
        [PoissonDirichlet(discount=a).overlap(PoissonDirichlet(discount=b)) for b in DISCOUNTS]
        for a in DISCOUNTS
    ]
    assert (np.diff(table, axis=0) < 0).all()


@pytest.mark.parametrize(("m1", "m2"), [(0.25, 0.5), (0.1, 0.6)])
def test_overlap_is_the_mean_over_common_points(m1, m2):
    points = np.random.default_rng(RNG_SEED).standard_exponential((20_000, 500)).cumsum(axis=1)
    one, two = (points ** (-1 / m) for m in (m1, m2))
    total = two.sum(axis=1) + points[:, -1] ** (1 - 1 / m2) * m2 / (1 - m2)
    samples = (one * two).sum(axis=1) / one.sum(axis=1) / total
    expected = PoissonDirichlet(discount=m1).overlap(PoissonDirichlet(discount=m2))
    # The replaced tail of 500 points moves the mean by the square of 1e-3 or less.
    assert close_to(expected, samples, bias=1e-6)


@pytest.mark.parametrize("m", [0.1, 0.5, 0.9])
def test_samples_have_the_law(m):
    law = PoissonDirichlet(discount=m)
    weights = law.rvs(4000, np.random.default_rng(RNG_SEED), count=50)
    assert weights.shape == (4000, 50)
    # Small discounts bring weights below the smallest double, where equality is allowed.
    assert (np.diff(weights) <= 0).all()
    assert (np.diff(weights)[weights[:, 1:] > 0] < 0).all()
    assert (weights.sum(axis=1) <= 1 + 1e-14).all()
    # The relative error of a row is 2e-3 at most, that of a mean its square.
    assert close_to(law.largest_mean, weights[:, 0], bias=1e-5)
    # What 50 weights leave: 50 w_50^4 (1 + ...) <= 50^-3.
    assert close_to(law.power_sum(4), (weights**4).sum(axis=1), bias=50.0**-3)
    # w_{i+1}/w_i = U^(1/(i m)): exact, whatever the tail is replaced by.
    for i in (1, 2, 5):
        ratio = (weights[:, i] / weights[:, i - 1]) ** (i * m)
        assert stats.kstest(ratio, "uniform").pvalue > 1e-6


def test_largest_of_broken_sticks_has_the_mean():
    """Another construction: sticks V_i ~ Beta(1-m, i m) in size-biased order."""
    m = 0.4
    rng = np.random.default_rng(RNG_SEED)
    left, largest = np.ones(20_000), np.zeros(20_000)
    for i in range(1, 200):
        stick = rng.beta(1 - m, i * m, size=left.size)
        largest = np.maximum(largest, left * stick)
        left *= 1 - stick
    # What is left after 200 sticks is below the largest.
    assert (left < largest).all()
    assert close_to(PoissonDirichlet(discount=m).largest_mean, largest)


def test_samples_follow_the_seed():
    law = PoissonDirichlet(discount=1e-3)
    one, two, three = law.rvs(600, 1, count=3), law.rvs(600, 1, count=3), law.rvs(600, 2, count=3)
    assert np.isfinite(one).all()
    assert (one == two).all()
    assert not (one == three).all()


def test_a_rule_too_coarse_is_an_error(monkeypatch):
    monkeypatch.setattr(poisson_dirichlet, "STEP", 0.5)
    law = PoissonDirichlet(discount=0.4)
    with pytest.raises(NoConvergence, match="largest_mean: the accuracy 1e-13 was not reached"):
        _ = law.largest_mean
    with pytest.raises(NoConvergence, match="overlap: the accuracy 1e-12 was not reached"):
        law.overlap(PoissonDirichlet(discount=0.6))


@pytest.mark.parametrize("bad", [0, 1, -0.5, 1.5, np.nan, np.inf, "half", [0.5, 0.6], None])
def test_discounts_that_are_refused(bad):
    with pytest.raises(ValueError, match=r"discount=.* is not allowed \(.* 0 < discount < 1\); "):
        PoissonDirichlet(discount=bad)


def test_arguments_that_are_refused():
    law = PoissonDirichlet(discount=0.25)
    for k in (0.25, 0.1, [1, 0.2]):
        with pytest.raises(ValueError, match=r"k=.* 0.25 < k < infinity\); .* the sum is infinite"):
            law.power_sum(k)
    for k in (-1, np.nan, np.inf, "one"):
        with pytest.raises(ValueError, match=r"k=.* is not allowed"):
            law.power_sum(k)
    with pytest.raises(ValueError, match=r"other=0.5 is not allowed .*give PoissonDirichlet\("):
        law.overlap(0.5)
    with pytest.raises(ValueError, match=r"size=0\.0 is not allowed"):
        law.rvs(0)
    with pytest.raises(ValueError, match=r"count=2.5 is not allowed .* round it"):
        law.rvs(1, count=2.5)


def test_its_source_is_in_the_bibliography():
    assert str(Source("pitman1997")) == "Pitman & Yor (1997)"
