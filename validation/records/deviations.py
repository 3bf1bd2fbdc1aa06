"""Where a run departed from its plan, its folder from its log, or a plan from an earlier one."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from validation.code import code
from validation.records import journal, plans
from validation.records.gathered import Evidence
from validation.records.history import History, judged_by
from validation.records.shards import Shard
from validation.trial.plan import TESTED_BY, Plan


def deviations(plan: Plan, evidence: Evidence, history: History) -> list[str]:
    """All of them, a sentence each."""
    return [
        *_of_the_plans(plan, history),
        *_of_the_log(plan, evidence, history),
        *_of_the_code(plan, evidence),
        *_of_the_run(evidence, history),
    ]


def _of_the_plans(plan: Plan, history: History) -> Iterator[str]:
    """Plans that are gone, that nobody took up, or that said otherwise."""
    named = [name for _, name in history.taken_up]
    on_disk = plans.on_disk(history.out)
    for name in dict.fromkeys(named):
        if name not in on_disk:
            last = ", the last one, so that an earlier one is reported" if name == named[-1] else ""
            yield f"The plan {name[:12]}, which the log names{last}, is missing."
    for name in on_disk:
        if name not in named:
            yield f"The log does not say when the plan {name[:12]} was registered."
    earlier = [name for name in dict.fromkeys(named) if name in on_disk and name != plan.name]
    for name in earlier:
        for change in _since(history.out, name, plan):
            yield f"Since the plan {name[:12]}, which this folder had before, {change}."


def _since(out: Path, name: str, plan: Plan) -> list[str]:
    """What a plan does otherwise than an earlier one."""
    try:
        return changes(plans.load(out, name), plan)
    except ValueError:
        return ["which another version made, it is not known what changed"]


def _of_the_log(plan: Plan, evidence: Evidence, history: History) -> Iterator[str]:
    """Results and lines that do not belong to one another."""
    if not history.events:
        yield (
            "The log is missing: nothing shows that the plan came before the results, nor that "
            "these are all of them."
        )
        return
    if broken := journal.breaks(history.out):
        yield (
            "The log was changed: what comes before does not belong to line "
            f"{', '.join(map(str, broken))}."
        )
    keys = {shard.key: shard for shard in evidence.shards}
    if unknown := [name for name in keys if name not in history.first_stored]:
        yield f"Results that the log does not name: {_some(unknown)}."
    if other := [n for n, own in keys.items() if history.digests.get(n, own.digest) != own.digest]:
        yield f"Results with other numbers than the log has: {_some(other)}."
    retold = [
        name
        for name, own in keys.items()
        if name in history.provenances and history.provenances[name] != own.told
    ]
    if retold:
        yield f"Results that say otherwise than the log how they were computed: {_some(retold)}."
    wanted = evidence.wanted(plan.seed)
    if gone := [name for name in history.first_stored if name in wanted and name not in keys]:
        yield f"Results that the log names and that are not there: {_some(gone)}."


def _of_the_code(plan: Plan, evidence: Evidence) -> Iterator[str]:
    """Results and verdicts by other code than the plan names."""
    if not plan.code:
        return
    others: Counter[str] = Counter()
    for setting, own in evidence.by_setting.items():
        trainer = evidence.measured[setting].setting.trainer
        others[trainer] += sum(s.provenance.get("code") != plan.code.get(trainer) for s in own)
    for trainer, count in others.items():
        if count:
            yield f"Results computed by other code of {trainer} than the plan names: {count}."
    now = {claim.name: judged_by(claim) for claim in plan.claims}
    if code(TESTED_BY) != plan.code.get(TESTED_BY):
        yield f"This report is made by other code of {TESTED_BY} than the plan names."
    for name, modules in now.items():
        changed = [m for m in modules if m != TESTED_BY and code(m) != plan.code.get(m)]
        if changed:
            yield f"Claim {name} is judged by other code of {', '.join(changed)} than planned."


def _of_the_run(evidence: Evidence, history: History) -> Iterator[str]:
    """What went otherwise than planned while it was carried out."""
    stops = [event for event in history.events if event["event"] == "stop"]
    if stops and stops[-1].get("reason") not in ("decided", "last look"):
        yield f"The run stopped before its plan was carried out: {stops[-1].get('reason')}."
    found = environments(evidence.shards)
    if len(found) > 1:
        yield (
            "Replicates were computed with different hardware or versions: "
            + "; ".join(f"{count} with {name}" for name, count in sorted(found.items()))
            + "."
        )
    aside = sum(event["event"] == "set aside" for event in history.events)
    if aside:
        yield f"{aside} result files were spoilt, set aside and computed again."
    for line in evidence.spoilt:
        yield f"A result file is spoilt and was not used: {line}."


def lacks(plan: Plan, evidence: Evidence, history: History) -> list[str]:
    """What a record of an earlier version does not say, a sentence each."""
    lines = []
    if not plan.code:
        lines.append("The plan does not name the code that decides its numbers.")
    if history.events and not journal.chained(history.out):
        lines.append("The lines of the log are not chained: one that was changed would not show.")
    if any("code" not in shard.provenance for shard in evidence.shards):
        lines.append(
            "Results do not name the code, the processor and the libraries that they were "
            "computed with."
        )
    return lines


def _some(names: list[str]) -> str:
    """How many they are, and the first of them."""
    return f"{len(names)} ({', '.join(names[:3])}{' ...' * (len(names) > 3)})"


def environments(shards: list[Shard]) -> dict[str, int]:
    """With what hardware and versions shards were computed, and how many."""
    return dict(Counter(shard.provenance["environment"] for shard in shards))


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
    lines += [
        f"the code of {module} changed"
        for module in sorted(before.code.keys() & after.code.keys())
        if before.code[module] != after.code[module]
    ]
    return lines


def earlier(plan: Plan, history: History) -> list[dict[str, Any]]:
    """Other plans that runs took up in the folder, with the verdicts that they came to last."""
    found: dict[str, dict[str, Any]] = {}
    current = None
    for event in history.events:
        if event["event"] == "plan" and "hash" in event:
            current = found.setdefault(
                event["hash"], {"plan": event["hash"], "time": event["time"]}
            )
        elif event["event"] == "look" and current is not None:
            current["verdicts"] = event.get("verdicts", [])
    return [own | _named(history, own) for name, own in found.items() if name != plan.name]


def _named(history: History, own: dict[str, Any]) -> dict[str, Any]:
    """An earlier plan's preset and seed, and its verdicts by claim, where its file is there."""
    try:
        plan = plans.load(history.out, own["plan"])
    except (ValueError, OSError):
        return {"preset": None, "seed": None, "verdicts": {}}
    names = [claim.name for claim in plan.claims]
    verdicts = own.get("verdicts") or ["INCONCLUSIVE"] * len(names)
    return {
        "preset": plan.preset,
        "seed": plan.seed,
        "verdicts": dict(zip(names, verdicts, strict=False)),
    }
