"""Runs claims: trains what they need, judges them, keeps every finished piece on disk."""

import platform
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import mvtheory
from validation import store
from validation.claim import Claim, Comparison, compare, verdict_of
from validation.experiments.lottery import LotterySetting, Measured, run

Advance = Callable[[str, int, int], None]
"""Told (what is being trained, network steps done now, network steps of all settings)."""


def resolve_device(device: str) -> str:
    """'auto' is the GPU if there is one; asking for a GPU where there is none is an error."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device='cuda' but torch sees no CUDA GPU: use --device auto or cpu")
    return device


def run_claims(
    claims: Sequence[Claim], preset: str, device: str, seed: int, out: Path, advance: Advance
) -> dict[str, Any]:
    """Train, measure and judge; results.json grows claim by claim and is returned.

    Networks measured by an earlier run into the same folder, with the same settings and seed,
    are read back and not trained again.
    """
    device = resolve_device(device)
    # Results of an earlier run must not be taken for this one's if it is interrupted.
    (out / "results.json").unlink(missing_ok=True)
    started = time.perf_counter()
    studies: dict[str, Measured] = {}
    results: dict[str, Any] = {
        "schema": store.SCHEMA,
        "preset": preset,
        "seed": seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": environment(device),
        "claims": [],
        "measured": [],
    }
    # Predictions of every claim are fixed before the first network is trained.
    plans = [
        (claim, [(setting, claim.expect(setting)) for setting in claim.settings(preset)])
        for claim in claims
    ]
    distinct = {
        store.key(setting.describe(), seed): setting for _, plan in plans for setting, _ in plan
    }
    total = sum(setting.network_steps for setting in distinct.values())

    for claim, plan in plans:
        begun = time.perf_counter()
        for setting, _ in plan:
            name = store.key(setting.describe(), seed)
            if name not in studies:
                studies[name] = measure(setting, seed, device, out, total, advance)
                results["measured"].append(_record(studies[name], seed))
        measured = [studies[store.key(setting.describe(), seed)] for setting, _ in plan]
        samples = [claim.observe(study) for study in measured]
        count = sum(len(sample) for sample in samples)
        comparisons = [
            compare(expectation, sample, trials, count)
            for (_, expectations), observed in zip(plan, samples, strict=True)
            for expectation, (sample, trials) in zip(expectations, observed, strict=True)
        ]
        record = claim_record(claim, comparisons, measured)
        record["seconds"] = time.perf_counter() - begun
        results["claims"].append(record)
        results["seconds"] = time.perf_counter() - started
        results["peak_memory_bytes"] = peak_memory()
        store.write_json(out / "results.json", results)
    return results


def measure(
    setting: LotterySetting, seed: int, device: str, out: Path, total: int, advance: Advance
) -> Measured:
    """The networks of a setting: read back if they are on disk, else trained and stored."""
    path = store.measured_path(out, setting.describe(), seed)
    stored = store.read_measured(path, setting.describe(), seed)
    if stored:
        advance(f"{setting.label} (kept)", setting.network_steps, total)
        return Measured(setting, stored["networks"], stored["ensembles"])
    advance(setting.label, 0, total)
    study = run(setting, seed, device, lambda steps: advance(setting.label, steps, total))
    store.write_json(path, _record(study, seed))
    return study


def _record(study: Measured, seed: int) -> dict[str, Any]:
    return {
        "label": study.setting.label,
        "seed": seed,
        "setting": study.setting.describe(),
        "networks": study.networks,
        "ensembles": study.ensembles,
    }


def claim_record(
    claim: Claim, comparisons: list[Comparison], measured: list[Measured]
) -> dict[str, Any]:
    """Everything the report says of a claim, as plain data."""
    return {
        "name": claim.name,
        "title": claim.title,
        "statement": claim.statement,
        "sources": list(claim.sources),
        "equations": [equation_record(name) for name in claim.formulas],
        "assumptions": list(claim.assumptions),
        "margin": claim.margin,
        "change": claim.change,
        "panels": {name: list(axes) for name, axes in claim.panels.items()},
        "settings": [study.setting.describe() for study in measured],
        "remarks": claim.remarks(comparisons, measured),
        "comparisons": [
            asdict(comparison) | {"difference": comparison.difference} for comparison in comparisons
        ],
        "verdict": verdict_of(comparisons),
    }


def equation_record(name: str) -> dict[str, str]:
    """A formula of the theory, to be rendered by the report."""
    formula = mvtheory.lookup(name)
    assert isinstance(formula, mvtheory.Formula)
    return {
        "name": name,
        "summary": formula.summary,
        "status": formula.status,
        "source": str(formula.source),
        "latex": formula.equation(),
    }


def environment(device: str) -> dict[str, str]:
    """What the numbers were computed with."""
    packages = ("mvtheory", "numpy", "scipy", "sympy", "torch")
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    return {
        "device": f"{device} ({name}), {torch.get_num_threads()} threads",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def peak_memory() -> int:
    """Largest resident memory of this process so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
