"""What is shown while a run goes on: counts, time left, outcomes, and when."""

import io
import signal
import threading
from dataclasses import replace

import by_hand
import pytest

from mvtheory import console as consoles
from validation.experiments import experiments, restore
from validation.records import journal
from validation.report import progress
from validation.report.progress import Bars, Told, duration, ticking, time_left
from validation.running import cost
from validation.running.cost import NOMINAL, Estimate, probed, recorded
from validation.trial import identity
from validation.trial import plan as plans
from validation.trial.claim import Verdict


def plan_of(*claims):
    """A plan of (claim, labels) on short lotteries that differ by their labels only."""

    def study(label):
        setting = plans.Description.of({"experiment": "lottery", "label": label})
        return plans.Study(setting, (), ())

    planned = tuple(
        by_hand.planned(name, replicates=(6,), studies=tuple(map(study, labels)))
        for name, labels in claims
    )
    return plans.Plan("quick", 1, planned, (0.025,), 0.9)


class Fixed(Estimate):
    """Ten seconds a replicate until one is measured."""

    def __init__(self, plan):
        labels = [setting.label for setting in plan.settings]
        self.kinds = dict.fromkeys(labels, "lottery")
        self.nominal = dict.fromkeys(labels, 10.0)
        self.taken = {}


@pytest.fixture
def two():
    plan = plan_of(("first", ["a", "b"]), ("second", ["b", "c"]))
    told = Told(plan, Fixed(plan), workers=2)
    for label in "abc":
        told.advance(label, 0, 6)
    return told


def test_a_line_has_the_claim_its_replicates_all_and_the_time_left(two):
    assert two.line() == "first: 0 of 12 replicates; in all 0 of 18; about 90 s left"
    # 17 more at 40 s, on two workers.
    two.advance("a", 1, 6, 40.0)
    assert two.line() == "first: 1 of 12 replicates; in all 1 of 18; about 6 min left"
    two.advance("c", 1, 6, 20.0)
    # 5 at 40, 5 at 20, and 6 at their mean: 480 on two.
    assert two.line() == "second: 1 of 12 replicates; in all 2 of 18; about 4 min left"
    for label in "abc":
        two.advance(label, 6, 6, 1.0)
    assert two.line() == "in all 18 of 18; about a second left"


def test_what_nobody_knows_is_not_divided_by_workers():
    assert time_left(100, 4) == "about 25 s left"
    assert time_left(100, None) == "about 100 s of computing left"
    assert [duration(s) for s in (0.2, 119, 121, 7300)] == ["a second", "119 s", "2 min", "2.0 h"]


def test_outcomes_are_said_at_once(two, capsys):
    two.decided("first", Verdict.HOLDS, 1)
    two.waits("second", 1)
    two.undecided(["second"], 1)
    two.decided("second", Verdict.FAILS, 2)
    assert capsys.readouterr().out.splitlines() == [
        "first: HOLDS.",
        "second: all replicates of look 1 are there; other claims' may yet decide it.",
        "Look 1 is over, undecided: second.",
        "second: FAILS, at look 2.",
    ]


def test_lines_come_while_the_calling_thread_computes():
    """And never from it: it waits here until three have come."""
    three, threads, masks = threading.Semaphore(0), set(), []

    def say_it():
        threads.add(threading.current_thread())
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        three.release()

    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with ticking(say_it, interval=1e-3):
        for _ in range(3):
            assert three.acquire(timeout=60)
    assert threads.isdisjoint({threading.current_thread()})
    # Ctrl-C goes to the thread that computes, in which nothing has changed.
    assert all(signal.SIGINT in mask for mask in masks)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    said = len(masks)
    (thread,) = threads
    assert not thread.is_alive()
    assert len(masks) == said


