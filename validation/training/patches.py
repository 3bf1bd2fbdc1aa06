"""Gradient descent for many patch networks as one tensor program.

The loss is that of the labels, cross-entropy unless another is named, and what a teacher adds.

The gradient is written out by hand: matrix products batched over the networks, and between them
the passes of `gates` over memory that is allocated once. Every network's products have the same
shape however many networks are packed together, so its result does not depend on its company, to
the last bit.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor

from validation.training.blocks import Block, blocks, chosen
from validation.training.gates import WORKING_COPIES, gates
from validation.training.losses import CrossEntropy, Loss
from validation.training.networks import columns
from validation.training.packing import networks_at_once, packs
from validation.training.schedule import Schedule
from validation.training.teaching import Teaching

Watch = Callable[[slice, int, Tensor], None]
SUBNORMAL = torch.tensor(1e-40)
TINY = 1e-20
"""Adam's epsilon, of slopes summed over the samples: responses of a hundredth have slopes of 1e-8,
which a larger one would hide."""


def train(
    weights: Tensor,
    patches: Tensor,
    labels: Tensor,
    power: int,
    schedule: Schedule,
    packing: int | None = None,
    compiled: bool = False,
    watch: Watch | None = None,
    teaching: Teaching | None = None,
    loss: Loss | None = None,
    members: int = 1,
) -> None:
    """Train every network in place.

    Parameters
    ----------
    weights : float tensor, shape (networks, classes, neurons, dimension)
    patches : float tensor, shape (samples, patches, dimension)
    labels : int tensor, shape (samples,)
    power : int
        q of the smoothed ReLU.
    schedule : Schedule
    packing : int, optional
        Networks trained at once, at most; by default as many as memory and cache hold. It changes
        speed and memory, never the result.
    compiled : bool
        Let torch.compile fuse the passes of a step (within 1e-4 of eager after 500 steps).
    watch : callable, optional
        Told (networks, step, their weights) before every step and after the last; it must not
        change the weights.
    teaching : Teaching, optional
        What a teacher adds to the loss; not with `compiled`.
    loss : Loss, optional
        Of the labels, by default the cross-entropy; no other with `compiled`.
    members : int
        Networks that are trained as one, their classes one after the other in `weights`.
    """
    if compiled and (teaching is not None or loss is not None):
        raise ValueError(
            "compiled=True is not allowed with teaching or another loss than the cross-entropy "
            "(compiled=False); train without compiling"
        )
    labelled = CrossEntropy() if loss is None else loss
    _, classes, neurons, _ = weights.shape
    samples, per_sample, _ = patches.shape
    if packing is None:
        activations = (
            4 * WORKING_COPIES[weights.device.type] * classes * neurons * samples * per_sample
        )
        packing = networks_at_once(activations, weights.device)
    split = blocks(patches)
    targets = torch.nn.functional.one_hot(labels, classes // members).T.to(weights)
    targets = targets.repeat(members, 1).contiguous()
    with subnormals_flushed():
        for part in packs(len(weights), packing):
            told = watch and partial(watch, part)
            taught = teaching and teaching.part(part)
            _descend(
                weights[part], patches, split, targets, power, schedule, compiled, told, taught,
                labelled.part(part), members,
            )  # fmt: skip


@contextmanager
def subnormals_flushed() -> Iterator[None]:
    """Numbers too small to be normal are 0 in this thread, where its processor can do that.

    Late in training many slopes are so small. They move no weight, but a product with one takes a
    hundred times as long.
    """
    before = SUBNORMAL * 1 == 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(bool(before))


class _Part:
    """The weights of some networks that answer to one block of the data, and their descent."""

    def __init__(self, weights: Tensor, patches: Tensor, block: Block, power: int) -> None:
        networks, classes, _, _ = weights.shape
        slots, self.axes = block
        self.all_weights = weights
        rows = weights.flatten(1, 2)
        self.weights = chosen(rows, self.axes, 2)
        inputs = columns(chosen(chosen(patches, slots, 1), self.axes, 2))
        self.forward = inputs.expand(networks, -1, -1)
        self.backward = inputs.T.contiguous().expand(networks, -1, -1)
        self.responses = weights.new_empty(networks, rows.shape[1], inputs.shape[1])
        self.answer, self.slopes = gates(self.responses, classes, len(patches), power)
        self.gradient = torch.empty_like(self.weights)
        self.velocity = torch.zeros_like(self.weights)
        self.square = self.velocity.clone()

    def respond(self) -> None:
        torch.bmm(self.weights, self.forward, out=self.responses)

    def move(self, slopes: Tensor, rate: float, momentum: float) -> None:
        torch.bmm(slopes, self.backward, out=self.gradient)
        self.velocity.mul_(momentum).add_(self.gradient)
        self.weights.sub_(self.velocity, alpha=rate)

    def adapt(self, slopes: Tensor, rate: float, momentum: float, keep: float, step: int) -> None:
        """A step of Adam."""
        torch.bmm(slopes, self.backward, out=self.gradient)
        self.velocity.lerp_(self.gradient, 1 - momentum)
        self.square.mul_(keep).addcmul_(self.gradient, self.gradient, value=1 - keep)
        # Both means start at 0 and are small at first; the steps make up for it.
        rate *= math.sqrt(1 - keep ** (step + 1)) / (1 - momentum ** (step + 1))
        self.weights.addcdiv_(self.velocity, self.square.sqrt().add_(TINY), value=-rate)

    def give_back(self) -> None:
        """Write the weights to where they came from, unless they are there."""
        rows = self.all_weights.flatten(1, 2)
        if self.weights.data_ptr() != rows.data_ptr():
            rows[:, :, torch.from_numpy(self.axes).to(rows.device)] = self.weights


def _descend(
    weights: Tensor,
    patches: Tensor,
    split: list[Block],
    targets: Tensor,
    power: int,
    schedule: Schedule,
    compiled: bool,
    watch: Callable[[int, Tensor], None] | None,
    teaching: Teaching | None,
    loss: Loss,
    members: int,
) -> None:
    classes, samples = len(targets) // members, targets.shape[1]
    parts = [_Part(weights, patches, block, power) for block in split]

    def to_slopes(step: int = 0) -> list[Tensor]:
        """Turn the responses into the slopes of the loss by each of them."""
        first, *others = [part.answer() for part in parts]
        logits = sum(others, first)
        residuals = loss.residuals(logits, targets, step)
        if teaching is not None:
            teaching.add_(residuals, logits, step)
        return [part.slopes(residuals) for part in parts]

    if compiled:
        to_slopes = torch.compile(to_slopes)
    for step in range(schedule.steps):
        if watch:
            for part in parts:
                part.give_back()
            watch(step, weights)
        for part in parts:
            part.respond()
        rate, momentum = schedule.at(step)
        every_slope = to_slopes() if compiled else to_slopes(step)
        for part, slopes in zip(parts, every_slope, strict=True):
            if schedule.adaptive:
                part.adapt(slopes, rate, momentum, schedule.adaptive, step)
            else:
                # Times `classes` for the unit of the rates.
                part.move(slopes, rate * classes / samples, momentum)
    for part in parts:
        part.give_back()
    if watch:
        watch(schedule.steps, weights)
