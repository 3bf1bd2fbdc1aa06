"""What a folder's log and plans say of the order of things: which plan came after what."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from validation.claims import known
from validation.records import journal, plans
from validation.records.shards import Shard
from validation.trial.plan import TESTED_BY, Plan, PlannedClaim


@dataclass(frozen=True)
class History:
    """Of a folder, as it is now."""

    out: Path
    events: list[dict[str, Any]]

    @classmethod
    def of(cls, out: Path) -> "History":
        return cls(out, list(journal.events(out)))

    @cached_property
    def taken_up(self) -> list[tuple[int, str]]:
        """When, by the place in the log, runs took up which plan."""
        return [
            (place, event["hash"])
            for place, event in enumerate(self.events)
            if event["event"] == "plan" and "hash" in event
        ]

    @cached_property
    def first_stored(self) -> dict[str, int]:
        """By a shard's key, when it was stored first, by the place in the log."""
        found: dict[str, int] = {}
        for place, event in enumerate(self.events):
            if event["event"] == "shard" and "key" in event:
                found.setdefault(event["key"], place)
        return found

    @cached_property
    def digests(self) -> dict[str, str]:
        """By a shard's key, the digest of its numbers when it was stored last."""
        return {
            e["key"]: e["digest"] for e in self.events if e["event"] == "shard" and "digest" in e
        }

    @cached_property
    def provenances(self) -> dict[str, str]:
        """By a shard's key, the hash of what it said of how it was computed."""
        return {
            e["key"]: e["provenance"]
            for e in self.events
            if e["event"] == "shard" and "provenance" in e
        }

    def registered(self, plan: Plan) -> str | None:
        """When the plan was taken up first; None where the log does not say it."""
        places = [place for place, name in self.taken_up if name == plan.name]
        return self.events[places[0]]["time"] if places else None

    def last(self, event: str) -> dict[str, Any]:
        """The last event of this kind; nothing if there was none."""
        return next((own for own in reversed(self.events) if own["event"] == event), {})

    def first_result(self, own: Sequence[Shard]) -> str | None:
        """When the first of these was stored, by the log; None if it names none of them."""
        places = [self.first_stored[s.key] for s in own if s.key in self.first_stored]
        return self.events[min(places)]["time"] if places else None

    def seen(self, plan: Plan, claim: PlannedClaim, own: Sequence[Shard]) -> int:
        """How many of a claim's replicates were there, or may have been, before it was planned so.

        Planned so: with these ranges, replicates, tests and code, in this plan or in an earlier
        one. What the log does not name may have been there always.
        """
        since = self._planned_since(plan, claim)
        return sum(self.first_stored.get(shard.key, -1) < since for shard in own)

    def _planned_since(self, plan: Plan, claim: PlannedClaim) -> int:
        """When the claim was planned as it is now, in this plan or in one before it."""
        now = fixed(plan, claim)
        for place, name in self.taken_up:
            other = plan if name == plan.name else self._plans[name]
            if other and any(c.name == claim.name and fixed(other, c) == now for c in other.claims):
                return place
        return len(self.events)

    @cached_property
    def _plans(self) -> dict[str, Plan | None]:
        """The plans that were taken up, by their hashes: of many claims each is read once."""
        return {name: self._load(name) for name in dict.fromkeys(n for _, n in self.taken_up)}

    def _load(self, name: str) -> Plan | None:
        try:
            return plans.load(self.out, name)
        except (ValueError, OSError):
            return None


def fixed(plan: Plan, claim: PlannedClaim) -> list[Any]:
    """All that a plan fixes of how a claim is judged, as plain data."""
    return [
        *(getattr(claim, part) for part in ("name", "statement", "margin", "module")),
        *(getattr(plan, part) for part in ("seed", "tests", "stopping")),
        list(claim.replicates),
        list(plan.levels),
        [plan.code.get(module) for module in judged_by(claim)],
        [study.plain() for study in claim.studies],
    ]


def judged_by(claim: PlannedClaim) -> list[str]:
    """The modules that observe for a claim and test what it observes."""
    return [*known(claim.name, claim.module).modules, TESTED_BY]
