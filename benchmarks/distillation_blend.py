"""Share and line of the blend, fitted to the errors of problems."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from distillation_problems import GRID, SETTINGS, Trained
from distillation_scores import ANCHORS, BLEND, NO_SPLIT, SEEDS, Seed
from numpy.typing import NDArray
from scipy import optimize

from mvtheory.distillation import linear, soft_weight
from mvtheory.distillation.blend import BLENDS
from mvtheory.distillation.outputs import softened
from mvtheory.distillation.prediction import Outputs
from validation.threads import one_thread

SHARES = np.linspace(0, 1, 11)
Curves = dict[str, list[NDArray[np.float64]]]
"""By way to mix, for all anchors: (seeds, shares + 1, settings) of errors, the last the line's."""


def curves(path: Path) -> Curves:
    """Errors of a problem by the share, and of the line through accuracies."""
    with one_thread():
        one = Trained.read(path)
        found: Curves = {"balanced": [], "linear": []}
        for runs in ANCHORS.values():
            for way, scaled in (("balanced", one.printed), ("linear", False)):
                rows = []
                for number in range(SEEDS):
                    seed = Seed(one, number)
                    outputs = seed.outputs(runs, way == "balanced", scaled)
                    rows.append(_errors(seed, outputs))
                found[way].append(np.stack(rows))
        return found


def _errors(seed: Seed, outputs: Outputs) -> NDArray[np.float64]:
    labels = outputs.labels[outputs.tested]
    hard = outputs.student[outputs.tested]
    soft = [anchor.logits[outputs.tested] for anchor in outputs.anchors]
    logits = [*soft, hard]
    known = np.array([np.mean(rows.argmax(axis=1) == labels) for rows in logits])
    found = np.empty((len(SHARES) + 1, len(GRID)))
    for place, (t, a) in enumerate(GRID):
        w = float(soft_weight(hard_weight=a, temperature=t))
        told = softened(outputs.mixture(t, w).of(hard, soft), t, w)
        straight = linear(outputs.anchors, t, w)
        weights = (*straight.anchors, straight.hard)
        shown = [*(anchor.soft_weight for anchor in outputs.anchors), 0.0]
        average = sum(u * softened(rows, t, own)
                      for u, rows, own in zip(weights, logits, shown, strict=True))  # fmt: skip
        for row, share in enumerate(SHARES):
            said = (share * told + (1 - share) * average).argmax(axis=1)
            found[row, place] = np.mean(said == labels)
        found[-1, place] = np.dot(weights, known)
    return found - np.array([seed.right(setting) for setting in SETTINGS[: len(GRID)]])


def blends(problems: Sequence[Curves]) -> dict[str, dict[str, float]]:
    """Share and line with the least mean of root-mean-square errors, all anchors together, and
    that mean; the same with the constants in use, which are by likelihood."""
    found = {}
    for way, name in (("balanced", BLEND), ("linear", NO_SPLIT)):
        rows = np.array([[anchors.mean(axis=0) for anchors in one[way]] for one in problems])

        def mean_error(given: Sequence[float], rows: NDArray[np.float64] = rows) -> float:
            share, line = given
            hats = [np.interp(share, SHARES, hat) for hat in np.eye(len(SHARES))]
            blended = np.einsum("s,pasj->paj", hats, rows[:, :, :-1])
            off = (1 - line) * blended + line * rows[:, :, -1]
            return float(np.sqrt(np.mean(off**2, axis=2)).mean())

        fit = optimize.minimize(mean_error, (0.8, 0.1), method="Nelder-Mead", bounds=[(0, 1)] * 2)
        own = BLENDS[way]
        found[name] = {
            "share": float(fit.x[0]), "line": float(fit.x[1]), "mean error": float(fit.fun),
            "mean error in use": mean_error((own.share, own.line)),
        }  # fmt: skip
    return found
