r"""Training on samples that are made of others: midpoints, masked patches, pasted ones.

Whatever shows a view that lost, and leaves a residual where the winner is, drives it on. Per class
and unit of time, with the winner of every class at strength a, a kind of sample that has the label
y to the share tau and shows its views with a factor f adds to the winner and to the loser of y

    f z (tau - p) ReLU~'(f z a),   f^q z^q (tau - p) Lambda^(q-1),   p = e^F / (e^F + e^F' + K - 2),

F the output of y's winner, if it is shown, and F' that of another class's winner if that is shown
instead or beside. Samples as they are leave nothing (tau = 1, p -> 1). Where coefficients vary,
midpoints (tau = f = 1/2) do: outputs of two classes are never alike, and a stays finite. Masked
samples leave what the loser alone explains; pasted ones both.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from mvtheory.arguments import POWER, VIEWS, Argument
from mvtheory.race.growth import expected_rivals
from mvtheory.race.largest import largest
from mvtheory.race.recognition import smoothed_relu
from mvtheory.race.setting import Setting
from mvtheory.shapes import Float, Floats

SHARE = Argument("share", "p", "share of the samples, or of the patches of views, that are made of "
                 "others", 0, 1)  # fmt: skip
NODES = 16
"""Of Gauss and Legendre, over the coefficient of a view."""


class Kind(NamedTuple):
    """Samples of a class that show it alike: how many, over all that have it as they are."""

    weight: float
    target: float
    winner: bool
    loser: bool
    rival: bool
    factor: float = 1.0


def augmented_coverage(setting: Setting, made: str, share: float) -> float:
    r"""Coverage of one network of two views a class, trained on samples that are made of others.

    With w = Lambda(0)^-(q-2) / (q-2) and S the drive before any view is learned, the winner takes
    off at the time w_1 / S, and the loser is learned by the time T if

        w_2 - w_1 < G(T - w_1 / S),

    G the integral of the drive that is left to it while the winner is fitted: see the module.

    Parameters
    ----------
    setting : Setting
        Of M = 2, q > 2, views of equal strength and without noise to memorise: background noise,
        presence and single-view samples do not count.
    made : {"midpoints", "masked", "pasted"}
        Midpoints: so many samples are means of two samples of different classes, with half of each
        label (Mixup at 1/2). Masked: every view of a sample is missing with this probability
        (Cutout). Pasted: it is replaced by what a sample of another class has in its place, and the
        label is shared by the number of views (CutMix).
    share : float in [0, 1]

    Returns
    -------
    float
        In [0, 1]; absolute error below 1e-6.

    Raises
    ------
    ValueError
        If an argument is out of range, or for another number of views.

    Notes
    -----
    Our extension of the growth law (Allen-Zhu & Li, 2023, Appendix D), for what Chidambaram et al.
    (2023) and Oh & Yun (2024) prove of such training. Hypotheses: all classes are as far as each
    other; samples are many; no class learns the views of another one. Midpoints alone, in common
    patches, let it: a patch then shows views of two classes, whose races are joined. They need
    plain samples besides, or patches of their own for both samples.

    Examples
    --------
    >>> setting = Setting(views=2, classes=3, neurons=6, power=4, deviation=0.02, samples=60,
    ...                   stages=((600, 2.0),), background_noise=0)
    >>> [round(augmented_coverage(setting, "masked", share), 3) for share in (0, 0.1, 0.3)]
    [0.509, 0.709, 0.802]
    """
    VIEWS.within(low=2, high=2).number(setting.views)
    exponent = POWER.number(setting.power) - 2
    kinds = _kinds(made, SHARE.number(share))
    sigma, views = setting.deviation, setting.views
    before = setting.mean_power(setting.power) * sum(
        k.weight * k.factor**setting.power * (k.target - 1 / setting.classes)
        for k in kinds if k.loser
    )  # fmt: skip
    if before <= 0:  # two classes in midpoints alone: nothing tells them apart
        return 0.0
    slowest = (exponent * before * setting.time) ** (-1 / exponent) / sigma
    start = 1 / (max(k.factor for k in kinds) * setting.strength[1])
    spent = start**-exponent / exponent
    left_at = _late(setting, kinds, start)

    def reach(x: Float[Floats, " nodes"]) -> Float[Floats, " nodes"]:
        scale = (sigma * x) ** exponent
        left = setting.time - (1 / (exponent * scale) - spent) / before
        gained = np.maximum(left_at(left) - spent, 0.0)
        return np.asarray(x * np.exp(-np.log1p(exponent * gained * scale) / exponent))

    x, mass = largest(views * setting.neurons, slowest)
    won = float(mass[x > slowest].sum())
    return min(1.0, (won + float(expected_rivals(views, setting.neurons, reach, slowest))) / views)


def _kinds(made: str, share: float) -> list[Kind]:
    plain = Kind(1.0, 1.0, True, True, False)
    if made == "midpoints":
        # Each has two labels.
        half = Kind(2 * share, 0.5, True, True, True, 0.5)
        return [plain._replace(weight=1 - share), half] if share < 1 else [half]
    if made not in ("masked", "pasted"):
        raise ValueError(
            f"made={made!r} is not known (midpoints, masked, pasted); choose one of these"
        )
    weights: dict[Kind, float] = {}
    for winner, loser in product((True, False), repeat=2):
        kept = winner + loser
        # As owner of the sample and as who is pasted; the other's winner is either view.
        masked = made == "masked"
        gone_shares = (share,) if masked else (share, 1 - share)
        rivals = (False,) if masked else (not winner, not loser)
        for gone, rival in product(gone_shares, rivals):
            target = 1.0 if masked else kept / 2
            kind = Kind(0.0, target, winner, loser, rival)
            weight = (1 - gone) ** kept * gone ** (2 - kept) / len(rivals)
            weights[kind] = weights.get(kind, 0.0) + weight
    return [kind._replace(weight=weight) for kind, weight in weights.items() if weight]


def _late(setting: Setting, kinds: Sequence[Kind], start: float) -> Callable[[Floats], Floats]:
    """The loser's growth by the time since the winner was at `start`, as a function of arrays."""
    from scipy.integrate import solve_ivp

    power, low, high = setting.power, *setting.strength
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    z, weights = (low + high) / 2 + (high - low) / 2 * nodes, weights / 2
    mean = setting.mean_power(power)

    def speeds(time: float, now: Float[Floats, "2"]) -> list[float]:
        raised = driven = 0.0
        for kind in kinds:
            answers, slopes = smoothed_relu(kind.factor * z * now[0], power)
            own = np.exp(answers * kind.winner)[:, None]
            others = np.exp(answers * kind.rival) + setting.classes - 2
            residuals = kind.target - (own / (own + others)) @ weights
            pull = kind.weight * kind.factor * weights * residuals
            raised += float(kind.winner * (pull * z) @ slopes)
            driven += float(kind.loser * pull.sum()) * kind.factor ** (power - 1) * mean
        return [raised, driven]

    path = solve_ivp(
        speeds, (0, setting.time), [start, 0.0], "LSODA", rtol=1e-7, atol=1e-7, dense_output=True
    )

    def growth(times: Float[Floats, " times"]) -> Float[Floats, " times"]:
        return np.asarray(path.sol(np.clip(times, 0, setting.time))[1])

    return growth
