"""Which of two kinds of ensemble networks are: a lottery of views, or noise that averages out.

In a lottery each network knows a part of what can be known and is sure of it, so that of two
networks of which one is right the surer one is right, nearly always: averages keep what any member
knows, votes do not. Where members differ by noise alone, the surer one is right about half of the
time, more exactly as often as their accuracy and their agreement say (`rescue_of_noise`). On which
side of the middle the networks lie decides; from three members on their counts may object.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mvtheory.ensembles.counts import fit_lottery, lottery_against_noise
from mvtheory.ensembles.lottery import estimate_lottery
from mvtheory.ensembles.members import check_members
from mvtheory.ensembles.noise import rescue_of_noise
from mvtheory.ensembles.tally import (
    APART,
    AVERAGE,
    LUCKY,
    ONE,
    RESCUED,
    RIGHT,
    VOTE,
    Means,
    Tally,
)
from mvtheory.shapes import ArrayLike

QUANTILE = 1.645
"""Of the normal law: 5 % on each side of a verdict."""
ADDED = 2.0
"""Cases that are added each way to what few samples show (Agresti and Coull's interval)."""
EXACT = 0.1
"""What the two predictions of a rescue must differ by: margins follow neither model to the last
hundredths."""
LEAST = 1e-9
"""Shares below it are 0."""

Name = Literal["lottery", "variance reduction", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What `kind_of_ensemble` found. Errors are standard errors over samples, for these members.

    Attributes
    ----------
    name : str
        "lottery", "variance reduction" or "undecided".
    members, samples, classes : int
        n, N and K.
    accuracy : float
        Of one member, in the mean.
    split : int
        Samples that some members put right and others wrong: the only ones that tell.
    rescue, rescue_error : float or None
        How often the surer of two members is right, where exactly one is.
    rescue_of_noise, rescue_of_lottery : float or None
        The same as predicted if members differ by noise alone, from their accuracy and agreement;
        and in a lottery, where only guesses that are right by luck are not sure: from how members
        that are wrong guess, or, of two classes, from their agreement.
    disagreement_over_error, disagreement_over_error_error : float or None
        Of two members; in a lottery 1 + 1/M or less, 2/M with common wrong answers.
    vote_less_average : float
    vote_less_average_error : float or None
        Accuracy of the members' majority vote, ties shared, less that of their mean probabilities.
    counts_against_noise : float or None
        Standard errors by which the numbers of members that are right are likelier in a lottery
        than as beta-binomial ones (Vuong's statistic); None for two members, which cannot tell.
    views, single_view_fraction : float or None
        M and mu if it is a lottery, the best that fits: of the share mu of the samples each member
        knows 1/M. Guesses count as right by chance. None for two classes, where guesses cannot be
        told from knowledge, and where the kind or the counts say that there is no lottery.
    views_interval, single_view_fraction_interval : (float, float) or None
        90 % intervals, over classes as well as members: each class is a lottery of its own. The
        first may reach infinity; None where they would hold every value.
    """

    name: Name
    members: int
    samples: int
    classes: int
    accuracy: float
    split: int
    rescue: float | None
    rescue_error: float | None
    rescue_of_noise: float | None
    rescue_of_lottery: float | None
    disagreement_over_error: float | None
    disagreement_over_error_error: float | None
    vote_less_average: float
    vote_less_average_error: float | None
    counts_against_noise: float | None
    views: float | None
    views_interval: tuple[float, float] | None
    single_view_fraction: float | None
    single_view_fraction_interval: tuple[float, float] | None

    @property
    def counts_object(self) -> bool:
        """Whether the counts are likelier by noise, with a certainty of 95 %."""
        return _object(self.counts_against_noise)

    @property
    def nearer(self) -> Literal["lottery", "variance reduction"]:
        """The kind found, or if that is undecided the one that the rescue lies nearer to."""
        if self.name != "undecided":
            return self.name
        if self.rescue is None or self.rescue_of_noise is None or self.rescue_of_lottery is None:
            return "variance reduction"
        apart = self.rescue_of_lottery - self.rescue_of_noise > EXACT
        above = self.rescue > (self.rescue_of_noise + self.rescue_of_lottery) / 2
        return "lottery" if above and apart and not self.counts_object else "variance reduction"

    def __str__(self) -> str:
        if self.rescue is None or self.rescue_of_noise is None:
            return (
                f"Undecided: the {self.members} members put the same samples right, which tells "
                "neither a lottery nor noise; give samples that they were not trained on, or "
                "members that differ."
            )
        seen = (
            "where one of two members is right and the other wrong, the surer one is right in "
            f"{100 * self.rescue:.0f} % of the cases; noise alone would make it "
            f"{100 * self.rescue_of_noise:.0f} %, a lottery "
            f"{100 * (self.rescue_of_lottery or 0.0):.0f} %"
        )
        if self.name == "lottery":
            known = "a part of what the others know"
            if self.views is not None and self.single_view_fraction is not None:
                known = (
                    f"about 1 in {self.views:.2g} of the views that a share "
                    f"{self.single_view_fraction:.2g} of the samples needs"
                )
            return (
                f"A lottery: {seen}. Each member knows {known}, and is sure of it, so that "
                "averages keep what any of them knows, votes do not, and the gain saturates "
                "geometrically. A student of the average can learn what no member knows alone: "
                "distillation is worth asking for."
            )
        if self.name == "variance reduction":
            return (
                f"Variance reduction: {seen}. Averaging takes noise off, with a gain that decays "
                "as 1/N, and votes do nearly as well. The average knows nothing that a member "
                "could not know: do not count on distillation to pass the gain on."
            )
        if (self.rescue_of_lottery or 0.0) - self.rescue_of_noise <= EXACT:
            return f"Undecided: {seen}, too near to each other to be told apart."
        if self.counts_object:
            return (
                f"Undecided: {seen}. How many of {self.members} members are right on a sample is "
                "more like noise; look for wrong labels among the samples that all get wrong."
            )
        return (
            f"Undecided: {seen}, by {self.split} samples on which members differ; more samples or "
            "members would tell, unless the networks are in between."
        )


def kind_of_ensemble(labels: ArrayLike, members: ArrayLike | Sequence[ArrayLike]) -> Kind:
    """Whether networks are a lottery or differ by noise, from their outputs on labelled samples.

    Parameters
    ----------
    labels : array of int, shape (N,)
        Classes from 0 to K-1.
    members : array, shape (n, N, K), or sequence of n arrays, shape (N, K)
        Logits of n >= 2 networks; -inf for masked classes.

    Raises
    ------
    ValueError
        As of `advise_ensemble`.

    Notes
    -----
    Ours, without a fitted number. The rescue is nearer to `rescue_of_lottery` or to
    `rescue_of_noise`: which, is decided with a certainty of 95 %, or left undecided, as it is where
    the two lie within .1 of each other. Of two classes they often do. Noise on samples that are all
    equally easy, but for wrong labels, looks like a lottery to two members: from three members on
    their counts must not speak against one.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(5, size=2000)
    >>> right, noise = 4 * np.eye(5)[labels], rng.normal(size=(2, 2000, 5))
    >>> kind_of_ensemble(labels, 0.5 * right + noise).name
    'variance reduction'
    >>> known = rng.integers(2, size=(2, 2000, 1))  # each knows one of two views
    >>> kind_of_ensemble(labels, right * known + noise / 2).name
    'lottery'
    """
    return kind_of(Tally.of(check_members(labels, members)))


def kind_of(tally: Tally) -> Kind:
    """The kind, from what was read of the members."""
    means = tally.means
    against_noise = lottery_against_noise(tally.counts)
    name = _judged(tally)
    if name == "lottery" and _object(against_noise):
        name = "undecided"
    fit = (
        None if _object(against_noise) or name == "variance reduction" else estimate_lottery(tally)
    )
    return Kind(
        name=name,
        members=tally.members,
        samples=tally.samples,
        classes=tally.classes,
        accuracy=float(means[RIGHT]),
        split=tally.split,
        rescue=_rescue(means),
        rescue_error=tally.error(_rescue),
        rescue_of_noise=_of_noise(means),
        rescue_of_lottery=_of_lottery(means, tally),
        disagreement_over_error=_over_error(means),
        disagreement_over_error_error=tally.error(_over_error),
        vote_less_average=_vote(means),
        vote_less_average_error=tally.error(_vote),
        counts_against_noise=against_noise,
        views=fit and fit.views,
        views_interval=fit and fit.views_interval,
        single_view_fraction=fit and fit.single_view_fraction,
        single_view_fraction_interval=fit and fit.single_view_fraction_interval,
    )


def _object(counts_against_noise: float | None) -> bool:
    return counts_against_noise is not None and counts_against_noise < -QUANTILE


def _vote(means: Means) -> float:
    return float(means[VOTE] - means[AVERAGE])


def _over_error(means: Means) -> float | None:
    error = 1 - float(means[RIGHT])
    return float(means[APART]) / error if error > LEAST else None


def _rescue(means: Means) -> float | None:
    one_right = float(means[ONE])
    return min(max(float(means[RESCUED]) / one_right, 0.0), 1.0) if one_right > LEAST else None


def _of_noise(means: Means) -> float | None:
    right = min(max(float(means[RIGHT]), LEAST), 1 - LEAST)
    one_right = float(means[ONE])
    return rescue_of_noise(right, right - one_right / 2) if one_right > LEAST else None


def _of_lottery(means: Means, tally: Tally) -> float | None:
    one_right = float(means[ONE])
    if one_right <= LEAST:
        return None
    if tally.classes > 2:
        return max(1 - float(means[LUCKY]) / one_right, 0.0)
    # Wrong answers of two classes are the same: q = 1/M + (1 - 1/M)/2, were guesses free, and half
    # of the lucky ones are surer.
    fit = fit_lottery(tally.counts.sum(axis=0))
    known = max(2 * fit.chance - 1, 0.0) if fit else 0.0
    return 1 - (1 - known) / (1 + known) / 2


def _judged(tally: Tally) -> Name:
    """Which prediction is nearer, if that is certain and the two are not near each other."""
    means, cases = tally.means, tally.split
    rescue, noise, lottery = _rescue(means), _of_noise(means), _of_lottery(means, tally)
    if rescue is None or noise is None or lottery is None or lottery - noise <= EXACT:
        return "undecided"

    def above_middle(means: Means) -> float | None:
        seen, low, high = _rescue(means), _of_noise(means), _of_lottery(means, tally)
        if seen is None or low is None or high is None:
            return None
        return seen - (low + high) / 2

    drawn = (rescue * cases + ADDED) / (cases + 2 * ADDED)
    above = drawn - (noise + lottery) / 2
    # Of few cases that all went one way the samples show no spread.
    least = math.sqrt(drawn * (1 - drawn) / (cases + 2 * ADDED))
    if abs(above) <= QUANTILE * max(tally.error(above_middle) or 0.0, least):
        return "undecided"
    return "lottery" if above > 0 else "variance reduction"
