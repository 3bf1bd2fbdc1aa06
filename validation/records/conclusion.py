"""A run's conclusions, from its folder alone: plan, shards and log in, verdicts out.

The runner asks it after each look and the report once; both see the same numbers.
"""

import math
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import mvtheory
from validation.claims import known
from validation.experiments import restore
from validation.records import store
from validation.threads import one_thread
from validation.trial import plan as plans
from validation.trial.claim import Comparison, Measured, Sample, Verdict
from validation.trial.design import power
from validation.trial.verdict import Case, Decision, compare, level, sequential


@dataclass(frozen=True)
class Evidence:
    """The finished replicates of a plan."""

    measured: dict[str, Measured]
    """By setting."""
    missing: dict[str, list[int]]
    """By setting, of all that the last look may ask for."""
    shards: list[store.Shard]
    spoilt: list[str]
    _cut: dict[tuple[str, int], Measured] = field(default_factory=dict)
    _cases: dict[tuple[str, int], Case] = field(default_factory=dict)

    def lacks(self, setting: dict[str, Any], replicates: int) -> list[int]:
        """Which of the first so many replicates of a setting are not finished."""
        return [n for n in self.missing[store.canonical(setting)] if n < replicates]

    def first(self, setting: dict[str, Any], replicates: int) -> Measured:
        """The first so many replicates that are finished of a setting; claims share them."""
        name = store.canonical(setting)
        if (name, replicates) not in self._cut:
            self._cut[name, replicates] = self.measured[name].first(replicates)
        return self._cut[name, replicates]

    def case(self, planned: dict[str, Any], replicates: int) -> Case:
        """A claim's observations on the first so many replicates that are finished of each setting.

        They are made once, however often the claim is judged by them.
        """
        name = planned["name"]
        if (name, replicates) not in self._cases:
            self._cases[name, replicates] = case_on(planned, self, replicates)
        return self._cases[name, replicates]


_latest: list[tuple[str, Evidence]] = []
"""What was gathered last, and for which plan: as long as no file changes it is not made again."""


def gather(out: Path, plan: dict[str, Any]) -> Evidence:
    """The finished shards of a plan; spoilt files count as missing.

    ValueError if a claim of the plan is not known here.
    """
    for claim in plan["claims"]:  # before its settings are looked for
        known(claim["name"], claim.get("module", ""))
    evidence = Evidence({}, {}, [], [])
    for description, most in plans.wanted(plan, len(plan["looks"])):
        own: list[store.Shard] = []
        missing = []
        for replicate in range(most):
            try:
                shard = store.find(out, description, plan["seed"], replicate)
            except store.SpoiltFileError as error:
                evidence.spoilt.append(str(error))
                shard = None
            if shard is None:
                missing.append(replicate)
            else:
                own.append(shard)
        name = store.canonical(description)
        evidence.measured[name] = store.measured(restore(description), own)
        evidence.missing[name] = missing
        evidence.shards.extend(own)
    name = plans.name_of(plan)
    for before, kept in _latest:
        if before == name and _same(kept, evidence):
            return kept
    _latest[:] = [(name, evidence)]
    return evidence


def _same(one: Evidence, other: Evidence) -> bool:
    """Whether both hold the very same shards: `store.find` gives one twice if its file is."""
    return one.spoilt == other.spoilt and list(map(id, one.shards)) == list(map(id, other.shards))


def case_of(planned: dict[str, Any], evidence: Evidence, replicates: int) -> Case | None:
    """A claim's observations on its first replicates, or None if some are missing."""
    if any(evidence.lacks(study["setting"], replicates) for study in planned["studies"]):
        return None
    return evidence.case(planned, replicates)


def case_on(planned: dict[str, Any], evidence: Evidence, replicates: int) -> Case:
    """A claim's observations on the first so many replicates that are finished of each setting."""
    claim = known(planned["name"], planned.get("module", ""))
    expectations, samples, requirements, checks = [], [], [], []
    for study in planned["studies"]:
        measured = evidence.first(study["setting"], replicates)
        expectations += [plans.expectation(e) for e in study["expectations"]]
        requirements += [plans.expectation(e) for e in study["requirements"]]
        samples += claim.observe(measured)
        checks += claim.check(measured)
    return Case(expectations, samples, requirements, checks)


