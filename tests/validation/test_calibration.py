"""Simulated studies have the truth they are said to have; verdicts on them are those of a run."""

from dataclasses import replace

import by_hand
import numpy as np
import pytest
from scipy import stats

from validation import calibration, command
from validation.calibration import hashes, measuring
from validation.calibration.decided import CODES, decided
from validation.calibration.sources import scores
from validation.calibration.studied import EVERY, POSITIONS, PRECONDITION, Simulated, p_values
from validation.claims import CLAIMS, ensemble_coverage, votes
from validation.experiments.lottery.ideal import ideal
from validation.experiments.lottery.setting import settings
from validation.trial import plan as plans
from validation.trial.claim import Expectation, Sample
from validation.trial.design import power
from validation.trial.simulation import Few, Independent, Joined, Pool, at_looks, observed
from validation.trial.verdict import ALPHA, Case, level, sequential

LOOKS = (8, 12, 18)
RANGE = Expectation("p", "s", 1, 0.5, 0.46, 0.54, spread=0.03)
BOUND = Expectation("p", "s", 2, 0.5, 0.46, None, spread=0.03)
SHARE = Expectation("p", "s", 3, 0.95, 0.85, None, spread=0.04, trials=30)


def simulated(*expectations, requirements=(BOUND,), own=None, looks=LOOKS):
    count = len(expectations) + len(requirements)
    return Simulated(
        "own", looks, expectations, requirements, [0] * len(expectations), own or Independent(count)
    )


def deviations(share, number):
    """Four standard errors of a share."""
    return 4 * np.sqrt(share * (1 - share) / number) + 1e-9


def test_verdicts_of_many_studies_are_those_of_each():
    claim = simulated(RANGE, BOUND, SHARE)
    studies, alpha = 60, 0.2
    found = p_values(claim, studies, np.random.default_rng(1))
    _, drawn = next(claim.blocks(studies, np.random.default_rng(1)))
    every = claim.every
    # The truths of three of the scenarios, told by hand.
    turns = [(0, 0.46), (0, 0.54), (1, 0.46), (2, 0.85)]
    seen = set()
    for scenario in (0.0, 1.0, EVERY, PRECONDITION):
        codes, looks = decided(found[scenario], alpha)
        for study in range(studies):
            truths = [e.expected for e in every]
            place, end = turns[study % 4]
            if scenario == 1.0:
                truths[place] = end
            elif scenario == EVERY:
                truths[:3] = [(0.46, 0.54)[study % 2], 0.46, 0.85]
            elif scenario == PRECONDITION:
                truths[3] = 0.46
            values = [
                observed(e, truth, own[study : study + 1])[0]
                for e, truth, own in zip(every, truths, drawn, strict=True)
            ]

            def case_at(_, n, values=values):
                samples = [
                    Sample(own[:n], e.trials and e.trials * n)
                    for e, own in zip(every, values, strict=True)
                ]
                return Case(every[:3], samples[:3], every[3:], samples[3:])

            (decision,) = sequential([LOOKS], case_at, alpha)
            assert (CODES[codes[study]], looks[study]) == (decision.verdict, decision.look)
            seen.add(decision.verdict)
    assert len(seen) >= 3


def test_error_rates_and_power_of_a_normal_number_are_known():
    studies = 4000
    found = p_values(simulated(BOUND, requirements=()), studies, np.random.default_rng(2))
    # Student's test is exact: the first look errs with its level, all with no more than their sum.
    first = (found[1.0][0, 0] <= level(1)).mean()
    assert first == pytest.approx(level(1), abs=deviations(level(1), studies))
    codes, looks = decided(found[1.0], ALPHA)
    spent = sum(level(look) for look in (1, 2, 3))
    assert first <= (codes == 1).mean() <= spent + deviations(spent, studies)
    assert set(looks) == {1, 2, 3}
    planned = power(BOUND, LOOKS[0], 0.001)
    assert 0.05 < planned < 0.95
    seen = (found[0.0][0, 0] <= 0.001).mean()
    assert seen == pytest.approx(planned, abs=deviations(planned, studies))
    # The further out, the less is held and the more is refused.
    held, failed = (
        [(decided(found[position], ALPHA)[0] == code).mean() for position in POSITIONS]
        for code in (1, 2)
    )
    assert held == sorted(held, reverse=True)
    assert failed == sorted(failed)
    assert (held[0], failed[-1]) > (0.9, 0.5)
    # Without a precondition none can be missed.
    assert (found[PRECONDITION] == found[0.0]).all()


