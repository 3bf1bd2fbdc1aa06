"""What the preset quick costs in this build and in an earlier one.

Usage: python benchmarks/quick.py --against REV [--preset quick] [--record FILE]

Seconds of the processor to plan a run of all claims and to train the replicates of its first look,
of which one of each setting is trained and measured, with one thread. Reports are not written. Each
build runs in a process of its own, REV and the files of HEAD.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from revisions import ONE_THREAD, checked_out, git

MOST = 12
"""Settings that are listed, the costliest first."""

MEASURE = """
import json, sys, time
from validation.claims import CLAIMS
from validation.experiments import restore
from validation.running.task import Task, compute
from validation.trial.plan import make

preset = sys.argv[1]
# A run of all leaves out claims that cost too much for it.
claims = [c for c in CLAIMS.values() if preset not in getattr(c, "costly", ())]
claims = [c for c in claims if c.settings(preset)]
start = time.process_time()
plan = make(claims, preset, 0)
found = {"claims": len(claims), "planning": time.process_time() - start, "settings": {}}
begun = set()
for one, replicates in plan.wanted(1).items():
    setting = restore(one.plain)
    if setting.experiment not in begun:  # what is imported and compiled is not counted
        compute(Task(setting.shortened(1), 0, 0, "cpu", False))
        begun.add(setting.experiment)
    start = time.process_time()
    compute(Task(setting, 0, 0, "cpu", False))
    found["settings"][setting.label] = time.process_time() - start, replicates
print(json.dumps(found))
"""


def measured(folder: Path, preset: str) -> dict[str, Any]:
    """Claims, seconds of planning and, by setting, of a replicate, with how many there are."""
    done = subprocess.run(
        (sys.executable, "-W", "ignore", "-c", MEASURE, preset), cwd=folder, check=True,
        env=os.environ | ONE_THREAD | {"PYTHONPATH": str(folder)}, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def page(found: dict[str, dict[str, Any]], commits: dict[str, str], preset: str) -> str:
    totals = {
        name: one["planning"] + sum(seconds * count for seconds, count in one["settings"].values())
        for name, one in found.items()
    }
    lines = [
        f"# The preset {preset} at {commits['after'][:9]} against {commits['before'][:9]}",
        "",
        "Seconds of the processor: planning, and the replicates of the first look by one of each",
        "setting. Reports are not written.",
        "",
        "| | before | after | ratio |",
        "|---|---|---|---|",
    ]
    rows = {
        "claims": lambda one: one["claims"],
        "settings": lambda one: len(one["settings"]),
        "replicates": lambda one: sum(count for _, count in one["settings"].values()),
        "planning": lambda one: one["planning"],
    }
    for name, value in rows.items():
        old, new = value(found["before"]), value(found["after"])
        lines.append(f"| {name} | {old:.4g} | {new:.4g} | {new / old:.2f} |")
    ratio = totals["after"] / totals["before"]
    lines += [
        f"| **all** | {totals['before']:.0f} | {totals['after']:.0f} | **{ratio:.2f}** |",
        "",
        "| setting | seconds, before | after |",
        "|---|---|---|",
    ]
    costs = {
        build: {label: s * count for label, (s, count) in one["settings"].items()}
        for build, one in found.items()
    }
    labels = sorted(
        costs["before"] | costs["after"],
        key=lambda label: -max(own.get(label, 0.0) for own in costs.values()),
    )
    for label in labels[:MOST]:
        old, new = (f"{own[label]:.0f}" if label in own else "-" for own in costs.values())
        lines.append(f"| {label} | {old} | {new} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", required=True, metavar="REV")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    commits = {"before": git("rev-parse", chosen.against), "after": git("rev-parse", "HEAD")}
    with checked_out(commits) as folders:
        found = {name: measured(folder, chosen.preset) for name, folder in folders.items()}
    text = page(found, commits, chosen.preset)
    print(text)
    if chosen.record:
        chosen.record.write_text(text)


if __name__ == "__main__":
    main()
