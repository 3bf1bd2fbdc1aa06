"""Lessons: who is taught by whom, and what is measured of them."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from lessons import LESSONS, SEED, studied

from mvtheory.race import expected_coverage
from validation.experiments import measure
from validation.experiments.teaching import networks as classroom
from validation.experiments.teaching.networks import PUPILS, TEACHERS, Classroom
from validation.experiments.teaching.setting import (
    TEACHER,
    TeachingSetting,
    after_views,
    generations_to,
    self_distilled,
    settings,
    student_of,
)
from validation.experiments.teaching.tables import adjusted, coverage_of, ensemble_of, error_of
from validation.trial.claim import Measured

pytestmark = pytest.mark.usefixtures("one_thread", "law_once")
POWER = 4
COLUMNS = {
    "role", "network", "coverage", "coverage_by_weights", "training_accuracy",
    "single_view_error", "by_starts", "in_the_mean", "weakest_strength",
}  # fmt: skip


def roles(setting: TeachingSetting) -> dict[str, tuple[int, int]]:
    """Networks of each role, and those whose wins each of them should know."""
    pupils, teachers = setting.students, setting.teachers
    if setting.lesson == "generations":
        later = {self_distilled(r): (n, r + 1) for r, n in enumerate(setting.chains, start=2)}
        return {
            TEACHER: (teachers, 1), student_of(2): (pupils, 3), student_of(10): (pupils, 11),
            self_distilled(1): (teachers, 2), **later,
        }  # fmt: skip
    if setting.lesson == "followed":
        return {TEACHER: (teachers, 1), student_of(teachers): (pupils, teachers + 1)}
    shown = {after_views(v + 1): (pupils, 1) for v in range(setting.data.views)}
    return shown | ({student_of(teachers): (pupils, teachers + 1)} if teachers else {})


@pytest.mark.parametrize("lesson", LESSONS)
def test_shortened_settings_differ_in_lengths_only(lesson):
    (setting,) = settings("quick", lesson)
    assert setting.shortened(setting.steps).steps == setting.steps
    for steps in (5, 25, 200):
        short = setting.shortened(steps)
        assert short.steps == steps
        later = setting.second.steps * steps / setting.steps
        assert abs(short.second.steps - later) <= 0.5  # in proportion, to half a step
        same = {n: getattr(setting, n) for n in ("alone", "taught")}
        assert replace(short, **same) == setting


@pytest.mark.parametrize("lesson", LESSONS)
def test_tables_have_their_rows_roles_and_columns(lesson):
    measured = studied(lesson)
    setting, table = measured.setting, measured.tables["networks"]
    assert set(table.columns) == COLUMNS | {"replicate"}
    wanted = roles(setting)
    views = setting.data.views
    for _, rows in table.groupby("replicate"):
        assert Counter(rows["role"]) == {role: count for role, (count, _) in wanted.items()}
    for role, (count, behind) in wanted.items():
        rows = table[table["role"] == role]
        assert rows["network"].tolist() == 2 * list(range(count))
        _near_the_lottery(rows["in_the_mean"], views, behind)
    for name in ("coverage_by_weights", "training_accuracy", "single_view_error", "by_starts"):
        assert table[name].between(0, 1).all()
    # Shares of class-view pairs, and at least one view is known of each class.
    pairs = table["by_starts"] * setting.data.features
    np.testing.assert_allclose(pairs, pairs.round(), atol=1e-9)
    assert table["by_starts"].min() >= 1 / views - 1e-12
    alone = table[np.isclose(table["in_the_mean"], 1 / views, rtol=1e-9)]
    np.testing.assert_allclose(alone["by_starts"], 1 / views, rtol=1e-14)
    assert ("ensembles" in measured.tables) == (lesson == "generations")


def _near_the_lottery(mean, views, networks):
    """As much as of equally likely views, less what networks share by their samples' own odds."""
    lottery = 1 - (1 - 1 / views) ** networks
    if networks == 1:
        np.testing.assert_allclose(mean, lottery, rtol=1e-9)
    assert (np.asarray(mean) <= lottery + 1e-9).all()
    # Odds of two views that differ by less than 3 to 2: (P - 1/M)^2 is below 0.01.
    second = networks * (networks - 1) / 2 * (1 - 1 / views) ** max(networks - 2, 0)
    assert (np.asarray(mean) >= lottery - 0.01 * second - 1e-9).all()


