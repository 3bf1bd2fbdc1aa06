"""Networks that learn from one another: slopes, training with momentum, lessons and claims."""

import json
import math
from collections import Counter
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional

from mvtheory.race import expected_coverage
from validation import store
from validation.claim import Comparison, Measured, Verdict
from validation.claims import CLAIMS
from validation.experiments import restore, teaching_networks
from validation.experiments.teaching import (
    BEFORE,
    FALLING,
    RISING,
    TEACHER,
    TeachingSetting,
    adjusted,
    after_views,
    check,
    coverage_of,
    ensemble_of,
    error_of,
    self_distilled,
    settings,
    student_of,
)
from validation.experiments.teaching_networks import PUPILS, TEACHERS, Classroom
from validation.schedule import Schedule
from validation.teaching import Softened, Truncated
from validation.training import train

SEED, POWER = 3, 4
LESSONS = ("generations", "temperatures", "curriculum")
OF_GENERATIONS = (
    "ensemble-distillation", "self-distillation", "repeated-self-distillation",
    "ensemble-of-students",
)  # fmt: skip
OWN = {
    name: CLAIMS[name]
    for name in (
        *OF_GENERATIONS, "trained-sum", "temperature", "view-curriculum",
        "curriculum-against-distillation",
    )
}  # fmt: skip
COLUMNS = {
    "role", "network", "coverage", "coverage_by_weights", "training_accuracy",
    "single_view_error", "by_starts", "in_the_mean",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As in every worker: the order of sums is then fixed."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", autouse=True)
def law_once():
    """The growth law is integrated for every expectation; here once for each setting."""
    with pytest.MonkeyPatch.context() as patch:
        law = cache(TeachingSetting.alone_at_finite_size)
        patch.setattr(TeachingSetting, "alone_at_finite_size", lambda setting: law(setting))
        yield


# What a teacher adds.


def drawn(*shape: int, seed: int = 0, scale: float = 2.0) -> torch.Tensor:
    return scale * torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def truncated(networks: int, classes: int = 4, samples: int = 9) -> Truncated:
    return Truncated(outputs=drawn(networks, classes, samples, seed=1), cap=0.8, weight=0.7)


def softened(networks: int, classes: int = 4, samples: int = 9, steps: int = 5) -> Softened:
    temperatures = torch.linspace(0.5, 6, networks * steps, dtype=torch.float64)
    return Softened(
        outputs=drawn(networks, classes, samples, seed=1),
        temperatures=temperatures.view(networks, steps),
        weight=0.7,
    )


def as_(kind: torch.dtype, teaching):
    """The same teaching in another precision."""
    tensors = {
        f.name: getattr(teaching, f.name).to(kind)
        for f in fields(teaching)
        if isinstance(getattr(teaching, f.name), torch.Tensor)
    }
    return replace(teaching, **tensors)


def taught_loss(teaching, logits: torch.Tensor, step: int) -> torch.Tensor:
    """What the docstrings state, summed over samples and networks."""
    if isinstance(teaching, Truncated):
        cap = torch.tensor(teaching.cap, dtype=logits.dtype)
        off = torch.minimum(logits, cap) - torch.minimum(teaching.outputs, cap)
        return teaching.weight / 2 * (off**2).sum()
    total = torch.zeros((), dtype=logits.dtype)
    for n, temperature in enumerate(teaching.temperatures[:, step]):
        told = functional.log_softmax(teaching.outputs[n] / temperature, dim=0)
        own = functional.log_softmax(logits[n] / temperature, dim=0)
        divergence = functional.kl_div(own, told, reduction="sum", log_target=True)
        total = total + teaching.weight * temperature**2 * divergence
    return total


