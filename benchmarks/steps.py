"""Steps of patch networks a second, this build against an earlier one, paired, on one thread.

Usage: python benchmarks/steps.py --against REV [--rounds 5]

Both train the same ten networks from the same weights on the settings of the quick and standard
presets and on students' data, through the same 200 steps: 60 early ones, then with momentum, where
many slopes are too small to be normal numbers. CPU time of the training alone, the least of the
rounds. Prints Markdown, a row a setting.
"""

import argparse
import json
import os
import subprocess
import sys
import time

from revisions import ONE_THREAD, ROOT, checked_out, module

NETWORKS, STEPS = 10, 200


def measure() -> None:
    import numpy as np
    import torch

    names = ("lottery", "phase", "teaching")
    lottery, phase, teaching = (module(f"validation.experiments.{n}.setting") for n in names)
    initial_weights = module("validation.training.networks").initial_weights
    train = module("validation.training.patches").train
    Schedule = module("validation.training.schedule").Schedule  # noqa: N806

    torch.set_num_threads(1)
    schedule = Schedule(STEPS, 4.0, 60, 7.0, late_momentum=0.8)
    settings = {
        **{f"lottery, {preset}, {s.label}": s
           for preset in ("quick", "standard") for s in lottery.settings(preset)},
        "students, quick": teaching.settings("quick")[0],
        "phase, quick": phase.settings("quick")[20],
    }  # fmt: skip
    seconds = {}
    for name, setting in settings.items():
        data = setting.data
        samples = data.sample(setting.training_samples, np.random.default_rng(0))
        seeds = [np.random.SeedSequence(0, spawn_key=(n,)) for n in range(NETWORKS)]
        shape = (data.classes, setting.neurons, data.dimension)
        start = torch.from_numpy(initial_weights(seeds, shape, setting.deviation))
        patches, labels = torch.from_numpy(samples.patches), torch.from_numpy(samples.labels)
        train(start.clone(), patches, labels, setting.power, Schedule(2, 1.0, 2, 1.0))  # warm
        began = time.process_time()
        train(start.clone(), patches, labels, setting.power, schedule)
        seconds[name] = time.process_time() - began
    print(json.dumps(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", metavar="REV", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    seen: dict[str, dict[str, list[float]]] = {"old": {}, "new": {}}
    with checked_out({"old": asked.against}) as folders:
        for _ in range(asked.rounds):
            for build, folder in (folders | {"new": ROOT}).items():
                environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(folder)}
                told = subprocess.run(
                    [sys.executable, __file__, "measure"], env=environment, check=True,
                    capture_output=True, text=True,
                )  # fmt: skip
                for setting, seconds in json.loads(told.stdout).items():
                    seen[build].setdefault(setting, []).append(seconds)
    print(f"{asked.against} against this build, {NETWORKS} networks, one thread.\n")
    print("| setting | steps of networks a second, old | new | new / old |\n|---|---|---|---|")
    for setting in seen["new"]:
        before, now = (NETWORKS * STEPS / min(seen[b][setting]) for b in ("old", "new"))
        print(f"| {setting} | {before:.0f} | {now:.0f} | {now / before:.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure()
    else:
        main()
