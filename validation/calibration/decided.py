"""Verdicts of one claim in many simulated runs at once, by the rule of `trial.verdict`."""

import numpy as np
from numpy.typing import NDArray

from validation.trial.claim import Verdict
from validation.trial.verdict import level

CODES = (Verdict.INCONCLUSIVE, Verdict.HOLDS, Verdict.FAILS, Verdict.OUTSIDE)
"""What the numbers 0 to 3 stand for."""


def decided(
    p_values: NDArray[np.float64], alpha: float
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Judge a claim from look to look, as `verdict.sequential` does.

    Parameters
    ----------
    p_values : array of shape (looks, 3, studies)
        Of HOLDS, FAILS and OUTSIDE ASSUMPTIONS.
    alpha : float
        Holm's method leaves a claim between the m-th part of the error of a run of m claims, while
        none is decided, and all of it, when all others are.

    Returns
    -------
    codes, looks : arrays of shape (studies,)
        Verdicts, as places in `CODES`, and the looks at which they were reached; the last where the
        claim stays open.
    """
    codes = np.zeros(p_values.shape[-1], dtype=np.int8)
    looks = np.full_like(codes, len(p_values))
    for look, (holds, fails, outside) in enumerate(p_values, start=1):
        spent = level(look, alpha)
        now = np.select([outside <= spent, fails <= spent, holds <= spent], [3, 2, 1], 0)
        fresh = (codes == 0) & (now > 0)
        codes[fresh], looks[fresh] = now[fresh], look
    return codes, looks