@pytest.mark.parametrize("precision", [torch.float64, torch.float32])
@pytest.mark.parametrize("make", [truncated, softened])
@pytest.mark.parametrize("step", [0, 3])
def test_slopes_are_those_of_the_stated_loss(make, step, precision):
    logits = drawn(3, 4, 9).requires_grad_()
    exact = make(3)
    taught_loss(exact, logits, step).backward()
    teaching = as_(precision, exact)
    given, before = logits.detach().to(precision), drawn(3, 4, 9, seed=2).to(precision)
    residuals, outputs = before.clone(), given.clone()
    teaching.add_(residuals, outputs, step)
    # A dozen roundings of numbers up to 10 (residuals, outputs over T, weight T).
    room = 12 * 10 * torch.finfo(precision).eps
    torch.testing.assert_close((residuals - before).double(), logits.grad, rtol=0, atol=room)
    assert logits.grad.abs().max() > 0.5
    # Nothing else is changed.
    assert torch.equal(outputs, given)
    assert torch.equal(teaching.outputs, as_(precision, make(3)).outputs)


def test_outputs_above_the_cap_are_left_alone():
    teaching, logits = truncated(3), drawn(3, 4, 9)
    above = logits >= teaching.cap
    assert 5 < above.sum() < above.numel() - 5
    slopes = torch.zeros_like(logits)
    teaching.add_(slopes, logits, 0)
    assert (slopes[above] == 0).all()
    assert (slopes[~above] != 0).all()
    # Of a teacher above the cap nothing is seen but the cap.
    higher = replace(teaching, outputs=teaching.outputs + 5 * (teaching.outputs > teaching.cap))
    again = torch.zeros_like(logits)
    higher.add_(again, logits, 0)
    assert torch.equal(again, slopes)


@pytest.mark.parametrize("make", [truncated, softened])
def test_a_part_is_that_of_some_of_the_networks(make):
    teaching, chosen, logits = make(5), slice(1, 4), drawn(5, 4, 9)
    part = teaching.part(chosen)
    assert torch.equal(part.outputs, teaching.outputs[chosen])
    assert part.weight == teaching.weight
    whole, some = torch.zeros(5, 4, 9).double(), torch.zeros(3, 4, 9).double()
    teaching.add_(whole, logits, 2)
    part.add_(some, logits[chosen], 2)
    assert torch.equal(some, whole[chosen])
    assert teaching.part(slice(0, 5)).outputs.shape == teaching.outputs.shape


def test_every_step_has_its_temperature():
    teaching, logits = softened(3), drawn(3, 4, 9)
    before = None
    for step in range(5):
        constant = replace(teaching, temperatures=teaching.temperatures[:, step, None])
        scheduled, still = torch.zeros_like(logits), torch.zeros_like(logits)
        teaching.add_(scheduled, logits, step)
        constant.add_(still, logits, 0)
        assert torch.equal(scheduled, still)
        assert before is None or not torch.allclose(scheduled, before)
        before = scheduled


# Training.


def reference_logits(weights: torch.Tensor, patches: torch.Tensor) -> torch.Tensor:
    """Of one network, shape (classes, samples): the definition case by case."""
    z = torch.einsum("spd,crd->csrp", patches, weights)
    bent = torch.where(z <= 1, z.clamp(0, 1) ** POWER / POWER, z - 1 + 1 / POWER)
    return bent.sum(dim=(2, 3))


def problem(networks: int, scale: float):
    rng = np.random.default_rng(8)
    patches = torch.from_numpy(0.5 * rng.standard_normal((9, 3, 12)))
    labels = torch.from_numpy(rng.integers(4, size=9))
    return drawn(networks, 4, 3, 12, seed=9, scale=scale), patches, labels


