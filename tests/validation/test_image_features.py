"""Models on frozen convolutional features of images: how they are solved for, and the claim."""

from dataclasses import replace

import numpy as np
import pytest

from validation.claims.image_features import ENSEMBLE, IMAGE_FEATURES, JOINT, expect
from validation.data import ImageProblem
from validation.experiments import measure, restore
from validation.experiments.image_features import setting as image_features
from validation.experiments.image_features import training
from validation.experiments.image_features.setting import KINDS, ImageFeatureSetting
from validation.testing import check_claim, train
from validation.trial.claim import Sample
from validation.trial.design import LEAST, design
from validation.trial.verdict import p_inside, p_outside

(SMOKE,) = image_features.settings("smoke")
FIGURES = ImageProblem(source="drawn figures", size=12, training_samples=24, test_samples=300)


@pytest.mark.parametrize("side", [3, 5])
def test_features_by_definition(side):
    """Patch by patch, in images that are not square."""
    rng = np.random.default_rng(1)
    images = rng.standard_normal((2, 3, side + 3, side + 5))
    filters = rng.standard_normal((3, side, side, 4))
    found = training.pooled(images, filters)
    assert found.shape == (2, 4, 4)
    for i, image in enumerate(images):
        for f in range(4):
            responses = np.array(
                [
                    [
                        max((image[:, y : y + side, x : x + side] * filters[..., f]).sum(), 0)
                        for x in range(6)
                    ]
                    for y in range(4)
                ]
            )
            quarters = [responses[y : y + 2, x : x + 3].mean() for y in (0, 2) for x in (0, 3)]
            np.testing.assert_allclose(found[i, :, f], quarters, rtol=1e-12)


def test_models_have_the_features_of_their_own_filters(monkeypatch):
    """Whatever the blocks; in single precision, of sums of a hundred products: to 1e-4."""
    setting = ImageFeatureSetting(problem=FIGURES, filters=3, models=2)
    images = np.random.default_rng(2).standard_normal((9, 3, 12, 12)).astype(np.float32)
    monkeypatch.setattr(training, "BLOCK", 4)
    found = training.frozen(setting, images, np.random.default_rng(5))
    filters = np.random.default_rng(5).standard_normal((3, 3, 3, 12), np.float32)
    for model, own in enumerate(found):
        right = training.pooled(images, filters[..., 3 * model : 3 * model + 3])
        np.testing.assert_allclose(own, right.reshape(9, 12), rtol=1e-4)


def plain(known, new, targets, penalty):
    """Outputs on new and on known images of one ridge regression, by its definition."""
    square = known.T @ known + penalty * np.eye(known.shape[1])
    weights = np.linalg.solve(square, known.T @ targets)
    return new @ weights, known @ weights


