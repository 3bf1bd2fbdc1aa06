"""Training of networks for images: each by itself, as one sum, or from a teacher."""

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from validation.networks.augmentation import draw, views
from validation.networks.functions import Stack, forward, select
from validation.networks.kept import UnderWay
from validation.networks.memory import keep_memory
from validation.networks.recipe import Recipe

BLOCK = 250
"""Images at a time where trained networks are asked."""


@dataclass(frozen=True)
class Teacher:
    """Trained networks whose mean logits are taught (Hinton, Vinyals & Dean, 2015, Section 2).

    With the teacher's logits Z and the student's z on the same images, the loss is
    a CE(labels, softmax(z)) + (1 - a) T^2 KL(softmax(Z/T), softmax(z/T)).

    Parameters
    ----------
    stack : Stack
        Asked with the running statistics of its batch norm.
    temperature : float
        T, finite and > 0.
    hard_weight : float
        a, the weight of the labels, in [0, 1].
    """

    stack: Stack
    temperature: float
    hard_weight: float

    def __post_init__(self) -> None:
        for name, right, range_text in (
            ("temperature", 0 < self.temperature < math.inf, "a finite number > 0"),
            ("hard_weight", 0 <= self.hard_weight <= 1, "in [0, 1]"),
        ):
            if not right:
                raise ValueError(f"{name}={getattr(self, name)} is not allowed ({range_text}); "
                                 "choose a value in this range")  # fmt: skip


def train(
    stack: Stack,
    recipe: Recipe,
    images: Tensor,
    labels: Tensor,
    seeds: Sequence[np.random.SeedSequence],
    *,
    teacher: Teacher | None = None,
    together: bool = False,
) -> Stack:
    """Train copies of these networks; the given ones stay as they are.

    What a network sees, and what becomes of it, follows from itself and its own seed, whichever
    others are in the stack: its numbers are the same up to rounding. With one thread on a CPU the
    same call gives the same bits. On a GPU convolutions are in bfloat16.

    Parameters
    ----------
    stack : Stack
    recipe : Recipe
    images : float32 tensor, shape (samples, channels, height, width)
        At least 2, on the device of the stack. Their zero is what lies around and in cutouts.
    labels : int64 tensor, shape (samples,)
        From 0 below the number of classes.
    seeds : sequence of SeedSequence
        Of the order of samples and of augmentation, one for each network; other ones than those of
        the initial weights.
    teacher : Teacher, optional
        By default networks learn from the labels alone.
    together : bool
        Whether the networks are trained as one whose logits are the mean of theirs (Allen-Zhu & Li,
        2023, train sums of networks so). All see the same images, by the first seed.

    Returns
    -------
    Stack

    Raises
    ------
    ValueError
        For images, labels or seeds that do not go with the stack.
    FloatingPointError
        When the loss of a network is infinite or no number, at the end of an epoch.
    """
    _check(stack, images, labels, seeds, teacher, together)
    if not images.is_cuda:
        keep_memory()
    trained = select(stack, range(len(stack)))
    names, parameters = zip(*trained.parameters.items(), strict=True)
    velocities = [torch.zeros_like(own) for own in parameters]
    decays = [recipe.weight_decay * name.endswith(".weight") for name in names]
    for own in parameters:
        own.requires_grad_()
    teachers = _alone(teacher.stack) if teacher else []
    answers = None
    if teacher and not recipe.changes_images:
        answers = _softened(_answers(teachers, images), teacher)
    rngs = [np.random.default_rng(seed) for seed in (seeds[:1] if together else seeds)]
    samples, size = len(images), images.shape[-1]
    batch = min(recipe.batch, samples)
    steps = samples // batch
    way = UnderWay([*parameters, *velocities, *trained.statistics.values()])
    for epoch in range(recipe.epochs):
        draws = draw(rngs, recipe, samples, size, images.device)
        if epoch < way.epochs:
            continue
        total = torch.zeros(len(rngs), device=images.device)
        for step in range(steps):
            part = slice(step * batch, (step + 1) * batch)
            order = draws.order[:, part]
            seen, right = views(images, draws, part, recipe), labels[order]
            with _fewer_digits(images):
                taught = None
                if answers is not None:
                    taught = answers[order]
                elif teacher:
                    taught = _softened(_taught(teachers, seen), teacher)
                logits = forward(trained, seen, training=True)
                if together:
                    logits = logits.mean(0, keepdim=True)
                losses = _losses(logits, right, taught, teacher)
            # Of their sum, so that no network changes another's gradient.
            gradients = torch.autograd.grad(losses.sum(), parameters)
            rate = recipe.at(epoch * steps + step, recipe.epochs * steps)
            descend(parameters, gradients, velocities, decays, recipe.momentum, rate)
            total += losses.detach()
        if not torch.isfinite(total).all():
            raise FloatingPointError(
                f"the loss is infinite or no number after epoch {epoch + 1} of {recipe.epochs} at "
                f"rate={recipe.rate} (training must stay finite); "
                f"choose a lower one, such as rate={recipe.rate / 3:.2g}"
            )
        way.passed(epoch + 1)
    for own in parameters:
        own.requires_grad_(False)
    return trained


