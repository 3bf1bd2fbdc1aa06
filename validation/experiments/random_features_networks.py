"""Solves for the models of `RandomFeatureSetting` and measures them; in double precision."""

import numpy as np
from numpy.typing import NDArray

from validation.claim import Tables
from validation.data import Samples
from validation.experiments.random_features import KINDS, NONE, RandomFeatureSetting

EXPERIMENT = 6
"""Begins the keys of this experiment's random numbers."""
TRAINING, TEST, VIEW_ONLY, WEIGHTS = range(4)
"""Purposes of random numbers; each has its own stream."""

Array = NDArray[np.float64]


def measure(setting: RandomFeatureSetting, seed: int, replicate: int) -> Tables:
    """Table `models`: a row for each number of features and kind of model.

    With the share of view-only samples and of test samples that are classified rightly, for one
    model and for students in the mean over them.
    """
    data = setting.data

    def rng(*purpose: int) -> np.random.Generator:
        key = (
            EXPERIMENT, data.classes, data.views, setting.features == "neural tangent",
            setting.ridge > NONE, replicate, *purpose,
        )  # fmt: skip
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(map(int, key))))

    training = data.sample(setting.training_samples, rng(TRAINING))
    tests = [
        data.sample(setting.test_samples, rng(TEST)),
        data.view_only(setting.repeats, rng(VIEW_ONLY)),
    ]
    inputs = [part.patches.astype(float) for part in (training, *tests)]
    targets = np.eye(data.classes)[training.labels] - 1 / data.classes
    rows = []
    for count in setting.counts:
        answers = [
            _group(setting, count, inputs, targets, rng(WEIGHTS, count, group))
            for group in range(setting.groups)
        ]
        for kind in KINDS:
            own = [outputs for group in answers for outputs in group[kind]]
            test, view_only = (
                float(np.mean([right(outputs[part], tests[part - 1]) for outputs in own]))
                for part in (1, 2)
            )
            rows.append({"count": count, "kind": kind, "view_only": view_only, "test": test})
    return {"models": rows}


def _group(
    setting: RandomFeatureSetting,
    count: int,
    inputs: list[Array],
    targets: Array,
    rng: np.random.Generator,
) -> dict[str, list[list[Array]]]:
    """Outputs of every model on each of the inputs, by kind: N models and what is made of them."""
    shape = (setting.data.dimension, count)

    def frozen() -> list[Array]:
        weights = rng.standard_normal(shape)
        return [features(part, weights, setting.features) for part in inputs]

    drawn = [frozen() for _ in range(setting.models)]
    ridge = setting.ridge * float(np.mean([(own[0] ** 2).sum(1).mean() for own in drawn]))
    models = [regress(own, targets, ridge) for own in drawn]
    average = [np.mean(part, axis=0) for part in zip(*models, strict=True)]
    joined = [np.hstack(part) / np.sqrt(setting.models) for part in zip(*drawn, strict=True)]
    return {
        "one": models,
        "ensemble": [average],
        "joint": [regress(joined, targets, ridge)],
        # Of features of their own: as different from the teachers as these from one another.
        "student": [regress(frozen(), average[0], ridge) for _ in range(setting.students)],
    }


def features(patches: Array, weights: Array, kind: str) -> Array:
    """Frozen features of samples, shape (samples, P); their kernel is a mean over the draws.

    Of random weights, shape (dimension, count): P = count responses, or P = dimension * count
    gradients.
    """
    samples, patches_each, dimension = patches.shape
    count = weights.shape[1]
    # One product of matrices: numpy would take the patches of each sample apart.
    responses = (patches.reshape(-1, dimension) @ weights).reshape(samples, patches_each, count)
    if kind == "random features":
        return np.maximum(responses, 0, out=responses).sum(1) / np.sqrt(count)
    gates = (responses > 0).astype(float)
    return (gates.transpose(0, 2, 1) @ patches).reshape(samples, -1) / np.sqrt(count)


def regress(parts: list[Array], targets: Array, ridge: float) -> list[Array]:
    """Outputs on all parts of ridge regression on the first, solved in the smaller dimension."""
    known = parts[0]
    samples, count = known.shape
    if count <= samples:
        weights = np.linalg.solve(known.T @ known + ridge * np.eye(count), known.T @ targets)
    else:
        weights = known.T @ np.linalg.solve(known @ known.T + ridge * np.eye(samples), targets)
    return [part @ weights for part in parts]


def right(outputs: Array, samples: Samples) -> float:
    return float((outputs.argmax(1) == samples.labels).mean())
