"""What a teacher adds to the slope of a patch network's loss by its outputs."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import torch
from torch import Tensor


class Teaching(Protocol):
    """Adds to the residuals, outputs less labels, of several networks."""

    def part(self, chosen: slice) -> Self:
        """That of some of the networks."""
        ...

    def add_(self, residuals: Tensor, logits: Tensor, step: int) -> None:
        """Change residuals in place; both have shape (networks, classes, samples)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Truncated:
    """Matches outputs cut off at a cap c: weight/2 sum over i of (min(F_i, c) - min(G_i, c))^2.

    Allen-Zhu & Li (2023) cut outputs off in the teacher and in the student, so that what is matched
    is the dark knowledge, the small outputs: an output that stands above the cap is neither raised
    nor lowered, which is how a student keeps the views that it had before. They compare softmaxes
    of the cut outputs; this is the limit of a high temperature (Hinton et al., 2015).

    Attributes
    ----------
    outputs : float tensor, shape (networks, classes, samples)
        Those of each network's teacher on the training samples.
    cap, weight : float
    """

    outputs: Tensor
    cap: float
    weight: float

    def part(self, chosen: slice) -> "Truncated":
        return replace(self, outputs=self.outputs[chosen])

    def add_(self, residuals: Tensor, logits: Tensor, step: int) -> None:
        off = torch.clamp(logits, max=self.cap).sub_(torch.clamp(self.outputs, max=self.cap))
        residuals.add_(off.mul_(logits < self.cap), alpha=self.weight)


@dataclass(frozen=True, kw_only=True)
class Softened:
    """Hinton's distillation: weight T^2 KL(softmax(G/T), softmax(F/T)), T given for every step.

    Not `factored` it has no T^2, so that its slopes fall with the temperature.

    Attributes
    ----------
    outputs : float tensor, shape (networks, classes, samples)
        Those of each network's teacher on the training samples.
    temperatures : float tensor, shape (networks, steps)
        T of each network at each step, > 0.
    weight : float
    """

    outputs: Tensor
    temperatures: Tensor
    weight: float
    factored: bool = True

    def part(self, chosen: slice) -> "Softened":
        return replace(self, outputs=self.outputs[chosen], temperatures=self.temperatures[chosen])

    def add_(self, residuals: Tensor, logits: Tensor, step: int) -> None:
        temperature = self.temperatures[:, step, None, None]
        off = torch.softmax(logits / temperature, dim=1)
        off.sub_(torch.softmax(self.outputs / temperature, dim=1))
        factor = temperature if self.factored else temperature.reciprocal()
        residuals.addcmul_(off, factor, value=self.weight)
