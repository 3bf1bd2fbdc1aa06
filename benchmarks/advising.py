"""`advise` on many samples of many classes, from memory maps: seconds and memory.

Usage: python benchmarks/advising.py [--samples 100000] [--classes 1000]

Prints JSON: wall and CPU seconds of `advise` with one anchor, MiB resident at the peak, and MiB of
one array of outputs.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from mvtheory.distillation import Anchor, advise

ROWS = 5000
"""Samples made at once."""


def outputs(folder: Path, labels: np.ndarray, classes: int) -> dict[str, np.ndarray]:
    """Made-up outputs in single precision, on disk: right ones with more or less noise."""
    noises = {"student": (2, 1.5), "teacher": (4, 1), "soft": (2, 1)}
    rng, maps = np.random.default_rng(0), {}
    shape = (len(labels), classes)
    for name in noises:
        maps[name] = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, shape)
    for start in range(0, len(labels), ROWS):
        part = slice(start, start + ROWS)
        own = np.arange(classes) == labels[part, None]
        noise = rng.standard_normal(own.shape, dtype=np.float32)
        for name, (signal, deviation) in noises.items():
            maps[name][part] = signal * own + deviation * noise
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in noises}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=1_000)
    asked = parser.parse_args()
    labels = np.random.default_rng(1).integers(asked.classes, size=asked.samples)
    with tempfile.TemporaryDirectory() as name:
        maps = outputs(Path(name), labels, asked.classes)
        wall, cpu = time.perf_counter(), time.process_time()
        advise(
            labels,
            maps["student"],
            maps["teacher"],
            anchors=[Anchor(logits=maps["soft"], temperature=4)],
        )
        spent = {"wall s": time.perf_counter() - wall, "CPU s": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = asked.samples * asked.classes * 4 / 2**20
    print(json.dumps(vars(asked) | spent | {"peak MiB": peak, "MiB of outputs": size}, indent=1))


if __name__ == "__main__":
    main()