def test_kinds_by_hand():
    """Two ensembles of two models: every kind from regressions that are written out."""
    setting = ImageFeatureSetting(problem=FIGURES, filters=2, models=2, ridge=0.1)
    seed, replicate = 7, 3
    found = {row["kind"]: row["accuracy"] for row in measure(setting, seed, replicate)["models"]}
    key = (training.EXPERIMENT, 0, setting.side, replicate)
    streams = training.Streams(seed, key)
    own, test, _ = FIGURES.sample(streams.sequence(training.IMAGES))
    images = np.concatenate([own.inputs, test.inputs])
    features = training.frozen(setting, images, streams.rng(training.WEIGHTS))
    features -= features[:, :24].mean(axis=1, keepdims=True)
    known, new = features[:, :24], features[:, 24:]
    targets = np.eye(FIGURES.classes)[own.labels] - 1 / FIGURES.classes
    penalty = 0.1 * np.mean([(own @ own.T).trace() / 24 for own in known])
    one = [plain(known[m], new[m], targets, penalty) for m in range(4)]
    average = [[(one[m][i] + one[m + 1][i]) / 2 for i in (0, 1)] for m in (0, 2)]
    pairs = [[np.hstack(part[m : m + 2]) / 2**0.5 for part in (known, new)] for m in (0, 2)]
    right = {
        "one": [outputs for outputs, _ in one],
        "ensemble": [outputs for outputs, _ in average],
        "joint": [plain(*pair, targets, penalty)[0] for pair in pairs],
        # The teachers of either group are of the other.
        "student": [
            plain(known[m], new[m], average[1 - m // 2][1], penalty)[0] for m in range(4)
        ],
        "self": [plain(known[m], new[m], one[(m + 2) % 4][1], penalty)[0] for m in range(4)],
    }  # fmt: skip
    assert found == {
        kind: (np.array(right[kind]).argmax(2) == test.labels).mean() for kind in KINDS
    }
    assert len(set(found.values())) == len(KINDS)


def test_one_model_is_its_own_ensemble_and_joint_model():
    rows = measure(ImageFeatureSetting(problem=FIGURES, filters=2, models=1), 1, 0)["models"]
    one, ensemble, joint, student, own = (row["accuracy"] for row in rows)
    assert one == ensemble == joint
    assert student == own


def test_replicates_are_their_seed_and_number():
    assert measure(SMOKE, 3, 1) == measure(SMOKE, 3, 1)
    assert measure(SMOKE, 3, 1) != measure(SMOKE, 3, 2) != measure(SMOKE, 4, 2)
    assert SMOKE.shortened(3) == restore(SMOKE.describe()) == SMOKE


def test_the_claim_keeps_its_contract():
    check_claim(IMAGE_FEATURES)


def test_the_planned_spreads_are_those_of_replicates():
    """Within the 4 deviations of a spread from 30 replicates, above; a third of it at the least."""
    setting = image_features.settings("quick")[0]
    samples = IMAGE_FEATURES.observe(train(setting, replicates=30, seed=12))
    for e, sample in zip(expect(setting), samples, strict=True):
        assert e.spread / 3 < sample.deviation < e.spread * (1 + 4 / np.sqrt(2 * 29)), e.panel


def decided(truth=lambda e: e.expected, opposite="", level=0.01):
    """Of 60 replicates that differ by the planned spread: +1 inside the range, -1 outside, or 0."""
    setting, found = image_features.settings("quick")[0], []
    for e, own in zip(expect(setting), expect(setting, opposite), strict=True):
        sample = Sample.of(truth(e) + e.spread * np.linspace(-1.5, 1.5, 60))
        found.append(int(p_inside(sample, own) <= level) - int(p_outside(sample, own) <= level))
    return found


@pytest.mark.parametrize("wrong", IMAGE_FEATURES.wrong, ids=lambda wrong: wrong.words)
def test_each_wrong_rule_is_refused(wrong):
    """By one comparison, and by none of the others."""
    assert decided() == [1, 1, 1, 1]
    if wrong.truth:
        assert sorted(decided(lambda e: wrong.truth(e, 0))) == [-1, 1, 1, 1]
    else:
        assert sorted(decided(opposite=wrong.expect.keywords["opposite"])) == [-1, 1, 1, 1]


def test_the_claim_fails_where_ensembles_or_joint_training_gain_nothing_more():
    for panel, truth in ((ENSEMBLE, 0.0), (JOINT, 1.0)):
        found = decided(lambda e, p=panel, t=truth: t if e.panel == p else e.expected)
        assert sorted(found) == [-1, 1, 1, 1]


def test_a_dozen_replicates_decide_the_claim():
    """By the plan of a quick run of this claim alone: its verdict is one of replicates."""
    every = [e for s in image_features.settings("quick") for e in expect(s)]
    assert LEAST <= design({"image-features": every}, 0.9).looks["image-features"][0] <= 12


def test_settings_say_what_is_wrong_with_them():
    for changes, says in (
        ({"groups": 1}, "groups=1 is not allowed"),
        ({"ridge": 0.0}, "ridge=0.0 is not allowed"),
        ({"filters": 0}, "filters=0 is not allowed"),
        ({"models": 0}, "models=0 is not allowed"),
        ({"side": 4}, "side=4 is not allowed for images of 12 pixels"),
        ({"side": 12}, "side=12 is not allowed"),
    ):
        with pytest.raises(ValueError, match=says):
            replace(SMOKE, **changes)
    measured = train(SMOKE)
    measured.tables["models"]["accuracy"] = 0.5
    with pytest.raises(ValueError, match="filters=8: an ensemble that gains nothing"):
        IMAGE_FEATURES.observe(measured)
