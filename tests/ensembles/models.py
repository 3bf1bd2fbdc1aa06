"""Networks whose laws are known: labels drawn by the mean logits, members scattered about them."""

import numpy as np
from numpy.typing import NDArray


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
