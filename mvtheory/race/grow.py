"""The growth law in time, for any number of views and for drives that change."""

from collections.abc import Callable

import numpy as np

from mvtheory.arguments import GATED_POWER
from mvtheory.arrays import real
from mvtheory.shapes import ArrayLike, Float, Floats

Drive = Callable[[float, Floats], ArrayLike]
"""(time, strengths) to drives of the same shape."""


def grow(
    initial: ArrayLike, drive: ArrayLike | Drive, power: float, times: ArrayLike
) -> Float[Floats, "*further views times"]:
    r"""Strengths of views at given times, by dLambda_l/dt = S_l Lambda_l^(q-1).

    A constant drive has the closed form Lambda(t) = [Lambda(0)^-(q-2) - (q-2) S t]^(-1/(q-2)), at
    q = 2 Lambda(0) e^(S t). A drive that depends on the time or on the strengths themselves, such
    as one that dies when the loss is fitted, is integrated.

    Parameters
    ----------
    initial : array, shape (..., views)
        Lambda_l(0) >= 0; a dead view (0) stays dead.
    drive : array that broadcasts to `initial`, or callable (time, strengths) -> such an array
        S_l >= 0.
    power : float, 2 <= q <= 16
    times : array, shape (times,)
        Increasing, from 0 on.

    Returns
    -------
    float array, shape (..., views, times)
        Infinite from the escape time on for a constant drive. Relative errors before it: 1e-13
        for a constant drive, over the share of the escape time that is left and over q - 2, as
        rounding of the arguments does; about 1e-10 for an integrated one as long.

    Raises
    ------
    ValueError
        For arguments out of range, and for a changing drive under which a view diverges before
        the last time: only a drive that dies in time can be followed past an escape.

    Notes
    -----
    Source: Allen-Zhu & Li (2023), Appendix D (heuristic of the paper).

    Examples
    --------
    Two views at power 4, the stronger one escapes at 1/(2 S 0.02^2) = 625:

    >>> grow([0.02, 0.018], drive=2, power=4, times=[0, 600, 700]).round(4).tolist()
    [[0.02, 0.1, inf], [0.018, 0.0382, 0.0591]]
    """
    exponent = GATED_POWER.number(power) - 2
    start, when = checked(initial, times)
    if not callable(drive):
        drives = real(drive, "drive")
        if not np.all(np.isfinite(drives) & (drives >= 0)):
            raise ValueError(
                f"drive={drives.tolist()} must be finite and >= 0: S_l = E[z_l^q]; use 0 for views "
                "that are never shown"
            )
        _check_fit(start, drives)
        return _closed_form(start, drives, exponent, when)
    return _integrated(start, drive, exponent, when)


def _closed_form(
    start: Float[Floats, "*further views"],
    drives: Float[Floats, " ..."],
    exponent: float,
    when: Float[Floats, " times"],
) -> Float[Floats, "*further views times"]:
    start, drives = (side[..., None] for side in np.broadcast_arrays(start, drives))
    # By logarithms: powers of strengths and products with drives may leave the doubles.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        logs = np.log(start)
        if exponent == 0:
            return np.asarray(np.exp(np.where(start > 0, logs + drives * when, -np.inf)))
        spent = np.exp(np.log(drives) + np.log(when) + exponent * logs + np.log(exponent))
        gained = np.where(spent < 1, -np.log1p(-np.minimum(spent, 1)) / exponent, np.inf)
        return np.asarray(start * np.exp(np.where(start > 0, gained, 0)))


def _integrated(
    start: Float[Floats, "*further views"],
    drive: Drive,
    exponent: float,
    when: Float[Floats, " times"],
) -> Float[Floats, "*further views times"]:
    """Explicit Runge-Kutta of order 8 in the logarithms of what is alive."""
    from scipy.integrate import solve_ivp

    alive = start > 0

    def speed(time: float, logs: Float[Floats, " alive"]) -> Float[Floats, " alive"]:
        strengths = np.zeros_like(start)
        # A trial step may overshoot what any strength reaches; its error estimate rejects it.
        strengths[alive] = np.exp(np.minimum(logs, 300 / max(exponent, 1)))
        drives = real(drive(time, strengths), "drive")
        _check_fit(start, drives)
        drives = np.broadcast_to(drives, start.shape)
        if not np.all(np.isfinite(drives) & (drives >= 0)):
            raise ValueError(
                f"drive at time {time:g} is not finite and >= 0; let it return S_l = E[z_l^q]"
            )
        return np.asarray(drives[alive] * strengths[alive] ** exponent)

    grown = np.zeros((*start.shape, when.size))
    if not alive.any() or when[-1] == 0:
        grown[:] = start[..., None]
        return grown
    path = solve_ivp(
        speed, (0, when[-1]), np.log(start[alive]), "DOP853", t_eval=when, rtol=1e-11, atol=1e-12
    )
    if not path.success:
        raise ValueError(
            f"times={when.tolist()}: a view diverges before the last of them; end before "
            "the escape, or give a drive that dies when the view is learned"
        )
    grown[alive] = np.exp(path.y)
    return grown


def checked(
    initial: ArrayLike, times: ArrayLike
) -> tuple[Float[Floats, "*further views"], Float[Floats, " times"]]:
    start, when = real(initial, "initial"), real(times, "times")
    if start.ndim == 0 or not start.size or not np.all(np.isfinite(start) & (start >= 0)):
        raise ValueError(
            f"initial={start.tolist()} is not allowed: strengths along the last axis, finite and "
            ">= 0; take [<w, v>]^+ for them"
        )
    ordered = when.ndim == 1 and when.size and np.isfinite(when).all()
    if not ordered or when[0] < 0 or np.any(np.diff(when) <= 0):
        raise ValueError(f"times={when.tolist()} must increase, from 0 on; give them in order")
    return start, when


def _check_fit(start: Float[Floats, "*further views"], drives: Float[Floats, " ..."]) -> None:
    try:
        fits = np.broadcast_shapes(start.shape, drives.shape) == start.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"drive of shape {drives.shape} does not fit strengths of shape {start.shape}; give "
            "one number, or one for each view"
        )
