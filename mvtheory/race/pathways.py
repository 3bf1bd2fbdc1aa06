r"""Races of the pathways of a gated deep linear network, by the Neural Race Reduction.

A pathway of L layers whose weights are aligned is one number b, the singular value that all its
layers have in common; it maps its feature to the output with the strength u = b^L. On squared
error db_p/dt = b_p^(L-1) (S_p - sum_j D_pj b_j^L): the growth law with the depth L in the place of
the power q, and what the pathways explain already taken off the drive. At L = 2 the strengths u
obey the Lotka-Volterra equations of competing species.
"""

from dataclasses import replace

import numpy as np

from mvtheory.arguments import GATED_POWER
from mvtheory.arrays import real
from mvtheory.race.grow import checked
from mvtheory.race.strength import stable_loser
from mvtheory.shapes import ArrayLike, Float, Floats

HALVINGS = 60
"""Of the interval in which the winner's growth is looked for: beyond the digits of a double."""
DEPTH = replace(GATED_POWER, name="depth", symbol="L", meaning="layers of a pathway")


def pathway_shares(
    initial: ArrayLike, strengths: ArrayLike, depth: float
) -> Float[Floats, "*further views"]:
    r"""Share of the output that each of several redundant pathways supplies when it is fitted.

    Pathways whose features always occur together, at fixed strengths s_p, have the same residual
    r in their drives, S_p - sum_j D_pj u_j = s_p r: by the clock dtau = r dt each of them obeys
    the growth law by itself, and tau stops where sum_p s_p b_p^L = 1. With the winner's growth g
    and rho_p, s_p b_p(0)^(L-2) over the winner's, (b_p / b_p(0))^(2-L) is 1 - rho_p (1 - g^(2-L)).

    Parameters
    ----------
    initial : array, shape (..., pathways)
        b_p(0) >= 0; a dead pathway (0) stays dead. sum_p s_p b_p(0)^L < 1.
    strengths : array that broadcasts to `initial`, > 0
        s_p, the coefficient of the pathway's feature.
    depth : float, 2 <= L <= 16

    Returns
    -------
    float array, shape (..., pathways)
        s_p b_p^L at the end; they sum to 1, or to 0 where all are dead.

    Raises
    ------
    ValueError
        If an argument is out of range or pathways explain the output before training.

    Notes
    -----
    Source: Saxe, Sodhani & Lewallen (2022), section 4, for the reduction; the clock and the end
    are ours. Hypotheses: balanced starts (all layers of a pathway with the same singular value),
    gradient flow on squared error.

    Examples
    --------
    A third of a deviation apart, two layers share and four decide:

    >>> pathway_shares([0.02, 0.018], 1.0, depth=2).round(3).tolist()
    [0.552, 0.448]
    >>> pathway_shares([0.02, 0.018], 1.0, depth=4).round(3).tolist()
    [1.0, 0.0]
    """
    power = DEPTH.number(depth)
    start, _ = checked(initial, [0.0])
    strength = positive(strengths, "strengths", start.shape)
    if np.any((strength * start**power).sum(axis=-1) >= 1):
        raise ValueError(
            f"initial={start.tolist()} explains the output before training (sum of s b^L < 1); "
            "choose smaller starts"
        )
    # By logarithms: a power of a start may leave the doubles.
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = np.log(strength) + (power - 2) * np.log(start)
        speed[start == 0] = -np.inf
        leader = speed.max(axis=-1, keepdims=True)
        alive = np.isfinite(leader)
        handicap = np.where(start > 0, np.exp(speed - np.where(alive, leader, 0)), 0)
        first = speed.argmax(axis=-1)[..., None]
        alone = -np.log(np.take_along_axis(strength, first, -1)) / power
        alone = alone - np.log(np.take_along_axis(start, first, -1))

    def outputs(growth: Float[Floats, "*further 1"]) -> Float[Floats, "*further views"]:
        with np.errstate(divide="ignore", invalid="ignore"):  # what is not used at q = 2
            return np.asarray(
                strength * stable_loser(start, handicap, growth, np.asarray(power)) ** power
            )

    low, high = np.zeros_like(alone), np.where(alive, np.maximum(alone, 0), 0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = outputs(np.exp(middle)).sum(axis=-1, keepdims=True) > 1
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.where(alive, outputs(np.exp((low + high) / 2)), 0.0)


def grow_pathways(
    initial: ArrayLike, correlations: ArrayLike, overlaps: ArrayLike, depth: float, times: ArrayLike
) -> Float[Floats, "*further views times"]:
    r"""Strengths u_p = b_p^L of competing pathways at given times.

    db_p/dt = b_p^(L-1) (S_p - sum_j D_pj b_j^L), for any S and D; integrated.

    Parameters
    ----------
    initial : array, shape (..., pathways)
        b_p(0) >= 0; a dead pathway (0) stays dead.
    correlations : array, shape (pathways,), > 0
        S_p, the mean product of a pathway's coefficient and the output.
    overlaps : array, shape (pathways, pathways)
        D_pj >= 0, the mean product of two pathways' coefficients; symmetric, D_pp > 0.
    depth : float, 2 <= L <= 16
    times : array, shape (times,)
        Increasing, from 0 on, in units of gradient flow.

    Returns
    -------
    float array, shape (..., pathways, times)
        Absolute error about 1e-7.

    Raises
    ------
    ValueError
        If an argument is out of range or shapes do not fit.

    Notes
    -----
    Source: Saxe, Sodhani & Lewallen (2022), section 4 (the reduction). Hypotheses as for
    `pathway_shares`. At L = 2 it is du_p/dt = 2 u_p (S_p - sum_j D_pj u_j), Lotka-Volterra.

    Examples
    --------
    Features shown in half of the samples each, by chance: the loser comes late, at half the drive:

    >>> overlaps = [[0.5, 0.25], [0.25, 0.5]]
    >>> grow_pathways([0.1, 0.08], [0.5, 0.5], overlaps, 4, [90, 150, 600]).round(2).tolist()
    [[0.01, 1.0, 0.67], [0.0, 0.0, 0.67]]
    """
    from scipy.integrate import solve_ivp

    power = DEPTH.number(depth)
    start, when = checked(initial, times)
    drive, matrix = _competition(correlations, overlaps, start.shape[-1])

    def speed(time: float, flat: Float[Floats, " ..."]) -> Float[Floats, " ..."]:
        b = np.maximum(flat.reshape(start.shape), 0)
        return np.asarray((b ** (power - 1) * (drive - b**power @ matrix)).ravel())

    path = solve_ivp(
        speed, (0, when[-1]), start.ravel(), "DOP853", t_eval=when, rtol=1e-8, atol=1e-9
    )
    return np.asarray(np.maximum(path.y, 0).reshape(*start.shape, when.size) ** power)


def rare_drives(correlations: ArrayLike, overlaps: ArrayLike) -> Float[Floats, "views views"]:
    r"""Drive of a rare pathway p beside one pathway j that has been learned: S_p - D_pj S_j / D_jj.

    Where it is positive the rare one invades, as a species does in the Lotka-Volterra equations:
    at two layers exponentially, at L > 2 after its escape time at this drive. At 0 or below the
    one that won stays alone.

    Parameters
    ----------
    correlations : array, shape (pathways,), > 0
    overlaps : array, shape (pathways, pathways)
        As for `grow_pathways`.

    Returns
    -------
    float array, shape (pathways, pathways)
        Row p, column j; 0 on the diagonal.

    Raises
    ------
    ValueError
        If an argument is out of range or shapes do not fit.

    Notes
    -----
    Our extension of Saxe, Sodhani & Lewallen (2022), section 4.

    Examples
    --------
    Features shown in 70 % of the samples each, by chance; 30 % show the rare one alone:

    >>> rare_drives([0.7, 0.7], [[0.7, 0.49], [0.49, 0.7]]).round(2).tolist()
    [[0.0, 0.21], [0.21, 0.0]]
    """
    given = real(correlations, "correlations")
    drive, matrix = _competition(given, overlaps, given.size)
    return np.asarray(drive[:, None] - matrix * drive / np.diag(matrix))


def _competition(
    correlations: ArrayLike, overlaps: ArrayLike, pathways: int
) -> tuple[Float[Floats, " views"], Float[Floats, "views views"]]:
    drive = np.array(positive(correlations, "correlations", (pathways,)))
    matrix = real(overlaps, "overlaps")
    good = matrix.shape == (pathways, pathways) and np.all(np.isfinite(matrix) & (matrix >= 0))
    if not good or np.any(np.diag(matrix) <= 0) or not np.allclose(matrix, matrix.T):
        raise ValueError(
            f"overlaps={matrix.tolist()} is not allowed (symmetric, shape ({pathways}, {pathways}),"
            " finite, >= 0, > 0 on the diagonal); give the mean products of two coefficients"
        )
    return drive, matrix


def positive(
    given: ArrayLike, name: str, shape: tuple[int, ...]
) -> Float[Floats, "*further views"]:
    """One number > 0 for each pathway, broadcast to their shape; ValueError otherwise."""
    values = real(given, name)
    try:
        fits = np.broadcast_shapes(shape, values.shape) == shape
    except ValueError:
        fits = False
    if not fits or not np.all(np.isfinite(values) & (values > 0)):
        raise ValueError(
            f"{name}={values.tolist()} is not allowed (finite, > 0, one number or one for each "
            f"pathway of shape {shape}); leave out pathways whose feature is never shown"
        )
    return np.broadcast_to(values, shape)
