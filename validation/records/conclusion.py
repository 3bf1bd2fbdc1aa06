"""A run's conclusions, from its folder alone: plan, shards and log in, verdicts out.

The runner judges by the same `gathered` evidence after each look, so both see the same numbers.
"""

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.records import journal, plans, shards
from validation.records.claim_record import ClaimRecord, record
from validation.records.deviations import deviations, earlier, environments, lacks
from validation.records.gathered import decide, gather
from validation.records.history import History
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
    """Models trained, by label of their setting."""
    models: dict[str, int]
    """The same by what they are, such as "network"."""
    digest: str
    """Hash of all results."""
    environments: dict[str, int]
    """With what hardware and versions replicates were computed, and how many."""
    seconds: float
    """Of computing, all workers together."""
    deviations: list[str]
    """A sentence each."""
    lacks: list[str]
    """What the record does not say, because an earlier version made it; a sentence each."""
    earlier: list[dict[str, Any]]
    """Other plans that the folder has seen: plan, time, preset, seed, verdicts by claim."""
    runs: list[dict[str, Any]]
    """Starts, looks and ends, from the log."""
    head: str
    """Hash of the last line of the log."""

    @property
    def seen(self) -> list[str]:
        """Claims that are judged on networks which were there before they were planned so."""
        return [record.name for record in self.claims if record.seen]


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
    history = History.of(out)
    measured = evidence.measured.values()
    models: Counter[str] = Counter()
    for own in measured:
        models[own.setting.kind_of_model] += own.replicates * own.setting.networks
    return Conclusion(
        plan=plan,
        registered=history.registered(plan),
        claims=tuple(
            record(
                planned, evidence, decisions[index] if decisions else undecided(plan.alpha),
                history, plan,
            )
            for index, planned in enumerate(plan.claims)
        ),
        replicates={own.setting.label: own.replicates for own in measured},
        networks={own.setting.label: own.replicates * own.setting.networks for own in measured},
        models=dict(models),
        digest=shards.digest(evidence.shards),
        environments=environments(evidence.shards),
        seconds=sum(shard.provenance["seconds"] for shard in evidence.shards),
        deviations=deviations(plan, evidence, history),
        lacks=lacks(plan, evidence, history),
        earlier=earlier(plan, history),
        runs=[event for event in history.events if event["event"] in ("start", "look", "stop")],
        head=journal.head(out),
    )  # fmt: skip
