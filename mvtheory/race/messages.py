r"""How strongly a view is shown after a layer of message passing has mixed the nodes of a graph.

A view has its own part of a random graph: some nodes carry it, and are joined to each other with
one probability; all other pairs, with or among the plain nodes of that part, with another.
A layer that gives each node the mean of itself and of its neighbours leaves of the view's
coefficient the share c of these that carry it. A neuron of power q answers to c, and the outputs
are summed over nodes: the drive of the view is multiplied by E[sum_u c_u^q].
"""

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.shapes import Float, Floats

CARRIERS = Argument("carriers", "C", "nodes that carry a view", 1, 1e3, integer=True)
PLAIN = Argument("plain", "P", "other nodes of its part", 0, 1e3, integer=True)
WITHIN = Argument("within", "p", "probability that two carriers of a view are joined", 0, 1)
BETWEEN = Argument("between", "r", "probability that a plain node and another are joined", 0, 1)
EXPONENT = Argument("power", "q", "power of the mixed coefficient", 1, 64)


def mixed_strength(carriers: int, plain: int, within: float, between: float, power: float) -> float:
    r"""E[sum_u c_u^q] of a view of coefficient 1 over the nodes u of a random graph.

    A carrier keeps c = (1 + B) / (1 + B + O), with B of the other carriers and O plain nodes for
    neighbours; a plain node has c = b / (1 + b + o), with b carriers and o plain nodes. All four
    are binomial.

    Parameters
    ----------
    carriers, plain : int
    within, between : float in [0, 1]
    power : float, 1 <= q <= 64

    Returns
    -------
    float
        In (0, C + P]; without plain neighbours it is C, the nodes that carry the view.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Ours; the graphs are stochastic block models. With `win_probabilities` it says which view wins,
    as long as features of views are orthogonal and no node shows two of them: where one does, the
    neurons that have learned one view are open to the other.

    Examples
    --------
    Carriers that are all joined show their view twice as strongly as if none were:

    >>> round(mixed_strength(4, 8, within=1.0, between=0.3, power=4), 3)
    1.126
    >>> round(mixed_strength(4, 8, within=0.0, between=0.3, power=4), 3)
    0.486
    """
    count, rest = int(CARRIERS.number(carriers)), int(PLAIN.number(plain))
    inside, outside = WITHIN.number(within), BETWEEN.number(between)
    q = EXPONENT.number(power)
    own, chances_own = _binomial(count - 1, inside)
    mixed, chances_mixed = _binomial(rest, outside)
    kept = (1 + own[:, None]) / (1 + own[:, None] + mixed)
    strength = count * (chances_own @ kept**q @ chances_mixed)
    if rest:
        heard, chances_heard = _binomial(count, outside)
        beside, chances_beside = _binomial(rest - 1, outside)
        passed = heard[:, None] / (1 + heard[:, None] + beside)
        strength += rest * (chances_heard @ passed**q @ chances_beside)
    return float(strength)


def _binomial(
    trials: int, probability: float
) -> tuple[Float[Floats, " counts"], Float[Floats, " counts"]]:
    """Counts from 0 to all, and their chances."""
    from scipy import special

    counts = np.arange(trials + 1.0)
    below = special.bdtr(counts, trials, probability)
    return counts, np.diff(below, prepend=0.0)
