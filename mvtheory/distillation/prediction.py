"""Accuracies of distilled students over a grid of settings, with the scales of their errors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from mvtheory.distillation.balance import Balance, rows_used
from mvtheory.distillation.blend import BLENDS, estimates
from mvtheory.distillation.interval import (
    BALANCED,
    COPY,
    LINEAR,
    RATIO_STEP,
    Terms,
    beyond,
    half_width,
)
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.mixture import Anchor, Coefficients, linear
from mvtheory.distillation.outputs import Logits, blocks, softened, unmasked
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
        "Linear mixture of the logits of trained students, which assumes that logits are linear in "
        "the labels, as for the square loss, blended with the average of their dual outputs. "
        "Students should share initial weights and order of batches."
    ),
    "balanced": (
        "Balanced mixture of the logits of trained students: the residuals of the dual model on "
        "training samples mix as the logits do, projected on the students (representer theorem); "
        "blended with the average of their dual outputs. Exact at the students given. Students "
        "should share initial weights and order of batches."
    ),
}
SCALES = {"balanced": BALANCED, "linear": LINEAR, "copy": COPY}
Grid = Float[Floats, "temperatures hard_weights"]
SENSED, NUMBERS = 10_000, 2 * 10**8
"""Test samples, and logits of them, on which the blend and sensitivities are measured. Beyond them
the mixture is seen on all samples, and the blend's difference from it on these: where their answers
differ on a share d of the samples, to sqrt(d)/100, .001 at one in a hundred."""
PER_OCTAVE = 0.3
"""Soft weight by which students differ as much as by a factor of 2 in T, for the choice of runs."""


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
    scaled: bool = False

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
            scaled=self.scaled,
            checked=True,
        )

    @cached_property
    def sensed(self) -> Int[Integers, " rows"]:
        """Test samples, evenly spread, on which more is measured."""
        count = min(SENSED, max(NUMBERS // self.student.shape[1], 1000))
        places = np.linspace(0, self.tested.size - 1, count)
        return self.tested[np.unique(places.astype(np.int64))]

    def mixture(self, temperature: float, weight: float) -> Coefficients:
        """The mixture of logits at T and w."""
        if self.method == "balanced":
            return self.balance.coefficients(temperature, weight)
        return linear(self.parts, temperature, weight)

    def right(
        self, samples: Int[Integers, " chosen"], mixtures: Sequence[Coefficients]
    ) -> Int[Integers, " mixtures"]:
        """How many of the samples each mixture classifies rightly."""
        counts = np.zeros(len(mixtures), dtype=np.int64)
        for y, hard, soft in self.walk(samples):
            counts += np.count_nonzero(answers(mixtures, hard, soft) == y, axis=1)
        return counts

    def walk(
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
    terms: Terms
    student: float
    teacher: float
    method: str
    trained: tuple[tuple[float, float], ...]
    """(T, w) of the anchors."""
    mixtures: tuple[Coefficients, ...]
    """Of the logits, by temperature and hard weight."""

    @cached_property
    def scale(self) -> Grid:
        """Of the errors."""
        return self.terms.spread(SCALES[self.method])

    def half_widths(self, confidence: float) -> Grid:
        return half_width(self.scale, confidence)

    @cached_property
    def weights(self) -> Grid:
        """Soft weights of the grid."""
        return _weights(self.temperatures, self.hard_weights)

    def with_anchor(self, place: tuple[int, ...], confidence: float) -> Grid:
        """Half-widths to be expected once the student of that setting has been trained too.

        Errors are in proportion to the distance from the nearest student, `_distance`.
        """
        new = (self.temperatures[place[0]], float(self.weights[place]))
        now = _distance(self.temperatures, self.weights, self.trained)
        then = _distance(self.temperatures, self.weights, (*self.trained, new))
        return self.half_widths(confidence) * then / np.where(now, now, 1)


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
    weights = _weights(temperatures, hard_weights)
    settings = [(t, float(w)) for t, row in zip(temperatures, weights, strict=True) for w in row]
    mixtures = [outputs.mixture(t, w) for t, w in settings]
    none = (0.0,) * len(outputs.parts)
    alone = [Coefficients(hard=0.0, anchors=tuple(row)) for row in np.eye(len(none)).tolist()]
    size = outputs.tested.size
    counts = (
        outputs.right(outputs.tested, [Coefficients(hard=1.0, anchors=none), *alone, *mixtures])
        / size
    )
    student, anchors, mixed = counts[0], counts[1 : len(none) + 1], counts[len(none) + 1 :]
    teacher = sum(
        np.count_nonzero(outputs.teacher[chosen].argmax(axis=1) == outputs.labels[chosen])
        for chosen in (outputs.tested[rows] for rows in blocks(size, outputs.teacher.shape[1]))
    )
    if outputs.method == "copy":
        accuracy, terms = _copied(outputs, settings, mixtures, float(student), mixed)
    else:
        accuracy, terms = _blended(outputs, settings, mixtures, float(student), anchors, mixed)
    shape = weights.shape
    return Prediction(
        temperatures=temperatures,
        hard_weights=hard_weights,
        accuracy=accuracy.reshape(shape),
        terms=Terms(**{f.name: np.reshape(getattr(terms, f.name), shape) for f in fields(Terms)
                       if np.ndim(getattr(terms, f.name))}),
        student=float(student),
        teacher=float(teacher / size),
        method=outputs.method,
        mixtures=tuple(mixtures),
        trained=tuple((anchor.temperature, anchor.soft_weight) for anchor in outputs.anchors),
    )  # fmt: skip


def _blended(
    outputs: Outputs,
    settings: Sequence[tuple[float, float]],
    mixtures: Sequence[Coefficients],
    student: float,
    anchors: Floats,
    mixed: Floats,
) -> tuple[Floats, Terms]:
    """Accuracies from trained students, with what may be off; shape (settings,)."""
    blend, size = BLENDS[outputs.method], outputs.tested.size
    lines = [linear(outputs.parts, t, w) for t, w in settings]
    stepped = [mixture.times(*by) for by in ((RATIO_STEP, 1.0), (1.0, RATIO_STEP))
               for mixture in mixtures]  # fmt: skip
    # u may be a little below 0, which must not turn the answers over.
    soft_alone = [Coefficients(hard=0.0, anchors=tuple(abs(u) for u in mixture.anchors))
                  for mixture in mixtures]  # fmt: skip
    taught = np.array([any(alone.anchors) for alone in soft_alone])
    others = [*lines, *stepped, *(one for one in soft_alone if any(one.anchors))]
    seen, differ = np.zeros((6, len(settings))), np.zeros(len(settings))
    disagree = 0
    for y, hard, soft in outputs.walk(outputs.sensed):
        own: dict[float, list[Floats]] = {}
        for n, ((t, w), mixture, line) in enumerate(zip(settings, mixtures, lines, strict=True)):
            if t not in own:
                own[t] = [softened(f, t, anchor.soft_weight)
                          for f, anchor in zip(soft, outputs.parts, strict=True)]  # fmt: skip
                own[t].append(softened(hard, 1.0, 0.0))
            found = estimates(mixture, line, hard, soft, own[t], t, w, blend.share)
            for row, said in enumerate((found.mixed, found.averaged, found.blended)):
                seen[row, n] += np.count_nonzero(said == y)
        said = answers(others, hard, soft)
        known = np.count_nonzero(said[: 3 * len(settings)] == y, axis=1)
        seen[3:] += known.reshape(3, len(settings))
        differ[taught] += np.count_nonzero(said[3 * len(settings) :] != hard.argmax(axis=1), axis=1)
    for rows in blocks(outputs.sensed.size, outputs.student.shape[1]):
        chosen = outputs.sensed[rows]
        apart = outputs.teacher[chosen].argmax(axis=1) != outputs.student[chosen].argmax(axis=1)
        disagree += int(np.count_nonzero(apart))
    differ /= outputs.sensed.size
    on_mixed, averaged, blended, straight, more, less = seen / outputs.sensed.size
    through = np.array([line.hard * student + np.dot(line.anchors, anchors) for line in lines])
    corrected = mixed + blended - on_mixed
    accuracy = np.clip((1 - blend.line) * corrected + blend.line * through, 0, 1)
    far = np.array([beyond([a.temperature for a in outputs.anchors], t) for t, _ in settings])
    u = np.array([min(abs(sum(mixture.anchors)), 1.0) for mixture in mixtures])
    v = np.array([min(abs(mixture.hard), 1.0) for mixture in mixtures])
    noise = np.sqrt((disagree / outputs.sensed.size + 1 / size) / size)
    terms = Terms(
        noise=noise * np.array([w > 0 for _, w in settings]),
        above=far[:, 0] * differ,
        below=far[:, 1] * differ,
        between=far[:, 2] * differ,
        misfit=np.array([mixture.misfit for mixture in mixtures]) * differ,
        ratio=np.abs(more - less),
        gap=np.abs(on_mixed - averaged),
        straight=np.abs(on_mixed - straight),
        line=np.abs(corrected - through),
        start=(not outputs.same_start) * differ * u * v,
    )
    return accuracy, terms


def _copied(
    outputs: Outputs,
    settings: Sequence[tuple[float, float]],
    mixtures: Sequence[Coefficients],
    student: float,
    mixed: Floats,
) -> tuple[Floats, Terms]:
    """Half of the change that a copy of the teacher would make."""
    differ = 0
    for _, hard, (teacher,) in outputs.walk(outputs.sensed):
        differ += int(np.count_nonzero(hard.argmax(axis=1) != teacher.argmax(axis=1)))
    apart = differ / outputs.sensed.size * np.array([w for _, w in settings])
    accuracy = (student + mixed) / 2
    return accuracy, Terms(
        noise=np.sqrt(apart / outputs.tested.size), line=np.abs(accuracy - student), gap=apart
    )


def _weights(temperatures: Sequence[float], hard_weights: Sequence[float]) -> Grid:
    return np.array(
        [
            [float(soft_weight(hard_weight=a, temperature=t)) for a in hard_weights]
            for t in temperatures
        ]
    )


def _distance(
    temperatures: Sequence[float], weights: Grid, trained: Sequence[tuple[float, float]]
) -> Grid:
    """From the nearest student, in w and log2 T; the one of hard labels is at w = 0 for all T."""
    log_t = np.log2(np.asarray(temperatures))[:, None]
    found = weights.copy()
    for t, w in trained:
        found = np.minimum(found, np.hypot(weights - w, (log_t - np.log2(t)) * PER_OCTAVE))
    return found
