r"""Repeated self-distillation in Hilbert space, on the eigenvalues of a Gram matrix.

Each round fits the last round's fitted values with the smallest norm that leaves the mean squared
residual eps. In the eigenbasis of the Gram matrix that is z_t = D (D + c_t I)^-1 z_{t-1}.
"""

import math
from dataclasses import dataclass

import numpy as np

from mvtheory.arrays import real
from mvtheory.self_distillation.checks import (
    Components,
    check_components,
    check_count,
    check_eigenvalues,
    check_number,
)
from mvtheory.shapes import ArrayLike, Float, Floats

MOST_ITERATIONS = 500
"""Newton's steps rise monotonically and need some 5 to 20, with any spectrum less than 100."""


@dataclass(frozen=True, kw_only=True)
class Distilled:
    """What rounds of self-distillation leave; index t - 1 holds round t.

    Attributes
    ----------
    values : array, shape (rounds, n)
        z_t, the fitted values in the eigenbasis.
    penalties : array, shape (rounds,)
        c_t > 0.
    filters : array, shape (rounds, n)
        B_t = prod_{s <= t} d/(d + c_s), the share that each basis function has kept.
    relative_norms : array, shape (rounds + 1,)
        r_0, r_1, ...: norms over sqrt(n eps), that of the targets first.
    collapsed : bool
        Whether the last of them is at most 1: the next round would fit 0.
    """

    values: Float[Floats, "rounds eigenvalues"]
    penalties: Float[Floats, " rounds"]
    filters: Float[Floats, "rounds eigenvalues"]
    relative_norms: Float[Floats, " rounds+1"]
    collapsed: bool

    @property
    def rounds(self) -> int:
        return len(self.penalties)

    @property
    def effective_functions(self) -> Float[Floats, " rounds"]:
        """sum_j B_j / max_j B_j after each round: how many basis functions are still used."""
        return np.asarray(self.filters.sum(axis=1) / self.filters.max(axis=1))


def distill(eigenvalues: ArrayLike, targets: ArrayLike, tolerance: float, rounds: int) -> Distilled:
    r"""Distil `rounds` times, or until the fit collapses.

    z_t = D (D + c_t I)^-1 z_{t-1}, c_t > 0 solving
    (1/n) sum_j (c_t/(d_j + c_t))^2 z_{t-1,j}^2 = eps.

    Parameters
    ----------
    eigenvalues : array, shape (n,)
        d_j >= 0 of the Gram matrix, one of them at least positive; their scale only scales c_t.
    targets : array, shape (n,)
        z_0: the targets in the eigenbasis, in the order of the eigenvalues.
    tolerance : float, > 0
        eps, the mean squared residual that every round leaves.
    rounds : int, >= 0
        Rounds at most. The rounds end with the first whose fitted values have a mean square of at
        most eps: to the next round 0 fits well enough, and its fit is 0 (`collapsed`). Targets
        that are so small from the start have no round.

    Returns
    -------
    Distilled

    Raises
    ------
    ValueError
        If an argument is out of range or not finite, or if no function of this kernel leaves so
        small a residual, because of the targets at eigenvalues that are 0 or nearly so.

    Notes
    -----
    Source: Mobahi, Farajtabar & Bartlett (2020), Section 3 (proved). c is found in mu = 1/c: with
    p = (I + mu D)^-1 z, the residual, 1/||p|| is increasing and concave in mu (as in the secular
    equation of trust regions), so that Newton's iterates rise to the solution from below without
    passing it.

    Examples
    --------
    >>> run = distill([4.0, 1.0, 0.25], [1.0, -2.0, 0.5], tolerance=0.05, rounds=3)
    >>> run.relative_norms.round(4)
    array([5.9161, 5.0463, 4.1504, 3.2531])
    >>> run.penalties.round(4)
    array([0.1895, 0.2662, 0.386 ])
    >>> bool(run.collapsed), run.effective_functions.round(3)
    (False, array([2.476, 2.049, 1.719]))
    """
    d, z, norm = _checked(eigenvalues, targets, tolerance, rounds)
    kept = np.ones_like(d)
    norms, penalties = [_size(z) / norm], []
    values: list[Floats] = []
    filters: list[Floats] = []
    mu = 0.0
    while len(values) < rounds and norms[-1] > 1:
        mu = _inverse_penalty(d, z, norm, mu)
        # d/(d + c) = 1 - 1/(1 + mu d), written so that small eigenvalues keep their digits.
        share = mu * d / (1 + mu * d)
        kept = kept * share
        z = z * share
        values.append(z)
        filters.append(kept)
        penalties.append(1 / mu)
        norms.append(_size(z) / norm)
    empty = np.empty((0, d.size))
    return Distilled(
        values=np.array(values) if values else empty,
        penalties=np.array(penalties),
        filters=np.array(filters) if filters else empty,
        relative_norms=np.array(norms),
        collapsed=norms[-1] <= 1,
    )


