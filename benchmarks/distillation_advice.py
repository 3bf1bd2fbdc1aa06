"""The record of the benchmark of estimators: what the advice is worth, and the goals."""

from collections.abc import Callable, Sequence

import numpy as np
from distillation_problems import GRID, SETTINGS
from distillation_report import (
    HARM,
    all_errors,
    harm,
    held,
    kinds,
    markdown,
    number,
    percent,
    spread,
)
from distillation_scores import (
    ANCHORS,
    BLEND,
    CONFIDENCE,
    NO_SPLIT,
    ONE,
    RUNS,
    SEEDS,
    TWO,
    UNSCALED,
    Scored,
)


def truth(one: Scored) -> tuple[np.ndarray, float, float]:
    """Accuracies of the 24 settings and of hard labels, means over seeds, and the best."""
    mean = one.accuracy.mean(axis=0)
    grid, hard = mean[: len(GRID)], float(mean[-1])
    return grid, hard, max(float(grid.max()), hard)


def strong(one: Scored) -> bool:
    return one.teacher > truth(one)[1]


def advice_lost(one: Scored, anchors: str, estimator: str) -> float:
    """Accuracy lost to the best setting by following the advice, mean over seeds."""
    grid, hard, best = truth(one)
    lost = []
    for seed in range(SEEDS):
        advised = one.advised[seed, anchors, estimator]
        reached = grid.reshape(one.grid(0).shape)[advised.best] if advised.distil else hard
        lost.append(best - reached)
    return float(np.mean(lost))


def runs_lost(one: Scored, anchors: str) -> float:
    """The same by the best of the runs that were trained anyway."""
    _, hard, best = truth(one)
    mean = one.accuracy.mean(axis=0)
    return best - max(hard, *(float(mean[SETTINGS.index(run)]) for run in ANCHORS[anchors]))


def regret(scored: Sequence[Scored]) -> str:
    rows: list[list[str]] = []
    groups = [[one for one in scored if strong(one)], [one for one in scored if not strong(one)]]

    def row(words: str, estimator: str, of: Callable[[Scored], float]) -> None:
        means = [number(float(np.mean([of(one) for one in own]))) if own else "-"
                 for own in groups]  # fmt: skip
        worst = max(scored, key=of)
        rows.append([words, estimator, *means, f"{worst.name} {number(of(worst))}"])

    for anchors in ANCHORS:
        for name in (BLEND, NO_SPLIT):
            row(anchors, name, lambda one, a=anchors, n=name: advice_lost(one, a, n))
        row(anchors, "best of the runs", lambda one, a=anchors: runs_lost(one, a))
    row("", "hard labels alone", lambda one: truth(one)[2] - truth(one)[1])
    row("", "T 4, a_H .1 always", lambda one: truth(one)[2] - truth(one)[0][GRID.index((4.0, 0.1))])
    row("", "a setting at random", lambda one: truth(one)[2] - float(truth(one)[0].mean()))
    above, below = map(len, groups)
    head = [f"teacher above the student ({above})", f"teacher not above ({below})"]
    return markdown(["anchors", "chosen by", *head, "worst"], rows)


def words(scored: Sequence[Scored], anchors: str, estimator: str) -> dict[str, tuple[int, int]]:
    """By what the advisor said, of every problem and seed: how often, and how often wrongly."""
    found = {"yes": [0, 0], "no": [0, 0], "open": [0, 0]}
    for one in scored:
        grid, hard, _ = truth(one)
        for seed in range(SEEDS):
            said = one.advised[seed, anchors, estimator]
            found[said.worth][0] += 1
            if said.worth == "yes":
                found["yes"][1] += int(grid.reshape(one.grid(0).shape)[said.best] <= hard)
            if said.worth == "no":
                found["no"][1] += int(grid.max() > hard + HARM)
    return {word: (count, wrong) for word, (count, wrong) in found.items()}


def worth(scored: Sequence[Scored]) -> str:
    rows = []
    for anchors in ANCHORS:
        for name in (BLEND, NO_SPLIT):
            said = words(scored, anchors, name)
            cells = [f"{count}, wrong {wrong}" + (f" ({percent(wrong / count)})" if count else "")
                     for count, wrong in (said["yes"], said["no"])]  # fmt: skip
            rows.append([anchors, name, *cells, said["open"][0]])
    return markdown(["anchors", "estimator", '"yes"', '"no"', '"open"'], rows)


