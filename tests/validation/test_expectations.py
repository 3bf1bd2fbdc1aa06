"""Ranges are fixed by the theory, and wrong formulas fall outside them."""

import math

import numpy as np
import pytest

from validation.claim import Verdict, compare
from validation.experiments import CLAIMS, ensemble_coverage, single_view, winner
from validation.experiments.lottery import settings

QUICK = settings("quick")


@pytest.mark.parametrize("setting", QUICK, ids=lambda s: s.label)
def test_ranges_hold_the_predictions(setting):
    for claim in CLAIMS.values():
        for e in claim.expect(setting):
            assert e.low <= e.predicted <= e.high
            assert e.finite_size is None or e.low < e.finite_size < e.high
            assert e.panel in claim.panels


@pytest.mark.parametrize("setting", QUICK, ids=lambda s: s.label)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda m, n: 1 - (1 - 1 / m) ** (n + 1),
        lambda m, n: 1 - (1 - 1 / m) ** (n - 1),
        lambda m, n: 1 - (1 - 1 / n) ** m if n > 1 else 1.0,
        lambda m, n: (1 / m) ** n,
        lambda m, n: 1 / m,
        lambda m, n: min(1.0, n / m),
        lambda m, n: 1 - (1 - 1 / m**2) ** n,
        lambda m, n: 1.0,
    ],
)
def test_an_ensemble_that_follows_another_formula_is_refused(setting, wrong):
    expectations = ensemble_coverage.expect(setting)
    rng = np.random.default_rng(0)
    verdicts = {
        compare(
            e,
            np.clip(wrong(setting.data.views, e.x) + 0.003 * rng.standard_normal(8), 0, 1),
            80,
            20,
        ).verdict
        for e in expectations
    }
    assert Verdict.FAILS in verdicts


def test_the_exact_band_is_the_law_of_the_mean_coverage():
    low, high = ensemble_coverage.exact_band(views=3, networks=4, lotteries=25)
    rng = np.random.default_rng(1)
    drawn = rng.integers(3, size=(20_000, 25, 4))
    distinct = sum((drawn == view).any(axis=2) for view in range(3))
    means = distinct.mean(axis=1) / 3
    inside = ((means >= low - 1e-12) & (means <= high + 1e-12)).mean()
    # At least 95 %; discreteness may add the two end points, each at most .06 likely.
    assert 0.95 - 5 * math.sqrt(0.05 * 0.95 / 20_000) <= inside <= 0.98


def test_finite_size_predictions_move_as_the_growth_law_says():
    from dataclasses import replace

    setting = QUICK[0]
    value = setting.finite_size_coverage()
    assert 0.5 < value < 0.55
    assert replace(setting, deviation=0.1).finite_size_coverage() > value
    assert replace(setting, power=6).finite_size_coverage() < value
    more = replace(setting.data, single_view_fraction=0.2)
    assert replace(setting, data=more).finite_size_coverage() > value
    quiet = replace(setting.data, feature_noise=0.0)
    assert replace(setting, data=quiet).upset() == 0
    assert 0 < setting.upset() < 0.02


def test_single_view_and_winner_expectations():
    coverage, accuracy, error = single_view.expect(QUICK[1])
    assert coverage.predicted == pytest.approx(1 / 3)
    assert coverage.low == pytest.approx(1 / 3 - 2 / 45)
    assert accuracy.low == pytest.approx(1 - 0.06 * (2 / 3) / 2)
    assert error.predicted == pytest.approx(0.06 * (2 / 3) * 0.9)
    (called,) = winner.expect(QUICK[1])
    assert called.low > 1 / 3  # guessing is refused
