r"""A distilled student as a mixture of the students that were trained already.

Networks trained alike on different labels answer alike to what the labels add: to first order in
the labels, the logits are linear in them. Training with the dual labels (1-w) Y + w P^_T then
gives a mixture of the logits f_0 of the student trained on hard labels (w = 0) and f_1, f_2, ... of
the anchors, students of the same start and order of batches trained with soft labels:

    f = v f_0 + u_1 f_1 + u_2 f_2 + ...

The linear mixture takes the weights from the labels alone: at a temperature that was trained,
linear in w between the two students whose soft weights are next to it, the student of hard
labels counting at every temperature, and beyond the largest from that student and the one of the
largest; between temperatures linear in log T. It is exact for the square loss, and needs outputs on
test samples only. `balance` has a better one.

A class that a part of the mixture masks (`mvtheory.distillation.outputs`) is masked in the mixture,
whatever the sign of its weight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mvtheory.arguments import BETA, HARD_WEIGHT, SOFT_WEIGHT
from mvtheory.distillation.outputs import TEMPERATURE, Logits
from mvtheory.distillation.weighting import soft_weight
from mvtheory.shapes import Float, Floats, Int, Integers, Numbers, Real

LARGEST = 1e15
"""Of logits that are mixed: their squares, and u = w/w_a times them in single precision, are
numbers still."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Anchor:
    """A distilled student that was trained, with the setting of its training.

    Its loss was a_H CE(labels, softmax(z)) + (1 - a_H) T^2 D(beta), z its logits, in nats, summed
    over classes and averaged over samples, or a multiple of it. D is a divergence of q =
    softmax(teacher/T) and p = softmax(z/T), at beta = 0 the forward one, KL(q || p), at beta = 1
    the reverse one, KL(p || q), and between them jsd/(beta (1 - beta)), which leads from one to the
    other (`mvtheory.distillation.losses`). What other libraries call T, a_H and beta:
    `Convention(name).loss(...).setting`.

    Parameters
    ----------
    logits : array, shape (N, K)
        On the same samples as the other outputs: a numpy array, memory map or torch tensor; -inf
        for masked classes.
    temperature : float
        T in [1e-3, 1e6], of both sides of the soft part.
    hard_weight : float
        Hinton's a_H in [0, 1), on the hard part: 0 for a student of soft labels alone.
    beta : float
        In [0, 1].

    Examples
    --------
    >>> Anchor(logits=[[1.0, 0.0]], temperature=4, hard_weight=0.1).soft_weight.__round__(6)
    0.972973
    """

    logits: Any
    temperature: float
    hard_weight: float = 0.0
    beta: float = 0.0

    def __post_init__(self) -> None:
        for argument in (TEMPERATURE, HARD_WEIGHT, BETA):
            given = float(argument.number(getattr(self, argument.name)))
            object.__setattr__(self, argument.name, given)
        if self.hard_weight == 1:
            below = replace(HARD_WEIGHT, high_open=True)
            raise below.error(1, "a student of hard labels alone is the argument student")

    def __repr__(self) -> str:
        shape = getattr(self.logits, "shape", None) or f"({len(self.logits)} rows)"
        beta = f", beta = {self.beta:g}" if self.beta else ""
        return (
            f"<Anchor: a student distilled at T = {self.temperature:g}, a_H = "
            f"{self.hard_weight:g}{beta}\n logits of shape {tuple(shape)}>"
        )

    @property
    def soft_weight(self) -> float:
        """w of its training."""
        return float(soft_weight(hard_weight=self.hard_weight, temperature=self.temperature))

    def holding(self, logits: Logits) -> "Anchor":
        """The same setting with other logits."""
        return replace(self, logits=logits)

    def on(self, samples: Int[Integers, " samples"]) -> "Anchor":
        """The same on some of the samples."""
        return self.holding(self.logits[samples])


