"""Ten ResNet-8 on drawn figures, one a process, against a plain loop of PyTorch, in one run.

Usage: python benchmarks/images.py [--size 32] [--networks 10] [--samples 5000] [--epochs 15] ...

Both train as many networks for as many epochs on the same images, with random crops and mirroring:
this package in two processes of one thread each; the loop one network after the other, as people
write it, with torch's two threads, a module, torch.optim.SGD and a DataLoader whose Dataset changes
one image at a time. Both start from weights of one distribution, and end with the accuracy on test
images that neither has seen. Seconds are of the wall, from the data in memory to the accuracies;
the processes are started within them. The loop is measured before or after by `--loop-first`.

Before that, peak memory of a process that trains 1, 2 and 4 networks in one stack, for two steps.
A short try: --networks 2 --samples 500 --epochs 1.
"""

import argparse
import json
import multiprocessing
import platform
import re
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import nn

from validation.data import DrawnFigures, as_channels_first
from validation.networks.architecture import Architecture
from validation.networks.functions import initial
from validation.networks.recipe import Recipe
from validation.networks.training import outputs, train
from validation.threads import one_thread

PROCESSES = 2
STACKS = (1, 2, 4)
SPAWN = multiprocessing.get_context("spawn")


def seeds(numbers, purpose):
    return [np.random.SeedSequence(0, spawn_key=(purpose, n)) for n in numbers]


# This package.


def receive(*given):
    """What a worker keeps: architecture, recipe, training and test images."""
    global kept
    kept = given


def accuracy_of(number):
    architecture, recipe, training, test = kept
    with one_thread():
        stack = initial(architecture, seeds([number], 0))
        images, labels = map(torch.from_numpy, training)
        stack = train(stack, recipe, images, labels, seeds([number], 1))
        return float((outputs(stack, torch.from_numpy(test[0]))[0].argmax(1) == test[1]).mean())


def of_package(networks, *given):
    with ProcessPoolExecutor(PROCESSES, SPAWN, receive, given) as pool:
        return list(pool.map(accuracy_of, range(networks)))


def peak_of_stack(networks, architecture, recipe):
    """MiB of this process after two steps of a stack."""
    shape = (2 * recipe.batch, architecture.channels, architecture.size, architecture.size)
    images = torch.zeros(shape)
    labels = torch.arange(len(images)) % architecture.classes
    with one_thread():
        numbers = range(networks)
        train(initial(architecture, seeds(numbers, 0)), recipe, images, labels, seeds(numbers, 1))
    # That of the program, without what its parent had before it was started.
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024


def memory(architecture, batch, shift):
    """Peaks by the number of networks in a stack, each in a process of its own."""
    recipe = Recipe(epochs=1, batch=batch, shift=shift, flip=True)
    peaks = {}
    for networks in STACKS:
        with ProcessPoolExecutor(1, SPAWN) as pool:
            peaks[networks] = pool.submit(peak_of_stack, networks, architecture, recipe).result()
    return peaks


# The plain loop.


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.more = stride, outputs - inputs

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.more:
            x = nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0,) * 5 + (self.more,))
        return (out + x).relu()


class ResNet8(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(
            Block(width, width, 1), Block(width, 2 * width, 2), Block(2 * width, 4 * width, 2)
        )
        self.fc = nn.Linear(4 * width, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        return self.fc(self.blocks(self.bn(self.conv(x)).relu()).mean(dim=(2, 3)))


class Changed(torch.utils.data.Dataset):
    """One image at a time, cropped out of a ground of 0 and mirrored by chance."""

    def __init__(self, images, labels, shift):
        self.images, self.labels, self.shift = images, labels, shift

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        size = self.images.shape[-1]
        image = nn.functional.pad(self.images[index], (self.shift,) * 4)
        down, right = torch.randint(2 * self.shift + 1, (2,)).tolist()
        image = image[:, down : down + size, right : right + size]
        if torch.rand(()) < 0.5:
            image = image.flip(-1)
        return image, self.labels[index]


def of_loop(networks, architecture, recipe, training, test):
    torch.set_num_threads(PROCESSES)
    images, labels = map(torch.from_numpy, training)
    test_images, test_labels = map(torch.from_numpy, test)
    loader = torch.utils.data.DataLoader(
        Changed(images, labels, recipe.shift), recipe.batch, shuffle=True, drop_last=True
    )
    accuracies = []
    for number in range(networks):
        torch.manual_seed(number)
        module = ResNet8(architecture.width, architecture.classes)
        optimiser = torch.optim.SGD(
            module.parameters(), recipe.rate, recipe.momentum, nesterov=True,
            weight_decay=recipe.weight_decay,
        )  # fmt: skip
        steps = recipe.epochs * len(loader)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        module.train()
        for _ in range(recipe.epochs):
            for seen, right in loader:
                optimiser.zero_grad()
                nn.functional.cross_entropy(module(seen), right).backward()
                optimiser.step()
                falling.step()
        module.eval()
        with torch.no_grad():
            found = torch.cat([module(block) for block in test_images.split(250)]).argmax(1)
        accuracies.append((found == test_labels).double().mean().item())
    return accuracies


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--test", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--loop-first", action="store_true", help="measure the plain loop first")
    return parser.parse_args()


def summary(accuracies):
    error = np.std(accuracies, ddof=1) / len(accuracies) ** 0.5 if len(accuracies) > 1 else np.nan
    return f"{np.mean(accuracies):.4f} +- {error:.4f}"


def main():
    chosen = options()
    architecture = Architecture(
        kind="resnet-8", width=chosen.width, channels=3, size=chosen.size, classes=10
    )
    recipe = Recipe(epochs=chosen.epochs, batch=chosen.batch, shift=chosen.size // 8, flip=True)
    peaks = memory(architecture, chosen.batch, recipe.shift)
    figures = DrawnFigures(size=chosen.size).draw(chosen.samples, chosen.test, seed=0)
    training, test = (tuple(part) for part in as_channels_first(figures))
    programs = {"package": of_package, "loop": of_loop}
    seconds, accuracies = {}, {}
    for name in sorted(programs, reverse=not chosen.loop_first):
        start = time.perf_counter()
        accuracies[name] = programs[name](chosen.networks, architecture, recipe, training, test)
        seconds[name] = time.perf_counter() - start
    seen = chosen.networks * chosen.epochs * (chosen.samples // chosen.batch) * chosen.batch
    slope, base = np.polyfit(STACKS, list(peaks.values()), 1)
    record = {
        **vars(chosen),
        "processor": platform.processor(),
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "numpy")},
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "loop over package": round(seconds["loop"] / seconds["package"], 3),
        "images a second": {name: round(seen / value) for name, value in seconds.items()},
        "accuracy +- standard error": {name: summary(own) for name, own in accuracies.items()},
        "peak MiB by networks in a stack": {n: round(peak, 1) for n, peak in peaks.items()},
        "MiB a network": round(slope, 1),
        "MiB before any": round(base, 1),
    }
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
