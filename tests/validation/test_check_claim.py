"""`check_claim` refuses claims that break the contract, and says in what."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from validation.claims import CLAIMS
from validation.claims.winner import WINNER, expect
from validation.experiments.lottery.setting import LotterySetting
from validation.testing import check_claim, train
from validation.trial.claim import Sample, Wrong

SMOKE = WINNER.settings("smoke")


@pytest.fixture(scope="module")
def measured():
    return [train(setting.shortened(2)) for setting in SMOKE]


@dataclass(frozen=True)
class Forgetful(LotterySetting):
    """A setting that does not say all that it is."""

    def describe(self):
        return super().describe() | {"neurons": 5}


def forgetful(preset):
    (setting,) = SMOKE
    return (Forgetful(**{name: getattr(setting, name) for name in setting.__dataclass_fields__}),)


def expecting(**changes):
    return lambda setting: [replace(e, **changes) for e in expect(setting)]


def twice(preset):
    (setting,) = SMOKE
    return (setting, replace(setting, neurons=7))


def by_rows(measured):
    """The first network of the table, whichever it is."""
    rows = measured.tables["networks"].groupby("replicate", sort=True)["initial_strength"]
    races = WINNER.observe(measured)[0].trials
    return [Sample.of([np.clip(own.iloc[0][0][0], 0, 1) for _, own in rows], races)]


def by_all(measured):
    sample = WINNER.observe(measured)[0]
    return [Sample.of(sample.values / (1 + measured.replicates), sample.trials)]


def without_trials(measured):
    return [replace(sample, trials=None) for sample in WINNER.observe(measured)]


def test_the_claim_that_is_broken_below_is_good(measured):
    check_claim(WINNER, presets=("smoke", "quick"), measured=measured)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title is empty"),
        ({"sources": ("Saxe (2022)",)}, "source 'Saxe .2022.' is no Source nor Credit"),
        ({"formulas": ("escape_tyme",)}, "formula 'escape_tyme' is not in the catalogue"),
        ({"wrong": ()}, "no wrong formula is given"),
        ({"does_not_show": ()}, "does_not_show is empty"),
        ({"does_not_show": ("more views", " ")}, "does_not_show is empty"),
        ({"settings": twice}, "labels of smoke repeat"),
        ({"settings": forgetful}, "describes itself as .*neurons=5"),
        ({"expect": lambda setting: []}, "nothing is expected of"),
        ({"require": lambda setting: []}, "nothing is required of"),
        ({"expect": expecting(low=1.01, high=1.02)}, "is not in the range of"),
        ({"expect": expecting(finite_size=0.1)}, "0.1 is not in the range of"),
        ({"expect": expecting(spread=-0.1)}, r"is not in \[0, inf\)"),
        ({"expect": lambda setting: 2 * expect(setting)}, "places of smoke repeat"),
        ({"panels": {"other": ("x", "y")}}, "no panel of smoke is drawn"),
        ({"panels": WINNER.panels | {"other": ("x", "y")}}, "quick leaves all but .* empty"),
        ({"expect": expecting(spread=9.0, trials=None)}, "is below 0.9 at the first look of quick"),
        ({"wrong": (Wrong("right", expect),)}, "wrong 'right' is not refused"),
        ({"wrong": (Wrong("less", lambda s: expect(s) * 2),)}, "wrong 'less' predicts"),
        ({"wrong": (Wrong("right", truth=lambda e, m: e.expected),)}, "'right' is not refused"),
        ({"observe": lambda measured: []}, "gives 0 samples for 1 expectations"),
        ({"check": lambda measured: WINNER.check(measured)[:1]}, "check of .* gives 1 samples for"),
        ({"observe": lambda measured: [0.5]}, "gives 0.5 for 2 replicates of"),
        ({"observe": without_trials}, "has not 80 trials"),
        ({"observe": by_rows}, "depends on the order of rows"),
        ({"observe": by_all}, "depends on other replicates"),
        ({"remarks": lambda comparisons, measured: [1]}, "remark 1 is no text"),
        ({"remarks": lambda comparisons, measured: ["it is nan."]}, "remark 'it is nan.'"),
    ],
)
def test_what_disagrees_is_said(changes, said, measured):
    with pytest.raises(AssertionError, match=f"claim 'winner': .*{said}"):
        check_claim(replace(WINNER, **changes), presets=("smoke", "quick"), measured=measured)


def test_only_presets_that_read_files_may_stand_alone():
    beyond = replace(WINNER, settings=lambda preset: WINNER.settings("quick") * (preset == "full"))
    with pytest.raises(AssertionError, match="claim 'winner': standard has no setting"):
        check_claim(beyond)
    check_claim(beyond, presets=("smoke", "quick", "full"))


def test_replicates_are_trained_where_none_are_given():
    (setting,) = SMOKE
    own = replace(WINNER, settings=lambda preset: (setting.shortened(9),))
    seen = []

    def check(measured):
        seen.append((measured.setting.steps, measured.replicates))
        return WINNER.check(measured)

    check_claim(replace(own, check=check), presets=(), steps=2)
    assert (2, 2) in seen
    assert {steps for steps, _ in seen} == {2}
    assert CLAIMS["winner"] is WINNER
