"""Full-batch gradient descent on the cross-entropy, for many networks as one tensor program."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from validation.networks import columns, smoothed_relu_


@dataclass(frozen=True)
class Schedule:
    """Gradient descent: `rate` for the first `switch` steps, `late_rate` until `steps`.

    Rates are in units of the number of classes: a view of one class gets its gradient from one
    sample in `classes`, so rate 1 moves it as fast whatever their number.
    """

    steps: int
    rate: float
    switch: int
    late_rate: float

    def at(self, step: int) -> float:
        return self.rate if step < self.switch else self.late_rate

    @property
    def time(self) -> float:
        """Sum of the rates: the time that gradient flow would have run."""
        early = min(self.steps, self.switch)
        return early * self.rate + (self.steps - early) * self.late_rate


def train(
    weights: Tensor,
    patches: Tensor,
    labels: Tensor,
    power: int,
    schedule: Schedule,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Train every network in place.

    Parameters
    ----------
    weights : float tensor, shape (sets, networks, classes, neurons, dimension)
    patches : float tensor, shape (sets, samples, patches, dimension)
    labels : int tensor, shape (sets, samples)
    power : int
        q of the smoothed ReLU.
    schedule : Schedule
    advance : callable
        Told after each step how many network steps were done.
    """
    sets, networks = weights.shape[:2]
    at_once = _networks_at_once(weights, patches)
    for some_sets in range(0, sets, max(1, at_once // networks)):
        block = slice(some_sets, some_sets + max(1, at_once // networks))
        for part in weights[block].split(min(at_once, networks), dim=1):
            _descend(part, patches[block], labels[block], power, schedule, advance)


def _networks_at_once(weights: Tensor, patches: Tensor) -> int:
    """How many networks' activations fit: in the cache of a processor, in a device's memory.

    On a CPU more networks at once than the cache holds are slower, because the elementwise
    passes then wait for memory; a GPU wants all of them.
    """
    _, _, classes, neurons, _ = weights.shape
    _, samples, per_sample, _ = patches.shape
    activations = 4 * classes * neurons * samples * per_sample
    if weights.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(weights.device)
        # Values, clipped responses and slopes are alive at once, and the inputs twice.
        return max(1, int(0.6 * free / (3 * activations)))
    return max(1, 2**21 // activations)


def _descend(
    weights: Tensor,
    patches: Tensor,
    labels: Tensor,
    power: int,
    schedule: Schedule,
    advance: Callable[[int], None],
) -> None:
    sets, networks, classes, neurons, dimension = weights.shape
    samples = patches.shape[1]
    inputs = columns(patches)
    transposed = inputs.transpose(1, 2).contiguous()
    targets = torch.nn.functional.one_hot(labels, classes).transpose(1, 2)[:, None].to(weights)
    rows = networks * classes * neurons
    values, clipped, slopes = (weights.new_empty(sets, rows, inputs.shape[2]) for _ in range(3))
    by_class = (sets, networks, classes, -1, samples)
    for step in range(schedule.steps):
        torch.bmm(weights.reshape(sets, rows, dimension), inputs, out=values)
        smoothed_relu_(values, power, clipped, slopes)
        outputs = values.view(by_class).sum(3)
        residuals = torch.softmax(outputs, dim=2).sub_(targets)
        # d loss / d <w_ir, x_p> = residual of class i times the slope; times `classes` for the
        # unit of the rates.
        slopes.view(by_class).mul_(residuals[:, :, :, None])
        weights.sub_(
            (slopes @ transposed).view(weights.shape), alpha=schedule.at(step) * classes / samples
        )
        advance(sets * networks)
