"""A run's conclusions, from its folder alone: plan, shards and log in, verdicts out.

The runner judges by the same `gathered` evidence after each look, so both see the same numbers.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.records import journal, plans, shards
from validation.records.claim_record import ClaimRecord, record
from validation.records.deviations import deviations, environments
from validation.records.gathered import decide, gather
from validation.threads import one_thread
from validation.trial.plan import Plan
from validation.trial.verdict import undecided


@dataclass(frozen=True)
class Conclusion:
    """Everything that a report says of a run."""

    plan: Plan
    registered: str | None
    """When the plan was; None where the log is lost."""
    claims: tuple[ClaimRecord, ...]
    replicates: dict[str, int]
    """Finished ones, by label of their setting."""
    networks: dict[str, int]
    """Trained, by label of their setting."""
    digest: str
    """Hash of all results."""
    environments: dict[str, int]
    """With what hardware and versions replicates were computed, and how many."""
    seconds: float
    """Of computing, all workers together."""
    deviations: list[str]
    """A sentence each."""
    runs: list[dict[str, Any]]
    """Starts, looks and ends, from the log."""


@one_thread()
def conclude(out: Path) -> Conclusion:
    """Judge what a folder holds.

    Raises ValueError if the folder holds no plan, or one that was changed.
    """
    names = plans.registered(out)
    if not names:
        raise ValueError(
            f"DIR={str(out)!r} holds no run: give the folder of one, or make one with "
            f"`python -m validation run --out {shlex.quote(str(out))}`"
        )
    plan = plans.load(out, names[-1])
    evidence = gather(out, plan)
    decisions = decide(plan, evidence)
    events = list(journal.events(out))
    measured = evidence.measured.values()
    return Conclusion(
        plan=plan,
        registered=next(
            (e["time"] for e in events if e["event"] == "plan" and e.get("hash") == plan.name), None
        ),
        claims=tuple(
            record(planned, evidence, decisions[index] if decisions else undecided(plan.alpha))
            for index, planned in enumerate(plan.claims)
        ),
        replicates={own.setting.label: own.replicates for own in measured},
        networks={own.setting.label: own.replicates * own.setting.networks for own in measured},
        digest=shards.digest(evidence.shards),
        environments=environments(evidence.shards),
        seconds=sum(shard.provenance["seconds"] for shard in evidence.shards),
        deviations=deviations(out, names, plan, evidence, events),
        runs=[event for event in events if event["event"] in ("start", "look", "stop")],
    )
