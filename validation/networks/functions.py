"""Networks for images as functions of their parameters, many of them in one stack.

Every tensor of a stack has a leading axis of networks. The images of stacked networks lie side by
side, (batch, networks * channels, height, width), so that their convolutions are the groups of one.
One network alone is a plain convolution, in memory by pixels (channels last): on a CPU this is the
fastest, and networks are better trained one a process than in a stack.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from validation.networks.architecture import STAGES, Architecture, Convolution

MOMENTUM, EPSILON = 0.1, 1e-5
"""Of batch norm: the share of a new batch in the running statistics, and what is added to the
variance; as in torch."""


@dataclass(frozen=True)
class Stack:
    """Networks of one architecture.

    Attributes
    ----------
    architecture : Architecture
    parameters : dict of float tensors, each of shape (networks, ...)
        `NAME.weight` of a convolution, (networks, outputs, inputs, 3, 3), and `NAME.scale` and
        `NAME.shift`, (networks, outputs), of its batch norm; `NAME.weight`, (networks, outputs,
        inputs), and `NAME.bias`, (networks, outputs), of a linear layer.
    statistics : dict of float tensors, shape (networks, outputs)
        `NAME.mean` and `NAME.variance` of a convolution's batch norm, running.
    """

    architecture: Architecture
    parameters: dict[str, Tensor]
    statistics: dict[str, Tensor]

    def __len__(self) -> int:
        return len(self.parameters["linear.weight"])

    @property
    def device(self) -> torch.device:
        return self.parameters["linear.weight"].device


def initial(
    architecture: Architecture,
    seeds: Sequence[np.random.SeedSequence],
    device: str | torch.device = "cpu",
) -> Stack:
    """One network for each seed, He-normal: a network's numbers follow from its seed alone.

    Weights are normal of variance 2/(inputs of a neuron) (He, Zhang, Ren & Sun, 2015), biases 0;
    batch norm begins as the identity.
    """
    if not seeds:
        raise ValueError("seeds is empty (one for each network); give at least one")
    shapes = {
        f"{layer.name}.weight": (layer.outputs, layer.inputs, 3, 3)
        for layer in architecture.convolutions
    } | {
        f"{layer.name}.weight": (layer.outputs, layer.inputs) for layer in architecture.linears
    }  # fmt: skip
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in shapes}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for name, shape in shapes.items():
            deviation = np.float32(sqrt(2 / prod(shape[1:])))
            drawn[name].append(deviation * rng.standard_normal(shape, np.float32))
    parameters = {name: torch.from_numpy(np.stack(own)) for name, own in drawn.items()}
    statistics: dict[str, Tensor] = {}
    for layer in architecture.convolutions:
        zeros = torch.zeros(len(seeds), layer.outputs)
        parameters |= {f"{layer.name}.scale": zeros + 1, f"{layer.name}.shift": zeros.clone()}
        statistics |= {f"{layer.name}.mean": zeros.clone(), f"{layer.name}.variance": zeros + 1}
    for linear in architecture.linears:
        parameters[f"{linear.name}.bias"] = torch.zeros(len(seeds), linear.outputs)
    return Stack(
        architecture,
        {name: tensor.to(device) for name, tensor in parameters.items()},
        {name: tensor.to(device) for name, tensor in statistics.items()},
    )


def forward(stack: Stack, images: Tensor, training: bool) -> Tensor:
    """Logits, shape (networks, batch, classes).

    Parameters
    ----------
    stack : Stack
    images : float tensor, shape (networks, batch, channels, height, width)
        Or (batch, channels, height, width), which all networks see.
    training : bool
        Whether batch norm takes the statistics of this batch, of each network its own, and brings
        the running ones up to date, in place; else it takes the running ones.
    """
    if stack.architecture.kind == "perceptron":
        hidden = functional.relu(_linear(stack, "hidden", images.flatten(-3)))
        return _linear(stack, "linear", hidden)
    means = features(stack, images, STAGES, training).mean(dim=(2, 3))
    return _linear(stack, "linear", means.unflatten(1, (len(stack), -1)).transpose(0, 1))


def features(stack: Stack, images: Tensor, stages: int, training: bool = False) -> Tensor:
    """What convolutional networks make of images in so many of their three stages.

    Shape (batch, networks * channels, height, width), with `channels` and sizes by
    `Architecture.map_after`. Images and `training` are as in `forward`.
    """
    values = images
    if images.dim() == 5:
        values = images[0] if len(images) == 1 else images.transpose(0, 1).flatten(1, 2)
    if len(stack) == 1:
        values = values.contiguous(memory_format=torch.channels_last)
    convolutions = stack.architecture.convolutions
    if stack.architecture.kind == "cnn":
        for layer in convolutions[:stages]:
            # Rectified after pooling: the same values, of a quarter of them.
            values = functional.max_pool2d(_normed(stack, layer, values, training), 2)
            values = functional.relu(values)
    else:
        layers = iter(convolutions[: 1 + 2 * stages * stack.architecture.blocks])
        values = functional.relu(_normed(stack, next(layers), values, training))
        for first, second in zip(layers, layers, strict=True):
            inside = functional.relu(_normed(stack, first, values, training))
            inside = _normed(stack, second, inside, training)
            values = functional.relu(inside + _shortcut(values, first))
    return values


def select(stack: Stack, indices: Sequence[int]) -> Stack:
    """These networks, in this order; a copy."""
    chosen = list(indices)
    return Stack(
        stack.architecture,
        {name: tensor[chosen] for name, tensor in stack.parameters.items()},
        {name: tensor[chosen] for name, tensor in stack.statistics.items()},
    )


def join(stacks: Iterable[Stack]) -> Stack:
    """The networks of several stacks of one architecture, one stack after another; a copy."""
    stacks = list(stacks)
    if len({stack.architecture for stack in stacks}) != 1:
        raise ValueError(f"stacks of {len({stack.architecture for stack in stacks})} architectures "
                         "are not allowed (one); join those that are alike")  # fmt: skip
    first = stacks[0]
    return Stack(
        first.architecture,
        {name: torch.cat([s.parameters[name] for s in stacks]) for name in first.parameters},
        {name: torch.cat([s.statistics[name] for s in stacks]) for name in first.statistics},
    )


def _normed(stack: Stack, layer: Convolution, values: Tensor, training: bool) -> Tensor:
    """A convolution and its batch norm, (batch, networks * outputs, height, width).

    Images that all networks see are one group, whose outputs are those of all networks.
    """
    parameters, statistics = stack.parameters, stack.statistics
    weight = parameters[f"{layer.name}.weight"].flatten(0, 1)
    if len(stack) == 1:
        weight = weight.contiguous(memory_format=torch.channels_last)
    groups = values.shape[1] // layer.inputs
    values = functional.conv2d(values, weight, None, layer.stride, 1, groups=groups)
    return functional.batch_norm(
        values,
        statistics[f"{layer.name}.mean"].view(-1),
        statistics[f"{layer.name}.variance"].view(-1),
        parameters[f"{layer.name}.scale"].flatten(),
        parameters[f"{layer.name}.shift"].flatten(),
        training,
        MOMENTUM,
        EPSILON,
    )


def _shortcut(values: Tensor, first: Convolution) -> Tensor:
    """Past a block that begins with this layer: every `stride`-th pixel, new channels of 0."""
    if first.inputs == first.outputs:
        return values
    if values.shape[1] == first.inputs:
        # One network's gradient then lies in memory by pixels, as its values do.
        pixels = values.permute(0, 2, 3, 1)[:, :: first.stride, :: first.stride]
        return functional.pad(pixels, (0, first.outputs - first.inputs)).permute(0, 3, 1, 2)
    values = values[:, :, :: first.stride, :: first.stride]
    batch, _, *size = values.shape
    alone = values.reshape(-1, first.inputs, *size)
    padding = (0, 0, 0, 0, 0, first.outputs - first.inputs)
    return functional.pad(alone, padding).reshape(batch, -1, *size)


def _linear(stack: Stack, name: str, values: Tensor) -> Tensor:
    """(networks, batch, outputs), with the digits of the weights also where others have fewer."""
    weight, bias = stack.parameters[f"{name}.weight"], stack.parameters[f"{name}.bias"]
    # On a CPU nothing has fewer, and to say so takes as long as a small product.
    kept = torch.autocast("cuda", enabled=False) if values.is_cuda else nullcontext()
    with kept:
        return values.to(weight.dtype) @ weight.transpose(1, 2) + bias[:, None]
