"""Laws of how many members are right, and the rescue by noise, against simulation."""

import numpy as np
import pytest
from scipy import optimize, stats

from mvtheory.ensembles.counts import fit_lottery, lottery_against_noise
from mvtheory.ensembles.noise import rescue_of_noise


def law(members: int, share: float, chance: float) -> np.ndarray:
    counts = share * stats.binom(members, chance).pmf(np.arange(members + 1))
    counts[-1] += 1 - share
    return counts


@pytest.mark.parametrize("members", [2, 3, 7])
@pytest.mark.parametrize(("share", "chance"), [(0.3, 0.5), (0.9, 0.1), (1.0, 0.4), (0.05, 0.95)])
def test_a_lottery_is_found_from_its_own_law(members, share, chance):
    found = fit_lottery(law(members, share, chance))
    np.testing.assert_allclose(found, (share, chance), rtol=1e-6)


@pytest.mark.parametrize("counts", [[5, 8, 3, 40], [20, 1, 1, 2], [3, 3, 30, 1], [0, 0, 9, 4]])
def test_the_fit_is_the_likeliest_lottery(counts):
    def misfit(logits):
        share, chance = 1 / (1 + np.exp(-logits))
        return -np.array(counts) @ np.log(np.maximum(law(3, share, chance), 1e-300))

    best = min(
        optimize.minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 4000}).fun
        for start in ([0.0, 0.0], [3.0, 1.0], [-1.0, 2.0])
    )
    own = -np.array(counts) @ np.log(np.maximum(law(3, *fit_lottery(counts)), 1e-300))
    assert own <= best + 1e-6


def test_nothing_to_fit():
    assert fit_lottery([0, 0, 0]) is None
    assert fit_lottery([4, 0, 9]) is None
    assert lottery_against_noise([[4, 4, 9]]) is None
    assert lottery_against_noise([[4, 0, 0, 9]]) is None


def test_counts_of_either_kind_are_told():
    """Both are certain to a false sign once in 10^4."""
    rng = np.random.default_rng(0)
    size, most = 20_000, 4
    knows = np.where(rng.random(size) < 0.4, rng.binomial(most, 0.4, size), most)
    smooth = rng.binomial(most, rng.beta(2, 0.6, size))
    lottery, noise = (
        lottery_against_noise([np.bincount(own, minlength=most + 1) for own in x.reshape(20, -1)])
        for x in (knows, smooth)
    )
    assert lottery > 3.7
    assert noise < -3.7


def test_samples_of_a_class_that_go_together_count_as_one():
    """A hundred samples of each class with one outcome: errors are ten times as large."""
    outcomes = np.repeat(np.arange(5), [9, 12, 8, 3, 40])
    together = 100.0 * np.eye(5)[outcomes]
    alone = lottery_against_noise(together.sum(axis=0)[None] / 100)
    assert lottery_against_noise(together) == pytest.approx(alone)
    shuffled = np.tile(together.sum(axis=0) / 100, (100, 1))  # every class has all outcomes
    assert lottery_against_noise(shuffled) == pytest.approx(10 * alone)


@pytest.mark.parametrize(
    ("mean", "between"), [(0.0, 1.0), (0.8, 0.3), (0.8, 2.0), (2.0, 0.7), (-1.0, 1.0)]
)
def test_the_rescue_of_gaussian_margins(mean, between):
    rng = np.random.default_rng(5)
    size = 400_000
    margins = mean + between * rng.normal(size=size) + rng.normal(size=(2, size))
    right = margins > 0
    one = right[0] != right[1]
    seen = (margins.sum(axis=0) > 0)[one].mean()
    expected = rescue_of_noise(right.mean(), right.all(axis=0).mean())
    # The rescue's own error, five of them, and what p and p_2 are off by: not more than it.
    assert expected == pytest.approx(seen, abs=10 * np.sqrt(seen * (1 - seen) / one.sum()))


def test_limits_of_the_rescue():
    assert rescue_of_noise(0.5, 0.3) == pytest.approx(0.5)
    # Whom noise alone parts are nearly always right, or nearly never.
    assert rescue_of_noise(0.999, 0.999**2) > 0.95
    assert rescue_of_noise(0.001, 0.001**2) < 0.05
    assert rescue_of_noise(0.8, 0.8 - 1e-9) == pytest.approx(0.5, abs=1e-6)
    for both in (0.61, 0.6, 0.5):  # less agreement than any two margins have, from .6 on
        assert 0.5 < rescue_of_noise(0.8, both) <= 1
