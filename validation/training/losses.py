"""What patch networks are trained for: the slope of a loss by their outputs, in place of one.

The mean over the samples is taken by who trains; here each sample counts by itself.
"""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import torch
from torch import Tensor


class Loss(Protocol):
    """The residuals of several networks; outputs and targets have shape (..., classes, samples)."""

    def part(self, chosen: slice) -> Self:
        """That of some of the networks."""
        ...

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        """Slopes of the loss of each sample by its outputs, shape (networks, classes, samples)."""
        ...


@dataclass(frozen=True)
class CrossEntropy:
    """Of the softmax of the outputs."""

    def part(self, chosen: slice) -> "CrossEntropy":
        return self

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        return torch.softmax(outputs, dim=1).sub_(targets)


@dataclass(frozen=True)
class SquaredError:
    """Half the squared distance of the outputs from one-hot labels."""

    def part(self, chosen: slice) -> "SquaredError":
        return self

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        return outputs - targets


@dataclass(frozen=True, kw_only=True)
class Correlated:
    """Squared errors of the members of ensembles, less what they owe to each other.

    Member i has the loss |F_i - y|^2 / 2 - lambda |F_i - mean of F|^2 / 2, its slope taken with the
    mean held fixed (Liu & Yao, 1999): lambda of 1 trains the mean of the outputs, 0 each by itself.
    The classes of an ensemble's outputs are those of its members, one after the other.

    Attributes
    ----------
    members : int
    penalty : float
        lambda, in [0, 1].
    """

    members: int
    penalty: float

    def part(self, chosen: slice) -> "Correlated":
        return self

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        every = outputs.unflatten(1, (self.members, -1))
        own = every - self.penalty * (every - every.mean(1, keepdim=True))
        return own.flatten(1, 2).sub_(targets)


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """Another loss, in which samples count as often as is said: resampled ones, batches, boosting.

    Attributes
    ----------
    loss : Loss
    weights : float tensor, shape (networks, steps or 1, samples)
        Of each sample, for each network and step, or one for all of them; 1 in the mean.
    """

    loss: Loss
    weights: Tensor

    def part(self, chosen: slice) -> "Weighted":
        return replace(self, loss=self.loss.part(chosen), weights=self.weights[chosen])

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        now = self.weights[:, step if self.weights.shape[1] > 1 else 0, None]
        return self.loss.residuals(outputs, targets, step).mul_(now)


@dataclass(frozen=True, kw_only=True)
class SoftLabels:
    """Another loss, for labels that are shared among classes, as those of mixed samples are.

    Attributes
    ----------
    loss : Loss
    labels : float tensor, shape (classes, samples)
        Shares of each sample's label, 1 in sum.
    """

    loss: Loss
    labels: Tensor

    def part(self, chosen: slice) -> "SoftLabels":
        return replace(self, loss=self.loss.part(chosen))

    def residuals(self, outputs: Tensor, targets: Tensor, step: int) -> Tensor:
        return self.loss.residuals(outputs, self.labels, step)