def test_ensembles_know_the_wins_of_all_networks_behind_them():
    measured = studied("generations")
    setting, table = measured.setting, measured.tables["ensembles"]
    pupils = setting.students
    behind = {
        (TEACHER, 2): 2, (TEACHER, 10): 10, (student_of(2), pupils): 3 * pupils,
        (student_of(10), pupils): 10 + pupils, (self_distilled(1), pupils): 2 * pupils,
        **{(generations_to(r), r + 1): r + 1 for r in range(1, setting.rounds + 1)},
    }  # fmt: skip
    for _, rows in table.groupby("replicate"):
        seen = dict(zip(zip(rows["role"], rows["size"], strict=True), rows["in_the_mean"],
                        strict=True))  # fmt: skip
        assert set(seen) == set(behind)
        for kind, networks in behind.items():
            _near_the_lottery(seen[kind], 2, networks)
    assert set(table.columns) == {
        "replicate", "role", "size", "coverage", "by_starts", "in_the_mean"
    }  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_seed_and_the_replicate_decide_every_bit(lesson):
    (setting,) = settings("smoke", lesson)
    short = setting.shortened(6)
    tables = measure(short, SEED, 0)
    again = measure(short, SEED, 0, keep=("curves", "weights"))
    assert [again.pop(name) for name in ("curves", "weights")] == [[], []]
    assert again == tables
    for other in (measure(short, SEED, 1), measure(short, SEED + 1, 0)):
        for name, rows in tables.items():
            assert rows != other[name], name


@pytest.mark.parametrize(("lesson", "teachers"), [*((n, 10) for n in LESSONS), ("curriculum", 0)])
def test_every_network_is_counted(lesson, teachers, monkeypatch):
    (setting,) = settings("smoke", lesson, teachers=teachers)
    trained, kept = Counter(), []

    def spy(weights, patches, labels, power, schedule, **words):
        kept.append(weights)  # so that no address is used twice
        trained.update(network.data_ptr() for network in weights)

    monkeypatch.setattr(classroom, "train", spy)
    measure(setting.shortened(2), SEED, 0)
    # Students go on as copies of the same ones, which are none of them.
    copied = setting.cohort if lesson == "generations" else 0
    assert len(trained) == setting.networks + copied


def test_students_are_followed_at_the_steps_watched():
    setting = studied("followed").setting
    watched = replace(setting, watched=(0, 7, setting.taught.steps))
    tables = measure(watched.shortened(watched.steps), SEED, 0)
    course = tables["course"]
    assert [(row["network"], row["step"]) for row in course] == [
        (n, step) for step in watched.watched for n in range(setting.students)
    ]
    # At the end of their teaching they stand as they are recorded then.
    students = [row for row in tables["networks"] if row["role"] != TEACHER]
    for at_end, student in zip(course[-setting.students :], students, strict=True):
        for name in ("training_accuracy", "single_view_error"):
            assert at_end[name] == student[name]
    # Being asked changes nothing.
    assert measure(setting, SEED, 0)["networks"] == tables["networks"]


def test_ensembles_of_the_sizes_asked_have_students():
    (setting,) = settings("smoke", sizes=(3,), chains=())
    tables = measure(setting.shortened(4), SEED, 0)
    found = Counter(row["role"] for row in tables["networks"])
    assert found == {TEACHER: 10, student_of(3): 2, self_distilled(1): 10}
    assert sum(found.values()) == setting.networks
    assert {(row["role"], row["size"]) for row in tables["ensembles"]} >= {(TEACHER, 3)}


