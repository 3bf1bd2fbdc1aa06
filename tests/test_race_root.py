"""Roots between two points: to the last digits, and in few steps."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.race.root import root

EPS = 2**-52


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(1e-3, 1e6), st.floats(0.1, 9))
def test_a_change_of_sign_is_found_wherever_it_is(place, before, after, power):
    """Of any steepness, up to a jump; the units of the place are the larger of it and its range."""

    def function(x):
        return math.copysign(abs(x - place) ** power, x - place)

    low, high = place - before, place + after
    for ends in ((low, high), (high, low)):
        found = root(function, *ends)
        assert min(ends) <= found <= max(ends)
        # Where powers of small distances leave the doubles, they are 0.
        assert abs(found - place) <= 4 * EPS * abs(place) or function(found) == 0


@pytest.mark.parametrize(
    ("function", "low", "high", "place"),
    [
        (math.cos, 0, 3, math.pi / 2),
        (lambda x: math.exp(-x) - 1e-9, 0, 700, 9 * math.log(10)),
        (lambda x: math.tanh(1e6 * (x - 0.3)), 0, 1, 0.3),
    ],
)
def test_smooth_functions_take_fewer_steps_than_halves(function, low, high, place):
    asked = []
    found = root(lambda x: asked.append(x) or function(x), low, high)
    # Rounding of the function moves its root by as much, relative to its slope there.
    assert found == pytest.approx(place, rel=1e-14)
    assert len(asked) < 30 < math.log2((high - low) / (EPS * place))


def test_an_end_may_be_the_root():
    assert root(lambda x: x, 0, 1) == 0.0
    assert root(lambda x: x - 1, 0, 1) == 1.0
