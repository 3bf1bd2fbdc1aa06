"""Distillation problems on real data, read from one folder.

In torchvision's layout (`validation.data.load`): fashion-mnist, cifar-100, omniglot. As NAME.npz:

- with x (N, ...) and y (N,), or x_train, y_train, x_test, y_test: tables from the UCI repository,
  satimage and segment and shuttle and vowel (Statlog, vowel recognition), dry_bean, page_blocks,
  yeast, isolet_1560 (ISOLET's part of 1,560 samples), mfeat (Multiple Features, 649 numbers),
  pendigits, letter (letter recognition), plants100_margin (one-hundred plant species, margin);
  images coil20 (Columbia, 32 x 32), yaleb (extended Yale B, 2,414 faces of 32 x 32), kmnist_test
  (the 10,000 test images of Kuzushiji-MNIST), mnist and cifar10, bytes of (N, H, W[, 3]);
- with texts_train, y_train, texts_test, y_test: clinc150 (CLINC150, 150 intents in scope), hwu64
  (Liu et al., NLU evaluation data, fold 1), banking77 (PolyAI's banking77).

Labels are integers from 0. Sets of another order, or cleaned otherwise, give other numbers; in the
records those of real texts had their words in another order, which moves accuracies by about .002.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from distillation_problems import TEST, Planned
from distillation_students import Convolutional, Problem, adam, taught
from numpy.typing import NDArray

from validation.data import Labelled, as_channels_first, as_rows, block_mean, load
from validation.networks.recipe import Recipe
from validation.training.optimizer import Optimizer

LEAST, WORDS = 10, 500
"""Samples of a class, and words of a vocabulary."""


@dataclass(frozen=True)
class Plan:
    """Of a perceptron: `count` samples for the student and `told` others for the teacher, of which
    0 are the student's own; a share of the student's labels is `wrong`."""

    count: int
    told: int
    optimizer: Optimizer
    hidden: int
    steps: int
    wide: int = 128
    members: int = 2
    printed: bool = False
    wrong: float = 0.0

    def problem(self, data: Labelled, test: Labelled, labels: NDArray, classes: int) -> Problem:
        """Of shuffled data; `labels` are those of the student's samples."""
        own = Labelled(data.inputs[: self.count], labels)
        end = self.count + self.told
        others = Labelled(data.inputs[self.count : end], data.labels[self.count : end])
        return taught(
            own, others if self.told else own, test, classes, self.optimizer, hidden=self.hidden,
            steps=self.steps, wide=self.wide, members=self.members, printed=self.printed,
        )  # fmt: skip


