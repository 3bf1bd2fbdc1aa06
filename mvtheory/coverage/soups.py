"""Averages of weights beside averages of outputs: what is left of a view that few networks know."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mvtheory.arguments import GATED_POWER, NETWORKS, NEURONS, VIEWS, Argument
from mvtheory.formula import Formula
from mvtheory.race.recognition import smoothed_relu
from mvtheory.references import Source
from mvtheory.shapes import ArrayLike, Float, Floats

if TYPE_CHECKING:
    import sympy

RESPONSE = Argument("response", "x", "response to the view of a network that knows it, in units of "
                    "the ReLU's threshold", 1e-6, 1e6)  # fmt: skip
SURE = Argument("level", "tau", "output by which the right class must stand above the others",
                0, 1e6, low_open=True)  # fmt: skip
MEANS = ("outputs", "weights", "aligned weights")
"""What is averaged."""


def _left(networks: Any, response: Any, power: Any) -> "sympy.Expr":
    import sympy

    def answer(x: Any) -> "sympy.Expr":
        return sympy.Piecewise((x**power / power, x <= 1), (x - 1 + 1 / power, True))

    return networks * answer(response / networks) / answer(response)


def _stable(networks: Floats, response: Floats, power: Floats) -> Floats:
    # Below the threshold in both there is no power of x.
    below = networks ** (1 - power)
    whole = np.maximum(response, 1) - 1 + 1 / power
    between = networks * (np.minimum(response / networks, 1) ** power / power) / whole
    above = (response - networks * (1 - 1 / power)) / whole
    left: Floats = np.where(response <= 1, below, np.where(response <= networks, between, above))
    return left


averaged_weights = Formula(
    name="averaged_weights",
    summary="Output of the average of N networks' weights over the average of their outputs.",
    symbol="R",
    quantity="ratio of outputs on a view",
    arguments=(NETWORKS, RESPONSE, GATED_POWER),
    expression=_left,
    stable=_stable,
    source=Source("wortsman2022"),
    status="our extension",
    monotone=("networks", "response", "power"),
    notes=(
        "R = N h(x/N) / h(x), h the smoothed ReLU of Allen-Zhu & Li (2023): networks that know the "
        "view hold it in neurons of their own, so that each response x becomes x/N. Below the "
        "threshold R = N^(1-q), one factor for all views, which a temperature undoes, as Ito et "
        "al. (2025) find for wide networks; far above it R tends to 1. Neurons that happen to hold "
        "the view in several networks make it larger, as does aligning them."
    ),
)


def soup_output(
    views: int,
    networks: int,
    neurons: int,
    response: float,
    power: float,
    averaged: str = "weights",
) -> float:
    r"""Mean output of an average of N networks on a view, over that of the mean of their outputs.

    As `averaged_weights`, where the m neurons of a class are few: two networks then hold a view in
    one neuron with probability 1/m, and their responses add before the smoothed ReLU h is taken,

        m M E[h(k x/N)] / h(x),  k binomial of N and 1/(m M);

    with aligned neurons they always do, as for m = 1.

    Parameters
    ----------
    views, neurons : int, >= 1
        M and m.
    networks : int, 1 to 1000
        N.
    response : float, 1e-6 <= x <= 1e6
        Of a network that knows the view, in units of the ReLU's threshold.
    power : float, 2 <= q <= 16
    averaged : {"outputs", "weights", "aligned weights"}

    Returns
    -------
    float
        In [N^(1-q), 1]; as m grows it tends to `averaged_weights`, unless neurons are aligned.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Ours, for the averages of Wortsman et al. (2022) in the lottery of Allen-Zhu & Li (2023).

    Examples
    --------
    >>> [round(soup_output(3, 8, neurons, response=6, power=4), 3) for neurons in (1, 6, 100)]
    [0.738, 0.28, 0.131]
    """
    m, n = VIEWS.number(views), int(NETWORKS.within(high=1000).number(networks))
    places, x = NEURONS.number(neurons), RESPONSE.number(response)
    q = GATED_POWER.number(power)
    if _checked(averaged) == "outputs":
        return 1.0
    cells = m if averaged == "aligned weights" else m * places
    counts = range(1, n + 1)
    chances = np.array([_binomial(n, count, 1 / cells) for count in counts])
    answers = _answers([count * x / n for count in counts], q)
    return float(cells * (chances @ answers) / _answers(x, q)[0])


def sure_coverage(
    views: int,
    networks: int,
    neurons: int,
    response: float,
    power: float,
    level: float,
    averaged: str = "weights",
) -> float:
    r"""Share of the views of which an average of N networks is sure.

    Each network knows one view of a class, by one of m neurons, with a response x, and is silent
    otherwise. With c_r networks that know the view by their neuron r, c of them together,
    h the smoothed ReLU, the output on a sample that shows this view is

        (c/N) h(x)  for the mean of the outputs,
        sum_r h(c_r x/N)  for the mean of the weights,
        h(c x/N)  for that of weights whose neurons are aligned, the winners in one place.

    Parameters
    ----------
    views, neurons : int, >= 1
        M and m.
    networks : int, 1 to 40
        N.
    response : float, 1e-6 <= x <= 1e6
        In units of the ReLU's threshold.
    power : float, 2 <= q <= 16
    level : float, > 0
        The least output that counts; log K where the softmax of K classes must be above one half
        whatever the others are. Whose output is the largest needs no level: that is the formula
        `ensemble` for all three.
    averaged : {"outputs", "weights", "aligned weights"}

    Returns
    -------
    float
        In [0, 1], exact in this model.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Ours, for the averages of Wortsman et al. (2022) in the lottery of Allen-Zhu & Li (2023).

    Examples
    --------
    Of eight networks the outputs are sure of most views, the weights of few:

    >>> [round(sure_coverage(3, 8, 6, response=6, power=4, level=1.1, averaged=what), 3)
    ...  for what in ("outputs", "aligned weights", "weights")]
    [0.805, 0.532, 0.082]
    """
    m, n = VIEWS.number(views), int(NETWORKS.within(high=40).number(networks))
    places, x = int(NEURONS.number(neurons)), RESPONSE.number(response)
    q, least = GATED_POWER.number(power), SURE.number(level)
    _checked(averaged)

    def output(counts: tuple[int, ...]) -> float:
        if averaged == "outputs":
            return float(sum(counts) / n * _answers(x, q)[0])
        return float(_answers([count * x / n for count in counts], q).sum())

    known = 0.0
    for count in range(1, n + 1):
        shares = _shares(count, places) if averaged == "weights" else (((count,), 1.0),)
        sure = sum(chance for counts, chance in shares if output(counts) >= least)
        known += _binomial(n, count, 1 / m) * sure
    return min(known, 1.0)


def _checked(averaged: str) -> str:
    if averaged not in MEANS:
        raise ValueError(
            f"averaged={averaged!r} is not known ({', '.join(MEANS)}); choose one of these"
        )
    return averaged


def _answers(responses: ArrayLike, power: float) -> Float[Floats, " responses"]:
    return smoothed_relu(np.atleast_1d(np.asarray(responses, dtype=float)), power)[0]


def _binomial(trials: int, successes: int, chance: float) -> float:
    fails = trials - successes
    return math.comb(trials, successes) * chance**successes * (1 - chance) ** fails


def _shares(count: int, places: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """How so many networks fall on equally likely neurons, in any order, and with what chance."""
    for parts in _parts(count, count):
        if len(parts) > places:
            continue
        ways = math.factorial(count) * math.perm(places, len(parts))
        for part in parts:
            ways //= math.factorial(part)
        for part in set(parts):
            ways //= math.factorial(parts.count(part))
        yield parts, ways / places**count


def _parts(total: int, most: int) -> Iterator[tuple[int, ...]]:
    """Ways to write a number as a sum of whole ones, none above `most`, in falling order."""
    if not total:
        yield ()
    for first in range(min(total, most), 0, -1):
        for rest in _parts(total - first, first):
            yield first, *rest
