r"""How far a predicted accuracy may be off, learned on other problems.

Sampling is the least of it; what matters is that a student is not quite a mixture. So the
constants below are no theory: they were fitted, by maximum likelihood with Student's law of 4
degrees of freedom and a factor that makes 90 % intervals contain 90 %, to the errors on development
problems (`benchmarks/estimators.py development --fit`), all ways to give anchors together; the
record says what they hold on kinds of problems left out, and on problems put aside beforehand. The
weight of the noise was held at .4 before that factor: the likelihood alone makes it smaller, and
intervals too narrow on problems whose errors are small. The terms, added in squares, say what can
go wrong:

- noise: two trainings that disagree on V of n samples differ by about sqrt(V/n), with V of student
  and teacher, and a sample more;
- above, below, between: distance in log2 T from the anchors, beyond the warmest, beyond the coldest
  and between two, times the share V of samples on which the two parts of the mixture disagree;
- misfit: the residual that a mixture cannot explain, times V;
- ratio: how much the accuracy changes when u/v does;
- gap, straight, line: how far the mixture of logits is, in accuracy, from the average of dual
  outputs, from the linear mixture, and from the line in w through accuracies. Estimates that agree
  are better;
- start: parts of different initial weights err independently, and their mixture averages that away,
  which a student does not;
- beta: what may be off of the change from one divergence to another (`along_beta`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.shapes import Float, Floats

CONFIDENCE = Argument("confidence", "c", "probability that the interval contains the accuracy",
                      0, 1, low_open=True, high_open=True)  # fmt: skip
FREEDOM = 4
"""Degrees of freedom: a few problems are far off, as in any population of problems."""
RATIO_STEP = 1.3
"""Factor of u, and of v, by which the sensitivity to their ratio is measured."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What may be off, or the weights of it; numbers, or arrays of one shape."""

    noise: float | Floats = 0.0
    above: float | Floats = 0.0
    below: float | Floats = 0.0
    between: float | Floats = 0.0
    misfit: float | Floats = 0.0
    ratio: float | Floats = 0.0
    gap: float | Floats = 0.0
    straight: float | Floats = 0.0
    line: float | Floats = 0.0
    start: float | Floats = 0.0
    beta: float | Floats = 0.0

    def spread(self, weights: "Terms") -> Floats:
        """Scale of the error: the root of the sum of the squares of the weighted terms."""
        squares = [
            (getattr(self, field.name) * getattr(weights, field.name)) ** 2
            for field in fields(Terms)
        ]
        return np.sqrt(sum(squares, np.zeros(())))


BALANCED = Terms(noise=0.37, above=0.036, below=0.021, between=0.005, misfit=0.04, ratio=0.33,
                 gap=0.15, straight=0.29, line=0.14, start=0.15, beta=1.0)  # fmt: skip
LINEAR = Terms(noise=0.39, above=0.055, below=0.043, between=0.022, ratio=0.77, gap=0.13,
               line=0.17, start=0.15, beta=1.0)  # fmt: skip
COPY = Terms(noise=0.5, line=0.55, gap=0.07)
"""Of a prediction from the teacher's outputs alone: `line` is the predicted change of the accuracy,
and `gap` the disagreement with the student. `start` and these are from an earlier trial; the
benchmark reports their coverage."""


def beyond(temperatures: Sequence[float], temperature: float) -> tuple[float, float, float]:
    """Distances in log2 T: above all of the temperatures, below all, and between two of them.

    Between two it is half the harmonic mean of the distances to both.

    Examples
    --------
    >>> beyond([1, 8], 16), beyond([1, 8], 0.5), beyond([1, 8], 8)
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0))
    >>> beyond([0.5, 4], 2)[2].__round__(6)
    0.666667
    """
    gaps = np.log2(temperature) - np.log2(np.asarray(temperatures, dtype=float))
    if (gaps > 0).all():
        return float(gaps.min()), 0.0, 0.0
    if (gaps < 0).all():
        return 0.0, float(-gaps.max()), 0.0
    one, two = float(gaps[gaps >= 0].min()), float(-gaps[gaps <= 0].max())
    return 0.0, 0.0, one * two / (one + two) if one + two else 0.0


def half_width(scale: Float[Floats, "..."] | float, confidence: float) -> Floats:
    """Half the width of the interval, from the scale of the error."""
    from scipy import stats

    return np.asarray(stats.t.isf((1 - confidence) / 2, FREEDOM) * scale)
