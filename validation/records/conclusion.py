"""A run's conclusions, from its folder alone: plan, shards and log in, verdicts out.

The runner judges by the same `gathered` evidence after each look, so both see the same numbers.
"""

import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.records import journal, ledger, plans, shards, timestamps
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
    timestamp: str
    """What an authority outside says of when the plan was there; a sentence, or nothing."""
    deviations: list[str]
    """A sentence each."""
    lacks: list[str]
    """What the record does not say, because an earlier version made it; a sentence each."""
    earlier: list[dict[str, Any]]
    """Other plans that the folder, or a ledger, has seen: plan, time, preset, seed, verdicts by
    claim."""
    runs: list[dict[str, Any]]
    """Starts, looks and ends, from the log."""
    head: str
    """Hash of the last line of the log."""

    @property
    def seen(self) -> list[str]:
        """Claims that are judged on networks which were there before they were planned so."""
        return [record.name for record in self.claims if record.seen]


@one_thread()
def conclude(out: Path, entered: Path | None = None, roots: Path | None = None) -> Conclusion:
    """Judge what a folder holds.

    Parameters
    ----------
    out : Path
    entered : Path, optional
        A ledger, which is asked for other trials of the same claims.
    roots : Path, optional
        Certificates, in PEM, of authorities that are trusted to say what time it is; those of the
        system by default.

    Raises
    ------
    ValueError
        The folder holds no plan, or one that was changed.
    """
    names = plans.registered(out)
    if gone := [] if names else plans.named(out):
        raise ValueError(
            f"DIR={str(out)!r} lacks the plan {gone[-1]}, which its log names: put the original "
            "back into plans, or run again into a fresh folder"
        )
    if not names:
        raise ValueError(
            f"DIR={str(out)!r} holds no run: give the folder of one, or make one with "
            f"`python -m validation run --out {shlex.quote(str(out))}`"
        )
    plan = plans.load(out, names[-1])
    evidence = gather(out, plan)
    decisions = decide(plan, evidence)
    history = History.of(out)
    tried = ledger.tried(entered, plan) if entered else set()
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
                history, plan, tried,
            )
            for index, planned in enumerate(plan.claims)
        ),
        replicates={own.setting.label: own.replicates for own in measured},
        networks={own.setting.label: own.replicates * own.setting.networks for own in measured},
        models=dict(models),
        digest=shards.digest(evidence.shards),
        environments=environments(evidence.shards),
        seconds=sum(shard.provenance["seconds"] for shard in evidence.shards),
        timestamp=timestamps.said(out, plan, roots) or history.last("timestamp").get("said", ""),
        deviations=[
            *deviations(plan, evidence, history),
            *timestamps.late(out, plan, history.first_result(evidence.shards)),
            *(ledger.faults(entered, plan) if entered else []),
        ],
        lacks=lacks(plan, evidence, history),
        earlier=_merged(
            earlier(plan, history), ledger.others(entered, plan) if entered else []
        ),
        runs=[event for event in history.events if event["event"] in ("start", "look", "stop")],
        head=journal.head(out),
    )  # fmt: skip


def _merged(here: list[dict[str, Any]], entered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each plan once, in the order of their times; what the folder says of one comes first."""
    known = {own["plan"] for own in here}
    every = [*here, *(own for own in entered if own["plan"] not in known)]
    return sorted(every, key=lambda own: own["time"])
