"""`advise` on many samples of many classes, from memory maps: seconds and memory.

Usage: python benchmarks/advising.py [--samples 100000] [--classes 1000] [--type float32]
                                     [--trained 0] [--folder DIR]

Prints JSON: wall and CPU seconds of `advise` with one anchor, MiB resident at the peak, and MiB of
one array of outputs. With --trained the first samples are ones that the students were trained on.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from mvtheory import read_outputs
from mvtheory.distillation import Anchor, advise

NUMBERS = 2**24
"""Of an output, made once and written again and again: time and memory do not depend on it."""
NOISES = {"student": (2, 1.5), "teacher": (4, 1), "soft": (2, 1)}
"""Signal and deviation of the noise, some of which all three share."""


def outputs(folder: Path, samples: int, classes: int, kind: str) -> np.ndarray:
    """Write made-up outputs, right ones with more or less noise; returns the labels."""
    rng = np.random.default_rng(0)
    rows = min(samples, max(1, NUMBERS // classes))
    labels = rng.integers(classes, size=rows)
    own = np.arange(classes) == labels[:, None]
    shared = rng.standard_normal(own.shape, dtype=np.float32)
    for name, (signal, deviation) in NOISES.items():
        noise = shared + rng.standard_normal(own.shape, dtype=np.float32)
        block = np.float32(signal) * own + np.float32(deviation / 2**0.5) * noise
        if kind == "bfloat16":
            block = (block.view(np.uint32) >> 16).astype(np.uint16).view("V2")
        else:
            block = block.astype(kind)
        with (folder / f"{name}.npy").open("wb") as file:
            about = np.lib.format.header_data_from_array_1_0(block) | {"shape": (samples, classes)}
            np.lib.format.write_array_header_1_0(file, about)
            for start in range(0, samples, rows):
                file.write(block[: samples - start].data)
    return np.resize(labels, samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=1_000)
    parser.add_argument("--type", choices=("float16", "bfloat16", "float32"), default="float32")
    parser.add_argument("--trained", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where there is room for three outputs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        labels = outputs(Path(name), asked.samples, asked.classes, asked.type)
        given = {output: read_outputs(f"{name}/{output}.npy") for output in NOISES}
        made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall, cpu = time.perf_counter(), time.process_time()
        advise(
            labels,
            given["student"],
            given["teacher"],
            anchors=[Anchor(logits=given["soft"], temperature=4)],
            split=np.arange(asked.samples) < asked.trained if asked.trained else None,
        )
        spent = {"wall s": time.perf_counter() - wall, "CPU s": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = asked.samples * asked.classes * (4 if asked.type == "float32" else 2) / 2**20
    found = {"peak MiB": peak, "MiB before": made, "MiB of outputs": size}
    print(json.dumps(vars(asked) | spent | found, indent=1, default=str))


if __name__ == "__main__":
    main()
