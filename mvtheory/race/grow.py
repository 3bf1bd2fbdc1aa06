"""The growth law in time, for any number of views and for drives that change."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory.arguments import GATED_POWER

Floats = NDArray[np.float64]
Drive = Callable[[float, Floats], ArrayLike]
"""(time, strengths) to drives of the same shape."""


def grow(initial: ArrayLike, drive: ArrayLike | Drive, power: float, times: ArrayLike) -> Floats:
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
        Infinite from the escape time on for a constant drive; relative error 1e-13 for a constant
        drive and about 1e-10 for an integrated one.

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
    GATED_POWER.check(power)
    start, when = _checked(initial, times)
    exponent = float(power) - 2
    if not callable(drive):
        drives = np.asarray(drive, dtype=float)
        if not np.all(np.isfinite(drives) & (drives >= 0)):
            raise ValueError(f"drive={drives.tolist()} must be finite and >= 0: S_l = E[z_l^q]")
        return _closed_form(start, drives, exponent, when)
    return _integrated(start, drive, exponent, when)


def _closed_form(start: Floats, drives: Floats, exponent: float, when: Floats) -> Floats:
    start, drives = (side[..., None] for side in np.broadcast_arrays(start, drives))
    if exponent == 0:
        return start * np.exp(drives * when)
    spent = exponent * drives * start**exponent * when
    with np.errstate(divide="ignore"):
        logs = np.where(spent < 1, -np.log1p(-np.minimum(spent, 1)) / exponent, np.inf)
    grown = start * np.exp(np.where(start > 0, logs, 0))
    return np.asarray(grown)


def _integrated(start: Floats, drive: Drive, exponent: float, when: Floats) -> Floats:
    """Explicit Runge-Kutta of order 8 in the logarithms of what is alive."""
    from scipy.integrate import solve_ivp

    alive = start > 0

    def speed(time: float, logs: Floats) -> Floats:
        strengths = np.zeros_like(start)
        # A trial step may overshoot what any strength reaches; its error estimate rejects it.
        strengths[alive] = np.exp(np.minimum(logs, 300 / max(exponent, 1)))
        drives = np.broadcast_to(np.asarray(drive(time, strengths), dtype=float), start.shape)
        if not np.all(np.isfinite(drives) & (drives >= 0)):
            raise ValueError(f"drive at time {time:g} is not finite and >= 0; S_l = E[z_l^q]")
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


def _checked(initial: ArrayLike, times: ArrayLike) -> tuple[Floats, Floats]:
    start, when = np.asarray(initial, dtype=float), np.asarray(times, dtype=float)
    if start.ndim == 0 or not start.size or not np.all(np.isfinite(start) & (start >= 0)):
        raise ValueError(
            f"initial={start.tolist()} is not allowed: strengths along the last axis, finite and "
            ">= 0; take [<w, v>]^+ for them"
        )
    ordered = when.ndim == 1 and when.size and np.isfinite(when).all()
    if not ordered or when[0] < 0 or np.any(np.diff(when) <= 0):
        raise ValueError(f"times={when.tolist()} must increase, from 0 on")
    return start, when
