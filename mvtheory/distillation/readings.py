"""What answers score by every measure, sample by sample and in all, read in blocks.

The measures of N samples, by the names under which people ask for them (`MEASURES`):

- accuracy, and balanced accuracy, its mean over the classes that have samples;
- log loss (natural logarithm), Brier score and expected calibration error: `mvtheory.scores`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory.distillation.divergence import cross_entropy
from mvtheory.distillation.labels import Labels
from mvtheory.distillation.mixture import Anchor, Coefficients
from mvtheory.distillation.outputs import Logits, blocks, softmax, unmasked
from mvtheory.scores import BINS, calibration_error, gaps_by_confidence, of_label, squared_error
from mvtheory.shapes import Float, Floats, Int, Integers, Numbers, Real

MEASURES = ("accuracy", "balanced accuracy", "log loss", "brier", "calibration error")
LARGER = ("accuracy", "balanced accuracy")
"""Of these a larger one is better; of the others a smaller one."""
TINY = 1e-300
"""A smaller probability has lost digits, which its logits still have."""
BALANCED, CALIBRATION = MEASURES.index("balanced accuracy"), MEASURES.index("calibration error")


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """Labels, and logits of the student and of the parts of its mixtures, on some samples."""

    labels: Labels
    student: Logits
    parts: tuple[Anchor, ...]
    chosen: Int[Integers, " chosen"]

    @property
    def classes(self) -> int:
        return int(self.student.shape[1])

    def counts(self) -> Int[Integers, " classes"]:
        """How many of the samples each class has."""
        return np.bincount(self.labels[self.chosen], minlength=self.classes)

    def walk(self) -> Iterator[tuple[Integers, Numbers, list[Numbers]]]:
        """Blocks: labels, logits of the student and of the parts."""
        for rows in blocks(self.chosen.size, self.classes):
            some = self.chosen[rows]
            yield (
                self.labels[some],
                unmasked(self.student[some]),
                [unmasked(part.logits[some]) for part in self.parts],
            )


def values(
    logits: Real[Numbers, "samples classes"], labels: Labels, weight: Float[Floats, " classes"]
) -> tuple[Float[Floats, "measures samples"], Float[Floats, " samples"]]:
    """What each sample adds to each measure, and how sure its answer is.

    A measure is the mean of them, but for the calibration error: of that it is right - sure, whose
    sums the bins of confidence hold. `weight` makes classes count alike, N/(C N_c) for each of C.
    """
    said = softmax(logits, 1.0)
    answers = logits.argmax(axis=1)
    right = (answers == labels).astype(float)
    sure = said[np.arange(len(labels)), answers]
    own = of_label(said.T, labels)
    tiny = own < TINY
    loss = -np.log(np.where(tiny, 1.0, own))
    if tiny.any():
        loss[tiny] = cross_entropy(np.asarray(logits[tiny], dtype=float), labels[tiny])
    error = squared_error(said.T, labels)
    return np.stack([right, weight[labels] * right, loss, error, right - sure]), sure


class Totals:
    """Adds up the values of several students, a row each."""

    def __init__(self, students: int, counts: Int[Integers, " classes"]) -> None:
        self.counts = counts
        self.weight = class_weights(counts)
        self.sums, self.squares = np.zeros((2, students, len(MEASURES)))
        self.bins = np.zeros((students, BINS))
        self.right = np.zeros((students, len(counts)))

    def add(self, row: int, logits: Real[Numbers, "samples classes"], labels: Labels) -> None:
        found, sure = values(logits, labels, self.weight)
        self.sums[row] += found.sum(axis=1)
        self.squares[row] += (found**2).sum(axis=1)
        self.bins[row] += gaps_by_confidence(sure, found[0])
        self.right[row] += np.bincount(labels, found[0], minlength=len(self.counts))

    @property
    def measures(self) -> Float[Floats, "students measures"]:
        """In the order of MEASURES."""
        found = self.sums / self.counts.sum()
        found[:, CALIBRATION] = calibration_error(self.bins, float(self.counts.sum()))
        return np.asarray(found)

    @property
    def errors(self) -> Float[Floats, "students measures"]:
        """Standard errors of the measures on other samples of the same kind."""
        count, means = self.counts.sum(), self.measures
        # Of the calibration error each sample's part is its gap, with the sign of its bin.
        with np.errstate(invalid="ignore"):  # of a loss that is infinite
            spread = np.maximum(self.squares / count - means**2, 0)
        found = np.sqrt(np.nan_to_num(spread, nan=np.inf) / count)
        shares, present = self.class_accuracy, self.counts > 0
        spread = (shares * (1 - shares))[:, present] / self.counts[present]
        found[:, BALANCED] = np.sqrt(spread.sum(axis=1)) / present.sum()
        return np.asarray(found)

    @property
    def class_accuracy(self) -> Float[Floats, "students classes"]:
        """Share of each class's samples that are right; 0 of a class without samples."""
        return np.asarray(self.right / np.maximum(self.counts, 1))


def class_weights(counts: Int[Integers, " classes"]) -> Float[Floats, " classes"]:
    """Weights with which classes of these sizes count alike, of mean 1 over the samples."""
    present = np.count_nonzero(counts)
    return np.asarray(counts.sum() / (present * np.maximum(counts, 1)))


def read(samples: Samples, mixtures: Sequence[Coefficients]) -> Totals:
    """The totals of mixtures."""
    totals = Totals(len(mixtures), samples.counts())
    for labels, hard, soft in samples.walk():
        for row, mixture in enumerate(mixtures):
            totals.add(row, mixture.of(hard, soft), labels)
    return totals


def apart(
    samples: Samples, mixtures: Sequence[Coefficients]
) -> tuple[Float[Floats, "mixtures measures"], Float[Floats, "mixtures measures"]]:
    """Mean and root mean square over samples of how far two parts of a mixture's values differ.

    The parts are its anchors, taken together, and the student of hard labels; 0 for a mixture
    without anchors.
    """
    parts = [_shares(mixture) for mixture in mixtures]
    different = sorted(set(parts))
    weight = class_weights(samples.counts())
    sums = np.zeros((2, len(different), len(MEASURES)))
    for labels, hard, soft in samples.walk():
        own = values(hard, labels, weight)[0]
        for row, shares in enumerate(different):
            if any(shares):
                alone = Coefficients(hard=0.0, anchors=shares).of(hard, soft)
                with np.errstate(invalid="ignore"):  # both of infinite loss: alike
                    gaps = values(alone, labels, weight)[0] - own
                    gaps[np.isnan(gaps)] = 0
                sums[:, row] += np.abs(gaps).sum(axis=1), (gaps**2).sum(axis=1)
    mean, square = sums[:, [different.index(one) for one in parts]] / samples.chosen.size
    return mean, np.sqrt(square)


def _shares(mixture: Coefficients) -> tuple[float, ...]:
    """Weights of the anchors among each other; u may be a little below 0, which must not turn
    them over."""
    sizes = np.abs(mixture.anchors)
    total = sizes.sum()
    return tuple((sizes / total).round(12).tolist()) if total else tuple(sizes.tolist())
