"""Two models on the same items, and what is said of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory.arrays import real
from mvtheory.scores import share_right
from validation.paired import right, scores

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """A paired comparison of two models, B less A."""

    name: str
    items: int
    a: float
    """Mean score of model A; its accuracy, where items are right or wrong."""
    b: float
    only_a: int | None
    """Items that A alone has right; None where scores are other numbers."""
    only_b: int | None
    low: float
    """Of the interval of the difference, at `confidence`."""
    high: float
    confidence: float
    """Of all intervals of the comparisons made together."""
    p_value: float
    """Two-sided and exact: McNemar's, or by sign flips."""
    adjusted_p_value: float
    """By Holm's method, for all comparisons made together."""
    unpaired_p_value: float
    """What two samples of other items would show: the test that forgets the pairs."""
    margin: float | None
    """Differences below it do not matter; None for no test of equivalence."""
    equivalence_p_value: float | None
    """Of a difference outside the margin: two one-sided tests, adjusted like the other."""
    detectable: float
    """The smallest difference that so many items show, nan if none, with the power `power`."""
    power: float

    @property
    def difference(self) -> float:
        """How much better B is."""
        return self.b - self.a

    @property
    def different(self) -> bool:
        return self.adjusted_p_value <= 1 - self.confidence

    @property
    def equivalent(self) -> bool:
        p_value = self.equivalence_p_value
        return p_value is not None and p_value <= 1 - self.confidence

    @property
    def verdict(self) -> str:
        """In words: a difference may be shown and yet be shown not to matter."""
        better = "B is better" if self.difference > 0 else "A is better"
        if self.different:
            return f"{better}, by less than the margin" if self.equivalent else better
        return "equivalent" if self.equivalent else "undecided"


def compare(
    a: ArrayLike,
    b: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    margin: float | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
    name: str = "",
) -> Paired:
    """Compare two models on the same items, by the items on which they differ.

    Where items are right or wrong the test is McNemar's, exact, and interval and equivalence are
    Tango's score test; the smallest detectable difference follows from the share of items on which
    just one model is right. Other scores are tested by sign flips, exactly, and have interval,
    equivalence and detectable difference of Student's t on their differences.

    Parameters
    ----------
    a, b : array_like, shape (N,) or (N, K), N >= 2
        With labels, answers of shape (N,), classes from 0, or logits or probabilities of shape
        (N, K); classes that tie share an item. Without labels, a score of each item, shape (N,).
    labels : array_like of int, shape (N,), optional
        Classes from 0.
    margin : float > 0, optional
        Differences below it do not matter to you; to be fixed before the models are looked at.
    confidence : float in (0, 1)
        Of the interval; tests err with probability 1 - confidence.
    power : float in (0, 1)
        Of the detectable difference.
    name : str
        What is compared.

    Raises
    ------
    ValueError
        For arrays that do not pair or hold what is no number, and parameters out of range.

    References
    ----------
    McNemar (1947), Psychometrika 12; Tango (1998), Statistics in Medicine 17; Schuirmann (1987);
    for language models Miller (2024), arXiv:2411.00640.

    Examples
    --------
    >>> import numpy as np
    >>> both, neither = np.ones(110), np.zeros(68)
    >>> a = np.concatenate([both, neither, np.ones(12), np.zeros(30)])
    >>> b = np.concatenate([both, neither, np.zeros(12), np.ones(30)])
    >>> found = compare(a, b, margin=0.02)
    >>> round(found.unpaired_p_value, 3), round(found.p_value, 3), found.verdict
    (0.08, 0.008, 'B is better')
    >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3)
    (0.082, 0.025, 0.141)
    """
    (only,) = compare_all({name: (a, b)}, labels, margin=margin, confidence=confidence, power=power)
    return only


