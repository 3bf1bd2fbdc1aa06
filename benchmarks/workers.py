"""Two worker processes against one, and against the serial runner, paired in one run.

Usage: python benchmarks/workers.py [--replicates 8] [--rounds 3]

All compute the same replicates of the quick preset's first setting into fresh folders; the run
fails if their digests differ. Worker processes are started before the clock, as for a long run.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from validation.claims import CLAIMS
from validation.experiments import measure
from validation.experiments.lottery import setting as lottery
from validation.records.conclusion import conclude
from validation.running.executors import Processes, executor, serial
from validation.running.runner import run
from validation.trial import plan as plans


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replicates", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    setting = lottery.settings("quick")[0]
    claims = [replace(c, settings=lambda preset: (setting,)) for c in CLAIMS.values()]
    plan = plans.make(claims, "quick", 0).with_replicates([chosen.replicates])
    times, digests = {"serial": [], "one worker": [], "two workers": []}, set()
    with Processes(1) as one, Processes(2) as two:
        pools = {
            "serial": serial(),
            "one worker": executor(one, 1),
            "two workers": executor(two, 2),
        }
        for own in (one, two):  # start them and let them import torch
            list(own.map(measure, [setting.shortened(2)] * 4, [0] * 4, range(4)))
        for _ in range(chosen.rounds):
            for name, pool in pools.items():
                with tempfile.TemporaryDirectory() as folder:
                    start = time.perf_counter()
                    run(Path(folder), plan, pool)
                    times[name].append(time.perf_counter() - start)
                    digests.add(conclude(Path(folder)).digest)
    assert len(digests) == 1, "the executors disagree"
    medians = {name: statistics.median(values) for name, values in times.items()}
    record = {
        **vars(chosen),
        "cores": os.cpu_count(),
        "seconds": medians,
        "one worker over two": medians["one worker"] / medians["two workers"],
        "serial over two": medians["serial"] / medians["two workers"],
        "digest": digests.pop(),
    }
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
