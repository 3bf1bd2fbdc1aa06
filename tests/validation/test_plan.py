"""Plans are fixed before training, and what departs from them is said."""

import json
from dataclasses import replace

import pytest

from validation.claims import CLAIMS
from validation.experiments import restore
from validation.records import store
from validation.records.conclusion import conclude
from validation.trial import plan as plans


@pytest.fixture(scope="module")
def plan():
    return plans.make(list(CLAIMS.values()), "quick", seed=0)


def test_a_plan_holds_all_that_decides(plan):
    assert [claim["name"] for claim in plan["claims"]] == list(CLAIMS)
    learned = {
        "lottery": {"training accuracy"},
        "students": {f"accuracy of the {who} above chance" for who in ("student", "teacher")},
    }
    for claim in plan["claims"]:
        assert claim["studies"]
        for study in claim["studies"]:
            required = {e["panel"] for e in study["requirements"]}
            assert required >= learned.get(study["setting"]["experiment"], set())
            assert study["expectations"]
            for e in study["expectations"]:
                assert e["low"] is not None or e["high"] is not None
    assert plan["alpha"] == 0.05
    assert [look["level"] for look in plan["looks"]] == [0.025, 0.0125, 0.00625]
    for claim in plan["claims"]:
        assert 6 <= claim["replicates"][0] < claim["replicates"][1] < claim["replicates"][2]
        assert plan["power"]["claims"][claim["name"]]["power"] >= plan["power"]["target"] == 0.9
    assert "SeedSequence" in plan["seeds"]
    # Shared by the claims, listed once.
    labels = [setting["label"] for setting in plans.settings(plan)]
    used = [s["setting"]["label"] for claim in plan["claims"] for s in claim["studies"]]
    assert len(labels) == len(set(labels)) < len(used)
    assert set(labels) == set(used)
    assert plans.name_of(plan) == plans.name_of(plans.make(list(CLAIMS.values()), "quick", 0))
    assert plans.name_of(plan) != plans.name_of(plans.make(list(CLAIMS.values()), "quick", 1))


def test_settings_of_a_plan_are_told_apart_by_their_labels():
    first = CLAIMS["winner"].settings("quick")[0]
    alike = replace(first, neurons=7)
    claim = replace(CLAIMS["winner"], settings=lambda preset: (first, alike))
    with pytest.raises(ValueError, match="settings with one label between them"):
        plans.make([claim], "quick", seed=0)


def test_the_power_grows_with_the_preset(plan):
    standard = plans.make(list(CLAIMS.values()), "standard", seed=0)
    first, second = (p["power"] for p in (plan, standard))
    assert first["target"] < second["target"]
    for power in (first, second):
        assert min(own["power"] for own in power["claims"].values()) >= power["target"]
    # More of the whole, though a claim may take fewer replicates of more networks.
    assert trained(standard) > trained(plan)


def trained(plan):
    """Networks of the first look."""
    return sum(n * restore(setting).networks for setting, n in plans.wanted(plan, 1))


def test_a_shared_setting_is_trained_for_the_claim_that_needs_most():
    one, other = ({"experiment": "e", "label": label} for label in ("one", "other"))
    plan = {
        "claims": [
            {"replicates": [6, 9], "studies": [{"setting": one}, {"setting": other}]},
            {"replicates": [10, 15], "studies": [{"setting": one}]},
        ]
    }
    assert plans.wanted(plan, 1) == [(one, 10), (other, 6)]
    assert plans.wanted(plan, 2, [True, True]) == [(one, 15), (other, 9)]
    assert plans.wanted(plan, 2, [True, False]) == [(one, 9), (other, 9)]
    assert plans.wanted(plan, 2, [False, True]) == [(one, 15)]
    assert plans.wanted(plan, 2, [False, False]) == []


def test_a_registered_plan_cannot_be_changed_unseen(plan, tmp_path):
    name = plans.register(tmp_path, plan)
    assert plans.registered(tmp_path) == [name]
    assert plans.load(tmp_path, name) == plan
    plans.register(tmp_path, plan)
    assert sum(event["event"] == "plan" for event in store.events(tmp_path)) == 1
    path = tmp_path / "plans" / f"{name}.json"
    text = path.read_text()
    for changed in (text.replace('"low": 0.45', '"low": 0.3'), text[:-30], "[]"):
        assert changed != text
        path.write_text(changed)
        with pytest.raises(ValueError, match="not the plan that was registered"):
            conclude(tmp_path)


def test_a_plan_without_its_log_is_still_found(plan, tmp_path):
    name = plans.register(tmp_path, plan)
    (tmp_path / "log.jsonl").unlink()
    assert conclude(tmp_path)["hash"] == name
    assert conclude(tmp_path)["registered"] is None


def test_plans_of_other_versions_are_refused(plan, tmp_path):
    name = plans.register(tmp_path, plan | {"schema": 99})
    with pytest.raises(ValueError, match="has schema 99"):
        plans.load(tmp_path, name)


def test_a_plan_of_another_stopping_rule_is_not_judged_by_this_one(plan, tmp_path):
    looks = [look | {"level": 0.05} for look in plan["looks"]]
    plans.register(tmp_path, plan | {"looks": looks})
    with pytest.raises(ValueError, match="not those of this version's stopping rule"):
        conclude(tmp_path)


def test_later_plans_are_deviations(plan, tmp_path):
    plans.register(tmp_path, plan)
    later = json.loads(json.dumps(plan))
    later["seed"] = 5
    replicates = plan["claims"][1]["replicates"]
    later["claims"][1]["replicates"] = [replicates[0] + 1, *replicates[1:]]
    later["claims"][0]["studies"][0]["expectations"][0]["low"] -= 0.1
    later["claims"] = [claim for claim in later["claims"] if claim["name"] != "winner"]
    del later["power"]["claims"]["winner"]
    later["tests"] = "by eye"
    plans.register(tmp_path, later)
    text = " ".join(conclude(tmp_path)["deviations"])
    for part in (
        "seed: 0 became 5",
        f"claim {plan['claims'][1]['name']}: replicates at the looks {replicates} became",
        "claim winner was taken out",
        "claim single-view: its predictions, margins or settings changed",
        "the tests changed",
    ):
        assert part in text
    for name in CLAIMS:
        assert (f"claim {name}: its" in text) == (name == "single-view")
    assert plans.changes(plan, plan) == []
