"""Records of claims made by hand, for the tests of what reports say of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from validation.claims import CLAIMS
from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.trial.claim import Comparison, Expectation, Verdict
from validation.trial.plan import Plan, PlannedClaim

HALF = Expectation("p", "s", 1, 0.5, 0.4, 0.6, 0.1)


def planned(name: str = "winner", **changes: Any) -> PlannedClaim:
    plain = PlannedClaim(name, "S_l | decides", "a tenth", (6, 9), (), 0.95, HALF)
    return replace(plain, **changes)


def record(
    name: str = "winner",
    verdict: Verdict = Verdict.HOLDS,
    comparisons: Sequence[Comparison] = (),
    statement: str = "S_l | decides",
    seen: int = 0,
    **claim: Any,
) -> ClaimRecord:
    """Of a claim with a panel "p", decided at its first look."""
    plain = {"title": "The winner", "sources": ("Saxe (2022)", "ours"), "refuted": ""}
    panels = {"panels": {"p": ("number of networks N", "coverage")}}
    return ClaimRecord(
        replace(CLAIMS["winner"], name=name, **(plain | panels | claim)),
        planned(name, statement=statement),
        verdict, 1, 6, {}, seen, tuple(comparisons), (), (),
    )  # fmt: skip


def conclusion(
    *records: ClaimRecord,
    networks: dict[str, int] | None = None,
    deviations: Sequence[str] = (),
    preset: str = "quick",
) -> Conclusion:
    plan = Plan(preset, 7, tuple(own.planned for own in records), (0.025,), 0.9, mvtheory="0.1")
    return Conclusion(
        plan, "today", tuple(records), {}, networks or {},
        {"network": sum((networks or {}).values())}, "digest", {}, 1.0,
        "", list(deviations), [], [], [], "head",
    )  # fmt: skip