@pytest.mark.parametrize("momenta", [(0.0, 0.0), (0.9, 0.9), (0.0, 0.8), (0.9, 0.0)])
@pytest.mark.parametrize("make", [None, truncated, softened])
def test_training_is_that_of_an_ordinary_optimizer(make, momenta):
    weights, patches, labels = problem(3, scale=0.6)
    schedule = Schedule(12, 0.05, 7, 0.12, *momenta)
    teaching = make and (make(3, steps=12) if make is softened else make(3))
    trained = weights.clone()
    train(trained, patches, labels, POWER, schedule, teaching=teaching)
    for n in range(3):
        own = weights[n].clone().requires_grad_()
        # Without momentum torch keeps no velocity for steps that have it; so next to none.
        optimizer = torch.optim.SGD([own], lr=1.0, momentum=1e-13)
        for step in range(12):
            # Rates are in units of the number of classes.
            group = optimizer.param_groups[0]
            group["lr"] = 4 * (0.05 if step < 7 else 0.12)
            group["momentum"] = momenta[step >= 7] or 1e-13
            optimizer.zero_grad()
            logits = reference_logits(own, patches)
            loss = functional.cross_entropy(logits.T, labels)
            if teaching is not None:
                part = teaching.part(slice(n, n + 1))
                loss = loss + taught_loss(part, logits[None], step) / len(labels)
            loss.backward()
            optimizer.step()
        assert (own - weights[n]).abs().max() > 0.1
        torch.testing.assert_close(trained[n], own.detach(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("make", [truncated, softened])
def test_students_do_not_depend_on_their_company(make):
    weights, patches, labels = problem(16, scale=0.3)
    weights, patches = weights.float(), patches.float()
    schedule = Schedule(steps=8, rate=0.2, switch=5, late_rate=0.4, momentum=0.8, late_momentum=0.6)
    teaching = as_(torch.float32, make(16, steps=8) if make is softened else make(16))
    alone = weights.clone()
    train(alone, patches, labels, POWER, schedule, packing=1, teaching=teaching)
    for packing in (2, 3, 7, 16, None):
        packed = weights.clone()
        train(packed, patches, labels, POWER, schedule, packing, teaching=teaching)
        assert torch.equal(packed, alone), packing
    # A teacher makes a difference, and each network has its own.
    untaught = weights.clone()
    train(untaught, patches, labels, POWER, schedule)
    assert not torch.allclose(untaught, alone)
    swapped = weights.clone()
    other = replace(teaching, outputs=teaching.outputs.flip(0))
    train(swapped, patches, labels, POWER, schedule, teaching=other)
    assert not torch.allclose(swapped, alone)


def test_teaching_is_not_compiled():
    weights, patches, labels = problem(1, scale=0.3)
    before = weights.clone()
    with pytest.raises(ValueError, match=r"compiled=True is not allowed with teaching .*; train"):
        train(weights, patches, labels, POWER, Schedule(2, 1, 1, 1), compiled=True,
              teaching=truncated(1))  # fmt: skip
    assert torch.equal(weights, before)


def test_time_counts_what_momentum_keeps():
    assert Schedule(steps=10, rate=0.5, switch=4, late_rate=2.0).time == pytest.approx(14)
    assert Schedule(3, 0.5, 4, 2.0).time == pytest.approx(1.5)
    schedule = Schedule(50, 0.5, 20, 2.0, momentum=0.9, late_momentum=0.8)
    assert schedule.time == pytest.approx(20 * 0.5 / 0.1 + 30 * 2.0 / 0.2, rel=1e-14)
    # A constant force moves the heavy ball by this time, less what its start takes.
    even = replace(schedule, late_rate=0.5, late_momentum=0.9)
    position, velocity = 0.0, 0.0
    for _ in range(50):
        velocity = 0.9 * velocity + 1
        position += 0.5 * velocity
    start = 0.5 * 0.9 * (1 - 0.9**50) / (1 - 0.9) ** 2
    assert position == pytest.approx(even.time - start, rel=1e-12)


# Lessons.


def gathered(setting, replicates=range(2)) -> Measured:
    """Replicates as a run gathers them."""
    shards = [
        store.Shard(setting.describe(), SEED, n, setting.measure(SEED, n), {}) for n in replicates
    ]
    return store.measured(setting, shards)


@cache
def studied(lesson: str) -> Measured:
    (setting,) = settings("smoke", lesson)
    return gathered(setting)


def roles(setting: TeachingSetting) -> dict[str, tuple[int, int]]:
    """Networks of each role, and those whose wins each of them should know."""
    pupils, teachers = setting.students, setting.teachers
    if setting.lesson == "generations":
        later = {self_distilled(r): (n, r + 1) for r, n in enumerate(setting.chains, start=2)}
        return {
            TEACHER: (teachers, 1), student_of(2): (pupils, 3), student_of(10): (pupils, 11),
            self_distilled(1): (teachers, 2), **later,
        }  # fmt: skip
    if setting.lesson == "temperatures":
        courses = [*(f"T = {t:g}" for t in setting.temperatures), FALLING, RISING]
        return {BEFORE: (pupils, 1)} | dict.fromkeys(courses, (pupils, teachers + 1))
    shown = {after_views(v + 1): (pupils, 1) for v in range(setting.data.views)}
    return shown | ({student_of(teachers): (pupils, teachers + 1)} if teachers else {})


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "full"])
def test_settings_are_restored_from_what_they_say_of_themselves(preset):
    chosen = [s for lesson in LESSONS for s in settings(preset, lesson, weight=0.5)]
    chosen += [s for claim in OWN.values() for s in claim.settings(preset)]
    distinct = {s.label: s for s in chosen if s.describe()["experiment"] == "teaching"}
    for setting in distinct.values():
        description = json.loads(json.dumps(setting.describe()))
        assert restore(description) == setting
        assert setting.data.features < setting.data.dimension
    # Settings of one label are one setting, trained once.
    for claim in OWN.values():
        for s in claim.settings(preset):
            assert sum(s.label == other.label and s != other for c in OWN.values()
                       for other in c.settings(preset)) == 0  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS)
