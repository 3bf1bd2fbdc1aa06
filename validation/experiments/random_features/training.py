"""Solves for the models of `RandomFeatureSetting` and measures them.

Features are drawn in single precision, regressions are solved in double. Drawn features serve as
often as they stay independent of what they are asked about: a model of few has the first of them,
and an ensemble's students have those of the next ensemble's models. Each of these models is, by
itself, one of fresh features.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from validation.data import Samples
from validation.experiments.random_features.setting import KINDS, NONE, RandomFeatureSetting
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
    rows = []
    for count in setting.counts:
        known, *new = (part[:, :, : setting.parameters(count)] for part in drawn)
        weights = regressions(known, setting.models, targets, setting.ridge)
        share = {
            name: shares(part, weights, setting.models, samples.labels)
            for part, (name, samples) in zip(new, asked.items(), strict=True)
        }
        rows += [
            {"count": count, "kind": kind, **{name: own[kind] for name, own in share.items()}}
            for kind in KINDS
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


def regressions(known: Array, size: int, targets: Array, ridge: float) -> dict[str, Array]:
    """Weights of ridge regressions on known features, each of shape (models, P, classes).

    Of `one` model for labels and of a `student`; in the `joint` model of an ensemble, the weights
    of its models' features.

    Parameters
    ----------
    known : array, shape (models, training samples, P)
    size : int
        Models of an ensemble, which has the next so many of them.
    targets : array, shape (training samples, classes)
    ridge : float
        In units of the kernel's mean eigenvalue.
    """
    penalty = ridge * float((known**2).sum(2).mean())
    solvers = [Ridge(own[None], penalty) for own in known]
    one = np.concatenate([solver(targets) for solver in solvers])
    ensembles = averages(known @ one, size)
    taught = [ensembles[number // size - 1] for number in range(len(known))]
    student = [solver(teacher) for solver, teacher in zip(solvers, taught, strict=True)]
    joint = [
        # Features of N models are divided by the root of N, hence the factor.
        Ridge(known[start : start + size], size * penalty)(targets)
        for start in range(0, len(known), size)
    ]
    return {"one": one, "student": np.concatenate(student), "joint": np.concatenate(joint)}


class Ridge:
    """Ridge regression on the features of models together: factorised once, for any targets.

    In the smaller dimension, of the features or of the samples.
    """

    def __init__(self, known: Array, ridge: float):
        models, samples, count = known.shape
        self.known, self.primal = known, models * count <= samples
        if self.primal:
            self.together = known.transpose(1, 0, 2).reshape(samples, -1)
            square = self.together.T @ self.together
        else:
            square = np.sum([own @ own.T for own in known], axis=0)
        square[np.diag_indices_from(square)] += ridge
        self.factor = cho_factor(square, overwrite_a=True, check_finite=False)

    def __call__(self, targets: Array) -> Array:
        """Weights, shape (models, P, classes), for targets of shape (samples, classes)."""
        models, _, count = self.known.shape
        if not self.primal:
            dual = cho_solve(self.factor, targets, check_finite=False)
            return self.known.transpose(0, 2, 1) @ dual
        weights = cho_solve(self.factor, self.together.T @ targets, check_finite=False)
        return weights.reshape(models, count, -1)


def averages(outputs: Array, size: int) -> Array:
    """Means over the next `size` models: shape (models / size, samples, classes)."""
    return outputs.reshape(-1, size, *outputs.shape[1:]).mean(1)


def shares(
    new: Array, weights: dict[str, Array], size: int, labels: NDArray[np.int64]
) -> dict[str, float]:
    """Share of new samples that each kind of model gets right, in the mean over its models."""
    together = new @ np.concatenate(list(weights.values()), axis=2)
    outputs = dict(zip(weights, np.split(together, len(weights), axis=2), strict=True))
    outputs["ensemble"] = averages(outputs["one"], size)
    # A sum, of which the mean has the same largest.
    outputs["joint"] = averages(outputs["joint"], size)
    return {kind: float((own.argmax(2) == labels).mean()) for kind, own in outputs.items()}


def features(patches: NDArray, weights: NDArray, kind: str) -> NDArray:
    """Frozen features of samples, shape (samples, P).

    Of random weights, shape (dimension, count): P = count responses, or P = dimension * count
    gradients.
    """
    samples, patches_each, dimension = patches.shape
    count = weights.shape[1]
    if kind == "random features":
        total = np.zeros((samples, count), dtype=patches.dtype)
        responses = np.empty_like(total)
        for patch in range(patches_each):  # stays in the cache
            np.matmul(patches[:, patch], weights, out=responses)
            total += np.maximum(responses, 0, out=responses)
        return total
    # One product of matrices: numpy would take the patches of each sample apart.
    responses = (patches.reshape(-1, dimension) @ weights).reshape(samples, patches_each, count)
    gates = (responses > 0).astype(patches.dtype)
    return (gates.transpose(0, 2, 1) @ patches).reshape(samples, -1)
