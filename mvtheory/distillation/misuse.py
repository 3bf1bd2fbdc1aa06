"""Arguments that are not what they are said to be: what outputs show of the usual mistakes.

Every check names one argument, the likely mistake and its remedy. Two kinds of thresholds:

- where there is a null hypothesis, a level: answers in another order than the labels agree with
  them within SIGMAS deviations of independence but once in 30,000 times; samples in any order
  show a change of accuracy along the rows once in 1000 (CHANGES), and students that are no better
  on the samples trained on seem worse by SIGMAS errors as rarely.
- where it is a matter of kind (how well a student fits the setting it is said to be trained
  with), limits fixed on one half of trained problems and measured on the other
  (`benchmarks/misuse.py`; docs/misuse.md has the rates).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from mvtheory.distillation.anchor_fit import Fit
from mvtheory.distillation.association import Baselines, baselines
from mvtheory.distillation.hypothesis import SIGMAS, Diagnostic
from mvtheory.distillation.mixture import Anchor
from mvtheory.distillation.outputs import (
    Labels,
    Logits,
    Part,
    answers_of,
    blocks,
    softmax,
    unmasked,
)
from mvtheory.distillation.prediction import Outputs
from mvtheory.distillation.weighting import soft_weight
from mvtheory.shapes import Float, Floats, Int, Integers

SEEN = 5000
"""Samples of a part whose answers are compared."""
FITTED, NUMBERS = 400, 2 * 10**5
"""Samples, and logits, on which students are held against their settings."""
SAME = 1e-3
"""Relative distance below which two outputs are one, stored in half precision perhaps."""
DIVIDED = 0.8
"""Power of T above which a scale is that of logits divided by T. At a small T, where a student
stopped early has such a scale too, it must also take away a quarter of the residual."""
SMALL, QUARTER = 2.5, 0.75
UNTRAINED = 0.96
"""Residual, relative to that of constant outputs, of a student that learned nothing."""
TEACHER_SCALE = 1.3
"""Multiple of the teacher's logits that students show it was saved too small."""
EXCHANGED, LEFT = 0.45, 0.15
"""Residual under another setting, relative to that under the setting given, that tells of it if
the latter is not small: where the teacher is sure of the labels all settings are alike."""
BETTER = 0.6
"""By how much that residual must be below the one with another multiple of the teacher's logits."""
SHRUNK = 0.97
"""Scale, on samples trained on, of a student whose logits are too large for the setting given."""
BACK = 0.03
"""Cosine of residual and labels, or teacher, of a student that learned more of them than that."""
START = 0.0, 0.6
"""Correlation of two students of one start beyond what labels and teacher explain: at least the
first plus the second times 1 - w."""
CHANGES = 1.95
"""Of the largest value of a Brownian bridge, surpassed once in 1000 times."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """Some samples, trained on or tested with, and what is seen there."""

    name: str
    labels: Labels
    answers: Mapping[str, Int[Integers, " samples"]]
    known: Mapping[str, Float[Floats, " samples"]]
    """P(label), of student and teacher."""
    classes: int

    @cached_property
    def to_labels(self) -> dict[str, Baselines]:
        return {name: baselines(self.labels, a, self.classes) for name, a in self.answers.items()}

    @cached_property
    def strangers(self) -> list[str]:
        """Outputs that agree with the labels no better than in another order."""
        return [name for name, found in self.to_labels.items() if not found.associated(SIGMAS)]

    @cached_property
    def labels_odd(self) -> bool:
        """Whether no output agrees with the labels although some agree with each other."""
        return len(self.strangers) == len(self.answers) and any(
            baselines(self.answers[one], self.answers[two], self.classes).associated(SIGMAS)
            for one, two in combinations(self.answers, 2)
        )

    @property
    def suspects(self) -> set[str]:
        return {"labels"} if self.labels_odd else set(self.strangers)


def misuses(outputs: Outputs) -> list[Diagnostic]:
    """What the outputs show of mistakes in the arguments; in the order in which they matter.

    An argument that failed one check is in no later one on the same samples.
    """
    given: dict[str, Logits] = {"student": outputs.student, "teacher": outputs.teacher}
    given |= {f"anchors[{j}].logits": a.logits for j, a in enumerate(outputs.anchors)}
    parts = [_part("tested", outputs, given, outputs.tested)]
    if outputs.training is not None:
        parts.append(_part("training", outputs, given, outputs.training))
    found = [*_copies(given, outputs.tested)]
    copied = {one.name.split(" ")[0] for one in found if not one.holds}
    found += [one for part in parts for one in _order(part)]
    suspects = copied.union(*(part.suspects for part in parts))
    if "labels" not in suspects and not suspects & {"student", "teacher"}:
        found.append(_split(*parts) if len(parts) == 2 else _forgotten(parts[0]))
    if "labels" not in suspects:
        found += _settings(outputs, suspects)
    if outputs.same_start and not suspects & {"labels", "student", "teacher"}:
        found += _starts(outputs, suspects)
    return found


def _part(
    name: str, outputs: Outputs, given: Mapping[str, Logits], samples: Int[Integers, " samples"]
) -> Seen:
    shown = _spread(samples, SEEN)
    classes = outputs.student.shape[1]
    return Seen(
        name=name,
        labels=outputs.labels[shown],
        answers={name: answers_of(Part(logits, samples=shown)) for name, logits in given.items()},
        known={name: _known(given[name], outputs.labels, shown) for name in ("student", "teacher")},
        classes=classes,
    )


def _spread(samples: Int[Integers, " samples"], count: int) -> Int[Integers, " chosen"]:
    """So many of the samples, evenly spread and in their order."""
    return samples[np.unique(np.linspace(0, samples.size - 1, count).astype(np.int64))]


def _known(
    logits: Logits, labels: Labels, samples: Int[Integers, " samples"]
) -> Float[Floats, " samples"]:
    """P(label) on some samples."""
    found = np.empty(samples.size)
    for rows in blocks(samples.size, logits.shape[1]):
        chosen = samples[rows]
        found[rows] = softmax(logits[chosen], 1.0)[np.arange(chosen.size), labels[chosen]]
    return found


def _rows(logits: Logits, samples: Int[Integers, " samples"]) -> Float[Floats, "samples classes"]:
    return np.asarray(unmasked(logits[samples]), dtype=float)


def _doubt(
    name: str, hypothesis: str, observed: float, expected: float, error: float, holds: bool,
    size: str, remedy: str,
) -> Diagnostic:  # fmt: skip
    return Diagnostic(
        name=name,
        hypothesis=hypothesis,
        observed=float(observed),
        expected=float(expected),
        standard_error=float(error),
        holds=bool(holds),
        size=size if holds else f"{size}: {remedy}",
        of_data=True,
    )


def _copies(given: Mapping[str, Logits], tested: Int[Integers, " tested"]) -> Iterator[Diagnostic]:
    """Outputs that are the same file, up to the precision of half floats."""
    some = _spread(tested, 50)
    rows = {name: _centred(_rows(logits, some)) for name, logits in given.items()}
    for one, two in combinations(rows, 2):
        # An anchor is the argument that may be spared; a multiple of the teacher is the teacher.
        a, b = rows[one], rows[two]
        size = float(np.linalg.norm(a))
        factor = float(np.vdot(a, b)) / size**2 if one == "teacher" and size else 1.0
        apart = float(np.linalg.norm(b - factor * a)) / (abs(factor) * size or 1.0)
        if size == 0 or factor <= 0:
            continue
        yield _doubt(
            f"{two} other than {one}",
            "every argument is a network of its own",
            apart, SAME, 0.0, apart > SAME,
            f"relative distance {apart:.2g}",
            f"they are the same logits; save those of {_WHOSE[two.split('[')[0]]} again",
        )  # fmt: skip


_WHOSE = {"teacher": "the teacher", "anchors": "the distilled student"}


def _centred(rows: Float[Floats, "samples classes"]) -> Float[Floats, "samples classes"]:
    """Less their mean over the classes that are not masked, which are 0."""
    live = np.isfinite(rows)
    return np.where(live, rows - rows.mean(axis=1, where=live, keepdims=True), 0.0)


def _order(part: Seen) -> Iterator[Diagnostic]:
    """Whether labels and outputs are of the same samples in the same order."""
    hypothesis = "all arguments are of the same samples in the same order"
    if part.labels_odd:
        best = max(part.to_labels.values(), key=lambda found: found.accuracy - found.independence)
        yield _doubt(
            f"labels of the {part.name} samples", hypothesis,
            best.accuracy, best.independence, best.spread, False,
            f"no output agrees with them better than in any order ({best.accuracy:.3g} at most), "
            "but outputs agree with each other",
            "they are of another split, or in another order; save the labels with the logits",
        )  # fmt: skip
        return
    for name, found in part.to_labels.items():
        yield _doubt(
            f"{name} on the {part.name} samples", hypothesis,
            found.accuracy, found.independence, found.spread, found.associated(SIGMAS),
            f"answers agree with the labels on {found.accuracy:.3g} of the samples, in any other "
            f"order on {found.independence:.3g} with standard deviation {found.spread:.2g}",
            "its rows are in another order than the labels (a shuffled loader?) or of other "
            "samples, or the network learned nothing; save labels and logits in one pass",
        )  # fmt: skip


def _split(tested: Seen, training: Seen) -> Diagnostic:
    """Whether the student is at least as sure of the labels of samples that it was trained on.

    Wrong labels of training samples lower its P(label) there, and the teacher's as much.
    """
    student, teacher = (
        [part.known[name] for part in (training, tested)] for name in ("student", "teacher")
    )
    gap, error = _difference(*student)
    beyond, _ = _difference(*(one - two for one, two in zip(student, teacher, strict=True)))
    return _doubt(
        "split", "the student is no worse on the samples that it was trained on",
        student[0].mean(), student[1].mean(), error,
        gap >= -SIGMAS * error or beyond >= 0,
        f"mean P(label) {student[0].mean():.4g} on them, {student[1].mean():.4g} on the others, "
        f"standard error of the difference {error:.2g}",
        "split marks the test samples, or those of another split; give ~split if it is inverted",
    )  # fmt: skip


def _difference(
    one: Float[Floats, " samples"], two: Float[Floats, " others"]
) -> tuple[float, float]:
    error = np.sqrt(one.var() / one.size + two.var() / two.size)
    return float(one.mean() - two.mean()), float(error)


def _forgotten(part: Seen) -> Diagnostic:
    """Whether the student's P(label), class by class, is the same along the rows.

    The largest partial sum of what deviates from the means of the classes is, in any order of the
    samples, that of a Brownian bridge.
    """
    known = part.known["student"]
    counts = np.bincount(part.labels, minlength=part.classes)
    means = np.bincount(part.labels, known, part.classes) / np.maximum(counts, 1)
    moved = known - means[part.labels]
    deviation = float(np.sqrt(np.sum(moved**2)))
    sums = np.abs(np.cumsum(moved)) / (deviation or 1.0)
    place = int(sums[:-1].argmax()) + 1 if sums.size > 1 else 1
    before, after = (float(half.mean()) if half.size else 0.0
                     for half in (known[:place], known[place:]))  # fmt: skip
    return _doubt(
        "samples of one kind (split)",
        "without split the students were trained on none of the samples",
        sums.max(), 0.0, CHANGES, sums.max() <= CHANGES,
        f"mean P(label) of the student {before:.4g} on the first {place / known.size:.0%} of the "
        f"rows, {after:.4g} after them, a change of {sums.max():.2g} where {CHANGES} comes once "
        "in 1000 times",
        "samples trained on seem to be among them; mark them by split, or drop them",
    )  # fmt: skip


def _settings(outputs: Outputs, suspects: set[str]) -> Iterator[Diagnostic]:
    """Whether every anchor fits the setting that it is said to be trained with."""
    if "teacher" in suspects:
        return
    samples = outputs.tested if outputs.training is None else outputs.training
    count = max(50, min(FITTED, NUMBERS // outputs.student.shape[1]))
    rows = _spread(samples, count)
    labels, teacher = outputs.labels[rows], _rows(outputs.teacher, rows)
    scales = [1.0]
    for j, anchor in enumerate(outputs.anchors):
        if f"anchors[{j}].logits" in suspects:
            continue
        fit = Fit(labels=labels, teacher=teacher, student=_rows(anchor.logits, rows))
        taught = fit.teacher_scale(anchor.temperature, anchor.soft_weight)
        found = _setting(f"anchors[{j}]", anchor, fit, taught, outputs.training is not None)
        yield found
        if found.holds:
            scales.append(taught)
    yield _doubt(
        "teacher's scale", "the students saw the teacher's logits as they are given",
        max(scales), 1.0, 0.0, max(scales) < TEACHER_SCALE,
        f"distilled students fit {max(scales):.2g} times its logits best",
        "teacher was saved after division by T, or is not the network that taught; give its "
        "logits themselves",
    )  # fmt: skip


def _setting(name: str, anchor: Anchor, fit: Fit, taught: float, trained: bool) -> Diagnostic:
    """The first mistake that an anchor's residual shows, on samples trained on or on others.

    Not what a teacher explains better that taught with `taught` times its logits.
    """
    t, a, w = anchor.temperature, anchor.hard_weight, anchor.soft_weight
    scale, left = fit.scale(t, w), fit.left(t, w)
    said = f"T = {t:g}, a_H = {a:g}"
    fitted = fit.left(t, w, scale)
    if min(left, fitted) >= UNTRAINED:
        return _doubt(
            f"{name}.logits", "the student was trained",
            fitted, UNTRAINED, 0.0, False,
            f"they leave {fitted:.2g} of the residual of constant outputs at {said}",
            "the network is untrained or hardly trained, or another than the one that was "
            "distilled; save the trained one",
        )  # fmt: skip
    if t > 1 and scale >= t**DIVIDED and (t > SMALL or fitted <= QUARTER * left):
        return _doubt(
            f"{name}.logits", "the logits are those that the network puts out",
            scale, 1.0, 0.0, False, f"at {said} they fit best {scale:.2g} times as large",
            f"they were saved after division by T; multiply them by {t:g}",
        )  # fmt: skip
    others = {"of hard labels alone": 0.0}
    if a > 0:
        others[f"with a_H = {1 - a:g}"] = soft_weight(hard_weight=1 - a, temperature=t)
        others[f"with a_H = {w:.3g}"] = soft_weight(hard_weight=w, temperature=t)
    tried = {words: fit.left(t, float(other)) for words, other in others.items()}
    words = min(tried, key=lambda words: tried[words])
    ratio = tried[words] / left if left > 0 else 1.0
    back = {"labels": fit.towards_labels(t, w), "teacher": fit.towards_teacher(t, w)}
    more = max(back, key=lambda one: back[one])
    other = (ratio <= EXCHANGED and left > LEFT) or (
        trained and (scale < SHRUNK or back[more] > BACK)
    )
    if taught >= TEACHER_SCALE:
        other = other and tried[words] < BETTER * fit.left(t, w, teacher_scale=taught)
    return _doubt(
        f"{name}'s setting", "the student was trained with the temperature and weight given",
        ratio, 1.0, 0.0, not other,
        f"residual {left:.2g} of that of constant outputs at {said}, {ratio:.2g} times that as a "
        f"student {words}; best scale {scale:.2g}; cosine with the {more} {back[more]:.2g}",
        "it is a student of another setting: a_H weighs the hard labels, not the soft ones (is "
        f"1 - a_H = {1 - a:g} meant?), and T and a_H are those of its training",
    )  # fmt: skip


def _starts(outputs: Outputs, suspects: set[str]) -> Iterator[Diagnostic]:
    """Whether anchors resemble the student as students of one start do."""
    rows = _spread(outputs.tested, max(50, min(FITTED, NUMBERS // outputs.student.shape[1])))
    teacher = _rows(outputs.teacher, rows)
    labels = np.zeros(teacher.shape)
    labels[np.arange(len(labels)), outputs.labels[rows]] = 1
    known = [_centred(teacher), _centred(softmax(teacher, 1.0)), _centred(labels)]
    base, _ = np.linalg.qr(np.stack([part.ravel() for part in known], axis=1))

    def beyond(logits: Logits) -> Float[Floats, " numbers"]:
        flat = _centred(_rows(logits, rows)).ravel()
        flat -= base @ (base.T @ flat)
        return flat / (np.linalg.norm(flat) or 1.0)

    own = beyond(outputs.student)
    for j, anchor in enumerate(outputs.anchors):
        if f"anchors[{j}].logits" in suspects:
            continue
        found = float(own @ beyond(anchor.logits))
        least = START[0] + START[1] * (1 - anchor.soft_weight)
        yield _doubt(
            f"same_start of student and anchors[{j}]",
            "students started from the same weights and saw the batches in the same order",
            found, least, 0.0, found >= least,
            f"beyond labels and teacher their logits correlate by {found:.2g}, those of one start "
            f"by {least:.2g} or more",
            "they seem to have started apart: say same_start=False, or train them alike",
        )  # fmt: skip
