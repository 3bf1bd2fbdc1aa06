"""Multilayer perceptrons, many of them in one tensor.

Layer l of all networks is one tensor of weights, shape (networks, inputs, outputs), and one of
biases, (networks, 1, outputs); ReLU between layers. The last layer lies in memory turned,
(networks, classes, inputs): thin products are faster this way.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from validation.training import mlp_kernel
from validation.training.compiled import ready

BLOCK = 64
"""Numbers to which the parameters of a layer are filled up in one vector: whole vector registers,
so that no number is rounded otherwise because it stands at an end."""


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

    @property
    def widths(self) -> tuple[int, ...]:
        """From the inputs over the hidden layers to the classes."""
        return (*(w.shape[1] for w in self.weights), self.weights[-1].shape[2])

    def buffer(self) -> tuple[Tensor, "Perceptrons"]:
        """A vector of zeros with room for every parameter, and its parts shaped as these."""
        turned = [*self.weights[:-1], self.weights[-1].transpose(1, 2), *self.biases]
        bounds = np.cumsum([0, *(-(-t.numel() // BLOCK) * BLOCK for t in turned)]).tolist()
        vector = self.biases[0].new_zeros(bounds[-1])
        parts = [
            vector[start : start + tensor.numel()].view(tensor.shape)
            for start, tensor in zip(bounds[:-1], turned, strict=True)
        ]
        layers = len(self.weights)
        parts[layers - 1] = parts[layers - 1].transpose(1, 2)
        return vector, Perceptrons(parts[:layers], parts[layers:])

    def assign(self, other: "Perceptrons") -> None:
        """Take over the values of other networks."""
        for own, value in zip(
            self.weights + self.biases, other.weights + other.biases, strict=True
        ):
            own.copy_(value)

    def rows(self) -> Tensor:
        """All parameters of a network in a row, as `mlp_kernel` reads them; a copy."""
        return torch.cat([part.flatten(1) for part in self._in_a_row()], dim=1)

    def assign_rows(self, rows: Tensor) -> None:
        """Take over the values of `rows`."""
        parts = self._in_a_row()
        sizes = [part[0].numel() for part in parts]
        for part, values in zip(parts, rows.split(sizes, dim=1), strict=True):
            part.copy_(values.view(part.shape))

    def _in_a_row(self) -> list[Tensor]:
        turned = [*self.weights[:-1], self.weights[-1].transpose(1, 2)]
        return [part for pair in zip(turned, self.biases, strict=True) for part in pair]

    def logits(self, inputs: Tensor) -> Tensor:
        """Outputs, shape (networks, samples, classes), on inputs (samples, d)."""
        if inputs.shape[1:] != self.weights[0].shape[1:2]:
            raise IndexError(f"inputs of shape {tuple(inputs.shape)} are not allowed: the networks "
                             f"take (samples, {self.widths[0]}); give such")  # fmt: skip
        if inputs.device.type == "cpu":
            widths = np.array(self.widths)
            arguments = self.rows().numpy(), widths, inputs.numpy()
            ready(mlp_kernel.outputs, *arguments)
            found = mlp_kernel.outputs(*arguments)
            return torch.from_numpy(found).transpose(1, 2)
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
        raise ValueError(
            f"batch={batch} is not in [1, samples={samples}]; choose one in this range"
        )
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
