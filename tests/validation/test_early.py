"""Verdicts told before a look is complete are those of the complete look."""

from dataclasses import replace

import numpy as np
import pytest

from validation.claims import CLAIMS
from validation.experiments import restore
from validation.experiments.lottery import setting as lottery
from validation.records import shards
from validation.running import runner
from validation.running.early import Early
from validation.running.task import Task
from validation.running.watch import Watch
from validation.trial import plan as plans
from validation.trial.claim import Expectation, Sample, Verdict
from validation.trial.verdict import Case, judge


class Heard(Watch):
    """Everything that is told, in order."""

    def __init__(self):
        self.told = []

    def advance(self, label, done, wanted, seconds=None):
        self.told.append(("advance", label, done, wanted))

    def decided(self, claim, verdict, look):
        self.told.append(("decided", claim, verdict, look))

    def waits(self, claim, look):
        self.told.append(("waits", claim, look))

    def undecided(self, claims, look):
        self.told.append(("undecided", claims, look))


def case(rng):
    """A claim of one to three comparisons and a precondition, its means anywhere near a border."""

    def one():
        sample = Sample.of(rng.normal(rng.choice([-1.5, -1, 0, 1, 1.5]), 0.3, size=8))
        return Expectation("p", "s", 1, 0.0, -1.0, 1.0, 0.3), sample

    pairs, required = ([one() for _ in range(rng.integers(1, 4))], [one()])
    return Case(*zip(*pairs, strict=True), *zip(*required, strict=True))


def test_what_is_decided_with_some_claims_is_decided_with_all():
    """Holm's method is monotone, and a missing claim counts as p = 1."""
    rng = np.random.default_rng(3)
    kinds = set()
    for _ in range(300):
        cases = [case(rng) for _ in range(rng.integers(2, 9))]
        whole = [decision.verdict for decision in judge(cases, 1)]
        some = [one if rng.random() < 0.6 else None for one in cases]
        early = [decision.verdict for decision in judge(some, 1)]
        for one, before, after in zip(some, early, whole, strict=True):
            if one is None:
                assert before is Verdict.INCONCLUSIVE
            if before is not Verdict.INCONCLUSIVE:
                assert before is after
                kinds.add(before)
    assert kinds == {Verdict.HOLDS, Verdict.FAILS, Verdict.OUTSIDE}


@pytest.fixture(scope="module")
def two_settings():
    """Two claims with a setting each, six replicates of networks that learn nothing."""
    (first,) = lottery.settings("smoke")
    more = replace(first.data, classes=5, dimension=first.data.dimension + 9)
    shorts = [first.shortened(2), replace(first, data=more).shortened(2)]
    claims = [
        replace(CLAIMS[name], settings=lambda preset, setting=setting: (setting,))
        for name, setting in zip(("single-view", "winner"), shorts, strict=True)
    ]
    return plans.make(claims, "smoke", seed=5).with_replicates([6, 7])


@pytest.fixture(scope="module")
def heard(two_settings, tmp_path_factory):
    """A run from nothing, what it told and the verdicts that it returned."""
    out, heard = tmp_path_factory.mktemp("early"), Heard()
    return out, heard.told, runner.run(out, two_settings, watch=heard)


def test_a_claim_is_told_when_its_own_replicates_are_there(heard, two_settings):
    _, told, verdicts = heard
    last = two_settings.settings[-1].label
    decided = [event for event in told if event[0] == "decided"]
    assert decided == [
        ("decided", claim.name, verdict, 1)
        for claim, verdict in zip(two_settings.claims, verdicts, strict=True)
    ]
    # While nothing of the second setting is trained.
    before = told[: told.index(decided[0])]
    assert max(done for kind, label, done, _ in before if label == last) == 0


def test_a_run_of_which_everything_is_there_tells_the_same(heard, two_settings):
    out, told, verdicts = heard
    again = Heard()
    assert runner.run(out, two_settings, watch=again) == verdicts
    first, second = (
        [event for event in one if event[0] == "decided"] for one in (told, again.told)
    )
    assert first == second


def test_what_a_claim_showed_at_an_earlier_look_decides_nothing_at_the_next(heard, two_settings):
    out, _, _ = heard
    again = Heard()
    early = Early(out, two_settings, again)
    early.begin(1, [True, True], [])
    assert {event[1] for event in again.told if event[0] == "decided"} == {"single-view", "winner"}
    tasks = [
        Task(restore(setting.plain), two_settings.seed, 6, "cpu", False)
        for setting in two_settings.settings
    ]
    early.begin(2, [True, True], tasks)
    assert early.cases == [None, None]
    # Its seventh replicate is stored, yet not on disk: nothing can be said.
    again.told.clear()
    early.stored(tasks[0])
    assert early.cases == [None, None]
    assert again.told == [("waits", "single-view", 2)]


def test_undecided_claims_are_named_at_the_end_of_a_look(two_settings, tmp_path, monkeypatch):
    undecided = [Verdict.INCONCLUSIVE] * 2
    monkeypatch.setattr(runner, "verdicts", lambda plan, out: undecided)
    monkeypatch.setattr(Early, "begin", lambda *_: None)
    heard = Heard()
    runner.run(tmp_path, two_settings, watch=heard)
    names = [claim.name for claim in two_settings.claims]
    assert [event for event in heard.told if event[0] != "advance"] == [
        ("undecided", names, 1),
        ("undecided", names, 2),
    ]
    assert len(shards.shard_paths(tmp_path)) == 14
