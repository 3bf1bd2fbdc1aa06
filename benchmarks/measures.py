"""How well are log loss, Brier score, calibration and balanced accuracy of students predicted?

Usage: python benchmarks/measures.py BANK --cache DIR [--seeds N] [--fit] [--record]

BANK is a folder of .npz files, a problem each: kind, name; labels ytr (n,) and yte (m,); the
teacher's logits ttr (n, K) and tte (m, K) on training and test samples; the students' logits tr
(seeds, 29, n, K) and te (seeds, 29, m, K) at 29 settings, T in {1, 2, 4, 8} times a_H in
{.05, .1, .25, .5, .75, .9}, then a_H = 0 at every T, then hard labels alone. From the runs of every
entry of RUNS the other settings are predicted. Weights of the terms of the intervals are fitted
without a kind of problem, and then asked about it; `--fit` prints those of all kinds, which
`mvtheory` uses.
"""

import argparse
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy import optimize

from mvtheory.distillation import Anchor, soft_weight
from mvtheory.distillation.interval import FREEDOM, half_width
from mvtheory.distillation.measures import RULES, TERMS, Evidence
from mvtheory.distillation.prediction import Outputs
from mvtheory.distillation.readings import MEASURES

TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
GRID = [(t, a) for t in TEMPERATURES for a in HARD_WEIGHTS]
SETTINGS = [*GRID, *((t, 0.0) for t in TEMPERATURES)]
RUNS: dict[str, list[tuple[float, float]]] = {
    "none": [],
    "4, .1": [(4.0, 0.1)],
    "1, .1": [(1.0, 0.1)],
    "4, 0": [(4.0, 0.0)],
    "8, .5": [(8.0, 0.5)],
    "1, 0 and 8, 0": [(1.0, 0.0), (8.0, 0.0)],
    "2, .5 and 8, .1": [(2.0, 0.5), (8.0, 0.1)],
    "soft at every T": [(t, 0.0) for t in TEMPERATURES],
}
CONFIDENCE = 0.9
HELD = 0.93
"""What 90 % intervals are to hold where they were fitted: a kind of problem that is not among these
has larger errors, and of it they then hold 90 %."""
QUANTILE = half_width(1.0, CONFIDENCE)
LEAST = 1e-5
"""Least scale: a rounding in the last sample."""
RECORD = Path(__file__).parent / "records" / "measures.md"
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A method with some runs on one seed of a problem; arrays of its 24 settings by measures."""

    kind: str
    problem: str
    method: str
    runs: str
    rules: dict[str, Floats]
    terms: dict[str, Floats]
    truth: Floats
    student: Floats
    anchor: Floats
    """Of the anchor nearest in log T, or of the student if there is none."""

    @property
    def in_hard_weight(self) -> Floats:
        """From the student's to the anchor's, linearly in a_H."""
        runs = RUNS[self.runs]
        if not runs:
            return self.anchor
        nodes = np.log([t for t, _ in runs])
        part = [(1 - a) / (1 - runs[int(np.abs(nodes - np.log(t)).argmin())][1])
                for t, a in GRID if (t, a) not in runs]  # fmt: skip
        return self.student + np.array(part)[:, None] * (self.anchor - self.student)


def read(path: Path, seeds: int) -> list[Case]:
    """All cases of a problem."""
    with np.load(path) as stored:
        bank = dict(stored)
    count = len(bank["ytr"])
    labels = np.concatenate([bank["ytr"], bank["yte"]])
    teacher = np.concatenate([bank["ttr"], bank["tte"]])
    found = []
    for seed in range(min(seeds, len(bank["te"]))):
        students = np.concatenate([bank["tr"][seed], bank["te"][seed]], axis=1)
        places = [*range(len(SETTINGS)), len(students) - 1]

        def outputs(runs: list[tuple[float, float]], students: Floats = students, **more: object):
            return Outputs(
                labels=labels, teacher=teacher, student=students[-1],
                anchors=tuple(Anchor(logits=students[SETTINGS.index(run)], temperature=run[0],
                                     hard_weight=run[1]) for run in runs),
                tested=np.arange(count, len(labels)), same_start=True, **more,
            )  # fmt: skip

        known = outputs([(t, a) for t, a in SETTINGS], training=None)
        every = Evidence(
            outputs=known,
            temperatures=(),
            hard_weights=(),
            mixtures=(),
            numbers=np.unique(bank["yte"]),
        )
        measures = every.totals.measures[: len(places)]
        student, truth = measures[0], measures[1:]
        for runs, settings in RUNS.items():
            for training in (None, np.arange(count)) if settings else (None,):
                given = outputs(settings, training=training)
                mixtures = [given.mixture(t, float(soft_weight(hard_weight=a, temperature=t)))
                            for t, a in GRID]  # fmt: skip
                evidence = Evidence(
                    outputs=given,
                    temperatures=TEMPERATURES,
                    hard_weights=HARD_WEIGHTS,
                    mixtures=mixtures,
                    numbers=np.unique(bank["yte"]),
                )
                new = np.array([setting not in settings for setting in GRID])
                at = [SETTINGS.index(run) for run in settings]
                near = np.tile(student, (len(GRID), 1))
                if at:
                    nodes = np.log([t for t, _ in settings])
                    near = np.array([truth[at[int(np.abs(nodes - np.log(t)).argmin())]]
                                     for t, _ in GRID])  # fmt: skip
                found.append(Case(
                    kind=str(bank["kind"]), problem=str(bank["name"]), method=given.method,
                    runs=runs, rules={n: v[new] for n, v in evidence.rules.items()},
                    terms={n: v[new] for n, v in evidence.terms.items()},
                    truth=truth[: len(GRID)][new], student=student, anchor=near[new],
                ))  # fmt: skip
    return found


@dataclass(frozen=True)
class Rows:
    """One measure of one method over all cases: an entry a setting."""

    method: str
    rules: Floats
    terms: Floats
    truth: Floats
    kinds: NDArray[np.str_]
    problems: NDArray[np.str_]
    runs: NDArray[np.str_]
    student: Floats
    anchor: Floats
    in_hard_weight: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(self.method, self.rules[:, chosen], self.terms[:, chosen], self.truth[chosen],
                    self.kinds[chosen], self.problems[chosen], self.runs[chosen],
                    self.student[chosen], self.anchor[chosen],
                    self.in_hard_weight[chosen])  # fmt: skip

    @property
    def importance(self) -> Floats:
        """Problems of a kind count alike, kinds as the root of the number of their problems."""
        found = np.zeros(len(self.truth))
        for kind in np.unique(self.kinds):
            own = self.kinds == kind
            problems, place, counts = np.unique(
                self.problems[own], return_inverse=True, return_counts=True
            )
            found[own] = len(problems) ** -0.5 / counts[place]
        return found / found.sum()


def rows_of(cases: list[Case], method: str, measure: str) -> Rows:
    place, own = MEASURES.index(measure), [case for case in cases if case.method == method]

    def joined(of: Callable[[Case], Floats]) -> Floats:
        return np.concatenate([of(case) for case in own])

    def each(of: Callable[[Case], object]) -> NDArray:
        return np.concatenate([np.full(len(case.truth), of(case)) for case in own])

    return Rows(
        method,
        np.array([joined(lambda case, n=n: case.rules[n][:, place]) for n in RULES[method]]),
        np.array([joined(lambda case, n=n: case.terms[n][:, place]) for n in TERMS]),
        joined(lambda case: case.truth[:, place]),
        each(lambda case: case.kind), each(lambda case: case.problem), each(lambda case: case.runs),
        each(lambda case: case.student[place]), joined(lambda case: case.anchor[:, place]),
        joined(lambda case: case.in_hard_weight[:, place]),
    )  # fmt: skip


Weights = tuple[float, ...]


def middle_of(rows: Rows) -> Floats:
    """The prediction, as `mvtheory` makes it."""
    copied = rows.method == "copy"
    return np.asarray(rows.rules.mean(axis=0) if copied else rows.rules[0])


def scale_of(weights: Weights, rows: Rows) -> Floats:
    return np.asarray(np.sqrt(np.square(weights) @ rows.terms**2 + LEAST**2))


def fit(rows: Rows) -> Weights:
    """By maximum likelihood with Student's law, then scaled for 90 % intervals to hold HELD."""
    importance, off = rows.importance, np.abs(rows.truth - middle_of(rows))

    def loss(logs: Floats) -> tuple[float, Floats]:
        """And its slopes."""
        square = np.exp(2 * logs) @ squares + LEAST**2
        tail = off**2 / square / FREEDOM
        law = np.log(square) / 2 + (FREEDOM + 1) / 2 * np.log1p(tail)
        slope = (1 - (FREEDOM + 1) * tail / (1 + tail)) / square
        return float(importance @ law), np.exp(2 * logs) * (squares @ (importance * slope))

    squares = rows.terms**2
    bounds = [(-7.0, 2.0)] * len(TERMS)
    found = optimize.minimize(
        loss, np.full(len(TERMS), -1.5), jac=True, method="L-BFGS-B", bounds=bounds
    )
    # Of a term that is 0 everywhere the weight says nothing.
    weights = np.where(rows.terms.any(axis=1), np.exp(found.x), 0.0)
    ratio = off / scale_of(tuple(weights), rows)
    order = np.argsort(ratio)
    at = np.searchsorted(np.cumsum(importance[order]), HELD)
    return tuple((weights * ratio[order][at] / QUANTILE).tolist())


