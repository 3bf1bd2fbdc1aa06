"""The claims on patch networks at the size for a GPU, by the command that puts them on trial."""

import json
import shutil
from pathlib import Path

from mvtheory.console import say
from validation import command
from validation.claims import CLAIMS
from validation.gpu.job import FAILED, FINISHED, RETURNED, Job

EXPERIMENTS = {"lottery", "teaching", "phase", "summed"}
"""Those whose networks are patch networks alone."""
REPORT = 60.0
"""Seconds kept for verdicts and the page."""
OPPOSITE, INCONCLUSIVE = 1, 3


def run(job: Job) -> int:
    """Go on with the run in the folder `claims`; what earlier folders hold is not written again."""
    out = job.out / "claims"
    taken_over = [path for folder in job.earlier for path in copied(folder / "claims", out)]
    preset = "quick" if job.tiny else "full"
    names = ["single-view"] if job.tiny else patch_claims()
    budget = 0.001 if job.tiny else max(job.left - REPORT, 1) / 60
    options = ["--preset", preset, "--device", job.device, "--seed", str(job.seed)]
    options += ["--budget", f"{budget:.4f}", "--out", str(out)]
    options += ["--compile"] if job.device == "cuda" else []
    code = command.main(["run", *names, *options])
    if code not in (0, OPPOSITE, INCONCLUSIVE):
        return code
    reason = stopped_by(out)
    for path in taken_over:
        if path.parent.name == "shards":
            path.unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    say(f"claims: {size / 1e6:.1f} MB in {out}; {reason}")
    if size > RETURNED:
        say(f"claims: more than the {RETURNED / 1e6:g} MB that come back from a lent machine")
    if code == OPPOSITE:
        return FAILED
    return job.unfinished("claims without a verdict") if "time" in reason else FINISHED


def patch_claims() -> list[str]:
    return [
        name
        for name, claim in CLAIMS.items()
        if {setting.experiment for setting in claim.settings("full")} <= EXPERIMENTS
    ]


def copied(source: Path, out: Path) -> list[Path]:
    """Files of an earlier call that this folder lacks, copied there."""
    targets = []
    for path in sorted(source.rglob("*")):
        target = out / path.relative_to(source)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            targets.append(target)
    return targets


def stopped_by(out: Path) -> str:
    """Why the last run in this folder stopped, as its journal says."""
    lines = (out / "log.jsonl").read_text(encoding="utf-8").splitlines()
    reasons = [line["reason"] for line in map(json.loads, lines) if "reason" in line]
    return str(reasons[-1]) if reasons else "no reason noted"