def check_anchors(anchors: Any, at_least: int = 1) -> tuple[Anchor, ...]:
    """The anchors as a tuple; ValueError if they are something else, or too few."""
    given = tuple(anchors) if isinstance(anchors, Iterable) else (anchors,)
    kinds = ", ".join(sorted({type(anchor).__name__ for anchor in given})) or "no"
    listed = isinstance(anchors, Iterable) and all(isinstance(anchor, Anchor) for anchor in given)
    if not listed or len(given) < at_least:
        raise ValueError(
            f"anchors of type {type(anchors).__name__} with {kinds} elements are not allowed (a "
            f"sequence of {at_least} or more of Anchor); write "
            "[Anchor(logits=logits, temperature=4)]"
        )
    return given


def line(anchors: Sequence[Anchor], temperature: float, weight: float) -> Float[Floats, " anchors"]:
    """Weights of the anchors in the linear mixture; the student of hard labels has the rest."""
    found = np.zeros(len(anchors))
    nodes = sorted({anchor.temperature for anchor in anchors})
    for node, hat in zip(nodes, np.eye(len(nodes)), strict=True):
        share = float(np.interp(np.log(temperature), np.log(nodes), hat))
        own = {anchor.soft_weight: j for j, anchor in enumerate(anchors)
               if anchor.temperature == node}  # fmt: skip
        above = min((w for w in own if w >= weight), default=max(own))
        below = 0.0 if above < weight else max((w for w in own if w < weight), default=0.0)
        part = (weight - below) / (above - below)
        found[own[above]] += share * part
        if below:
            found[own[below]] += share * (1 - part)
    return found


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """A mixture: weights of the student of hard labels and of every anchor.

    `misfit` is the root mean square of the residual that the mixture cannot explain, and 0 for a
    linear mixture, of which none is known.
    """

    hard: float
    anchors: tuple[float, ...]
    misfit: float = 0.0

    def times(self, soft: float, hard: float) -> "Coefficients":
        """With the anchors' weights, and the student's, multiplied by numbers."""
        return replace(self, hard=hard * self.hard, anchors=tuple(soft * u for u in self.anchors))

    def of(
        self,
        student: Real[Numbers, "samples classes"],
        anchors: Sequence[Real[Numbers, "samples classes"]],
    ) -> Real[Numbers, "samples classes"]:
        """Logits of the mixture, from those of its parts, in their precision.

        Where a part with a weight is -inf, so is the mixture.
        """
        parts = zip((self.hard, *self.anchors), (student, *anchors), strict=True)
        used = [(weight, logits) for weight, logits in parts if weight]
        if not used:
            return np.zeros(student.shape, np.result_type(student.dtype, np.float16))
        mixed = used[0][0] * used[0][1]
        with np.errstate(invalid="ignore"):  # -inf - (-inf), mended below
            for weight, logits in used[1:]:
                mixed += weight * logits
        if any(weight < 0 for weight, _ in used):
            for _, logits in used:
                mixed[np.isneginf(logits)] = -np.inf
        return mixed


def linear(anchors: Sequence[Anchor], temperature: float, weight: float) -> Coefficients:
    """The linear mixture at temperature T and soft weight w.

    Parameters
    ----------
    anchors : sequence of Anchor
    temperature : float
        T in [1e-3, 1e6].
    weight : float
        w in [0, 1].

    Notes
    -----
    Ours; see the module.

    Examples
    --------
    >>> anchors = [Anchor(logits=None, temperature=t) for t in (1, 4)]
    >>> linear(anchors, temperature=2, weight=0.8)
    Coefficients(hard=0.2, anchors=(0.4, 0.4), misfit=0.0)
    """
    anchors = check_anchors(anchors)
    temperature, weight = TEMPERATURE.number(temperature), SOFT_WEIGHT.number(weight)
    found = line(anchors, temperature, weight)
    return Coefficients(hard=round(1 - float(found.sum()), 15), anchors=tuple(found.tolist()))
