"""Memory of packed training against the number of networks: linear, and bounded by default.

Usage: python benchmarks/memory.py

Each packing trains 64 patch networks of the quick preset in a fresh process, whose peak resident
memory is read; the last row is the automatic packing.
"""

import json
import resource
import subprocess
import sys

import numpy as np

PACKINGS = (1, 8, 16, 32, 64, 0)


def one(packing: int) -> None:
    import torch

    from validation.experiments.lottery.setting import settings
    from validation.training.networks import initial_weights
    from validation.training.patches import train
    from validation.training.schedule import Schedule

    torch.set_num_threads(1)
    setting = settings("quick")[0]
    data = setting.data
    samples = data.sample(setting.training_samples, np.random.default_rng(0))
    shape = (data.classes, setting.neurons, data.dimension)
    weights = torch.from_numpy(
        initial_weights([np.random.SeedSequence(n) for n in range(64)], shape, setting.deviation)
    )
    patches, labels = torch.from_numpy(samples.patches), torch.from_numpy(samples.labels)
    schedule = Schedule(2, 3.0, 2, 3.0)
    train(weights, patches, labels, setting.power, schedule, packing or None)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    if len(sys.argv) == 2:
        one(int(sys.argv[1]))
        return
    peaks = {}
    for packing in PACKINGS:
        command = [sys.executable, __file__, str(packing)]
        peaks[packing] = float(subprocess.run(command, capture_output=True, text=True).stdout)
    fixed = np.array(PACKINGS[:-1])
    seen = np.array([peaks[p] for p in PACKINGS[:-1]])
    slope, base = np.polyfit(fixed, seen, 1)
    record = {
        "MiB at packing": {str(p or "automatic"): round(v, 1) for p, v in peaks.items()},
        "MiB a network": round(slope, 3),
        "MiB before any": round(base, 1),
        "largest departure from the line, MiB": round(np.abs(seen - base - slope * fixed).max(), 1),
    }
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
