"""A claim's numbers as every report shows them: in rows, and the row that tells most."""

from collections.abc import Sequence
from dataclasses import dataclass

from validation.records.claim_record import ClaimRecord
from validation.report.words import place
from validation.trial.claim import Comparison, Expectation, Verdict

TINY = 1e-300
"""In place of no way at all, where the prediction is the border itself."""


@dataclass(frozen=True)
class Row:
    """A comparison or a precondition, with what may be said of it."""

    kind: str
    """"comparison" or "precondition"."""
    place: str
    comparison: Comparison

    @property
    def expectation(self) -> Expectation:
        return self.comparison.expectation

    @property
    def predicts(self) -> bool:
        """Whether the theory gives a value, and not only a bound or what networks must meet."""
        return self.kind == "comparison" and not self.expectation.bound

    @property
    def predicted(self) -> float | None:
        return self.expectation.predicted if self.predicts else None

    @property
    def finite_size(self) -> float | None:
        return self.expectation.finite_size if self.predicts else None

    @property
    def planned_for(self) -> float | None:
        """What is only foreseen, so that replicates can be planned: no prediction."""
        return None if self.predicts else self.expectation.expected

    @property
    def difference(self) -> float | None:
        return self.comparison.difference if self.predicts else None


def rows(record: ClaimRecord) -> list[Row]:
    """The preconditions of a claim, then its comparisons."""
    return [
        Row(kind, place(own.expectation, record.claim.panels), own)
        for kind, every in (("precondition", record.checks), ("comparison", record.comparisons))
        for own in every
    ]


def telling(record: ClaimRecord) -> Row | None:
    """The comparison that tells most: of a refuted claim the farthest of those that refute it."""
    every = [row for row in rows(record) if row.kind == "comparison"]
    if record.verdict is Verdict.FAILS:
        every = [row for row in every if row.comparison.verdict is Verdict.FAILS] or every
    if not every:
        return None
    far = farthest([row.comparison for row in every])
    return next(row for row in every if row.comparison is far)


def farthest(comparisons: Sequence[Comparison]) -> Comparison:
    """The comparison farthest from its prediction, in units of the way to a border of its range.

    On a side that is open the way is that to the border it has.
    """

    def share(comparison: Comparison) -> float:
        expected = comparison.expectation
        start = expected.expected
        moved = comparison.observed - start
        down = None if expected.low is None else start - expected.low
        up = None if expected.high is None else expected.high - start
        way = (down if up is None else up) if moved > 0 else (up if down is None else down)
        return abs(moved) / max(way or 0.0, TINY)

    return max(comparisons, key=share)
