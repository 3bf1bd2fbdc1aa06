"""Full-batch gradient descent for many patch networks as one tensor program.

The loss is the cross-entropy of labels, and what a teacher adds to it.

The gradient is written out by hand: matrix products batched over the networks, and between them
the passes of `gates` over memory that is allocated once. Every network's products have the same
shape however many networks are packed together, so its result does not depend on its company, to
the last bit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor

from validation.gates import WORKING_COPIES, gates
from validation.networks import columns
from validation.packing import networks_at_once, packs
from validation.schedule import Schedule
from validation.teaching import Teaching

Watch = Callable[[slice, int, Tensor], None]
SUBNORMAL = torch.tensor(1e-40)


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
    """
    if compiled and teaching is not None:
        raise ValueError(
            "compiled=True is not allowed with teaching (compiled=False); train without compiling"
        )
    _, classes, neurons, _ = weights.shape
    samples, per_sample, _ = patches.shape
    if packing is None:
        activations = (
            4 * WORKING_COPIES[weights.device.type] * classes * neurons * samples * per_sample
        )
        packing = networks_at_once(activations, weights.device)
    inputs = columns(patches)
    targets = torch.nn.functional.one_hot(labels, classes).T.contiguous().to(weights)
    with subnormals_flushed():
        for part in packs(len(weights), packing):
            told = watch and partial(watch, part)
            taught = teaching and teaching.part(part)
            _descend(weights[part], inputs, targets, power, schedule, compiled, told, taught)


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


def _descend(
    weights: Tensor,
    inputs: Tensor,
    targets: Tensor,
    power: int,
    schedule: Schedule,
    compiled: bool,
    watch: Callable[[int, Tensor], None] | None,
    teaching: Teaching | None,
) -> None:
    networks, classes, neurons, dimension = weights.shape
    samples, rows = targets.shape[1], classes * neurons
    flat = weights.view(networks, rows, dimension)
    forward = inputs.expand(networks, -1, -1)
    backward = inputs.T.contiguous().expand(networks, -1, -1)
    responses = weights.new_empty(networks, rows, inputs.shape[1])
    answer, slopes = gates(responses, classes, samples, power)
    gradient = torch.empty_like(flat)
    velocity = torch.zeros_like(flat)

    def to_slopes(step: int = 0) -> Tensor:
        """Turn the responses into the slopes of the loss by each of them."""
        logits = answer()
        residuals = torch.softmax(logits, dim=1).sub_(targets)
        if teaching is not None:
            teaching.add_(residuals, logits, step)
        return slopes(residuals)

    if compiled:
        to_slopes = torch.compile(to_slopes)
    for step in range(schedule.steps):
        if watch:
            watch(step, weights)
        torch.bmm(flat, forward, out=responses)
        torch.bmm(to_slopes() if teaching is None else to_slopes(step), backward, out=gradient)
        rate, momentum = schedule.at(step)
        velocity.mul_(momentum).add_(gradient)
        # Times `classes` for the unit of the rates.
        flat.sub_(velocity, alpha=rate * classes / samples)
    if watch:
        watch(schedule.steps, weights)
