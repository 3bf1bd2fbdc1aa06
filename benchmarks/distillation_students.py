"""Students of distillation problems, perceptrons and convolutional networks, and their teachers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from distillation_problems import Logits, Setting

from mvtheory.distillation import soft_weight
from validation.data import Labelled
from validation.experiments.students.networks import Students, train_students, train_teacher
from validation.networks.architecture import Architecture
from validation.networks.functions import Stack, initial, join, select
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, outputs, train
from validation.training.optimizer import Optimizer


def loss_scale(setting: Setting) -> float:
    """Hinton's loss as printed, a_H CE + (1 - a_H) T^2 KL, over the one whose labels weigh 1."""
    temperature, hard_weight = setting
    return hard_weight + (1 - hard_weight) * temperature


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A perceptron of one hidden layer.

    The `shown` first training samples are the advisor's; the others are changed copies of them.
    `printed` says that the loss is Hinton's as printed, whose scale depends on T and a_H; else it
    is divided by that.
    """

    training: Labelled
    test: Labelled
    teacher: tuple[Logits, Logits]
    optimizer: Optimizer
    hidden: int
    steps: int
    batch: int = 50
    printed: bool = False
    shown: int | None = None

    def train(
        self, settings: Sequence[Setting], seeds: Sequence[np.random.SeedSequence]
    ) -> Students:
        scales = [loss_scale(setting) if self.printed else 1.0 for setting in settings]
        count = self.shown or len(self.training.labels)
        shape, classes = (len(seeds), len(settings)), self.teacher[0].shape[1]
        found = Students(
            training=np.empty((*shape, count, classes), np.float32),
            test=np.empty((*shape, len(self.test.labels), classes), np.float32),
        )
        for scale in sorted(set(scales)):
            places = [place for place, own in enumerate(scales) if own == scale]
            conditions = [
                (t, float(soft_weight(hard_weight=a, temperature=t)))
                for t, a in (settings[place] for place in places)
            ]
            got = train_students(
                self.training, self.test.inputs, self.teacher[0], conditions, seeds,
                hidden=self.hidden, steps=self.steps, batch=self.batch,
                optimizer=replace(self.optimizer, rate=self.optimizer.rate * scale),
            )  # fmt: skip
            found.training[:, places] = got.training[:, :, :count]
            found.test[:, places] = got.test
        return found


@dataclass(frozen=True, kw_only=True)
class Convolutional:
    """A convolutional network and its teacher, an ensemble of `members` as wide as `wide`.

    Both are trained by gradient descent with momentum, which minimises Hinton's loss as printed;
    where `printed` is false the rate is divided by its scale. The teacher learns on `told`.
    """

    training: Labelled
    test: Labelled
    told: Labelled
    width: int
    wide: int
    members: int
    recipe: Recipe
    classes: int = 10
    printed: bool = False
    shown: None = None

    def _network(self, width: int, seeds: Sequence[np.random.SeedSequence]) -> Stack:
        _, channels, size, _ = self.training.inputs.shape
        made = Architecture(
            kind="cnn", width=width, channels=channels, size=size, classes=self.classes
        )
        return initial(made, seeds)

    @cached_property
    def _teacher(self) -> Stack:
        starts, orders = (
            [np.random.SeedSequence(entropy, spawn_key=(n,)) for n in range(self.members)]
            for entropy in (78, 79)
        )
        whole = self._network(self.wide, starts)
        images, labels = torch.from_numpy(self.told.inputs), torch.from_numpy(self.told.labels)
        return join(
            [
                train(select(whole, [n]), self.recipe, images, labels, [order])
                for n, order in enumerate(orders)
            ]
        )

    @property
    def teacher(self) -> tuple[Logits, Logits]:
        training, test = (
            outputs(self._teacher, torch.from_numpy(part.inputs)).mean(axis=0)
            for part in (self.training, self.test)
        )
        return training, test

    def train(
        self, settings: Sequence[Setting], seeds: Sequence[np.random.SeedSequence]
    ) -> Students:
        images = torch.from_numpy(self.training.inputs)
        labels, asked = torch.from_numpy(self.training.labels), torch.from_numpy(self.test.inputs)
        training, test = [], []
        for seed in seeds:
            start, order = (
                np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, n))
                for n in range(2)
            )
            first = self._network(self.width, [start])
            for t, a in settings:
                scale = 1.0 if self.printed else loss_scale((t, a))
                recipe = replace(
                    self.recipe, rate=self.recipe.rate / scale,
                    weight_decay=self.recipe.weight_decay * scale,
                )  # fmt: skip
                teacher = None if a == 1 else Teacher(self._teacher, t, a)
                student = train(first, recipe, images, labels, [order], teacher=teacher)
                training.append(outputs(student, images)[0])
                test.append(outputs(student, asked)[0])
        shape = (len(seeds), len(settings))
        return Students(
            training=np.array(training, np.float32).reshape(*shape, len(labels), -1),
            test=np.array(test, np.float32).reshape(*shape, len(asked), -1),
        )


def adam(rate: float = 0.002) -> Optimizer:
    return Optimizer(method="adam", rate=rate, final=0.1)


def sgd(rate: float = 0.03) -> Optimizer:
    return Optimizer(method="momentum", rate=rate, final=0.1)


def taught(
    training: Labelled,
    teacher: Labelled,
    test: Labelled,
    classes: int,
    optimizer: Optimizer,
    *,
    hidden: int,
    steps: int,
    wide: int = 128,
    members: int = 2,
    teacher_steps: int = 1500,
    change: Callable[[Logits], Logits] = lambda logits: logits,
    printed: bool = False,
    shown: int | None = None,
) -> Problem:
    """Train the teacher, an ensemble of perceptrons, on its own data; `change` its logits."""
    told = train_teacher(
        teacher, classes, [training.inputs, test.inputs],
        [np.random.SeedSequence(77, spawn_key=(n,)) for n in range(members)],
        hidden=wide, optimizer=adam(), steps=teacher_steps, batch=min(64, len(teacher.labels)),
    )  # fmt: skip
    return Problem(
        training=training, test=test, teacher=(change(told[0]), change(told[1])),
        optimizer=optimizer, hidden=hidden, steps=steps, printed=printed, shown=shown,
    )  # fmt: skip