@pytest.mark.parametrize("truth", [0.5, 0.95, 0.995, 0.0, 1.0])
@pytest.mark.parametrize("spread", [0.02, (0.95 * 0.05 / 30) ** 0.5, 0.06, 0.0, 0.3])
def test_proportions_have_their_truth_and_spread(truth, spread):
    own = replace(SHARE, spread=spread)
    rng = np.random.default_rng(3)
    values = observed(own, truth, rng.standard_normal((500, 18)))
    assert values.min() >= 0
    assert values.max() <= 1
    # The spread is to that of one trial as where the truth is as predicted: at .95.
    expected = spread * np.sqrt(truth * (1 - truth) / (0.95 * 0.05))
    if truth == 0.995 or not spread:  # few failures are expected, or none foreseen: binomial
        assert np.allclose(values * 30 % 1 % (1 - 1e-9), 0, atol=1e-6)
        expected = np.sqrt(truth * (1 - truth) / 30)
    if spread == 0.3 and truth != 0.995:  # no proportion varies more than one trial
        expected = np.sqrt(truth * (1 - truth) / 30 * (1 + 29 * 0.9))
    assert values.mean() == pytest.approx(truth, abs=4 * expected / np.sqrt(values.size) + 1e-9)
    assert values.std() == pytest.approx(expected, rel=0.1)
    (sample,) = at_looks(own, values, [5])
    assert (sample.count, sample.trials) == (5, 150)
    agree = (values[:, :5] == values[:, :1]).all(axis=1)
    assert (sample.deviation[agree] == 0).all()
    assert (sample.deviation[~agree] > 0).all()
    assert sample.mean[7] == pytest.approx(values[7, :5].mean())


def test_scores_vary_together_as_replicates_do():
    rng = np.random.default_rng(5)
    shared = rng.standard_normal((12, 1))
    few = Few(np.hstack([shared, 2 * shared + 1, -shared, np.zeros((12, 1))]), "12 replicates")
    assert 0 <= few.shrinkage < 0.1
    drawn = few.draw(4000, 3, rng).reshape(-1, 4)
    expected = np.eye(4)
    expected[:3, :3] += (1 - few.shrinkage) * (np.outer([1, 1, -1], [1, 1, -1]) - np.eye(3))
    # A correlation of 12,000 draws is certain to .01.
    assert np.corrcoef(drawn.T) == pytest.approx(expected, abs=0.04)
    assert drawn.std(axis=0) == pytest.approx(1, abs=0.03)
    noise = Few(rng.standard_normal((8, 6)), "noise")
    assert noise.shrinkage > 0.3
    assert np.array_equal(noise.shaped(0, drawn), drawn)

    skewed = rng.exponential(size=(3000, 1))
    pool = Pool(np.hstack([skewed, -skewed, np.ones((3000, 1))]), "lottery")
    both = Joined([pool, Independent(2)], [3, 2])
    drawn = both.draw(3000, 2, rng).reshape(-1, 5)
    assert both.words == "lottery; independent draws"
    correlation = np.corrcoef(drawn.T)
    assert correlation[0, 1] == pytest.approx(-1, abs=1e-6)
    assert correlation[2:].max(axis=1) == pytest.approx(1)
    assert np.abs(correlation[2:, :2]).max() < 0.06
    shaped = both.shaped(0, drawn[:, 0])
    assert stats.skew(shaped) == pytest.approx(2, abs=0.5)
    assert (shaped.mean(), shaped.std()) == pytest.approx((0, 1), abs=0.08)
    assert np.array_equal(both.shaped(2, drawn[:, 2]), drawn[:, 2])
    assert np.array_equal(both.shaped(4, drawn[:, 4]), drawn[:, 4])
    with pytest.raises(IndexError):
        both.shaped(5, drawn[:, 4])


@pytest.mark.parametrize("setting", settings("quick"), ids=lambda s: s.label)
def test_the_lottery_is_that_of_the_predictions(setting):
    replicates = 600
    measured = ideal(setting, replicates, np.random.default_rng(6))
    for claim in (ensemble_coverage.ENSEMBLE_COVERAGE, votes.VOTES):
        for e, sample in zip(claim.expect(setting), claim.observe(measured), strict=True):
            assert sample.values.size == replicates
            error = sample.deviation / np.sqrt(replicates)
            assert sample.mean == pytest.approx(e.expected, abs=4 * error + 2e-3), e
            # What is planned for errs on the side of more.
            assert sample.deviation <= 1.15 * e.spread, e


def test_what_varies_together_is_known_from_somewhere():
    def source(name, kept):
        (own,) = plans.make([CLAIMS[name]], "quick", 0).claims
        return scores(CLAIMS[name], own, kept).words

    assert source("winner", {}) == "simulated lottery"
    assert source("self-distillation", {}) == "independent draws"
    rows = np.random.default_rng(0).random((6, 4)).tolist()
    assert source("self-distillation", {"self-distillation": rows}) == "6 trained replicates"
    for spoilt in (rows[:4], [row[:3] for row in rows]):
        assert source("self-distillation", {"self-distillation": spoilt}) == "independent draws"