def test_shortened_settings_differ_in_lengths_only(lesson):
    (setting,) = settings("quick", lesson)
    assert setting.shortened(setting.steps).steps == setting.steps
    for steps in (5, 25, 200):
        short = setting.shortened(steps)
        assert short.steps == steps
        later = setting.second.steps * steps / setting.steps
        assert abs(short.second.steps - later) <= 0.5  # in proportion, to half a step
        same = {n: getattr(setting, n) for n in ("alone", "taught", "softened")}
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
        np.testing.assert_allclose(rows["in_the_mean"], 1 - (1 - 1 / views) ** behind, rtol=1e-14)
    for name in ("coverage_by_weights", "training_accuracy", "single_view_error", "by_starts"):
        assert table[name].between(0, 1).all()
    # Shares of class-view pairs, and at least one view is known of each class.
    pairs = table["by_starts"] * setting.data.features
    np.testing.assert_allclose(pairs, pairs.round(), atol=1e-9)
    assert table["by_starts"].min() >= 1 / views - 1e-12
    alone = table[table["in_the_mean"] == 1 / views]
    np.testing.assert_allclose(alone["by_starts"], 1 / views, rtol=1e-14)
    assert ("ensembles" in measured.tables) == (lesson == "generations")


def test_ensembles_know_the_wins_of_all_networks_behind_them():
    measured = studied("generations")
    setting, table = measured.setting, measured.tables["ensembles"]
    pupils = setting.students
    behind = {
        (TEACHER, 2): 2, (TEACHER, 10): 10, (student_of(2), pupils): 3 * pupils,
        (student_of(10), pupils): 10 + pupils, (self_distilled(1), pupils): 2 * pupils,
    }  # fmt: skip
    for _, rows in table.groupby("replicate"):
        seen = dict(zip(zip(rows["role"], rows["size"], strict=True), rows["in_the_mean"],
                        strict=True))  # fmt: skip
        assert seen == {k: pytest.approx(1 - 0.5**n, rel=1e-14) for k, n in behind.items()}
    assert set(table.columns) == {
        "replicate", "role", "size", "coverage", "by_starts", "in_the_mean"
    }  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_seed_and_the_replicate_decide_every_bit(lesson):
    (setting,) = settings("smoke", lesson)
    short = setting.shortened(6)
    tables = short.measure(SEED, 0)
    again = short.measure(SEED, 0, keep=("curves", "weights"))
    assert [again.pop(name) for name in ("curves", "weights")] == [[], []]
    assert again == tables
    for other in (short.measure(SEED, 1), short.measure(SEED + 1, 0)):
        for name, rows in tables.items():
            assert rows != other[name], name


