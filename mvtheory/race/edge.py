r"""Large steps: at which learning rate descent leaves a solution, and what it goes to.

Descent of rate eta stays at a minimum whose sharpness, the Hessian's largest eigenvalue lambda, is
at most 2/eta. Where the residual vanishes the Hessian is that of the output's slopes, so lambda is
their squared norm: of a pathway of L balanced layers, b in each, L b^(2(L-1)), and of several that
share an output by w_p = b_p^L it is the sum, lambda = L sum_p w_p^(2-2/L). So a solution of one
pathway is the sharpest, and at L > 2 sharing makes it flatter. A patch network's views do not
gain so: beyond the threshold of its ReLU every neuron that learns adds a slope of one.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.arguments import POWER, PROBABILITIES, VIEWS, Argument
from mvtheory.formula import Formula
from mvtheory.race.final import SQUARE
from mvtheory.race.grow import checked
from mvtheory.race.pathways import DEPTH, positive
from mvtheory.references import Source
from mvtheory.shapes import ArrayLike, Float, Floats

if TYPE_CHECKING:
    import sympy

SHARES = replace(PROBABILITIES, name="shares", symbol="w", meaning="share of the output of each "
                 "pathway")  # fmt: skip
PATHWAYS = Argument("pathways", "P", "pathways that share an output evenly", 1, 1e6, integer=True)
RATE = Argument("rate", "eta", "learning rate", 1e-6, 100)
STEPS = Argument("steps", "t", "steps of gradient descent", 0, 1e9, integer=True)
LARGE_STEPS = Source("kim2026")
UNIT = (
    "For a feature of coefficient s and a target sigma in the place of 1, sharpnesses are "
    "s^(2/L) sigma^(2-2/L) times as large and rates as much smaller."
)


def _sharpness(shares: Any, depth: Any) -> "sympy.Expr":
    import sympy

    pathway, pathways = sympy.Symbol("p", integer=True), sympy.Symbol("M", integer=True)
    return depth * sympy.Sum(shares[pathway] ** (2 - 2 / depth), (pathway, 1, pathways))


def _sharpness_of_floats(shares: Floats, depth: Floats) -> Floats:
    powers = shares ** (2 - 2 / np.asarray(depth)[..., None])
    return np.asarray(depth * powers.sum(axis=-1))


def _at_edge(rate: Any, depth: Any) -> "sympy.Expr":
    import sympy

    return sympy.Max(1, (rate * depth / 2) ** (depth / (depth - 2)))


def _at_edge_of_floats(rate: Floats, depth: Floats) -> Floats:
    return np.asarray(np.maximum(1, (rate * depth / 2) ** (depth / (depth - 2))))


def _shared(views: Any, power: Any) -> "sympy.Expr":
    import sympy

    curved = power ** (2 - 2 / power) * views ** (2 / power - 1)
    return sympy.Piecewise((views, views < power), (curved, True))


def _shared_of_floats(views: Floats, power: Floats) -> Floats:
    curved = power ** (2 - 2 / power) * views ** (2 / power - 1)
    return np.where(views < power, views, curved)


def _settled(rate: Any, square: Any) -> "sympy.Expr":
    import sympy

    return (1 + sympy.sqrt(sympy.Max(0, 1 - 8 / (rate * square)))) / 2


pathway_sharpness = Formula(
    name="pathway_sharpness",
    summary="Sharpness of a fitted gated deep linear network whose pathways share the output.",
    symbol="lambda",
    quantity="largest eigenvalue of the Hessian, of half the squared error",
    arguments=(SHARES, DEPTH),
    expression=_sharpness,
    stable=_sharpness_of_floats,
    source=LARGE_STEPS,
    status="exact",
    notes=(
        "L for one pathway, L P^-(1-2/L) for P that share evenly: at L = 2 sharing changes "
        "nothing. Hypotheses: redundant pathways with balanced layers, which are the flattest of "
        "their shares, no residual. Of several orthogonal classes it is the largest of their own: "
        "the output's matrix of classes i and j has sum_p sum_l b_pi^(2(L-l)) b_pj^(2(l-1)), at "
        "most the mean of theirs. " + UNIT
    ),
)

critical_rate = Formula(
    name="critical_rate",
    summary="Learning rate above which descent leaves a solution shared evenly by P pathways.",
    symbol="eta_P",
    quantity="learning rate, on half the squared error",
    arguments=(PATHWAYS, DEPTH),
    expression=lambda pathways, depth: 2 / depth * pathways ** (1 - 2 / depth),
    well_conditioned=True,
    source=LARGE_STEPS,
    status="exact",
    monotone=("pathways",),
    notes=(
        "2 over `pathway_sharpness`. With pathways = 1 it is where one winner that takes all "
        "becomes unstable, 2/L; with all pathways there are, where no solution is stable any more. "
        "Linear stability of descent on full batches. " + UNIT
    ),
)

pathways_at_edge = Formula(
    name="pathways_at_edge",
    summary="Effective number of pathways to which descent of a large rate redistributes.",
    symbol="P_eff",
    quantity="pathways that share a class",
    arguments=(RATE, DEPTH.within(low=2.5)),
    expression=_at_edge,
    stable=_at_edge_of_floats,
    source=LARGE_STEPS,
    status="our extension",
    monotone=("rate",),
    notes=(
        "1 up to the `critical_rate` of one pathway; beyond, losers grow while the winner "
        "oscillates, until the sharpness is 2/eta. (sum_p w_p^(2-2/L))^(-L/(L-2)), the Hill number "
        "of order 2-2/L of the shares, is the effective number of any: this formula at the rate "
        "2 / `pathway_sharpness`. Where gradient flow leaves more, they stay, so that the larger "
        "of both is what to expect; more than there are means that descent settles nowhere. "
        "Hypotheses: one class, redundant pathways, time for the losers. " + UNIT
    ),
)

view_sharpness = Formula(
    name="view_sharpness",
    summary="Sharpness of a patch network that shares a class among M views, over one view's.",
    symbol="lambda_M/lambda_1",
    quantity="ratio of largest eigenvalues of the Hessian, of squared error",
    arguments=(VIEWS, POWER),
    expression=_shared,
    stable=_shared_of_floats,
    source=LARGE_STEPS,
    status="our extension",
    notes=(
        "Smoothed ReLUs of power q that add up to one half a view at 1/M each: M slopes of one "
        "while M < q, then M slopes of (q/M)^(1-1/q). Sharing is flatter only from "
        "M = q^((2q-2)/(q-2)) on, 64 views at q = 4, so that large steps do not favour it. On "
        "cross-entropy, whose outputs grow beyond the threshold, it is M throughout."
    ),
)

settled_probability = Formula(
    name="settled_probability",
    summary="Label's probability from which a patch network's learned view is stable.",
    symbol="p",
    quantity="probability, on cross-entropy",
    arguments=(RATE, SQUARE.within(low=1e-6, high=1e6)),
    expression=_settled,
    source=LARGE_STEPS,
    status="our extension",
    monotone=("rate", "square"),
    notes=(
        "The larger root of p (1 - p) s = 2/eta; 1/2, where a class is sharpest, if no step is too "
        "large: eta s <= 8. s is E[z^2] times the neurons that have learned the view, eta the rate "
        "of `Setting`. As samples are fitted the sharpness goes to 0, so that on cross-entropy a "
        "solution of one view becomes stable at any rate, and nothing drives it to share."
    ),
)


def descend_pathways(
    initial: ArrayLike, strengths: ArrayLike, depth: int, rate: float, steps: int
) -> Float[Floats, "*further views"]:
    r"""Output of each of several redundant pathways after so many steps of one learning rate.

    b_p goes to b_p + eta s_p b_p^(L-1) (1 - sum_j s_j b_j^L): what `pathway_shares` is in the
    limit of small rates and many steps.

    Parameters
    ----------
    initial : array, shape (..., pathways)
        b_p(0) >= 0, of all layers of a pathway.
    strengths : array that broadcasts to `initial`, > 0
        s_p, the coefficient of the pathway's feature.
    depth : int, 2 <= L <= 16
    rate : float, 1e-6 to 100
        eta, on half the squared error.
    steps : int, >= 0

    Returns
    -------
    float array, shape (..., pathways)
        s_p b_p^L. They add up to 1 where descent has settled, and oscillate where it has not.

    Raises
    ------
    ValueError
        If an argument is out of range or descent diverges at this rate.

    Notes
    -----
    Source: ours, from Kim & Lee (2026). Hypotheses: balanced layers, one class.

    Examples
    --------
    The winner of a race takes all at a rate below 1/2, and 73 % at .65:

    >>> start = [0.15, 0.12]
    >>> descend_pathways(start, 1.0, depth=4, rate=0.4, steps=3000).round(2).tolist()
    [1.0, 0.0]
    >>> shared = descend_pathways(start, 1.0, depth=4, rate=0.65, steps=3000)
    >>> shared.round(2).tolist()
    [0.73, 0.27]
    >>> sharpness = pathway_sharpness(shares=shared / shared.sum(), depth=4)
    >>> round(sharpness, 2), round(2 / 0.65, 2)
    (3.05, 3.08)
    """
    power = int(replace(DEPTH, integer=True).number(depth))
    eta, count = RATE.number(rate), int(STEPS.number(steps))
    b, _ = checked(initial, [0.0])
    strength = positive(strengths, "strengths", b.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(count):
            slope = strength * b ** (power - 1)
            b = b + eta * slope * (1 - (slope * b).sum(axis=-1, keepdims=True))
    if not np.isfinite(b).all():
        raise ValueError(
            f"rate={eta:g} is not allowed for these pathways: descent diverges; choose one below "
            "the critical_rate of all of them"
        )
    return np.asarray(strength * b**power)
