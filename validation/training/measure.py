"""What trained patch networks know: accuracy, coverage, strengths, ensembles of them."""

from itertools import combinations
from math import comb

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mvtheory.scores import share_right
from validation.data import MULTI_VIEW, Samples
from validation.training.networks import logits

Floats = NDArray[np.float64]

MOST_ENSEMBLES = 300
"""Of one size; the mean over more of them is hardly more certain, and costs as much again."""


def outputs(weights: Tensor, samples: Samples, power: int) -> NDArray[np.float32]:
    """Logits of the networks of one data set, shape (networks, samples, classes)."""
    patches = torch.as_tensor(samples.patches, device=weights.device)
    return logits(weights, patches, power).cpu().numpy()


def is_right(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the largest logit is the label's, shape (..., samples)."""
    return logits.argmax(-1) == labels


def right(weights: Tensor, samples: Samples, power: int) -> NDArray[np.bool_]:
    """Whether networks put the samples of one data set right, shape (networks, samples)."""
    return is_right(outputs(weights, samples, power), samples.labels)


def strengths(weights: NDArray[np.float32], vectors: NDArray[np.float32]) -> Floats:
    """Lambda_l = max_r [<w_r, v_l>]^+ of each class for its own views.

    `weights` has shape (networks, classes, neurons, dimension), `vectors`, of the features,
    (classes, views, dimension); the result (networks, classes, views).
    """
    own = weights @ vectors.swapaxes(-1, -2)
    return np.maximum(own.max(axis=2), 0).astype(float)


def total_strengths(weights: NDArray[np.float32], vectors: NDArray[np.float32]) -> Floats:
    """Phi_l = sum_r [<w_r, v_l>]^+, of the shapes of `strengths`."""
    own = weights @ vectors.swapaxes(-1, -2)
    return np.maximum(own, 0).sum(axis=2).astype(float)


def right_share(view_only_right: NDArray[np.bool_], classes: int, views: int) -> Floats:
    """Share of the view-only samples of each (class, view) put right, (..., classes, views)."""
    shape = view_only_right.shape[:-1]
    return view_only_right.reshape(*shape, classes, views, -1).mean(axis=-1)


def coverage(right_share: Floats) -> Floats:
    """Coverage C from view-only samples: their accuracy A, corrected for chance.

    A network puts a view it knows right and one it does not know right by chance, so that
    A = C + (1 - C) / K; hence C = (A - 1/K) / (1 - 1/K). No threshold is involved.
    """
    chance = 1 / right_share.shape[-2]
    return (right_share.mean(axis=(-2, -1)) - chance) / (1 - chance)


def ensemble_coverage(
    logits: NDArray[np.float32], labels: NDArray[np.int64], size: int, classes: int, views: int
) -> float:
    """Mean coverage of ensembles of `size` among the networks given, see `ensembles`."""
    right = is_right(ensembles(logits, size), labels)
    return float(coverage(right_share(right, classes, views)).mean())


def ensemble_error(logits: NDArray[np.float32], labels: NDArray[np.int64], size: int) -> float:
    """Mean error of ensembles of `size` among the networks given, see `ensembles`."""
    return 1 - float(is_right(ensembles(logits, size), labels).mean())


def sure_share(logits: NDArray[np.float32], labels: NDArray[np.int64], size: int) -> float:
    """Share of samples whose label stands log K above all else in ensembles of `size`.

    Its softmax is then above one half, whatever the others are: the sample is fitted.
    """
    means = ensembles(logits, size)
    classes = means.shape[-1]
    is_label = np.arange(classes) == labels[:, None]
    own = np.where(is_label, means, -np.inf).max(axis=-1)
    rival = np.where(is_label, -np.inf, means).max(axis=-1)
    return float((own - rival >= np.log(classes)).mean())


def vote_share(answers: NDArray[np.int64], labels: NDArray[np.int64], size: int) -> float:
    """Share of the samples that votes of `size` networks put right, ties shared.

    The mean over the ensembles of `ensembles`; `answers` has shape (networks, samples).
    """
    classes = np.arange(max(answers.max(), labels.max()) + 1)
    cast = (answers[..., None] == classes).astype(np.float32)
    # Whole numbers again, so that ties are ties.
    votes = np.rint(size * ensembles(cast, size))
    return float(share_right(votes.swapaxes(-1, -2), labels).mean())


def disagreement(answers: NDArray[np.int64]) -> float:
    """Share of samples on which two networks answer differently, in the mean over all pairs."""
    pairs = combinations(answers, 2)
    return float(np.mean([(one != other).mean() for one, other in pairs]))


def ensembles(logits: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Mean logits of ensembles of `size`, shape (ensembles, samples, classes).

    Taking every subset, not disjoint ones, is a U-statistic: unbiased, of least variance. Where
    there are more than MOST_ENSEMBLES of them, neighbours on a ring stand for all: each network
    is in as many ensembles as every other.
    """
    networks = len(logits)
    if comb(networks, size) <= MOST_ENSEMBLES:
        members = np.array(list(combinations(range(networks), size)))
    else:
        starts = np.arange(networks)[:, None]
        members = (starts + np.arange(size)) % networks
    selector = np.zeros((len(members), networks), dtype=np.float32)
    np.put_along_axis(selector, members, 1 / size, axis=1)
    return (selector @ logits.reshape(networks, -1)).reshape(-1, *logits.shape[1:])


def view_overlap(samples: Samples, classes: int, views: int) -> float:
    """Largest |cosine| between two views, each estimated by its mean patch: 0 if orthogonal."""
    multi = samples.shown == MULTI_VIEW
    means = np.concatenate(
        [
            samples.patches[multi & (samples.labels == k), :views].mean(axis=0)
            for k in range(classes)
        ]
    )
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    cosines = np.abs(means @ means.T)
    np.fill_diagonal(cosines, 0)
    return float(cosines.max())
