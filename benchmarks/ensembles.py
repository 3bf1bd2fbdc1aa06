"""How well is the accuracy of larger ensembles predicted from a few members?

Usage: python benchmarks/ensembles.py development|aside --data DIR --cache DIR [--again] [--record]

Each problem has 32 networks. Groups of n = 2, 3, 4, 5 of them are what a rule sees; the truth is
the mean accuracy of ensembles of N = 8, 16 and 24 of the others on the same samples, over random
subsets, and that of 24 stands for infinitely many. Errors are root mean squares over the groups,
coverage is that of 90 % intervals. Problems put aside are run once.

The folder of the data holds CIFAR-100, Fashion-MNIST and Omniglot in torchvision's layout. Outputs
of trained networks (1.5 GB) and results by problem go to the cache; an interrupted benchmark goes
on from there. `--again` keeps the outputs and makes the results anew.
"""

import argparse
import pickle
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
from ensemble_problems import DEVELOPMENT, MEMBERS, PUT_ASIDE, Problem, Trained
from ensemble_rules import RULES, softmax
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

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
            result = Result(
                problem=problem, seen=seen, truth=truth, low=advice.low, high=advice.high,
                predicted=predicted | {OURS: advice.accuracy}, kind=advice.kind.name,
                error=curve.simulated.error,
                level=float(curve.accuracy(np.array([float(seen)]))[0]),
                brier=(advice.brier[1], brier, curve.errors.members["brier"]),
            )  # fmt: skip
            found.append(result)
    return found


def error(results: list[Result], rule: str, size: int = 1) -> float:
    """Root mean square over groups, at SIZES[size]."""
    away = [r.predicted[rule][size] - r.truth[size] for r in results]
    return float(np.sqrt(np.mean(np.square(away))))


def held(results: list[Result], size: int = 1) -> float:
    return float(np.mean([r.low[size] <= r.truth[size] <= r.high[size] for r in results]))


def tables(results: list[Result]) -> list[str]:
    """Markdown: errors by rule and problem, what the intervals hold, Brier scores."""
    problems = list(dict.fromkeys(r.problem for r in results))
    lines = []
    for seen in SEEN:
        for place, size in enumerate(SIZES):
            name = "infinity" if np.isinf(size) else f"{size:g}"
            lines += [f"## Root-mean-square error x 10^4, N = {name} from {seen}", ""]
            lines += ["| problem | " + " | ".join([*RULES, OURS]) + " |", "|---" * 11 + "|"]
            chosen = [r for r in results if r.seen == seen]
            rows = {p: [r for r in chosen if r.problem == p] for p in problems} | {"all": chosen}
            for p, of in rows.items():
                cells = (f"{1e4 * error(of, rule, place):.0f}" for rule in [*RULES, OURS])
                lines.append(f"| {p} | " + " | ".join(cells) + " |")
            lines.append("")
    lines += ["## 90 % intervals at N = 16: share that holds, mean half-width x 10^4", ""]
    lines += ["| problem | kind | " + " | ".join(f"n = {n}" for n in SEEN) + " |", "|---" * 6 + "|"]
    for p in [*problems, "all"]:
        of = [r for r in results if p in (r.problem, "all")]
        kinds = ", ".join(sorted({r.kind for r in of})) if p != "all" else ""
        cells = []
        for seen in SEEN:
            some = [r for r in of if r.seen == seen]
            half = float(np.mean([r.high[1] - r.low[1] for r in some])) / 2
            cells.append(f"{held(some):.2f}, {1e4 * half:.0f}")
        lines.append(f"| {p} | {kinds} | " + " | ".join(cells) + " |")
    lines += ["", "## Brier score at N = 16 from 3: standard errors of the law off the truth", ""]
    lines += ["| problem | root mean square | largest |", "|---|---|---|"]
    for p in problems:
        away = [abs(law - truth) / one for r in results if r.problem == p and r.seen == 3
                for law, truth, one in [r.brier]]  # fmt: skip
        lines.append(f"| {p} | {np.sqrt(np.mean(np.square(away))):.2f} | {max(away):.2f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("which", choices=("development", "aside"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.cache.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    problems = DEVELOPMENT if given.which == "development" else PUT_ASIDE
    for problem in track(problems, console=Console(stderr=True)):
        path = given.cache / f"{problem.name}.results.pickle"
        if given.again or not path.exists():
            found = results_of(problem.name, outputs_of(problem, given.data, given.cache))
            path.write_bytes(pickle.dumps(found))
        results += pickle.loads(path.read_bytes())
    lines = [
        f"# Accuracy of ensembles predicted from a few networks: problems, {given.which}",
        "",
        f"`python benchmarks/ensembles.py {given.which} --data DIR --cache DIR --record`, "
        f"{date.today()}, {GROUPS} groups of members a problem, {MEMBERS} networks.",
        "",
        *tables(results),
    ]
    print("\n".join(lines))
    if given.record:
        (RECORDS / f"ensembles-{given.which}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
