"""Networks that predict ensembles of others, and the three claims about them."""

import json
import math
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from mvtheory.ensembles import brier_of_ensemble
from validation.claims import CLAIMS
from validation.claims import brier_extrapolation as brier_claim
from validation.claims import ensemble_size as size_claim
from validation.claims import members_needed as needed_claim
from validation.experiments import measure, restore
from validation.experiments.members import rules, training
from validation.experiments.members.setting import GIVEN, LARGEST, check, require, settings
from validation.testing import compared, train
from validation.trial.claim import Measured

OWN = {name: CLAIMS[name] for name in ("ensemble-size", "brier-extrapolation", "members-needed")}
PRESETS = ("smoke", "quick", "standard", "full")
PROBLEMS = ("digits", "many classes", "views")
SMOKE = dict(zip(PROBLEMS, settings("smoke"), strict=True))


@cache
def studied(problem: str) -> Measured:
    return train(SMOKE[problem])


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_have_the_members_that_are_asked_for(preset):
    assert [setting.problem for setting in settings(preset)] == list(PROBLEMS)
    for setting in settings(preset):
        assert GIVEN * setting.groups <= setting.given
        # Ensembles of the largest size, more than one of them.
        assert setting.others > LARGEST
        assert setting.networks == setting.given + setting.others
        assert restore(json.loads(json.dumps(setting.describe()))) == setting
        if preset != "smoke":
            assert setting.networks >= 24
        curve = [setting.foreseen(n) for n in (1, 2, 3, LARGEST)]
        assert curve == sorted(set(curve))
        assert curve[0] > 0.5


def test_a_lottery_has_a_single_view_sample_of_each_view():
    for preset in PRESETS:
        lottery = settings(preset)[2].lottery
        singles = lottery.data.single_view_fraction * lottery.training_samples
        assert singles == pytest.approx(lottery.data.features)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_tables_say_what_they_say(problem):
    setting, study = SMOKE[problem], studied(problem)
    tables = study.tables
    counts = {
        "members": setting.networks, "given": 1, "predictions": setting.groups, "sizes": LARGEST,
        "differences": 1,
    }  # fmt: skip
    assert set(tables) == set(counts)
    for name, table in tables.items():
        assert table.groupby("replicate").size().tolist() == [counts[name]] * 2
        assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
    for replicate in range(2):
        own = {name: table[table["replicate"] == replicate] for name, table in tables.items()}
        given = own["members"][own["members"]["network"] < setting.given]
        assert own["given"]["risk_of_one"].item() == pytest.approx(given["brier"].mean())
        others = own["members"][own["members"]["network"] >= setting.given]
        alone = own["sizes"][own["sizes"]["size"] == 1]
        # Every network is once an ensemble of one.
        assert alone["accuracy"].item() == pytest.approx(others["accuracy"].mean())
        assert alone["brier"].item() == pytest.approx(others["brier"].mean())
        assert alone["gain"].item() == pytest.approx(0, abs=1e-6)
        # Each three: the first of their accuracies is that of its members.
        first = own["predictions"][own["predictions"]["group"] == 0]
        assert first["one"].item() == pytest.approx(given["accuracy"][:GIVEN].mean())


@pytest.mark.parametrize("problem", PROBLEMS)
def test_replicates_differ_and_repeat(problem):
    short = SMOKE[problem].shortened(3)
    assert measure(short, 5, 1) == measure(short, 5, 1)
    assert measure(short, 5, 1)["members"] != measure(short, 5, 0)["members"]
    assert measure(short, 5, 1)["members"] != measure(short, 6, 1)["members"]


