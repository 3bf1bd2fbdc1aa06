"""Accuracies of distilled students over a grid of settings, with the scales of their errors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mvtheory.distillation.interval import (
    BALANCED,
    COPY_DISAGREEMENT,
    COPY_SHIFT,
    LINEAR,
    RATIO_STEP,
    Scales,
    distance,
    half_width,
    spread,
)
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.mixture import Anchor, Balance, Coefficients, linear, rows_used
from mvtheory.distillation.outputs import Logits, blocks, unmasked
from mvtheory.distillation.weighting import soft_weight
from mvtheory.distillation.winners import answers
from mvtheory.shapes import Float, Floats, Int, Integers, Numbers

METHODS = {
    "copy": (
        "No distilled student was given, so the teacher's own outputs stand in for one: w times "
        "the teacher's logits plus 1 - w times the student's, and half of the change that this "
        "makes. Half is what students recovered in the median of the development problems, from "
        "none to all; nothing in the outputs of student and teacher says how much this one will."
    ),
    "linear": (
        "Linear mixture of the logits of trained students, u = w/w_a and v = 1 - u: assumes that "
        "logits are linear in the labels, as for the square loss. Students should share initial "
        "weights and order of batches."
    ),
    "balanced": (
        "Balanced mixture of the logits of trained students: the residuals of the dual model on "
        "training samples mix as the logits do, projected on the students (representer theorem); "
        "exact at the students given. Students should share initial weights and order of batches."
    ),
}
Grid = Float[Floats, "temperatures hard_weights"]
SENSED = 10_000
"""Test samples on which sensitivities and disagreements are measured."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outputs:
    """Checked outputs on N samples: see `advise`. `training` and `tested` are their indices."""

    labels: Labels
    teacher: Logits
    student: Logits
    anchors: tuple[Anchor, ...]
    training: Int[Integers, " trained"] | None
    tested: Int[Integers, " tested"]
    same_start: bool

    @cached_property
    def parts(self) -> tuple[Anchor, ...]:
        """Anchors; without any, the teacher, as a student that copies it."""
        return self.anchors or (Anchor(logits=self.teacher, temperature=1.0),)

    @property
    def method(self) -> str:
        if not self.anchors:
            return "copy"
        return "linear" if self.training is None else "balanced"

    @cached_property
    def balance(self) -> Balance:
        """On the samples trained on; of arrays left on disk no more than its rows are read."""
        assert self.training is not None
        rows = self.training[rows_used(self.training.size, self.student.shape[1])]
        return Balance(
            labels=self.labels[rows],
            teacher=self.teacher[rows],
            student=self.student[rows],
            anchors=[anchor.on(rows) for anchor in self.anchors],
        )

    def mixtures(
        self, temperatures: Sequence[float], hard_weights: Sequence[float]
    ) -> list[list[Coefficients]]:
        """The mixture of every setting, by temperature and hard weight."""
        weights = [
            [float(soft_weight(hard_weight=a, temperature=t)) for a in hard_weights]
            for t in temperatures
        ]
        if self.method != "balanced":
            return [
                [linear(self.parts, t, w) for w in row]
                for t, row in zip(temperatures, weights, strict=True)
            ]
        found = []
        for t, row in zip(temperatures, weights, strict=True):
            mixtures: dict[float, Coefficients] = {}
            start = None
            for w in sorted(row):  # each starts from its neighbour, first from the hard student
                mixtures[w] = self.balance.coefficients(t, w, start)
                start = sum(mixtures[w].anchors), mixtures[w].hard
            found.append([mixtures[w] for w in row])
        return found

    def right(
        self, samples: Int[Integers, " chosen"], mixtures: Sequence[Coefficients]
    ) -> Int[Integers, " mixtures"]:
        """How many of the samples each mixture classifies rightly."""
        counts = np.zeros(len(mixtures), dtype=np.int64)
        for y, hard, soft in self._walk(samples):
            counts += np.count_nonzero(answers(mixtures, hard, soft) == y, axis=1)
        return counts

    def disagreement(
        self, samples: Int[Integers, " chosen"], mixtures: Sequence[Coefficients]
    ) -> Float[Floats, " mixtures"]:
        """Share of the samples on which the soft part of each mixture answers otherwise.

        None for a mixture without one, which is the student itself.
        """
        counts = np.zeros(len(mixtures))
        taught = np.array([any(mixture.anchors) for mixture in mixtures])
        # u may be a little below 0, which must not turn the answers over.
        alone = [Coefficients(hard=0.0, anchors=tuple(abs(u) for u in mixture.anchors))
                 for mixture in mixtures if any(mixture.anchors)]  # fmt: skip
        for _, hard, soft in self._walk(samples):
            differ = answers(alone, hard, soft) != hard.argmax(axis=1)
            counts[taught] += np.count_nonzero(differ, axis=1)
        return counts / samples.size

    def _walk(
        self, samples: Int[Integers, " chosen"]
    ) -> Iterator[tuple[Integers, Numbers, list[Numbers]]]:
        """Blocks of samples: labels, logits of the student and of the parts."""
        for rows in blocks(samples.size, self.student.shape[1]):
            chosen = samples[rows]
            yield (
                self.labels[chosen],
                unmasked(self.student[chosen]),
                [unmasked(part.logits[chosen]) for part in self.parts],
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """Accuracies over the grid, and what their errors depend on."""

    temperatures: tuple[float, ...]
    hard_weights: tuple[float, ...]
    accuracy: Grid
    scale: Grid
    student: float
    teacher: float
    method: str
    rescaled: Callable[[tuple[float, ...]], Floats]
    """Scales of the errors if the anchors had other temperatures, or the terms other weights."""
    anchored: tuple[float, ...]
    trained: frozenset[tuple[float, float]]
    """(T, a_H) of the anchors."""

    def half_widths(self, confidence: float) -> Grid:
        return half_width(1.0, confidence) * self.scale

    def with_anchor(self, place: tuple[int, ...], confidence: float) -> Grid:
        """Half-widths to be expected once the student of that setting has been trained too."""
        known = (*self.anchored, self.temperatures[place[0]])
        scale: Floats = np.minimum(self.scale, self.rescaled(known))
        scale[place] = 0.0
        return half_width(1.0, confidence) * scale


def predict(
    outputs: Outputs, temperatures: tuple[float, ...], hard_weights: tuple[float, ...]
) -> Prediction:
    """Predict the accuracy of the distilled student of every setting of a grid.

    Parameters
    ----------
    outputs : Outputs
    temperatures, hard_weights : tuples of float
        T and a_H of the grid.
    """
    shape = len(temperatures), len(hard_weights)
    flat = [mixture for row in outputs.mixtures(temperatures, hard_weights) for mixture in row]
    size = outputs.tested.size
    hard_only = Coefficients(hard=1.0, anchors=(0.0,) * len(outputs.parts))
    counts = outputs.right(outputs.tested, [hard_only, *flat]) / size
    student, mixed = float(counts[0]), counts[1:].reshape(shape)
    teacher = sum(
        np.count_nonzero(outputs.teacher[chosen].argmax(axis=1) == outputs.labels[chosen])
        for chosen in (outputs.tested[rows] for rows in blocks(size, outputs.teacher.shape[1]))
    )
    few = outputs.tested[np.unique(np.linspace(0, size - 1, SENSED).astype(np.int64))]
    differ = outputs.disagreement(few, flat).reshape(shape)
    stepped = [_scaled(mixture, *by) for by in ((RATIO_STEP, 1.0), (1.0, RATIO_STEP))
               for mixture in flat]  # fmt: skip
    more, less = outputs.right(few, stepped).reshape(2, *shape) / few.size
    weights = [(sum(mixture.anchors), mixture.hard) for mixture in flat]

    learned = BALANCED if outputs.method == "balanced" else LINEAR

    def mixture_scale(known: tuple[float, ...], scales: Scales = learned) -> Grid:
        found = [
            spread(
                scales,
                disagreement=float(differ.flat[index]),
                samples=size,
                misfit=mixture.misfit,
                distance=distance(known, temperatures[index // shape[1]]),
                ratio=float(abs(more.flat[index] - less.flat[index])),
                weights=weights[index],
                same_start=outputs.same_start,
            )
            for index, mixture in enumerate(flat)
        ]
        return np.reshape(found, shape)

    known = tuple(anchor.temperature for anchor in outputs.anchors)
    if outputs.method == "copy":
        accuracy = (student + mixed) / 2
        w = np.reshape([u for u, _ in weights], shape)
        scale = np.hypot(COPY_DISAGREEMENT * w * differ, COPY_SHIFT * (accuracy - student))
        scale = np.hypot(scale, LINEAR.noise * np.sqrt(w * differ / size))
    else:
        accuracy, scale = mixed, mixture_scale(known)
    return Prediction(
        temperatures=temperatures,
        hard_weights=hard_weights,
        accuracy=accuracy,
        scale=scale,
        student=student,
        teacher=float(teacher / size),
        method=outputs.method,
        rescaled=mixture_scale,
        anchored=known,
        trained=frozenset((anchor.temperature, anchor.hard_weight) for anchor in outputs.anchors),
    )


def _scaled(mixture: Coefficients, soft: float, hard: float) -> Coefficients:
    return Coefficients(
        hard=hard * mixture.hard, anchors=tuple(soft * weight for weight in mixture.anchors)
    )
