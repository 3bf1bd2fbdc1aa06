"""Problems on which estimators of distilled accuracy are developed, and problems put aside.

The two sets share no data set: development is on random synthetic problems, and the estimators and
the constants of their intervals were fixed on these before the problems put aside were run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from validation.data import Labelled, ManyClasses, block_mean, load, split_digits
from validation.experiments.students.networks import train_teacher
from validation.training.optimizer import Optimizer

TEST = 2000


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A student's data, its teacher's logits on them, and how the student is trained."""

    name: str
    training: Labelled
    test: Labelled
    teacher: tuple[NDArray[np.float32], NDArray[np.float32]]
    optimizer: Optimizer
    hidden: int
    steps: int
    batch: int = 50


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A problem by name, made when it is wanted."""

    name: str
    make: Callable[[], Problem]
    informed: bool = True
    """Whether the teacher is better than chance."""


def adam(rate: float = 0.002) -> Optimizer:
    return Optimizer(method="adam", rate=rate, final=0.1)


def sgd(rate: float = 0.03) -> Optimizer:
    return Optimizer(method="momentum", rate=rate, final=0.1)


def taught(
    name: str,
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
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]] = lambda logits: logits,
) -> Problem:
    """Train the teacher, an ensemble of wider networks, on its own data; `change` its logits."""
    told = train_teacher(
        teacher, classes, [training.inputs, test.inputs],
        [np.random.SeedSequence(77, spawn_key=(n,)) for n in range(members)],
        hidden=wide, optimizer=adam(), steps=teacher_steps, batch=min(64, len(teacher.labels)),
    )  # fmt: skip
    return Problem(
        name=name, training=training, test=test, teacher=(change(told[0]), change(told[1])),
        optimizer=optimizer, hidden=hidden, steps=steps,
    )  # fmt: skip


def permuted(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """A teacher sure of the class before the right one."""
    return np.roll(logits, -1, axis=1)


def uniform(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """A teacher that knows nothing: label smoothing."""
    return np.zeros_like(logits)


def network_labels(classes: int, dimension: int, seed: int) -> Callable[..., Labelled]:
    """Gaussian inputs with the labels of a random network."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(dimension, 30)) * 1.5 / np.sqrt(dimension)
    second = rng.normal(size=(30, classes)) * 3 / np.sqrt(30)

    def sample(count: int, rng: np.random.Generator) -> Labelled:
        inputs = rng.normal(size=(count, dimension))
        labels = (np.maximum(inputs @ first, 0) @ second).argmax(axis=1)
        return Labelled(inputs.astype(np.float32), labels)

    return sample


def random_problem(number: int) -> Planned:
    """A synthetic problem with everything drawn at random."""
    rng = np.random.default_rng([5, number])
    classes = int(rng.choice([5, 8, 12, 16, 25, 35, 50]))
    dimension = int(rng.choice([15, 25, 40, 60]))
    count = int(np.clip(classes * rng.choice([8, 12, 20, 35]), 150, 1200))
    method, rate = [(adam, 0.002), (sgd, 0.03)][rng.integers(2)]
    optimizer = method(rate * float(rng.choice([0.5, 1, 2])))
    told = int(count * rng.choice([0.6, 1, 3, 8]))
    hidden, steps = int(rng.choice([16, 32, 64, 128])), int(rng.choice([400, 1000, 2000]))
    wrong = float(rng.choice([0, 0, 0, 0.1, 0.25]))
    noise, clusters = float(rng.choice([0.6, 1.0, 1.4])), int(rng.choice([1, 2, 4]))
    source = (
        network_labels(classes, dimension, number)
        if rng.random() < 0.4
        else ManyClasses(
            classes=classes, dimension=dimension, clusters=clusters, noise=noise, seed=number
        ).sample
    )

    def make() -> Problem:
        draws = [np.random.default_rng([6, number, part]) for part in range(4)]
        training, teacher = source(count, draws[0]), source(told, draws[1])
        flipped = draws[3].random(count) < wrong
        labels = np.where(flipped, draws[3].integers(classes, size=count), training.labels)
        return taught(
            f"random {number}", Labelled(training.inputs, labels), teacher, source(TEST, draws[2]),
            classes, optimizer, hidden=hidden, steps=steps,
        )  # fmt: skip

    return Planned(name=f"random {number}", make=make)


