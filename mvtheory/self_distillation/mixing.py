r"""Self-distillation of ridge regression with mixed targets: its risk, and the best mixing.

A student i = 1, ..., k is fitted by the teacher's ridge regression to the targets
(1 - xi_i) y + xi_i (fitted values of student i - 1), student 0 being the teacher. On a fixed
design, y = m + noise in the eigenbasis of the Gram matrix, everything is a filter: the teacher
keeps h = s/(s + lambda) of each component and the students f_i = h (1 - xi_i + xi_i f_{i-1}).

With tau_i = xi_k xi_{k-1} ... xi_{k-i+1} the last filter is linear,

    f_k = h - (1 - h) (tau_1 h + tau_2 h^2 + ... + tau_k h^k),

and the risk is quadratic in tau, with the Wiener filter w = m^2/(m^2 + sigma^2):

    R = (1/n) sum_j [(m_j^2 + sigma^2) (f_j - w_j)^2 + m_j^2 sigma^2/(m_j^2 + sigma^2)].

So k steps fit w by a polynomial of h, and as many steps as there are different eigenvalues > 0
reach it. Nothing keeps xi within [0, 1]: labels that are mostly noise ask for xi > 1, and a penalty
that is too large for xi < 0, which undoes it.
"""

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


@dataclass(frozen=True, kw_only=True)
class OptimalMixing:
    """The k steps of least risk.

    Attributes
    ----------
    weights : array, shape (k,)
        tau_1, ..., tau_k.
    risk, teacher_risk, least_risk : float
        Of the last student, of the teacher, and of the Wiener filter, below which no filter comes.
    """

    weights: Float[Floats, " steps"]
    risk: float
    teacher_risk: float
    least_risk: float

    @property
    def mixings(self) -> Float[Floats, " steps"]:
        """xi_1, ..., xi_k in the order of the students.

        Raises ValueError where a tau is 0 and a later one is not: only an infinite xi does that.
        """
        tails = np.concatenate([[1.0], self.weights])
        if any(tails[i] == 0 and tails[i:].any() for i in range(len(tails))):
            raise ValueError(
                f"weights={self.weights.tolist()} need an infinite mixing; take a step more or less"
            )
        above, below = tails[1:], tails[:-1]
        ratios = np.divide(above, below, out=np.zeros_like(above), where=below != 0)
        return np.asarray(ratios[::-1])


def mixed_filter(eigenvalues: ArrayLike, penalty: float, mixings: ArrayLike) -> Components:
    r"""Share of each component that the last student keeps: f_i = h (1 - xi_i + xi_i f_{i-1}).

    Parameters
    ----------
    eigenvalues : array, shape (n,)
        s_j >= 0 of the Gram matrix X X^T, or of a kernel's.
    penalty : float, > 0
        lambda of the ridge.
    mixings : float or array, shape (k,)
        xi_1, ..., xi_k, any real numbers: the students' weights of the last student's values. Empty
        for the teacher alone.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.

    Notes
    -----
    Source: Pareek, Du & Oh (2024), Section 3 (exact).

    Examples
    --------
    >>> mixed_filter([8.0, 2.0], penalty=2.0, mixings=[1.5, -0.5]).round(4)
    array([0.976 , 0.7188])
    """
    h, _ = _shrinkage(eigenvalues, penalty)
    f = h
    for mixing in _mixings(mixings):
        f = h * (1 - mixing + mixing * f)
    return f


def mixed_risk(
    eigenvalues: ArrayLike, signal: ArrayLike, penalty: float, deviation: float, mixings: ArrayLike
) -> float:
    r"""Expected excess risk of the last student on a fixed design.

    R = (1/n) sum_j [(1 - f_j)^2 m_j^2 + sigma^2 f_j^2], squared bias and variance.

    Parameters
    ----------
    eigenvalues, penalty, mixings
        As for `mixed_filter`.
    signal : array, shape (n,)
        m_j: the noise-free targets in the eigenbasis.
    deviation : float, >= 0
        sigma, of independent noise of the labels.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.

    Notes
    -----
    Source: Pareek, Du & Oh (2024), Section 3 (exact); Das & Sanghavi (2023) for one step.

    Examples
    --------
    >>> round(mixed_risk([8.0, 2.0], [3.0, 0.5], penalty=0.5, deviation=1.0, mixings=[]), 4)
    0.7835
    >>> round(mixed_risk([8.0, 2.0], [3.0, 0.5], penalty=0.5, deviation=1.0, mixings=2.0), 4)
    0.6232
    """
    h, u = _shrinkage(eigenvalues, penalty)
    m = check_components("signal", signal, h)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    weights = _tails(_mixings(mixings))
    lost = u * (h[:, None] ** np.arange(1, len(weights) + 1) @ weights)
    return float(np.mean((u + lost) ** 2 * m**2 + sigma**2 * (h - lost) ** 2))


