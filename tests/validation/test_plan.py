"""Plans are fixed before training, and what departs from them is said."""

import json
from dataclasses import replace
from pathlib import Path

import by_hand
import pytest

from validation import calibration
from validation.calibration.tables import markdown
from validation.claims import CLAIMS, chapter_of, of_preset
from validation.experiments import restore
from validation.records import journal
from validation.records import plans as stored
from validation.records.conclusion import conclude
from validation.records.deviations import changes
from validation.trial import identity
from validation.trial import plan as plans

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


RECORD = Path(__file__).parents[2] / "benchmarks/records/calibration"


@pytest.fixture(scope="module")
def plan():
    return plans.make(of_preset("quick"), "quick", seed=0)


@pytest.fixture(scope="module")
def standard():
    return plans.make(list(CLAIMS.values()), "standard", seed=0)


def test_the_record_of_error_rates_is_of_these_plans_and_rules(plan, standard):
    """It says itself how it is made anew; a minute or two."""
    record = calibration.read(RECORD)
    assert calibration.stale(record, calibration.planned([plan, standard])) == []
    assert record.studies >= 10_000
    assert calibration.failed(record) == []
    assert len(record.whole) == len(plan.claims)
    assert calibration.worst(record) <= 0.055
    assert RECORD.with_suffix(".md").read_text(encoding="utf-8") == markdown(record)


def test_a_plan_holds_all_that_decides(plan):
    assert [claim.name for claim in plan.claims] == [c.name for c in of_preset("quick")]
    learned = {
        "lottery": {"training accuracy"},
        "students": {f"accuracy of the {who} above chance" for who in ("student", "teacher")},
    }
    for claim in plan.claims:
        assert claim.studies
        for study in claim.studies:
            required = {e.panel for e in study.requirements}
            assert required >= learned.get(study.setting.experiment, set())
            assert study.expectations
            for e in study.expectations:
                assert e.low is not None or e.high is not None
    assert plan.alpha == 0.05
    assert plan.levels == (0.025, 0.0125, 0.00625)
    for claim in plan.claims:
        assert 6 <= claim.replicates[0] < claim.replicates[1] < claim.replicates[2]
        assert claim.power >= plan.target == 0.9
    assert "SeedSequence" in plan.seeds
    # Shared by the claims, listed once.
    labels = [setting.label for setting in plan.settings]
    used = [study.setting.label for claim in plan.claims for study in claim.studies]
    assert len(labels) == len(set(labels)) < len(used)
    assert set(labels) == set(used)
    again = plans.make(of_preset("quick"), "quick", 0)
    assert again == plan
    assert again.name == plan.name
    assert plan.name != plans.make(of_preset("quick"), "quick", 1).name


def test_the_page_of_claims_predicts_what_is_predicted_today(plan):
    """To six digits, on any processor; CONTRIBUTING says how it is written anew."""
    page = PAGE.read_text(encoding="utf-8")
    costly = [claim for claim in CLAIMS.values() if "quick" in claim.costly]
    rest = [
        claim
        for claim in CLAIMS.values()
        if not claim.settings("quick") and chapter_of(claim) != "images"
    ]
    for own in plan, plans.make(costly, "quick", seed=0), plans.make(rest, "standard", seed=0):
        assert f"predictions `{own.predictions}`" in page


def test_the_hash_of_predictions_is_that_of_numbers_and_not_of_code(plan):
    first, *others = plan.claims
    (expected, *more), *studies = first.studies[0].expectations, *first.studies[1:]

    def with_low(low):
        own = replace(first.studies[0], expectations=(replace(expected, low=low), *more))
        return replace(plan, claims=(replace(first, studies=(own, *studies)), *others))

    assert replace(plan, code={"a": "b"}, mvtheory="9").predictions == plan.predictions
    assert with_low(expected.low * (1 + 1e-12)).predictions == plan.predictions
    assert with_low(expected.low * (1 + 1e-4)).predictions != plan.predictions


def test_a_plan_names_the_code_of_trainers_claims_and_tests(plan):
    assert {"validation.trial.verdict", "validation.claims.winner"} < set(plan.code)
    assert "validation.experiments.lottery.training" in plan.code
    assert all(len(own) == 16 for own in plan.code.values())
    assert replace(plan, code=plan.code | {"validation.trial.verdict": "0"}).name != plan.name


def test_settings_of_a_plan_are_told_apart_by_their_labels():
    first = CLAIMS["winner"].settings("quick")[0]
    alike = replace(first, neurons=7)
    claim = replace(CLAIMS["winner"], settings=lambda preset: (first, alike))
    with pytest.raises(ValueError, match="settings with one label between them"):
        plans.make([claim], "quick", seed=0)


def test_the_power_grows_with_the_preset(plan, standard):
    assert plan.target < standard.target
    for one in (plan, standard):
        assert min(claim.power for claim in one.claims) >= one.target
    # More of the whole, though a claim may take fewer replicates of more networks.
    assert trained(standard) > trained(plan)


def trained(plan):
    """Networks of the first look."""
    return sum(n * restore(setting.plain).networks for setting, n in plan.wanted(1).items())


def test_a_shared_setting_is_trained_for_the_claim_that_needs_most():
    one, other = (
        plans.Description.of({"experiment": "e", "label": label}) for label in ("one", "other")
    )
    claims = (
        by_hand.planned("first", replicates=(6, 9), studies=(study(one), study(other))),
        by_hand.planned("second", replicates=(10, 15), studies=(study(one),)),
    )
    plan = plans.Plan("quick", 0, claims, (0.025, 0.0125), 0.9)

    def wanted(*asked):
        return list(plan.wanted(*asked).items())

    assert wanted(1) == [(one, 10), (other, 6)]
    assert wanted(2, [True, True]) == [(one, 15), (other, 9)]
    assert wanted(2, [True, False]) == [(one, 9), (other, 9)]
    assert wanted(2, [False, True]) == [(one, 15)]
    assert wanted(2, [False, False]) == []


