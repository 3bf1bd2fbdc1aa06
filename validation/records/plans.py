"""The plans of a folder: registered before training, and read again as they were."""

import json
import re
from pathlib import Path

from validation.records import files, journal
from validation.trial.identity import SCHEMA, canonical, sha256
from validation.trial.plan import Plan

NAME = re.compile("[0-9a-f]{64}")
"""How a plan's file is called."""


def register(out: Path, plan: Plan) -> str:
    """Write a plan into the run's folder, under its hash, and log the moment."""
    path = plan_path(out, plan.name)
    if not path.exists():
        files.write(path, plan.text)
    if named(out)[-1:] != [plan.name]:
        journal.log(out, "plan", hash=plan.name)
    return plan.name


def plan_path(out: Path, name: str) -> Path:
    return out / "plans" / f"{name}.json"


def registered(out: Path) -> list[str]:
    """Hashes of the plans of a folder in the order in which runs took them up."""
    there = on_disk(out)
    return [name for name in named(out) if name in there] or there


def on_disk(out: Path) -> list[str]:
    """Hashes of the plans whose files are there."""
    paths = sorted((out / "plans").glob("*.json"))
    return [path.stem for path in paths if NAME.fullmatch(path.stem)]


def named(out: Path) -> list[str]:
    """Hashes of plans in the log, in the order in which runs took them up."""
    return [e["hash"] for e in journal.events(out) if e["event"] == "plan" and "hash" in e]


def load(out: Path, name: str) -> Plan:
    """Read a plan; ValueError if it was changed since, or another version registered it."""
    path = plan_path(out, name)
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        whole = isinstance(plain, dict) and sha256(canonical(plain)) == name
    except ValueError:
        whole = False
    if not whole:
        raise ValueError(
            f"{path} is not the plan that was registered (its hash differs from its name): put the "
            "original back, or run again into a fresh folder"
        )
    if plain.get("schema") != SCHEMA:
        raise ValueError(
            f"{path} has schema {plain.get('schema')!r}, this version reads {SCHEMA}: run the "
            "claims again into a fresh folder"
        )
    try:
        plan = Plan.of(plain)
    except (KeyError, TypeError):
        plan = None
    if plan is None or plan.name != name:
        raise ValueError(
            f"{path} says more or less than a plan of this version does: use the version of "
            f"mvtheory that made it ({plain.get('mvtheory')}), or run the claims again into a "
            "fresh folder"
        )
    return plan
