"""Scales of errors and widths of intervals: distances, terms and Student's quantiles."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from mvtheory.distillation.interval import (
    BALANCED,
    LINEAR,
    OTHER_START,
    Scales,
    distance,
    half_width,
    spread,
)

TEMPERATURE = st.floats(1e-3, 1e6)
ROUNDING = 1e-13
"""Logarithms to base 2 below 20, each rounded."""


@given(st.lists(TEMPERATURE, min_size=1, max_size=4), TEMPERATURE, st.floats(0.1, 10))
def test_distances_in_log_temperature(nodes, t, factor):
    found = distance(nodes, t)
    gaps = np.abs(np.log2(t) - np.log2(nodes))
    outside = t <= min(nodes) or t >= max(nodes)
    if outside:
        assert found == pytest.approx(gaps.min(), abs=ROUNDING)
    # At most the distance to the nearest, and half of that if there is one on either side.
    assert gaps.min() / 2 - ROUNDING <= found <= gaps.min() + ROUNDING
    assert all(distance(nodes, node) == 0 for node in nodes)
    # It is one of ratios: the same in any unit, and with the axis turned round.
    scaled = distance([factor * node for node in nodes], factor * t)
    turned = distance([1 / node for node in nodes], 1 / t)
    assert scaled == pytest.approx(found, abs=10 * ROUNDING)
    assert turned == pytest.approx(found, abs=10 * ROUNDING)
    # Another anchor brings no setting farther.
    assert distance([*nodes, factor], t) <= found + ROUNDING


def test_distances_outside_and_between():
    assert distance([2, 8], 1) == 1
    assert distance([2, 8], 32) == 2
    assert distance([2, 8], 4) == 0.5
    # Half the harmonic mean of 2 and 1.
    assert distance([0.5, 4], 2) == pytest.approx(2 / 3, abs=ROUNDING)
    far = [distance([1, 4], t) for t in (4, 5, 8, 100, 1e6)]
    assert (np.diff(far) > 0).all()


GOOD = {
    "disagreement": 0.4,
    "samples": 2000,
    "misfit": 0.3,
    "distance": 1.5,
    "ratio": 0.02,
    "weights": (0.6, 0.3),
    "same_start": False,
}


def test_the_terms_are_added_in_squares():
    for scales in (BALANCED, LINEAR, Scales(misfit=2, distance=3, ratio=5, noise=7)):
        terms = [
            scales.misfit * 0.3 * 0.4,
            scales.distance * 1.5 * 0.4 * 0.6,
            scales.ratio * 0.02,
            scales.noise * np.sqrt(0.4 / 2000),
            OTHER_START * 0.4 * 0.6 * 0.3,
        ]
        assert spread(scales, **GOOD) == pytest.approx(np.linalg.norm(terms), rel=1e-15)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 5), st.floats(0, 0.5),
       st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(0, 100))  # fmt: skip
def test_spread_grows_with_everything(v, more, misfit, far, ratio, soft, hard, factor):
    at = {"disagreement": v, "misfit": misfit, "distance": far, "ratio": ratio,
          "weights": (soft, hard)}  # fmt: skip
    here = spread(BALANCED, **(GOOD | at))
    assert here >= 0
    for name in ("disagreement", "misfit", "distance", "ratio"):
        assert spread(BALANCED, **(GOOD | at | {name: at[name] + more})) >= here * (1 - 1e-15)
    assert spread(BALANCED, **(GOOD | at | {"samples": 1000})) >= here * (1 - 1e-15)
    assert spread(BALANCED, **(GOOD | at | {"same_start": True})) <= here * (1 + 1e-15)
    # Homogeneous of degree 1 in the constants, where all students started alike.
    alike = GOOD | at | {"same_start": True}
    scaled = Scales(
        misfit=factor * BALANCED.misfit,
        distance=factor * BALANCED.distance,
        ratio=factor * BALANCED.ratio,
        noise=factor * BALANCED.noise,
    )
    expected = factor * spread(BALANCED, **alike)
    assert spread(scaled, **alike) == pytest.approx(expected, rel=1e-14)
    # Beyond 1 a weight extrapolates, and counts as 1; its sign does not matter.
    capped = {"weights": (min(abs(soft), 1), min(abs(hard), 1))}
    assert spread(BALANCED, **(GOOD | at | capped)) == here


def test_nothing_in_question_has_no_spread():
    certain = {"disagreement": 0.0, "ratio": 0.0}
    assert spread(BALANCED, **(GOOD | certain)) == 0
    assert spread(LINEAR, **(GOOD | certain)) == 0


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