def study(setting):
    return plans.Study(setting, (), ())


def test_settings_are_the_same_if_they_say_the_same():
    plain = {"experiment": "e", "label": "one", "data": {"views": 2}}
    setting = plans.Description.of(plain)
    assert setting == plans.Description.of(dict(reversed(plain.items())))
    assert {setting: 1}[plans.Description.of(plain)] == 1
    assert setting != plans.Description.of(plain | {"data": {"views": 3}})
    assert (setting.plain, setting.label, setting.experiment) == (plain, "one", "e")


def test_a_plan_is_its_text(plan):
    assert plans.Plan.of(json.loads(plan.text)) == plan
    assert plans.Plan.of(json.loads(plan.text)).name == plan.name
    assert plans.Plan.of(json.loads(plan.text)).text == plan.text
    plain = json.loads(plan.text)
    for claim, own in zip(plan.claims, plain["claims"], strict=True):
        assert own["replicates"] == list(claim.replicates)
        assert plain["power"]["claims"][claim.name] == {
            "power": claim.power,
            "hardest": claim.hardest.plain(),
        }
        assert [study["setting"] for study in own["studies"]] == [
            study.setting.plain for study in claim.studies
        ]


def test_a_registered_plan_cannot_be_changed_unseen(plan, tmp_path):
    name = stored.register(tmp_path, plan)
    assert stored.registered(tmp_path) == [name]
    assert stored.load(tmp_path, name) == plan
    stored.register(tmp_path, plan)
    assert sum(event["event"] == "plan" for event in journal.events(tmp_path)) == 1
    path = tmp_path / "plans" / f"{name}.json"
    text = path.read_text()
    for changed in (text.replace('"low": 0.45', '"low": 0.3'), text[:-30], "[]"):
        assert changed != text
        path.write_text(changed)
        with pytest.raises(ValueError, match="not the plan that was registered"):
            conclude(tmp_path)


def test_a_plan_without_its_log_is_still_found(plan, tmp_path):
    name = stored.register(tmp_path, plan)
    (tmp_path / "log.jsonl").unlink()
    assert conclude(tmp_path).plan.name == name
    assert conclude(tmp_path).registered is None


def test_plans_of_other_versions_are_refused(plan, tmp_path):
    name = stored.register(tmp_path, replace(plan, schema=99))
    with pytest.raises(ValueError, match="has schema 99"):
        stored.load(tmp_path, name)


def less(plain):
    del plain["claims"][0]["margin"]


def more(plain):
    plain["claims"][0]["colour"] = "red"


def less_of_a_comparison(plain):
    del plain["claims"][0]["studies"][0]["expectations"][0]["spread"]


def more_of_a_comparison(plain):
    plain["claims"][0]["studies"][0]["expectations"][0]["colour"] = "red"


def without_power(plain):
    del plain["power"]["claims"][plain["claims"][0]["name"]]


@pytest.mark.parametrize(
    "change", [less, more, less_of_a_comparison, more_of_a_comparison, without_power]
)
def test_a_plan_that_says_more_or_less_is_refused_in_one_line(change, plan, tmp_path):
    """As other versions may have registered it; its hash is right."""
    plain = json.loads(plan.text)
    change(plain)
    name = identity.sha256(identity.canonical(plain))
    path = stored.plan_path(tmp_path, name)
    path.parent.mkdir()
    path.write_text(json.dumps(plain))
    with pytest.raises(ValueError, match=f"{name}.json says more or less than .* fresh folder$"):
        conclude(tmp_path)


def test_a_plan_of_another_stopping_rule_is_not_judged_by_this_one(plan, tmp_path):
    stored.register(tmp_path, replace(plan, levels=(0.05,) * len(plan.levels)))
    with pytest.raises(ValueError, match="not those of this version's stopping rule"):
        conclude(tmp_path)


def test_later_plans_are_deviations(plan, tmp_path):
    stored.register(tmp_path, plan)
    first, second, *others = plan.claims
    replicates = list(second.replicates)
    (expected, *more), *studies = first.studies[0].expectations, *first.studies[1:]
    lower = (replace(expected, low=expected.low - 0.1), *more)
    claims = (
        replace(first, studies=(replace(first.studies[0], expectations=lower), *studies)),
        replace(second, replicates=(replicates[0] + 1, *replicates[1:])),
        *(claim for claim in others if claim.name != "winner"),
    )
    assert len(claims) == len(plan.claims) - 1
    stored.register(tmp_path, replace(plan, seed=5, claims=claims, tests="by eye"))
    text = " ".join(conclude(tmp_path).deviations)
    for part in (
        "seed: 0 became 5",
        f"claim {second.name}: replicates at the looks {replicates} became",
        "claim winner was taken out",
        "claim single-view: its predictions, margins or settings changed",
        "the tests changed",
    ):
        assert part in text
    for name in CLAIMS:
        assert (f"claim {name}: its" in text) == (name == "single-view")
    assert changes(plan, plan) == []
    # Power follows from how many claims there are, too; it is no change of a claim.
    assert changes(plan, replace(plan, claims=(replace(first, power=0.5), *plan.claims[1:]))) == []