def digits(name: str, optimizer: Optimizer, informed: bool = True, **options: object) -> Planned:
    def make() -> Problem:
        parts = split_digits(training=300, teacher=700, seed=11)
        return taught(
            name, parts.training, parts.teacher, parts.test, 10, optimizer,
            hidden=24, steps=800, **options,
        )  # fmt: skip

    return Planned(name=name, make=make, informed=informed)


def many_classes(name: str, optimizer: Optimizer, told: int, seed: int) -> Planned:
    source = ManyClasses(classes=60, dimension=40, seed=seed)

    def make() -> Problem:
        draws = [np.random.default_rng([7, seed, part]) for part in range(3)]
        return taught(
            name, source.sample(900, draws[0]), source.sample(told, draws[1]),
            source.sample(TEST, draws[2]), 60, optimizer, hidden=64, steps=1500, wide=256,
            teacher_steps=3000,
        )  # fmt: skip

    return Planned(name=name, make=make)


def images(value: NDArray) -> NDArray[np.float32]:
    """Images as rows of mean 0 and variance 1 over all of them."""
    rows = value.reshape(len(value), -1).astype(np.float32)
    return (rows - rows.mean()) / rows.std()


def cifar(folder: Path) -> Problem:
    """CIFAR-100 at 16 x 16, 5000 training images for the students and 30,000 for the teacher."""
    read = load("cifar-100", folder)
    inputs, test = (
        images(block_mean(part.pixels, 16).transpose(0, 3, 1, 2))
        for part in (read.training, read.test)
    )
    labels = read.training.labels
    return taught(
        "CIFAR-100", Labelled(inputs[:5000], labels[:5000]),
        Labelled(inputs[5000:35000], labels[5000:35000]),
        Labelled(test[:TEST], read.test.labels[:TEST]), 100, adam(0.001),
        hidden=96, steps=1500, wide=384, teacher_steps=6000,
    )  # fmt: skip


def omniglot(folder: Path) -> Problem:
    """Characters at 14 x 14: drawers 1 to 15 train student and teacher, 16 to 20 test."""
    from PIL import Image

    read = load("omniglot", folder)
    drawings, labels = map(np.concatenate, zip(read.training, read.test, strict=True))
    order = np.argsort(labels, kind="stable")  # one character after the other, all its drawers
    small = [
        np.asarray(Image.fromarray(drawing).resize((14, 14), Image.Resampling.BOX))
        for drawing in drawings[order, ..., 0]
    ]
    rows, labels, known = images(np.stack(small)), labels[order], order < len(read.training.labels)
    training = Labelled(rows[known], labels[known])
    return taught(
        "Omniglot", training, training, Labelled(rows[~known], labels[~known]), len(read.classes),
        adam(0.001), hidden=96, steps=1500, wide=512, members=4,
    )  # fmt: skip


DEVELOPMENT = [random_problem(number) for number in range(28)]
PUT_ASIDE = [
    many_classes("K = 60, Adam", adam(), 9000, 601),
    digits("digits, Adam", adam()),
    many_classes("K = 60, SGD", sgd(), 9000, 602),
    digits("digits, SGD", sgd()),
    many_classes("K = 60, weak teacher", adam(), 500, 603),
    digits("digits, uniform teacher", adam(), informed=False, change=uniform),
    digits("digits, permuted teacher", adam(), informed=False, change=permuted),
]


def real(folder: Path) -> list[Planned]:
    """Problems put aside that need data sets, in torchvision's layout."""
    return [
        Planned(name="CIFAR-100", make=lambda: cifar(folder)),
        Planned(name="Omniglot", make=lambda: omniglot(folder)),
    ]