def test_without_a_terminal_lines_are_flushed(two, monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(progress, "INTERVAL", 1e-3)
    plan = plan_of(("first", ["a"]))
    told_enough = threading.Event()
    say = progress.say

    def hear(text):
        say(text)
        shown.append(text)
        if "of 6 replicates" in text:
            told_enough.set()

    monkeypatch.setattr(progress, "say", hear)
    with progress.progress(plan, Fixed(plan)) as watch:
        watch.advance("a", 2, 6)
        # Before anything ends, it can be read.
        assert told_enough.wait(60)
        assert "of 6 replicates" in capsys.readouterr().out
    assert shown[-1] == "first: 2 of 6 replicates; in all 2 of 6; about 40 s left"


def test_on_a_terminal_there_are_bars(monkeypatch):
    out = io.StringIO()
    terminal = consoles.Console(file=out, force_terminal=True, width=120, markup=False)
    monkeypatch.setattr(progress, "console", terminal)
    monkeypatch.setattr(progress, "ticking", None)
    plan = plan_of(("first", ["a"]), ("second", ["b"]))
    with progress.progress(plan, Fixed(plan)) as watch:
        assert isinstance(watch, Bars)
        watch.advance("a", 2, 6)
        watch.advance("b", 0, 6)
        watch.bar.refresh()
    shown = out.getvalue()
    assert "all claims" in shown
    assert "first" in shown
    assert "2/12" in shown
    assert "about 100 s left" in shown
    # Nothing of it is under way.
    assert "second" not in shown


def test_every_experiment_has_a_nominal_cost():
    assert set(NOMINAL) == set(experiments())


def test_costs_are_those_measured_or_in_proportion():
    plan = plan_of(("one", ["a", "b", "c"]))
    estimate = Fixed(plan)
    estimate.nominal |= {"b": 20.0, "c": 5.0}
    estimate.kinds["c"] = "kernels"
    assert estimate.left({"a": 2, "b": 1, "c": 0}) == 40
    assert estimate.basis == "by nominal costs, nothing is measured yet"
    estimate.took("a", 31.0)
    estimate.took("a", 29.0)
    assert [estimate.seconds(label) for label in "abc"] == [30, 60, 15]
    assert estimate.basis == "by the replicates that are finished and nominal costs of kernels"
    estimate.took("c", 4.0)
    assert [estimate.seconds(label) for label in "abc"] == [30, 60, 4]
    assert estimate.basis == "by the replicates that are finished"


def test_recorded_costs_are_those_of_the_plan(small_plan, tmp_path):
    (setting,) = small_plan.settings
    for replicate, seconds in ((0, 1.5), (3, 2.5)):
        key = identity.key(setting.plain, small_plan.seed, replicate)
        journal.log(tmp_path, "shard", key=key, seconds=seconds)
    journal.log(tmp_path, "shard", key="of another plan", seconds=99.0)
    assert list(recorded(tmp_path, small_plan)) == [
        (setting.label, 1.5),
        (setting.label, 2.5),
    ]
    assert list(recorded(tmp_path / "none", small_plan)) == []


def test_one_setting_of_each_experiment_is_probed(small_plan, monkeypatch):
    setting = restore(small_plan.settings[0].plain)
    lengths = {steps: setting.shortened(steps) for steps in (20, 30, 90)}
    settings = [
        plans.Description.of(one.describe() | {"label": f"{steps} steps"})
        for steps, one in lengths.items()
    ]
    studies = tuple(plans.Study(one, (), ()) for one in settings)
    plan = replace(small_plan, claims=(replace(small_plan.claims[0], studies=studies),))
    asked = []
    monkeypatch.setattr(cost, "probe", lambda one, *_: asked.append(one.steps) or 3.0)
    monkeypatch.setattr(cost, "restore", lambda d: lengths[int(d["label"].split()[0])])
    monkeypatch.setattr(type(setting), "label", property(lambda own: f"{own.steps} steps"))
    estimate = probed(plan, "cpu", False)
    assert asked == [30]
    assert estimate.seconds("90 steps") == pytest.approx(9.0)
    assert lengths[90].work == 3 * lengths[30].work