def optimal_mixing(
    eigenvalues: ArrayLike, signal: ArrayLike, penalty: float, deviation: float, steps: int = 1
) -> OptimalMixing:
    r"""The mixing of least expected excess risk, over all real numbers.

    For one step, with u = 1 - h,

        xi* = sum_j h_j u_j (sigma^2 h_j - u_j m_j^2) / sum_j h_j^2 u_j^2 (m_j^2 + sigma^2),

    whose numerator is -(n lambda/2) R'(lambda), R the teacher's risk: xi* < 0 where less penalty
    would be better. For more steps the least squares problem of the module's docstring.

    Parameters
    ----------
    eigenvalues, signal, penalty, deviation
        As for `mixed_risk`.
    steps : int, >= 1
        k.

    Returns
    -------
    OptimalMixing
        Where several mixings are best (fewer different eigenvalues than steps), one of them.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.

    Notes
    -----
    Sources: Das & Sanghavi (2023) and Dang, Patil & Rinaldo (2026) for one step and its sign;
    Pareek, Du & Oh (2024), Section 4, for k steps; the form in tau and the Wiener filter are ours
    (exact). All let xi leave [0, 1].

    Examples
    --------
    >>> best = optimal_mixing([8.0, 2.0], [3.0, 0.5], penalty=0.5, deviation=1.0)
    >>> best.mixings.round(3), round(best.risk, 4), round(best.least_risk, 4)
    (array([2.279]), 0.6207, 0.55)
    >>> optimal_mixing([8.0, 2.0], [3.0, 0.5], penalty=5.0, deviation=1.0).mixings.round(3)
    array([-1.065])
    >>> round(optimal_mixing([8.0, 2.0], [3.0, 0.5], 0.5, 1.0, steps=2).risk, 4)
    0.55
    """
    check_count("steps", steps, 1)
    h, u = _shrinkage(eigenvalues, penalty)
    m = check_components("signal", signal, h)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    power = m**2 + sigma**2
    root = np.sqrt(power)
    columns = root[:, None] * u[:, None] * h[:, None] ** np.arange(1, steps + 1)
    # root (h - w), without the difference of numbers near each other.
    wanted = np.divide(sigma**2 * h - u * m**2, root, out=np.zeros_like(h), where=root > 0)
    # Powers of h differ in size by orders; scaled, their least squares keeps its digits.
    sizes = np.linalg.norm(columns, axis=0)
    scale = np.where(sizes > 0, sizes, 1.0)
    weights = np.linalg.lstsq(columns / scale, wanted, rcond=None)[0] / scale
    least = np.divide(m**2 * sigma**2, power, out=np.zeros_like(h), where=power > 0)
    floor = float(np.mean(least))
    left = wanted - columns @ weights
    return OptimalMixing(
        weights=weights,
        risk=floor + float(np.mean(left**2)),
        teacher_risk=floor + float(np.mean(wanted**2)),
        least_risk=floor,
    )


def estimated_mixing(
    eigenvalues: ArrayLike, targets: ArrayLike, penalty: float, deviation: float
) -> float:
    r"""The optimal mixing of one step, estimated from noisy labels.

    xi^ = sum_j h_j u_j (sigma^2 - u_j z_j^2) / sum_j h_j^2 u_j^2 z_j^2: as E z_j^2 = m_j^2 +
    sigma^2, numerator and denominator are unbiased for those of xi*.

    Parameters
    ----------
    eigenvalues, penalty, deviation
        As for `mixed_risk`; the noise must be known.
    targets : array, shape (n,)
        z_j: the labels in the eigenbasis.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite, or if the labels lie where h (1 - h) is 0.

    Notes
    -----
    Our extension, for errors at the same inputs. `one_shot_mixing` need not know the noise, and is
    for errors at new ones.

    Examples
    --------
    >>> round(estimated_mixing([8.0, 2.0], [3.2, -0.4], penalty=0.5, deviation=1.0), 3)
    4.985
    """
    h, u = _shrinkage(eigenvalues, penalty)
    z = check_components("targets", targets, h)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    below = float(np.sum((h * u * z) ** 2))
    if below == 0:
        raise ValueError(
            "targets are 0 wherever the ridge shrinks: no mixing changes their fit; check their "
            "order"
        )
    return float(np.sum(h * u * (sigma**2 - u * z**2))) / below


def _tails(mixings: Float[Floats, " steps"]) -> Float[Floats, " steps"]:
    """tau_1, ..., tau_k: products of the mixings from the last student back."""
    return np.asarray(np.cumprod(mixings[::-1]))


def _shrinkage(eigenvalues: ArrayLike, penalty: float) -> tuple[Components, Components]:
    """h and u = 1 - h."""
    s = check_eigenvalues(eigenvalues)
    check_number("penalty", penalty, "lambda of the ridge")
    return s / (s + penalty), penalty / (s + penalty)


def _mixings(mixings: ArrayLike) -> Float[Floats, " steps"]:
    xi = np.atleast_1d(real(mixings, "mixings"))
    if xi.ndim != 1 or not np.isfinite(xi).all():
        raise ValueError(
            f"mixings={mixings!r} is not allowed: a finite number for each student; give a vector"
        )
    return xi
