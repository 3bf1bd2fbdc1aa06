"""`check_claim` refuses claims that break the contract, and says in what."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from validation.claims import CLAIMS
from validation.claims.winner import WINNER, expect
from validation.experiments.lottery.setting import LotterySetting
from validation.testing import check_claim, rehearse, train
from validation.trial.claim import Claim, Expectation, Sample, Wrong

SMOKE, QUICK = WINNER.settings("smoke"), WINNER.settings("quick")


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


def nan_once(measured):
    (sample,) = WINNER.observe(measured)
    second = np.arange(sample.values.size) == 1
    return [replace(sample, values=np.where(second, np.nan, sample.values))]


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
        ({"observe": nan_once}, "is not finite"),
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


def claiming(own: list[Expectation], wrong: Wrong) -> Claim:
    """WINNER with other numbers for each of the settings of quick, and one wrong formula."""

    def expected(setting):
        return [own[QUICK.index(setting)]] if setting in QUICK else expect(setting)

    return replace(WINNER, expect=expected, wrong=(wrong,))


def away(*truths: float) -> Wrong:
    """A truth for each setting of quick."""
    left = list(truths)
    return Wrong("another", truth=lambda e, views: left.pop(0))


SHARE = Expectation(
    *(getattr(expect(QUICK[0])[0], part) for part in ("panel", "series", "x")),
    predicted=0.5, low=0.25, high=0.75, spread=0.0625,
)  # fmt: skip
OTHER = replace(SHARE, x=9)


@pytest.mark.parametrize(
    ("truths", "refused"),
    [
        ((0.75 + 0.0625, 0.5), True),  # a deviation beyond; where one setting tells, all do
        ((0.5, 0.25 - 0.0625), True),
        ((0.75 + 0.03125, 0.5), False),  # half a one, exactly, is too near
        ((0.75, 0.25), False),
    ],
)
def test_a_wrong_formula_must_miss_by_more_than_half_a_deviation_somewhere(truths, refused):
    own = claiming([SHARE, OTHER], away(*truths))
    if refused:
        check_claim(own, presets=("quick",), measured=())
    else:
        with pytest.raises(AssertionError, match="wrong 'another' is not refused"):
            check_claim(own, presets=("quick",), measured=())


@pytest.mark.parametrize("open_side", ["low", "high"])
def test_what_is_right_is_not_refused_for_a_bound(open_side):
    bound = replace(SHARE, **{open_side: None})
    with pytest.raises(AssertionError, match="wrong 'another' is not refused"):
        check_claim(claiming([bound, OTHER], away(0.5, 0.5)), presets=("quick",), measured=())


def test_wrong_formulas_are_told_the_views_and_none_where_there_are_none():
    seen = []

    def telling(claim):
        def truth(e, views):
            seen.append(views)
            return e.expected - 99 if e.high is None else e.expected + 99

        return replace(claim, wrong=(Wrong("far", truth=truth),))

    check_claim(telling(WINNER), presets=("quick",), measured=())
    assert seen == [2, 3]
    seen.clear()
    check_claim(telling(CLAIMS["h-spectrum"]), presets=("quick",), measured=())
    assert set(seen) == {0}


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"predicted": 0.25}, True),
        ({"predicted": 0.75}, True),
        ({"predicted": 0.76}, False),
        ({"predicted": 0.24}, False),
        ({"spread": 0.0}, True),
        ({"spread": np.inf}, False),
    ],
)
def test_predictions_lie_in_their_ranges_ends_included(changes, good):
    own = claiming([replace(SHARE, **changes), OTHER], away(9.0, 9.0))
    own = replace(own, settings=lambda preset: QUICK)
    try:
        check_claim(own, presets=("smoke",), measured=())
        found = ""
    except AssertionError as error:
        found = str(error)
    assert ("is not in" in found) != good
    assert bool(found) != good


@pytest.mark.parametrize("count", [0, 1])
def test_a_setting_has_networks(count):
    (first,) = SMOKE
    setting = replace(first, networks=count)
    own = replace(WINNER, settings=lambda preset: (setting,), expect=lambda s: expect(first))
    own = replace(own, require=lambda s: WINNER.require(first))
    if count:
        check_claim(own, presets=("smoke",), measured=())
    else:
        with pytest.raises(AssertionError, match=r"networks, steps, work of .* are \(0, "):
            check_claim(own, presets=("smoke",), measured=())


def test_nothing_is_trained_nor_remarked_where_measurements_are_given():
    def never(*arguments):
        raise RuntimeError

    check_claim(replace(WINNER, remarks=never, check=never), presets=("smoke",), measured=())


def test_by_default_three_steps_and_the_seed_three():
    seen = []

    def check(measured):
        seen.append(measured.setting.steps)
        return WINNER.check(measured)

    check_claim(replace(WINNER, check=check), presets=())
    assert set(seen) == {3}
    setting = SMOKE[0].shortened(2)
    one, other = train(setting), train(setting, replicates=2, seed=3)
    assert WINNER.observe(one)[0].values.tolist() == WINNER.observe(other)[0].values.tolist()
    assert WINNER.observe(train(setting, seed=4))[0].values.tolist() != (
        WINNER.observe(one)[0].values.tolist()
    )


def rehearsed(seen: list, settings=SMOKE, raised: Exception | None = None) -> None:
    """A rehearsal of WINNER that notes what is observed, and may fail there."""

    def observe(measured):
        seen.append((measured.setting.steps, measured.replicates, measured.setting.label))
        if raised:
            raise raised
        return WINNER.observe(measured)

    own = replace(WINNER, module="own", observe=observe, settings=lambda preset: settings)
    rehearse(own, "smoke")


def test_a_rehearsal_trains_the_cheapest_setting_a_step_twice():
    seen: list = []
    rehearsed(seen, (*QUICK, *SMOKE))
    assert seen == [(1, 2, SMOKE[0].label)]
    seen.clear()
    rehearsed(seen, ())
    assert seen == []


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (KeyError("coverage"), "claims='own': KeyError: 'coverage'; mend it before networks"),
        (ValueError("claim 'winner': observe gives"), "claims='own': claim 'winner': observe"),
        (ValueError("no number is finite"), None),  # of networks so young
    ],
)
def test_a_rehearsal_tells_what_would_fail_after_training(raised, said):
    if said is None:
        rehearsed([], raised=raised)
    else:
        with pytest.raises(ValueError, match=said):
            rehearsed([], raised=raised)
