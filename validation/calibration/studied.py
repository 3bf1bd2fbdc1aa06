"""Studies of one claim by the thousand, with the truth in different places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from validation.trial.claim import Expectation
from validation.trial.evidence import Samples, p_inside, p_outside
from validation.trial.plan import PlannedClaim
from validation.trial.simulation import Scores, at_looks, observed
from validation.trial.verdict import combined

Floats = NDArray[np.float64]
POSITIONS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Where the truth of one comparison lies: 0 as predicted, 1 at a border of its range."""
EVERY = "every comparison at a border"
PRECONDITION = "a precondition at its border"
SCENARIOS: tuple[float | str, ...] = (*POSITIONS, EVERY, PRECONDITION)
NUMBERS = 4_000_000
"""Drawn at a time, so that memory stays below a tenth of a gigabyte or so."""


@dataclass(frozen=True)
class Simulated:
    """A claim of a plan with its expectations over all settings, in order."""

    name: str
    looks: Sequence[int]
    """Replicates at each look."""
    expectations: Sequence[Expectation]
    requirements: Sequence[Expectation]
    views: Sequence[int]
    """Of the setting of each expectation; 0 where its data have none."""
    scores: Scores
    """Of expectations, then requirements."""

    @classmethod
    def of(cls, planned: PlannedClaim, scores: Scores) -> "Simulated":
        studies = planned.studies
        views = [study.setting.plain.get("data", {}).get("views", 0) for study in studies]
        return cls(
            planned.name,
            planned.replicates,
            [e for study in studies for e in study.expectations],
            [e for study in studies for e in study.requirements],
            [own for own, s in zip(views, studies, strict=True) for _ in s.expectations],
            scores,
        )

    @property
    def every(self) -> list[Expectation]:
        return [*self.expectations, *self.requirements]

    def blocks(self, studies: int, rng: np.random.Generator) -> Iterator[tuple[int, list[Floats]]]:
        """Scores of so many studies, block by block: the first one's number, and by comparison
        arrays of shape (studies, replicates of the last look)."""
        each = self.looks[-1] * len(self.every)
        block = max(1, min(studies, NUMBERS // each))
        for start in range(0, studies, block):
            drawn = self.scores.draw(min(block, studies - start), self.looks[-1], rng)
            yield start, list(np.ascontiguousarray(np.moveaxis(drawn, -1, 0)))

    def samples(self, place: int, scores: Floats, truth: float | None = None) -> list[Samples]:
        """Of one comparison at every look, as predicted or with another truth.

        As predicted a number has the law that its scores know of. Elsewhere none is known: it is
        normal. Proportions have the laws of `simulation.observed` everywhere.
        """
        expectation = self.every[place]
        if truth is None:
            truth = expectation.expected
            if expectation.trials is None:
                scores = self.scores.shaped(place, scores)
        return at_looks(expectation, observed(expectation, truth, scores), self.looks)


def borders(expectation: Expectation) -> list[float]:
    return [end for end in (expectation.low, expectation.high) if end is not None]


class _Tests:
    """p-values of a block of studies: inside and outside the ranges, (comparisons, looks, studies).

    As predicted; `at` changes the truth of a comparison for some of the studies.
    """

    def __init__(self, claim: Simulated, scores: list[Floats]) -> None:
        self.claim, self.scores = claim, scores
        tested = [
            self._tested(place, claim.samples(place, own)) for place, own in enumerate(scores)
        ]
        self.inside, self.outside = (np.array(side) for side in zip(*tested, strict=True))

    def _tested(self, place: int, samples: Sequence[Samples]) -> tuple[Floats, Floats]:
        expectation = self.claim.every[place]
        return (
            np.array([p_inside(own, expectation) for own in samples]),
            np.array([p_outside(own, expectation) for own in samples]),
        )

    def at(self, place: int, truth: float, studies: slice) -> tuple[Floats, Floats]:
        """p-values of a comparison with another truth, in these studies."""
        own = self.scores[place][studies]
        return self._tested(place, self.claim.samples(place, own, truth))

    def combined(self, inside: Floats, outside: Floats) -> Floats:
        """p-values of the claim, shape (looks, 3, studies)."""
        found = combined(list(inside), list(outside), len(self.claim.expectations))
        shape = inside.shape[1:]
        return np.stack([np.broadcast_to(own, shape) for own in found], axis=1)

    def truth_in_turns(self, places: Sequence[int], position: float, start: int) -> Floats:
        """One comparison at a position: all borders of all places in turn, study by study."""
        turns = [(place, end) for place in places for end in borders(self.claim.every[place])]
        inside, outside = self.inside.copy(), self.outside.copy()
        for turn, (place, end) in enumerate(turns if position else ()):
            expected = self.claim.every[place].expected
            own = slice((turn - start) % len(turns), None, len(turns))
            inside[place, :, own], outside[place, :, own] = self.at(
                place, expected + position * (end - expected), own
            )
        return self.combined(inside, outside)

    def all_at_borders(self, start: int) -> Floats:
        """Every comparison at its lower end, or in every other study at its upper one."""
        inside, outside = self.inside.copy(), self.outside.copy()
        for place, expectation in enumerate(self.claim.expectations):
            ends = borders(expectation)
            for turn in range(2):
                own = slice((turn - start) % 2, None, 2)
                truth = ends[turn % len(ends)]
                inside[place, :, own], outside[place, :, own] = self.at(place, truth, own)
        return self.combined(inside, outside)


def p_values(claim: Simulated, studies: int, rng: np.random.Generator) -> dict[float | str, Floats]:
    """p-values of the claim in so many studies of every scenario, shape (looks, 3, studies).

    The same draws serve all scenarios, so that differences between these are certain.
    """
    compared = range(len(claim.expectations))
    required = range(len(compared), len(claim.every))
    found: dict[float | str, list[Floats]] = {name: [] for name in SCENARIOS}
    for start, scores in claim.blocks(studies, rng):
        tests = _Tests(claim, scores)
        for position in POSITIONS:
            found[position].append(tests.truth_in_turns(compared, position, start))
        found[EVERY].append(tests.all_at_borders(start))
        found[PRECONDITION].append(
            tests.truth_in_turns(required, 1.0, start) if required else found[0.0][-1]
        )
    return {name: np.concatenate(own, axis=-1) for name, own in found.items()}
