"""Errors of scores: what members have in common on all samples counts."""

import numpy as np
import pytest

from mvtheory.ensembles.members import check_members
from tests.ensembles.models import errors_of, scores_of

DRAWS = 200


@pytest.mark.parametrize("average", ["probabilities", "logits"])
@pytest.mark.parametrize("common", [0.0, 0.4])
def test_the_error_is_that_of_members_drawn_anew(average, common):
    """Its square lies between the variance of the score and twice it, if all is independent.

    A variance from 200 draws has a relative error of a tenth, the mean of as many estimates with
    two degrees of freedom one of a fourteenth: four of both together are .5.
    """
    rng = np.random.default_rng(2)
    labels = rng.integers(5, size=400)
    right, noise = np.eye(5)[labels], rng.normal(size=(400, 5))
    scores, stated = np.empty((2, DRAWS, 2))
    for draw in range(DRAWS):
        skill = 2 + common * rng.normal(size=(3, 1, 1))
        members = skill * right + noise + 0.5 * rng.normal(size=(3, 400, 5))
        given = check_members(labels, members)
        subsets, errors = scores_of(given, average), errors_of(given, average)
        scores[draw] = subsets.log_loss[2], subsets.brier[2]
        stated[draw] = errors.members["log_loss"], errors.members["brier"]
    ratio = (stated**2).mean(axis=0) / scores.var(axis=0)
    assert (ratio > 0.7).all()
    assert (ratio < 2.5).all()
