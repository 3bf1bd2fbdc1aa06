"""Outliers of measured spectra: false alarms on null matrices, power, bias and doubts.

    python benchmarks/outliers.py [--matrices 1000] [--keep FILE] [--record
        benchmarks/records/outliers.md]

Null matrices have independent entries of variance 1 and no structure: whatever is counted in them
is a false alarm. The level is 5 % throughout; with 1,000 matrices a share of 5 % has a standard
error of .7 %. One process, a quarter of an hour; with --keep an interrupted run goes on.
"""

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mvtheory.measured import (
    MeasuredSpectrum,
    doubt_tails,
    find_outliers,
    fit_bulk,
    fit_population,
    spectrum_of_data,
    spectrum_of_eigenvalues,
)

LEVEL = 0.05
SIZES = ((100, 50), (400, 100), (100, 200))
"""Samples and variables."""
KINDS: dict[str, Callable[[np.random.Generator, tuple[int, int]], np.ndarray]] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "Rademacher": lambda rng, shape: rng.choice([-1.0, 1.0], size=shape),
    "uniform": lambda rng, shape: rng.uniform(-1, 1, size=shape),
    "Laplace": lambda rng, shape: rng.laplace(size=shape),
    "Student, 10": lambda rng, shape: rng.standard_t(10, size=shape),
    "Student, 6": lambda rng, shape: rng.standard_t(6, size=shape),
    "Student, 4": lambda rng, shape: rng.standard_t(4, size=shape),
    "Student, 3": lambda rng, shape: rng.standard_t(3, size=shape),
    "Student, 2": lambda rng, shape: rng.standard_t(2, size=shape),
    "rows of unequal scale": lambda rng, shape: (
        rng.normal(size=shape) * np.sqrt(8 / rng.chisquare(8, size=(shape[0], 1)))
    ),
}
READINGS: dict[str, Callable[[np.ndarray], MeasuredSpectrum]] = {
    "covariance": spectrum_of_data,
    "correlation": lambda data: spectrum_of_data(data, standardise=True),
    "eigenvalues, samples unknown": lambda data: spectrum_of_eigenvalues(
        spectrum_of_data(data).eigenvalues
    ),
}
STRENGTHS = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Of a spike, over the least that shows."""


def false_alarms(
    kind: str, reading: str, shape: tuple[int, int], count: int
) -> tuple[float, float, float, float]:
    """Shares of matrices with an outlier, with one and no doubt, with a bad fit, with a doubt."""
    alarms, silent, misfits, doubts = 0, 0, 0, 0
    for seed in range(count):
        rng = np.random.default_rng([seed, *shape])
        spectrum = READINGS[reading](KINDS[kind](rng, shape))
        found = find_outliers(spectrum, LEVEL)
        bulk = fit_bulk(spectrum, found.count, found.ratio)
        doubt = bool(doubt_tails(spectrum, found, bulk.variance))
        alarms += found.count > 0
        silent += found.count > 0 and not doubt
        misfits += bulk.p_value < LEVEL
        doubts += doubt
    return alarms / count, silent / count, misfits / count, doubts / count


def power(shape: tuple[int, int], strength: float, count: int) -> tuple[float, float, float, float]:
    """Share of spikes found; of those mean measured and de-biased value over the truth, and how
    often the truth is within two standard errors."""
    samples, n = shape
    truth = 1 + strength * np.sqrt(n / samples)
    hits, measured, population, held = 0, [], [], []
    for seed in range(count):
        rng = np.random.default_rng([seed, *shape, 1])
        direction = rng.normal(size=n)
        direction /= np.linalg.norm(direction)
        data = rng.normal(size=shape)
        data += (np.sqrt(truth) - 1) * np.outer(data @ direction, direction)
        found = find_outliers(spectrum_of_data(data), LEVEL)
        if found.count:
            hits += 1
            measured.append(found.measured[0] / truth)
            population.append(found.population[0] / truth)
            held.append(abs(found.population[0] - truth) <= 2 * found.errors[0])
    means = [float(np.mean(part)) if part else np.nan for part in (measured, population, held)]
    return hits / count, *means


def populations(shape: tuple[int, int], count: int) -> tuple[float, float]:
    """Of populations of variances 1 and 4: share of fits refused at 5 %, and of false outliers."""
    refused, alarms = 0, 0
    for seed in range(count):
        rng = np.random.default_rng([seed, *shape, 2])
        data = rng.normal(size=shape) * np.repeat([1.0, 2.0], shape[1] // 2)
        found = fit_population(spectrum_of_data(data), atoms=2, level=LEVEL)
        refused += found.p_value < LEVEL
        alarms += found.outliers.size > 0
    return refused / count, alarms / count


class Kept:
    """Numbers by case, in a file of JSON where one is given: an interrupted run goes on."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.numbers: dict[str, list[float]] = {}
        if path is not None and path.exists():
            self.numbers = json.loads(path.read_text(encoding="utf-8"))

    def of(self, work: Callable[..., tuple[float, ...]], *case: object) -> list[float]:
        """What the work gives for the case, now or before."""
        key = " ".join(map(str, (work.__name__, *case)))
        if key not in self.numbers:
            self.numbers[key] = list(work(*case))
            print(key, self.numbers[key], flush=True)
            if self.path is not None:
                self.path.write_text(json.dumps(self.numbers, indent=1), encoding="utf-8")
        return self.numbers[key]


