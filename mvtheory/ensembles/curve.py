"""Scores against the number of networks: exact up to those at hand, estimated beyond."""

from dataclasses import dataclass

import numpy as np

from mvtheory.ensembles.doubts import Doubts
from mvtheory.ensembles.errors import Errors, ScoreErrors
from mvtheory.ensembles.geometric import Geometric, WrongByClass
from mvtheory.ensembles.kind import Kind, kind_of
from mvtheory.ensembles.members import Members, read
from mvtheory.ensembles.posterior import SIZES, Simulated, simulate
from mvtheory.ensembles.reduced import Reducer
from mvtheory.ensembles.risk import brier_of_ensemble
from mvtheory.ensembles.subsets import SCORES, Subsets, SubsetScores, SubsetVotes
from mvtheory.ensembles.tally import Tally
from mvtheory.shapes import Float, Floats

Sizes = Float[Floats, " sizes"]
QUADRATIC = ("probabilities", "vote")
"""Averages whose Brier score is a squared error of the mean of what the members put out."""
MODEL = 0.2
"""Error of the simulation itself, relative to the gain beyond the members that it predicts."""
COMMON = 2.0
"""Variance of an accuracy over that of independent samples, as it is in most problems: a network
that is better is better on many samples."""
TOLD = 4.0
"""Members that COMMON counts for, against what n of them show.

With these three, intervals hold in 90 % on the development problems (`benchmarks/ensembles.py`)."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Scores of ensembles of any size, their members drawn anew, on the same samples.

    Attributes
    ----------
    average : str
    count, samples : int
        n and N.
    subsets : Subsets
        Of the members at hand.
    votes : array, shape (n,)
        Accuracy of their subsets' majority votes.
    simulated : Simulated
    kind : Kind
    geometric : Geometric or None
        The law of the accuracy if the members are a lottery.
    errors : Errors
        Of log loss and Brier score.
    """

    average: str
    count: int
    samples: int
    subsets: Subsets
    votes: Sizes
    simulated: Simulated
    kind: Kind
    geometric: Geometric | None
    errors: Errors

    def at(self, name: str, sizes: Sizes) -> Sizes:
        """A score of ensembles of the sizes given, infinity included."""
        known = getattr(self.subsets, name)
        exact = known[np.minimum(sizes, self.count).astype(np.int64) - 1]
        return np.where(sizes <= self.count, exact, self._beyond(name, sizes))

    def members_error(self, name: str, sizes: Sizes) -> Sizes:
        """Standard error of a score for knowing n members, the samples given."""
        if name in self.errors.members:
            return np.full(len(sizes), self.errors.members[name])
        if self.geometric is not None and name == "accuracy":
            return self.geometric.error(sizes)
        gain = self.accuracy(sizes) - self.accuracy(np.array([float(self.count)]))
        told = (TOLD * COMMON + (self.count - 1) * self.errors.common) / (TOLD + self.count - 1)
        return np.asarray(np.hypot(self.simulated.error * told**0.5, MODEL * np.maximum(gain, 0)))

    def samples_error(self, name: str, sizes: Sizes) -> Sizes:
        """Standard error of a score on new samples for knowing N of their kind."""
        if name in self.errors.samples:
            return np.full(len(sizes), self.errors.samples[name])
        accuracy = self.at("accuracy", sizes)
        return np.sqrt(accuracy * (1 - accuracy) / self.samples)

    def accuracy(self, sizes: Sizes) -> Sizes:
        """By the law that continues it, also where it is known exactly."""
        if self.geometric is not None:
            return self.geometric.accuracy(sizes)
        law = between(sizes, self.simulated.scores[SCORES.index("accuracy")])
        return np.asarray(np.clip(law, 0, 1))

    def vote(self, sizes: Sizes) -> Sizes:
        """Accuracy of the majority's vote: of subsets up to n, by simulation beyond."""
        exact = self.votes[np.minimum(sizes, self.count).astype(np.int64) - 1]
        beyond = np.clip(between(sizes, self.simulated.votes), 0, 1)
        return np.where(sizes <= self.count, exact, beyond)

    def _beyond(self, name: str, sizes: Sizes) -> Sizes:
        if name == "accuracy":
            return self.accuracy(sizes)
        known = getattr(self.subsets, name)
        if name == "brier" and self.average in QUADRATIC:
            finite = np.isfinite(sizes)
            risks = brier_of_ensemble(
                risk_of_one=known[0],
                risk_of_two=known[1],
                networks=np.where(finite, sizes, 1).astype(np.int64),
            )
            return np.asarray(np.where(finite, risks, 2 * known[1] - known[0]))
        law = self.simulated.scores[SCORES.index(name)]
        start = between(np.array([float(self.count)]), law)
        return np.asarray(np.maximum(known[-1] + between(sizes, law) - start, 0))


def between(sizes: Sizes, values: Float[Floats, " simulated"]) -> Floats:
    """A simulated score at any size: linear in 1/N between those simulated, and beyond them."""
    grid = 1 / np.array([np.inf, *SIZES[::-1]])
    limit = 2 * values[-1] - values[SIZES.index(SIZES[-1] // 2)]
    return np.asarray(np.interp(1 / sizes, grid, [limit, *values[::-1]]))


def curve_of(members: Members, average: str) -> tuple[Curve, tuple[str, ...]]:
    """What is read of the members in one pass: the curve, and doubts about them."""
    count, classes = len(members), members.classes
    subsets, errors = SubsetScores(count, average), ScoreErrors(count, average)
    votes, by_class = SubsetVotes(count), WrongByClass(count, classes, average)
    tally, doubts = Tally(count, classes), Doubts(members)
    reducer = Reducer(count, members.samples, classes)
    read(members, subsets, votes, errors, by_class, tally, doubts, reducer)
    kind = kind_of(tally)
    lottery = kind.nearer == "lottery" and average != "vote"
    curve = Curve(
        average=average,
        count=count,
        samples=members.samples,
        subsets=subsets.found(),
        votes=votes.found(),
        simulated=simulate(reducer.found(), average),
        kind=kind,
        geometric=by_class.found() if lottery else None,
        errors=errors.found(),
    )
    return curve, doubts.found()
