"""Where a run departed from its plan, or its plan from the first one of the folder, in words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from validation.records import plans
from validation.records.gathered import Evidence
from validation.records.shards import Shard
from validation.trial.plan import Plan


def deviations(
    out: Path, names: list[str], plan: Plan, evidence: Evidence, events: list[dict[str, Any]]
) -> list[str]:
    """All of them, a sentence each.

    Parameters
    ----------
    out : Path
    names : list of str
        Of the folder's plans, in the order in which runs took them up; the last is `plan`.
    plan : Plan
    evidence : Evidence
    events : list of dict
        Of the folder's log.
    """
    lines = []
    if names[0] != names[-1]:
        lines += [
            f"Since the folder's first plan ({names[0][:12]}), {change}."
            for change in _since(out, names[0], plan)
        ]
    stops = [event for event in events if event["event"] == "stop"]
    if stops and stops[-1].get("reason") not in ("decided", "last look"):
        lines.append(f"The run stopped before its plan was carried out: {stops[-1].get('reason')}.")
    found = environments(evidence.shards)
    if len(found) > 1:
        lines.append(
            "Replicates were computed with different hardware or versions: "
            + "; ".join(f"{count} with {name}" for name, count in sorted(found.items()))
            + "."
        )
    aside = sum(event["event"] == "set aside" for event in events)
    if aside:
        lines.append(f"{aside} result files were spoilt, set aside and computed again.")
    lines += [f"A result file is spoilt and was not used: {line}." for line in evidence.spoilt]
    return lines


def _since(out: Path, first: str, plan: Plan) -> list[str]:
    """What a plan does otherwise than the folder's first."""
    try:
        return changes(plans.load(out, first), plan)
    except ValueError:
        return ["which another version made, it is not known what changed"]


def environments(shards: Sequence[Shard]) -> dict[str, int]:
    """With what hardware and versions shards were computed, and how many."""
    found: dict[str, int] = {}
    for shard in shards:
        name = shard.provenance["environment"]
        found[name] = found.get(name, 0) + 1
    return found


def changes(before: Plan, after: Plan) -> list[str]:
    """What a later plan does otherwise."""
    lines = [
        f"{name}: {getattr(before, name)!r} became {getattr(after, name)!r}"
        for name in ("preset", "seed", "alpha", "mvtheory")
        if getattr(before, name) != getattr(after, name)
    ]
    old, new = ({claim.name: claim for claim in plan.claims} for plan in (before, after))
    lines += [f"claim {name} was taken out" for name in old if name not in new]
    lines += [f"claim {name} was added" for name in new if name not in old]
    for name in (name for name in old if name in new):
        first, second = (list(claims[name].replicates) for claims in (old, new))
        if first != second:
            lines.append(f"claim {name}: replicates at the looks {first} became {second}")
        # Not by their power: it follows from the other claims of the run.
        said, says = (
            (claim.statement, claim.margin, claim.studies) for claim in (old[name], new[name])
        )
        if said != says:
            lines.append(f"claim {name}: its predictions, margins or settings changed")
    lines += [
        f"the {part} changed"
        for part in ("tests", "stopping")
        if getattr(before, part) != getattr(after, part)
    ]
    return lines
