"""What is trained on real images, and the training: recipes, numbers of networks, their data."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from validation.data import ImageProblem
from validation.gpu.job import Job
from validation.networks.architecture import Architecture, Kind
from validation.networks.functions import Stack, initial
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, train

DATA, START, ORDER = range(3)
"""Purposes of random numbers; each has its own stream."""
PROBED = 10
"""Steps by which the pace is measured."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """`place` begins the random numbers; `networks` of each kind are trained."""

    place: int
    problem: ImageProblem
    architecture: Architecture
    recipe: Recipe
    networks: int

    @property
    def name(self) -> str:
        return self.problem.source.replace(" ", "-")


RECIPE = Recipe(epochs=24, batch=128, rate=0.1, schedule="one-cycle", shift=4, flip=True)
"""A cycle of 24 epochs leaves a network about a point below what 200 epochs make of it."""
NETWORKS, STUDENTS = 100, 8


def cifar_10() -> Course:
    """ResNet-14 of width 24: to be 90 % right for the least work.

    ResNet-20 of width 16, 41 million multiplications, is some 91 % right after 200 epochs (He,
    Zhang, Ren & Sun, 2016, Table 6). This one has 59 million and half as many parameters again. A
    ResNet-8 must have width 48 and 110 million for about the same.
    """
    return cifar(0, 10, "resnet-14", 24, NETWORKS)


def cifar_100() -> Course:
    return cifar(1, 100, "resnet-8", 32, STUDENTS)


def cifar(place: int, classes: int, kind: Kind, width: int, networks: int) -> Course:
    return Course(
        place=place,
        problem=ImageProblem(
            source=f"cifar-{classes}", size=32, training_samples=50_000, test_samples=10_000
        ),
        architecture=Architecture(kind=kind, width=width, channels=3, size=32, classes=classes),
        recipe=RECIPE,
        networks=networks,
    )


def tiny(place: int, networks: int) -> Course:
    """Drawn figures, of which there are ten classes, and seconds on a CPU."""
    return Course(
        place=place,
        problem=ImageProblem(
            source="drawn figures", size=12, training_samples=120, test_samples=300
        ),
        architecture=Architecture(kind="resnet-8", width=4, channels=3, size=12, classes=10),
        recipe=replace(RECIPE, epochs=2, batch=20, shift=1),
        networks=networks,
    )


class Lessons:
    """The images of a course on the device, and the training of its networks on them."""

    def __init__(self, course: Course, job: Job) -> None:
        self.course, self.seed, self.device = course, job.seed, torch.device(job.device)
        # The fastest of the library's convolutions, found by trying them.
        torch.backends.cudnn.benchmark = self.device.type == "cuda"
        drawn = course.problem.sample(self._seed(DATA))
        self.checksums, self.test_labels = drawn.checksums, drawn.test.labels
        self.images, self.labels = (torch.from_numpy(p).to(self.device) for p in drawn.training)
        self.test_images = torch.from_numpy(drawn.test.inputs).to(self.device)

    def _seed(self, *purpose: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed, spawn_key=(self.course.place, *purpose))

    def trained(self, kind: int, numbers: Sequence[int], teacher: Teacher | None = None) -> Stack:
        """Networks of a kind by their numbers, from which all their chance follows."""
        starts, orders = (
            [self._seed(purpose, kind, number) for number in numbers] for purpose in (START, ORDER)
        )
        stack = initial(self.course.architecture, starts, self.device)
        return train(stack, self.course.recipe, self.images, self.labels, orders, teacher=teacher)

    def probe(self, networks: int, teacher: Teacher | None = None) -> float:
        """Seconds that so many in a stack would take, by a few steps; the first ones warm up."""
        recipe, numbers = self.course.recipe, range(networks)
        steps = min(PROBED, len(self.labels) // recipe.batch)
        few = slice(steps * recipe.batch)
        stack = initial(
            self.course.architecture, [self._seed(START, 0, n) for n in numbers], self.device
        )
        seconds = 0.0
        for _ in range(2):
            begin = time.perf_counter()
            train(
                stack, replace(recipe, epochs=1), self.images[few], self.labels[few],
                [self._seed(ORDER, 0, n) for n in numbers], teacher=teacher,
            )  # fmt: skip
            # What a training returns has been waited for: it asked whether losses are finite.
            seconds = time.perf_counter() - begin
        return seconds / steps * recipe.epochs * (len(self.labels) // recipe.batch)
