"""What every estimator of distilled accuracy says of a problem, and what the advisor advises."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from distillation_problems import GRID, HARD_WEIGHTS, SETTINGS, TEMPERATURES, Setting, Trained
from numpy.typing import NDArray

from mvtheory.distillation import (
    Advice,
    Anchor,
    advise,
    chi_measured,
    distillation_weight,
    estimate_dual,
    estimate_printed,
    gain_measured,
    linear,
    soft_weight,
)
from mvtheory.distillation.measures import Measured
from mvtheory.distillation.prediction import Outputs, Prediction, predict
from validation.threads import one_thread

SEEDS = 2
"""Of a problem, that are scored."""
CONFIDENCE = 0.9
ONE, TWO = "T 4, a_H .1", "T 1 and 8, a_H .1"
ANCHORS: dict[str, list[Setting]] = {
    ONE: [(4.0, 0.1)],
    "T 4, a_H 0": [(4.0, 0.0)],
    TWO: [(1.0, 0.1), (8.0, 0.1)],
    "T 1 and 8, a_H 0": [(1.0, 0.0), (8.0, 0.0)],
    "every T, a_H 0": [(t, 0.0) for t in TEMPERATURES],
}
BLEND, NO_SPLIT, UNSCALED, COPY = "blend", "blend, no split", "blend, not scaled", "half copy"
RUNS = 2
"""That are trained by the advisor's word."""
SHAPE = (len(TEMPERATURES), len(HARD_WEIGHTS))
Grid = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Advised:
    """What the advisor said."""

    best: tuple[int, int]
    distil: bool
    """Whether its setting is predicted to be better than hard labels alone."""
    worth: str


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Of a problem: truth, and what was predicted by (seed, anchors, estimator)."""

    name: str
    kind: str
    printed: bool
    classes: int
    samples: int
    accuracy: Grid
    """(seeds, settings), of all seeds that were trained."""
    teacher: float
    simple: dict[tuple[int, str, str], Grid]
    ours: dict[tuple[int, str, str], Prediction]
    advised: dict[tuple[int, str, str], Advised]
    followed: list[list[tuple[list[Setting], Prediction]]]
    """By seed: runs and prediction from ONE, then after every run that the advisor asked for."""

    def grid(self, seed: int) -> Grid:
        return self.accuracy[seed, : len(GRID)].reshape(SHAPE)

    def new(self, runs: Sequence[Setting]) -> NDArray[np.bool_]:
        """Settings that were not trained for the estimator."""
        return np.array([setting not in runs for setting in GRID]).reshape(SHAPE)

    def predicted(self, seed: int, anchors: str, estimator: str) -> Grid | None:
        key = seed, anchors, estimator
        return self.ours[key].accuracy if key in self.ours else self.simple.get(key)

    def error(self, anchors: str, estimator: str) -> float | None:
        """Root mean square over the settings, of the mean over the seeds that are scored."""
        found = [self.predicted(seed, anchors, estimator) for seed in range(SEEDS)]
        if any(one is None for one in found):
            return None
        off = np.mean([f - self.grid(seed) for seed, f in enumerate(found)], axis=0)
        return float(np.sqrt(np.mean(off**2)))


@dataclass(frozen=True)
class Seed:
    """One seed of a problem."""

    trained: Trained
    seed: int

    def logits(self, run: Setting) -> NDArray[np.float32]:
        found = self.trained.students[self.seed, SETTINGS.index(run)]
        own = found[: self.trained.samples]
        # They look like probabilities, which are refused; the remedy that the error names.
        return found - 1 if own.min() >= 0 and own.max() <= 1 else found

    def anchors(self, runs: Sequence[Setting]) -> tuple[Anchor, ...]:
        return tuple(Anchor(logits=self.logits((t, a)), temperature=t, hard_weight=a)
                     for t, a in runs)  # fmt: skip

    def right(self, run: Setting) -> float:
        return float(self.trained.accuracy[self.seed, SETTINGS.index(run)])

    def outputs(self, runs: Sequence[Setting], split: bool, scaled: bool) -> Outputs:
        one = self.trained
        return Outputs(
            labels=one.labels, teacher=one.teacher, student=self.logits(SETTINGS[-1]),
            anchors=self.anchors(runs), training=np.arange(one.samples) if split else None,
            tested=np.arange(one.samples, len(one.labels)), same_start=True, scaled=scaled,
        )  # fmt: skip

    def advice(self, runs: Sequence[Setting]) -> Advice:
        """The advisor's, with a split."""
        one = self.trained
        return advise(
            one.labels, self.logits(SETTINGS[-1]), one.teacher, anchors=self.anchors(runs),
            split=np.arange(len(one.labels)) < one.samples, temperatures=TEMPERATURES,
            hard_weights=HARD_WEIGHTS, confidence=CONFIDENCE, scaled=one.printed, diagnose=False,
        )  # fmt: skip


def score(path: Path) -> Scored:
    with one_thread():
        return _score(Trained.read(path))


