"""Trains the networks of `ImagesSetting` and measures them, alone and together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.ensembles import kind_of_ensemble
from validation.experiments.images.setting import ImagesSetting
from validation.experiments.of_images import OfOneKind
from validation.experiments.streams import Streams
from validation.networks.functions import Stack, initial, join, select
from validation.networks.kept import kept
from validation.networks.recipe import Recipe
from validation.networks.training import Teacher, outputs, train
from validation.trial.claim import Tables

EXPERIMENT = 9
"""Begins the keys of this experiment's random numbers."""
DATA, SINGLE, JOINT, STUDENT, SELF, AUGMENTED, RING = range(7)
"""Purposes of random numbers; each has its own stream."""
START, ORDER = range(2)

Rows = list[dict[str, Any]]
Floats32 = NDArray[np.float32]


def measure(
    setting: ImagesSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate.

    Returns tables `networks` (a row a network: kind, accuracy), `groups` (a row for each ensemble
    and for the sum trained as one), `sizes` (a row for each number of networks: mean accuracy of
    ensembles of so many), `kinds` (one row: what `kind_of_ensemble` says of the members) and
    `files` (one row: checksums of what was read).
    """
    school = School(setting, Streams(seed, (EXPERIMENT, replicate)), device)
    plain, teach = setting.recipe, (setting.temperature, setting.hard_weight)
    single = school.trained(SINGLE, setting.members, plain)
    joint = school.as_one(setting.members, plain)
    students = school.trained(STUDENT, setting.students, plain, [Teacher(single, *teach)])
    selves = school.trained(
        SELF, setting.selves, plain,
        [Teacher(select(single, [number]), *teach) for number in range(setting.selves)],
    )  # fmt: skip
    moved = school.trained(AUGMENTED, setting.augmented, replace(plain, shift=setting.shift))
    labels = school.test.labels
    logits = {
        "single": school.asked(single),
        "student": school.asked(students),
        "self": school.asked(selves),
        "augmented": school.asked(moved),
    }
    shares = {kind: probabilities(own) for kind, own in logits.items()}
    sizes = growth(shares["single"], labels, school.streams.rng(RING))
    groups = {
        "ensemble": right(shares["single"].mean(0), labels),
        "joint": right(school.asked(joint).mean(0), labels),
        "students": right(shares["student"].mean(0), labels),
        "augmented": right(shares["augmented"].mean(0), labels),
    }
    return {
        "networks": [
            {"kind": kind, "network": number, "accuracy": right(share, labels)}
            for kind, own in shares.items()
            for number, share in enumerate(own)
        ],
        "groups": [{"kind": kind, "accuracy": value} for kind, value in groups.items()],
        "sizes": [{"size": size, "accuracy": value} for size, value in enumerate(sizes, start=1)],
        "kinds": [kind_row(logits["single"], labels)],
        "files": [{"checksums": school.checksums}],
    }


class School:
    """The images of one replicate, and the training of networks on them."""

    def __init__(self, setting: OfOneKind, streams: Streams, device: str) -> None:
        self.setting, self.streams, self.device = setting, streams, device
        training, self.test, self.checksums = setting.problem.sample(streams.sequence(DATA))
        self.images, self.labels = (torch.from_numpy(part).to(device) for part in training)
        self.asked_about = torch.from_numpy(self.test.inputs).to(device)

    def trained(
        self, purpose: int, count: int, recipe: Recipe, teachers: Sequence[Teacher] = ()
    ) -> Stack:
        """So many networks by the recipe, of one teacher, of one each, or of the labels alone."""
        if self.device != "cpu" and len(teachers) < 2:
            return self._stack(purpose, range(count), recipe, *teachers)
        # On a CPU one network after another is faster than a stack.
        own = list(teachers) * (count // max(1, len(teachers)))
        return join([self._stack(purpose, [n], recipe, *own[n : n + 1]) for n in range(count)])

    def _stack(
        self,
        purpose: int,
        numbers: Sequence[int],
        recipe: Recipe,
        teacher: Teacher | None = None,
    ) -> Stack:
        starts, orders = (
            [self.streams.sequence(purpose, part, number) for number in numbers]
            for part in (START, ORDER)
        )
        stack = initial(self.setting.architecture, starts, self.device)
        return kept(
            f"{purpose}-{numbers[0]}",
            lambda: train(stack, recipe, self.images, self.labels, orders, teacher=teacher),
            self.device,
        )

    def as_one(self, count: int, recipe: Recipe) -> Stack:
        starts = self.streams.sequences(count, JOINT, START)
        stack = initial(self.setting.architecture, starts, self.device)
        order = [self.streams.sequence(JOINT, ORDER)]
        return kept(
            str(JOINT),
            lambda: train(stack, recipe, self.images, self.labels, order, together=True),
            self.device,
        )

    def asked(self, stack: Stack) -> Floats32:
        """Logits on the test images, shape (networks, samples, classes)."""
        return outputs(stack, self.asked_about)


def probabilities(logits: Floats32) -> Floats32:
    return torch.softmax(torch.from_numpy(logits), dim=-1).numpy()


def right(outputs_: Floats32, labels: NDArray[np.int64]) -> float:
    return float((outputs_.argmax(axis=1) == labels).mean())


def growth(shares: Floats32, labels: NDArray[np.int64], rng: np.random.Generator) -> list[float]:
    """Mean accuracy of ensembles of 1, 2, ... networks: neighbours on a ring, put there by chance.

    Each network is in as many ensembles of a size as every other.
    """
    ring = rng.permutation(len(shares))
    found = np.zeros(len(ring))
    for start in range(len(ring)):
        total = np.cumsum(shares[np.roll(ring, -start)], axis=0)
        found += (total.argmax(axis=2) == labels).mean(axis=1)
    return (found / len(ring)).tolist()


def kind_row(logits: Floats32, labels: NDArray[np.int64]) -> dict[str, Any]:
    """What the outputs say of the kind of ensemble; None where they say nothing."""
    kind = kind_of_ensemble(labels, logits)
    return {
        "name": kind.name,
        "rescue": kind.rescue,
        "rescue_of_noise": kind.rescue_of_noise,
        "rescue_of_lottery": kind.rescue_of_lottery,
    }
