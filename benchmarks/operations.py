"""Operations on free variables in this build and in an earlier one, in turns.

Usage: python benchmarks/operations.py --against REV [--rounds 3] [--only WORDS] [--record FILE]

Cold: a new law, its support and its density at 200 points, in seconds of the processor, the
least of the rounds. Each build runs in a process of its own, REV and the files of HEAD, in turns.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from revisions import ONE_THREAD, checked_out, git

CASES = {
    "commutator of Marchenko-Pastur laws": "commutator(mp(0.5), mp(0.25))",
    "anticommutator of Marchenko-Pastur laws": "anticommutator(mp(0.5), mp(0.25))",
    "commutator, infinite at 0: Marchenko-Pastur laws": "commutator(mp(0.5), mp(2))",
    "commutator, atom at 0: Marchenko-Pastur laws": "commutator(mp(2), mp(3))",
    "commutator, infinite at 0: Marchenko-Pastur and three atoms": "commutator(mp(0.4), skew)",
    "commutator, infinite at 0: semicircle and three atoms": "commutator(wigner, skew)",
    "commutator of Kesten-McKay and Marchenko-Pastur": "commutator(KestenMcKay(degree=3), mp(0.5))",
    "commutator, Marchenko-Pastur and two atoms": "commutator(mp(0.4), coin)",
    "anticommutator, Marchenko-Pastur and two atoms": "anticommutator(mp(0.4), coin)",
    "anticommutator, Marchenko-Pastur and semicircle": "anticommutator(mp(0.4), wigner)",
    "anticommutator of three and three atoms": "anticommutator(levels, skew)",
    "commutator of three and three atoms": "commutator(levels, skew)",
    "commutator of two and three atoms": "commutator(coin, skew)",
    "sum of a product and Marchenko-Pastur": "free_add(free_multiply(levels, skew), mp(0.5))",
    "sum of a product and three atoms": "free_add(free_multiply(levels, skew), levels)",
    "product of a sum and three atoms": "free_multiply(free_add(levels, skew), levels)",
    "product of a sum and Marchenko-Pastur": "free_multiply(free_add(levels, mp(0.5)), mp(2))",
    "corner of a product": "free_compress(free_multiply(levels, skew), 0.4)",
    "commutator of a sum and Marchenko-Pastur": "commutator(free_add(levels, skew), mp(0.5))",
    "sum of a commutator and three atoms": "free_add(commutator(mp(0.5), mp(0.25)), levels)",
    "sum of a product of a sum": (
        "free_add(free_multiply(free_add(levels, skew), levels), mp(0.5))"
    ),
    "product of a sum of a commutator": (
        "free_multiply(free_add(commutator(mp(0.5), coin), mp(0.5)), levels)"
    ),
    "product of a sum of a product": (
        "free_multiply(free_add(free_multiply(levels, skew), levels), mp(0.5))"
    ),
    "50 bands of a covariance": "covariance(50, 2e-4)",
    "200 bands of a covariance": "covariance(200, 1e-7)",
    "eight bands of a sum": (
        "free_add(Discrete(atoms=[10.0 * k for k in range(8)], weights=[0.125] * 8),"
        " Discrete(atoms=[0, 1, 2.5], weights=[0.3, 0.3, 0.4]))"
    ),
    "eight bands of a sum with Marchenko-Pastur": (
        "free_add(Discrete(atoms=[10.0 * k for k in range(8)], weights=[0.125] * 8), mp(0.5))"
    ),
    "commutator of a square root and Marchenko-Pastur": "commutator(square_root(mp(0.5)), mp(0.4))",
    "commutator of a mixture and Marchenko-Pastur": (
        "commutator(mixture([wigner, mp(0.5)], [0.4, 0.6]), mp(0.4))"
    ),
    "sum of a mixture and two atoms": (
        "free_add(mixture([wigner, Discrete(atoms=[0.3], weights=[1.0])], [0.4, 0.6]), coin)"
    ),
    "Kesten-McKay": "KestenMcKay(degree=5)",
    "Kesten-McKay of a real degree": "KestenMcKay(degree=3.5)",
}

MEASURE = """
import json, sys, time
import numpy as np
from mvtheory.laws import *

def mp(ratio):
    return MarchenkoPastur(aspect_ratio=ratio)

def covariance(count, ratio):
    population = Empirical(eigenvalues=np.geomspace(1, 100, count))
    return GeneralizedCovariance(population=population, aspect_ratio=ratio)

coin = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
skew = Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])
levels = Discrete(atoms=[0.5, 2, 3], weights=[0.2, 0.5, 0.3])
wigner = Semicircle(mean=0.5)
free_add(levels, mp(3)).pdf(1.0)  # what is imported and cached is not counted
found = {}
for name, text in json.loads(sys.argv[1]).items():
    start = time.process_time()
    law = eval(text)
    low, high = law.support[0][0], law.support[-1][1]
    edges = time.process_time() - start
    law.pdf(np.linspace(low, high, 202)[1:-1])
    found[name] = edges, time.process_time() - start
print(json.dumps(found))
"""


def measured(folder: Path, cases: dict[str, str]) -> dict[str, list[float]]:
    """Seconds to the support, and to the density too, by case."""
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        (sys.executable, "-W", "ignore", "-c", MEASURE, json.dumps(cases)),
        cwd=folder, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", required=True, metavar="REV")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    cases = {name: text for name, text in CASES.items() if chosen.only in name}
    commits = {"before": git("rev-parse", chosen.against), "after": git("rev-parse", "HEAD")}
    rounds: dict[str, list[dict[str, list[float]]]] = {name: [] for name in commits}
    with checked_out(commits) as folders:
        for _ in range(chosen.rounds):
            for name, folder in folders.items():
                rounds[name].append(measured(folder, cases))
    lines = [
        f"# Operations at {commits['after'][:9]} against {commits['before'][:9]}",
        "",
        f"Least of {chosen.rounds} rounds, in turns; seconds of the processor, cold.",
        "",
        "| law | support, before | after | support and 200 densities, before | after | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for name in cases:
        old, new = (
            [min(one[name][k] for one in rounds[build]) for k in range(2)] for build in commits
        )
        lines.append(
            f"| {name} | {old[0]:.3f} | {new[0]:.3f} | {old[1]:.3f} | {new[1]:.3f} "
            f"| {new[1] / old[1]:.2f} |"
        )
    text = "\n".join(lines) + "\n"
    print(text)
    if chosen.record:
        chosen.record.write_text(text)


if __name__ == "__main__":
    main()