def report(count: int, kept: Kept) -> str:
    """The record, in markdown."""
    lines = [
        "# Outliers of measured spectra",
        "",
        f"Made by `python benchmarks/outliers.py --matrices {count}` (numpy {np.__version__}, "
        f"Python {platform.python_version()}). Level 5 % throughout.",
        "",
        f"## False alarms on {count} null matrices of each kind",
        "",
        "| entries | read as | samples x variables | an outlier counted | and no doubt raised | "
        "fit refused at 5 % | doubt raised |",
        "|---|---|---|---|---|---|---|",
    ]
    cases = [(kind, "covariance") for kind in KINDS]
    cases += [("normal", reading) for reading in READINGS if reading != "covariance"]
    cases += [("Rademacher", "correlation")]
    for kind, reading in cases:
        for shape in SIZES:
            shares = " | ".join(
                f"{s:.1%}" for s in kept.of(false_alarms, kind, reading, shape, count)
            )
            lines.append(f"| {kind} | {reading} | {shape[0]} x {shape[1]} | {shares} |")
    lines += [
        "",
        f"## One spike, {count // 4} matrices of each kind",
        "",
        "Strength: what the population eigenvalue 1 + t has above 1, over sqrt(n/m), the least "
        "that shows in large matrices. Means over the matrices in which it was found, in units of "
        "the truth: near the threshold those are the ones that noise favoured.",
        "",
        "| samples x variables | strength | found | measured | de-biased | truth within 2 errors |",
        "|---|---|---|---|---|---|",
    ]
    for shape in SIZES:
        for strength in STRENGTHS:
            found, *means = kept.of(power, shape, strength, count // 4)
            shown = " | ".join(f"{value:.2f}" for value in means[:2]) + f" | {means[2]:.0%}"
            size = f"{shape[0]} x {shape[1]}"
            lines.append(f"| {size} | {strength:g} | {found:.0%} | {shown} |")
    lines += [
        "",
        f"## Populations of two variances, 1 and 4, {count // 4} matrices of each kind",
        "",
        "The fit follows the largest eigenvalue: fewer false outliers than the level allows. Of "
        "small matrices it is refused too often, for the chi-square is that of large ones.",
        "",
        "| samples x variables | fit refused at 5 % | false outliers |",
        "|---|---|---|",
    ]
    for shape in SIZES:
        refused, alarms = kept.of(populations, shape, count // 4)
        lines.append(f"| {shape[0]} x {shape[1]} | {refused:.1%} | {alarms:.1%} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Print the record, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrices", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    text = report(options.matrices, Kept(options.keep))
    if options.record:
        options.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
