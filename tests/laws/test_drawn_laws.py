"""Laws that `test_properties` does not draw, over the domains of their parameters."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.laws import ConfusionLaw, Empirical, EquilibriumMeasure
from mvtheory.testing import check_law

EIGHTHS = st.integers(-40, 40).map(lambda k: k / 8)


def tens(low, high):
    """10^x, x between the bounds."""
    return st.floats(low, high).map(lambda x: 10.0**x)


def convex(shares, tilt):
    """A potential of even powers and a line: convex, so that the support is one interval."""
    coefficients = np.zeros(2 * max(shares) + 1)
    coefficients[1] = tilt
    coefficients[[2 * k for k in shares]] = list(shares.values())
    return EquilibriumMeasure(coefficients=tuple(coefficients))


CONFUSION = st.builds(
    ConfusionLaw,
    accuracy=st.one_of(st.floats(0, 1), st.just(1.0)),
    samples_per_class=tens(0, 2).map(int),
    balanced=st.booleans(),
)
# Numbers that agree are one atom.
EMPIRICAL = st.builds(Empirical, eigenvalues=st.lists(EIGHTHS, min_size=1, max_size=40))
EQUILIBRIUM = st.one_of(
    st.builds(
        convex,
        shares=st.dictionaries(st.integers(1, 6), tens(-2, 2), min_size=1),
        tilt=st.floats(-5, 5),
    ),
    # Two wells: one interval or two.
    st.builds(
        lambda depth, rise: EquilibriumMeasure(coefficients=(0, 0, -depth, 0, rise)),
        depth=tens(-2, 1),
        rise=tens(-2, 1),
    ),
)


@given(st.one_of(CONFUSION, EMPIRICAL, EQUILIBRIUM))
def test_the_contract(law):
    check_law(law, samples=500, matrix=0)
