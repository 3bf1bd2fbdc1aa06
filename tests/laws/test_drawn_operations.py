"""What operations make of laws that are drawn: minutes, so not run unless asked for (-m slow)."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    Semicircle,
    anticommutator,
    commutator,
    free_add,
    free_multiplicative_power,
    free_multiply,
    free_power,
    information_plus_noise,
    mixture,
    moebius_image,
    polynomial_image,
    reciprocal,
    separable_covariance,
    square,
    square_root,
)
from mvtheory.testing import check_law

pytestmark = pytest.mark.slow
RATIOS = st.sampled_from([0.1, 0.25, 0.5, 0.9, 1.1, 2, 4, 10])


def points(low, high):
    """Two to four atoms at multiples of a quarter, weights in small whole shares."""
    atoms = st.lists(st.integers(4 * low, 4 * high), min_size=2, max_size=4, unique=True)
    return atoms.flatmap(
        lambda found: st.lists(
            st.integers(1, 6), min_size=len(found), max_size=len(found)
        ).map(lambda parts: Discrete(
            atoms=[a / 4 for a in found], weights=[p / sum(parts) for p in parts]
        ))
    )  # fmt: skip


WISHARTS = st.builds(MarchenkoPastur, aspect_ratio=RATIOS, variance=st.sampled_from([0.5, 1.0]))
WIGNERS = st.builds(Semicircle, mean=st.integers(-2, 2), variance=st.sampled_from([0.25, 1.0, 4.0]))
POSITIVE, ABOVE = st.one_of(points(0, 5), WISHARTS), points(1, 5)
LUMPS = st.builds(
    lambda law, at, mass: mixture([law, Discrete(atoms=[at / 4], weights=[1])], [1 - mass, mass]),
    st.one_of(WISHARTS, WIGNERS), st.integers(-8, 8), st.sampled_from([0.25, 0.6, 0.8]),
)  # fmt: skip
ANY = st.one_of(points(-5, 5), WISHARTS, WIGNERS, LUMPS)
REGULAR = st.builds(MarchenkoPastur, aspect_ratio=st.sampled_from([0.1, 0.25, 0.5, 0.8]))
COEFFICIENTS = st.lists(st.integers(-3, 3), min_size=2, max_size=4).filter(lambda c: any(c[1:]))
OPERATIONS = {
    "free_add": st.builds(free_add, ANY, ANY),
    "free_multiply": st.builds(free_multiply, ANY, POSITIVE),
    "commutator": st.builds(commutator, ANY, ANY),
    "anticommutator": st.builds(anticommutator, ANY, ANY),
    "free_power": st.builds(free_power, ANY, st.floats(1, 6)),
    "free_multiplicative_power": st.builds(free_multiplicative_power, POSITIVE, st.floats(1, 4)),
    "information_plus_noise": st.builds(
        information_plus_noise, points(0, 4), RATIOS.filter(lambda q: q < 1),
        st.sampled_from([0.1, 0.5, 1.0]),
    ),
    "separable_covariance": st.builds(separable_covariance, ABOVE, ABOVE, RATIOS),
    "mixture": st.lists(ANY, min_size=2, max_size=3).flatmap(
        lambda laws: st.lists(st.integers(1, 5), min_size=len(laws), max_size=len(laws)).map(
            lambda parts: mixture(laws, [p / sum(parts) for p in parts])
        )
    ),
    "polynomial_image": st.builds(polynomial_image, ANY, COEFFICIENTS),
    "moebius_image": st.builds(
        partial(moebius_image, b=1, c=1), REGULAR, a=st.sampled_from([-2, 0, 3]),
        d=st.integers(1, 3),
    ),
    "reciprocal": st.builds(reciprocal, st.one_of(REGULAR, ABOVE)),
    "square": st.builds(square, ANY),
    "square_root": st.builds(square_root, POSITIVE),
}  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_contract(operation):
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(OPERATIONS[operation])
    def check(law):
        check_law(law, samples=500, matrix=0)

    check()
