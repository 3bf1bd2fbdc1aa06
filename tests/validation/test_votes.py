"""The claim on votes: its laws, and that ideal lotteries meet its predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mvtheory import coverage
from validation.claims import votes
from validation.experiments import measure
from validation.experiments.lottery import setting as lottery
from validation.testing import check_claim
from validation.training import measure as measures
from validation.trial.claim import Measured


def test_the_claim_keeps_to_its_contract():
    check_claim(votes.VOTES)


@pytest.mark.parametrize("views", [2, 3, 7])
def test_laws_at_1_over_m_are_the_formulas(views):
    for size in (1, 2, 5, 10):
        given = {"views": views, "networks": size}
        assert votes.majority(1 / views, size) == pytest.approx(coverage.majority_vote(**given))
        assert votes.averaged(1 / views, size) == pytest.approx(coverage.ensemble(**given))
    for common in (0.0, 0.4, 1.0):
        ratio = coverage.disagreement_over_error(views=views, common_guesses=common)
        assert votes.apart(1 / views, common) == pytest.approx(ratio)


def ideal(setting, replicates, seed=0):
    """Tables of networks that know one view of each class and, with a decoy, name it otherwise.

    Without one they guess freely; a guess among so many classes that it is never right.
    """
    rng = np.random.default_rng(seed)
    data, networks = setting.data, setting.networks
    by_size, pairs = [], []
    for replicate in range(replicates):
        won = rng.integers(data.views, size=(networks, data.classes, 1))
        known = (won == np.arange(data.views)).reshape(networks, -1)
        labels = np.zeros(known.shape[1], dtype=int)
        for decoy, answers in (
            (setting.decoy, np.where(known, 0, 1)),
            (0.0, np.where(known, 0, 1 + np.arange(networks)[:, None])),
        ):
            for size in setting.ensemble_sizes:
                # A network that knows is surer than all others together.
                sure = np.stack([known, known == 0], axis=-1) * np.array([99, 1], np.float32)
                average = 1 - measures.ensemble_error(sure.astype(np.float32), labels, size)
                vote = measures.vote_share(answers, labels, size)
                row = {"replicate": replicate, "decoy": decoy, "size": size}
                by_size.append(row | {"vote": vote, "average": average})
            pairs.append(
                {
                    "replicate": replicate,
                    "decoy": decoy,
                    "disagreement": measures.disagreement(answers),
                    "error": 1 - known.mean(),
                }
            )
    tables = {"votes": pd.DataFrame(by_size), "pairs": pd.DataFrame(pairs)}
    return Measured(setting, replicates, tables)


@pytest.mark.parametrize("views", [2, 3])
def test_ideal_lotteries_meet_the_predictions_and_vary_as_predicted(views):
    (small,) = (s for s in lottery.settings("quick") if s.data.views == views)
    # No near-ties, no guesses.
    setting = replace(small, deviation=1e-9, sizes=votes.SIZES, repeats=10**9)
    samples = votes.observe(ideal(setting, 150))
    for e, sample in zip(votes.expect(setting), samples, strict=True):
        room = 4.5 * sample.deviation / 150**0.5
        assert sample.mean == pytest.approx(e.predicted, abs=room + 1e-9), e
        # Deviations of 150 and of 4,000 replicates: 6 % and 1 %.
        assert sample.deviation == pytest.approx(e.spread, rel=0.25, abs=1e-9), e


def test_votes_are_measured_without_a_change_of_anything_else():
    (smoke,) = lottery.settings("smoke")
    short = smoke.shortened(3)
    with_votes, without = (measure(replace(short, decoy=decoy), 4, 1) for decoy in (0.12, 0.0))
    assert {"votes", "pairs"} == with_votes.keys() - without.keys()
    for name, rows in without.items():
        assert rows == with_votes[name]
    by_decoy = {(row["decoy"], row["size"]): row for row in with_votes["votes"]}
    assert len(by_decoy) == 2 * len(short.ensemble_sizes)
    for row in with_votes["pairs"]:
        one = by_decoy[row["decoy"], 1]
        assert one["vote"] == pytest.approx(one["average"]) == pytest.approx(1 - row["error"])
    # View-only samples are those that coverage is measured on.
    chance = 1 / short.data.classes
    for row in with_votes["ensembles"]:
        right = by_decoy[0.0, row["size"]]["average"]
        assert row["coverage"] == pytest.approx((right - chance) / (1 - chance))
