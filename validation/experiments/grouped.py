"""Models on frozen features in groups: what their numbers must be, and what they gain on one."""

import math
from collections.abc import Mapping

from numpy.typing import NDArray

from validation.trial.claim import Sample

NONE = 1e-8
"""A ridge in units of the kernel's mean eigenvalue that is as good as none."""


def check_numbers(groups: int, ridge: float) -> None:
    """ValueError for fewer than two groups of models, and for a ridge that is not above 0."""
    if groups < 2:
        raise ValueError(f"groups={groups} is not allowed (>= 2): the students of one "
                         "group have the features of another; take 2")  # fmt: skip
    if not 0 < ridge < math.inf:
        raise ValueError(f"ridge={ridge} is not allowed (a finite number > 0); take a "
                         f"small one, such as {NONE}, for none")  # fmt: skip


def in_gains(share: Mapping[str, NDArray], kind: str, place: str) -> Sample:
    """What models of a kind gain on one model, in units of what the ensemble gains on it.

    Parameters
    ----------
    share : mapping of str to array, shape (replicates,)
        What each kind of model gets right; "one" and "ensemble" make the unit.
    kind : str
    place : str
        Where this is, in words, for the error: ValueError if an ensemble gains nothing.
    """
    gain = share["ensemble"] - share["one"]
    if (gain <= 0).any():
        raise ValueError(f"{place}: an ensemble that gains nothing is no unit for gains; "
                         "take fewer features")  # fmt: skip
    return Sample.of((share[kind] - share["one"]) / gain)