@pytest.fixture
def two(monkeypatch):
    """Calibrations of two claims, which need no lottery."""
    own = [CLAIMS["dual-gradient"], CLAIMS["summed-views"]]
    monkeypatch.setattr(measuring, "of_preset", lambda preset: own)
    return own


def test_a_calibration_in_small(two, tmp_path, capsys):
    result = calibration.calibrate(400, seed=1)
    assert (
        [row.name for row in result.rows]
        == [claim.name for claim in two]
        == ["dual-gradient", "summed-views"]
    )
    assert calibration.failed(result) == []
    for row, claim in zip(result.rows, two, strict=True):
        assert [own.words for own in row.wrong] == [wrong.words for wrong in claim.wrong]
        assert all(own.counts == {"FAILS": 20} for own in row.wrong)
        assert row.first > 0.8 * 400
    # One alone has the numbers that it has among all.
    alone = calibration.calibrate(400, seed=1, names=["summed-views"])
    assert alone.rows == result.rows[1:]
    assert (len(result.whole), alone.whole) == (2, [])

    path = tmp_path / "calibration"
    calibration.write(path, result)
    assert calibration.read(path) == result
    assert calibration.stale(result) == []
    assert calibration.stale(alone) == ["dual-gradient"]
    assert calibration.merged(alone, calibration.calibrate(400, 1, ["dual-gradient"])) == result
    assert calibration.merged(replace(alone, seed=2), result) == result
    changed = replace(result, rows=[replace(result.rows[0], name="gone"), result.rows[1]])
    assert calibration.stale(changed) == ["dual-gradient", "gone"]

    # Trained replicates that the record does not know make what is drawn by them stale.
    assert calibration.stale(result, kept={"dual-gradient": [[0.0] * 8] * 5}) == ["dual-gradient"]

    # By the command only what is stale is measured again, and the record is as before.
    before = path.with_suffix(".json").read_text()
    calibration.write(path, alone)
    words = ["calibrate", "--studies", "400", "--seed", "1", "--record", str(path)]
    assert command.main(words) == 0
    assert path.with_suffix(".json").read_text() == before
    page = path.with_suffix(".md").read_text()
    assert "| any claim of a run, at most |" in page
    assert "| Lemma 2 of the loss as printed | 100.0 % |" in page
    assert "Wrong formulas" in capsys.readouterr().out


def test_what_is_not_as_it_should_be_is_said(two):
    result = calibration.calibrate(400, seed=1, names=["dual-gradient"])
    (row,) = result.rows
    wrong = replace(row.wrong[0], counts={"FAILS": 10, "HOLDS": 10}, real="HOLDS")
    many = {name: (60, 60, 60) for name in row.alone}
    few = row.strictest | {"0.0": (300, 0, 0)}
    spoilt = replace(row, alone=many, strictest=few, wrong=[wrong])
    said = calibration.failed(replace(result, rows=[spoilt]))
    assert len(said) == 6
    for words in (
        "false HOLDS in 60", "false FAILS in 60", "false OUTSIDE in 60", "HOLDS in 300 of 400",
        "FAILS in 10 of 20", "is HOLDS on trained networks",
    ):  # fmt: skip
        assert any(words in line for line in said), words
    # 60 of 400 are 15 %; the upper limit of a Poisson count of 60 is 74.4.
    assert calibration.worst(replace(result, rows=[spoilt])) == pytest.approx(74.39 / 400, abs=1e-4)


def test_a_record_is_of_what_it_depends_on():
    one = by_hand.planned(studies=(plans.Study(plans.Description("{}"), (RANGE,), (BOUND,)),))

    def other(**changes):
        expected = replace(RANGE, **changes)
        return replace(one, studies=(replace(one.studies[0], expectations=(expected,)),))

    same = hashes.hash_of(one, 5)
    assert same == hashes.hash_of(replace(one, statement="?"), 5)
    assert same == hashes.hash_of(other(low=0.46 + 1e-12), 5)  # another processor
    for changed in (
        hashes.hash_of(other(low=0.45), 5),
        hashes.hash_of(other(spread=0.031), 5),
        hashes.hash_of(replace(one, replicates=(6, 10)), 5),
        hashes.hash_of(one, 6),
    ):
        assert changed != same
    code = 'def f(x):\n    """Words."""\n    return x + 1  # more\n'
    assert hashes._meaning(code) == hashes._meaning("def f(x):\n    return (x + 1)\n")
    assert hashes._meaning(code) != hashes._meaning("def f(x):\n    return x + 2\n")
