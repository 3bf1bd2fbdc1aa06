"""How many networks, and what they reach: advice from the outputs of two or three."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mvtheory.arrays import real
from mvtheory.distillation.interval import CONFIDENCE
from mvtheory.ensembles.averages import check_average
from mvtheory.ensembles.curve import Curve, Sizes, curve_of
from mvtheory.ensembles.interval import interval
from mvtheory.ensembles.kind import Kind
from mvtheory.ensembles.members import check_members
from mvtheory.ensembles.subsets import SCORES, Subsets
from mvtheory.html import card, curve
from mvtheory.shapes import ArrayLike

SIZES = (1, 2, 3, 4, 5, 8, 10, 16, 32, np.inf)
MOST = 256
"""Networks in the largest ensemble that is recommended."""
WITHIN = 0.002
"""Accuracy that the recommended ensemble may lie below the limit, where no cost is given."""

LIMIT = np.array([np.inf])


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EnsembleAdvice:
    """What ensembles of networks like the members reach; arrays are aligned with `sizes`.

    Attributes
    ----------
    sizes : array
        Numbers of networks N, inf for the limit of many.
    accuracy, log_loss, brier, calibration_error : arrays
        Means over ensembles whose members are drawn anew. Up to the number of members they are
        means over all subsets. Log loss is in nats, the Brier score is summed over the classes, the
        expected calibration error has 15 bins of equal width.
    low, high : arrays
        They bound the accuracy with probability `confidence`: on these samples, or on new ones of
        the same kind if `new_samples`.
    intervals : dict of str to (array, array)
        The same for every score, by name.
    vote : array
        Accuracy of the majority's vote: of subsets, and by simulation beyond them.
    subsets : Subsets
        Scores of the subsets of 1 to n members.
    members_error, samples_error : arrays
        Standard errors of the accuracy for knowing no more members, and, on new samples, for
        knowing no more samples.
    next_member : float
        Accuracy that one more member is worth.
    size : int
        Recommended: the ensemble of highest accuracy less `cost` a member, or without a cost the
        smallest within .002 of the limit.
    kind : Kind
        Whether the members are a lottery of views or differ by noise.
    doubts : tuple of str
        What is wrong with the members, or likely to be.
    curve : Curve
        What the numbers were read off.
    """

    sizes: Sizes
    accuracy: Sizes
    low: Sizes
    high: Sizes
    log_loss: Sizes
    brier: Sizes
    calibration_error: Sizes
    intervals: dict[str, tuple[Sizes, Sizes]]
    vote: Sizes
    average: str
    members: int
    samples: int
    classes: int
    confidence: float
    new_samples: bool
    cost: float | None
    subsets: Subsets
    members_error: Sizes
    samples_error: Sizes
    next_member: float
    size: int
    kind: Kind
    doubts: tuple[str, ...]
    curve: Curve

    @property
    def limit(self) -> tuple[float, float, float]:
        """Accuracy of infinitely many networks, and its interval."""
        low, high = interval(self.curve, "accuracy", LIMIT, self.confidence, self.new_samples)
        return float(self.curve.accuracy(LIMIT)[0]), float(low[0]), float(high[0])

    def at(self, sizes: ArrayLike) -> "EnsembleAdvice":
        """The same advice about ensembles of other sizes; nothing is estimated anew."""
        wanted = _check_sizes(sizes)
        return replace(self, **_read(self.curve, wanted, self.confidence, self.new_samples))

    def reached(self, networks: float) -> float:
        """Accuracy of so many networks, whether among `sizes` or not."""
        return float(self.curve.at("accuracy", np.array([float(networks)]))[0])

    def smallest(self, distance: float) -> int | None:
        """The smallest ensemble whose accuracy lies within a distance of the limit; None if it has
        more than 256 networks."""
        return _smallest(self.curve, distance)

    @property
    def worth_distilling(self) -> str:
        """Whether to ask `mvtheory.distillation.advise` about a student: "yes", "no" or "open"."""
        if self.limit[1] <= self.reached(1):
            return "no"
        return "yes" if self.kind.name == "lottery" else "open"

    @property
    def narrower(self) -> str:
        """What would narrow the interval of the recommended ensemble most."""
        size = np.array([float(self.size)])
        members = float(self.curve.members_error("accuracy", size)[0])
        if not self.new_samples:
            return (
                "More members would narrow the intervals: of the recommended ensemble they leave a "
                f"standard error of {members:.2g}. On other samples of the same kind it is larger."
            )
        samples = float(self.curve.samples_error("accuracy", size)[0])
        most, least = sorted([(samples, "samples"), (members, "members")], reverse=True)
        return (
            f"More {most[1]} would narrow the intervals most: of the recommended ensemble the "
            f"{most[1]} leave a standard error of {most[0]:.2g}, the {least[1]} one of "
            f"{least[0]:.2g}."
        )

    def __repr__(self) -> str:
        value, low, high = self.limit
        doubts = f"; doubts about the members: {len(self.doubts)}" if self.doubts else ""
        return (
            f"<EnsembleAdvice: {self.size} networks, accuracy {self.reached(self.size):.4f}; "
            f"one {self.reached(1):.4f}, infinitely many {value:.4f} ({low:.4f} to {high:.4f})\n"
            f" from {self.members} members on {self.samples} samples; {self.kind.name}; worth "
            f"distilling: {self.worth_distilling}{doubts}; str() says it in words>"
        )

    def _repr_html_(self) -> str:
        finite = np.isfinite(self.sizes)
        places, heights = self.sizes[finite].tolist(), self.accuracy[finite].tolist()
        rows = [("networks", f"accuracy ({100 * self.confidence:g} % interval)")] + [
            (f"{size:g}", f"{value:.4f} ({low:.4f} to {high:.4f})")
            for size, value, low, high in zip(
                self.sizes, self.accuracy, self.low, self.high, strict=True
            )
        ]
        figure = curve([(places, heights)], "accuracy by networks") if len(places) > 1 else ""
        return card(f"An ensemble of {self.size}", [str(self)], rows, figure)

    def __str__(self) -> str:
        first = f"Check the members first: {'; '.join(self.doubts)}" if self.doubts else ""
        first += "" if not first else " " if first.endswith("?") else ". "
        networks = f"{self.size} network{'s' if self.size > 1 else ''}"
        value, low, high = self.limit
        students = {
            "yes": "`advise` says what a student will reach.",
            "open": "Whether a student keeps some of the gain, `advise` says.",
            "no": "There is no gain to distil.",
        }[self.worth_distilling]
        return (
            f"{first}Recommended: {networks}, of accuracy {self.reached(self.size):.4f}. One alone "
            f"has {self.reached(1):.4f}, infinitely many have {value:.4f} "
            f"({100 * self.confidence:g} % interval {low:.4f} to {high:.4f}"
            f"{', on new samples' * self.new_samples}). A further member, after these "
            f"{self.members}, is worth {self.next_member:+.4f}. "
            f"{self.kind} {students} {self.narrower}"
        )


def advise_ensemble(
    labels: ArrayLike,
    members: ArrayLike | Sequence[ArrayLike],
    *,
    sizes: Sequence[float] = SIZES,
    average: str = "probabilities",
    cost: float | None = None,
    confidence: float = 0.9,
    new_samples: bool = False,
) -> EnsembleAdvice:
    """Predict what ensembles of any size reach, from the outputs of a few networks.

    Up to the number of members all scores are means over subsets, and the Brier score is exact for
    every size. Accuracy, log loss and calibration beyond are simulated sample by sample
    (`mvtheory.ensembles.posterior`); if the members are a lottery, the accuracy's error falls
    geometrically (`mvtheory.ensembles.geometric`).

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1, of samples on which no member was trained.
    members : array, shape (n, N, K), or sequence of n arrays, shape (N, K)
        Logits of n >= 2 networks that differ in their random starts alone; -inf for masked classes.
    sizes : sequence of numbers
        Whole numbers >= 1, or inf.
    average : str
        "probabilities", "logits" or "vote": what the ensemble averages.
    cost : float, optional
        Accuracy that a member must add to be worth its price, >= 0.
    confidence : float in (0, 1)
    new_samples : bool
        Whether intervals are for new samples of the same kind, and not for these.

    Returns
    -------
    EnsembleAdvice

    Raises
    ------
    ValueError
        For fewer than two members, arrays that do not match, are not finite or hold probabilities,
        and for numbers out of range.

    References
    ----------
    Subsets: [hoeffding1948]_; the Brier score: [du2024]_; a lottery: [allenzhu2023]_, Theorem 2;
    the simulation is ours.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(10, size=3000)
    >>> right = 2 * np.eye(10)[labels] + rng.normal(size=(3000, 10))
    >>> members = right + rng.normal(size=(3, 3000, 10))  # three networks, shape (3, N, K)
    >>> advice = advise_ensemble(labels, members, sizes=[1, 3, 10, np.inf])
    >>> advice.accuracy.round(2), advice.kind.name
    (array([0.48, 0.58, 0.63, 0.67]), 'variance reduction')
    >>> bool((advice.low < advice.accuracy).all())
    True
    """
    wanted = _check_sizes(sizes)
    check_average(average)
    confidence = CONFIDENCE.number(confidence)
    if cost is not None and not 0 <= cost <= 1:
        raise ValueError(f"cost={cost!r} is not allowed (0 <= cost <= 1, the accuracy that a "
                         "member must add); choose a value in this range, as 0.001")  # fmt: skip
    checked = check_members(labels, members)
    curve, doubts = curve_of(checked, average)
    n = len(checked)
    now, after = curve.accuracy(np.array([n, n + 1.0]))
    return EnsembleAdvice(
        average=average,
        members=n,
        samples=checked.samples,
        classes=checked.classes,
        confidence=confidence,
        new_samples=bool(new_samples),
        cost=cost,
        subsets=curve.subsets,
        next_member=float(after - now),
        size=_recommended(curve, cost),
        kind=curve.kind,
        doubts=doubts,
        curve=curve,
        **_read(curve, wanted, confidence, bool(new_samples)),
    )


def _read(curve: Curve, sizes: Sizes, confidence: float, new_samples: bool) -> dict[str, Any]:
    """What the curve says of these sizes, by the names of the advice's attributes."""
    intervals = {name: interval(curve, name, sizes, confidence, new_samples) for name in SCORES}
    low, high = intervals["accuracy"]
    return {
        "sizes": sizes,
        "low": low,
        "high": high,
        "intervals": intervals,
        "vote": curve.vote(sizes),
        "members_error": curve.members_error("accuracy", sizes),
        "samples_error": curve.samples_error("accuracy", sizes),
    } | {name: curve.at(name, sizes) for name in SCORES}


def _check_sizes(sizes: ArrayLike) -> Sizes:
    array = np.atleast_1d(real(sizes, "sizes"))
    if array.ndim != 1 or not array.size:
        raise ValueError(f"sizes of shape {array.shape} is not allowed (a flat list of numbers of "
                         "networks); give some, as [1, 2, 5, 10, inf]")  # fmt: skip
    bad = ~((array >= 1) & (np.isinf(array) | (array == np.floor(array))))
    if bad.any():
        raise ValueError(f"sizes holds {array[bad][0]:g}, not allowed (whole numbers >= 1, or "
                         "inf); leave it out or round it")  # fmt: skip
    return array


def _smallest(curve: Curve, distance: float) -> int | None:
    sizes = np.arange(1.0, MOST + 1)
    near = curve.accuracy(sizes) >= curve.accuracy(LIMIT) - distance
    return int(sizes[near][0]) if near.any() else None


def _recommended(curve: Curve, cost: float | None) -> int:
    if cost is None:
        return _smallest(curve, WITHIN) or MOST
    sizes = np.arange(1.0, MOST + 1)
    return int(sizes[np.argmax(curve.accuracy(sizes) - cost * sizes)])
