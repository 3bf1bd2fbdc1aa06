"""What a run found of a claim, beside what was planned of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from validation.claims import known
from validation.records.gathered import Evidence
from validation.records.history import History
from validation.trial.claim import Claim, Comparison, Expectation, Sample, Verdict
from validation.trial.design import replicates_to_decide
from validation.trial.plan import Plan, PlannedClaim
from validation.trial.verdict import Decision, compare

SEEN = ", on networks seen before"


@dataclass(frozen=True)
class ClaimRecord:
    """Everything that a report says of a claim."""

    claim: Claim
    """As this version has it."""
    planned: PlannedClaim
    """As it was registered."""
    verdict: Verdict
    look: int | None
    """At which it was judged last; None before the first."""
    replicates: int
    """Of each setting, by which it was judged; before the first look, those that all have."""
    missing: dict[str, list[int]]
    """Before the first look, the replicates that it still waits for, by label."""
    seen: int
    """Replicates that were there, or may have been, before it was planned as it is judged."""
    comparisons: tuple[Comparison, ...]
    checks: tuple[Comparison, ...]
    """Of the preconditions."""
    remarks: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.planned.name

    @property
    def outcome(self) -> str:
        """The verdict, and whether it is one on networks that were seen before."""
        decided = self.seen and self.verdict is not Verdict.INCONCLUSIVE
        return f"{self.verdict}{SEEN if decided else ''}"


def record(
    planned: PlannedClaim,
    evidence: Evidence,
    decision: Decision,
    history: History,
    plan: Plan,
    tried: Collection[str] = (),
) -> ClaimRecord:
    """A claim as decided, or before the first look as far as its replicates are finished.

    `tried` are claims whose networks were judged otherwise before, by a ledger.
    """
    claim = known(planned.name, planned.module)
    looks = planned.replicates
    # A setting that claims share may have more.
    counts = [evidence.measured[study.setting].replicates for study in planned.studies]
    replicates = looks[decision.look - 1] if decision.look else min(looks[-1], *counts)
    missing = {
        study.setting.label: numbers
        for study in planned.studies
        if not decision.look and (numbers := evidence.lacks(study.setting, looks[0]))
    }
    comparisons: tuple[Comparison, ...] = ()
    checks: tuple[Comparison, ...] = ()
    remarks: list[str] = []
    if replicates:
        case = evidence.case(planned, replicates)
        comparisons = _compared(case.expectations, case.samples, decision)
        checks = _compared(case.requirements, case.checks, decision)
        if replicates > 1:
            first = [evidence.first(study.setting, replicates) for study in planned.studies]
            remarks = claim.remarks(comparisons, first)
    own = [
        shard
        for study in planned.studies
        for shard in evidence.shards_of(study.setting, replicates)
    ]
    seen = len(own) if planned.name in tried else history.seen(plan, planned, own)
    return ClaimRecord(
        claim, planned, decision.verdict, decision.look or None, replicates, missing,
        seen, comparisons, checks, tuple(remarks),
    )  # fmt: skip


def _compared(
    expectations: Sequence[Expectation],
    samples: Sequence[Sample],
    decision: Decision,
) -> tuple[Comparison, ...]:
    """Comparisons as they are shown at the levels of a decision."""
    shown = [compare(e, s, decision) for e, s in zip(expectations, samples, strict=True)]
    return tuple(replace(c, to_decide=replicates_to_decide(c, decision)) for c in shown)
