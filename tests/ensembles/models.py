"""Networks whose laws are known: labels drawn by the mean logits, members scattered about them.

And what each reader finds of members by itself.
"""

import numpy as np
from numpy.typing import NDArray

from mvtheory.ensembles.doubts import Doubts
from mvtheory.ensembles.errors import Errors, ScoreErrors
from mvtheory.ensembles.members import Members, read
from mvtheory.ensembles.reduced import Reduced, Reducer
from mvtheory.ensembles.subsets import Subsets, SubsetScores, SubsetVotes


def scattered(
    samples: int, classes: int, members: int, noise: float, seed: int, width: float = 2.0
) -> tuple[NDArray, NDArray, NDArray]:
    """Labels ~ softmax(mean), the means, shape (N, K), and members mean + noise, (n, N, K)."""
    rng = np.random.default_rng(seed)
    mean = width * rng.normal(size=(samples, classes))
    labels = (mean + rng.gumbel(size=mean.shape)).argmax(axis=1)
    return labels, mean, mean + noise * rng.normal(size=(members, *mean.shape))


def softmax(logits: NDArray) -> NDArray:
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def ensembles(
    mean: NDArray, noise: float, size: int, count: int, seed: int, average: str = "probabilities"
) -> NDArray:
    """What so many fresh ensembles put out, shape (count, N, K)."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        logits = mean + noise * rng.normal(size=(size, *mean.shape))
        drawn.append((softmax(logits) if average == "probabilities" else logits).mean(axis=0))
    return np.array(drawn)


def scores_of(members: Members, average: str) -> Subsets:
    reader = SubsetScores(len(members), average)
    read(members, reader)
    return reader.found()


def votes_of(members: Members) -> NDArray:
    reader = SubsetVotes(len(members))
    read(members, reader)
    return reader.found()


def errors_of(members: Members, average: str) -> Errors:
    reader = ScoreErrors(len(members), average)
    read(members, reader)
    return reader.found()


def reduced(members: Members) -> Reduced:
    reader = Reducer(len(members), members.samples, members.classes)
    read(members, reader)
    return reader.found()


def doubts_of(members: Members) -> tuple[str, ...]:
    reader = Doubts(members)
    read(members, reader)
    return reader.found()
