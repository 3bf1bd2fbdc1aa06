"""Training samples made of others: midpoints, masked views, pasted ones."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from validation.data import Samples
from validation.experiments.methods.setting import MethodSetting

Made = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Patches, shape (samples, patches, dimension), and labels, shape (samples, classes)."""


def made_samples(setting: MethodSetting, samples: Samples, rng: np.random.Generator) -> Made:
    """The training samples of `setting`, as many as before.

    Shares are met as exactly as they go, class by class: what is drawn is which sample it is.
    """
    patches = samples.patches.copy()
    labels = np.eye(setting.data.classes, dtype=np.float32)[samples.labels]
    if setting.made == "as they are":
        return patches, labels
    other = _partners(samples.labels, setting.data.classes, rng)
    if setting.made.startswith("midpoints"):
        mixed = _spread(samples.labels, np.array([1 - setting.share, setting.share]), rng) == 1
        patches[mixed] /= 2
        added = np.where(mixed[:, None, None], samples.patches[other] / 2, 0)
        labels[mixed] = (labels[mixed] + labels[other[mixed]]) / 2
        if setting.made == "midpoints apart":
            return np.concatenate([patches, added], axis=1), labels
        return patches + added, labels
    views = setting.data.views
    every = np.array(list(product((False, True), repeat=views)))
    chances = np.where(every, setting.share, 1 - setting.share).prod(axis=1)
    gone = every[_spread(samples.labels, chances, rng)]
    own = patches[:, :views]
    if setting.made == "masked":
        own[gone] = 0
        return patches, labels
    own[gone] = samples.patches[other][:, :views][gone]
    part = gone.mean(axis=1, keepdims=True, dtype=np.float32)
    return patches, (1 - part) * labels + part * labels[other]


def _partners(
    labels: NDArray[np.int64], classes: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """For each sample one of another class, of every class equally often."""
    index = np.arange(len(labels))
    partners = np.empty_like(index)
    for label in range(classes):
        own = rng.permutation(index[labels == label])
        away = np.arange(len(own)) % (classes - 1) + 1
        for step in range(1, classes):
            asked = own[away == step]
            there = index[labels == (label + step) % classes]
            partners[asked] = rng.choice(there, size=len(asked), replace=len(asked) > len(there))
    return partners


def _spread(
    labels: NDArray[np.int64], chances: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """A kind for each sample, by these chances, spread as evenly over each class as they go."""
    kinds, ends = np.empty_like(labels), chances.cumsum()
    for label in np.unique(labels):
        own = rng.permutation(np.flatnonzero(labels == label))
        places = (np.arange(len(own)) + 0.5) / len(own)
        kinds[own] = np.searchsorted(ends[:-1], places)
    return kinds
