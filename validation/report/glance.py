"""Verdicts at a glance: claims by chapter, counts of verdicts, exceptions, a claim in a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from validation.claims import CHAPTERS, chapter_of
from validation.records.claim_record import ClaimRecord
from validation.report.rows import telling
from validation.report.words import claimed, is_bound, number, refuting_end, span, with_error
from validation.trial.claim import Verdict

MARKS = {
    Verdict.HOLDS: "✓", Verdict.FAILS: "✗", Verdict.INCONCLUSIVE: "?", Verdict.OUTSIDE: "○",
}  # fmt: skip
"""A sign for each verdict, for who sees no colours."""


@dataclass(frozen=True)
class Group:
    """The claims of a run in one chapter."""

    name: str
    title: str
    records: tuple[ClaimRecord, ...]

    @property
    def short(self) -> str:
        """Its name in a list of contents."""
        return self.name.replace("-", " ").capitalize()


def groups(records: Sequence[ClaimRecord]) -> list[Group]:
    """Claims by their chapters, in the order of these; after them those of no chapter."""
    titles = {name: chapter.title for name, chapter in CHAPTERS.items()}
    found = []
    for name, title in (titles | {"": "Claims from outside"}).items():
        own = tuple(record for record in records if chapter_of(record.claim) == name)
        if own:
            found.append(Group(name or "others", title, own))
    return found


def counts(records: Sequence[ClaimRecord]) -> dict[Verdict, int]:
    """How often each verdict was reached, of those that were."""
    every = [record.verdict for record in records]
    return {verdict: every.count(verdict) for verdict in Verdict if verdict in every}


def is_as_recorded(record: ClaimRecord) -> bool:
    """Whether a claim came out as its record says."""
    return record.verdict is record.claim.recorded


def known_refuted(records: Sequence[ClaimRecord]) -> int:
    """How many are refuted, as it is recorded."""
    return sum(record.verdict is Verdict.FAILS and is_as_recorded(record) for record in records)


def mark(verdict: str) -> str:
    """The sign of a verdict."""
    return MARKS[Verdict(verdict)]


def slug(verdict: str) -> str:
    """A verdict as one word, for styles."""
    return verdict.replace(" ", "-")


def classes(record: ClaimRecord) -> str:
    """What styles and filters know of a claim."""
    return slug(record.verdict) + ("" if is_as_recorded(record) else " other")


def glance(record: ClaimRecord) -> str:
    """A claim in a line: what was claimed, what was observed and, if refuted, what shows it."""
    row = telling(record)
    if row is None:
        return "Nothing is observed yet."
    own, expected = row.comparison, row.expectation
    said = [f"{'bound' if is_bound(expected) else 'theory'} {claimed(expected)}"]
    if row.finite_size is not None:
        said.append(f"at finite size {number(row.finite_size)}")
    said.append(f"observed {with_error(own.observed, own.standard_error)}")
    if not is_bound(expected):
        said.append(f"range {span(expected.low, expected.high)}")
    if shown := refuting_end(own):
        said.append(shown)
    many = len(record.comparisons)
    which = f"the farthest of {many}" if many > 1 else "the one comparison"
    return f"{', '.join(said)} ({which}: {row.place})"
