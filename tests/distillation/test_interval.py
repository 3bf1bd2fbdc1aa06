"""Scales of errors and widths of intervals: distances, terms and Student's quantiles."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from mvtheory.distillation.interval import BALANCED, COPY, LINEAR, Terms, beyond, half_width

TEMPERATURE = st.floats(1e-3, 1e6)
ROUNDING = 1e-13
"""Logarithms to base 2 below 20, each rounded."""
NAMES = [field.name for field in fields(Terms)]


@given(st.lists(TEMPERATURE, min_size=1, max_size=4), TEMPERATURE, st.floats(0.1, 10))
def test_distances_in_log_temperature(nodes, t, factor):
    found = beyond(nodes, t)
    gaps = np.abs(np.log2(t) - np.log2(nodes))
    assert sum(value > 0 for value in found) <= 1
    if t >= max(nodes) or t <= min(nodes):
        side = 0 if t >= max(nodes) else 1
        assert found[side] == pytest.approx(gaps.min(), abs=ROUNDING)
        assert found[2] == 0
    else:
        # At most the distance to the nearest, and at least half of it.
        assert gaps.min() / 2 - ROUNDING <= found[2] <= gaps.min() + ROUNDING
    assert all(beyond(nodes, node) == (0, 0, 0) for node in nodes)
    # It is one of ratios: the same in any unit, and turned round with the axis.
    scaled = beyond([factor * node for node in nodes], factor * t)
    above, below, between = beyond([1 / node for node in nodes], 1 / t)
    np.testing.assert_allclose(scaled, found, atol=10 * ROUNDING)
    np.testing.assert_allclose((below, above, between), found, atol=10 * ROUNDING)
    # Another anchor brings no setting farther.
    assert sum(beyond([*nodes, factor], t)) <= sum(found) + ROUNDING


def test_distances_outside_and_between():
    assert beyond([2, 8], 1) == (0, 1, 0)
    assert beyond([2, 8], 32) == (2, 0, 0)
    assert beyond([2, 8], 4) == (0, 0, 0.5)
    # Half the harmonic mean of 2 and 1.
    assert beyond([0.5, 4], 2)[2] == pytest.approx(2 / 3, abs=ROUNDING)
    far = [beyond([1, 4], t)[0] for t in (4, 5, 8, 100, 1e6)]
    assert (np.diff(far) > 0).all()


@pytest.mark.parametrize("weights", [BALANCED, LINEAR, COPY])
def test_the_terms_are_added_in_squares(weights):
    rng = np.random.default_rng(0)
    values = {name: rng.random((3, 2)) for name in NAMES}
    found = Terms(**values).spread(weights)
    parts = [getattr(weights, name) * values[name] for name in NAMES]
    np.testing.assert_allclose(found, np.linalg.norm(parts, axis=0), rtol=1e-15)
    assert found.shape == (3, 2)
    assert all(getattr(weights, name) >= 0 for name in NAMES)


def test_nothing_in_question_has_no_spread():
    assert Terms().spread(BALANCED) == 0
    assert Terms().spread(LINEAR) == 0


@pytest.mark.parametrize("confidence", [0.01, 0.5, 0.9, 0.999])
def test_half_widths_are_students_with_four_degrees_of_freedom(confidence):
    """Its density is 3/8 (1 + t^2/4)^(-5/2), integrated here."""
    found = half_width(2.5, confidence)
    mass, error = integrate.quad(lambda t: 3 / 8 * (1 + t**2 / 4) ** -2.5, 0, found / 2.5,
                                 epsabs=1e-12)  # fmt: skip
    assert 2 * mass == pytest.approx(confidence, abs=1e-10 + 2 * error)


def test_half_widths_grow_with_confidence_and_scale():
    # Tables have 2.131847 for 90 %.
    assert half_width(1.0, 0.9) == pytest.approx(2.131847, abs=5e-7)
    widths = [half_width(1.0, c) for c in (1e-9, 0.1, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-15)]
    assert all(one < two for one, two in pairwise(widths))
    assert np.isfinite(widths).all()
    assert half_width(0.0, 0.99) == 0
    assert half_width(3.0, 0.8) == pytest.approx(3 * half_width(1.0, 0.8), rel=1e-15)
