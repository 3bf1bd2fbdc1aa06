r"""Answers of a distilled student between two limits: logits that mix, and probabilities that do.

A learner whose function is linear in its labels mixes the logits of the students (`mixture`). A
learner that averages the labels of samples like the one it is asked about, as nearest neighbours
or a histogram do, and networks where they have memorised single samples, mixes dual outputs
instead, (1-w) softmax(f) + w softmax(f/T), for these approximate the dual labels: their average
with the weights of the linear mixture. Then a student follows the hard label where the teacher is
unsure and errs, which no mixture of logits can. Both are exact at every student that was given.
Trained networks lie between, nearer to the first: the blend is a `share` of the dual outputs of the
mixture and the rest of their average. Its accuracy is drawn by a part `line` towards the line in w
through the students' accuracies. Both are one number for each way to mix, fitted with the constants
of `interval`; making them depend on the data made no kind of problem left out better. Nor does
leaving the line out where the teacher knows nothing: of two development problems with a uniform
teacher the errors are .173 with it, .202 without, from soft labels alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory.distillation.mixture import Coefficients
from mvtheory.distillation.outputs import softened
from mvtheory.shapes import Float, Floats, Numbers, Real

Rows = Float[Floats, "samples classes"]


@dataclass(frozen=True)
class Blend:
    """How a mixture of logits is corrected.

    Parameters
    ----------
    share : float
        Of the mixture's dual outputs, in [0, 1]; the rest is the average of dual outputs.
    line : float
        Of the line in w through accuracies, in [0, 1].
    """

    share: float
    line: float


BLENDS = {"balanced": Blend(0.84, 0.125), "linear": Blend(0.66, 0.16)}


@dataclass(frozen=True, eq=False)
class Estimates:
    """Classes that estimates of one student answer, each of shape (samples,).

    `mixed` by the mixture of logits, `averaged` by the average of dual outputs, `blended` by both.
    """

    mixed: Numbers
    averaged: Numbers
    blended: Numbers


def estimates(
    mixture: Coefficients,
    straight: Coefficients,
    student: Real[Numbers, "samples classes"],
    anchors: Sequence[Real[Numbers, "samples classes"]],
    own: Sequence[Rows],
    temperature: float,
    weight: float,
    share: float,
) -> Estimates:
    """Answers at (T, w), on some samples.

    Parameters
    ----------
    mixture, straight : Coefficients
        Of the logits, and of the linear mixture.
    student, anchors
        Logits.
    own : sequence of arrays
        Dual outputs of the anchors at T, each with the soft weight of its own training, then
        probabilities of the student.
    temperature, weight, share : float
    """
    logits = mixture.of(student, anchors)
    told = softened(logits, temperature, weight)
    average = sum(
        c * rows for c, rows in zip((*straight.anchors, straight.hard), own, strict=True) if c
    )
    return Estimates(
        logits.argmax(axis=1), np.argmax(average, axis=1),
        np.argmax(share * told + (1 - share) * average, axis=1),
    )  # fmt: skip
