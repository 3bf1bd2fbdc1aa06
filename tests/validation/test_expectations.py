"""Ranges are fixed by the theory, spreads too, and wrong formulas are refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mvtheory import coverage as theory
from validation.claims import CLAIMS, ensemble_coverage, single_view, winner
from validation.experiments import restore
from validation.experiments.lottery import setting as lottery
from validation.experiments.lottery.setting import settings
from validation.testing import check_claim
from validation.trial.claim import Expectation, Measured, paired_difference

QUICK = settings("quick")
STEPS = {"decided-early": 60}
"""Of training, where fewer would leave nothing to observe."""
UNDRAWN = {"ensemble-coverage", "ensemble-distillation", "hilbert-bounds"}
"""Claims with comparisons that stand in the report's table, and in none of its figures."""


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda c: c.name)
def test_claims_keep_their_contract(claim):
    """On every setting on which the claim is tried, and on small networks."""
    check_claim(claim, steps=STEPS.get(claim.name, 12))
    panels = {e.panel for setting in claim.settings("smoke") for e in claim.expect(setting)}
    assert (panels <= set(claim.panels)) == (claim.name not in UNDRAWN)


def test_settings_of_one_label_are_one_setting():
    """Whichever claims ask for them."""
    for preset in ("smoke", "quick", "standard", "full"):
        every = [setting for claim in CLAIMS.values() for setting in claim.settings(preset)]
        assert len(set(every)) == len({setting.label for setting in every})


def test_settings_of_unknown_experiments_are_not_restored():
    with pytest.raises(ValueError, match="experiment='chess' is not known"):
        restore(QUICK[0].describe() | {"experiment": "chess"})


def lottery_tables(setting, replicates, rng):
    """Ideal networks: each class of each draws one view, and the ensembles follow."""
    data, networks = setting.data, setting.networks
    rows = []
    for replicate in range(replicates):
        drawn = rng.integers(data.views, size=(networks, data.classes))
        for size in range(1, networks + 1):
            covered = []
            for view in range(data.views):
                knowing = (drawn == view).sum(axis=0)
                # Share of the subsets of that size in which somebody knows the view.
                none = [
                    np.prod([(networks - k - i) / (networks - i) for i in range(size)])
                    if networks - k >= size
                    else 0.0
                    for k in knowing
                ]
                covered.append(1 - np.array(none))
            rows.append({"replicate": replicate, "size": size, "coverage": np.mean(covered)})
    return pd.DataFrame(rows)


@pytest.mark.parametrize("setting", QUICK, ids=lambda s: s.label)
def test_spreads_are_those_of_simulated_lotteries(setting):
    """At infinite size (no near-ties): the variance bound is met, and is not far off."""
    replicates = 400
    table = lottery_tables(setting, replicates, np.random.default_rng(3))
    quiet = replace(setting, deviation=1e-9)
    seen = table.groupby("size")["coverage"].std()
    tails = table.groupby("size")["coverage"].apply(lambda values: values.kurt() + 3)
    for size in range(2, setting.networks + 1):
        bound = quiet.coverage_spread(size)
        # A deviation is known to sqrt((kurtosis - 1) / 4n), 3.5 % of a normal one; four of these.
        assert seen[size] <= bound * (1 + 2 * ((tails[size] - 1) / replicates) ** 0.5)
        if size <= 3:
            assert seen[size] >= bound * 0.7
    assert seen[1] == pytest.approx(0, abs=1e-12)
    means = table.groupby("size")["coverage"].mean()
    for size in (1, 2, 5):
        assert means[size] == pytest.approx(
            theory.ensemble(views=setting.data.views, networks=size),
            abs=4 * quiet.coverage_spread(size) / replicates**0.5 + 1e-12,
        )
    gain = paired_difference(table, "coverage", {"size": 2}, {"size": 1})
    assert gain.values.size == replicates
    assert gain.values.mean() == pytest.approx(means[2] - means[1])


def test_pairs_must_match():
    table = pd.DataFrame({"replicate": [0, 1, 0], "size": [1, 1, 2], "coverage": [0.5, 0.4, 0.8]})
    with pytest.raises(ValueError, match="do not pair"):
        paired_difference(table, "coverage", {"size": 2}, {"size": 1})


def test_observations_come_in_the_order_of_the_expectations(lottery_claims):
    setting = QUICK[0]
    table = lottery_tables(setting, 5, np.random.default_rng(0))
    networks = pd.DataFrame(
        {
            "replicate": np.repeat(np.arange(5), 2),
            "coverage": 0.5,
            "test_error": 0.02,
            "winner_right": 1.0,
            "training_accuracy": 0.99,
        }
    )
    data = pd.DataFrame({"replicate": np.arange(5), "view_overlap": 0.0})
    measured = Measured(setting, 5, {"ensembles": table, "networks": networks, "data": data})
    for claim in lottery_claims.values():
        for expect, observe in ((claim.expect, claim.observe), (claim.require, claim.check)):
            expectations, samples = expect(setting), observe(measured.first(4))
            for e, sample in zip(expectations, samples, strict=True):
                assert sample.values.size == 4
                assert sample.trials == (None if e.trials is None else 4 * e.trials)
    sizes = [e.x for e in ensemble_coverage.expect(setting)][:-1]
    for size, sample in zip(sizes, ensemble_coverage.observe(measured), strict=False):
        assert sample.values.mean() == table[table["size"] == size]["coverage"].mean()


def test_finite_size_predictions_move_as_the_growth_law_says():
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
    coverage, error = single_view.expect(QUICK[1])
    assert coverage.predicted == pytest.approx(1 / 3)
    assert coverage.low == pytest.approx(1 / 3 - 2 / 45)
    assert error.predicted == pytest.approx(0.06 * (2 / 3) * (1 - 1 / QUICK[1].data.classes))
    accuracy, _ = lottery.require(QUICK[1])
    assert accuracy.low == pytest.approx(1 - 0.06 * (2 / 3) / 2)
    (called,) = winner.expect(QUICK[1])
    assert called.low > 1 / 3  # guessing is refused


def test_an_expectation_needs_a_range():
    with pytest.raises(ValueError, match="low or high must be given"):
        Expectation("p", "s", 1, 0.5, None, None, 0.1)
    with pytest.raises(ValueError, match="is empty"):
        Expectation("p", "s", 1, 0.5, 0.6, 0.4, 0.1)
