"""Coverage of ensembles whose networks are made to differ, by their starts or by what they see."""

from typing import Any

import numpy as np

from mvtheory.arguments import NETWORKS, NEURONS, VIEWS
from mvtheory.arrays import real
from mvtheory.coverage.share import coverage_formula
from mvtheory.references import Source
from mvtheory.shapes import ArrayLike


def _least(views: Any, networks: Any) -> Any:
    import sympy

    return sympy.Min(1, networks / views)


distinct_wins = coverage_formula(
    name="distinct_wins",
    summary="Expected coverage of N networks that win different views as long as there are any.",
    arguments=(VIEWS, NETWORKS),
    expression=_least,
    stable=lambda views, networks: np.minimum(1.0, networks / views),
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    monotone=("views", "networks"),
    notes=(
        "The most that N networks of one view each can know: reached if each is shown a view of "
        "its own, or begins with the weights of the first one, its responses to the views of a "
        "class passed on from view to view. Independent starts cover 1 - (1 - 1/M)^N."
    ),
)

opposite_starts = coverage_formula(
    name="opposite_starts",
    summary="Expected coverage of two networks whose initial weights are each other's negatives.",
    arguments=(VIEWS.within(low=2, high=1000), NEURONS.within(high=1000)),
    expression=lambda views, neurons: (
        (1 + (1 - 2 ** (1 - neurons * views)) * (1 - (neurons - 1) / (neurons * views - 1))) / views
    ),
    stable=lambda views, neurons: (
        (
            1
            - np.expm1(np.log(2) * (1 - neurons * views))
            * neurons
            * (views - 1)
            / (neurons * views - 1)
        )
        / views
    ),
    source=Source("allenzhu2023", "Theorem 2"),
    status="our extension",
    monotone=("views", "neurons"),
    notes=(
        "The largest of m M responses wins in one network, the smallest in the other: two of them "
        "drawn without replacement, which belong to one view with probability (m-1)/(m M - 1). "
        "That is below 1/M, and hardly so with many neurons: opposite starts are nearly distinct "
        "wins at m = 1 and independent ones as m grows. Where all responses have one sign, with "
        "probability 2^(1 - m M), one of the two learns nothing."
    ),
)


def shown_coverage(shown: ArrayLike) -> float:
    """Expected coverage of networks that are shown only some of the views, on average over classes.

    Network i learns one of the views that it is shown, each equally likely, so that with a_il for
    "i is shown view l" they cover 1 - (1/M) sum_l prod_i (1 - a_il / sum_k a_ik).

    Parameters
    ----------
    shown : array, shape (networks, views)
        Of 0 and 1: whether a network is shown a view. Each is shown one at least.

    Returns
    -------
    float
        In [1/M, 1].

    Raises
    ------
    ValueError
        For anything else than such an array.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Theorem 2, whose networks are all shown everything.

    Examples
    --------
    Three networks, from each of which another view of three is hidden:

    >>> import numpy as np
    >>> shown_coverage(1 - np.eye(3))
    0.75
    """
    seen = real(shown, "shown")
    right = seen.ndim == 2 and seen.size and np.isin(seen, (0, 1)).all() and seen.any(axis=1).all()
    if not right:
        raise ValueError(
            f"shown={seen.tolist()} is not allowed (shape (networks, views), of 0 and 1, a 1 in "
            "every row); say for each network which views it is shown, one at least"
        )
    missed = np.prod(1 - seen / seen.sum(axis=1, keepdims=True), axis=0)
    return float(1 - missed.mean())