def decide(plan: dict[str, Any], evidence: Evidence) -> list[Decision]:
    """Verdicts at the looks reached so far; empty before the first.

    Raises ValueError if the plan was made for another rule of spending the error.
    """
    if any(look["level"] != level(look["look"], plan["alpha"]) for look in plan["looks"]):
        raise ValueError(
            "the plan's levels are not those of this version's stopping rule: use the version of "
            f"mvtheory that made it ({plan['mvtheory']})"
        )
    return sequential(
        [claim["replicates"] for claim in plan["claims"]],
        lambda index, replicates: case_of(plan["claims"][index], evidence, replicates),
        plan["alpha"],
    )


@one_thread()
def conclude(out: Path) -> dict[str, Any]:
    """Everything a report says, as plain data.

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
    events = list(store.events(out))
    return {
        "plan": {name: value for name, value in plan.items() if name != "claims"},
        "hash": names[-1],
        "registered": next(
            (e["time"] for e in events if e["event"] == "plan" and e.get("hash") == names[-1]), None
        ),
        "claims": [
            claim_record(planned, evidence, decisions[index] if decisions else None, plan)
            for index, planned in enumerate(plan["claims"])
        ],
        "replicates": {
            measured.setting.label: measured.replicates for measured in evidence.measured.values()
        },
        "networks": {
            measured.setting.label: measured.replicates * measured.setting.networks
            for measured in evidence.measured.values()
        },
        "digest": store.digest(evidence.shards),
        "computed": computed(evidence.shards),
        "deviations": deviations(out, names, plan, evidence, events),
        "runs": [event for event in events if event["event"] in ("start", "look", "stop")],
    }


def computed(shards: Sequence[store.Shard]) -> dict[str, Any]:
    """With what and for how long the shards were computed."""
    environments: dict[str, int] = {}
    for shard in shards:
        name = shard.provenance["environment"]
        environments[name] = environments.get(name, 0) + 1
    return {
        "environments": environments,
        "seconds": sum(shard.provenance["seconds"] for shard in shards),
    }


def deviations(
    out: Path,
    names: list[str],
    plan: dict[str, Any],
    evidence: Evidence,
    events: list[dict[str, Any]],
) -> list[str]:
    """Where the run departed from its plan, or its plan from the first one of the folder."""
    lines = []
    if names[0] != names[-1]:
        for change in plans.changes(plans.load(out, names[0]), plan):
            lines.append(f"Since the folder's first plan ({names[0][:12]}), {change}.")
    stops = [event for event in events if event["event"] == "stop"]
    if stops and stops[-1].get("reason") not in ("decided", "last look"):
        lines.append(f"The run stopped before its plan was carried out: {stops[-1].get('reason')}.")
    environments = computed(evidence.shards)["environments"]
    if len(environments) > 1:
        lines.append(
            "Replicates were computed with different hardware or versions: "
            + "; ".join(f"{count} with {name}" for name, count in sorted(environments.items()))
            + "."
        )
    aside = sum(event["event"] == "set aside" for event in events)
    if aside:
        lines.append(f"{aside} result files were spoilt, set aside and computed again.")
    lines += [f"A result file is spoilt and was not used: {line}." for line in evidence.spoilt]
    return lines


def claim_record(
    planned: dict[str, Any], evidence: Evidence, decision: Decision | None, plan: dict[str, Any]
) -> dict[str, Any]:
    """Everything the report says of a claim."""
    claim = known(planned["name"], planned.get("module", ""))
    studies = [evidence.measured[store.canonical(s["setting"])] for s in planned["studies"]]
    looks = planned["replicates"]
    # A setting that claims share may have more.
    finished = min(looks[-1], *(study.replicates for study in studies))
    replicates = looks[decision.look - 1] if decision else finished
    missing = {
        study["setting"]["label"]: numbers
        for study in planned["studies"]
        if not decision and (numbers := evidence.lacks(study["setting"], looks[0]))
    }
    # Before the first look there is no verdict; what is there is shown at its level.
    shown = decision or Decision(Verdict.INCONCLUSIVE, 1, level(1), level(1))
    case = evidence.case(planned, replicates) if replicates else None
    comparisons: list[Comparison] = []
    checks: list[Comparison] = []
    remarks: list[str] = []
    if case:
        comparisons = compare_all(case.expectations, case.samples, shown)
        checks = compare_all(case.requirements, case.checks, shown)
        if decision is None:
            comparisons, checks = (
                [replace(c, verdict=shown.verdict) for c in own] for own in (comparisons, checks)
            )
        if replicates > 1:
            first = [evidence.first(s["setting"], replicates) for s in planned["studies"]]
            remarks = claim.remarks(comparisons, first)
    return {
        "name": claim.name,
        "module": claim.module,
        "title": claim.title,
        "statement": planned["statement"],
        "refuted": claim.refuted,
        "recorded": str(claim.recorded),
        "sources": [str(source) for source in claim.sources],
        "equations": [equation_record(name) for name in claim.formulas],
        "assumptions": list(claim.assumptions),
        "margin": planned["margin"],
        "change": claim.change,
        "panels": {name: list(axes) for name, axes in claim.panels.items()},
        "settings": [study["setting"] for study in planned["studies"]],
        "remarks": remarks,
        "power": plan["power"]["claims"][claim.name],
        "verdict": str(shown.verdict),
        "look": decision.look if decision else None,
        "replicates": replicates,
        "planned": looks[0],
        "missing": missing,
        "confidence": 1 - shown.hold_level,
        "comparisons": [_record(c, shown) for c in comparisons],
        "checks": [_record(c, shown) for c in checks],
    }


def compare_all(
    expectations: Sequence[Any], samples: Sequence[Sample], decision: Decision
) -> list[Comparison]:
    return [compare(e, s, decision) for e, s in zip(expectations, samples, strict=True)]


def _record(comparison: Comparison, decision: Decision) -> dict[str, Any]:
    low, high = (None if math.isinf(end) else end for end in comparison.interval)
    return asdict(comparison) | {
        "interval": [low, high],
        "verdict": str(comparison.verdict),
        "difference": comparison.difference,
        "to_decide": replicates_to_decide(comparison, decision),
    }


def replicates_to_decide(comparison: Comparison, decision: Decision) -> int | None:
    """Replicates at which an undecided comparison would be decided in 9 of 10 repetitions.

    If its observed mean and spread were the true ones, at the level of the next look.
    """
    expected, error = comparison.expectation, comparison.standard_error
    if comparison.verdict is not Verdict.INCONCLUSIVE or not error:
        return None
    borders = [abs(comparison.observed - b) for b in (expected.low, expected.high) if b is not None]
    spread = error * comparison.replicates**0.5
    one_border = type(expected)(
        expected.panel, expected.series, expected.x, 0.0, -max(min(borders), 1e-12), None, spread
    )
    # The next look spends half, shared by the sides of the range.
    alpha = decision.hold_level / 2 / len(borders)
    least, most = comparison.replicates + 1, comparison.replicates + 1
    while power(one_border, most, alpha) < 0.9:
        if most > 10**6:
            return None
        least, most = most, 2 * most
    while least < most:
        middle = (least + most) // 2
        if power(one_border, middle, alpha) < 0.9:
            least = middle + 1
        else:
            most = middle
    return most


def equation_record(name: str) -> dict[str, str]:
    """A formula of the theory, to be rendered by the report."""
    formula = mvtheory.lookup(name)
    assert isinstance(formula, mvtheory.Formula)
    return {
        "name": name,
        "summary": formula.summary,
        "status": formula.status_text,
        "source": str(formula.source),
        "latex": formula.equation(),
    }
