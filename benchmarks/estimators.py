"""How well are the accuracies of distilled students predicted? Every estimator on every problem.

Usage: python benchmarks/estimators.py development [--fit]
       python benchmarks/estimators.py aside [--data DIR] [--record]

For each problem students are trained at 24 settings, T in {1, 2, 4, 8} times Hinton's weight a_H in
{.05, .1, .25, .5, .75, .9}, besides soft labels alone and hard labels alone, all from the same
initial weights; an estimator sees the runs it names and predicts the 24. Errors are root mean
squares over the settings of (prediction - accuracy), both means over seeds; coverage is that of
90 % intervals for the accuracy of single students, over seeds and settings that were not trained
for the estimator. `--fit` fits the constants of the intervals; `aside` is the report on problems
that nobody looked at before. DIR holds CIFAR-100 and Omniglot in torchvision's layout.
"""

import argparse
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from distillation_problems import DEVELOPMENT, PUT_ASIDE, Planned, Problem, real
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy import optimize

from mvtheory.distillation import (
    Anchor,
    chi_measured,
    distillation_weight,
    estimate_dual,
    estimate_printed,
    gain_measured,
    soft_weight,
)
from mvtheory.distillation.interval import FREEDOM, Scales, half_width
from mvtheory.distillation.prediction import Outputs, Prediction, predict
from validation.experiments.students.networks import train_students

TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
SETTINGS = [(t, a) for t in TEMPERATURES for a in HARD_WEIGHTS]
SOFT = [(t, 0.0) for t in TEMPERATURES]
SEEDS = 3
CONFIDENCE = 0.9
RECORDS = Path(__file__).parent / "records"
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A problem with its students: logits by (seed, setting), hard labels alone last."""

    problem: Problem
    training: NDArray[np.float32]
    test: NDArray[np.float32]

    @property
    def classes(self) -> int:
        return self.test.shape[-1]

    def place(self, temperature: float, hard_weight: float) -> int:
        return [*SETTINGS, *SOFT].index((temperature, hard_weight))

    def accuracy(self) -> Floats:
        """Of every student, shape (seeds, settings)."""
        right = self.test.argmax(axis=-1) == self.problem.test.labels
        return np.asarray(right.mean(axis=-1))


def train(problem: Problem) -> Trained:
    conditions = [
        (t, float(soft_weight(hard_weight=a, temperature=t))) for t, a in [*SETTINGS, *SOFT]
    ]
    students = train_students(
        problem.training, problem.test.inputs, problem.teacher[0], [*conditions, (1.0, 0.0)],
        [np.random.SeedSequence(1, spawn_key=(seed,)) for seed in range(SEEDS)],
        hidden=problem.hidden, optimizer=problem.optimizer, steps=problem.steps,
        batch=problem.batch,
    )  # fmt: skip
    return Trained(problem=problem, training=students.training, test=students.test)


def mixture(runs: list[tuple[float, float]], balanced: bool) -> Callable[[Trained, int], Any]:
    """Our estimator with these runs as anchors, of one seed."""

    def of(trained: Trained, seed: int) -> Prediction:
        problem, count = trained.problem, len(trained.problem.training.labels)
        both = [
            np.concatenate([trained.training[seed, index], trained.test[seed, index]])
            for index in [trained.place(*run) for run in runs] + [-1]
        ]
        outputs = Outputs(
            labels=np.concatenate([problem.training.labels, problem.test.labels]),
            teacher=np.concatenate(problem.teacher),
            student=both[-1],
            anchors=tuple(
                Anchor(logits=logits, temperature=t, hard_weight=a)
                for logits, (t, a) in zip(both[:-1], runs, strict=True)
            ),
            training=np.arange(count) if balanced else None,
            tested=np.arange(count, len(both[-1])),
            same_start=True,
        )
        return predict(outputs, TEMPERATURES, HARD_WEIGHTS)

    return of


def simple(rule: Callable[..., Floats], each: bool) -> Callable[[Trained, int], Floats]:
    """An estimator from accuracies, with soft-only students at every T or at T = 4 alone."""

    def of(trained: Trained, seed: int) -> Floats:
        accuracy = trained.accuracy()[seed]
        found = []
        for t, a in SETTINGS:
            place = trained.place(t if each else 4.0, 0.0)
            found.append(
                rule(
                    trained=trained,
                    seed=seed,
                    t=t,
                    a=a,
                    place=place,
                    hard=accuracy[-1],
                    soft=accuracy[place],
                    w=float(soft_weight(hard_weight=a, temperature=t)),
                )
            )
        return np.array(found)

    return of


def _ratios(trained: Trained, seed: int, t: float, hard: float, soft: float) -> tuple[float, float]:
    """g and chi as measured."""
    problem = trained.problem
    gain = gain_measured(problem.test.labels, problem.teacher[1], trained.test[seed, -1], t)
    return gain, chi_measured(soft, hard, trained.classes)


def _printed(trained: Trained, seed: int, t: float, a: float, hard: float, soft: float, **_: Any):
    gain, chi = _ratios(trained, seed, t, hard, soft)
    alpha = float(distillation_weight(hard_weight=a, temperature=t))
    return estimate_printed(
        classes=trained.classes, student_accuracy=hard, temperature=t, distillation_weight=alpha,
        gain=gain, chi=chi,
    )  # fmt: skip


def _dual(trained: Trained, seed: int, t: float, w: float, hard: float, soft: float, **_: Any):
    gain, chi = _ratios(trained, seed, t, hard, soft)
    return estimate_dual(
        classes=trained.classes, student_accuracy=hard, soft_weight=w, gain=gain, chi=chi
    )


def _average(trained: Trained, seed: int, place: int, **_: Any) -> float:
    mean = trained.test[seed, place] + trained.test[seed, -1]
    return float(np.mean(mean.argmax(axis=-1) == trained.problem.test.labels))


ALL = [(t, 0.0) for t in TEMPERATURES]
ESTIMATORS: dict[str, tuple[str, Callable[[Trained, int], Any], list[tuple[float, float]]]] = {
    "no change": ("0", simple(lambda hard, **_: hard, True), []),
    "copy of the teacher, half": ("0", mixture([], False), []),
    "printed (12), soft at 4": ("1", simple(_printed, False), []),
    "dual form, soft at 4": ("1", simple(_dual, False), []),
    "soft-only accuracy at 4": ("1", simple(lambda soft, **_: soft, False), []),
    "test form, soft at 4": (
        "1", simple(lambda hard, soft, w, **_: hard + w * (soft - hard), False), []),
    "average of logits, soft at 4": ("1", simple(_average, False), []),
    "linear mixture, soft at 4": ("1", mixture([(4.0, 0.0)], False), [(4.0, 0.0)]),
    "balanced mixture, soft at 4": ("1", mixture([(4.0, 0.0)], True), [(4.0, 0.0)]),
    "balanced mixture, T 4 a_H .1": ("1", mixture([(4.0, 0.1)], True), [(4.0, 0.1)]),
    "linear mixture, soft at 1, 8": ("2", mixture([ALL[0], ALL[3]], False), [ALL[0], ALL[3]]),
    "balanced mixture, soft at 1, 8": ("2", mixture([ALL[0], ALL[3]], True), [ALL[0], ALL[3]]),
    "soft-only accuracy": ("4", simple(lambda soft, **_: soft, True), []),
    "linear in a_H": ("4", simple(lambda hard, soft, a, **_: soft + a * (hard - soft), True), []),
    "test form": ("4", simple(lambda hard, soft, w, **_: hard + w * (soft - hard), True), []),
    "average of logits": ("4", simple(_average, True), []),
    "linear mixture": ("4", mixture(ALL, False), ALL),
    "balanced mixture": ("4", mixture(ALL, True), ALL),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Score:
    """An estimator on a problem."""

    error: float
    run_error: float
    covered: float | None
    half: float | None
    lost: float | None


def score(trained: Trained, found: list[Any], runs: list) -> Score:
    """Errors and coverage of the predictions of every seed."""
    truth = trained.accuracy()[:, : len(SETTINGS)]
    sure = isinstance(found[0], Prediction)
    predicted = np.array([(f.accuracy if sure else f).ravel() for f in found])
    off = predicted - truth
    new = np.array([setting not in runs for setting in SETTINGS])
    half = np.array([f.half_widths(CONFIDENCE).ravel() for f in found]) if sure else None
    return Score(
        error=float(np.sqrt(np.mean(off.mean(axis=0) ** 2))),
        run_error=float(np.sqrt(np.mean(off**2))),
        covered=None if half is None else float(np.mean(np.abs(off) <= half, where=new)),
        half=None if half is None else float(np.mean(half)),
        lost=lost(trained, found) if sure else None,
    )


def lost(trained: Trained, found: list[Prediction]) -> float:
    """Accuracy lost to the best setting by following the advice."""
    accuracy = trained.accuracy().mean(axis=0)
    settings, hard = accuracy[: len(SETTINGS)], accuracy[-1]
    chosen = [int(np.argmax(f.accuracy - f.scale)) for f in found]
    reached = [
        settings[place] if f.accuracy.flat[place] > f.student else hard
        for place, f in zip(chosen, found, strict=True)
    ]
    return float(max(settings.max(), hard) - np.mean(reached))


def fit(trained: list[Trained], console: Console) -> None:
    """Constants of the intervals, by maximum likelihood, scaled to cover 90 % of all errors."""
    for way, fields in (("balanced", ("misfit", "distance", "ratio", "noise")),
                        ("linear", ("distance", "ratio", "noise"))):  # fmt: skip
        units = [Scales(**{"distance": 0, "ratio": 0, "noise": 0, field: 1}) for field in fields]
        terms, errors = [], []
        for one in track(trained, way, transient=True):
            for name, (_, of, runs) in ESTIMATORS.items():
                if not name.startswith(f"{way} mixture"):
                    continue
                new = np.array([setting not in runs for setting in SETTINGS])
                known = tuple(t for t, _ in runs)
                for seed, truth in enumerate(one.accuracy()):
                    found = of(one, seed)
                    scales = [found.rescaled(known, unit).ravel()[new] for unit in units]
                    terms.append(np.transpose(scales))
                    errors.append((found.accuracy.ravel() - truth[: len(SETTINGS)])[new])
        x, y = np.concatenate(terms), np.concatenate(errors)

        def loss(logs: Floats, x: Floats = x, y: Floats = y) -> float:
            square = x**2 @ np.exp(2 * logs) + 1e-8
            law = (FREEDOM + 1) / 2 * np.log1p(y**2 / square / FREEDOM)
            return float(np.mean(np.log(square) / 2 + law))

        start, bounds = np.full(len(fields), -1.5), [(-9, 2)] * len(fields)
        logs = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
        ratio = np.abs(y) / np.sqrt(x**2 @ np.exp(2 * logs) + 1e-8)
        factor = np.quantile(ratio, CONFIDENCE) / half_width(1.0, CONFIDENCE)
        weights = dict(zip(fields, np.round(np.exp(logs) * factor, 3).tolist(), strict=True))
        console.print(f"{way}: {weights}, of which a factor {factor:.3f} for the coverage")


def table(scores: dict[str, dict[str, Score]], what: str) -> list[list[str]]:
    """Rows of text: an estimator each, a column each problem."""
    problems = list(next(iter(scores.values())))
    rows = [["estimator", "runs", *problems]]
    for name, own in scores.items():
        values = [getattr(own[problem], what) for problem in problems]
        if any(value is not None for value in values):
            cells = [f"{value:.4f}" if what != "covered" else f"{value:.2f}" for value in values]
            rows.append([name, ESTIMATORS[name][0], *cells])
    return rows


def markdown(rows: list[list[str]]) -> str:
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def draw(scores: dict[str, dict[str, Score]], informed: list[str], path: Path) -> None:
    """Error against the number of runs, median and range over the problems."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.4), layout="constrained")
    ax = figure.subplots()
    used: dict[str, int] = {}
    for name, own in scores.items():
        errors = np.array([own[problem].error for problem in informed])
        runs = ESTIMATORS[name][0]
        place = used[runs] = used.get(runs, -1) + 1
        x = [0, 1, 2, 4].index(int(runs)) + 0.11 * (place - 3.5)
        ours = "mixture" in name or "copy" in name
        middle = float(np.median(errors))
        ax.plot([x, x], [errors.min(), errors.max()], "-" if ours else ":", color="0.4")
        ax.plot(x, middle, "o" if ours else "s", color="k" if ours else "w", markeredgecolor="k")
        ax.annotate(f" {name}", (x, errors.max()), rotation=60, fontsize=7,
                    ha="left", va="bottom")  # fmt: skip
    for marker, colour, label in (("o", "k", "ours"), ("s", "w", "simple")):
        ax.plot([], [], marker, color=colour, markeredgecolor="k", label=label)
    ax.axhline(0.01, color="0.6", linewidth=0.8, label="one percent")
    ax.set_yscale("log")
    ax.set_xticks(range(4), ["0", "1", "2", "4"])
    ax.set_xlabel("students trained besides the one of hard labels")
    ax.set_ylabel("error of the accuracy, root mean square over 24 settings")
    ax.set_title(f"Median and range over {len(informed)} problems put aside", fontsize=9)
    ax.legend(frameon=False, fontsize=8, loc="lower left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_ylim(top=ax.get_ylim()[1] * 8)
    figure.savefig(path, dpi=160)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("which", choices=["development", "aside"])
    parser.add_argument("--fit", action="store_true", help="fit the constants of the intervals")
    parser.add_argument("--data", type=Path, help="CIFAR-100 and Omniglot, torchvision's layout")
    parser.add_argument("--keep", type=Path, help="folder that keeps the trained students")
    parser.add_argument(
        "--record", action="store_true", help="write the record, and for `aside` the figure"
    )
    given = parser.parse_args()
    planned: list[Planned] = DEVELOPMENT if given.which == "development" else list(PUT_ASIDE)
    if given.which == "aside" and given.data:
        planned += real(given.data)
    console = Console(width=200)
    trained = []
    for plan in track(planned, "Training", console=console, transient=True):
        path = given.keep and given.keep / f"{plan.name.replace(' ', '-')}.pkl"
        if path and path.exists():
            trained.append(pickle.loads(path.read_bytes()))
            continue
        trained.append(train(plan.make()))
        if path:
            path.write_bytes(pickle.dumps(trained[-1]))
    if given.fit:
        fit(trained, console)
        return
    scores: dict[str, dict[str, Score]] = {}
    for name, (_, of, runs) in track(ESTIMATORS.items(), "Scoring", console=console):
        scores[name] = {
            plan.name: score(one, [of(one, seed) for seed in range(SEEDS)], runs)
            for plan, one in zip(planned, trained, strict=True)
        }
    report(planned, trained, scores, given, console)


def report(
    planned: list[Planned],
    trained: list[Trained],
    scores: dict[str, dict[str, Score]],
    given: Any,
    console: Console,
) -> None:
    which = {"aside": "put aside", "development": "for development"}[given.which]
    parts = [f"Problems {which}, {SEEDS} seeds each, {date.today()}.\n"]
    facts = [["", *(plan.name for plan in planned)]]
    for label, of in (
        ("student of hard labels", lambda one: one.accuracy()[:, -1].mean()),
        ("best setting", lambda one: one.accuracy()[:, : len(SETTINGS)].mean(axis=0).max()),
        ("teacher", lambda one: np.mean(
            one.problem.teacher[1].argmax(axis=1) == one.problem.test.labels)),
    ):  # fmt: skip
        facts.append([label, *(f"{of(one):.3f}" for one in trained)])
    parts += ["Accuracies:\n", markdown(facts)]
    parts += ["\nRoot-mean-square error over settings, of means over seeds:\n"]
    parts += [markdown(table(scores, "error"))]
    parts += ["\nThe same of single students:\n", markdown(table(scores, "run_error"))]
    parts += ["\nCoverage of 90 % intervals:\n", markdown(table(scores, "covered"))]
    parts += ["\nMean half-width of 90 % intervals:\n", markdown(table(scores, "half"))]
    informed = [plan.name for plan in planned if plan.informed]
    rows = [["estimator", "mean coverage", "mean with an uninformed teacher too"]]
    for name, own in scores.items():
        if next(iter(own.values())).covered is not None:
            means = [np.mean([own[p].covered for p in which]) for which in (informed, own)]
            rows.append([name, *(f"{mean:.3f}" for mean in means)])
    parts += ["\nCoverage over the problems with a teacher above chance:\n", markdown(rows)]
    rows = table(scores, "lost")
    means = [one.accuracy().mean(axis=0) for one in trained]
    for words, of in (
        ("T = 4, a_H = .1", lambda mean: mean[SETTINGS.index((4.0, 0.1))]),
        ("a setting at random", lambda mean: mean[: len(SETTINGS)].mean()),
        ("hard labels alone", lambda mean: mean[-1]),
    ):
        best = [max(mean[: len(SETTINGS)].max(), mean[-1]) for mean in means]
        rows.append([words, "", *(f"{b - of(m):.4f}" for b, m in zip(best, means, strict=True))])
    parts += [
        "\nAccuracy lost to the best of the 24 settings, by advice from each estimator:\n",
        markdown(rows),
    ]
    text = "\n".join(parts) + "\n"
    console.print(text, markup=False)
    if given.record:
        (RECORDS / f"estimators-{given.which}.md").write_text(text, encoding="utf-8")
    if given.record and given.which == "aside":
        draw(scores, informed, Path(__file__).parents[1] / "docs" / "estimators.png")


if __name__ == "__main__":
    main()