def followed_errors(scored: Sequence[Scored], step: int, fresh: bool) -> list[float]:
    """After so many runs, by problem; `fresh`: at settings that none of the runs has."""
    found = []
    for one in scored:
        off = np.ma.masked_all((SEEDS, *one.grid(0).shape))
        for seed, steps in enumerate(one.followed):
            _, prediction = steps[min(step, len(steps) - 1)]
            shown = one.new(steps[-1][0]) if fresh else np.ones(one.grid(0).shape, bool)
            off[seed][shown] = (prediction.accuracy - one.grid(seed))[shown]
        found.append(float(np.sqrt((off.mean(axis=0) ** 2).mean())))
    return found


def followed(scored: Sequence[Scored]) -> str:
    rows = []
    for step in range(RUNS + 1):
        asked = sum(len(steps) > step for one in scored for steps in one.followed)
        half, ok = [], []
        for one in scored:
            for seed, steps in enumerate(one.followed):
                _, prediction = steps[min(step, len(steps) - 1)]
                new, width = one.new(steps[-1][0]), prediction.half_widths(CONFIDENCE)
                half.append(width[new].mean())
                ok.append((np.abs(prediction.accuracy - one.grid(seed)) <= width)[new].mean())
        rows.append([
            step, asked if step else "", spread(followed_errors(scored, step, False)),
            spread(followed_errors(scored, step, True)), number(float(np.mean(half))),
            percent(float(np.mean(ok))),
        ])  # fmt: skip
    return markdown(
        ["further runs", f"asked for, of {SEEDS * len(scored)}", "error, all settings",
         "error, settings never trained", "half-width there", "intervals hold there"], rows,
    )  # fmt: skip


def scaled(scored: Sequence[Scored]) -> str:
    own = [one for one in scored if one.printed]
    rows = []
    for anchors in ANCHORS:
        cells = []
        for name in (BLEND, UNSCALED):
            data, half = held(own, anchors, name)
            cells += [spread(all_errors(own, anchors, name)), percent(data.held(half))]
        rows.append([anchors, *cells])
    return markdown(["anchors", "scaled=True", "intervals hold", "scaled=False", "hold"], rows)


def goals(scored: Sequence[Scored]) -> str:
    rows = []

    def goal(what: str, measured: str, met: bool) -> None:
        rows.append([what, measured, "met" if met else "missed"])

    for anchors, limits in ((ONE, (0.006, 0.02)), (TWO, (0.005, 0.012))):
        found = all_errors(scored, anchors, BLEND)
        for what, value, limit in (
            ("median", np.median(found), limits[0]),
            ("90th percentile", np.quantile(found, 0.9), limits[1]),
        ):
            goal(f"{what} of the errors, {anchors}: at most {number(limit, 3)}",
                 number(float(value)), bool(value <= limit))  # fmt: skip
    for anchors in (ONE, TWO):
        found = [harm(one, anchors, BLEND) for one in scored]
        goal(f"at most {number(HARM, 3)} worse than the best simple estimator, {anchors}",
             f"{sum(h > HARM for h in found)} of {len(found)}, at most {number(max(found))}",
             max(found) <= HARM)  # fmt: skip
    lost = float(np.mean([advice_lost(one, ONE, BLEND) for one in scored if strong(one)]))
    goal(
        f"regret with teachers above the student, {ONE}: at most .003", number(lost), lost <= 0.003
    )
    said = words(scored, ONE, BLEND)
    for word in ("yes", "no"):
        count, wrong = said[word]
        goal(f'"{word}" wrong in at most 5 %, {ONE}', f"{wrong} of {count}", wrong <= 0.05 * count)
    before, after = (followed_errors(scored, step, True) for step in (0, RUNS))
    for what, of in (("mean", np.mean), ("median", np.median)):
        less = 1 - float(of(after) / of(before))
        goal(f"two runs that the advisor asks for lower the {what} error by at least 30 %",
             percent(less), less >= 0.3)  # fmt: skip
    for anchors in (ONE, TWO, "every T, a_H 0"):
        data, half = held(scored, anchors, BLEND)
        share, factor = data.held(half), data.quantile(half)
        goal(f"90 % intervals hold 85 to 95 %, {anchors}", percent(share), 0.85 <= share <= 0.95)
        goal(f"and are at most 1.3 times as wide as holds 90 %, {anchors}", f"{1 / factor:.2f}",
             1 / factor <= 1.3)  # fmt: skip
    shares = {}
    for kind in kinds(scored):
        data, half = held([one for one in scored if one.kind == kind], ONE, BLEND)
        shares[kind] = data.held(half)
    low = min(shares, key=lambda kind: shares[kind])
    goal(f"and at least 80 % in every kind, {ONE}", f"{low} {percent(shares[low])}",
         shares[low] >= 0.8)  # fmt: skip
    return markdown(["goal", "measured", ""], rows)
