"""The lottery model against golden values, enumeration and its limits.

Golden values: 30-digit mpmath evaluations of the formulas of Allen-Zhu & Li's lottery model, as
derived for this project and confirmed here by brute-force enumeration.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from mvtheory import coverage


def lotteries(views: int, networks: int):
    """Every outcome of the lottery of one class, all equally likely."""
    return itertools.product(range(views), repeat=networks)


def distinct_counts(views: int, networks: int) -> np.ndarray:
    return np.array([len(set(outcome)) for outcome in lotteries(views, networks)])


SIZES = [(1, 3), (2, 1), (2, 5), (3, 5), (4, 2), (4, 6)]


def test_golden_values():
    values = coverage.ensemble(views=3, networks=[1, 3, 5, 10])
    golden = [1 / 3, 19 / 27, 0.868312757201646, 0.982658470084167]
    np.testing.assert_allclose(values, golden, rtol=1e-14)
    law = coverage.distinct_views(views=3, networks=5)
    pmf = [0.0123456790123457, 0.370370370370370, 0.617283950617284]
    np.testing.assert_allclose(law.pmf([1, 2, 3]), pmf, rtol=1e-14)
    assert coverage.variance(views=3, networks=5, classes=10) == pytest.approx(
        0.002929770190858439601, rel=1e-14
    )
    assert coverage.ensemble_unequal(probabilities=[0.5, 0.3, 0.2], networks=5) == pytest.approx(
        0.824333333333333, rel=1e-14
    )
    assert coverage.shared_bias(views=3, networks=5, concentration=2) == pytest.approx(7 / 9)
    accuracy = coverage.accuracy(classes=10, views=3, networks=[1, 5], presence=0.7)
    np.testing.assert_allclose(accuracy, [0.73, 0.951666666666667], rtol=1e-14)
    assert coverage.full_coverage(views=3, networks=22, classes=100) == pytest.approx(
        0.960688382737, rel=1e-11
    )
    assert coverage.networks_for_full_coverage(views=3, classes=100, confidence=0.95) == 22


@pytest.mark.parametrize(("views", "networks"), SIZES)
def test_enumeration(views, networks):
    counts = distinct_counts(views, networks)
    given = {"views": views, "networks": networks}
    assert coverage.ensemble(**given) == pytest.approx(counts.mean() / views)
    assert coverage.variance(**given, classes=7) == pytest.approx(
        counts.var() / views**2 / 7, abs=1e-17
    )
    assert coverage.full_coverage(**given, classes=3) == pytest.approx(
        (counts == views).mean() ** 3
    )
    share = [(counts == j).mean() for j in range(views + 2)]
    pmf = coverage.distinct_views_pmf(**given, distinct=np.arange(views + 2))
    np.testing.assert_allclose(pmf, share, atol=1e-16)
    accuracy = np.mean(1 - 0.4**counts * (1 - 1 / 8))
    assert coverage.accuracy(**given, classes=8, presence=0.6) == pytest.approx(accuracy)


def test_unequal_views_by_enumeration():
    chances = np.array([0.6, 0.3, 0.1])
    mean = sum(
        np.prod(chances[list(outcome)]) * len(set(outcome)) / 3 for outcome in lotteries(3, 4)
    )
    value = coverage.ensemble_unequal(probabilities=chances, networks=4)
    assert value == pytest.approx(mean)
    assert value < coverage.ensemble(views=3, networks=4)
    uniform = coverage.ensemble_unequal(probabilities=[0.25] * 4, networks=[1, 7])
    np.testing.assert_allclose(uniform, coverage.ensemble(views=4, networks=[1, 7]), rtol=1e-14)
    assert coverage.ensemble_unequal(probabilities=chances, networks=1) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match=r"probabilities=\[0.6, 0.3\] .* their sum is 0.9,"):
        coverage.ensemble_unequal(probabilities=[0.6, 0.3], networks=2)


def test_distillation_and_self_distillation():
    teacher = coverage.ensemble(views=3, networks=4)
    assert coverage.distilled(views=3, networks=4, student_win=False) == teacher
    # Without being asked the student keeps its own win, as the claim that holds has it.
    assert coverage.distilled(views=2, networks=2) == 0.875
    own = coverage.distilled(views=3, networks=4)
    assert own == coverage.distilled(views=3, networks=4, student_win=True)
    assert coverage.distilled.exact(views=3, networks=4, student_win=True) == Fraction(211, 243)
    assert own == coverage.ensemble(views=3, networks=5)
    assert coverage.self_distilled(views=2) == 0.75
    assert coverage.self_distilled(views=5, rounds=0) == pytest.approx(1 / 5)
    # A student with its own win, taught by one network, is one round of self-distillation.
    assert coverage.self_distilled(views=5, rounds=1) == pytest.approx(
        coverage.distilled(views=5, networks=1, student_win=1)
    )


def test_the_distribution_of_distinct_views():
    law = coverage.distinct_views(views=4, networks=6)
    counts = distinct_counts(4, 6)
    assert law.support() == (1, 4)
    assert law.pmf(np.arange(6)).sum() == pytest.approx(1, rel=1e-14)
    np.testing.assert_allclose(law.cdf([0, 2, 4]), [0, (counts <= 2).mean(), 1], atol=1e-14)
    assert law.mean() == pytest.approx(counts.mean())
    assert law.var() == pytest.approx(counts.var())
    assert law.std() == pytest.approx(counts.std())
    sample = law.rvs(size=4000, random_state=np.random.default_rng(1))
    # Five standard deviations of the mean of 4000 draws.
    assert sample.mean() == pytest.approx(counts.mean(), abs=5 * counts.std() / 4000**0.5)
    assert law.rvs(size=(2, 3), random_state=0).shape == (2, 3)
    assert isinstance(int(law.rvs(random_state=np.random.RandomState(2))), int)
    # A law of 1000 values, whose mean is known in closed form.
    large = coverage.distinct_views(views=1000, networks=1500)
    drawn = large.rvs(size=2000, random_state=np.random.default_rng(4))
    assert drawn.mean() == pytest.approx(large.mean(), abs=5 * large.std() / 2000**0.5)
    assert drawn.var() == pytest.approx(large.var(), rel=5 * (2 / 2000) ** 0.5)
    few = coverage.distinct_views(views=10**12, networks=3).rvs(size=50, random_state=1)
    assert (few == 3).all()
    assert coverage.distinct_views(views=10**12, networks=5).mean() == pytest.approx(5)
    with pytest.raises(ValueError, match="views="):
        coverage.distinct_views(views=[2, 3], networks=3)
    with pytest.raises(ValueError, match="networks=0"):
        coverage.distinct_views(views=2, networks=0)


@pytest.mark.parametrize("views", [2, 3, 7, 100, 10**6])
def test_networks_for_coverage_inverts_the_ensemble(views):
    for networks in (1, 2, 3, 5, 10, 20):
        level = coverage.ensemble(views=views, networks=networks)
        if level < 1 - 1e-9:
            assert coverage.networks_for_coverage(views=views, coverage=level) == networks
            above = np.nextafter(level, 1)
            assert coverage.networks_for_coverage(views=views, coverage=above) == networks + 1


def test_networks_for_coverage_at_its_borders():
    needed = coverage.networks_for_coverage
    # mu 2^-N <= 0.001 mu first holds at N = 10.
    assert needed(views=2, coverage=0.999) == 10
    assert needed.exact(views=2, coverage="3/4") == 2
    assert needed.exact(views=2, coverage=Fraction(3, 4) + Fraction(1, 10**30)) == 3
    assert needed.exact(views=3, coverage="19/27") == 3
    assert needed.exact(views=2, coverage=Fraction(3, 4) + Fraction(1, 10**60)) == 3
    assert isinstance(needed(views=2, coverage=0.5), int)
    np.testing.assert_array_equal(needed(views=[2, 3], coverage=[[0.5], [0.9]]), [[1, 2], [4, 6]])
    large = needed(views=10**12, coverage=0.5)
    assert large == pytest.approx(np.log(2) * 1e12, rel=1e-9)
    assert needed(views=1, coverage=0.7) == 1
    for bad in (0.0, 1.0):
        with pytest.raises(ValueError, match=f"coverage={bad}"):
            needed(views=2, coverage=bad)


def test_full_coverage_thresholds_and_their_union_bound():
    for views, classes, confidence in [(2, 1, 0.5), (3, 100, 0.95), (5, 10, 0.999), (40, 3, 0.9)]:
        given = {"views": views, "classes": classes}
        networks = coverage.networks_for_full_coverage(**given, confidence=confidence)
        assert coverage.full_coverage(**given, networks=networks) >= confidence
        assert coverage.full_coverage(**given, networks=networks - 1) < confidence
        bound = coverage.networks_for_full_coverage_bound(**given, confidence=confidence)
        assert networks <= bound
        if confidence >= 0.9:  # the union bound is tight when misses are rare
            assert bound <= networks + 2
    assert coverage.full_coverage(views=5, networks=4, classes=1) == 0


@pytest.mark.parametrize(("views", "classes"), [(2, 2), (3, 1), (4, 1), (4, 8), (10, 6)])
def test_the_union_bound_decides_ties_exactly(views, classes):
    bound = coverage.networks_for_full_coverage_bound
    for networks in range(1, 60):
        missed = classes * views * Fraction(views - 1, views) ** networks
        if not 0 < missed < 1:
            continue
        # K M (1 - 1/M)^N = 1 - c: the quotient of logarithms is the whole number N.
        given = {"views": views, "classes": classes, "confidence": 1 - missed}
        assert bound.exact(**given) == networks
        assert bound.high_precision(**given, digits=15) == networks
        if Fraction(float(1 - missed)) == 1 - missed:
            assert bound(**given | {"confidence": float(1 - missed)}) == networks


def test_the_union_bound_is_not_rounded_down_onto_a_tie():
    bound = coverage.networks_for_full_coverage_bound
    # 2 / 2^N <= 1 - c holds at N = 1 for c = 0 alone.
    for evaluate in (bound, bound.exact, bound.high_precision):
        assert evaluate(views=2, classes=1, confidence=1e-200) == 2


def test_shared_bias_runs_from_one_network_to_independent_ones():
    given = {"views": 4, "networks": 9}
    apart = coverage.shared_bias(**given, concentration=1e12)
    assert apart == pytest.approx(coverage.ensemble(**given), rel=1e-10)
    assert coverage.shared_bias(**given, concentration=1e-12) == pytest.approx(1 / 4, rel=1e-9)
    # Polya's urn, two networks: the second draws the first's view with (a + 1) / (4a + 1).
    assert coverage.shared_bias(views=4, networks=2, concentration=0.5) == pytest.approx(
        (1 + (1 - 1.5 / 3)) / 4
    )
    values = coverage.shared_bias(**given, concentration=[0.1, 1.0, 10.0])
    assert (np.diff(values) > 0).all()


def test_error_follows_coverage():
    error = coverage.test_error(coverage=0.5, single_view_fraction=0.04, classes=10)
    assert error == pytest.approx(0.04 * 0.5 * 0.9)
    assert coverage.test_error(coverage=1, single_view_fraction=0.04, classes=10) == 0


@pytest.mark.parametrize(("views", "networks"), SIZES)
def test_the_majority_vote_by_enumeration(views, networks):
    """Networks that do not know view 0 all name one wrong class; a tie counts one half."""
    right = np.array([2 * outcome.count(0) for outcome in lotteries(views, networks)])
    share = (right > networks).mean() + (right == networks).mean() / 2
    assert coverage.majority_vote(views=views, networks=networks) == pytest.approx(share)


def test_votes_do_worse_than_averages():
    """Golden values: tails of the binomial law by hand, P(X > N/2) + P(X = N/2) / 2."""
    sizes = [5, 10, 20]
    exact = []
    for n in sizes:
        chance = [math.comb(n, i) * 2 ** (n - i) for i in range(n + 1)]
        exact.append(Fraction(2 * sum(chance[n // 2 + 1 :]) + (n % 2 == 0) * chance[n // 2],
                              2 * 3**n))  # fmt: skip
    votes = coverage.majority_vote(views=3, networks=sizes)
    np.testing.assert_allclose(votes, [float(x) for x in exact], rtol=1e-14)
    assert [f"{value:.3f}" for value in votes] == ["0.210", "0.145", "0.065"]
    assert coverage.majority_vote.exact(views=3, networks=20) == exact[-1]
    averages = coverage.ensemble(views=3, networks=sizes)
    assert [f"{value:.3f}" for value in averages] == ["0.868", "0.983", "1.000"]
    # An even number is worth one less; two views are a coin, however many are asked.
    for n in (4, 50):
        even, odd = coverage.majority_vote(views=5, networks=[n, n - 1])
        assert even == pytest.approx(odd, rel=1e-14)
    np.testing.assert_allclose(coverage.majority_vote(views=2, networks=[1, 2, 9]), 0.5)


def answers(guesses: str, views: int, classes: int):
    """Every pair of answers to a sample of class 0 that shows view 0, with its probability."""
    wins = range(views)
    for first, second in itertools.product(wins, repeat=2):
        for draw in itertools.product(range(classes), repeat=2):
            same = guesses == "common" or (guesses == "alike" and first == second)
            guess = draw[0], draw[0] if same else draw[1]
            said = [0 if view == 0 else g for view, g in zip((first, second), guess, strict=True)]
            yield *said, Fraction(1, (views * classes) ** 2)


@pytest.mark.parametrize(("views", "classes"), [(2, 2), (2, 5), (3, 4), (5, 3)])
@pytest.mark.parametrize("guesses", ["free", "common", "alike"])
def test_disagreement_over_error_by_enumeration(guesses, views, classes):
    """Guesses among all classes: free, one for all, or one for those that know the same view."""
    pairs = list(answers(guesses, views, classes))
    disagreement = sum(chance for one, other, chance in pairs if one != other)
    error = sum(chance for one, _, chance in pairs if one != 0)
    common = {"free": 0, "common": 1, "alike": Fraction(1, views - 1)}[guesses]
    ratio = coverage.disagreement_over_error.exact(views=views, common_guesses=common)
    assert ratio == disagreement / error
    limit = {"free": 1 + Fraction(1, views), "common": Fraction(2, views), "alike": 1}[guesses]
    assert ratio == limit


def test_every_file_of_the_package_exports_its_result():
    import pkgutil

    exported = {
        getattr(item, "name", name)
        for name in coverage.__all__
        for item in [getattr(coverage, name)]
    }
    assert len(coverage.__all__) >= len(list(pkgutil.iter_modules(coverage.__path__)))
    assert exported == set(coverage.__all__)
