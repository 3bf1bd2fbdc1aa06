"""Multilayer perceptrons, many of them in one tensor, with their gradients written out by hand.

Layer l of all networks is one tensor of weights, shape (networks, inputs, outputs), and one of
biases, (networks, 1, outputs); ReLU between layers, softmax cross-entropy at the end.

What makes it fast on a CPU was measured: memory allocated once for all steps; the update fused
into the product that gives the gradient; the last layer and its logits turned, (networks,
classes, ...), because a softmax over a short last dimension costs as much as a layer and thin
products are faster this way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from validation.packing import networks_at_once, packs

relu_gate = torch.ops.aten.threshold_backward.grad_input
"""ReLU's derivative as autograd computes it: one pass in place of a comparison and a product."""


@dataclass(frozen=True)
class Perceptrons:
    """Parameters of many networks of one architecture."""

    weights: list[Tensor]
    biases: list[Tensor]

    @classmethod
    def initial(cls, seeds: list[np.random.SeedSequence], widths: tuple[int, ...]) -> "Perceptrons":
        """Uniform on +-1/sqrt(inputs), as torch.nn.Linear; each network by its own seed alone.

        `widths` runs from the inputs over the hidden layers to the classes.
        """
        weights: list[list[NDArray]] = [[] for _ in widths[1:]]
        biases: list[list[NDArray]] = [[] for _ in widths[1:]]
        for seed in seeds:
            rng = np.random.default_rng(seed)
            for layer, (inputs, outputs) in enumerate(pairwise(widths)):
                for drawn, rows in ((weights, inputs), (biases, 1)):
                    uniform = rng.random((rows, outputs), np.float32)
                    drawn[layer].append((2 * uniform - 1) * np.float32(inputs**-0.5))
        stacked = [torch.from_numpy(np.stack(w)) for w in weights]
        # The last layer lies in memory as (networks, classes, inputs).
        stacked[-1] = stacked[-1].transpose(1, 2).contiguous().transpose(1, 2)
        return cls(stacked, [torch.from_numpy(np.stack(b)) for b in biases])

    def __len__(self) -> int:
        return len(self.weights[0])

    def part(self, chosen: slice) -> "Perceptrons":
        """Some of the networks; a view, so that training it trains these."""
        return Perceptrons([w[chosen] for w in self.weights], [b[chosen] for b in self.biases])

    def to(self, device: str) -> "Perceptrons":
        return Perceptrons(
            [w.to(device) for w in self.weights], [b.to(device) for b in self.biases]
        )

    def logits(self, inputs: Tensor) -> Tensor:
        """Outputs, shape (networks, samples, classes), on inputs (samples, d)."""
        value = inputs.expand(len(self), -1, -1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            value = torch.baddbmm(bias, value, weight).relu_()
        return torch.baddbmm(self.biases[-1], value, self.weights[-1])


def batches(
    seeds: list[np.random.SeedSequence], samples: int, batch: int, steps: int
) -> NDArray[np.int64]:
    """Sample indices, shape (steps, networks, batch): each network shuffles by its own seed.

    Every epoch is a new permutation; a remainder smaller than a batch is left out of it.
    """
    if not 1 <= batch <= samples:
        raise ValueError(f"batch={batch} is not in [1, samples={samples}]; choose a smaller batch")
    an_epoch = samples // batch
    epochs = -(-steps // an_epoch)
    order = np.stack(
        [
            np.concatenate(
                [rng.permutation(samples)[: an_epoch * batch] for _ in range(epochs)]
            ).reshape(-1, batch)
            for rng in map(np.random.default_rng, seeds)
        ],
        axis=1,
    )
    return order[:steps]


def train(
    networks: Perceptrons,
    inputs: Tensor,
    targets: Tensor,
    order: NDArray[np.int64],
    rate: float,
    packing: int | None = None,
    compiled: bool = False,
) -> None:
    """Stochastic gradient descent on the cross-entropy with (soft) targets, in place.

    Parameters
    ----------
    networks : Perceptrons
    inputs : float tensor, shape (samples, d)
    targets : float tensor, shape (samples, classes)
        Probabilities of the classes; rows of one-hot labels for hard ones.
    order : int array, shape (steps, networks, batch)
        Samples of each step, from `batches`.
    rate : float
        Learning rate on the mean loss of a batch.
    packing : int, optional
        Networks trained at once, at most; by default as many as memory and cache hold. It changes
        speed and memory, never the result.
    compiled : bool
        Let torch.compile fuse the passes of a step (within 1e-4 of eager after 500 steps).
    """
    if packing is None:
        widths = [w.shape[1] for w in networks.weights] + [networks.weights[-1].shape[2]]
        parameters = sum(a * b for a, b in pairwise(widths))
        each = 4 * (parameters + 2 * order.shape[2] * sum(widths))
        packing = networks_at_once(each, inputs.device)
    indices = torch.from_numpy(order).to(inputs.device)
    for pack in packs(len(networks), packing):
        part = networks.part(pack)
        with torch.inference_mode():
            step = _stepper(part, inputs, targets, order.shape[2], rate)
            if compiled:
                step = torch.compile(step)
            for chosen in indices[:, pack].flatten(1):
                step(chosen)


def _stepper(
    networks: Perceptrons, inputs: Tensor, targets: Tensor, batch: int, rate: float
) -> Callable[[Tensor], None]:
    """A step of every network on its own batch, with the memory that it works in."""
    weights, biases = networks.weights, networks.biases
    count, last, classes = len(networks), len(weights) - 1, targets.shape[1]
    rows = inputs.new_empty(count * batch, inputs.shape[1])
    wanted = inputs.new_empty(count * batch, classes)
    hidden = [inputs.new_empty(count, batch, w.shape[1]) for w in weights[1:]]
    values = [rows.view(count, batch, -1), *hidden]
    outputs = inputs.new_empty(count, classes, batch)
    slopes = [torch.empty_like(value) for value in hidden]
    slopes.append(inputs.new_empty(count, batch, classes))
    # Views that never change are made once: making them costs as much as a small product.
    turned_values = [v.transpose(1, 2) for v in values]
    turned_weights = [w.transpose(1, 2) for w in weights]
    column, turned_outputs = biases[last].transpose(1, 2), outputs.transpose(1, 2)
    wanted_by_network = wanted.view(count, batch, classes)
    ones = inputs.new_ones(count, 1, batch)
    scale = rate / batch

    def step(chosen: Tensor) -> None:
        torch.index_select(inputs, 0, chosen, out=rows)
        torch.index_select(targets, 0, chosen, out=wanted)
        for layer in range(last):
            torch.bmm(values[layer], weights[layer], out=hidden[layer])
            hidden[layer].add_(biases[layer]).relu_()
        torch.baddbmm(column, turned_weights[last], turned_values[last], out=outputs)
        torch.softmax(outputs, dim=1, out=outputs)
        torch.sub(turned_outputs, wanted_by_network, out=slopes[last])
        for layer in range(last, -1, -1):
            slope = slopes[layer]
            if layer:  # through the weights before they move
                torch.bmm(slope, turned_weights[layer], out=slopes[layer - 1])
            if layer == last:
                turned_weights[last].baddbmm_(slope.transpose(1, 2), values[last], alpha=-scale)
            else:
                weights[layer].baddbmm_(turned_values[layer], slope, alpha=-scale)
            biases[layer].baddbmm_(ones, slope, alpha=-scale)
            if layer:
                below = slopes[layer - 1]
                relu_gate(below, hidden[layer - 1], 0, grad_input=below)

    return step
