"""Trains the networks of `HundredSetting`, has few of them predict, and puts all together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.ensembles import advise_ensemble
from validation.experiments.image_hundred.setting import HundredSetting
from validation.experiments.images.training import SINGLE, School, probabilities, right
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

EXPERIMENT = 12
"""Begins the keys of this experiment's random numbers."""

Rows = list[dict[str, Any]]
Floats32 = NDArray[np.float32]


def measure(
    setting: HundredSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate.

    Returns tables `sizes` (a row for every size that divides the number of networks: mean accuracy
    of ensembles of so many, each network in one of them), `predictions` (a row for each ensemble of
    few: what its first networks reach, and say of few and of all) and `files` (one row: checksums
    of what was read).
    """
    school = School(setting, Streams(seed, (EXPERIMENT, replicate)), device)
    networks = school.trained(SINGLE, setting.members, setting.recipe)
    logits, labels = school.asked(networks), school.test.labels
    return {
        "sizes": sizes(probabilities(logits), labels),
        "predictions": [
            {"group": group, **predicted(setting, labels, own[: setting.given])}
            for group, own in enumerate(logits.reshape(-1, setting.few, *logits.shape[1:]))
        ],
        "files": [{"checksums": school.checksums}],
    }


def sizes(shares: Floats32, labels: NDArray[np.int64]) -> Rows:
    """Mean accuracies of the ensembles into which networks, in their order, are divided."""
    count = len(shares)
    rows = []
    for size in (n for n in range(1, count + 1) if count % n == 0):
        found = [right(own.mean(axis=0), labels) for own in np.split(shares, count // size)]
        rows.append({"size": size, "accuracy": float(np.mean(found))})
    return rows


def predicted(
    setting: HundredSetting, labels: NDArray[np.int64], given: Floats32
) -> dict[str, float]:
    """What networks reach together, and what they say of ensembles of few and of all.

    `low` to `high` is the advisor's 90 % interval of all.
    """
    advice = advise_ensemble(labels, given, sizes=[setting.few, setting.members])
    (few, everything), known = advice.accuracy.tolist(), advice.subsets.accuracy.tolist()
    return {
        "one": known[0],
        "given": known[-1],
        "few": few,
        "all": everything,
        "low": float(advice.low[1]),
        "high": float(advice.high[1]),
    }
