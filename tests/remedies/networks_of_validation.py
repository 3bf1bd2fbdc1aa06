"""Errors of networks for images; part of `of_validation`."""

from functools import partial
from typing import Any

import numpy as np
import torch
from remedy import Remedy

from validation.networks.architecture import Architecture
from validation.networks.functions import Stack, initial, join
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, train

PLAIN = {"kind": "perceptron", "width": 2, "channels": 1, "size": 8, "classes": 3}
SEEDS = [np.random.SeedSequence(n) for n in range(3)]


def architecture(**changes: Any) -> Architecture:
    return Architecture(**(PLAIN | changes))


def stack(count: int = 2, **changes: Any) -> Stack:
    return initial(architecture(**changes), SEEDS[:count])


def joined(width: int) -> Stack:
    return join([stack(), stack(width=width)])


def teacher(temperature: float = 2.0, hard_weight: float = 0.5, **changes: Any) -> Teacher:
    return Teacher(stack(**changes), temperature, hard_weight)


def trained(
    samples: int = 4,
    size: int = 8,
    highest: int = 2,
    device: str = "cpu",
    seeds: int = 2,
    of: int = 3,
    together: bool = False,
) -> Stack:
    labels = torch.full((samples,), highest, device=device)
    return train(
        stack(), Recipe(epochs=1), torch.zeros(samples, 1, size, size), labels, SEEDS[:seeds],
        teacher=teacher(classes=of), together=together,
    )  # fmt: skip


def each(make: Any, says: str, **cases: tuple[Any, Any]) -> list[Remedy]:
    return [
        Remedy(partial(make, **{name: wrong}), f"{name}=.*{says}", partial(make, **{name: right}))
        for name, (wrong, right) in cases.items()
    ]


NETWORKS = [
    *each(architecture, "choose one of perceptron, cnn", kind=("vgg", "cnn")),
    *each(architecture, "choose a larger one", width=(0, 1), channels=(0, 1), classes=(1, 2)),
    *each(partial(architecture, kind="cnn"), "choose a larger one", size=(7, 8)),
    *each(partial(architecture, kind="resnet-8"), "choose a larger one", size=(3, 4)),
    *each(architecture(kind="cnn").map_after, "choose one in this range", stages=(4, 3)),
    Remedy(
        partial(architecture(kind="perceptron").map_after, 1),
        "or kind='cnn'",
        partial(architecture(kind="cnn").map_after, 1),
    ),
    Remedy(partial(stack, 0), "seeds is empty.*give at least one", partial(stack, 1)),
    Remedy(partial(joined, 3), "2 architectures .*join those that are alike", partial(joined, 2)),
    *each(partial(Recipe, epochs=1), "choose one of cosine", schedule=("flat", "one-cycle")),
    *each(Recipe, "choose one in this range", epochs=(0, 1)),
    *each(
        partial(Recipe, epochs=1),
        "choose (one|a value) in this range",
        batch=(1, 2),
        shift=(-1, 0),
        cutout=(2.0, 2),
        rate=(0.0, 1e-9),
        momentum=(1.0, 0.0),
        weight_decay=(np.nan, 0.0),
    ),
    *each(teacher, "choose a value in this range", temperature=(0.0, 1e-3), hard_weight=(2.0, 1.0)),
    Remedy(partial(trained, size=7), "images of shape .*1, 8, 8.*give such", trained),
    Remedy(partial(trained, samples=1), "2 or more, .*give such", partial(trained, samples=2)),
    Remedy(partial(trained, highest=3), "labels of .* to 2.; give such", trained),
    Remedy(partial(trained, device="meta"), "labels on meta .*move them", trained),
    Remedy(partial(trained, seeds=3), "seeds are 3 for 2 networks.*give as many", trained),
    Remedy(
        partial(trained, seeds=1),
        "any from 1 on if they are trained together",
        partial(trained, seeds=1, together=True),
    ),
    Remedy(partial(trained, of=4), "teacher of .*train one on these images", trained),
]
