"""Steps of gradient descent on the parameters of many perceptrons.

A step asks for the gradient, added to a place of its choice, and moves the parameters. Where that
takes passes over them, they lie in one vector: this costs less than passes over each layer.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from validation.training.mlp import Perceptrons
from validation.training.optimizer import Optimizer

TINY = 1e-8
"""Adam's epsilon, as in torch."""

Gradients = Callable[[Tensor, float, float], None]
"""(samples, keep, scale): multiply what is there by `keep` and add `scale` times the gradient of
the losses summed over the samples."""
Into = Callable[[Perceptrons, Perceptrons], Gradients]
"""(networks, sums): the gradient of these networks, added to those sums."""
Step = Callable[[Tensor, float, int], None]
"""(samples, rate, number of the step from 1): move the parameters."""
Descent = tuple[Perceptrons, Step]
"""The networks that move, the given ones or a copy, and their step."""


def _sgd(networks: Perceptrons, into: Into, optimizer: Optimizer, batch: int) -> Descent:
    add = into(networks, networks)

    def step(chosen: Tensor, rate: float, number: int) -> None:
        add(chosen, 1 - rate * optimizer.weight_decay, -rate / batch)

    return networks, step


def _momentum(networks: Perceptrons, into: Into, optimizer: Optimizer, batch: int) -> Descent:
    vector, moved = networks.buffer()
    moved.assign(networks)
    velocity, parts = networks.buffer()
    add = into(moved, parts)

    def step(chosen: Tensor, rate: float, number: int) -> None:
        add(chosen, optimizer.momentum, 1 / batch)
        if optimizer.weight_decay:
            velocity.add_(vector, alpha=optimizer.weight_decay)
        vector.sub_(velocity, alpha=rate)

    return moved, step


def _adam(networks: Perceptrons, into: Into, optimizer: Optimizer, batch: int) -> Descent:
    vector, moved = networks.buffer()
    moved.assign(networks)
    gradient, parts = networks.buffer()
    add = into(moved, parts)
    mean, square, root = (torch.zeros_like(vector) for _ in range(3))
    keep, keep_square = optimizer.averaging

    def step(chosen: Tensor, rate: float, number: int) -> None:
        add(chosen, 0, 1 / batch)
        if optimizer.weight_decay:
            gradient.add_(vector, alpha=optimizer.weight_decay)
        mean.lerp_(gradient, 1 - keep)
        square.mul_(keep_square).addcmul_(gradient, gradient, value=1 - keep_square)
        # Both means start at 0 and are small at first; the steps make up for it.
        lack, lack_square = 1 - keep**number, math.sqrt(1 - keep_square**number)
        torch.sqrt(square, out=root).add_(TINY * lack_square)
        vector.addcdiv_(mean, root, value=-rate * lack_square / lack)

    return moved, step


METHODS = {"sgd": _sgd, "momentum": _momentum, "adam": _adam}
COPIES = {"sgd": 1, "momentum": 2, "adam": 5}
"""Vectors of the length of the parameters that a method works on."""
