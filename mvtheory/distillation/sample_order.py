"""Are labels and outputs of the same samples in the same order, trained on or not as split says?

All checks have a null hypothesis. Answers in another order than the labels agree with them beyond
SIGMAS deviations of independence once in 30,000 times. A student that is no worse on samples that
it was trained on seems worse by SIGMAS errors as rarely, and samples in random order show a change
along the rows of CHANGES once in 1000 times.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from mvtheory.distillation.association import Baselines, baselines
from mvtheory.distillation.hypothesis import SIGMAS, Diagnostic, doubted
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.outputs import Logits, answers_of, blocks, softmax
from mvtheory.rows import Part
from mvtheory.shapes import Float, Floats, Int, Integers

SEEN = 5000
"""Samples of a part whose answers are compared."""
CHANGES = 1.95
"""Of the largest value of a Brownian bridge, surpassed once in 1000 times."""


def spread(samples: Int[Integers, " samples"], count: int) -> Int[Integers, " chosen"]:
    """So many of the samples, evenly spread and in their order."""
    return samples[np.unique(np.linspace(0, samples.size - 1, count).astype(np.int64))]


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


def seen(
    name: str, labels: Labels, given: Mapping[str, Logits], samples: Int[Integers, " samples"]
) -> Seen:
    """What is seen on some of the samples; `given` are outputs by the names of their arguments."""
    shown = spread(samples, SEEN)
    return Seen(
        name=name,
        labels=labels[shown],
        answers={name: answers_of(Part(logits, samples=shown)) for name, logits in given.items()},
        known={name: _known(given[name], labels, shown) for name in ("student", "teacher")},
        classes=given["student"].shape[1],
    )


def _known(
    logits: Logits, labels: Labels, samples: Int[Integers, " samples"]
) -> Float[Floats, " samples"]:
    """P(label) on some samples."""
    found = np.empty(samples.size)
    for rows in blocks(samples.size, logits.shape[1]):
        chosen = samples[rows]
        found[rows] = softmax(logits[chosen], 1.0)[np.arange(chosen.size), labels[chosen]]
    return found


def order(part: Seen) -> Iterator[Diagnostic]:
    """Whether labels and outputs are of the same samples in the same order."""
    hypothesis = "all arguments are of the same samples in the same order"
    if part.labels_odd:
        best = max(part.to_labels.values(), key=lambda found: found.accuracy - found.independence)
        yield doubted(
            f"labels of the {part.name} samples", hypothesis,
            best.accuracy, best.independence, best.spread, False,
            f"no output agrees with them better than in any order ({best.accuracy:.3g} at most), "
            "but outputs agree with each other",
            "they are of another split, or in another order; save the labels with the logits",
        )  # fmt: skip
        return
    for name, found in part.to_labels.items():
        yield doubted(
            f"{name} on the {part.name} samples", hypothesis,
            found.accuracy, found.independence, found.spread, found.associated(SIGMAS),
            f"answers agree with the labels on {found.accuracy:.3g} of the samples, in any other "
            f"order on {found.independence:.3g} with standard deviation {found.spread:.2g}",
            "its rows are in another order than the labels (a shuffled loader?) or of other "
            "samples, or the network learned nothing; save labels and logits in one pass",
        )  # fmt: skip


def split(tested: Seen, training: Seen) -> Diagnostic:
    """Whether the student is at least as sure of the labels of samples that it was trained on.

    Wrong labels of training samples lower its P(label) there, and the teacher's as much.
    """
    student, teacher = (
        [part.known[name] for part in (training, tested)] for name in ("student", "teacher")
    )
    gap, error = _difference(*student)
    beyond, _ = _difference(*(one - two for one, two in zip(student, teacher, strict=True)))
    return doubted(
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


def forgotten(part: Seen) -> Diagnostic:
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
    return doubted(
        "samples of one kind (split)",
        "without split the students were trained on none of the samples",
        sums.max(), 0.0, CHANGES, sums.max() <= CHANGES,
        f"mean P(label) of the student {before:.4g} on the first {place / known.size:.0%} of the "
        f"rows, {after:.4g} after them, a change of {sums.max():.2g} where {CHANGES} comes once "
        "in 1000 times",
        "samples trained on seem to be among them; mark them by split, or drop them",
    )  # fmt: skip
