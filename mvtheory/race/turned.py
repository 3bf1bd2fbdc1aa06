r"""Pathways of learned classes that turn to a class that still waits for its race.

A class that has been learned by several pathways leaves each of them a strength s_p, sum_p s_p = 1,
and nothing to learn. Hidden units of pathway p then answer to a waiting class i too, by the small
part y_p of their weights that is not aligned: towards the inputs of i, and as much towards its
output. Together they must not answer to i with the wrong output, but may answer to it with the
right one, so that with a_p = s_p^(1/L) and c_p = s_p^(1 - 1/L)

    dy/dt = (diag(a_p^(L-2)) - c c^T) y

while the class waits. Of one pathway alone nothing grows. Of several the weaker ones turn away
exponentially, and go on from a_p, far ahead of the starts at which the waiting class races.
"""

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.arrays import real
from mvtheory.race.pathways import pathway_shares
from mvtheory.shapes import ArrayLike, Float, Floats

TURNING = Argument("depth", "L", "layers of a pathway", 2, 16, low_open=True)
NOISE = Argument("noise", "eta", "deviation of the weights that are not aligned", 0, 1)
SEED = Argument("seed", "s", "seed of the noise", 0, 2**53, integer=True)
DEAD = 1e-6
"""A start below it waits for longer than anybody trains."""
NEVER = 1e-12
"""A rate so small is 0 but for rounding, and turns nothing."""


def turned_shares(
    initial: ArrayLike, depth: float, noise: float, seed: int = 0
) -> Float[Floats, "*further classes views"]:
    r"""Share of each class's output that redundant pathways supply, when classes wait for others.

    Classes race in the order of their strongest starts, by `pathway_shares`, all features with the
    coefficient 1. A pathway that has turned away from a learned class after the time t, when
    |y_p| = a_p, would have escaped by itself at T = t + a_p^(2-L) / (L-2): it takes part as if it
    had started from the strength that escapes at T.

    Parameters
    ----------
    initial : array, shape (..., classes, pathways)
        b_p(0) >= 0 of each class, below 1.
    depth : float, 2 < L <= 16
    noise : float, 0 <= eta <= 1
        Deviation, in the units of `initial`, of each layer's weights from one class to another.
        0 is no noise: then classes race by themselves.
    seed : int
        Of the noise that is drawn.

    Returns
    -------
    float array, shape (..., classes, pathways)
        They sum to 1 in each class.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Saxe, Sodhani & Lewallen (2022), section 4. Left out: that a pathway which has
    turned is missing where it came from, and two classes that turn the same one.

    Examples
    --------
    The first class is shared by two pathways, of which the weaker one turns to the second class
    before that is learned, and takes it from the pathway that was ahead there:

    >>> starts = [[0.3, 0.27], [0.12, 0.06]]
    >>> turned_shares(starts, depth=4, noise=0.0).round(3).tolist()
    [[0.925, 0.075], [1.0, 0.0]]
    >>> turned_shares(starts, depth=4, noise=0.002).round(3).tolist()
    [[0.925, 0.075], [0.027, 0.973]]
    """
    power, eta = TURNING.number(depth), NOISE.number(noise)
    given = real(initial, "initial")
    if given.ndim < 2 or not np.all(np.isfinite(given) & (given >= 0) & (given < 1)):
        raise ValueError(
            f"initial={given.tolist()} is not allowed (shape (..., classes, pathways), 0 <= b < 1)"
            "; give the starts of every class, scaled down if they are larger"
        )
    if not eta:
        return pathway_shares(given, 1.0, power)
    rng = np.random.default_rng(int(SEED.number(seed)))
    starts = np.maximum(given.reshape(-1, *given.shape[-2:]), DEAD)
    order = np.argsort(-starts.max(axis=-1), axis=1)[..., None]
    starts = np.take_along_axis(starts, order, axis=1)
    shares, fitted = np.zeros_like(starts), np.zeros(starts.shape[:2])
    for waiting in range(starts.shape[1]):
        ahead = starts[:, waiting].copy()
        for learned in range(waiting):
            weights = _misaligned(starts[:, waiting], starts[:, learned], power, eta, rng)
            own = shares[:, learned]
            late = fitted[:, learned, None] + _turning_time(own, weights, power)
            ahead = np.maximum(ahead, _start_that_escapes(late, power))
        shares[:, waiting] = pathway_shares(ahead, 1.0, power)
        fitted[:, waiting] = ahead.max(axis=-1) ** (2 - power) / (power - 2)
    back = np.empty_like(shares)
    np.put_along_axis(back, order, shares, axis=1)
    return back.reshape(given.shape)


def _misaligned(
    waiting: Float[Floats, "draws views"],
    learned: Float[Floats, "draws views"],
    depth: float,
    noise: float,
    rng: np.random.Generator,
) -> Float[Floats, "draws views"]:
    """y_p / a_p: by how much a learned class's pathway is turned to a waiting one from the start.

    The noise of layer l counts by (b_i/b_j)^(l-1) of the two classes' starts; growth keeps the
    direction, and the mean of that of inputs and of outputs stays.
    """
    ratio = np.minimum(waiting / learned, 1.0)
    layers = sum(ratio ** (2 * layer) for layer in range(round(depth)))
    spread = noise / learned * np.sqrt(layers / 2)
    return np.asarray(spread * rng.standard_normal(spread.shape))


def _turning_time(
    shares: Float[Floats, "draws views"], turned: Float[Floats, "draws views"], depth: float
) -> Float[Floats, "draws views"]:
    """Until a pathway has turned and, going on from its strength, would have escaped."""
    s = np.maximum(shares, DEAD**depth)
    a, c = s ** (1 / depth), s ** (1 - 1 / depth)
    matrix = -c[:, :, None] * c[:, None, :]
    index = np.arange(s.shape[1])
    matrix[:, index, index] += a ** (depth - 2)
    rates, modes = np.linalg.eigh(matrix)
    along = np.einsum("dpm,dp->dm", modes, a * turned)
    parts = np.abs(modes * along[:, None, :])
    growing = np.maximum(rates, NEVER)[:, None, :]
    times = np.log(np.maximum(a[..., None] / np.maximum(parts, NEVER), 1)) / growing
    return np.asarray(times.min(axis=-1) + a ** (2 - depth) / (depth - 2))


def _start_that_escapes(
    time: Float[Floats, "draws views"], depth: float
) -> Float[Floats, "draws views"]:
    return np.asarray(((depth - 2) * time) ** (-1 / (depth - 2)))
