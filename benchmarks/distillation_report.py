"""The record of the benchmark of estimators, as tables."""

from collections.abc import Iterable, Sequence

import numpy as np
from distillation_fit import Errors, left_out
from distillation_problems import GRID
from distillation_scores import (
    ANCHORS,
    BLEND,
    CONFIDENCE,
    COPY,
    NO_SPLIT,
    ONE,
    SEEDS,
    Scored,
)

SIMPLE = ("no change", "linear in a_H", "linear in w")
PRINTED, DUAL = "(12) as printed", "(12) in dual form"
MIXTURES = ("linear mixture", "balanced mixture")
ESTIMATORS = (*SIMPLE, PRINTED, DUAL, COPY, *MIXTURES, NO_SPLIT, BLEND)
OURS = (NO_SPLIT, BLEND)
HARM = 0.002


def number(value: float | None, digits: int = 4) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"


def percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def kinds(scored: Sequence[Scored]) -> list[str]:
    return list(dict.fromkeys(one.kind for one in scored))


def all_errors(scored: Sequence[Scored], anchors: str, estimator: str) -> list[float]:
    found = [one.error(anchors, estimator) for one in scored]
    return [error for error in found if error is not None]


def spread(values: Sequence[float]) -> str:
    """Median, mean and 90th percentile."""
    if not values:
        return "-"
    return " / ".join(number(float(v)) for v in
                      (np.median(values), np.mean(values), np.quantile(values, 0.9)))  # fmt: skip


def summary(scored: Sequence[Scored]) -> str:
    return markdown(
        ["estimator", *ANCHORS],
        ([name, *(spread(all_errors(scored, anchors, name)) for anchors in ANCHORS)]
         for name in ESTIMATORS),
    )  # fmt: skip


def by_kind(scored: Sequence[Scored], anchors: str) -> str:
    names = [name for name in ESTIMATORS if name not in (PRINTED, DUAL)]
    rows = []
    for kind in kinds(scored):
        own = [one for one in scored if one.kind == kind]
        means = (number(float(np.mean(all_errors(own, anchors, name)))) for name in names)
        rows.append([kind, len(own), *means])
    return markdown(["kind", "problems", *names], rows)


def by_problem(scored: Sequence[Scored]) -> str:
    names = [*SIMPLE, *MIXTURES, *OURS]
    others = [anchors for anchors in ANCHORS if anchors != ONE]
    head = [
        "problem",
        "K",
        "n",
        "hard",
        "best",
        "teacher",
        *names,
        *(f"blend, {a}" for a in others),
    ]
    rows = []
    for kind in kinds(scored):
        rows.append([f"**{kind}**", *[""] * (len(head) - 1)])
        for one in (one for one in scored if one.kind == kind):
            mean = one.accuracy.mean(axis=0)
            rows.append([
                one.name, one.classes, one.samples, number(mean[-1], 3),
                number(mean[: len(GRID)].max(), 3), number(one.teacher, 3),
                *(number(one.error(ONE, name)) for name in names),
                *(number(one.error(anchors, BLEND)) for anchors in others),
            ])  # fmt: skip
    return markdown(head, rows)


def harm(one: Scored, anchors: str, estimator: str) -> float:
    """By how much it is worse than the best of the simple estimators."""
    best = min(error for name in SIMPLE if (error := one.error(anchors, name)) is not None)
    return (one.error(anchors, estimator) or 0.0) - best


def harms(scored: Sequence[Scored]) -> str:
    rows = []
    for anchors in ANCHORS:
        for name in (*MIXTURES, *OURS):
            found = {one.name: harm(one, anchors, name) for one in scored}
            worst = sorted(found, key=lambda name: -found[name])[:3]
            rows.append([
                anchors, name, sum(value > 0 for value in found.values()),
                sum(value > HARM for value in found.values()),
                number(float(np.mean(list(found.values())))),
                "; ".join(f"{name} {number(found[name])}" for name in worst),
            ])  # fmt: skip
    return markdown(["anchors", "estimator", "worse", f"by more than {number(HARM, 3)}",
                     "mean difference", "worst three"], rows)  # fmt: skip


def held(scored: Sequence[Scored], anchors: str, estimator: str) -> tuple[Errors, np.ndarray]:
    """Errors of settings that were not trained, and the half-widths of their intervals."""
    off, half, kind, weights = [], [], [], []
    for one in scored:
        new = one.new([] if estimator == COPY else ANCHORS[anchors])
        for seed in range(SEEDS):
            found = one.ours[seed, anchors, estimator]
            off.append((found.accuracy - one.grid(seed))[new])
            half.append(found.half_widths(CONFIDENCE)[new])
            kind.append(np.full(new.sum(), one.kind))
            weights.append(np.full(new.sum(), 1 / new.sum()))
    flat = np.concatenate(off)
    none = np.zeros((flat.size, 0))
    return Errors(none, flat, np.concatenate(kind), np.concatenate(weights)), np.concatenate(half)


def ways() -> list[tuple[str, str]]:
    return [*((anchors, name) for name in (BLEND, NO_SPLIT) for anchors in ANCHORS), (ONE, COPY)]


def coverage(scored: Sequence[Scored]) -> str:
    rows = []
    for anchors, name in ways():
        data, half = held(scored, anchors, name)
        mean = float(np.average(half, weights=data.weights))
        factor = data.quantile(half)
        rows.append(["none" if name == COPY else anchors, name, percent(data.held(half)),
                     number(mean), f"{factor:.2f}", number(mean * factor)])  # fmt: skip
    return markdown(["anchors", "estimator", "hold", "mean half-width", "factor that holds 90 %",
                     "half-width then"], rows)  # fmt: skip


def coverage_by_kind(scored: Sequence[Scored]) -> str:
    rows = []
    for kind in kinds(scored):
        own = [one for one in scored if one.kind == kind]
        cells = []
        for anchors, name in ways():
            data, half = held(own, anchors, name)
            mean = np.average(half, weights=data.weights)
            cells.append(f"{percent(data.held(half))} {number(float(mean), 3)}")
        rows.append([kind, len(own), *cells])
    heads = [
        "none" if name == COPY else anchors + (", no split" if name == NO_SPLIT else "")
        for anchors, name in ways()
    ]
    return markdown(["kind", "problems", *heads], rows)


def kinds_left_out(scored: Sequence[Scored]) -> str:
    names, found = kinds(scored), {name: left_out(scored, name) for name in (BLEND, NO_SPLIT)}
    return markdown(
        ["estimator", "hold", "mean half-width", "factor that holds 90 %", *names],
        ([name, percent(one.held), number(one.half), f"{one.factor:.2f}",
          *(percent(one.by_kind[kind]) for kind in names)] for name, one in found.items()),
    )  # fmt: skip