def table(folder: Path, name: str, number: int, plan: Plan, kind: str = "table") -> Planned:
    """All columns, standardised; classes of at least LEAST samples."""

    def make() -> Problem:
        rng = np.random.default_rng([21, number])
        with np.load(folder / f"{name}.npz") as read:
            ends = ("",) if "x" in read.files else ("_train", "_test")
            x, y = (np.concatenate([read[letter + end] for end in ends]) for letter in "xy")
        x = x.reshape(len(x), -1).astype(float)
        kept = np.bincount(y)[y] >= LEAST
        x, y = x[kept], np.unique(y[kept], return_inverse=True)[1]
        deviation = x.std(axis=0)
        used = deviation > 0
        x = ((x - x.mean(axis=0))[:, used] / deviation[used]).astype(np.float32)
        order = rng.permutation(len(y))
        x, y = x[order], y[order]
        classes, tested = int(y.max()) + 1, min(TEST, len(y) // 3)
        test, rest = Labelled(x[:tested], y[:tested]), Labelled(x[tested:], y[tested:])
        labels = rest.labels[: plan.count].copy()
        wrong = rng.random(len(labels)) < plan.wrong
        labels[wrong] = rng.integers(classes, size=wrong.sum())
        return plan.problem(rest, test, labels, classes)

    seeds = 2 if kind == "images" else 3
    return Planned(name=f"{name} {number}", kind=kind, make=make, seeds=seeds)


def bags(texts: list[list[str]], frequency: dict[str, int], total: int) -> NDArray[np.float32]:
    """Counts of words, their logarithms times those of the words' rarity, of one norm."""
    place = {word: column for column, word in enumerate(frequency)}
    found = np.zeros((len(texts), len(place)))
    for row, text in enumerate(texts):
        for column in (place[word] for word in text if word in place):
            found[row, column] += 1
    found = np.log1p(found) * np.log(total / np.array(list(frequency.values())))
    norms = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return (np.sqrt(len(place)) * found / norms).astype(np.float32)


def text(folder: Path, name: str, number: int, plan: Plan) -> Planned:
    """Bags of the WORDS most common words."""

    def make() -> Problem:
        rng = np.random.default_rng([22, number])
        with np.load(folder / f"{name}.npz") as read:
            training, asked = ([re.findall(r"[a-z']+", one.lower()) for one in read[key]]
                               for key in ("texts_train", "texts_test"))  # fmt: skip
            y, y_test = read["y_train"], read["y_test"]
        common = Counter(word for one in training for word in dict.fromkeys(one)).most_common(WORDS)
        frequency, total = dict(common), len(training)
        order = rng.permutation(len(y))
        data = Labelled(bags(training, frequency, total)[order], y[order])
        chosen = rng.permutation(len(y_test))[:TEST]
        test = Labelled(bags(asked, frequency, total)[chosen], y_test[chosen])
        return plan.problem(data, test, data.labels[: plan.count], int(y.max()) + 1)

    return Planned(name=f"{name} {number}", kind="text", make=make, seeds=2)


def drawn(
    folder: Path, name: str, size: int, count: int, rng: np.random.Generator
) -> tuple[Labelled, Labelled]:
    """Training images in random order and the first test images, as (N, size, size, channels)."""
    with np.load(folder / f"{name}.npz") as read:
        order = rng.permutation(len(read["y_train"]))[:count]
        images = [read["x_train"][order], read["x_test"][:TEST]]
        labels = [read["y_train"][order], read["y_test"][:TEST]]
    small = [block_mean(x if x.ndim == 4 else x[..., None], size) for x in images]
    training, test = map(Labelled, small, labels)
    return training, test


def standardised(
    training: NDArray, test: NDArray, axes: tuple[int, ...] | None = None
) -> list[NDArray[np.float32]]:
    mean = training.mean(axis=axes, keepdims=axes is not None)
    scale = training.std(axis=axes, keepdims=axes is not None)
    return [((x - mean) / scale).astype(np.float32) for x in (training, test)]


def images(folder: Path, name: str, number: int, plan: Plan) -> Planned:
    """Images at 14 x 14 pixels as rows."""

    def make() -> Problem:
        rng = np.random.default_rng([23, number])
        training, test = drawn(folder, name, 14, plan.count + plan.told, rng)
        x, asked = standardised(*(part.inputs.reshape(len(part.inputs), -1)
                                  for part in (training, test)))  # fmt: skip
        data = Labelled(x, training.labels)
        test = Labelled(asked, test.labels)
        return plan.problem(data, test, data.labels[: plan.count], 10)

    return Planned(name=f"{name} {number}", kind="images", make=make, seeds=2)


def cifar10(
    folder: Path, number: int, count: int, told: int, wide: int, members: int, recipe: Recipe,
    printed: bool,
) -> Planned:  # fmt: skip
    """A convolutional student of width 8 on colour images of 16 x 16 pixels."""

    def make() -> Convolutional:
        rng = np.random.default_rng([24, number])
        training, test = drawn(folder, "cifar10", 16, count + told, rng)
        x, asked = standardised(
            *(part.inputs.transpose(0, 3, 1, 2) for part in (training, test)), axes=(0, 2, 3)
        )
        y = training.labels
        return Convolutional(
            training=Labelled(x[:count], y[:count]), told=Labelled(x[count:], y[count:]),
            test=Labelled(asked, test.labels), width=8, wide=wide, members=members, recipe=recipe,
            printed=printed,
        )  # fmt: skip

    return Planned(name=f"cifar10 cnn {number}", kind="cnn", make=make, seeds=2)


def fashion(folder: Path, number: int, plan: Plan) -> Planned:
    """Fashion-MNIST at 14 x 14 pixels."""

    def make() -> Problem:
        training, test = as_rows(load("fashion-mnist", folder), 14)
        order = np.random.default_rng([17, number]).permutation(len(training.labels))
        data = Labelled(training.inputs[order], training.labels[order])
        asked = Labelled(test.inputs[:TEST], test.labels[:TEST])
        return plan.problem(data, asked, data.labels[: plan.count], 10)

    return Planned(name=f"fashion {number}", kind="images", make=make)


def fashion_cnn(
    folder: Path, number: int, count: int, told: int, width: int, wide: int, members: int,
    recipe: Recipe, printed: bool = False,
) -> Planned:  # fmt: skip
    """The same, for convolutional networks; `told` 0 are the student's own images."""

    def make() -> Convolutional:
        training, test = as_channels_first(load("fashion-mnist", folder), 14)
        order = np.random.default_rng([18, number]).permutation(len(training.labels))
        own, others = order[:count], order[count : count + told]
        parts = [Labelled(training.inputs[part], training.labels[part])
                 for part in (own, others if told else own)]  # fmt: skip
        return Convolutional(
            training=parts[0], told=parts[1], test=Labelled(test.inputs[:TEST], test.labels[:TEST]),
            width=width, wide=wide, members=members, recipe=recipe, printed=printed,
        )  # fmt: skip

    return Planned(name=f"cnn {number}", kind="cnn", make=make, seeds=2)


def rows(value: NDArray) -> NDArray[np.float32]:
    """Images as rows of mean 0 and variance 1 over all of them."""
    found = value.reshape(len(value), -1).astype(np.float32)
    return np.asarray((found - found.mean()) / found.std())


def cifar100(folder: Path) -> Problem:
    """CIFAR-100 at 16 x 16, 5000 training images for the students and 30,000 for the teacher."""
    read = load("cifar-100", folder)
    inputs, test = (
        rows(block_mean(part.pixels, 16).transpose(0, 3, 1, 2))
        for part in (read.training, read.test)
    )
    labels = read.training.labels
    return taught(
        Labelled(inputs[:5000], labels[:5000]), Labelled(inputs[5000:35000], labels[5000:35000]),
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
    inputs, labels = rows(np.stack(small)), labels[order]
    known = order < len(read.training.labels)
    training = Labelled(inputs[known], labels[known])
    return taught(
        training, training, Labelled(inputs[~known], labels[~known]), len(read.classes),
        adam(0.001), hidden=96, steps=1500, wide=512, members=4,
    )  # fmt: skip
