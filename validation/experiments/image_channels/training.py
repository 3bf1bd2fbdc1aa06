"""Trains the networks of `ChannelSetting` and measures them, alone and together."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from validation.experiments.image_channels.setting import ALL, AVERAGED, SPLIT, ChannelSetting
from validation.experiments.streams import Streams
from validation.networks.functions import Stack, features, initial, join, select
from validation.networks.kept import kept
from validation.networks.recipe import Recipe
from validation.networks.training import BLOCK, outputs, train
from validation.trial.claim import Tables

EXPERIMENT = 10
"""Begins the keys of this experiment's random numbers."""
DATA, FROZEN, WHOLE, PARTS, AVERAGES, DIVISION = range(6)
"""Purposes of random numbers; each has its own stream."""
START, ORDER = range(2)

Floats32 = NDArray[np.float32]


def measure(
    setting: ChannelSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate.

    Returns tables `channels` (a row for each kind of input and number of parts: accuracy of `one`
    network in the mean, of the `ensemble` of all of them, and in the mean of ensembles of those
    that see the `same` input), and `files` (one row: checksums of what was read, and the accuracy
    of the `frozen` network).
    """
    streams = Streams(seed, (EXPERIMENT, replicate))
    training, test, checksums = setting.problem.sample(streams.sequence(DATA))
    images, labels, new = (torch.from_numpy(part).to(device) for part in (*training, test.inputs))
    recipe = setting.recipe
    starts, orders = ([streams.sequence(FROZEN, part)] for part in (START, ORDER))
    start = initial(setting.frozen, starts, device)
    mirrored = replace(recipe, flip=setting.flip)
    frozen = kept("frozen", partial(train, start, mirrored, images, labels, orders), device)
    known, asked = channels(frozen, setting.stages, images, new)
    rows = []
    for kind, purpose, parts in (
        (ALL, WHOLE, 1),
        *((SPLIT, PARTS, k) for k in setting.parts),
        *((AVERAGED, AVERAGES, k) for k in setting.parts),
    ):
        rng = streams.rng(DIVISION, purpose, parts)
        count = setting.members // parts
        logits = []
        for number, mixed in enumerate(mixtures(kind, setting.channels, parts, rng)):
            starts, orders = (
                streams.sequences(count, purpose, parts, number, part) for part in (START, ORDER)
            )
            stack = initial(setting.upper(len(mixed)), starts, device)
            matrix = torch.from_numpy(mixed).to(device)
            seen, shown = (mix(matrix, values) for values in (known, asked))
            own = partial(trained, stack, recipe, seen, labels, orders)
            logits.append(outputs(kept(f"{purpose}-{parts}-{number}", own, device), shown))
        rows.append({"kind": kind, "parts": parts, **scores(np.stack(logits), test.labels)})
    alone = right(outputs(frozen, new), test.labels).mean()
    return {"channels": rows, "files": [{"checksums": checksums, "frozen": float(alone)}]}


def channels(frozen: Stack, stages: int, images: Tensor, new: Tensor) -> tuple[Tensor, Tensor]:
    """What the frozen network makes of both, each channel standardised by the first.

    So that in an average each counts alike; one that is the same everywhere becomes 0.
    """
    known, asked = (
        torch.cat([features(frozen, block, stages) for block in part.split(BLOCK)]).contiguous()
        for part in (images, new)
    )
    mean = known.mean(dim=(0, 2, 3), keepdim=True)
    deviation = known.std(dim=(0, 2, 3), keepdim=True)
    scale = torch.where(deviation > 0, 1 / deviation, 0.0)
    return (known - mean) * scale, (asked - mean) * scale


def mixtures(kind: str, count: int, parts: int, rng: np.random.Generator) -> list[Floats32]:
    """What is seen of so many channels in each of `parts` ways, each (seen, channels).

    Of "split", parts of one division by chance; of "averaged", in each way the means of sets of
    `parts` channels, by a division of its own.
    """
    one = np.eye(count, dtype=np.float32)
    if kind == ALL:
        return [one]
    if kind == SPLIT:
        return np.split(one[rng.permutation(count)], parts)
    return [
        one[rng.permutation(count)].reshape(-1, parts, count).mean(axis=1) for _ in range(parts)
    ]


def mix(matrix: Tensor, values: Tensor) -> Tensor:
    """(samples, seen, height, width) of (samples, channels, height, width)."""
    return torch.einsum("sc,nchw->nshw", matrix, values).contiguous()


def trained(
    stack: Stack,
    recipe: Recipe,
    images: Tensor,
    labels: Tensor,
    orders: Sequence[np.random.SeedSequence],
) -> Stack:
    if stack.device.type != "cpu":
        return train(stack, recipe, images, labels, orders)
    # On a CPU one network after another is faster than a stack.
    return join(
        train(select(stack, [number]), recipe, images, labels, [order])
        for number, order in enumerate(orders)
    )


def scores(logits: Floats32, labels: NDArray[np.int64]) -> dict[str, Any]:
    """Accuracies of networks alone and together, of logits (parts, networks, samples, classes)."""
    shares = torch.softmax(torch.from_numpy(logits), dim=-1).numpy()
    return {
        "one": float(right(shares, labels).mean()),
        "same": float(right(shares.mean(axis=1), labels).mean()),
        "ensemble": float(right(shares.mean(axis=(0, 1)), labels)),
    }


def right(outputs_: Floats32, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares of samples, shape (...), of outputs (..., samples, classes)."""
    return (outputs_.argmax(axis=-1) == labels).mean(axis=-1)
