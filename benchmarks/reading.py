"""Reading a run back: CPU seconds of a look and of `validation.read` on shards of 100 networks.

Usage: python benchmarks/reading.py [--shards N] [--against REV] [--rounds R]

The shards repeat one trained replicate of the lottery, varied. Each build reads the folder in a
process of its own, in turn: "look" is what a run does there that finds all of it finished (which
shards are missing, the verdicts, the conclusions); "read" gives one table as a frame. Last comes
the folder as REV writes it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from revisions import ROOT, checked_out, module

NETWORKS = 100
CLAIMS = ("single-view", "ensemble-coverage", "winner", "decided-early")
AS_MEASURED = ("network", "spawn_key", "size", "step")


def varied(value: Any, factor: float) -> Any:
    if isinstance(value, dict):
        return {n: v if n in AS_MEASURED else varied(v, factor) for n, v in value.items()}
    if isinstance(value, list):
        return [varied(v, factor) for v in value]
    return value * factor if isinstance(value, float) else value


def replicate(setting: Any) -> dict[str, list[dict[str, Any]]]:
    """One trained replicate; in builds before trainers were found by name, by the setting's own
    method."""
    experiments = module("validation.experiments")
    if hasattr(experiments, "measure"):
        return experiments.measure(setting, 0, 0)
    return setting.measure(0, 0)


def make(out: Path, shards: int) -> None:
    from validation import claims

    lottery = module("validation.experiments.lottery.setting")
    store, plan = module("validation.records.shards"), module("validation.trial.plan")
    setting = lottery.settings("quick")[0]
    rng, trained = np.random.default_rng(0), replicate(setting)
    many = replace(setting, networks=NETWORKS)
    chosen = [replace(claims.CLAIMS[name], settings=lambda _: (many,)) for name in CLAIMS]
    planned = plan.make(chosen, "quick", 0)
    if hasattr(planned, "with_replicates"):
        planned = planned.with_replicates([shards])
    else:  # a dictionary, in builds without rooms
        planned = plan.with_replicates(planned, [shards])
    module("validation.records.plans").register(out, planned)
    copies = range(NETWORKS // setting.networks)
    for number in range(shards):
        tables: dict[str, list[dict[str, Any]]] = {"data": trained["data"]}
        for copy in copies:
            for name in ("networks", "race", "ensembles"):
                column = "size" if name == "ensembles" else "network"
                tables.setdefault(name, []).extend(
                    row | {column: row[column] + copy * setting.networks}
                    for row in varied(trained[name], 1 - 0.01 * rng.random())
                )
        provenance = {"seconds": 1.0, "environment": "cpu"}
        store.write_shard(out, store.Shard(many.describe(), 0, number, tables, provenance))


def measure(out: Path, what: str) -> None:
    trial, tables = module("validation.records.conclusion"), module("validation.records.tables")
    runner = module("validation.running.runner")
    start = time.process_time()
    if what == "look":
        plans = module("validation.records.plans")
        runner.run(out, plans.load(out, plans.registered(out)[-1]))
        trial.conclude(out)
    else:
        tables.read(out, "networks")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"CPU s": round(time.process_time() - start, 2), "MiB": round(peak)}))


def by(build: Path, *arguments: object) -> str:
    command = [sys.executable, __file__, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(build)}
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shards", type=int, default=1000)
    parser.add_argument("--against", metavar="REV")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    commits = {"old": asked.against} if asked.against else {}
    with tempfile.TemporaryDirectory() as name, checked_out(commits) as folders:
        folder, builds = Path(name), folders | {"new": ROOT}
        by(ROOT, "make", folder / "run", asked.shards)
        rows = [("new", "run")]
        if asked.against:
            by(builds["old"], "make", folder / "run of old", asked.shards)
            rows = [("old", "run"), *rows, ("new", "run of old")]
        for what in ("look", "read"):
            seen: dict[tuple[str, str], list[dict[str, float]]] = {row: [] for row in rows}
            for _ in range(asked.rounds):
                for build, run in rows:
                    told = by(builds[build], "measure", folder / run, what)
                    seen[build, run].append(json.loads(told))
            for (build, run), found in seen.items():
                least, most = min(f["CPU s"] for f in found), max(f["MiB"] for f in found)
                first = min(f["CPU s"] for f in seen[rows[0]])
                print(
                    f"{what}, {asked.shards} shards of {NETWORKS} networks, {build} build, "
                    f"{run}: {least:.2f} CPU s, {least / first:.3f} of the first, "
                    f"peak {most:.0f} MiB",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1:2] == ["measure"]:
        measure(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
