"""Models on frozen features: how they are solved for, and the claims on them."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from validation.claims.random_features import limited
from validation.claims.random_features_law import RANDOM_FEATURES_LAW
from validation.data import MultiViewData
from validation.experiments import measure
from validation.experiments.frozen import Ridge, features, regressions, shares
from validation.experiments.grouped import NONE
from validation.experiments.random_features import setting as random_features
from validation.experiments.random_features.setting import (
    TUNED,
    RandomFeatureSetting,
    in_gains,
)
from validation.records import shards as store

SMOKE = random_features.settings("smoke")
DATA = MultiViewData(classes=3, views=2, dimension=36)


def gathered(setting, replicates: int = 3, seed: int = 4):
    shards = [
        store.Shard(setting.describe(), seed, n, measure(setting, seed, n), {})
        for n in range(replicates)
    ]
    return store.measured(setting, shards)


@pytest.mark.parametrize("kind", ["random features", "neural tangent"])
def test_features_by_definition(kind):
    rng = np.random.default_rng(2)
    patches, weights = rng.standard_normal((4, 3, 5)), rng.standard_normal((5, 2))
    found = features(patches, weights, kind)
    for sample, row in zip(patches, found, strict=True):
        if kind == "random features":
            expected = [sum(max(w @ x, 0) for x in sample) for w in weights.T]
        else:
            expected = np.concatenate(
                [sum((x for x in sample if w @ x > 0), np.zeros(5)) for w in weights.T]
            )
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def test_regression_is_the_same_in_both_dimensions():
    """Primal and dual solutions are one, by the push-through identity."""
    rng = np.random.default_rng(3)
    targets, ridge = rng.standard_normal((9, 2)), 0.3
    for count in (4, 9, 20):
        known, new = rng.standard_normal((9, count)), rng.standard_normal((5, count))
        dual = new @ known.T @ np.linalg.solve(known @ known.T + ridge * np.eye(9), targets)
        primal = new @ np.linalg.solve(known.T @ known + ridge * np.eye(count), known.T @ targets)
        np.testing.assert_allclose(dual, primal, rtol=1e-9, atol=1e-12)
        found = Ridge(known[None], ridge)(targets)[0]
        np.testing.assert_allclose(new @ found, primal, atol=1e-9)


def test_beyond_as_many_features_as_samples_there_is_nothing_to_distil():
    """Interpolating models hand the labels on: a student learns what it would from labels."""
    rng = np.random.default_rng(5)
    targets = rng.standard_normal((10, 3))
    known = rng.standard_normal((10, 40))
    fitted = known @ Ridge(known[None], 1e-9)(targets)[0]
    np.testing.assert_allclose(fitted, targets, atol=1e-8)


def plain(known, new, targets, ridge):
    """Outputs on new samples and on known ones of one ridge regression, by its definition."""
    square = known.T @ known + ridge * np.eye(known.shape[1])
    weights = np.linalg.solve(square, known.T @ targets)
    return new @ weights, known @ weights


@pytest.mark.parametrize("count", [3, 7, 20])
def test_regressions_are_those_of_the_definition(count):
    """Also where joint training, and where one model, has more features than samples.

    Condition numbers are below 1e3: 1e-9 leaves six digits for them.
    """
    rng = np.random.default_rng(8)
    size, groups, ridge = 4, 3, 0.3
    drawn = rng.standard_normal((groups * size, 15 + 40, count))
    known, new = drawn[:, :15], drawn[:, 15:]
    targets, labels = rng.standard_normal((15, 3)), rng.integers(3, size=40)
    found = regressions(known, size, targets, ridge)
    penalty = ridge * (known**2).sum(2).mean()
    right = {kind: [] for kind in ("one", "ensemble", "joint", "student")}
    for group in range(groups):
        own, after = (
            range(size * (g % groups), size * (g % groups) + size) for g in (group, group + 1)
        )
        one = [plain(known[m], new[m], targets, penalty) for m in own]
        taught = np.mean([fitted for _, fitted in one], axis=0)
        right["one"] += [outputs for outputs, _ in one]
        right["ensemble"].append(np.mean([outputs for outputs, _ in one], axis=0))
        together = [np.hstack(part[own.start : own.stop]) / 2 for part in (known, new)]
        right["joint"].append(plain(*together, targets, penalty)[0])
        right["student"] += [plain(known[m], new[m], taught, penalty)[0] for m in after]
    outputs = {kind: new @ weights for kind, weights in found.items()}
    np.testing.assert_allclose(outputs["one"], right["one"], atol=1e-9)
    # The first students in the order of models are those of the last ensemble.
    np.testing.assert_allclose(np.roll(outputs["student"], -size, 0), right["student"], atol=1e-9)
    joint = outputs["joint"].reshape(groups, size, 40, 3).sum(1)
    np.testing.assert_allclose(joint, right["joint"], atol=1e-9)
    expected = {kind: (np.array(right[kind]).argmax(2) == labels).mean() for kind in right}
    assert shares(new, found, size, labels) == expected


def fresh_model(setting, rng, patches, count, labels, models=1):
    """Outputs on new and on known samples of so many models of features of their own, as one."""
    samples = len(labels)
    drawn = features(
        patches, rng.standard_normal((setting.data.dimension, count * models)), setting.features
    )
    ridge = setting.ridge * (drawn[:samples] ** 2).sum(1).mean()
    return plain(drawn[:samples], drawn[samples:], labels, ridge)


def test_features_that_serve_again_leave_every_mean_as_it_is():
    """Against models, joint models and students of fresh features each, on other data.

    Means over 100 replicates of either; 4 deviations of their difference.
    """
    setting = replace(SMOKE[0], counts=(8, 40), repeats=6, test_samples=3)
    replicates, size = 100, setting.models
    found = {}
    for replicate in range(replicates):
        for row in measure(setting, 9, replicate)["models"]:
            found.setdefault((row["count"], row["kind"]), []).append(row["view_only"])
    fresh = {key: [] for key in found}
    for rng in np.random.default_rng(10).spawn(replicates):
        training = setting.data.sample(setting.training_samples, rng)
        asked = setting.data.view_only(setting.repeats, rng)
        together = np.concatenate([training.patches, asked.patches])
        targets = np.eye(3)[training.labels] - 1 / 3
        for count in setting.counts:
            fit = partial(fresh_model, setting, rng, together, count)
            one = [fit(targets) for _ in range(size)]
            average, taught = (np.mean(part, axis=0) for part in zip(*one, strict=True))
            outputs = {
                "one": one[0][0],
                "ensemble": average,
                "joint": fit(targets, size)[0],
                "student": fit(taught)[0],
                "self": fit(one[0][1])[0],
            }
            for kind, own in outputs.items():
                fresh[count, kind].append((own.argmax(1) == asked.labels).mean())
    for key, shares_found in found.items():
        error = np.hypot(np.std(shares_found), np.std(fresh[key])) / np.sqrt(replicates)
        assert abs(np.mean(shares_found) - np.mean(fresh[key])) < 4 * error, key


def test_the_planned_spread_is_that_of_replicates():
    """At the hardest comparison: within the 4 deviations of a spread from 40 replicates.

    Not more than it, so that the plan keeps its power, and not less than half of it.
    """
    setting = replace(random_features.settings("quick")[1], counts=(20,))
    joint = [measure(setting, 11, n)["models"][2] for n in range(40)]
    assert {row["kind"] for row in joint} == {"joint"}
    observed = np.std([row["view_only"] for row in joint], ddof=1)
    planned = setting.share_spread(20, "joint")
    assert planned / 2 < observed < planned * (1 + 4 / np.sqrt(2 * 39))


def test_one_model_is_its_own_ensemble_and_joint_model():
    rows = measure(replace(SMOKE[0], models=1), 1, 0)["models"]
    for count in SMOKE[0].counts:
        one, ensemble, joint, *_ = (row for row in rows if row["count"] == count)
        for name in ("view_only", "test"):
            assert one[name] == ensemble[name] == joint[name]


def test_replicates_are_their_seed_and_number():
    for setting in SMOKE:
        assert measure(setting, 3, 1) == measure(setting, 3, 1)
        assert measure(setting, 3, 1) != measure(setting, 3, 2) != measure(setting, 4, 2)
        assert measure(setting, 3, 1, keep=("curves",))["curves"] == []
        assert setting.shortened(3) == setting


def test_the_law_is_observed_in_the_order_in_which_it_is_expected():
    setting = SMOKE[0]
    measured = gathered(setting, 1)
    table = measured.tables["models"]
    for e, sample in zip(
        RANDOM_FEATURES_LAW.expect(setting), RANDOM_FEATURES_LAW.observe(measured), strict=True
    ):
        counts = [c for c in setting.counts if round(setting.per_sample(c), 4) == e.x]
        row = table[(table["count"] == counts[0]) & (table["kind"] == e.series)]
        assert sample.values.tolist() == row["view_only"].tolist()


def test_the_theory_tells_the_ridge_from_none():
    """At as many features in all as samples, joint training needs the ridge."""
    ridge, none, tangent = random_features.settings("quick")
    count = ridge.counts[1]
    assert ridge.expected(count, "joint") > ridge.expected(count, "ensemble")
    assert none.expected(count, "joint") < none.expected(count, "ensemble") - 0.2
    assert limited(ridge) == list(ridge.counts[:3])
    assert (ridge.ridge, none.ridge) == (TUNED, NONE)
    with pytest.raises(ValueError, match="has no such theory"):
        tangent.expected(1, "one")


def test_settings_say_what_is_wrong_with_them():
    more = {"data": DATA, "training_samples": 30, "counts": (4,)}
    with pytest.raises(ValueError, match="features='learned' is not known; choose one of random"):
        RandomFeatureSetting(features="learned", ridge=0.1, **more)
    with pytest.raises(ValueError, match="groups=1 is not allowed"):
        RandomFeatureSetting(features="random features", ridge=0.1, groups=1, **more)
    with pytest.raises(ValueError, match="ridge=0 is not allowed"):
        RandomFeatureSetting(features="random features", ridge=0, **more)
    measured = gathered(SMOKE[0], 2)
    measured.tables["models"]["view_only"] = 0.5
    with pytest.raises(ValueError, match="gains nothing is no unit"):
        in_gains(measured, SMOKE[0].counts[0], "student")