def _score(one: Trained) -> Scored:
    simple: dict[tuple[int, str, str], Grid] = {}
    ours: dict[tuple[int, str, str], Prediction] = {}
    advised, followed = {}, []
    for number in range(SEEDS):
        seed = Seed(one, number)
        copy = predict(seed.outputs([], False, False), TEMPERATURES, HARD_WEIGHTS)
        for name, runs in ANCHORS.items():
            ours[number, name, COPY] = copy
            for estimator, grid in _simple(seed, runs).items():
                simple[number, name, estimator] = grid
            for estimator, alone, split, scaled in (
                (BLEND, "balanced mixture", True, one.printed),
                (NO_SPLIT, "linear mixture", False, False),
                (UNSCALED, "", True, False),
            ):
                if estimator == UNSCALED and not one.printed:
                    continue
                outputs = seed.outputs(runs, split, scaled)
                found = predict(outputs, TEMPERATURES, HARD_WEIGHTS)
                ours[number, name, estimator] = found
                if alone:
                    simple[number, name, alone] = _mixed(outputs, found)
                    advised[number, name, estimator] = _advised(found)
        followed.append(_follow(seed, ours[number, ONE, BLEND]))
    tested = one.labels[one.samples :]
    return Scored(
        name=one.name, kind=one.kind, printed=one.printed, classes=one.teacher.shape[1],
        samples=one.samples, accuracy=one.accuracy, simple=simple, ours=ours, advised=advised,
        teacher=float(np.mean(one.teacher[one.samples :].argmax(axis=1) == tested)),
        followed=followed,
    )  # fmt: skip


def _advised(found: Prediction) -> Advised:
    half = found.half_widths(CONFIDENCE)
    accuracy = Measured(
        name="accuracy", predicted=found.accuracy, low=np.clip(found.accuracy - half, 0, 1),
        high=np.clip(found.accuracy + half, 0, 1), scale=found.scale, student=found.student,
        teacher=found.teacher, sampling_error=np.zeros(SHAPE),
    )  # fmt: skip
    best = accuracy.best
    distil = bool(found.accuracy[best] > found.student)
    return Advised(best=best, distil=distil, worth=accuracy.worth(best))


def _follow(seed: Seed, first: Prediction) -> list[tuple[list[Setting], Prediction]]:
    """Train what the advisor asks for, as long as it asks."""
    runs, found = ANCHORS[ONE], [(ANCHORS[ONE], first)]
    for _ in range(RUNS):
        asked = re.search(r"Train T = (\S+), a_H = (\S+) next", seed.advice(runs).next_run)
        if asked is None:
            break
        runs = [*runs, (float(asked[1]), float(asked[2]))]
        outputs = seed.outputs(runs, True, seed.trained.printed)
        found.append((runs, predict(outputs, TEMPERATURES, HARD_WEIGHTS)))
    return found


def _mixed(outputs: Outputs, found: Prediction) -> Grid:
    """Accuracy of the mixtures of logits alone."""
    right = outputs.right(outputs.tested, found.mixtures)
    return (right / outputs.tested.size).reshape(SHAPE)


def _simple(seed: Seed, runs: list[Setting]) -> dict[str, Grid]:
    """Estimators from accuracies: lines through hard labels and the anchors, constant beyond the
    temperatures of these and linear in log T between; and the random-matrix estimator, which
    wants students of soft labels alone."""
    hard, anchors = seed.right(SETTINGS[-1]), seed.anchors(runs)
    known = np.array([seed.right(run) for run in runs])
    found = {name: np.empty(len(GRID)) for name in ("no change", "linear in a_H", "linear in w")}
    gains = _gains(seed) if all(a == 0 for _, a in runs) else None
    if gains:
        found |= {name: np.empty(len(GRID)) for name in ("(12) as printed", "(12) in dual form")}
    classes = seed.trained.teacher.shape[1]
    for place, (t, a) in enumerate(GRID):
        w = float(soft_weight(hard_weight=a, temperature=t))
        mixture = linear(anchors, t, w)
        found["no change"][place] = hard
        found["linear in w"][place] = mixture.hard * hard + np.dot(mixture.anchors, known)
        at = [hard + (1 - a) / (1 - own) * (right - hard)
              for right, (_, own) in zip(known, runs, strict=True)]  # fmt: skip
        nodes = np.log([node for node, _ in runs])
        found["linear in a_H"][place] = np.interp(np.log(t), nodes, at)
        if gains:
            chi = chi_measured(float(np.interp(np.log(t), nodes, known)), hard, classes)
            shared = {"classes": classes, "student_accuracy": hard, "gain": gains[t], "chi": chi}
            alpha = float(distillation_weight(hard_weight=a, temperature=t))
            found["(12) as printed"][place] = estimate_printed(
                temperature=t, distillation_weight=alpha, **shared
            )
            found["(12) in dual form"][place] = estimate_dual(soft_weight=w, **shared)
    return {name: np.clip(grid, 0, 1).reshape(SHAPE) for name, grid in found.items()}


def _gains(seed: Seed) -> dict[float, float] | None:
    """g of (12) by temperature; None for a student at chance, of which it has no meaning."""
    one = seed.trained
    labels, teacher = one.labels[one.samples :], one.teacher[one.samples :]
    student = seed.logits(SETTINGS[-1])[one.samples :]
    try:
        return {t: gain_measured(labels, student, teacher, t) for t in TEMPERATURES}
    except ValueError:
        return None