def outputs(members: int, samples: int = 40, classes: int = 3, seed: int = 0):
    """Probabilities of members on samples, and labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    logits = 2 * np.eye(classes)[labels] + 2 * rng.normal(size=(members, samples, classes))
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return shares.astype(np.float32), labels


def test_ensembles_by_hand():
    shares, labels = outputs(18)
    rng, again = np.random.default_rng(4), np.random.default_rng(4)
    rows = training._ensembles(shares, labels, rng)
    assert [row["size"] for row in rows] == list(range(1, LARGEST + 1))
    ring = again.permutation(18)
    for row in rows:
        made = [shares[np.roll(ring, -n)[: row["size"]]] for n in range(18)]
        target = np.eye(3)[labels]
        risks = [((own.mean(axis=0) - target) ** 2).sum(axis=1).mean() for own in made]
        alone = [((own - target) ** 2).sum(axis=2).mean() for own in made]
        right = [(own.mean(axis=0).argmax(axis=1) == labels).mean() for own in made]
        assert row["brier"] == pytest.approx(np.mean(risks), rel=1e-5)
        assert row["gain"] == pytest.approx(np.mean(alone) - np.mean(risks), abs=1e-5)
        assert row["accuracy"] == pytest.approx(np.mean(right))


def test_a_lottery_is_trained_from_other_weights_and_asked_what_it_was_not_taught():
    setting = SMOKE["views"].shortened(20)
    logits, labels = training._patches(setting, training.Streams(1, (2, 0)), "cpu", False)
    # Half of them of every (class, view) alike, rounded up.
    features = setting.classes * setting.views
    assert len(labels) == 100 + features * -(-100 // features)
    assert logits.shape == (setting.networks, len(labels), setting.classes)
    assert len(np.unique(logits.reshape(setting.networks, -1), axis=0)) == setting.networks


def replicated(problem: str, replicates: int, rows: dict) -> Measured:
    """Rows of each replicate, all with the same numbers."""
    tables = {
        name: pd.DataFrame([{"replicate": n} | row for n in range(replicates) for row in table])
        for name, table in rows.items()
    }
    return Measured(SMOKE[problem], replicates, tables)


@pytest.mark.parametrize("problem", ["digits", "many classes"])
def test_the_law_of_squares_on_members_that_are_exchangeable(problem):
    """One draw of members about a common mean gives one replicate: unbiased, with a small spread.

    The wrong laws miss the mean of many by far.
    """
    setting, rows = SMOKE[problem], []
    for seed in range(60):
        shares, labels = outputs(setting.networks, seed=seed)
        given = shares[: setting.given]
        alone = [training.brier(own, labels) for own in given]
        pairs = [training.brier((a + b) / 2, labels) for a, b in combinations(given, 2)]
        risks = {"risk_of_one": np.mean(alone), "risk_of_two": np.mean(pairs)}
        others = shares[setting.given :]
        made = training._ensembles(others, labels, np.random.default_rng(seed))
        rows.append((risks, made))
    tables = {
        "given": pd.DataFrame([{"replicate": n} | risks for n, (risks, _) in enumerate(rows)]),
        "sizes": pd.DataFrame(
            [{"replicate": n} | row for n, (_, made) in enumerate(rows) for row in made]
        ),
    }
    samples = brier_claim.observe(Measured(setting, len(rows), tables))
    for size, sample in zip(brier_claim.SIZES, samples, strict=True):
        law = brier_claim.exact(size)
        assert law == pytest.approx(2 * (1 - 1 / size))
        error = sample.deviation / len(rows) ** 0.5
        # One in 16,000 draws of the members lies farther away.
        assert abs(sample.mean - law) < 4 * error
        assert error < 0.02 * law
        for wrong in OWN["brier-extrapolation"].wrong:
            (own,) = [e for e in wrong.expect(setting) if e.x == size]
            if not own.low <= law <= own.high:
                assert not own.low <= sample.mean <= own.high


def test_the_law_is_that_of_the_package():
    risks = {"risk_of_one": 0.3, "risk_of_two": 0.25}
    for size in brier_claim.SIZES:
        left = 0.3 - brier_of_ensemble(networks=size, **risks)
        assert left / 0.05 == pytest.approx(brier_claim.exact(size))


def test_wrong_rules_by_hand():
    one, two, three = 0.7, 0.8, 0.85
    told = {words: rule(one, two, three, 16) for words, rule in rules.WRONG.items()}
    slope = (three - one) / (1 - 1 / 3)
    by_hand = {
        "no further gain beyond three": three,
        "every further member is worth as much as the third": three + 13 * 0.05,
        "n and N swapped: (1 - 1/n) / (1 - 1/N)": one + 0.15 * (2 / 3) / (15 / 16),
        "a + b/sqrt(N)": one + 0.15 * (1 - 1 / 4) / (1 - 1 / math.sqrt(3)),
        "a + b/N, lottery or not": one + slope * 15 / 16,
        "the error falls geometrically, lottery or not": 1 - 0.3 * 0.5**7.5,
    }
    assert told == pytest.approx(by_hand)
    for words, rule in rules.WRONG.items():
        # All but the swapped one agree with what is known.
        known = pytest.approx(three) if "swapped" not in words else one + 0.15
        assert rule(one, two, three, 3) == known
    assert rules.best(np.array([0.7, 0.8, 0.85, 0.86]), 0.02) == 3
    assert rules.chosen(rules.no_further_gain, one, two, three, 0.06) == 2
    assert rules.chosen(rules.each_like_the_third, one, two, three, 0.04) == LARGEST


@pytest.mark.parametrize("problem", PROBLEMS)
def test_wrong_rules_err_where_the_foreseen_curve_is_the_truth(problem):
    """Ensembles that reach what is foreseen: the advisor that says so is right, the rules are not,
    but for the one that is made for the problem's kind."""
    setting = SMOKE[problem]
    one, two, three, last = map(setting.foreseen, (1, 2, 3, LARGEST))
    advice = {"group": 0, "one": one, "two": two, "three": three, "accuracy": last, "size": 3}
    made = [{"size": n, "accuracy": setting.foreseen(n)} for n in range(1, LARGEST + 1)]
    study = replicated(problem, 2, {"predictions": [advice], "sizes": made})
    (sample,) = size_claim.observe(study)
    assert sample.values == pytest.approx([0, 0], abs=1e-12)
    for words, rule in rules.WRONG.items():
        off = size_claim.errors(study, rule)
        (own,) = size_claim.expect(setting, rule)
        # What a rule is expected to miss is what it misses, with the other sign.
        assert off == pytest.approx(np.full((2, 1), -own.predicted))
        if problem == "views" and "geometrically" not in words:
            assert not own.low <= 0 <= own.high
    fitting = rules.lottery if problem == "views" else rules.averaging
    assert size_claim.errors(study, fitting) == pytest.approx(np.zeros((2, 1)), abs=1e-9)


