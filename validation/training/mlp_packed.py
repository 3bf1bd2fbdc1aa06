"""Training of many perceptrons in one tensor program, for GPUs, with gradients by hand.

What makes it fast was measured: memory allocated once for all steps; the gradient added to the
parameters or to their velocity in the product that gives it; the logits turned, (networks,
classes, batch), because a softmax over a short last dimension costs as much as a layer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.outputs import TEMPERATURE
from validation.training.descent import COPIES, METHODS, Gradients
from validation.training.mlp import Perceptrons
from validation.training.optimizer import Optimizer
from validation.training.packing import networks_at_once, packs

relu_gate = torch.ops.aten.threshold_backward.grad_input
"""ReLU's derivative as autograd computes it: one pass in place of a comparison and a product."""


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """What distilled networks learn from a teacher, besides their labels.

    Attributes
    ----------
    logits : float tensor, shape (samples, classes)
        The teacher's, on the training inputs.
    temperature, soft_weight : float tensors, shape (networks,)
        T and w of each network; at w = 0 it learns from its labels alone.
    """

    logits: Tensor
    temperature: Tensor
    soft_weight: Tensor

    def __post_init__(self) -> None:
        for argument in (TEMPERATURE, SOFT_WEIGHT):
            value = getattr(self, argument.name)
            argument.check(value.cpu().numpy())
            if value.shape != self.temperature.shape or value.ndim != 1:
                raise ValueError(f"{argument.name} of shape {tuple(value.shape)} is not allowed "
                                 "(networks,); give each network its number")  # fmt: skip

    def part(self, chosen: slice) -> "Teaching | None":
        """That of some of the networks; None if it weighs nothing."""
        if not self.soft_weight[chosen].any():
            return None
        return Teaching(
            logits=self.logits,
            temperature=self.temperature[chosen],
            soft_weight=self.soft_weight[chosen],
        )


def train_packed(
    networks: Perceptrons,
    inputs: Tensor,
    targets: Tensor,
    indices: Tensor,
    optimizer: Optimizer,
    teaching: Teaching | None = None,
    packing: int | None = None,
    compiled: bool = False,
) -> None:
    """Train as `mlp_training.train` says; `indices` is its order, as a tensor."""
    steps, orders, batch = indices.shape
    if packing is None:
        each = _bytes_each(networks.widths, batch, COPIES[optimizer.method], teaching is not None)
        packing = networks_at_once(each, inputs.device)
    followed = torch.arange(len(networks), device=inputs.device) // (len(networks) // orders)
    for pack in packs(len(networks), packing):
        part, taught = networks.part(pack), teaching and teaching.part(pack)
        with torch.inference_mode():
            gradients = partial(_gradients, inputs, targets, batch, taught, compiled)
            moved, step = METHODS[optimizer.method](part, gradients, optimizer, batch)
            for number, chosen in enumerate(indices[:, followed[pack]].flatten(1)):
                step(chosen, optimizer.at(number, steps), number + 1)
            if moved is not part:
                part.assign(moved)


def _bytes_each(widths: tuple[int, ...], batch: int, copies: int, taught: bool) -> int:
    """Working memory of one network."""
    parameters = sum(a * b for a, b in pairwise(widths))
    soft = 3 * widths[-1] if taught else 0
    return 4 * (copies * parameters + batch * (2 * sum(widths) + soft))


def _gradients(
    inputs: Tensor,
    targets: Tensor,
    batch: int,
    teaching: Teaching | None,
    compiled: bool,
    networks: Perceptrons,
    sums: Perceptrons,
) -> Gradients:
    """The gradient of every network on its own batch, with the memory that it works in.

    `sums` is what it is added to; it may be the networks themselves.
    """
    weights, biases = networks.weights, networks.biases
    count, last = len(networks), len(weights) - 1
    rows = inputs.new_empty(count * batch, inputs.shape[1])
    hidden = [inputs.new_empty(count, batch, w.shape[1]) for w in weights[1:]]
    values = [rows.view(count, batch, -1), *hidden]
    outputs = inputs.new_empty(count, targets.shape[1], batch)
    slopes = [*(torch.empty_like(value) for value in hidden), outputs.transpose(1, 2)]
    # Views that never change are made once: making them costs as much as a small product.
    turned_values = [v.transpose(1, 2) for v in values]
    turned_weights = [w.transpose(1, 2) for w in weights]
    column, turned_sum = biases[last].transpose(1, 2), sums.weights[last].transpose(1, 2)
    ones = inputs.new_ones(count, 1, batch)
    to_slopes = (
        _label_slopes(outputs, targets)
        if teaching is None
        else _distillation_slopes(outputs, targets, teaching)
    )

    def add(chosen: Tensor, keep: float, scale: float) -> None:
        torch.index_select(inputs, 0, chosen, out=rows)
        for layer in range(last):
            torch.bmm(values[layer], weights[layer], out=hidden[layer])
            hidden[layer].add_(biases[layer]).relu_()
        torch.baddbmm(column, turned_weights[last], turned_values[last], out=outputs)
        to_slopes(chosen)
        for layer in range(last, -1, -1):
            slope = slopes[layer]
            if layer:  # through the weights before they move
                torch.bmm(slope, turned_weights[layer], out=slopes[layer - 1])
            if layer == last:
                turned_sum.baddbmm_(outputs, values[last], beta=keep, alpha=scale)
            else:
                sums.weights[layer].baddbmm_(turned_values[layer], slope, beta=keep, alpha=scale)
            sums.biases[layer].baddbmm_(ones, slope, beta=keep, alpha=scale)
            if layer:
                below = slopes[layer - 1]
                relu_gate(below, hidden[layer - 1], 0, grad_input=below)

    return torch.compile(add) if compiled else add


def _label_slopes(outputs: Tensor, targets: Tensor) -> Callable[[Tensor], None]:
    """Turns logits, shape (networks, classes, batch), into softmax(z) - Y."""
    count, classes, batch = outputs.shape
    wanted = targets.new_empty(count * batch, classes)
    turned = wanted.view(count, batch, classes).transpose(1, 2)

    def fill(chosen: Tensor) -> None:
        torch.index_select(targets, 0, chosen, out=wanted)
        torch.softmax(outputs, dim=1, out=outputs)
        outputs.sub_(turned)

    return fill


def _distillation_slopes(
    outputs: Tensor, targets: Tensor, teaching: Teaching
) -> Callable[[Tensor], None]:
    """Turns logits into (1 - w)(softmax(z) - Y) + w(softmax(z/T) - softmax(Z/T)).

    The soft labels are made anew at each step: kept, they would fill (networks, samples, classes).
    """
    count, classes, batch = outputs.shape
    logits = teaching.logits.to(outputs)
    told = logits.new_empty(count * batch, classes)
    turned = told.view(count, batch, classes).transpose(1, 2)
    cooled, taught = torch.empty_like(outputs), torch.empty_like(outputs)
    coolness = teaching.temperature.to(outputs).reciprocal()[:, None, None]
    weight = teaching.soft_weight.to(outputs)[:, None, None]
    to_label_slopes = _label_slopes(outputs, targets)

    def fill(chosen: Tensor) -> None:
        torch.index_select(logits, 0, chosen, out=told)
        torch.mul(turned, coolness, out=taught)
        torch.softmax(taught, dim=1, out=taught)
        torch.mul(outputs, coolness, out=cooled)
        torch.softmax(cooled, dim=1, out=cooled)
        cooled.sub_(taught)
        to_label_slopes(chosen)
        outputs.lerp_(cooled, weight)

    return fill
