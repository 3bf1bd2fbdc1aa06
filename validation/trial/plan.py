"""Preregistration: what a run will claim, by which tests, written and hashed before training."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from validation.records import store
from validation.threads import one_thread
from validation.trial.claim import Claim, Expectation
from validation.trial.design import LOOKS, design
from validation.trial.verdict import ALPHA, level

TARGETS = {"smoke": 0.0, "quick": 0.9, "standard": 0.95, "full": 0.99}
"""Power of each preset's first look; smoke is for tests of the machinery."""

TESTS = (
    "Two one-sided tests of equivalence on the mean over replicates: Student's t; for proportions "
    "with fewer than 5 successes or failures, or without spread, the binomial law of their "
    "independent trials (Clopper-Pearson). A bound is tested on its one side. Within a claim HOLDS "
    "needs every comparison and precondition (intersection-union test), FAILS one comparison "
    "outside its range (Bonferroni) with every precondition met, OUTSIDE ASSUMPTIONS one "
    "precondition missed. Across the claims of the run each kind of decision is corrected by "
    "Holm's method."
)
STOPPING = (
    "Each claim has its own numbers of replicates n_1 < n_2 < ...: at look k, if it has no verdict "
    "yet, it is judged on the first n_k replicates of each of its settings, together with the "
    "other claims, at level alpha / 2^k. A setting that claims share is trained once, as often as "
    "the one of them without a verdict that asks for most; no claim is judged on more than its own "
    "replicates. The run ends when all are decided, after the last look, or when the time allowed "
    "is used up."
)
SEEDS = (
    "numpy.random.SeedSequence(seed, spawn_key=...): the key holds what tells settings apart, the "
    "replicate, the purpose and the network, so that no random number depends on the order of work."
)


@one_thread()
def make(claims: Sequence[Claim], preset: str, seed: int) -> dict[str, Any]:
    """The plan of a run, as plain data; everything in it follows from theory and settings."""
    studies = {
        claim.name: [
            {
                "setting": setting.describe(),
                "expectations": [asdict(e) for e in claim.expect(setting)],
                "requirements": [asdict(e) for e in claim.require(setting)],
            }
            for setting in claim.settings(preset)
        ]
        for claim in claims
    }
    chosen = design(
        {
            name: [expectation(e) for s in own for e in (*s["expectations"], *s["requirements"])]
            for name, own in studies.items()
        },
        TARGETS[preset],
    )
    plan = {
        "schema": store.SCHEMA,
        "mvtheory": version("mvtheory"),
        "preset": preset,
        "seed": seed,
        "seeds": SEEDS,
        "alpha": ALPHA,
        "tests": TESTS,
        "stopping": STOPPING,
        "looks": [{"look": look, "level": level(look)} for look in range(1, LOOKS + 1)],
        "power": {
            "target": chosen.target,
            "claims": {
                name: {
                    "power": chosen.powers[name],
                    "hardest": asdict(chosen.hardest[name]),
                }
                for name in studies
            },
        },
        "claims": [
            {
                "name": claim.name,
                "statement": claim.statement,
                "margin": claim.margin,
                "replicates": list(chosen.looks[claim.name]),
                "studies": studies[claim.name],
                # Of ours nothing is said: a reader has them.
                **({"module": claim.module} if claim.module else {}),
            }
            for claim in claims
        ],
    }
    labels = [setting["label"] for setting in settings(plan)]
    if len(set(labels)) < len(labels):
        raise ValueError(
            f"settings with one label between them: {labels}; progress and report "
            "tell them apart by it, so give each its own"
        )
    # As it will be read back; to 12 digits, so that another processor makes the same plan.
    return json.loads(store.canonical(plan), parse_float=lambda text: float(f"{float(text):.12g}"))


def expectation(stored: dict[str, Any]) -> Expectation:
    return Expectation(**stored)


