"""Distillation problems: settings at which students are trained, and what is kept of them.

A problem is trained at every one of SETTINGS: 24 of T and Hinton's weight a_H, the settings that
are predicted, soft labels alone at every T, and hard labels alone; students of a seed share their
start and the order of their batches. `distillation_students` trains them;
`distillation_synthetic` and `distillation_real` have the problems.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from validation.data import Labelled
from validation.experiments.students.networks import Students

TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
GRID = [(t, a) for t in TEMPERATURES for a in HARD_WEIGHTS]
SETTINGS = [*GRID, *((t, 0.0) for t in TEMPERATURES), (1.0, 1.0)]
"""(T, a_H); the last are hard labels alone."""
TEST = 2000
Setting = tuple[float, float]
Logits = NDArray[np.float32]


class Trainable(Protocol):
    training: Labelled
    test: Labelled
    printed: bool
    shown: int | None

    @property
    def teacher(self) -> tuple[Logits, Logits]:
        """On the training and on the test samples."""

    def train(
        self, settings: Sequence[Setting], seeds: Sequence[np.random.SeedSequence]
    ) -> Students: ...


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A problem with its students: logits by (seed, setting), float32."""

    name: str
    kind: str
    printed: bool
    labels: NDArray[np.int64]
    """Of the training samples, then of the test samples."""
    teacher: Logits
    """On these."""
    students: Logits
    """On these, (seeds, settings, samples, classes)."""
    samples: int
    """Of the training samples."""

    @cached_property
    def accuracy(self) -> NDArray[np.float64]:
        """On the test samples, (seeds, settings)."""
        right = self.students[:, :, self.samples :].argmax(axis=-1) == self.labels[self.samples :]
        return np.asarray(right.mean(axis=-1))

    @classmethod
    def read(cls, path: Path) -> Self:
        with np.load(path) as kept:
            return cls(
                name=str(kept["name"]),
                kind=str(kept["kind"]),
                printed=bool(kept["printed"]),
                labels=np.concatenate([kept["ytr"], kept["yte"]]),
                teacher=np.concatenate([kept["ttr"], kept["tte"]]),
                students=np.concatenate([kept["tr"], kept["te"]], axis=2),
                samples=len(kept["ytr"]),
            )


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A problem by name, made when it is wanted."""

    name: str
    kind: str
    make: Callable[[], Trainable]
    seeds: int = 3

    @property
    def file(self) -> str:
        return self.name.replace(" ", "-") + ".npz"

    def train(self, path: Path) -> None:
        """Train teacher and students, and keep their logits."""
        problem = self.make()
        seeds = [np.random.SeedSequence(1, spawn_key=(seed,)) for seed in range(self.seeds)]
        students = problem.train(SETTINGS, seeds)
        count = problem.shown or len(problem.training.labels)
        training, test = problem.teacher
        part = path.with_suffix(".part.npz")  # a run that is stopped leaves no half of a file
        np.savez(
            part, name=self.name, kind=self.kind, printed=problem.printed,
            ytr=problem.training.labels[:count], yte=problem.test.labels,
            ttr=training[:count], tte=test, tr=students.training, te=students.test,
        )  # fmt: skip
        part.replace(path)
