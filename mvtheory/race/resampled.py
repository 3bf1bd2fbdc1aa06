"""Networks of one start on samples of their own: how often these let another view win."""

import math

import numpy as np

from mvtheory.arguments import NETWORKS, NEURONS, SPREAD, VIEWS, Argument

DRAWS = Argument("draws", "d", "starts drawn, 20000 are usual", 2, 1e7, integer=True)
SEED = Argument("seed", "s", "seed of the draws", 0, 2**53, integer=True)
AT_ONCE = 2**22
"""Numbers drawn at once."""


def resampled_coverage(
    views: int, neurons: int, networks: int, spread: float, draws: int = 20000, seed: int = 0
) -> float:
    r"""Coverage of N networks that begin alike, each on a resample of the training data.

    View l of network i wins by the largest Lambda_l exp(tau g_il), Lambda_l the largest of the m
    responses that all of them begin with, g standard normal: resampling n samples of a class
    multiplies a drive S by 1 + epsilon, of deviation sqrt(Var z^q / n) / E[z^q], and a strength by
    that to the power 1/(q-2). So they cover 1/M at tau = 0, 1 - (1 - 1/M)^N as tau grows.

    Parameters
    ----------
    views, neurons, networks : int, >= 1
    spread : float, >= 0
        tau.
    draws : int, 2 to 1e7
        Starts drawn; no network is trained.
    seed : int

    Returns
    -------
    float
        In [1/M, 1], with a standard error of at most 1/2 over the root of the draws.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D; bagging is Breiman's (1996). Classes all of
    whose responses are negative are left out.

    Examples
    --------
    Ten networks, bagged, cover hardly more than one of them:

    >>> round(resampled_coverage(views=2, neurons=6, networks=10, spread=0.02), 3)
    0.523
    """
    m, n = int(VIEWS.within(high=1000).number(views)), NEURONS.number(neurons)
    members, tau = int(NETWORKS.number(networks)), SPREAD.number(spread)
    left, rng = int(DRAWS.number(draws)), np.random.default_rng(int(SEED.number(seed)))
    from scipy import special

    known, starts = 0, int(draws)
    while left:
        count = min(left, max(1, AT_ONCE // (m * members)))
        # The largest of m normal responses: the quantile of the m-th root of a uniform number.
        drawn = special.ndtri_exp(np.log1p(-rng.random((count, 1, m))) / n)
        logs = np.log(np.maximum(drawn, math.exp(-60.0)))
        wins = (logs + tau * rng.standard_normal((count, members, m))).argmax(axis=2)
        known += sum(int((wins == view).any(axis=1).sum()) for view in range(m))
        left -= count
    return known / starts / m