def small(setting: TeachingSetting) -> TeachingSetting:
    """Little data, where only initial weights are asked for."""
    return replace(setting, training_samples=24, test_samples=3, repeats=1)


def of_views(views: int) -> TeachingSetting:
    (smoke,) = settings("smoke")
    data = replace(smoke.data, views=views, dimension=(views + 3) * 3)
    return small(replace(smoke, data=data))


@pytest.mark.parametrize("views", [2, 3])
def test_views_win_with_the_odds_of_their_samples(views):
    room = Classroom(of_views(views), SEED, 0, "cpu")
    count = 6000
    room.beginners(TEACHERS, count)
    wins = np.stack(room.wins)
    shares = np.stack([(wins == view).mean(axis=0) for view in range(views)], axis=1)
    error = np.sqrt(room.odds * (1 - room.odds) / count)
    assert (np.abs(shares - room.odds) < 4.5 * error).all()
    # So few samples of a class do not show its views alike: equal odds are refused.
    assert np.abs(shares - 1 / views).max() > 6 * error.max()
    np.testing.assert_allclose(room.odds.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("views", [2, 3])
def test_unions_of_wins_have_the_mean_of_the_formula(views):
    setting = of_views(views)
    values = {1: [], 2: [], 4: []}
    means = {1: [], 2: [], 4: []}
    for replicate in range(250):
        room = Classroom(setting, SEED, replicate, "cpu")
        weights, names = room.beginners(TEACHERS, 4)
        other, more = room.beginners(PUPILS, 2)
        assert names + more == list(range(6))
        # Anew: the largest response of each class's neurons, scaled by S^(1/(q-2)).
        drives = room.samples.drives(3, POWER)
        starts = torch.cat([weights, other]).numpy()
        responses = np.einsum("nkrd,kvd->nkvr", starts, setting.data.vectors).max(axis=-1).clip(0)
        wins = (responses * drives ** (1 / (POWER - 2))).argmax(axis=-1)
        for n in values:
            union = {2 * i % 6 + i // 3 for i in range(n)}
            foreseen = room._foreseen([union])
            mean = (1 - (1 - room.odds) ** n).mean()
            assert foreseen["in_the_mean"] == pytest.approx(mean, rel=1e-12)
            means[n].append(mean)
            known = [len(set(wins[sorted(union), label])) / views for label in range(3)]
            assert foreseen["by_starts"] == pytest.approx(np.mean(known), rel=1e-14)
            values[n].append(foreseen["by_starts"])
    # A single network knows one view, always; unions vary.
    np.testing.assert_allclose(values[1], 1 / views, rtol=1e-14)
    for n in (2, 4):
        off = np.array(values[n]) - means[n]
        error = np.std(off, ddof=1) / math.sqrt(250)
        assert 0 < error < 0.02
        assert np.mean(off) == pytest.approx(0, abs=5 * error)


def test_sets_of_unions_are_averaged():
    (smoke,) = settings("smoke")
    room = Classroom(small(smoke), SEED, 0, "cpu")
    room.beginners(TEACHERS, 4)
    one, two = (room._foreseen([u]) for u in ({0}, {1, 2, 3}))
    both = room._foreseen([{0}, {1, 2, 3}])
    assert both == {k: pytest.approx((one[k] + two[k]) / 2) for k in both}


def test_adjusting_takes_out_the_lottery_and_nothing_else():
    rng = np.random.default_rng(0)
    foreseen = rng.choice([0.6, 0.75, 0.9], size=(40, 3))
    own = 0.05 * rng.standard_normal((40, 3))
    table = pd.DataFrame(
        {
            "replicate": np.repeat(np.arange(40), 3), "role": "pupil", "size": 2,
            "by_starts": foreseen.ravel(), "in_the_mean": 0.75,
            "coverage": (foreseen + own).ravel(),
            "single_view_error": (1 - foreseen - own).ravel(),
        }
    )  # fmt: skip
    others = table.assign(role="other", coverage=9.0, single_view_error=9.0)
    both = pd.concat([others, table.assign(size=3, coverage=7.0).assign(role="third"), table])
    measured = Measured(None, 40, {"networks": both, "ensembles": both})
    wanted = 0.75 + own.mean(axis=1)
    for sample in (
        adjusted(table), coverage_of(measured, "pupil"), ensemble_of(measured, "pupil", 2)
    ):  # fmt: skip
        np.testing.assert_allclose(sample.values, wanted, atol=1e-14)
    np.testing.assert_allclose(error_of(measured, "pupil").values, 1 - wanted, atol=1e-14)
    # The mean moves by the mean of what is taken out alone, 0 over initial weights.
    shift = 0.75 - foreseen.mean()
    assert adjusted(table).mean == pytest.approx(table["coverage"].mean() + shift, abs=1e-14)
    even = table.assign(by_starts=0.75)
    np.testing.assert_allclose(adjusted(even).values, (foreseen + own).mean(axis=1), atol=1e-14)


@pytest.mark.parametrize("views", [2, 3])
def test_showing_a_view_removes_the_others(views):
    (smoke,) = settings("smoke")
    data = replace(smoke.data, views=views, dimension=(views + 4) * 3)
    room = Classroom(small(replace(smoke, data=data)), SEED, 0, "cpu")
    whole, labels = room.samples.patches.copy(), room.samples.labels
    rows = np.arange(len(labels))
    for view in range(views):
        shown = room.showing(view).numpy()
        others = [v for v in range(views) if v != view]
        kept = [p for p in range(data.patches) if p not in others]
        np.testing.assert_array_equal(shown[:, kept], whole[:, kept])
        # Of the others their noise is left, which no feature answers to.
        noise = slice(data.features, None)
        np.testing.assert_array_equal(shown[..., noise], whole[..., noise])
        # z v less z v: rounding of numbers up to 2 in single precision.
        np.testing.assert_allclose(shown[:, others, : data.features], 0, atol=5e-7)
        for v in range(views):
            answers = (shown[:, v] * data.vectors[labels, v]).sum(axis=1)
            wanted = room.samples.coefficients[:, v] if v == view else np.zeros(len(rows))
            np.testing.assert_allclose(answers, wanted, atol=1e-6)
    np.testing.assert_array_equal(room.samples.patches, whole)
    np.testing.assert_array_equal(room.patches.numpy(), whole)


def test_finite_sizes_and_spreads_follow_the_growth_law():
    (quick,) = settings("quick")
    assert quick.margin() == pytest.approx((1 - 1 / 2) / 10)
    # Without distractors nobody waits: the law of a network alone, with what the winner leaves.
    quiet = replace(quick, data=replace(quick.data, distractors=0, distractor_strength=(0.0, 0.0)))
    mean, power = quiet.data.mean_power(1), quiet.data.mean_power(POWER)
    late = power * (quiet.final_strength() - 1) / mean
    alone = expected_coverage(2, quiet.neurons, POWER, quiet.deviation, late)
    assert quiet.alone_at_finite_size() == pytest.approx(alone, abs=1e-10)
    assert quick.alone_at_finite_size() > alone
    # The strength solves its equation: e^(g a') = 1 + (K-1) g^2 T where a' = a less the bend.
    above = mean - quick.distraction
    a, time = quick.final_strength() - 0.75, quick.alone.time
    assert math.expm1(above * a) == pytest.approx(4 * above**2 * time, rel=1e-12)
    assert quick.finite(1) == pytest.approx(quick.alone_at_finite_size())
    assert quick.finite(3) == pytest.approx(1 - (1 - quick.finite(1)) ** 3)
    assert quick.spread(3, 4) == pytest.approx(quick.spread(3, 1) / 2)