@pytest.mark.parametrize(("lesson", "teachers"), [*((n, 10) for n in LESSONS), ("curriculum", 0)])
def test_every_network_is_counted(lesson, teachers, monkeypatch):
    (setting,) = settings("smoke", lesson, teachers=teachers)
    trained, kept = Counter(), []

    def spy(weights, patches, labels, power, schedule, **words):
        kept.append(weights)  # so that no address is used twice
        trained.update(network.data_ptr() for network in weights)

    monkeypatch.setattr(teaching_networks, "train", spy)
    setting.shortened(2).measure(SEED, 0)
    # Students at each temperature go on from the same ones, which are none of them.
    copied = setting.students if lesson == "temperatures" else 0
    assert len(trained) == setting.networks + copied


def small(setting: TeachingSetting) -> TeachingSetting:
    """Little data, where only initial weights are asked for."""
    return replace(setting, training_samples=24, test_samples=3, repeats=1)


@pytest.mark.parametrize("views", [2, 3])
def test_unions_of_wins_have_the_mean_of_the_formula(views):
    (smoke,) = settings("smoke")
    data = replace(smoke.data, views=views, dimension=(views + 3) * 3)
    setting = small(replace(smoke, data=data))
    values = {1: [], 2: [], 4: []}
    for replicate in range(250):
        room = Classroom(setting, SEED, replicate, "cpu")
        weights, names = room.beginners(TEACHERS, 4)
        other, more = room.beginners(PUPILS, 2)
        assert names + more == list(range(6))
        # Anew: the largest response of each class's neurons, scaled by S^(1/(q-2)).
        drives = room.samples.drives(3, POWER)
        starts = torch.cat([weights, other]).numpy()
        responses = np.einsum("nkrd,kvd->nkvr", starts, data.vectors).max(axis=-1).clip(0)
        wins = (responses * drives ** (1 / (POWER - 2))).argmax(axis=-1)
        for n in values:
            union = {2 * i % 6 + i // 3 for i in range(n)}
            foreseen = room._foreseen([union])
            assert foreseen["in_the_mean"] == pytest.approx(1 - (1 - 1 / views) ** n, rel=1e-14)
            known = [len(set(wins[sorted(union), label])) / views for label in range(3)]
            assert foreseen["by_starts"] == pytest.approx(np.mean(known), rel=1e-14)
            values[n].append(foreseen["by_starts"])
    # A single network knows one view, always; unions vary.
    np.testing.assert_allclose(values[1], 1 / views, rtol=1e-14)
    for n in (2, 4):
        error = np.std(values[n], ddof=1) / math.sqrt(250)
        assert 0 < error < 0.02
        assert np.mean(values[n]) == pytest.approx(1 - (1 - 1 / views) ** n, abs=5 * error)


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


# Claims.


@cache
def smoke_networks(name: str) -> Measured:
    (setting,) = OWN[name].settings("smoke")
    if name in OF_GENERATIONS:
        return studied("generations")
    return gathered(setting.shortened(12))


@pytest.mark.parametrize("name", OWN)
def test_a_sample_is_observed_for_each_expectation(name):
    claim, measured = OWN[name], smoke_networks(name)
    setting = measured.setting
    assert setting.label == claim.settings("smoke")[0].label
    for expect, observe in ((claim.expect, claim.observe), (claim.require, claim.check)):
        expectations, samples = expect(setting), observe(measured)
        assert len(expectations) == len(samples) > 0
        assert all(sample.values.size == 2 for sample in samples)
        assert len({(e.panel, e.series, e.x) for e in expectations}) == len(expectations)
    comparisons = [
        Comparison(e, o.mean, 0.01, (0.0, 1.0), 2, Verdict.INCONCLUSIVE, False)
        for e, o in zip(claim.expect(setting), claim.observe(measured), strict=True)
    ]
    lines = claim.remarks(comparisons, [measured])
    assert lines
    for line in lines:
        assert line.startswith(setting.label)
        assert "nan" not in line


@pytest.mark.parametrize(
    ("name", "words"), [(name, w.words) for name, c in OWN.items() for w in c.wrong]
)
def test_wrong_formulas_exclude_what_the_right_one_expects(name, words):
    claim = OWN[name]
    (formula,) = (w.expect for w in claim.wrong if w.words == words)
    for setting in claim.settings("quick"):
        right, wrong = claim.expect(setting), formula(setting)
        assert [(e.panel, e.series, e.x) for e in wrong] == [
            (e.panel, e.series, e.x) for e in right
        ]
        gaps = [
            max(
                w.low - e.expected if w.low is not None else -math.inf,
                e.expected - w.high if w.high is not None else -math.inf,
            )
            / e.spread
            for e, w in zip(right, wrong, strict=True)
        ]
        # Half a replicate's deviation: ten replicates then put 1.6 standard errors between them.
        assert max(gaps) > 0.5


@pytest.mark.parametrize("name", OF_GENERATIONS)
def test_students_who_know_what_they_should_meet_the_predictions_exactly(name):
    """Coverages put to what the wins behind each network foretell: no lottery is left."""
    measured = studied("generations")
    ideal = {
        key: table.assign(coverage=table["by_starts"], single_view_error=1 - table["by_starts"])
        for key, table in measured.tables.items()
    }
    claim, perfect = OWN[name], Measured(measured.setting, 2, ideal)
    for e, sample in zip(claim.expect(measured.setting), claim.observe(perfect), strict=True):
        np.testing.assert_allclose(sample.values, e.predicted, atol=1e-12)


def with_coverage(name: str, by_role: dict[str, float]) -> Measured:
    """The smoke networks with coverages made up by role, and half as much again in the second."""
    measured = smoke_networks(name)
    table = measured.tables["networks"]
    made = table["role"].map(by_role) * (1 + table["replicate"] / 2)
    assert made.notna().all()
    return Measured(measured.setting, 2, {"networks": table.assign(coverage=made)})


def test_gains_are_over_students_before_they_are_taught():
    courses = {"T = 1": 0.22, "T = 2": 0.23, "T = 4": 0.27, "T = 8": 0.35}
    measured = with_coverage("temperature", {BEFORE: 0.2, FALLING: 0.5, RISING: 0.4} | courses)
    samples = OWN["temperature"].observe(measured)
    for sample, gain in zip(samples[:-1], (0.02, 0.03, 0.07, 0.15), strict=True):
        # Of what was lacking, 0.8 in one replicate and 0.7 in the other.
        np.testing.assert_allclose(sample.values, [gain / 0.8, 1.5 * gain / 0.7], atol=1e-14)
    np.testing.assert_allclose(samples[-1].values, [0.1, 0.15], atol=1e-14)
    temperatures = [e.x for e in OWN["temperature"].expect(measured.setting)][:-1]
    assert temperatures == [1.0, 2.0, 4.0, 8.0]


def test_curricula_are_observed_phase_by_phase():
    phases = {after_views(1): 0.3, after_views(2): 0.4}
    samples = OWN["view-curriculum"].observe(with_coverage("view-curriculum", phases))
    for sample, value in zip(samples, phases.values(), strict=True):
        np.testing.assert_allclose(sample.values, [value, 1.5 * value], atol=1e-14)
    against = OWN["curriculum-against-distillation"]
    measured = with_coverage(against.name, phases | {student_of(10): 0.6})
    (sample,) = against.observe(measured)
    np.testing.assert_allclose(sample.values, [-0.2, -0.3], atol=1e-14)
    assert against.recorded is Verdict.FAILS


def test_preconditions_are_of_teachers_and_of_students():
    measured = studied("generations")
    table = measured.tables["networks"]
    made = table.assign(training_accuracy=np.where(table["role"] == TEACHER, 0.9, 0.7))
    teachers, students = check(Measured(measured.setting, 2, {"networks": made}))
    np.testing.assert_allclose(teachers.values, 0.9)
    np.testing.assert_allclose(students.values, 0.7)
