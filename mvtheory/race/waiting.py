r"""Classes wait for each other: what the last race does to those that are over.

While one class is still unlearned, its samples are given to the classes whose views they show as
distractors. That holds these classes' winners back and leaves their own samples unfitted, so that
their losing views go on growing: the stronger the distractors, the more views are learned.
"""

import math

import numpy as np

from mvtheory.arguments import CLASSES, DEVIATION, LATE_GROWTH, NEURONS, POWER, VIEWS, Argument
from mvtheory.race.growth import expected_rivals
from mvtheory.race.largest import panels
from mvtheory.race.lesson import DISTRACTION, DISTRACTORS, chances_of_known
from mvtheory.shapes import Float, Floats, Int, Integers

COEFFICIENT = Argument("coefficient", "z", "mean coefficient of the label's views", 1e-6, 1e6)
WAITING = Argument("waiting", "kappa", "drive left to a learned class while all others wait",
                   0, 1e6)  # fmt: skip

NEGLIGIBLE = 1e-20


def waiting_drive(
    classes: int,
    views: int,
    power: float,
    distractors: int,
    coefficient: float,
    distraction: float,
) -> float:
    r"""Loss gradient on a learned class's samples, per share of the other classes that wait.

    The winner's strength a stays where two forces on it cancel: its own samples raise it by
    z r(a), and of the samples of a waiting class the share D/((K-1) M) that shows it as a
    distractor lowers it by gamma p(a), p being the probability given to it there. With outputs
    F = z a - (1 - 1/q) for the label, f = gamma a - (1 - 1/q) for a distractor whose view is known,
    which o others of the sample are, with o binomial of chance 1/M,

        r = E[1 - e^F / (e^F + o e^f + K - 1 - o)],   p = E[e^f / ((1 + o) e^f + K - 1 - o)].

    Parameters
    ----------
    classes, views : int
        K >= 2 and M >= 1.
    power : float, > 2
        q of the smoothed ReLU.
    distractors : int, >= 0
        D, of different classes.
    coefficient, distraction : float
        Means of z and of gamma, gamma < z: else the label is not the strongest.

    Returns
    -------
    float
        kappa = (K - 1) r(a): the loss gradient is kappa times the share of the other classes that
        wait.

    Notes
    -----
    Our extension of the growth law; hypotheses: coefficients at their means, one class at a time
    waits.

    Examples
    --------
    >>> round(waiting_drive(6, 2, 4, distractors=2, coefficient=1.75, distraction=0.9), 3)
    0.292
    """
    from scipy import optimize

    k, m, q = CLASSES.number(classes), VIEWS.number(views), POWER.number(power)
    shown, z = int(DISTRACTORS.number(distractors)), COEFFICIENT.number(coefficient)
    gamma = DISTRACTION.number(distraction)
    if shown >= k:
        raise DISTRACTORS.error(distractors, "use fewer than classes, each shows another one")
    if gamma >= z:
        raise DISTRACTION.error(distraction, f"use less than coefficient = {coefficient}")
    if not shown or not gamma:
        return 0.0
    bend = 1 - 1 / q

    def known(others: int) -> tuple[Int[Integers, " counts"], Float[Floats, " counts"]]:
        """How many of so many other distractors are known, and the chances that count."""
        o = np.arange(others + 1)
        chances = chances_of_known(others, m)
        return o[chances > NEGLIGIBLE], chances[chances > NEGLIGIBLE]

    (of_label, chances), (beside, chances_beside) = known(shown), known(shown - 1)

    def raised(strength: float) -> float:
        label, other = z * strength - bend, gamma * strength - bend
        rest = of_label * math.exp(other - label) + (k - 1 - of_label) * math.exp(-label)
        return float(chances @ (rest / (1 + rest)))

    def lowered(strength: float) -> float:
        other = gamma * strength - bend
        return float(chances_beside @ (1 / (1 + beside + (k - 1 - beside) * math.exp(-other))))

    seen = shown / ((k - 1) * m) * gamma / z

    def force(strength: float) -> float:
        return raised(strength) - seen * lowered(strength)

    # At 0 the label raises it more than distractors, of which there are fewer than classes, lower
    # it. Where exponents leave the doubles first, so does the drive.
    most = 700 / (z - gamma)
    if force(most) >= 0:
        return (k - 1) * raised(most)
    return (k - 1) * raised(optimize.brentq(force, 0, most, xtol=1e-13 / z))


def expected_coverage_waiting(
    views: int,
    neurons: int,
    power: float,
    deviation: float,
    late_growth: float,
    waiting: float,
) -> float:
    r"""Coverage of one network whose classes wait for each other.

    With w = Lambda(0)^-(q-2), which is (q-2) S times the time of escape, a loser is learned if

        w_l < w_1 + (q-2) `late_growth` + kappa E[(w_c - w_1)^+],

    where w_c is that of another class's winner, at most that of a winner of .05 deviations: the
    time for which a class waits on average, at the drive kappa that it has left. With kappa = 0
    this is `expected_coverage`.

    Parameters
    ----------
    views, neurons, power, deviation, late_growth
        As for `expected_coverage`, power > 2.
    waiting : float, >= 0
        kappa, from `waiting_drive`.

    Returns
    -------
    float
        In [1/M, 1]; absolute error below 1e-11.

    Notes
    -----
    Our extension of the growth law; the waiting time is replaced by its mean over classes.

    Examples
    --------
    >>> round(expected_coverage_waiting(2, 10, 4, deviation=0.008, late_growth=29, waiting=0.3), 3)
    0.541
    """
    from scipy import special

    m, n, q = VIEWS.number(views), NEURONS.number(neurons), POWER.number(power)
    sigma, kappa = DEVIATION.number(deviation), WAITING.number(waiting)
    exponent, growth = q - 2, LATE_GROWTH.number(late_growth)
    if m == 1:
        return 1.0
    late = exponent * growth * sigma**exponent

    def time_to_wait(x: Float[Floats, " nodes"]) -> Float[Floats, " nodes"]:
        """E[(w_c - w)^+]: the integral of P(X_c < y) |dw/dy| over y below x, for ascending x."""
        edges = np.log(np.concatenate([[FAINTEST], x[x > FAINTEST]]))
        logs, weights = panels(edges)
        below = np.exp(n * m * special.log_ndtr(np.exp(logs)) - exponent * logs)
        pieces = exponent * (below * weights).reshape(edges.size - 1, -1).sum(axis=1)
        # Classes fainter than that, or without a living neuron, are waited for as long as it.
        return np.concatenate([np.zeros(x.size - pieces.size), np.cumsum(pieces)])

    def reach(x: Float[Floats, " nodes"]) -> Float[Floats, " nodes"]:
        # Relative to w_1, so that large powers of small strengths do not overflow.
        more = (late + kappa * time_to_wait(x)) * x**exponent
        return np.asarray(x * np.exp(-np.log1p(more) / exponent))

    return min(1.0, (1 + float(expected_rivals(m, n, reach, FAINTEST))) / m)


FAINTEST = 0.05
"""In initial deviations: a strongest response below it takes hundreds of typical races to grow,
longer than anybody trains."""
