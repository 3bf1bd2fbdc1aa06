"""Win probabilities against adaptive quadrature of the same integral, in one run.

    python benchmarks/odds.py [--record benchmarks/records/odds.json]

Both programs compute the odds of the same races; printed are the ratio of their times and
the largest difference of their results.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import integrate, special

from mvtheory.race import win_probabilities

RACES = {
    "two views, m = 10": ((1.0, 0.81), 10),
    "five views, m = 50": ((1.0, 0.9, 0.8, 0.7, 0.6), 50),
    "three views, m = 10^6": ((1.0, 0.95, 0.9), 10**6),
}
POWER = 4


def adaptive(strengths: tuple[float, ...], neurons: int) -> np.ndarray:
    """P(l wins) = int over x > 0 of d/dx [Phi(x/s_l)^m] prod_{j != l} Phi(x/s_j)^m, by QUADPACK."""
    scales = np.array(strengths) ** (1 / (POWER - 2))

    def chance(view: int) -> float:
        others = np.delete(scales, view)

        def density(x: float) -> float:
            y = x / scales[view]
            log = (neurons - 1) * special.log_ndtr(y) - y * y / 2
            log += neurons * special.log_ndtr(x / others).sum()
            return neurons / scales[view] / np.sqrt(2 * np.pi) * np.exp(log)

        peak = scales.max() * special.ndtri(0.5 ** (1 / neurons))
        points = [max(0.1, peak - 1), peak, peak + 1]
        return integrate.quad(density, 0, 40, points=points, epsabs=1e-12, limit=400)[0]

    return np.array([chance(view) for view in range(len(scales))])


def seconds(work: Callable[[], object], repeats: int) -> float:
    work()
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - started) / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path)
    record = {}
    arguments = parser.parse_args()
    for name, (strengths, neurons) in RACES.items():
        ours = win_probabilities(strengths, power=POWER, neurons=neurons)
        theirs = adaptive(strengths, neurons)
        fast = seconds(
            lambda s=strengths, m=neurons: win_probabilities(s, power=POWER, neurons=m), 20
        )
        slow = seconds(lambda s=strengths, m=neurons: adaptive(s, m), 5)
        record[name] = {
            "milliseconds": round(1e3 * fast, 3),
            "adaptive over ours": round(slow / fast, 2),
            "largest difference": float(np.abs(ours - theirs).max()),
        }
        print(f"{name}: {record[name]}")
    if arguments.record:
        arguments.record.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