def settings(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Descriptions of the settings of a plan, each once, in the order of the claims."""
    every = [study["setting"] for claim in plan["claims"] for study in claim["studies"]]
    return list({store.canonical(setting): setting for setting in every}.values())


def wanted(
    plan: dict[str, Any], look: int, undecided: Sequence[bool] | None = None
) -> list[tuple[dict[str, Any], int]]:
    """Settings that undecided claims need at look 1, 2, ..., and how many replicates of each.

    As many as the claim asks for that needs most; without `undecided` all claims count.
    """
    chosen = undecided or [True] * len(plan["claims"])
    most: dict[str, tuple[dict[str, Any], int]] = {}
    for claim, counts in zip(plan["claims"], chosen, strict=True):
        for setting in (study["setting"] for study in claim["studies"] if counts):
            name = store.canonical(setting)
            _, before = most.get(name, (setting, 0))
            most[name] = setting, max(before, claim["replicates"][look - 1])
    return list(most.values())


def with_replicates(plan: dict[str, Any], replicates: Sequence[int]) -> dict[str, Any]:
    """The same plan with so many replicates of every claim at its looks: for tests, benchmarks."""
    return plan | {
        "looks": [{"look": look, "level": level(look)} for look in range(1, len(replicates) + 1)],
        "claims": [claim | {"replicates": list(replicates)} for claim in plan["claims"]],
    }


NAME = re.compile("[0-9a-f]{64}")
"""How a plan's file is called."""


def name_of(plan: dict[str, Any]) -> str:
    """Hash of a plan's content."""
    return store.sha256(store.canonical(plan))


def register(out: Path, plan: dict[str, Any]) -> str:
    """Write a plan into the run's folder, under its hash, and log the moment."""
    name = name_of(plan)
    path = out / "plans" / f"{name}.json"
    if not path.exists():
        store.write(path, json.dumps(plan, indent=1, sort_keys=True) + "\n")
    if _logged(out)[-1:] != [name]:
        store.log(out, "plan", hash=name)
    return name


def registered(out: Path) -> list[str]:
    """Hashes of the plans of a folder in the order in which runs took them up."""
    files = sorted((out / "plans").glob("*.json"))
    on_disk = [path.stem for path in files if NAME.fullmatch(path.stem)]
    return [name for name in _logged(out) if name in on_disk] or on_disk


def _logged(out: Path) -> list[str]:
    return [e["hash"] for e in store.events(out) if e["event"] == "plan" and "hash" in e]


def load(out: Path, name: str) -> dict[str, Any]:
    """Read a plan; ValueError if it was changed since it was registered."""
    path = out / "plans" / f"{name}.json"
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        plan = None
    if not isinstance(plan, dict) or name_of(plan) != name:
        raise ValueError(
            f"{path} is not the plan that was registered (its hash differs from its name): put the "
            "original back, or run again into a fresh folder"
        )
    if plan.get("schema") != store.SCHEMA:
        raise ValueError(
            f"{path} has schema {plan.get('schema')!r}, this version reads {store.SCHEMA}: run the "
            "claims again into a fresh folder"
        )
    return plan


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a later plan does otherwise, in words."""
    lines = [
        f"{name}: {before.get(name)!r} became {after.get(name)!r}"
        for name in ("preset", "seed", "alpha", "mvtheory")
        if before.get(name) != after.get(name)
    ]
    old, new = ({claim["name"]: claim for claim in p["claims"]} for p in (before, after))
    lines += [f"claim {name} was taken out" for name in old if name not in new]
    lines += [f"claim {name} was added" for name in new if name not in old]
    for name in (name for name in old if name in new):
        first, second = old[name]["replicates"], new[name]["replicates"]
        if first != second:
            lines.append(f"claim {name}: replicates at the looks {first} became {second}")
        if old[name] | {"replicates": second} != new[name]:
            lines.append(f"claim {name}: its predictions, margins or settings changed")
    lines += [
        f"the {part} changed" for part in ("tests", "stopping") if before[part] != after[part]
    ]
    return lines
