r"""Networks whose initial weights are correlated: what N of them cover.

The networks of an ensemble start from w = sqrt(rho) w_common + sqrt(1-rho) w_own. A network learns
the view of its largest initial response, so that networks with a common part prefer the same views.
`agreement` is how often two of them learn the same view of a class; `concentration` is that of the
Dirichlet law (formula `shared_bias`) with the same agreement, and `correlated_coverage` is the
coverage of N networks without that law.
"""

import math
from functools import lru_cache

import numpy as np

from mvtheory.arguments import (
    CORRELATION,
    DEVIATION,
    LATE_GROWTH,
    NETWORKS,
    NEURONS,
    POWER,
    VIEWS,
)
from mvtheory.coverage.two_starts import agreement
from mvtheory.race.growth import expected_coverage
from mvtheory.shapes import Float, Floats, Int, Numbers

STARTS, FEW, OF_FEW = 1021, 32, 2039
"""Common parts in the average of `correlated_coverage`; and more of them where there are so few
responses that one decides."""
MULTIPLIERS = {1021: 76, 2039: 1487}
"""Of the lattices with so many points, by which these parts are chosen."""
TOP, REST = 256, 24
"""Largest common responses that are followed one by one, and nodes that stand for all others."""
SHUFFLES = 128
"""Assignments of responses to views at each common part, times the number of views."""
BLOCK = 2**8
"""Starts times views times responses that are looked at together: what a cache holds."""
QUIET = 1e-6
"""Deviation of a control variate below which it is left alone."""
STEP, REACH = 0.4, 7.0
"""Of the trapezoid rule on Gaussian scales: its error falls as exp(-2 pi^2 / STEP^2)."""


def correlated_coverage(
    views: int,
    neurons: int,
    correlation: float,
    networks: int,
    *,
    power: float = 4,
    deviation: float = 1,
    late_growth: float = 0,
) -> float:
    r"""Expected coverage of N networks with correlated starts, by the race itself.

    Given the common part c, networks are independent: 1 - (1/M) sum_l E_c[(1 - p_l(c))^N], where
    p_l(c) is the probability that a network learns view l. This holds for any number of networks,
    while the Dirichlet law is matched at two.

    Parameters
    ----------
    views, neurons, networks : int, >= 1
        M up to 64, the neurons per class m up to 1000, and N.
    correlation : float in [0, 1)
        rho, between the initial weights of any two networks.
    power, deviation, late_growth : float
        As in `mvtheory.race.expected_coverage`, which counts the losing views that are learned
        late; by default none is.

    Returns
    -------
    float
        Right to 1e-3 for up to a hundred networks and to 3e-3 for more, four standard errors of
        the average over c; always the same. Exact for one network, and for two if no view is
        learned late.

    Notes
    -----
    Our extension; hypotheses as for `mvtheory.race.expected_coverage`. The common part counts by
    the order statistics of its m M responses, of which a few decide, and by the views they fall
    to; what is known exactly of one network and of two (`expected_coverage`, `agreement`) serves
    as control variates.

    Examples
    --------
    >>> round(correlated_coverage(views=2, neurons=6, correlation=0.7, networks=5), 3)
    0.826
    """
    m = int(VIEWS.within(high=64).number(views))
    n = int(NEURONS.within(high=1000).number(neurons))
    rho, size = CORRELATION.number(correlation), NETWORKS.number(networks)
    q, sigma = POWER.number(power), DEVIATION.number(deviation)
    late = LATE_GROWTH.number(late_growth)
    if rho == 1:
        raise ValueError(
            "correlation=1 makes all networks the same one (real, 0 <= correlation < 1); "
            "use mvtheory.race.expected_coverage, its coverage is theirs for every N"
        )
    if m == 1:
        return 1.0
    alone = expected_coverage(m, n, q, sigma, late)
    if rho == 0:  # the views of different networks are independent
        return float(1 - (1 - alone) ** size)
    # The reach of `expected_coverage` depends on all three through one number.
    window = (q - 2) * late * sigma ** (q - 2)
    log_missed, controls = _learning(m, n, rho, window, q)
    missed = np.exp(size * log_missed).mean(axis=(1, 2))
    # Controls that hardly vary say nothing, whatever the quadrature leaves of them.
    varied = controls - controls.mean(axis=0)
    scatter = varied.T @ varied + len(varied) * QUIET**2 * np.eye(2)
    slopes = np.linalg.solve(scatter, varied.T @ missed)
    known = agreement(m, n, rho), alone
    return float(1 - missed.mean() + (controls.mean(axis=0) - known) @ slopes)


