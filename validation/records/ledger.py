"""A ledger: one file for the runs of many folders, so that no trial is forgotten.

A run enters its plan before it trains, and its verdicts at its end. A report that is given the
ledger says which other plans were entered for its claims, and whether their networks were seen.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from validation.records import chain
from validation.records.files import unwritable
from validation.records.history import fixed
from validation.trial.identity import canonical, sha256
from validation.trial.plan import Plan, PlannedClaim

PATIENCE = 30.0
"""Seconds that another run may take to enter a line."""


def enter(path: Path, plan: Plan) -> None:
    """Enter a plan, before anything is trained for it."""
    claims = {claim.name: _entry(plan, claim) for claim in plan.claims}
    with _alone(path):
        chain.mend(path)
        chain.add(
            path, "plan", hash=plan.name, preset=plan.preset, seed=plan.seed, claims=claims,
            mvtheory=plan.mvtheory,
        )  # fmt: skip


def close(path: Path, plan: Plan, verdicts: Mapping[str, str]) -> None:
    """Enter what came of a plan."""
    with _alone(path):
        chain.add(path, "verdicts", hash=plan.name, verdicts=dict(verdicts))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise ValueError(
            f"ledger={str(path)!r} is held by another process for longer than {PATIENCE:g} s: stop "
            "it, or give another file"
        ) from None
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _entry(plan: Plan, claim: PlannedClaim) -> dict[str, str]:
    """Of a claim, on which networks it is tried, and how it is judged."""
    networks = [plan.seed, *(study.setting.text for study in claim.studies)]
    return {
        "networks": sha256(canonical(networks)),
        "judged": sha256(canonical(fixed(plan, claim))),
    }


def faults(path: Path, plan: Plan) -> list[str]:
    """What is wrong with a ledger, or with the plan's place in it; a sentence each."""
    if not any(True for _ in chain.events(path)):
        return [f"The ledger {path.name} is missing or empty."]
    lines = []
    if broken := chain.breaks(path):
        lines.append(
            f"The ledger {path.name} was changed: what comes before does not belong to line "
            f"{', '.join(map(str, broken))}."
        )
    if not any(event.get("hash") == plan.name for event in chain.events(path)):
        lines.append(f"The ledger {path.name} does not name this plan.")
    return lines


def others(path: Path, plan: Plan) -> list[dict[str, Any]]:
    """Other plans in the ledger with a claim of this one, and the verdicts that came of them."""
    own = {claim.name for claim in plan.claims}
    found: dict[str, dict[str, Any]] = {}
    for event in chain.events(path):
        if event["event"] == "plan" and own & set(event.get("claims", ())):
            found.setdefault(
                event["hash"],
                {
                    "plan": event["hash"], "time": event["time"], "preset": event["preset"],
                    "seed": event["seed"], "verdicts": {},
                },
            )  # fmt: skip
        elif event["event"] == "verdicts" and event["hash"] in found:
            verdicts = event["verdicts"].items()
            found[event["hash"]]["verdicts"] = {n: v for n, v in verdicts if n in own}
    return [entry for name, entry in found.items() if name != plan.name]


def tried(path: Path, plan: Plan) -> set[str]:
    """Claims that were judged otherwise before, on the same networks, in whichever folder."""
    now = {claim.name: _entry(plan, claim) for claim in plan.claims}
    seen: set[str] = set()
    first: set[str] = set()
    for event in chain.events(path):
        for name, entry in event.get("claims", {}).items():
            if name not in now or entry.get("networks") != now[name]["networks"]:
                continue
            if entry.get("judged") == now[name]["judged"]:
                first.add(name)  # planned so, before whatever comes later
            elif name not in first:
                seen.add(name)
    return seen
