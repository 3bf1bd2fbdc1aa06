r"""Every measure of the distilled student over a grid: predictions, intervals, and what is best.

The logits of a mixture (`mvtheory.distillation.mixture`) score something by every measure, and that
is the prediction; without anchors it is the mean of that and of the student's own. Nothing corrects
it: a fitted mean with the best other rules lowered its errors by 4 % at most (42 problems of those
in `benchmarks/records/measures.md`), and the blend that corrects accuracies, with probabilities
averaged at temperature 1, raised them, of balanced accuracy by 3 %, of log loss by 3 and 8 %, of
Brier by 6 and 4 %, with one anchor and two (11 problems of `benchmarks/beta.py`). The rules are

- linear: the linear mixture, beside the balanced one;
- interpolated: the measure itself, with the weights of the linear mixture.

They tell how sure it is. The scale of the error is the root of a sum of squares, of terms that say
what can go wrong, all in the unit of the measure. Let D be the mean over samples of how far the
values of the two parts of the mixture differ, its anchors and the student:

- distance in log2 T from the nearest anchors, times D and u; 1 from the teacher;
- misfit, the residual that a mixture cannot explain, times D;
- ratio and size: how much the measure changes when u/v does, and when u and v grow together, times
  the harmonic mean of u and v, which are known where one of them is 0;
- noise: the root mean square of these differences over the root of the number of samples;
- rivals: the standard deviation of what the rules say;
- start: as in `mvtheory.distillation.interval`.

Weights of the terms are no theory: they were fitted to students that were trained, by maximum
likelihood with Student's law (`mvtheory.distillation.interval`), and the scales then stretched so
that 90 % intervals hold 93 % of these, and about 90 % of a kind of problem that was left out
(`benchmarks/measures.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise

import numpy as np

from mvtheory.distillation.interval import BALANCED, RATIO_STEP, beyond, half_width
from mvtheory.distillation.mixture import Anchor, Coefficients, line, linear
from mvtheory.distillation.prediction import SENSED, Grid, Outputs
from mvtheory.distillation.readings import LARGER, MEASURES, Samples, Totals, apart, read
from mvtheory.distillation.weighting import soft_weight
from mvtheory.shapes import Float, Floats, Int, Integers

RULES = {
    "balanced": ("mixture", "linear", "interpolated"),
    "linear": ("mixture", "interpolated"),
    "copy": ("mixture", "unchanged"),
}
"""By the method of the mixture. The first predicts; of "copy" their mean."""
TERMS = ("distance", "misfit", "ratio", "size", "noise", "rivals")
HIGHEST = {"log loss": np.inf, "brier": 2.0}
"""Of those that may be larger than 1."""
HOPE = 0.25
"""Scales of the error by which every prediction must miss the student's value for "no"; with none,
one "no" in five was wrong of the accuracy on development problems."""
WEIGHTS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "balanced": {
        "balanced accuracy": (0.101, 0.412, 1.641, 2.766, 0.443, 0.62),
        "log loss": (0.095, 0.318, 0.432, 0.265, 0.318, 0.797),
        "brier": (0.088, 0.216, 0.738, 0.439, 0.293, 0.908),
        "calibration error": (0.033, 0.349, 0.469, 0.023, 0.464, 0.753),
    },
    "linear": {
        "balanced accuracy": (0.156, 0.0, 3.692, 0.321, 0.683, 0.925),
        "log loss": (0.178, 0.0, 1.887, 0.62, 0.476, 1.056),
        "brier": (0.146, 0.0, 2.981, 0.646, 0.446, 1.021),
        "calibration error": (0.102, 0.0, 2.089, 0.626, 0.43, 1.415),
    },
    "copy": {
        "balanced accuracy": (0.087, 0.0, 0.001, 0.023, 1.038, 0.869),
        "log loss": (0.124, 0.0, 0.707, 0.532, 0.387, 0.77),
        "brier": (0.087, 0.0, 0.003, 0.001, 1.266, 0.817),
        "calibration error": (0.065, 0.0, 1.324, 0.554, 0.664, 0.822),
    },
}
"""Of the terms, in their order, by method and measure."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """One measure; arrays have shape (temperatures, hard weights).

    `low` and `high` bound that of one student on these samples; on other samples of the same kind
    add the `sampling_error`, one standard error.
    """

    name: str
    predicted: Grid
    low: Grid
    high: Grid
    scale: Grid
    student: float
    teacher: float
    sampling_error: Grid

    @property
    def larger_is_better(self) -> bool:
        return self.name in LARGER

    @property
    def cautious(self) -> Grid:
        """What a setting is recommended by: of those predicted alike, the one known best."""
        return self._gain(self.predicted) - self.scale

    @property
    def best(self) -> tuple[int, int]:
        """Place of the setting to be recommended."""
        place = np.unravel_index(int(np.argmax(self.cautious)), self.cautious.shape)
        return int(place[0]), int(place[1])

    def worth(self, place: tuple[int, int]) -> str:
        """Whether distilling pays: "yes" surely at that setting, "no" at none, else "open"."""
        surely = self.low if self.larger_is_better else self.high
        if self._gain(surely[place]) > self._gain(self.student):
            return "yes"
        hopeful = self._gain(self.predicted) + HOPE * self.scale
        return "open" if hopeful.max() > self._gain(self.student) else "no"

    def _gain(self, value: Floats | float) -> Floats:
        return np.asarray(value if self.larger_is_better else -np.asarray(value))


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassAccuracy:
    """Accuracies on the test samples of each class that has any, shape (C,) each.

    `classes` are the numbers of the classes, `samples` how many each has. Errors are standard
    errors on other samples of the class: the standard deviation of a share after k of n (Jeffreys),
    never 0. Of the recommended setting, that its student is not quite the mixture comes on top.
    """

    classes: Int[Integers, " present"]
    samples: Int[Integers, " present"]
    recommended: Float[Floats, " present"]
    student: Float[Floats, " present"]
    teacher: Float[Floats, " present"]
    recommended_error: Float[Floats, " present"]
    student_error: Float[Floats, " present"]
    teacher_error: Float[Floats, " present"]


def check_objective(objective: str) -> str:
    """The name of a measure; ValueError otherwise."""
    if not isinstance(objective, str) or objective not in MEASURES:
        raise ValueError(f"objective={objective!r} is not allowed ({', '.join(MEASURES)}); name "
                         "the measure by which a setting is to be recommended")  # fmt: skip
    return objective


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What predictions of the measures are made of: rules and terms, found when they are asked for.

    `mixtures` are those of the grid, by temperature and hard weight; `numbers` those of the classes
    that have test samples, as they were given.
    """

    outputs: Outputs
    temperatures: tuple[float, ...]
    hard_weights: tuple[float, ...]
    mixtures: Sequence[Coefficients]
    numbers: Int[Integers, " present"]

    @property
    def method(self) -> str:
        return self.outputs.method

    @cached_property
    def _settings(self) -> list[tuple[float, float]]:
        """T and w."""
        return [
            (t, float(soft_weight(hard_weight=a, temperature=t)))
            for t in self.temperatures
            for a in self.hard_weights
        ]

    def _samples(self, most: int | None = None) -> Samples:
        chosen = self.outputs.tested
        if most is not None:
            chosen = chosen[np.unique(np.linspace(0, chosen.size - 1, most).astype(np.int64))]
        return Samples(
            labels=self.outputs.labels,
            student=self.outputs.student,
            parts=self.outputs.parts,
            chosen=chosen,
        )

    @cached_property
    def _rows(self) -> tuple[list[Coefficients], dict[str, slice]]:
        """All that is read of the tested samples, and where each lies."""
        parts = self.outputs.parts
        alone = np.eye(len(parts))
        listed = {
            "student": [Coefficients(hard=1.0, anchors=(0.0,) * len(parts))],
            "parts": [Coefficients(hard=0.0, anchors=tuple(row)) for row in alone.tolist()],
            "mixture": list(self.mixtures),
            "linear": [linear(parts, t, w) for t, w in self._settings]
            if "linear" in RULES[self.method]
            else [],
        }
        ends = np.cumsum([0, *map(len, listed.values())]).tolist()
        places = [slice(a, b) for a, b in pairwise(ends)]
        every = list(chain.from_iterable(listed.values()))
        return every, dict(zip(listed, places, strict=True))

    @cached_property
    def totals(self) -> Totals:
        """Of the student, the parts, the mixtures and the linear mixtures."""
        return read(self._samples(), self._rows[0])

    @cached_property
    def teacher(self) -> Totals:
        parts = (Anchor(logits=self.outputs.teacher, temperature=1.0),)
        samples = replace(self._samples(), parts=parts)
        return read(samples, [Coefficients(hard=0.0, anchors=(1.0,))])

    @cached_property
    def rules(self) -> dict[str, Float[Floats, "mixtures measures"]]:
        """What each rule of the method predicts."""
        found, rows = self.totals.measures, self._rows[1]
        student, parts = found[rows["student"]][0], found[rows["parts"]]
        between = []
        for t, w in self._settings:
            near = line(self.outputs.parts, t, w)
            with np.errstate(invalid="ignore"):  # of a teacher with an infinite loss
                between.append(student + near @ (parts - student))
        known = {
            "mixture": found[rows["mixture"]],
            "linear": found[rows["linear"]],
            "interpolated": np.array(between),
            "unchanged": np.tile(student, (len(between), 1)),
        }
        return {name: known[name] for name in RULES[self.method]}

    @cached_property
    def terms(self) -> dict[str, Float[Floats, "mixtures measures"]]:
        """What can go wrong, in the unit of each measure: see the module."""
        few = self._samples(SENSED)
        gaps, deviations = apart(few, self.mixtures)
        count = len(self.mixtures)
        stepped = [one.times(*by) for by in ((1.0, 1.0), (RATIO_STEP, 1.0), (1.0, RATIO_STEP))
                   for one in self.mixtures]  # fmt: skip
        base, soft, hard = read(few, stepped).measures.reshape(3, count, len(MEASURES))
        u = np.array([[min(abs(sum(one.anchors)), 1.0)] for one in self.mixtures])
        v = np.array([[min(abs(one.hard), 1.0)] for one in self.mixtures])
        anchored = [anchor.temperature for anchor in self.outputs.anchors]
        open_ = 2 * u * v / np.maximum(u + v, np.finfo(float).tiny)
        far = [[sum(beyond(anchored, t)) if anchored else 1.0] for t, _ in self._settings]
        start = 0.0 if self.outputs.same_start or not anchored else BALANCED.start
        with np.errstate(invalid="ignore"):  # differences of infinite losses
            return {
                "distance": np.array(far) * gaps * u,
                "misfit": np.array([[one.misfit] for one in self.mixtures]) * gaps,
                "ratio": np.abs(soft - hard) * open_,
                "size": np.abs(soft + hard - 2 * base) * open_,
                "noise": deviations / np.sqrt(self.outputs.tested.size),
                "rivals": np.std(list(self.rules.values()), axis=0),
                "start": start * gaps * u * v,
            }

    def predicted(self, name: str) -> Grid:
        """The measure of that name over the grid."""
        found = [rule[:, MEASURES.index(name)] for rule in self.rules.values()]
        middle = np.mean(found, axis=0) if self.method == "copy" else found[0]
        return self._grid(middle)

    def scale(self, name: str) -> Grid:
        """That of its error; infinite where the measure is."""
        place = MEASURES.index(name)
        known = {term: found[:, place] for term, found in self.terms.items()}
        weights = {"start": 1.0} | dict(zip(TERMS, WEIGHTS[self.method][name], strict=True))
        terms = [weight * known[term] for term, weight in weights.items() if weight]
        return self._grid(np.sqrt(np.sum(np.square(terms), axis=0)))

    def _grid(self, flat: Float[Floats, " mixtures"]) -> Grid:
        shape = len(self.temperatures), len(self.hard_weights)
        return np.nan_to_num(flat, nan=np.inf, posinf=np.inf).reshape(shape)

    def measured(self, name: str, confidence: float) -> Measured:
        """The measure of that name with intervals."""
        predicted, scale = self.predicted(name), self.scale(name)
        place, rows = MEASURES.index(name), self._rows[1]
        with np.errstate(invalid="ignore"):  # infinite ones
            half = half_width(1.0, confidence) * scale
            low = np.nan_to_num(predicted - half, nan=0.0, posinf=np.inf)
        errors = self.totals.errors[rows["mixture"], place]
        return Measured(
            name=name,
            predicted=predicted,
            low=np.maximum(low, 0),
            high=np.minimum(predicted + half, HIGHEST.get(name, 1.0)),
            scale=scale,
            student=float(self.totals.measures[0, place]),
            teacher=float(self.teacher.measures[0, place]),
            sampling_error=errors.reshape(predicted.shape),
        )

    def class_accuracy(self, place: tuple[int, int]) -> ClassAccuracy:
        """Of the mixture at that place of the grid, of the student and of the teacher."""
        totals, rows = self.totals, self._rows[1]
        present = np.flatnonzero(totals.counts)
        index = rows["mixture"].start + place[0] * len(self.hard_weights) + place[1]
        samples = totals.counts[present]
        right = {
            "recommended": totals.right[index],
            "student": totals.right[rows["student"]][0],
            "teacher": self.teacher.right[0],
        }
        found = {name: count[present] / samples for name, count in right.items()}
        # Of Beta(k + 1/2, n - k + 1/2).
        means = {name: (count[present] + 0.5) / (samples + 1) for name, count in right.items()}
        found |= {
            f"{name}_error": np.sqrt(p * (1 - p) / (samples + 2)) for name, p in means.items()
        }
        return ClassAccuracy(classes=self.numbers, samples=samples, **found)