def compare_all(
    pairs: Mapping[str, tuple[ArrayLike, ArrayLike]],
    labels: ArrayLike | None = None,
    *,
    margin: float | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
) -> list[Paired]:
    """Several comparisons at once, so that with the confidence given none of them is wrong.

    p-values are adjusted by Holm's method (1979), of difference and of equivalence apart; intervals
    hold all together (Bonferroni).

    Parameters
    ----------
    pairs : mapping of str to pairs of arrays, at least one
        By name, such as those of tasks; each as in `compare`, which says the rest.
    """
    _check("confidence", confidence)
    _check("power", power)
    if margin is not None and not 0 < margin < math.inf:
        raise ValueError(
            f"margin={margin} is not allowed (margin > 0): the largest difference that does not "
            "matter; leave it out for no test of equivalence"
        )
    if not pairs:
        raise ValueError("pairs is empty: give at least one pair of arrays")
    alpha = (1 - confidence) / len(pairs)
    found = []
    for name, (one, other) in pairs.items():
        first, second = (_scored(side, labels, which) for side, which in ((one, "a"), (other, "b")))
        if first.shape != second.shape:
            raise ValueError(
                f"a has {first.size} items and b {second.size}{f' in {name}' if name else ''}: "
                "they do not pair; give both on the same items, in the same order"
            )
        if first.size < 2:
            raise ValueError(f"a has {first.size} items, at least 2 are needed: give more")
        found.append(_paired(name, first, second, margin, alpha, power))
    differ = _holm([own.p_value for own in found])
    equal = _holm([own.equivalence_p_value or 0.0 for own in found])
    return [
        replace(
            own,
            confidence=confidence,
            adjusted_p_value=p_value,
            equivalence_p_value=None if margin is None else other,
        )
        for own, p_value, other in zip(found, differ, equal, strict=True)
    ]


def _check(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name}={value} is not allowed (0 < {name} < 1); choose such as 0.9")


def _scored(side: ArrayLike, labels: ArrayLike | None, which: str) -> Floats:
    """A score of each item, 1 and 0 for right and wrong."""
    values = real(np.asarray(side), which)
    if not np.isfinite(values).all():
        raise ValueError(f"{which} holds nan or infinity: leave out such items of both models")
    if labels is None:
        if values.ndim != 1:
            raise ValueError(
                f"{which} has shape {values.shape}, without labels (N,) is allowed: a score of "
                "each item; give labels with answers or logits"
            )
        return values
    classes = np.asarray(labels)
    if classes.ndim != 1 or classes.dtype.kind not in "iu" or classes.shape != values.shape[:1]:
        raise ValueError(
            f"labels has shape {classes.shape} and type {classes.dtype} with {which} of shape "
            f"{values.shape}; allowed are whole numbers of shape (N,), the class of each item: "
            "give one for each row"
        )
    if values.ndim == 1:
        return np.asarray(values == classes, dtype=float)
    if values.ndim != 2 or classes.min() < 0 or classes.max() >= values.shape[1]:
        raise ValueError(
            f"{which} has shape {values.shape} with labels from {classes.min()} to "
            f"{classes.max()}; (N, K) is allowed with labels from 0 to K - 1: give a column for "
            "each class"
        )
    return np.asarray(share_right(values.T, classes))


def _paired(
    name: str, a: Floats, b: Floats, margin: float | None, alpha: float, power: float
) -> Paired:
    items, differences = a.size, b - a
    means = float(a.mean()), float(b.mean())
    variance = (float(a.var(ddof=1)) + float(b.var(ddof=1))) / items
    ends: tuple[float, float]
    outside: list[float] = []
    only: tuple[int, int] | tuple[None, None] = (None, None)
    if np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all():
        counts = int((differences < 0).sum()), int((differences > 0).sum())
        only = counts
        p_value = right.mcnemar(*counts)
        ends = right.interval(*counts, items, 1 - alpha)
        least = right.detectable(*counts, items, alpha, power)
        if margin is not None:
            outside = [right.p_above(*pair, items, -margin) for pair in (counts, counts[::-1])]
    else:
        p_value = scores.sign_flips(differences)
        ends = scores.interval(differences, 1 - alpha)
        least = scores.detectable(differences, alpha, power)
        if margin is not None:
            outside = [scores.p_above(sign * differences, -margin) for sign in (1, -1)]
    away = abs(means[1] - means[0])
    unpaired = math.erfc(away / math.sqrt(2 * variance)) if variance else float(away == 0)
    return Paired(
        name=name,
        items=items,
        a=means[0],
        b=means[1],
        only_a=only[0],
        only_b=only[1],
        low=ends[0],
        high=ends[1],
        confidence=1 - alpha,
        p_value=p_value,
        adjusted_p_value=p_value,
        unpaired_p_value=unpaired,
        margin=margin,
        equivalence_p_value=max(outside, default=None),
        detectable=least,
        power=power,
    )


def _holm(p_values: list[float]) -> list[float]:
    """Adjusted by Holm's method: at most alpha where that rejects at alpha."""
    order = np.argsort(p_values, kind="stable")
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted: Any = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]