@torch.no_grad()
def descend(
    parameters: tuple[Tensor, ...] | list[Tensor],
    gradients: Sequence[Tensor],
    velocities: list[Tensor],
    decays: Sequence[float],
    momentum: float,
    rate: float,
) -> None:
    """One step of Nesterov's momentum, in place, with the steps of torch.optim.SGD.

    A parameter is given its decay times itself as a further gradient.
    """
    slopes = [
        gradient.add(own, alpha=decay) if decay else gradient
        for own, gradient, decay in zip(parameters, gradients, decays, strict=True)
    ]
    # All at once: of small networks the calls take longer than the sums.
    torch._foreach_mul_(velocities, momentum)
    torch._foreach_add_(velocities, slopes)
    moves = torch._foreach_add(slopes, velocities, alpha=momentum)
    torch._foreach_sub_(parameters, moves, alpha=rate)


@torch.no_grad()
def outputs(stack: Stack, images: Tensor) -> NDArray[np.float32]:
    """Logits of trained networks, shape (networks, samples, classes).

    `images` has shape (samples, channels, height, width) and may lie on another device.
    """
    found = [
        torch.cat(
            [forward(alone, i.to(stack.device), training=False) for i in images.split(BLOCK)], 1
        )
        for alone in _alone(stack)
    ]
    return torch.cat(found).float().cpu().numpy()


def _alone(stack: Stack) -> list[Stack]:
    """What is asked in turn: on a CPU one network after another, which is faster there."""
    if stack.device.type != "cpu":
        return [stack]
    return [select(stack, [number]) for number in range(len(stack))]


@torch.no_grad()
def _taught(teachers: Sequence[Stack], seen: Tensor) -> Tensor:
    """Mean logits of the teachers on what each network sees, (networks, batch, classes)."""
    images = seen.flatten(0, 1)
    logits = torch.cat([forward(alone, images, training=False) for alone in teachers])
    return logits.mean(0).unflatten(0, seen.shape[:2])


def _answers(teachers: Sequence[Stack], images: Tensor) -> Tensor:
    """Mean logits of the teachers on images that stay as they are, (samples, classes)."""
    with _fewer_digits(images):
        return torch.cat([_taught(teachers, block[None])[0] for block in images.split(BLOCK)])


def _fewer_digits(images: Tensor) -> AbstractContextManager[Any]:
    """Convolutions in bfloat16 on a GPU; on a CPU nothing, which takes no time either."""
    return torch.autocast("cuda", torch.bfloat16) if images.is_cuda else nullcontext()


def _softened(logits: Tensor, teacher: Teacher) -> Tensor:
    """Logarithms of the probabilities at the temperature of the lesson."""
    return functional.log_softmax(logits / teacher.temperature, dim=-1)


def _losses(
    logits: Tensor, labels: Tensor, taught: Tensor | None, teacher: Teacher | None
) -> Tensor:
    """Mean loss of each network, shape (networks,); `taught` as `_softened` has it."""
    hard = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    hard = hard.view(labels.shape).mean(1)
    if teacher is None or taught is None:
        return hard
    answered = _softened(logits, teacher)
    soft = functional.kl_div(answered, taught, reduction="none", log_target=True).sum(-1).mean(1)
    weight = teacher.hard_weight
    return weight * hard + (1 - weight) * teacher.temperature**2 * soft


def _check(
    stack: Stack,
    images: Tensor,
    labels: Tensor,
    seeds: Sequence[np.random.SeedSequence],
    teacher: Teacher | None,
    together: bool,
) -> None:
    asked = stack.architecture
    shape = (asked.channels, asked.size, asked.size)
    if images.shape[1:] != shape or len(images) < 2:
        raise ValueError(f"images of shape {tuple(images.shape)} are not allowed (2 or more, each "
                         f"of shape {shape}, as the networks take); give such")  # fmt: skip
    if not images.device == labels.device == stack.device:
        raise ValueError(f"images on {images.device}, labels on {labels.device} and networks on "
                         f"{stack.device} are not allowed (one device); move them")  # fmt: skip
    if labels.shape != images.shape[:1] or not 0 <= labels.min() <= labels.max() < asked.classes:
        raise ValueError(f"labels of shape {tuple(labels.shape)} from {int(labels.min())} to "
                         f"{int(labels.max())} are not allowed (one for each of {len(images)} "
                         f"images, from 0 to {asked.classes - 1}); give such")  # fmt: skip
    if len(seeds) != len(stack) and not (together and seeds):
        raise ValueError(f"seeds are {len(seeds)} for {len(stack)} networks (one for each, or any "
                         "from 1 on if they are trained together); give as many")  # fmt: skip
    if teacher:
        known = teacher.stack.architecture
        if (known.channels, known.size, known.classes) != (
            asked.channels, asked.size, asked.classes,
        ):  # fmt: skip
            raise ValueError(f"teacher of {known} is not allowed for students of {asked} (the same "
                             "channels, size and classes); train one on these images")  # fmt: skip
