"""Frozen features and the ridge regressions on them: single models, ensembles, joint, students.

What the experiments on random features share. Not even training needs torch here: the models are
solved for, in double precision.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Array = NDArray[np.float64]


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


def regressions(
    known: Array, size: int, targets: Array, ridge: float, students: Mapping[str, int] | None = None
) -> dict[str, Array]:
    """Weights of ridge regressions on known features, each of shape (models, P, classes).

    Of `one` model for labels and of the `students`; in the `joint` model of an ensemble, the
    weights of its models' features.

    Parameters
    ----------
    known : array, shape (models, training samples, P)
    size : int
        Models of an ensemble, which has the next so many of them.
    targets : array, shape (training samples, classes)
    ridge : float
        In units of the kernel's mean eigenvalue.
    students : mapping of str to int, optional
        How many models the teacher of a kind of student averages, a divisor of `size`. It is of
        the ensemble before. By default a `student` has the whole ensemble.
    """
    penalty = ridge * float((known**2).sum(2).mean())
    solvers = [Ridge(own[None], penalty) for own in known]
    one = np.concatenate([solver(targets) for solver in solvers])
    fitted = known @ one
    joint = [
        # Features of N models are divided by the root of N, hence the factor.
        Ridge(known[start : start + size], size * penalty)(targets)
        for start in range(0, len(known), size)
    ]
    weights = {"one": one, "joint": np.concatenate(joint)}
    for kind, taught in ({"student": size} if students is None else students).items():
        teachers = averages(fitted, taught)
        # The teachers of the first models are the last ones.
        own = [solver(teachers[(n - size) // taught]) for n, solver in enumerate(solvers)]
        weights[kind] = np.concatenate(own)
    return weights


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