def test_regret_by_hand():
    accuracies = np.full(LARGEST, 0.9)
    accuracies[:4] = 0.7, 0.8, 0.85, 0.88
    # Less .02 each: .68, .76, .79, .80, .80, .78, ...
    assert needed_claim.lost(accuracies, 4, 0.02) == pytest.approx(0)
    assert needed_claim.lost(accuracies, 2, 0.02) == pytest.approx(2)
    assert needed_claim.lost(accuracies, 7, 0.02) == pytest.approx(2)
    made = [{"size": n + 1, "accuracy": value} for n, value in enumerate(accuracies)]
    advice = [{"group": 0, "one": 0.7, "two": 0.8, "three": 0.85, "size": 7}]
    study = replicated("digits", 3, {"predictions": advice, "sizes": made})
    study = replace(study, setting=replace(study.setting, price=0.02))
    (sample,) = needed_claim.observe(study)
    assert sample.values == pytest.approx([2, 2, 2])
    for words, choice in needed_claim.OTHERWISE.items():
        expected = {"always one network": 6, "always five": 0, "always 16": 11}.get(words)
        if expected is not None:
            assert needed_claim.regrets(study, choice) == pytest.approx(np.full((3, 1), expected))


@pytest.mark.parametrize("preset", PRESETS)
def test_margins_of_regret_are_a_price_or_a_tenth_of_the_worth(preset):
    for setting in settings(preset):
        (own,) = needed_claim.expect(setting)
        curve = np.array([setting.foreseen(float(n)) for n in range(1, LARGEST + 1)])
        worth = (curve - setting.price * np.arange(LARGEST)).max() - curve[0]
        assert own.high == pytest.approx(max(1, 0.1 * worth / setting.price))
        # The price is one at which two to six networks are best.
        assert 2 <= rules.best(curve, setting.price) <= 6


@pytest.mark.parametrize("problem", PROBLEMS)
def test_members_have_learned_and_those_at_chance_miss_the_precondition(problem):
    setting = SMOKE[problem]
    (required,) = require(setting)
    (sample,) = check(studied(problem))
    assert sample.values.min() > required.low, "even 60 steps teach something"
    (sample,) = check(train(setting.shortened(1)))
    assert sample.values.max() < required.low


@pytest.mark.parametrize("name", OWN)
def test_remarks_speak_of_every_setting(name):
    studies = [studied(problem) for problem in PROBLEMS]
    lines = OWN[name].remarks(compared(OWN[name], studies), studies)
    assert len(lines) == len(studies)
    for line, study in zip(lines, studies, strict=True):
        assert line.startswith(study.setting.label)
        assert "nan" not in line
