"""Ends of bands by points inside of them, against laws whose ends are known."""

import numpy as np
import pytest

from mvtheory.laws import Discrete, MarchenkoPastur, Semicircle, commutator
from mvtheory.laws.solvers.branch_points import DISTANCES, turning_points

LAWS = [Semicircle(mean=0.3, variance=2.0), MarchenkoPastur(aspect_ratio=0.25, variance=3.0)]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("share", [1e-5, 1e-3])
def test_an_end_is_where_z_stands_still(law, side, share):
    """From points on a small part of the band, the end itself not among them."""
    low, high = law.support[0]
    end, inwards = (high, -1) if side else (low, 1)
    x = end + inwards * (high - low) * share * DISTANCES
    found, doubt = turning_points(law.cauchy(x)[None], x[None])
    # Rounding of G beside the end, over the slope of its root, and of the end itself.
    assert abs(found[0] - end) <= 1e-13 * (high - low)
    assert doubt[0] <= 1e-12 * (high - low)


@pytest.mark.parametrize("share", [0.01, 0.03])
def test_points_that_are_too_far_are_in_doubt(share):
    """Beside the hard end of a Marchenko-Pastur law G is a root on a small part only."""
    law = MarchenkoPastur(aspect_ratio=0.25, variance=3.0)
    low, high = law.support[0]
    x = low + (high - low) * share * DISTANCES
    found, doubt = turning_points(law.cauchy(x)[None], x[None])
    assert 1e-13 * (high - low) < abs(found[0] - low) <= doubt[0]


@pytest.mark.parametrize(
    "law",
    [
        commutator(MarchenkoPastur(aspect_ratio=2), MarchenkoPastur(aspect_ratio=3)),
        commutator(
            Discrete(atoms=[-1, 1], weights=[0.5, 0.5]),
            Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25]),
        ),
    ],
    ids=["Marchenko-Pastur", "atoms"],
)
def test_ends_of_commutators_are_those_of_symmetric_laws(law):
    """Nothing in the search knows of the symmetry: the two ends are found by themselves."""
    ends = np.array(law.support).ravel()
    np.testing.assert_allclose(ends, -ends[::-1], rtol=0, atol=1e-10 * ends[-1])
