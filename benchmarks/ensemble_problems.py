"""Problems on which the extrapolation of ensembles was developed, and problems put aside.

A problem is a set of test labels and the logits of many networks that differ in their starts (and
in the order of their samples) alone. No problem of one list shares network, data and size with one
of the other; Omniglot, the hundred classes of CIFAR-100 and multi-view data of four views are
put aside as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from distillation_students import adam, sgd
from distillation_synthetic import network_labels
from numpy.typing import NDArray
from scipy import linalg
from torch import nn

from validation.data import Labelled, ManyClasses, as_channels_first, load
from validation.data.digits import digits
from validation.experiments.lottery.setting import settings as lottery_settings
from validation.experiments.lottery.small import small_lottery
from validation.experiments.students.networks import train_members
from validation.training.measure import outputs
from validation.training.networks import initial_weights
from validation.training.optimizer import Optimizer
from validation.training.patches import train as train_patches

MEMBERS = 32
TEST = 10_000
Floats32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Test labels, shape (N,), and the members' logits on these samples, (members, N, K)."""

    labels: NDArray[np.int64]
    members: Floats32


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A problem by name, trained when it is wanted; the folder is of data sets."""

    name: str
    train: Callable[[Path], Trained]


@dataclass(frozen=True)
class Parts:
    """Training and test samples of one draw."""

    training: Labelled
    test: Labelled
    classes: int

    def noisy(self, share: float, seed: int) -> "Parts":
        """With so large a share of the training labels drawn anew."""
        rng = np.random.default_rng([seed, 9])
        labels = self.training.labels
        wrong = rng.random(len(labels)) < share
        labels = np.where(wrong, rng.integers(self.classes, size=len(labels)), labels)
        return Parts(Labelled(self.training.inputs, labels), self.test, self.classes)


def seeds(number: int) -> list[np.random.SeedSequence]:
    return [np.random.SeedSequence(31, spawn_key=(number, n)) for n in range(MEMBERS)]


def perceptrons(
    parts: Parts, number: int, *, hidden: int, steps: int, optimizer: Optimizer, batch: int = 50
) -> Trained:
    (logits,) = train_members(
        parts.training, parts.classes, [parts.test.inputs], seeds(number),
        hidden=hidden, optimizer=optimizer, steps=steps, batch=batch,
    )  # fmt: skip
    return Trained(labels=parts.test.labels, members=logits)


def random_features(parts: Parts, number: int, *, features: int, penalty: float) -> Trained:
    """Ridge regressions on the labels, each on ReLU features of its own."""
    inputs, dimension = parts.training.inputs, parts.training.inputs.shape[1]
    targets = np.eye(parts.classes)[parts.training.labels] - 1 / parts.classes
    members = []
    for seed in seeds(number):
        weights = np.random.default_rng(seed).normal(size=(dimension, features)) / dimension**0.5
        known, asked = (np.maximum(x @ weights, 0) for x in (inputs, parts.test.inputs))
        gram = known.T @ known / len(known) + penalty * np.eye(features)
        solution = linalg.solve(gram, known.T @ targets / len(known), assume_a="pos")
        members.append(asked @ solution)
    return Trained(labels=parts.test.labels, members=np.array(members, dtype=np.float32))


def convolutions(
    parts: Parts, number: int, *, channels: int, epochs: int, shape: tuple[int, int, int],
    rate: float = 0.003,
) -> Trained:  # fmt: skip
    """Two convolutions of 3 x 3 with pooling, and a linear layer; one network after another."""
    depth, height, width = shape
    inputs, asked = (
        torch.from_numpy(x.reshape(-1, *shape)) for x in (parts.training.inputs, parts.test.inputs)
    )
    labels = torch.from_numpy(parts.training.labels)
    members = []
    for seed in seeds(number):
        torch.manual_seed(int(seed.generate_state(1)[0]))
        network = nn.Sequential(
            nn.Conv2d(depth, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(channels, 2 * channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(2 * channels * (height // 4) * (width // 4), parts.classes),
        ).to(memory_format=torch.channels_last)  # fmt: skip
        steps = epochs * (len(labels) // 50)
        optimizer = torch.optim.Adam(network.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
        for _ in range(epochs):
            for rows in torch.randperm(len(labels))[: len(labels) // 50 * 50].split(50):
                optimizer.zero_grad()
                nn.functional.cross_entropy(network(inputs[rows]), labels[rows]).backward()
                optimizer.step()
                schedule.step()
        with torch.inference_mode():
            members.append(torch.cat([network(x) for x in asked.split(500)]).numpy())
    return Trained(labels=parts.test.labels, members=np.array(members))


def patches(setting: Any, number: int, share: float) -> Trained:
    """Patch networks of a lottery; so large a share of the test samples shows a single view."""
    data = setting.data
    rng = np.random.default_rng([31, number])
    samples = data.sample(setting.training_samples, rng)
    shape = (data.classes, setting.neurons, data.dimension)
    weights = torch.from_numpy(initial_weights(seeds(number), shape, setting.deviation))
    train_patches(
        weights, torch.from_numpy(samples.patches), torch.from_numpy(samples.labels),
        setting.power, setting.schedule,
    )  # fmt: skip
    single = round(share * TEST)
    repeats = -(-single // (data.classes * data.views))
    tests = [data.sample(TEST - single, rng), data.view_only(repeats, rng)]
    labels = np.concatenate([t.labels for t in tests])
    members = np.concatenate([outputs(weights, t, setting.power) for t in tests], axis=1)
    chosen = rng.permutation(len(labels))[:TEST]
    return Trained(labels=labels[chosen], members=members[:, chosen])


def drawn(source: Callable[..., Labelled], count: int, classes: int, number: int) -> Parts:
    rng = np.random.default_rng([33, number])
    return Parts(source(count, rng), source(TEST, rng), classes)


def of_digits(count: int, number: int) -> Parts:
    pixels, labels = digits()
    order = np.random.default_rng([34, number]).permutation(len(labels))
    parts = [
        Labelled(pixels[rows].astype(np.float32), labels[rows])
        for rows in (order[:count], order[count:])
    ]
    return Parts(*parts, 10)


def of_images(
    folder: Path, name: str, count: int, number: int, *, coarse: bool = False, side: int = 0
) -> Parts:
    """So many training images and at most TEST others, a row each, channels first.

    `side` shrinks them to so many pixels, each the mean of a block.
    """
    read = load(name, folder, coarse=coarse)
    rng = np.random.default_rng([35, number])
    chosen = [
        part.take(rng.permutation(len(part.labels))[:most])
        for part, most in ((read.training, count), (read.test, TEST))
    ]
    training, test = as_channels_first(
        replace(read, training=chosen[0], test=chosen[1]), size=side or None
    )
    rows = [
        Labelled(part.inputs.reshape(len(part.labels), -1), part.labels)
        for part in (training, test)
    ]
    return Parts(*rows, len(read.classes))


def clusters(number: int, *, classes: int, dimension: int, count: int, **more: Any) -> Parts:
    source = ManyClasses(classes=classes, dimension=dimension, seed=number, **more)
    return drawn(source.sample, count, classes, number)


def labelled(number: int, *, classes: int, dimension: int, count: int) -> Parts:
    """Gaussian inputs with the labels of a random network."""
    return drawn(network_labels(classes, dimension, number), count, classes, number)


DEVELOPMENT = [
    Problem(name="digits, 64", train=lambda folder: perceptrons(
        of_digits(600, 1), 1, hidden=64, steps=800, optimizer=adam())),
    Problem(name="digits, 16, noise .1", train=lambda folder: perceptrons(
        of_digits(300, 2).noisy(0.1, 2), 2, hidden=16, steps=800, optimizer=adam())),
    Problem(name="digits, convolutions, noise .2", train=lambda folder: convolutions(
        of_digits(500, 15).noisy(0.2, 15), 15, channels=8, epochs=20, shape=(1, 8, 8))),
    Problem(name="Fashion, 128", train=lambda folder: perceptrons(
        of_images(folder, "fashion-mnist", 3000, 3), 3, hidden=128, steps=1200,
        optimizer=adam(0.001))),
    Problem(name="Fashion, 32, noise .2", train=lambda folder: perceptrons(
        of_images(folder, "fashion-mnist", 1000, 4).noisy(0.2, 4), 4, hidden=32, steps=600,
        optimizer=adam(0.001))),
    Problem(name="Fashion, random features", train=lambda folder: random_features(
        of_images(folder, "fashion-mnist", 2000, 9), 9, features=300, penalty=1e-3)),
    Problem(name="CIFAR coarse 8x8, 128", train=lambda folder: perceptrons(
        of_images(folder, "cifar-100", 3000, 6, coarse=True, side=8), 6, hidden=128, steps=1200,
        optimizer=adam(0.001))),
    Problem(name="CIFAR coarse 16x16, 96, SGD", train=lambda folder: perceptrons(
        of_images(folder, "cifar-100", 10_000, 7, coarse=True, side=16), 7, hidden=96, steps=2500,
        optimizer=sgd())),
    Problem(name="CIFAR coarse 8x8, random features", train=lambda folder: random_features(
        of_images(folder, "cifar-100", 5000, 10, coarse=True, side=8), 10, features=400,
        penalty=1e-2)),
    Problem(name="CIFAR coarse 16x16, convolutions", train=lambda folder: convolutions(
        of_images(folder, "cifar-100", 5000, 16, coarse=True, side=16), 16, channels=16, epochs=6,
        shape=(3, 16, 16))),
    Problem(name="60 classes, 64", train=lambda folder: perceptrons(
        clusters(8, classes=60, dimension=40, count=1500), 8, hidden=64, steps=1500,
        optimizer=adam())),
    Problem(name="25 classes, 32, noise .1", train=lambda folder: perceptrons(
        clusters(17, classes=25, dimension=25, count=3000, noise=1.4).noisy(0.1, 17), 17,
        hidden=32, steps=2000, optimizer=sgd())),
    Problem(name="a network's labels, 8 classes", train=lambda folder: perceptrons(
        labelled(13, classes=8, dimension=30, count=2000), 13, hidden=64, steps=1500,
        optimizer=sgd())),
    Problem(name="a network's labels, 2 classes", train=lambda folder: perceptrons(
        labelled(14, classes=2, dimension=20, count=1000), 14, hidden=32, steps=800,
        optimizer=adam())),
    Problem(name="views, M = 3", train=lambda folder: patches(
        lottery_settings("standard")[1], 11, 0.3)),
    Problem(name="views, M = 2", train=lambda folder: patches(
        small_lottery("standard", "views", 2, MEMBERS), 12, 0.5)),
]  # fmt: skip
PUT_ASIDE = [
    Problem(name="digits, 32, SGD", train=lambda folder: perceptrons(
        of_digits(200, 101), 101, hidden=32, steps=1000, optimizer=sgd())),
    Problem(name="digits, random features, noise .1", train=lambda folder: random_features(
        of_digits(700, 102).noisy(0.1, 102), 102, features=200, penalty=1e-3)),
    Problem(name="Fashion, 256, noise .1", train=lambda folder: perceptrons(
        of_images(folder, "fashion-mnist", 10_000, 103).noisy(0.1, 103), 103, hidden=256,
        steps=3000, optimizer=sgd())),
    Problem(name="Fashion, convolutions", train=lambda folder: convolutions(
        of_images(folder, "fashion-mnist", 1000, 104, side=14), 104, channels=8, epochs=15,
        shape=(1, 14, 14))),
    Problem(name="CIFAR-100 16x16, 192", train=lambda folder: perceptrons(
        of_images(folder, "cifar-100", 10_000, 105, side=16), 105, hidden=192, steps=3000,
        optimizer=adam(0.001))),
    Problem(name="CIFAR coarse 16x16, wide convolutions", train=lambda folder: convolutions(
        of_images(folder, "cifar-100", 10_000, 106, coarse=True, side=16), 106, channels=24,
        epochs=5, shape=(3, 16, 16))),
    Problem(name="Omniglot, 128", train=lambda folder: perceptrons(
        of_images(folder, "omniglot", 3630, 107, side=14), 107, hidden=128, steps=2000,
        optimizer=adam(0.001))),
    Problem(name="100 classes, 96", train=lambda folder: perceptrons(
        clusters(108, classes=100, dimension=50, count=4000), 108, hidden=96, steps=2500,
        optimizer=adam(0.001))),
    Problem(name="a network's labels, 5 classes, noise .2", train=lambda folder: perceptrons(
        labelled(109, classes=5, dimension=40, count=3000).noisy(0.2, 109), 109, hidden=48,
        steps=1500, optimizer=adam())),
    Problem(name="views, M = 4", train=lambda folder: patches(
        lottery_settings("standard")[2], 110, 0.3)),
]  # fmt: skip
