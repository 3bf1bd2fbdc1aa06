"""How well is the accuracy of larger ensembles predicted from a few members? Every rule, every problem.

Usage: python benchmarks/ensembles.py development|aside --data DIR --cache DIR [--record]

Each problem has 32 networks. Groups of n = 2, 3, 4, 5 of them are what a rule sees; the truth is
the mean accuracy of ensembles of N = 8, 16 and 24 of the others on the same samples, over random
subsets, and that of 24 stands for infinitely many. Errors are root mean squares over the groups,
coverage is that of 90 % intervals. Problems put aside are run once. DIR of the data holds CIFAR-100,
Fashion-MNIST and Omniglot in torchvision's layout; trained networks' outputs go to the cache,
1.3 GB, and an interrupted benchmark goes on from there.
"""

import argparse
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ensemble_problems import DEVELOPMENT, MEMBERS, PUT_ASIDE, Problem, Trained
from ensemble_rules import RULES, softmax
from numpy.typing import NDArray
from rich.console import Console

from mvtheory.ensembles import advise_ensemble

SEEN = (2, 3, 4, 5)
SIZES = np.array([8.0, 16.0, np.inf])
JUDGED = (8, 16, 24)
GROUPS = 6
SUBSETS = 24
OURS = "simulated members"
RECORDS = Path(__file__).parent / "records"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one group of members led to."""

    problem: str
    seen: int
    truth: NDArray
    """Accuracies at JUDGED."""
    predicted: dict[str, NDArray]
    """At SIZES, by rule."""
    low: NDArray
    high: NDArray
    error: float
    """The simulation's, for knowing no more members."""
    level: float
    """Accuracy of the members together, by the simulation."""
    kind: str
    brier: tuple[float, float, float]
    """At N = 16: the law's, the truth, and the law's standard error."""


def outputs_of(problem: Problem, data: Path, cache: Path) -> Trained:
    """Of all networks, from the cache or from training them."""
    path = cache / f"{problem.name}.npz"
    if path.exists():
        with np.load(path) as file:
            return Trained(labels=file["labels"], members=file["members"])
    trained = problem.train(data)
    written = path.with_suffix(".part.npz")
    np.savez(written, labels=trained.labels, members=trained.members)
    written.replace(path)
    return trained


def groups_of(count: int, size: int) -> list[NDArray[np.int64]]:
    """GROUPS groups of members, as far as they go without common ones."""
    rng, found = np.random.default_rng([41, size]), []
    while len(found) < GROUPS:
        order = rng.permutation(count)
        found += [order[i * size : (i + 1) * size] for i in range(count // size)]
    return found[:GROUPS]


def judge(trained: Trained, others: NDArray, seed: int) -> tuple[NDArray, float]:
    """Mean accuracies of ensembles of JUDGED networks, and the Brier score at 16."""
    rng, rows = np.random.default_rng([42, seed]), np.arange(len(trained.labels))
    right, brier = np.zeros((SUBSETS, len(JUDGED))), np.zeros(SUBSETS)
    for subset in range(SUBSETS):
        total, joined = np.zeros(trained.members.shape[1:]), 0
        for place, member in enumerate(rng.permutation(others)[: JUDGED[-1]]):
            total += softmax(trained.members[member])
            joined = place + 1
            if joined in JUDGED:
                found = total.argmax(axis=1) == trained.labels
                right[subset, JUDGED.index(joined)] = found.mean()
            if joined == 16:
                mean = total / joined
                own = mean[rows, trained.labels]
                brier[subset] = ((mean**2).sum(axis=1) - 2 * own + 1).mean()
    return right.mean(axis=0), float(brier.mean())


def results_of(problem: str, trained: Trained) -> list[Result]:
    found = []
    for seen in SEEN:
        for number, group in enumerate(groups_of(len(trained.members), seen)):
            others = np.setdiff1d(np.arange(len(trained.members)), group)
            truth, brier = judge(trained, others, number)
            members = trained.members[group]
            advice = advise_ensemble(trained.labels, members, sizes=SIZES)
            predicted = {name: rule(trained.labels, members, SIZES) for name, rule in RULES.items()}
            curve = advice.curve
            found.append(
                Result(
                    problem=problem,
                    seen=seen,
                    truth=truth,
                    predicted=predicted | {OURS: advice.accuracy},
                    low=advice.low,
                    high=advice.high,
                    error=curve.simulated.error,
                    level=float(curve.accuracy(np.array([float(seen)]))[0]),
                    kind=advice.kind.name,
                    brier=(advice.brier[1], brier, curve.errors.members["brier"]),
                )  # fmt: skip
            )
    return found