@lru_cache(maxsize=32)
def _learning(
    views: int, neurons: int, correlation: float, window: float, power: float
) -> tuple[Float[Floats, "starts shuffles views"], Float[Floats, "starts 2"]]:
    """log(1 - p_l(c)), shape (starts, shuffles, views), and for each start what two networks agree
    on if no view is learned late and what one network covers, shape (starts, 2)."""
    rng = np.random.default_rng(0)
    pairs = views * neurons
    starts, shuffles = OF_FEW if pairs <= FEW else STARTS, -(-SHUFFLES // views)
    learned = np.empty((starts, shuffles, views))
    controls = np.empty((starts, 2))
    owners = _owners(views, neurons, starts * shuffles, rng).reshape(starts, shuffles, -1)
    common, counts = _common_parts(pairs, starts)
    size = max(1, BLOCK // (views * counts.shape[1]))
    for block in (slice(first, first + size) for first in range(0, starts, size)):
        # Shape (starts, views, shuffles, responses); of the rest a view has what makes up its
        # neurons.
        of_view = np.arange(views)[:, None, None]
        shares = (owners[block, None] == of_view).astype(float)
        others = counts.shape[1] - shares.shape[3]
        rest = (neurons - shares.sum(axis=3)) / max(pairs - shares.shape[3], 1)
        rest = np.repeat(rest[..., None], others, axis=3)
        shares = np.concatenate([shares, rest], axis=3) * counts[block, None, None]
        won, late = _learned(math.sqrt(correlation) * common[block], counts[block], shares,
                             math.sqrt(1 - correlation), window, power)  # fmt: skip
        learned[block] = np.clip(won + late, 0, 1).swapaxes(1, 2)
        controls[block, 0] = (won**2).sum(axis=1).mean(axis=1)
        controls[block, 1] = learned[block].mean(axis=(1, 2))
    # As logarithms, for powers take long; below the smallest double nothing is missed.
    return np.log(np.maximum(1 - learned, np.finfo(float).tiny)), controls


def _common_parts(
    pairs: int, starts: int
) -> tuple[Float[Floats, "starts responses"], Float[Floats, "starts responses"]]:
    """Common responses from the largest one down, and how many responses each stands for, both of
    shape (starts, responses)."""
    from scipy import special

    top = min(pairs, TOP)
    points = _lattice(starts, top)
    # Renyi: -log(1 - U) of the order statistics U are sums of independent exponentials.
    above = -np.expm1(np.cumsum(np.log1p(-points) / (pairs - np.arange(top)), axis=1))
    if top == pairs:
        return -special.ndtri(above), np.ones_like(above)
    # The others are uniform between the last one and 1, in logarithms of what is above.
    nodes, weights = np.polynomial.legendre.leggauss(REST)
    last = above[:, -1:]
    further = last ** ((1 - nodes) / 2)
    counts = -np.log(last) * further * weights / 2 * (pairs - top) / (1 - last)
    places = np.concatenate([above, further], axis=1)
    return -special.ndtri(places), np.concatenate([np.ones_like(above), counts], axis=1)


def _lattice(points: int, dimensions: int) -> Float[Floats, "starts responses"]:
    """Points that fill the unit cube evenly, shape (points, dimensions): a shifted lattice.

    Source: Korobov's form, i (1, a, a^2, ...) / n, with the multipliers of L'Ecuyer & Lemieux
    (2000), "Variance reduction via lattice rules", for few and for many dimensions alike.
    """
    multipliers = [1]
    for _ in range(dimensions - 1):
        multipliers.append(multipliers[-1] * MULTIPLIERS[points] % points)
    # The shift keeps the first point off the corner 0.
    shift = np.random.default_rng(1).random(dimensions)
    return np.asarray((np.outer(np.arange(points), multipliers) / points + shift) % 1)


def _owners(
    views: int, neurons: int, rows: int, rng: np.random.Generator
) -> Int[Numbers, "rows responses"]:
    """To which view the largest responses belong, shape (rows, responses); each has m of them."""
    left, every = np.full((views, rows), neurons), np.arange(rows)
    owners = np.empty((min(views * neurons, TOP), rows), dtype=np.int8)
    for place, owner in enumerate(owners):
        drawn = rng.random(rows) * (views * neurons - place)
        owner[:] = (np.cumsum(left, axis=0) <= drawn).sum(axis=0)
        left[owner, every] -= 1
    return owners.T


def _learned(
    centres: Float[Floats, "starts responses"],
    counts: Float[Floats, "starts responses"],
    shares: Float[Floats, "starts views shuffles responses"],
    width: float,
    window: float,
    power: float,
) -> tuple[Float[Floats, "starts views shuffles"], Float[Floats, "starts views shuffles"]]:
    """Probability that a view wins, and that it is learned late, shape (starts, views, shuffles).

    With F_l(x) = prod_r Phi((x - sqrt(rho) c_lr) / sqrt(1-rho)) the view is learned unless its
    response is below reach(x), x being the largest of the others'.
    """
    from scipy import special

    # The largest of k responses around the centres lies this close above the highest one.
    top = REACH + math.sqrt(2 * math.log(counts.sum(axis=1).max() + 1))
    x = centres[:, :1] + width * np.arange(-REACH, top, STEP)
    scaled = (x[:, None] - centres[..., None]) / width
    logs = special.log_ndtr(scaled)
    below = (counts[:, None] @ logs)[:, 0]
    seen = (below > -45).any(axis=0)
    x, scaled, logs, below = x[:, seen], scaled[..., seen], logs[..., seen], below[:, seen]
    hazards = np.exp(-(scaled**2) / 2 - logs) * (STEP / math.sqrt(2 * math.pi))
    won = (shares @ (hazards @ np.exp(below)[..., None])[:, None])[..., 0]
    won /= won.sum(axis=1, keepdims=True)
    if not window:
        return won, np.zeros_like(won)
    alive = np.maximum(x, 0)
    left = np.where(x > 0, alive * (1 + window * alive ** (power - 2)) ** (-1 / (power - 2)), x)
    lost = special.log_ndtr((left[:, None] - centres[..., None]) / width) - logs
    every = (counts[:, None] @ hazards)[:, None]
    others = every - shares @ hazards[:, None]
    others *= np.exp(below)[:, None, None]
    # Not by expm1, which takes several times as long: probabilities need no relative digits.
    within = shares @ lost[:, None]
    np.subtract(1, np.exp(within, out=within), out=within)
    return won, np.einsum("svkx,svkx->svk", within, others)
