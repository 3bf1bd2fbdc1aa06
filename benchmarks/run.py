"""This build against an earlier one, paired: the command of a maintainer before a release.

Usage: python benchmarks/run.py --against REV [--rounds 3] [--seed 0] [--claims A B ...]
                                [--parts] [--tests] [--record FILE]

REV and HEAD are checked out beside each other and take turns at the main job, `python -m
validation run --processes 2`; with --parts at its planning and dry run, and at the first look at
both packages; with --tests at the tests. Nothing is installed: both run in this interpreter, one
BLAS thread a process, so its environment must have what either needs, and what is not committed is
not measured. Use a machine that does nothing else.

The record is written after every round. A benchmark that was interrupted goes on with the same
command.
"""

import argparse
import json
import math
import os
import platform
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import suppress
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
from revisions import ONE_THREAD, ROOT, checked_out, git

SAMPLED = 0.2
"""Seconds between two looks at the memory of the processes."""
MAIN, TESTS, COMPUTING = "main job", "tests", "seconds of computing"
IMPORTS = (
    "from revisions import module; from validation.claims import CLAIMS; "
    "plan = module('validation.trial.plan')"
)
MEASURES = {
    "core-seconds": "of the command and all processes that it waits for, user and system",
    "wall": "seconds",
    "memory": "MiB resident at the peak, summed over the processes",
    "first words": "seconds to the first output that is not blank",
    "silence": "the longest after that, in seconds",
}