def collapse_time(relative_norms: ArrayLike) -> float:
    """Rounds until the norm has fallen to 1, with the fraction of the last round interpolated.

    The whole number of rounds is this rounded up. As r falls by at least q and at most 1 in a
    round, so it does between rounds, and `rounds_at_least` and `rounds_at_most` hold for it
    without rounding.

    Parameters
    ----------
    relative_norms : array, shape (rounds + 1,)
        r_0, r_1, ... up to the first at most 1, as `distill` gives them.

    Raises
    ------
    ValueError
        If the norms do not reach 1: allow more rounds.

    Notes
    -----
    Our extension.

    Examples
    --------
    >>> run = distill([4.0, 1.0, 0.25], [1.0, -2.0, 0.5], tolerance=0.05, rounds=99)
    >>> run.rounds, round(collapse_time(run.relative_norms), 4)
    (6, 5.5122)
    """
    norms = real(relative_norms, "relative_norms")
    if norms.ndim != 1 or not norms.size or not np.isfinite(norms).all() or norms[-1] > 1:
        raise ValueError(
            f"relative_norms={norms.tolist()} is not allowed: norms up to one at most 1; let "
            "`distill` make more rounds"
        )
    first = int(np.argmax(norms <= 1))
    if first == 0:
        return 0.0
    before, after = norms[first - 1], norms[first]
    return first - 1 + float((before - 1) / (before - after))


def _size(z: Float[Floats, " ..."]) -> float:
    """The norm, without what numpy's own asks first: it is most of a round's time."""
    return math.sqrt(z @ z)


def _inverse_penalty(d: Components, z: Components, norm: float, near: float) -> float:
    """mu = 1/c > 0 with ||(I + mu D)^-1 z|| = norm < ||z||; see the notes of `distill`.

    `near` is the last round's: from above too, one step leads below the solution.
    """
    size = _size(z)
    # c <= d_max norm/(||z|| - norm): the least mu there can be.
    mu = (size - norm) / (norm * float(d.max()))
    if near > mu:
        _, step = _newton(d, z, norm, near)
        mu = max(mu, near + step) if math.isfinite(step) else mu
    for _ in range(MOST_ITERATIONS):
        residual, step = _newton(d, z, norm, mu)
        if residual <= norm or not mu + step > mu:
            return mu
        if not math.isfinite(step):
            break
        mu += step
    raise ValueError(
        f"tolerance: a residual of norm {norm:.3g} is out of reach of eigenvalues between "
        f"{d.min():.3g} and {d.max():.3g}; raise the tolerance or add a nugget to the kernel"
    )


def _newton(d: Components, z: Components, norm: float, mu: float) -> tuple[float, float]:
    """||p|| of p = (I + mu D)^-1 z, and Newton's step of mu at which 1/||p|| is to be 1/norm."""
    damped = 1 + mu * d
    left = z / damped
    residual = _size(left)
    if not residual:
        return residual, math.inf
    # The derivative of 1/||p|| is p' D (I + mu D)^-1 p / ||p||^3.
    share = left / residual
    slope = float(share @ (d / damped * share))
    return residual, (residual / norm - 1) / slope if slope > 0 else math.inf


def _checked(
    eigenvalues: ArrayLike, targets: ArrayLike, tolerance: float, rounds: int
) -> tuple[Components, Components, float]:
    """Eigenvalues and targets as arrays, and sqrt(n eps)."""
    d = check_eigenvalues(eigenvalues)
    z = check_components("targets", targets, d)
    check_number("tolerance", tolerance, "mean squared residual")
    check_count("rounds", rounds, 0)
    norm = math.sqrt(d.size * tolerance)
    lost = float(np.linalg.norm(z[d == 0]))
    if lost >= norm and float(np.linalg.norm(z)) > norm:
        raise ValueError(
            f"tolerance={tolerance!r} is out of reach: targets at eigenvalues 0 alone leave a mean "
            f"squared residual of {lost**2 / d.size:.3g}; choose a larger tolerance"
        )
    return d, z, norm