def left_out(rows: Rows) -> Floats:
    """Scales for every kind, fitted without it."""
    scale = np.empty(len(rows.truth))
    for kind in np.unique(rows.kinds):
        own = rows.kinds == kind
        scale[own] = scale_of(fit(rows.where(~own)), rows.where(own))
    return scale


def mean(values: Floats, rows: Rows, own: NDArray[np.bool_] | None = None) -> float:
    """Over settings, then over problems."""
    own = np.ones(len(values), dtype=bool) if own is None else own
    problems = np.unique(rows.problems[own])
    return float(np.mean([values[own & (rows.problems == name)].mean() for name in problems]))


def report(cases: list[Case]) -> str:
    """Errors and coverage, fitted without the kind that is asked about."""
    parts = []
    for method in RULES:
        errors, by_kind, covered = [], [], []
        for measure in MEASURES:
            rows = rows_of(cases, method, measure)
            middle, scale = middle_of(rows), left_out(rows)
            named = {"no change": rows.student, "anchor's own": rows.anchor,
                     "linear in a_H": rows.in_hard_weight}  # fmt: skip
            named |= dict(zip(RULES[method], rows.rules, strict=True)) | {"prediction": middle}
            errors.append({"measure": measure} | {
                name: f"{mean((value - rows.truth) ** 2, rows) ** 0.5:.4f}"
                for name, value in named.items() if name != "unchanged"
            })  # fmt: skip
            by_kind.append({"measure": measure} | {
                kind: " of ".join(
                    f"{mean((value - rows.truth) ** 2, rows, rows.kinds == kind) ** 0.5:.3f}"
                    for value in (middle, rows.student)
                )
                for kind in np.unique(rows.kinds)
            })  # fmt: skip
            inside = (np.abs(rows.truth - middle) <= QUANTILE * scale).astype(float)
            kinds = {k: mean(inside, rows, rows.kinds == k) for k in np.unique(rows.kinds)}
            covered.append({"measure": measure, "all": f"{mean(inside, rows):.2f}",
                            "half-width": f"{mean(QUANTILE * scale, rows):.4f}"}
                           | {k: f"{value:.2f}" for k, value in kinds.items()})  # fmt: skip
        parts += [f"## {method}\n", "Root-mean-square errors:\n", markdown(errors), ""]
        parts += ["The prediction's by kind, of those of no change:\n", markdown(by_kind), ""]
        parts += ["What 90 % intervals hold of a kind left out:\n", markdown(covered), ""]
    return "\n".join(parts)


def markdown(rows: list[dict[str, str]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bank", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="keeps what was read")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--fit", action="store_true", help="print the weights of the terms")
    parser.add_argument("--record", action="store_true")
    given = parser.parse_args()
    console = Console(width=200)
    given.cache.mkdir(parents=True, exist_ok=True)
    cases: list[Case] = []
    paths = sorted(given.bank.glob("*.npz"))
    for path in track(paths, "Reading", console=console, transient=True):
        kept = given.cache / f"{path.stem}-{given.seeds}.pkl"
        if not kept.exists():
            kept.write_bytes(pickle.dumps(read(path, given.seeds)))
        cases += pickle.loads(kept.read_bytes())
    if given.fit:
        for method in RULES:
            for measure in MEASURES:
                found = np.round(fit(rows_of(cases, method, measure)), 3).tolist()
                console.print(f'{method} "{measure}": {tuple(found)},')
    text = (
        f"{len(set(case.problem for case in cases))} problems of "
        f"{len(set(case.kind for case in cases))} kinds, {given.seeds} seeds, {date.today()}.\n\n"
        + report(cases)
    )
    console.print(text, markup=False)
    if given.record:
        RECORD.write_text(f"# Measures of distilled students\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
