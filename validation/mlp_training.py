"""Training of many perceptrons in one tensor program, with their gradients written out by hand.

Every network has its own batches and, if it is taught, its own temperature and weight of the
teacher; its result does not depend on its company, to the last bit.

What makes it fast on a CPU was measured: memory allocated once for all steps; the gradient added
to the parameters or to their velocity in the product that gives it; the logits turned, (networks,
classes, batch), because a softmax over a short last dimension costs as much as a layer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.outputs import TEMPERATURE
from validation.descent import COPIES, METHODS, Gradients
from validation.mlp import Perceptrons
from validation.optimizer import Optimizer
from validation.packing import networks_at_once, packs

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


def train(
    networks: Perceptrons,
    inputs: Tensor,
    targets: Tensor,
    order: NDArray[np.int64],
    optimizer: Optimizer,
    teaching: Teaching | None = None,
    packing: int | None = None,
    compiled: bool = False,
) -> None:
    """Train every network in place, on its cross-entropy or on its loss of distillation.

    With labels Y, teacher's logits Z and KL from the teacher to the student, the loss is
    (1 - w) CE(Y, softmax(z)) + w T KL(softmax(Z/T), softmax(z/T)), whose slope on the logits z is
    (1 - w) (softmax(z) - Y) + w (softmax(z/T) - softmax(Z/T)): dual outputs minus dual labels.

    Parameters
    ----------
    networks : Perceptrons
    inputs : float tensor, shape (samples, d)
    targets : float tensor, shape (samples, classes)
        Probabilities of the classes; rows of one-hot labels for hard ones.
    order : int array, shape (steps, orders, batch)
        Samples of each step, from `mlp.batches`: an order for each network, or one for every
        group of networks; groups are equal, and a group's networks stand in a row.
    optimizer : Optimizer
    teaching : Teaching, optional
        By default all networks learn from the targets alone.
    packing : int, optional
        Networks trained at once, at most; by default as many as memory and cache hold. It changes
        speed and memory, never the result.
    compiled : bool
        Let torch.compile fuse the passes of a step (within 1e-4 of eager after 500 steps). For
        the method "sgd" at a constant rate: torch.compile fails on the parts of one vector, and
        compiles anew for every rate.
    """
    steps, orders, batch = order.shape
    if not orders or len(networks) % orders:
        raise ValueError(f"order has {orders} orders for {len(networks)} networks; give one for "
                         "each network, or for equal groups of them")  # fmt: skip
    if teaching is not None and len(teaching.temperature) != len(networks):
        raise ValueError(f"teaching is of {len(teaching.temperature)} networks, there are "
                         f"{len(networks)}; give each network its temperature")  # fmt: skip
    if compiled and (optimizer.method, optimizer.final) != ("sgd", 1):
        raise ValueError(f"compiled=True is not allowed with {optimizer} (method='sgd', final=1); "
                         "train without compiling")  # fmt: skip
    if packing is None:
        each = _bytes_each(networks.widths, batch, COPIES[optimizer.method], teaching is not None)
        packing = networks_at_once(each, inputs.device)
    indices = torch.from_numpy(order).to(inputs.device)
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
