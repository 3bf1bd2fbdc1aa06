r"""How far a predicted accuracy may be off: the error of the mixture, learned on other problems.

Sampling is the least of it; what matters is that a student is not quite a mixture. So the
constants below are no theory: they were fitted, by maximum likelihood with Student's law of 4
degrees of freedom and a factor that makes 90 % intervals contain 90 %, to the errors on development
problems (`benchmarks/estimators.py development --fit`; `aside` reports the coverage on problems
put aside beforehand). The terms say what can go wrong:

- misfit: the residual that a mixture cannot explain, times the share V of samples on which the two
  parts of the mixture disagree, without which their weights do not matter;
- distance in log2 T from the nearest anchors, times V;
- ratio: how much the accuracy changes when u/v does;
- noise: two trainings that disagree on V of n samples differ by about sqrt(V/n);
- start: parts of different initial weights err independently, and their mixture averages that away,
  which a student does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument

CONFIDENCE = Argument("confidence", "c", "probability that the interval contains the accuracy",
                      0, 1, low_open=True, high_open=True)  # fmt: skip
FREEDOM = 4
"""Degrees of freedom: a few problems are far off, as in any population of problems."""
RATIO_STEP = 1.3
"""Factor of u, and of v, by which the sensitivity to their ratio is measured."""


@dataclass(frozen=True, kw_only=True)
class Scales:
    """Weights of the terms for one way to predict."""

    misfit: float = 0.0
    distance: float
    ratio: float
    noise: float


BALANCED = Scales(misfit=0.18, distance=0.06, ratio=0.8, noise=0.3)
LINEAR = Scales(distance=0.07, ratio=1.4, noise=0.5)
OTHER_START = 0.15
"""Of students that started apart; from an earlier trial on 22 problems, which `--fit` does not
repeat."""
COPY_DISAGREEMENT, COPY_SHIFT = 0.07, 0.55
"""Of a prediction from the teacher's outputs alone: per disagreement with the student, and per
predicted change of the accuracy. From an earlier trial too; the benchmark reports its coverage."""


def distance(temperatures: Sequence[float], temperature: float) -> float:
    """Distance in log2 T from the anchors: to the nearest, or between two half their harmonic mean.

    Examples
    --------
    >>> distance([1, 8], 0.5), distance([1, 8], 8), round(distance([1, 8], 2), 6)
    (1.0, 0.0, 0.666667)
    """
    gaps = np.log2(temperature) - np.log2(np.asarray(temperatures, dtype=float))
    below, above = gaps[gaps >= 0], -gaps[gaps <= 0]
    if not below.size or not above.size:
        return float(np.abs(gaps).min())
    one, two = float(below.min()), float(above.min())
    return one * two / (one + two) if one + two else 0.0


def spread(
    scales: Scales,
    *,
    disagreement: float,
    samples: int,
    misfit: float,
    distance: float,
    ratio: float,
    weights: tuple[float, float],
    same_start: bool,
) -> float:
    """Scale of the error of a mixture's accuracy.

    Parameters
    ----------
    scales : Scales
    disagreement : float
        V in [0, 1].
    samples : int
        On which the accuracy is measured.
    misfit, distance, ratio : float
        Of `Coefficients`, of `distance`, and the change of the accuracy between u and v times
        RATIO_STEP.
    weights : (float, float)
        u and v.
    same_start : bool
        Whether all students started from the same initial weights.
    """
    u, v = (min(abs(weight), 1.0) for weight in weights)
    terms = [
        scales.misfit * misfit * disagreement,
        scales.distance * distance * disagreement * u,
        scales.ratio * ratio,
        scales.noise * np.sqrt(disagreement / samples),
        0.0 if same_start else OTHER_START * disagreement * u * v,
    ]
    return float(np.sqrt(np.sum(np.square(terms))))


def half_width(scale: float, confidence: float) -> float:
    """Half the width of the interval, from the scale of the error."""
    from scipy import stats

    return float(stats.t.isf((1 - confidence) / 2, FREEDOM)) * scale
