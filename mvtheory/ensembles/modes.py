r"""How networks of one accuracy differ: nested errors, and outputs about two values or about one.

Two hypotheses on what the outputs of networks are that differ in their starts alone: the label
with noise, F_i = y + xi + xi_i, xi common to all and xi_i of each network its own; or a lottery, in
which F_i is one value where network i knows the view and another where it does not.
"""

from functools import lru_cache

import numpy as np

from mvtheory.arguments import NETWORKS
from mvtheory.arrays import real
from mvtheory.shapes import ArrayLike, Float, Floats

DRAWN = 20_000
"""Samples drawn for the share of noise: its standard error is then below 0.001."""


def explained_by_accuracy(right: ArrayLike) -> float:
    r"""Share of the disagreement of networks on what is right that their accuracies explain.

    Over pairs, mean |a_i - a_j| over the mean share of samples that one of the two puts right and
    the other wrong. 1 where what a worse network knows a better one knows too; sqrt(2 / (pi n d)),
    for many networks, where each sample is put right or wrong by itself, n samples and d of them
    disagreed on; 0 for a lottery whose networks know equally much.

    Parameters
    ----------
    right : bool array, shape (networks, samples)
        Two networks at least.

    Returns
    -------
    float
        In [0, 1]; 0 for networks that never disagree.

    Raises
    ------
    ValueError
        For another shape.

    Notes
    -----
    Ours, for the remark in Allen-Zhu & Li (2023), section 1, that accuracies of networks hardly
    vary.

    Examples
    --------
    >>> explained_by_accuracy([[1, 1, 1, 0], [1, 1, 0, 0]]), explained_by_accuracy([[1, 0], [0, 1]])
    (1.0, 0.0)
    """
    answers = _several(right, "right")
    first, second = np.triu_indices(len(answers), 1)
    accuracy = answers.mean(axis=1)
    apart = float(np.abs(answers[first] - answers[second]).mean())
    return float(np.abs(accuracy[first] - accuracy[second]).mean()) / apart if apart else 0.0


def two_value_share(outputs: ArrayLike) -> float:
    r"""Share of the variance of outputs over networks that dividing these in two explains.

    Of each sample the networks are divided at the value that explains most; variances of samples
    are added up. 1 for outputs of two values; of normal noise, `two_value_share_of_noise`.

    Parameters
    ----------
    outputs : float array, shape (networks, samples)
        One number of each sample, such as the label's logit above the largest other one.

    Returns
    -------
    float
        In [0, 1]; 0 for networks that put out the same.

    Raises
    ------
    ValueError
        For another shape.

    Notes
    -----
    Ours: the criterion of Otsu, as a test of F_i = y + xi + xi_i against the lottery of
    Allen-Zhu & Li (2023), Theorem 1.

    Examples
    --------
    >>> round(two_value_share([[0, 5], [1, 5], [1, 9]]), 9), two_value_share([[0], [1], [2], [3]])
    (1.0, 0.8)
    """
    between, total = _divided(_several(outputs, "outputs"))
    return float(between.sum() / total.sum()) if total.any() else 0.0


@lru_cache
def two_value_share_of_noise(networks: int) -> float:
    r"""`two_value_share` of independent normal noise, for so many networks.

    2/pi for many; more for few, which any number divides well.

    Parameters
    ----------
    networks : int, N >= 2

    Returns
    -------
    float
        By 20,000 drawn samples, always the same ones.

    Notes
    -----
    Ours.

    Examples
    --------
    >>> [round(two_value_share_of_noise(networks), 2) for networks in (2, 10, 100)]
    [1.0, 0.73, 0.65]
    """
    count = int(NETWORKS.within(low=2).number(networks))
    drawn = np.random.default_rng(0).standard_normal((count, DRAWN))
    between, total = _divided(drawn)
    return float(between.sum() / total.sum())


def _divided(
    outputs: Float[Floats, "networks samples"],
) -> tuple[Float[Floats, " samples"], Float[Floats, " samples"]]:
    """Largest variance between two groups, and all of it, of every sample."""
    ordered = np.sort(outputs - outputs.mean(axis=0), axis=0)
    count = len(ordered)
    lower = np.arange(1, count)[:, None]
    # The sums of the groups are opposite.
    between = ordered.cumsum(axis=0)[:-1] ** 2 / (lower * (count - lower))
    return between.max(axis=0), (ordered**2).mean(axis=0)


def _several(given: ArrayLike, name: str) -> Float[Floats, "networks samples"]:
    values = real(given, name)
    if values.ndim != 2 or len(values) < 2 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"{name} of shape {values.shape} is not allowed (networks, samples), two networks at "
            "least, all finite; give a row for each network"
        )
    return values
