"""Solves for the models of `RandomFeatureSetting` and measures them.

Features are drawn in single precision, regressions are solved in double. Drawn features serve as
often as they stay independent of what they are asked about: a model of few has the first of them,
and an ensemble's students have those of the next ensemble's models. Each of these models is, by
itself, one of fresh features.
"""

import numpy as np
from numpy.typing import NDArray

from validation.data import Samples
from validation.experiments.frozen import features, regressions, shares
from validation.experiments.grouped import NONE
from validation.experiments.random_features.setting import MEASURED, RandomFeatureSetting
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

EXPERIMENT = 6
"""Begins the keys of this experiment's random numbers."""
TRAINING, TEST, VIEW_ONLY, WEIGHTS = range(4)
"""Purposes of random numbers; each has its own stream."""

Array = NDArray[np.float64]


def measure(
    setting: RandomFeatureSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Table `models`: a row for each number of features and kind of model.

    With the share of view-only samples and of test samples that are classified rightly, in the
    mean over the models of that kind.
    """
    data = setting.data
    key = (
        EXPERIMENT, data.classes, data.views, setting.features == "neural tangent",
        setting.ridge > NONE, replicate,
    )  # fmt: skip
    rng = Streams(seed, key).rng
    training = data.sample(setting.training_samples, rng(TRAINING))
    asked = {
        "view_only": data.view_only(setting.repeats, rng(VIEW_ONLY)),
        "test": data.sample(setting.test_samples, rng(TEST)),
    }
    drawn = frozen(setting, [training, *asked.values()], rng(WEIGHTS))
    targets = np.eye(data.classes)[training.labels] - 1 / data.classes
    students, rows = {"student": setting.models, "self": 1}, []
    for count in setting.counts:
        known, *new = (part[:, :, : setting.parameters(count)] for part in drawn)
        weights = regressions(known, setting.models, targets, setting.ridge, students)
        share = {
            name: shares(part, weights, setting.models, samples.labels)
            for part, (name, samples) in zip(new, asked.items(), strict=True)
        }
        rows += [
            {"count": count, "kind": kind, **{name: own[kind] for name, own in share.items()}}
            for kind in MEASURED
        ]
    return {"models": rows}


def frozen(
    setting: RandomFeatureSetting, parts: list[Samples], rng: np.random.Generator
) -> list[Array]:
    """Features for every model, of shape (models, samples, P) for each part of the samples.

    Of the largest number of them: models of fewer have the first ones.
    """
    shape = setting.data.dimension, max(setting.counts)
    patches = np.concatenate([part.patches for part in parts])
    size = setting.parameters(shape[1])
    drawn = np.empty((setting.models * setting.groups, len(patches), size))
    for own in drawn:
        own[:] = features(patches, rng.standard_normal(shape, np.float32), setting.features)
    ends = np.cumsum([part.labels.size for part in parts])
    return np.split(drawn, ends[:-1], axis=1)
