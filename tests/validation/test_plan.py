"""Plans are fixed before training, and what departs from them is said."""

import json
from dataclasses import replace

import pytest

from validation import plan as plans
from validation import store
from validation.claims import CLAIMS
from validation.trial import conclude


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
            assert required >= learned[study["setting"]["experiment"]]
            assert study["expectations"]
            for e in study["expectations"]:
                assert e["low"] is not None or e["high"] is not None
    assert plan["alpha"] == 0.05
    assert [look["level"] for look in plan["looks"]] == [0.025, 0.0125, 0.00625]
    for claim in plan["power"]["claims"].values():
        assert claim["power"] >= plan["power"]["target"] == 0.9
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
    assert standard["looks"][0]["replicates"] > plan["looks"][0]["replicates"]


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
    later["looks"][0]["replicates"] += 1
    later["claims"][0]["studies"][0]["expectations"][0]["low"] -= 0.1
    later["claims"] = [claim for claim in later["claims"] if claim["name"] != "winner"]
    del later["power"]["claims"]["winner"]
    later["tests"] = "by eye"
    plans.register(tmp_path, later)
    text = " ".join(conclude(tmp_path)["deviations"])
    looks = [look["replicates"] for look in plan["looks"]]
    assert len(looks) == 3
    for part in (
        "seed: 0 became 5",
        f"replicates at the looks: {looks} became {[looks[0] + 1, *looks[1:]]}",
        "claim winner was taken out",
        "claim single-view: its predictions, margins or settings changed",
        "the tests changed",
    ):
        assert part in text
    for name in CLAIMS:
        assert (f"claim {name}: its" in text) == (name == "single-view")
    assert plans.changes(plan, plan) == []
