"""Trains the teachers and students of `SubliminalSetting`, by plain gradient descent."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.experiments.streams import Streams
from validation.experiments.subliminal.setting import (
    LINEAR,
    SHARED,
    SubliminalSetting,
    cosines,
    noise,
)
from validation.trial.claim import Tables

Array = NDArray[np.float64]
EXPERIMENT = 23
"""Begins the keys of this experiment's random numbers."""
DATA, TEACHER, STUDENT = range(3)
"""Purposes of random numbers; each has its own stream."""


@dataclass(frozen=True)
class Network:
    """Weights of a hidden layer and of the heads on it, at the start or later."""

    hidden: Array
    heads: Array
    linear: bool

    @classmethod
    def drawn(cls, setting: SubliminalSetting, rng: np.random.Generator) -> "Network":
        outputs = setting.classes + setting.auxiliary
        return cls(
            rng.standard_normal((setting.neurons, setting.dimension)),
            rng.standard_normal((outputs, setting.neurons)),
            setting.activation == LINEAR,
        )

    def mixed(self, own: "Network", heads: float, hidden: float) -> "Network":
        """Start of a student: weights of another network in so far as these cosines say."""
        return Network(
            hidden * self.hidden + math.sqrt(1 - hidden**2) * own.hidden,
            heads * self.heads + math.sqrt(1 - heads**2) * own.heads,
            self.linear,
        )

    @property
    def scale(self) -> float:
        """Of the outputs: ReLUs count sqrt(2) times, so that they have the mean square of lines."""
        return math.sqrt((1 if self.linear else 2) / len(self.hidden))

    def responses(self, inputs: Array) -> Array:
        """Of the neurons."""
        before = inputs @ self.hidden.T
        return np.asarray(before if self.linear else np.maximum(before, 0, out=before))

    def outputs(self, inputs: Array, which: slice) -> Array:
        return self.responses(inputs) @ self.heads[which].T * self.scale

    def trained(
        self, inputs: Array, wanted: Array, which: slice, steps: int, rate: float
    ) -> "Network":
        """After gradient descent of half the sum of squares of what outputs miss of the wanted.

        Of these outputs alone, less what they are at the start.
        """
        network = Network(self.hidden.copy(), self.heads.copy(), self.linear)
        hidden, heads = network.hidden, network.heads[which]
        aim = wanted + self.outputs(inputs, which)
        for _ in range(steps):
            responses = network.responses(inputs)
            missed = aim - responses @ heads.T * self.scale
            missed *= rate * self.scale
            back = missed @ heads
            if not self.linear:
                back *= responses > 0
            heads += missed.T @ responses
            hidden += back.T @ inputs
        return network


def measure(
    setting: SubliminalSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train teachers and students, one network after the other.

    Returns table `students`, a row for each start, in the mean over the teachers: what of its
    teacher's class outputs a student's move by (`gain`, the slope of a fit), its accuracy and its
    teacher's on new samples, and what the teacher misses of its labels, in squares.
    """
    key = (EXPERIMENT, setting.activation == LINEAR, setting.neurons, setting.steps, replicate)
    streams = Streams(seed, key)
    named, silent = slice(0, setting.classes), slice(setting.classes, None)
    rows: dict[tuple[str, float], list[tuple[float, ...]]] = {own: [] for own in setting.starts}
    for number in range(setting.teachers):
        rng = streams.rng(DATA, number)
        means = setting.separation * np.linalg.qr(
            rng.standard_normal((setting.dimension, setting.classes))
        )[0].T  # fmt: skip
        inputs, labels = samples(setting, means, setting.samples, rng)
        tests, wanted = samples(setting, means, setting.test_samples, rng)
        shown = noise(setting, rng)
        start = Network.drawn(setting, streams.rng(TEACHER, number))
        targets = np.eye(setting.classes)[labels] - 1 / setting.classes
        teacher = start.trained(
            inputs, targets, named, setting.teacher_steps, setting.teacher_rate
        )  # fmt: skip

        def moved(now: Network, then: Network, at: Array, which: slice) -> Array:
            return now.outputs(at, which) - then.outputs(at, which)

        known = moved(teacher, start, tests, named)
        missed = _squares(targets - moved(teacher, start, inputs, named)) / _squares(targets)
        lesson = moved(teacher, start, shown, silent)
        contrasts = known - known.mean(1, keepdims=True)
        for shared, rho in setting.starts:
            place = SHARED.index(shared), round(1000 * rho)
            own = Network.drawn(setting, streams.rng(STUDENT, number, *place))
            begun = start.mixed(own, *cosines(shared, rho))
            student = begun.trained(shown, lesson, silent, setting.steps, setting.rate)
            learned = moved(student, begun, tests, named)
            rows[shared, rho].append(
                (
                    float(np.sum(learned * contrasts)) / _squares(contrasts),
                    float(np.mean(learned.argmax(1) == wanted)),
                    float(np.mean(known.argmax(1) == wanted)),
                    missed,
                )
            )
    names = ("gain", "accuracy", "teacher", "missed")
    return {
        "students": [
            {"shared": shared, "correlation": rho}
            | dict(zip(names, np.mean(own, axis=0).tolist(), strict=True))
            for (shared, rho), own in rows.items()
        ]
    }


def samples(
    setting: SubliminalSetting, means: Array, count: int, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    """Of the classes in turn."""
    labels = np.arange(count) % setting.classes
    inputs = means[labels] + rng.standard_normal((count, setting.dimension))
    return inputs / math.sqrt(setting.dimension), labels


def _squares(values: Array) -> float:
    return float(np.sum(values**2))