def commands(chosen: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """What is measured, by name; `folder` is where the main job may write."""
    run = ["-m", "validation", "run", *chosen.claims, "--seed", str(chosen.seed)]
    run += ["--processes", "2"]
    found = {MAIN: [*run, "--out", str(folder)]}
    if chosen.parts:
        plan = f"{IMPORTS}; plan.make(list(CLAIMS.values()), 'quick', {chosen.seed})"
        found |= {
            "imports of a plan": ["-c", IMPORTS],
            "these and planning": ["-c", plan],
            "run --dry-run": [*run, "--dry-run"],
            "import mvtheory": ["-c", "import mvtheory"],
        }
        predict = "mvtheory predict ensemble views=3 networks=5"
        for words in ("mvtheory list", "mvtheory show ensemble", predict, "validation list"):
            found[words] = ["-m", *words.split()]
    if chosen.tests:
        found[TESTS] = ["-m", "pytest", "-q", "-n", "2"]
    return found


def resident(process: psutil.Process) -> int:
    """Bytes of memory of a process and all that it started."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += one.memory_info().rss
    return total


def measured(words: list[str], checkout: Path, allowed: tuple[int, ...]) -> dict[str, Any]:
    """Run python on a checkout; its exit code and `MEASURES`."""
    environment = (
        os.environ
        | ONE_THREAD
        | {"PYTHONPATH": os.pathsep.join([str(checkout), str(Path(__file__).parent)])}
    )
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=checkout, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    ended, peaks = threading.Event(), [0]

    def watch() -> None:
        seen = psutil.Process(process.pid)
        while not ended.is_set():
            peaks.append(resident(seen))
            ended.wait(SAMPLED)

    watcher = threading.Thread(target=watch)
    watcher.start()
    spoke, text = [], b""
    try:
        assert process.stdout is not None
        while select.select([process.stdout], [], [])[0]:
            part = os.read(process.stdout.fileno(), 2**16)
            if not part:
                break
            if part.strip():
                spoke.append(time.perf_counter() - start)
            text = (text + part)[-2000:]
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        ended.set()
        watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode not in allowed:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}:\n{text.decode()}")
    times = [*spoke, wall]
    return {
        "exit code": process.returncode,
        "core-seconds": used.ru_utime + used.ru_stime,
        "wall": wall,
        "memory": max(peaks) / 2**20,
        "first words": times[0],
        "silence": max((b - a for a, b in pairwise(times)), default=0.0),
    }


def found_in(folder: Path) -> dict[str, Any]:
    """Seconds of computing by experiment, and the verdicts, from the files of a run."""
    seconds: dict[str, float] = defaultdict(float)
    for path in (folder / "shards").glob("*.parquet"):
        shard = json.loads(pq.read_schema(path).metadata[b"mvtheory"])
        seconds[shard["setting"]["experiment"]] += shard["provenance"]["seconds"]
    events = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    plan = next(e["hash"] for e in reversed(events) if e["event"] == "plan")
    claims = json.loads((folder / "plans" / f"{plan}.json").read_text())["claims"]
    verdicts = next(e["verdicts"] for e in reversed(events) if e["event"] == "look")
    names = [claim["name"] for claim in claims]
    return {COMPUTING: seconds, "verdicts": dict(zip(names, verdicts, strict=True))}


def round_of(chosen: argparse.Namespace, folders: dict[str, Path], turn: int) -> dict[str, Any]:
    """Every command once on either build; who begins changes from round to round."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as out:
        for part in commands(chosen, Path(out)):
            for name in sorted(folders, reverse=turn % 2 == 0):
                target = Path(out) / name
                # 1 and 3 tell of verdicts that are not those of record.
                allowed = (0, 1, 3) if part == MAIN else (0,)
                result = measured(commands(chosen, target)[part], folders[name], allowed)
                if part == MAIN:
                    result |= found_in(target)
                results.setdefault(part, {})[name] = result
                print(f"round {turn + 1}, {part}, {name}: {result['wall']:.2f} s", flush=True)
    return results


def table(rounds: list[dict[str, Any]]) -> str:
    """Medians over the rounds, old and new, and the median of their ratios, as Markdown."""
    lines = ["| | old | new | new / old |", "|---|---|---|---|"]

    def row(words: str, old: list[float], new: list[float]) -> None:
        ratios = [b / a if a else math.inf for a, b in zip(old, new, strict=True)]
        middle = [statistics.median(values) for values in (old, new, ratios)]
        lines.append(f"| {words} | {middle[0]:.2f} | {middle[1]:.2f} | {middle[2]:.3f} |")

    for part in rounds[0]:
        old, new = ([one[part][name] for one in rounds] for name in ("old", "new"))
        for measure in MEASURES if part == MAIN else ("core-seconds", "wall"):
            row(f"{part}: {measure}", *([one[measure] for one in own] for own in (old, new)))
    old, new = ([one[MAIN][name] for one in rounds] for name in ("old", "new"))
    for name in sorted(set(old[0][COMPUTING]) | set(new[0][COMPUTING])):
        row(f"{COMPUTING}: {name}", *([r[COMPUTING].get(name, 0.0) for r in s] for s in (old, new)))
    for claim in old[0]["verdicts"] | new[0]["verdicts"]:
        before, after = (
            ", ".join(sorted({one["verdicts"].get(claim, "not judged") for one in own}))
            for own in (old, new)
        )
        lines.append(f"| {claim} | {before} | {after} | {'' if before == after else 'differs'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", metavar="REV", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--claims", nargs="+", default=[], metavar="CLAIM")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    revisions = {"old": chosen.against, "new": "HEAD"}
    commits = {
        name: git("rev-parse", revision + "^{commit}") for name, revision in revisions.items()
    }
    path = chosen.record or ROOT / "benchmarks/records" / f"run-against-{commits['old'][:7]}.json"
    record: dict[str, Any] = {
        "commits": commits,
        **{name: getattr(chosen, name) for name in ("seed", "claims", "parts", "tests")},
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "numpy", "scipy")},
        "measures": MEASURES,
        "rounds": [],
    }
    if path.exists() and (before := json.loads(path.read_text())) | {"rounds": []} == record:
        record = before
    if git("status", "--porcelain", "--untracked-files=no"):
        print("What is not committed is not measured.")
    try:
        with checked_out(commits) as folders:
            for turn in range(len(record["rounds"]), chosen.rounds):
                record["rounds"].append(round_of(chosen, folders, turn))
                path.write_text(json.dumps(record, indent=1) + "\n")
    except KeyboardInterrupt:
        raise SystemExit(f"Stopped; {len(record['rounds'])} finished rounds are kept.") from None
    print(table(record["rounds"]))


if __name__ == "__main__":
    main()
