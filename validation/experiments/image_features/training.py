"""Solves for the models of `ImageFeatureSetting` and measures them.

Features are drawn and pooled in single precision, regressions are solved in double.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from validation.experiments.frozen import features, regressions, shares
from validation.experiments.image_features.setting import FORESEEN, KINDS, ImageFeatureSetting
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

EXPERIMENT = 8
"""Begins the keys of this experiment's random numbers."""
IMAGES, WEIGHTS = range(2)
"""Purposes of random numbers; each has its own stream."""
BLOCK = 500
"""Images at a time, whose patches stay in the cache."""


def measure(
    setting: ImageFeatureSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Table `models`: a row for each kind of model, with its accuracy on test samples.

    In the mean over the models of that kind.
    """
    problem = setting.problem
    source = list(FORESEEN).index(problem.source) if problem.source in FORESEEN else len(FORESEEN)
    streams = Streams(seed, (EXPERIMENT, source, setting.side, replicate))
    training, test, _ = problem.sample(streams.sequence(IMAGES))
    images = np.concatenate([training.inputs, test.inputs])
    drawn = frozen(setting, images, streams.rng(WEIGHTS))
    known, new = np.split(drawn, [problem.training_samples], axis=1)
    middle = known.mean(axis=1, keepdims=True)
    known, new = known - middle, new - middle
    targets = np.eye(problem.classes)[training.labels] - 1 / problem.classes
    students = {"student": setting.models, "self": 1}
    weights = regressions(known, setting.models, targets, setting.ridge, students)
    accuracy = shares(new, weights, setting.models, test.labels)
    return {"models": [{"kind": kind, "accuracy": accuracy[kind]} for kind in KINDS]}


def frozen(
    setting: ImageFeatureSetting, images: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Features of images for every model, shape (models, images, 4 * filters)."""
    models, channels = setting.models * setting.groups, images.shape[1]
    shape = channels, setting.side, setting.side, models * setting.filters
    filters = rng.standard_normal(shape, np.float32)
    drawn = np.empty((models, len(images), setting.features))
    for start in range(0, len(images), BLOCK):
        block = slice(start, start + BLOCK)
        own = pooled(images[block], filters).reshape(-1, 4, models, setting.filters)
        drawn[:, block] = own.transpose(2, 0, 1, 3).reshape(models, -1, setting.features)
    return drawn


def pooled(images: NDArray, filters: NDArray) -> NDArray:
    """ReLU responses of filters, in the mean over each quarter: shape (images, 4, filters).

    Quarters line by line.

    Parameters
    ----------
    images : array, shape (images, channels, height, width)
    filters : array, shape (channels, side, side, filters)
        They stay within the images, at an even number of positions in each direction.
    """
    channels, side, _, count = filters.shape
    patches = sliding_window_view(images, (side, side), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5)
    high, wide = patches.shape[1] // 2, patches.shape[2] // 2
    quarters = [
        patches[:, down : down + high, right : right + wide].reshape(len(images), high * wide, -1)
        for down in (0, high)
        for right in (0, wide)
    ]
    rows = filters.reshape(channels * side * side, count)
    sums = [features(quarter, rows, "random features") for quarter in quarters]
    return np.stack(sums, axis=1) / (high * wide)
